#!/bin/sh
# SPDX-License-Identifier: ISC
# The guard of the counts goes red for code that costs more, by instructions
# or by system calls, and for a workload nobody has counted; it stays green
# within its tolerance and for code that costs less.
set -u
top=${srcdir:-.}
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT INT TERM
command -v python3 >/dev/null 2>&1 || exit 77

# check STATUS INSTRUCTIONS CALLS: what "row" is found to cost, of 100,000 and 14
check() {
	printf 'row 100000 14.0\n' >"$tmp/expected"
	printf 'row %s %s\n' "$2" "$3" >"$tmp/found"
	"$top/bench/guard.py" --expected "$tmp/expected" --found "$tmp/found" \
	    >"$tmp/out"
	got=$?
	[ "$got" = "$1" ] || {
		echo "row $2 $3: ended with $got, not $1"
		cat "$tmp/out"
		exit 1
	}
}

check 0 100000 14.0
check 0 104000 14.6
check 0 60000 9.0
check 1 106000 14.0
check 1 100000 16.0
printf 'nobody 5 1\n' >"$tmp/found"
"$top/bench/guard.py" --expected "$tmp/expected" --found "$tmp/found" \
    >"$tmp/out" && exit 1
# What is recorded reads back.
"$top/bench/guard.py" --found "$top/bench/expected" >"$tmp/out" || exit 1
for name in initialize list row rows group cgi; do
	grep -q "^$name " "$tmp/out" || {
		echo "$name is not recorded"
		exit 1
	}
done
