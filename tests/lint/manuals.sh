#!/bin/sh
# Manual pages are clean mdoc.
set -- man/*.[1-9]
[ -e "$1" ] || exit 0
mandoc -Tlint -Wwarning "$@" >&2
