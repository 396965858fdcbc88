#!/bin/sh
# make lint: everything that can be said about the text of the project.  Silent
# when clean.  "run.sh BUILDDIR [CHECK...]" runs the checks named, or all;
# LINT_CFLAGS holds the include folders of the libraries.
set -u
build=$(cd "${1:?which build folder?}" && pwd) || exit 2
shift
cd "$(dirname "$0")/../.." || exit 2
LINT_BUILD=$build/lint
LINT_CFLAGS="-std=gnu11 -Isrc -I. -I$build ${LINT_CFLAGS-}"
export LINT_BUILD LINT_CFLAGS
mkdir -p "$LINT_BUILD" || exit 2

# A check that cannot run is not a check that passes.
missing=0
while read -r program package; do
	command -v "$program" >/dev/null && continue
	echo "lint needs $program (Debian: $package)" >&2
	missing=1
done <<'TOOLS'
clang-format clang-format
clang-tidy clang-tidy
clang clang
cppcheck cppcheck
mandoc mandoc
pmccabe pmccabe
shellcheck shellcheck
TOOLS
[ "$missing" = 0 ] || exit 2

bad=0
[ $# -gt 0 ] ||
    set -- format rooms head banned sizes pages manuals shell cppcheck tidy
for check; do
	sh "tests/lint/$check.sh" && continue
	echo "lint: $check" >&2
	bad=1
done
exit $bad
