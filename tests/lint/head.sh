#!/bin/sh
# Every C file says its licence in line 1 and what it is for in line 2.
find src cgi-bin tests bench -name '*.[ch]' -not -path '*/node_modules/*' \
    2>/dev/null | sort |
    xargs awk -f tests/lint/head.awk >&2
