#!/bin/sh
# No call of a function that ./banned lists.  Comments and strings do not
# count, and neither do tests.
find src cgi-bin -name '*.[ch]' | sort |
    xargs awk -v table=tests/lint/banned -f tests/lint/banned.awk >&2
