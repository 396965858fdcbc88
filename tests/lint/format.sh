#!/bin/sh
# .clang-format decides.
find src cgi-bin tests bench -name '*.[ch]' -not -path '*/node_modules/*' \
    2>/dev/null | sort |
    xargs clang-format --dry-run -Werror --ferror-limit=1 2>&1 |
    grep ' error: ' >&2
[ $? = 1 ]
