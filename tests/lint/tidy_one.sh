#!/bin/sh
# One file through clang-tidy, unless it is known to be clean.
# shellcheck disable=SC2086 # a list of options
{
	set -- "$1" $LINT_CFLAGS -DPKGLIBDIR='""' -DSYSCONFDIR='""'
	file=$1
	shift
	sum=$({ cat .clang-tidy; clang -E -C "$@" "$file" 2>/dev/null; } |
	    sha256sum)
	stamp=$LINT_BUILD/tidy/${sum%% *}
	[ -e "$stamp" ] && exit 0
	said=$(clang-tidy --quiet "$file" -- "$@" 2>/dev/null)
	if [ -n "$said" ]; then
		printf '%s\n' "$said"
		exit 1
	fi
	: >"$stamp"
}
