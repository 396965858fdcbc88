# shellcheck shell=sh
# Every test, read by ../bootstrap: unit tests and lint by make, then the
# end-to-end tests with real web servers and real clients, and the official
# conformance suite through two of the servers.

check_packages="libcmocka-dev apache2 libapache2-mod-fcgid nginx-light lighttpd
python3 sqlite3 curl clang-format clang-tidy cppcheck shellcheck mandoc pmccabe
clang valgrind strace libfcgi-bin perl php-cli procps
postgresql odbc-postgresql libsqliteodbc mariadb-server wordpress php-mysql
clickhouse-server galera-4 galera-arbitrator-4 rsync"

check_step() {
	say "$1"
	shift
	if "$@" >"build/check-step.log" 2>&1; then
		return 0
	fi
	tail -n 200 build/check-step.log
	check_failed=1
}

# The unit programs print cmocka's lines into their logs; count the tests.
check_count() {
	cat build/tests/unit/*.log build/tests/contract/*.log \
	    build/tests/ctl/*.log 2>/dev/null |
	    sed -n "s/^\\[  $1  \\] \\([0-9]*\\) test(s)[.,].*/\\1/p" |
	    awk '{ n += $1 } END { print n + 0 }'
}

check() {
	need "$check_packages"
	command -v npm >/dev/null || need npm
	build
	check_failed=0
	grep -q 'HAVE_CMOCKA_TRUE=.#' build/config.log && {
		say "configuring again: cmocka has come"
		(cd build && ../configure >configure.log 2>&1) ||
		    die "configure failed; see build/configure.log"
	}
	check_step "make lint" make -C build lint
	check_step "make check" make -C build -j2 check
	passed=$(check_count PASSED)
	failed=$(check_count FAILED)
	say "end to end"
	python3 tests/e2e/run.py --build build --summary build/e2e.summary ||
	    check_failed=1
	read -r p f s <build/e2e.summary || { p=0 f=1 s=0; }
	passed=$((passed + p))
	failed=$((failed + f))
	say "the official conformance suite"
	python3 tests/conformance/run.py --build build \
	    --server lighttpd-fcgi,apache-fcgid \
	    --summary build/conformance.summary || check_failed=1
	read -r p f _ <build/conformance.summary || { p=0 f=1; }
	passed=$((passed + p))
	failed=$((failed + f))
	[ "$check_failed" = 0 ] || [ "$failed" -gt 0 ] || failed=1
	printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$s"
	[ "$failed" = 0 ]
}
