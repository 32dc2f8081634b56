# Turns src/store/migrations/NNNN-topic.sql into the table that include/store/migrate.h describes.
# usage: awk -f c-string.awk -f migrations.awk FILE...

BEGIN {
	n = take_files(files)
	check_folder("src/store/migrations", files, n)
	print "/* Made from src/store/migrations. */"
	print "#include \"store/embedded.h\""
	for (i = 1; i <= n; i++)
		one_file(files[i], i)
	print "\nconst struct migration embedded_migrations[] = {"
	for (i = 1; i <= n; i++)
		print row[i]
	print "\t{.name = NULL},\n};\nconst size_t embedded_n_migrations = " n + 0 ";"
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
	print "static const char " id "[] ="
	while ((getline line < path) > 0) {
		if (++at == 1)
			kind = line
		print "\t" c_string(line)
	}
	close(path)
	print ";"
	if (kind != "-- kind: transaction" && kind != "-- kind: rerunnable")
		fail(path, 1, "the first line must be '-- kind: transaction' or '-- kind: rerunnable'")
	row[at_row] = "\t{" number ", \"" name "\", " \
		(kind == "-- kind: rerunnable" ? "true" : "false") ", " id "},"
}
