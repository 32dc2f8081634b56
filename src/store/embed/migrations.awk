# Turns src/store/migrations/NNNN-topic.sql into the table that include/store/migrate.h describes. What
# lies in NNNNb-topic.sql, NNNNc-topic.sql, ... behind it is the same migration.
# usage: awk -f c-string.awk -f migrations.awk FILE...

BEGIN {
	n = take_files(files)
	check_folder("src/store/migrations", files, n)
	print "/* Made from src/store/migrations. */"
	print "#include \"store/embedded.h\""
	for (i = 1; i <= n; i++)
		if (stem(files[i]) ~ /^[0-9][0-9][0-9][0-9][b-z]-[a-z][a-z0-9-]*$/)
			one_part(files[i])
		else
			one_file(files[i], i)
	end_text()
	print "\nconst struct migration embedded_migrations[] = {"
	for (i = 1; i <= n; i++)
		if (i in row) {
			print row[i]
			rows++
		}
	print "\t{.name = NULL},\n};\nconst size_t embedded_n_migrations = " rows + 0 ";"
	exit failed
}

function one_file(path, at_row,    number, line, at, name, id, kind)
{
	name = stem(path)
	id = "m_" c_name(name)
	if (name !~ /^[0-9][0-9][0-9][0-9]-[a-z][a-z0-9-]*$/)
		fail(path, 1, "a migration is named NNNN-topic.sql")
	else if (substr(name, 1, 4) + 0 <= last_number)
		fail(path, 1, "number " substr(name, 1, 4) " where one above " last_number " comes next")
	last_number = number = substr(name, 1, 4) + 0
	last_part = "a"
	end_text()
	text_open = 1
	print "static const char " id "[] ="
	while ((getline line < path) > 0) {
		if (++at == 1)
			kind = line
		print "\t" c_string(line)
	}
	close(path)
	if (kind != "-- kind: transaction" && kind != "-- kind: rerunnable")
		fail(path, 1, "the first line must be '-- kind: transaction' or '-- kind: rerunnable'")
	row[at_row] = "\t{" number ", \"" name "\", " \
		(kind == "-- kind: rerunnable" ? "true" : "false") ", " id "},"
}

# The line that says where it comes from is what an error in it is counted from.
function one_part(path,    name, line, at)
{
	name = stem(path)
	if (substr(name, 1, 4) + 0 != last_number || substr(name, 5, 1) <= last_part)
		fail(path, 1, "a part has the number of the file before it, and the next letter")
	last_part = substr(name, 5, 1)
	while ((getline line < path) > 0) {
		if (++at == 1 && line != "-- part")
			fail(path, 1, "the first line must be '-- part'")
		print "\t" c_string(at == 1 ? "-- part: " name : line)
	}
	close(path)
}

function end_text()
{
	if (text_open)
		print ";"
	text_open = 0
}
