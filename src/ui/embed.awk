# Turns text files into a C table of names and texts.
# usage: awk -f embed.awk -v table=NAME file...

function quote(line) {
	gsub(/\\/, "\\\\", line)
	gsub(/"/, "\\\"", line)
	gsub(/\t/, "\\t", line)
	return "\"" line "\\n\""
}

BEGIN {
	print "/* Generated from the files that it names. */"
	print "#include \"ui/defaults.h\""
	print "const struct default_file " table "[] = {"
}
FNR == 1 {
	if (NR > 1)
		print "\t},"
	name = FILENAME
	sub(/.*\//, "", name)
	print "\t{\"" name "\","
}
{ print "\t\t" quote($0) }
END {
	if (NR)
		print "\t},"
	print "\t{0},"
	print "};"
}
