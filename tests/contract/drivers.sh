#!/bin/sh
# SPDX-License-Identifier: ISC
# One line per engine: cases of the contract, attacks refused with the gate and
# without it, and how much memory a result of 3,000,000 rows takes.
#
#     drivers.sh SRCDIR        in the build folder, programs built
set -u
srcdir=$1
export srcdir
log=$(mktemp)
trap 'rm -f "$log"' EXIT
bad=0

# Cases in the files of an engine's attacks.
cases() {
	cat "$srcdir/tests/cases/attacks/$1"*.txt 2>/dev/null |
	    grep -Evc '^(#|=|$)'
}

# A program may run the contract more than once.
sum() {
	awk '{ n += $1 } END { print n + 0 }'
}

# Run a program; its outcome as words.
run() {
	"$1" >"$log" 2>&1
	status=$?
	[ $status -eq 77 ] && return 77
	[ $status -eq 0 ] || bad=1
	return $status
}

one() {
	engine=$1
	run "./tests/contract/contract_$engine"
	if [ $? -eq 77 ]; then
		echo "$engine: its server is not installed here"
		return
	fi
	passed=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$log" | sum)
	all=$(sed -n 's/^\[==========\] \([0-9]*\) test(s) run.*/\1/p' "$log" | sum)
	skipped=$(grep -c '^\[  SKIPPED \] [a-z]' "$log")
	line="$engine: contract $passed of $((all - skipped / 2)) cases"
	attacks=$(cases "$engine")
	with=0 without=0
	for p in tests/*/"${engine}"_attacks* tests/unit/test_"${engine}"_attacks* \
	    tests/unit/test_"${engine}"_hidden*; do
		[ -x "$p" ] || continue
		case $p in
		*.o | *.log | *.trs) continue ;;
		*gate_off) run "./$p" && without=$attacks ;;
		*) run "./$p" && with=$attacks ;;
		esac
	done
	line="$line, attacks refused $with of $attacks with the gate and $without without it"
	if [ -x "tests/contract/${engine}_faults" ]; then
		run "./tests/contract/${engine}_faults"
		memory=$(sed -n 's/^memory: //p' "$log")
		line="$line, memory ${memory:-not measured}"
		large=$(sed -n 's/^large: //p' "$log")
		line="$line${large:+, $large}"
	fi
	echo "$line"
}

for p in tests/contract/contract_*; do
	case $p in
	*.o | *.log | *.trs) continue ;;
	esac
	[ -x "$p" ] && one "${p#tests/contract/contract_}"
done
exit $bad
