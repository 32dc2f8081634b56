# Shared by the scripts beside it, which run in the top of the source: a line as a C string, errors
# with their place, and the files of the command line in order.

function c_string(line)
{
	gsub(/\\/, "\\\\&", line)
	gsub(/"/, "\\\"", line)
	gsub(/\t/, "\\t", line)
	return "\"" line "\\n\""
}

function fail(file, line, what)
{
	print file ":" line ": " what > "/dev/stderr"
	failed = 1
}

# "src/store/sql/tail-poll.sql" gives "tail-poll".
function stem(path)
{
	sub(/.*\//, "", path)
	sub(/\.sql$/, "", path)
	return path
}

function c_name(name)
{
	gsub(/[^A-Za-z0-9]/, "_", name)
	return name
}

# Fills files[1..n] from the command line, by name.
function take_files(files,    n, i, j)
{
	for (i = 1; i < ARGC; i++) {
		for (j = n++; j > 0 && stem(files[j]) > stem(ARGV[i]); j--)
			files[j + 1] = files[j]
		files[j + 1] = ARGV[i]
	}
	return n
}

# A file that lies in the folder and is not listed would be missing in the program.
function check_folder(folder, files, n,    i, listed, command, path)
{
	for (i = 1; i <= n; i++)
		listed[files[i]] = 1
	command = "ls " folder "/*.sql 2>/dev/null"
	while ((command | getline path) > 0)
		if (!(path in listed))
			fail(path, 1, "not listed in src/store/room.am")
	close(command)
}
