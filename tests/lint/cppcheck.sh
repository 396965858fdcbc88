#!/bin/sh
# cppcheck over what we ship; what it found stays known between runs.
mkdir -p "$LINT_BUILD/cppcheck"
# shellcheck disable=SC2086 # a list of options
cppcheck --quiet --std=c11 --language=c --error-exitcode=1 -j2 \
    --enable=warning,performance,portability --inline-suppr \
    --suppress=missingInclude --suppress=missingIncludeSystem \
    --suppress=unusedStructMember --suppressions-list=tests/lint/cppcheck \
    --cppcheck-build-dir="$LINT_BUILD/cppcheck" \
    --template='{file}:{line}: {id}: {message}' \
    -Isrc -I. src cgi-bin >&2
