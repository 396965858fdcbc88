#!/bin/sh
# SPDX-License-Identifier: ISC
# A3: a wrong, unknown, expired and revoked key cost the same number of
# instructions within 2 %, a good one no more than they, and nothing but the last verdict branches on what the pepper made.  Wants
# valgrind.
set -u
prog=${builddir:-.}/tests/unit/key_work
command -v valgrind >/dev/null 2>&1 || {
	echo "valgrind is missing (Debian: valgrind)"
	exit 77
}
if grep -q __asan_init "$prog"; then
	echo "not under the address sanitizer"
	exit 77
fi
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT INT TERM

least=
most=0
good=0
for what in good wrong unknown expired revoked; do
	n=$(valgrind --tool=callgrind --toggle-collect=key_check \
	    --callgrind-out-file=/dev/null "$prog" "$what" 200 2>&1 |
	    sed -n 's/.*Collected : \([0-9]*\).*/\1/p')
	case $n in
	'' | 0)
		echo "$what: not counted"
		exit 1
		;;
	esac
	echo "$what: $((n / 200)) instructions"
	[ "$what" != good ] || {
		good=$n
		continue
	}
	[ "$n" -ge "${least:=$n}" ] || least=$n
	[ "$n" -le "$most" ] || most=$n
done
[ $((most * 100)) -le $((least * 102)) ] || {
	echo "the work differs by more than 2 %"
	exit 1
}
if [ $((good * 100)) -gt $((most * 105)) ]; then
	echo "a good key costs more than a refused one"
	exit 1
fi

cat >"$tmp/verdict.supp" <<'END'
{
   the verdict itself
   Memcheck:Cond
   fun:key_check
}
{
   the verdict that it is one of those that were good
   Memcheck:Cond
   fun:ring_find
}
END
valgrind --quiet --error-exitcode=9 --suppressions="$tmp/verdict.supp" \
    "$prog" secret >"$tmp/log" 2>&1 || {
	cat "$tmp/log"
	echo "something branches on a secret"
	exit 1
}
