# The first two lines of a file; see head.sh.
FNR == 1 && $0 != "/* SPDX-License-Identifier: ISC */" {
	print FILENAME ": no SPDX line"
	bad = 1
}
FNR == 2 && $0 !~ /^\/\*/ {
	print FILENAME ": does not say what it is for"
	bad = 1
}
tolower($0) ~ /todo|fixme|xxx:/ {
	print FILENAME ":" FNR ": unfinished"
	bad = 1
}
END { exit bad }
