#!/bin/sh
# Every shell script, whatever its ending.
find . .ci -type f \( -name '*.sh' -o ! -name '*.*' \) \
    -not -path './.git/*' -not -path './build*' -not -path './demo/*' \
    -not -path '*/node_modules/*' -not -path './autom4te.cache/*' \
    -not -path './m4/*' -not -name 'configure*' -not -name Makefile |
    sort -u | while read -r file; do
	case $file in
	*.sh) echo "$file" ;;
	*) head -n 1 "$file" | grep -q '^#!.*sh$' && echo "$file" ;;
	esac
done | xargs shellcheck -x -P SCRIPTDIR >&2
