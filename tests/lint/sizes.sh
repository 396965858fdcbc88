#!/bin/sh
# A file is about one noun and never past 450 lines (a test, which is a list of
# cases: 1000); half of the functions have
# at most 15 lines, nine in ten at most 50, none more than 90.
bad=0
find src cgi-bin tests -name '*.[ch]' -not -path '*/node_modules/*' | sort |
    xargs awk '
	FNR == 1 { report() ; file = FILENAME }
	{ n = FNR }
	function report() {
		if (n > (file ~ /^tests/ ? 1000 : 450)) {
			print file ": " n " lines"
			bad = 1
		}
	}
	END { report(); exit bad }' >&2 || bad=1

find src cgi-bin -name '*.c' | sort | xargs pmccabe 2>&1 |
    awk '
	NF < 6 || $1 !~ /^[0-9]+$/ { print "pmccabe: " $0; bad = 1; next }
	{ print $5, $6, $7 }
	END { exit bad }' | sort -n | awk '
	$1 == "pmccabe:" { print; bad = 1; next }
	{ lines[++n] = $1; if ($1 > 90) { print $2, $3 ": " $1 " lines"; bad = 1 } }
	END {
		if (lines[int((n + 1) / 2)] > 15) {
			print "half of the functions have " \
			    lines[int((n + 1) / 2)] " lines or more"
			bad = 1
		}
		if (lines[int(n * 0.9)] > 50) {
			print "a tenth of the functions has more than " \
			    lines[int(n * 0.9)] " lines"
			bad = 1
		}
		exit bad
	}' >&2 || bad=1
exit $bad
