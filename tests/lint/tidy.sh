#!/bin/sh
# clang-tidy by .clang-tidy.  A file whose text, with all it includes, was clean
# before is not looked at again.
mkdir -p "$LINT_BUILD/tidy"
find src cgi-bin -name '*.c' | sort |
    xargs -P 2 -n 1 sh tests/lint/tidy_one.sh >&2
