# SPDX-License-Identifier: ISC
# The web server snippets of examples/web as a table in C.
BEGIN {
	print "/* SPDX-License-Identifier: ISC */"
	print "/* Made from examples/web by embed.awk; change it there. */"
	print "#include \"ctl/web.h\"\n"
	print "const struct web_text web_texts[] = {"
}
FNR == 1 {
	if (NR > 1)
		print "\t},"
	name = FILENAME
	sub(/.*\//, "", name)
	print "\t{ \"" name "\","
}
{
	gsub(/\\/, "\\\\")
	gsub(/"/, "\\\"")
	gsub(/\t/, "\\t")
	print "\t    \"" $0 "\\n\""
}
END {
	print "\t},\n};\n"
	print "const size_t web_ntexts = sizeof(web_texts) / sizeof(web_texts[0]);"
}
