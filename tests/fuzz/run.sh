#!/bin/sh
# "run.sh SRCDIR TARGET...": each target in turn under libFuzzer, for
# FUZZ_SECONDS (60).  What it learns is kept in ./corpus, findings in ./found.
set -u
src=$1
shift
mkdir -p found
bad=0
for target; do
	name=${target##*/fuzz_}
	mkdir -p "corpus/$name"
	echo "fuzzing $name for ${FUZZ_SECONDS:=60} s"
	"$target" -max_total_time="$FUZZ_SECONDS" -timeout=10 -rss_limit_mb=1024 \
	    -max_len=16384 -artifact_prefix="found/$name-" -verbosity=0 \
	    -print_final_stats=1 "corpus/$name" "$src/tests/fuzz/seeds/$name" \
	    >"found/$name.log" 2>&1 && continue
	tail -n 40 "found/$name.log" >&2
	echo "$name: see $(pwd)/found" >&2
	bad=1
done
exit $bad
