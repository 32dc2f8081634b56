# Turns src/store/sql/*.sql into the table that include/store/statement.h describes.
# usage: awk -f c-string.awk -f statements.awk FILE...

BEGIN {
	model["text"] = "COLUMN_TEXT"
	model["int"] = "COLUMN_INT"
	model["real"] = "COLUMN_REAL"
	model["bool"] = "COLUMN_BOOL"
	model["time"] = "COLUMN_TIME"

	n = take_files(files)
	check_folder("src/store/sql", files, n)
	print "/* Made from src/store/sql. */"
	print "#include \"store/embedded.h\""
	for (i = 1; i <= n; i++)
		one_file(files[i])
	print "\nconst struct statement embedded_statements[] = {"
	for (i = 1; i <= n; i++)
		print row[i]
	print "\t{.name = NULL},\n};\nconst size_t embedded_n_statements = " n + 0 ";"
	exit failed
}

function one_file(path,    line, at, header, words, n_words, name, id, sql, params, types, columns)
{
	name = stem(path)
	id = "s_" c_name(name)
	header = 1
	n_params = n_columns = 0
	split("", number)
	if (name !~ /^[a-z][a-z0-9-]*$/)
		fail(path, 1, "a name is made of a-z, 0-9 and '-'")
	while ((getline line < path) > 0) {
		at++
		if (header && line ~ /^--/) {
			n_words = split(line, words, /[ \t]+/)
			if (words[2] ~ /^:./ || words[2] == ":") {
				if (n_words != 3 || words[2] !~ /^:[a-z_][a-z0-9_]*$/)
					fail(path, at, "a parameter is written '-- :name type'")
				params = params "\"" substr(words[2], 2) "\", "
				types = types "\"" words[3] "\", "
				number[substr(words[2], 2)] = ++n_params
			} else if (words[2] == ">") {
				if (n_words != 4 || !(words[4] in model))
					fail(path, at, "a column is written '-- > name text|int|real|bool|time'")
				columns = columns "{\"" words[3] "\", " model[words[4]] "}, "
				n_columns++
			}
			continue
		}
		header = 0
		sql = sql "\n\t" c_string(numbered(path, at, line))
	}
	close(path)
	if (sql == "")
		fail(path, at + 0, "no statement behind the header")
	if (n_params)
		print "static const char *const " id "_params[] = {" params "};\n" \
			"static const char *const " id "_types[] = {" types "};"
	if (n_columns)
		print "static const struct column " id "_columns[] = {" columns "};"
	print "static const char " id "_sql[] =" sql ";"
	row[i] = "\t{\"" name "\", " id "_sql, " (n_params ? id "_params, " id "_types" : "NULL, NULL") \
		", " n_params ", " (n_columns ? id "_columns" : "NULL") ", " n_columns "},"
}

# ":name" becomes "$1"; "::type" stays.
function numbered(path, at, line,    out, name)
{
	while (match(line, /(^|[^:]):[a-z_][a-z0-9_]*/)) {
		out = out substr(line, 1, RSTART - 1)
		name = substr(line, RSTART, RLENGTH)
		line = substr(line, RSTART + RLENGTH)
		if (name !~ /^:/) {
			out = out substr(name, 1, 1)
			name = substr(name, 2)
		}
		name = substr(name, 2)
		if (!(name in number))
			fail(path, at, "parameter :" name " is not in the header")
		out = out "$" number[name]
	}
	return out line
}
