# Calls of functions that the table lists; see banned.sh.
BEGIN {
	while ((getline line < table) > 0) {
		n = split(line, w, /[ \t]+/)
		if (line ~ /^#/ || n < 3) continue
		may[w[1]] = "," w[2] ","
		sub(/^[^ ]+ +[^ ]+ +/, "", line)
		use[w[1]] = line
	}
}
FNR == 1 { comment = 0 }
{
	text = $0
	if (comment) {
		if (!sub(/^.*\*\//, "", text)) next
		comment = 0
	}
	gsub(/\\./, "", text)
	gsub(/"[^"]*"/, "", text)
	gsub(/\/\*[^*]*\*+([^\/*][^*]*\*+)*\//, "", text)
	sub(/\/\/.*/, "", text)
	if (sub(/\/\*.*/, "", text)) comment = 1
	while (match(text, /[A-Za-z_][A-Za-z_0-9]*[ \t]*\(/)) {
		before = RSTART > 1 ? substr(text, RSTART - 1, 1) : ""
		name = substr(text, RSTART, RLENGTH - 1)
		sub(/[ \t]+$/, "", name)
		text = substr(text, RSTART + RLENGTH)
		if (!(name in may) || before == "." || before == ">")
			continue
		folder = FILENAME
		sub(/[^\/]*$/, "", folder)
		if (index(may[name], "," FILENAME ",") ||
		    index(may[name], "," folder ","))
			continue
		print FILENAME ":" FNR ": " name ": use " use[name]
		bad = 1
	}
}
END { exit bad }
