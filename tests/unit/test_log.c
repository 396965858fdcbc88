/* SPDX-License-Identifier: ISC */
/* Log lines cannot be forged, and dying says why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "child.h"

static void
hostile(const void *arg)
{
	log_line("%s", (const char *)arg);
}

static void
named(const void *arg)
{
	log_name("mcpctl");
	log_line("one %d", 1);
	log_line("%s", (const char *)arg);
}

static void
dying(const void *arg)
{
	log_die("broken: %s", (const char *)arg);
}

/* What stands behind "name[PID]: "; also checks that. */
static const char *
behind(const char *said, const char *name)
{
	int pid = 0, n = 0;
	char got[32];

	assert_int_equal(sscanf(said, "%31[^[][%d]: %n", got, &pid, &n), 2);
	assert_string_equal(got, name);
	assert_true(pid > 1);
	return said + n;
}

static void
test_escapes(void **state)
{
	char said[8192];
	int status;

	(void)state;
	status =
	    child_run(hostile, "a\nb\x1b[31m\\ \xc3\xa4~", said, sizeof(said));
	assert_int_equal(status, 0);
	assert_string_equal(behind(said, "mcp.fcgi"),
	    "a\\x0ab\\x1b[31m\\\\ \\xc3\\xa4~\n");
}

static void
test_name_and_lines(void **state)
{
	char said[8192];
	const char *second;

	(void)state;
	assert_int_equal(child_run(named, "two", said, sizeof(said)), 0);
	second = strchr(said, '\n') + 1;
	assert_string_equal(behind(second, "mcpctl"), "two\n");
}

/* The longest line, all escaped, is still one line. */
static void
test_long(void **state)
{
	char text[2000], said[8192];

	(void)state;
	for (size_t n = 1022; n <= 1025; n++) {
		memset(text, '\n', n);
		text[n] = '\0';
		assert_int_equal(child_run(hostile, text, said, sizeof(said)),
		    0);
		assert_int_equal(strlen(behind(said, "mcp.fcgi")),
		    (n < 1023 ? n : 1023) * 4 + 1);
	}
}

static void
test_die(void **state)
{
	char said[8192];
	int status = child_run(dying, "x", said, sizeof(said));

	(void)state;
	assert_true(child_aborted(status));
	assert_string_equal(behind(said, "mcp.fcgi"), "broken: x\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_name_and_lines),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_die),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
