/* SPDX-License-Identifier: ISC */
/* Secrets: copies, files, and their ceiling. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"

static char path[] = "secret-XXXXXX";

static int
setup(void **state)
{
	struct fault f = { 0 };
	int fd = mkstemp(path);

	(void)state;
	if (fd < 0 || close(fd) != 0)
		return 1;
	/* Once more does no harm. */
	return secret_start(&f) != ERR_OK || secret_start(&f) != ERR_OK;
}

static int
teardown(void **state)
{
	(void)state;
	return unlink(path);
}

static void
write_file(const char *text, size_t n)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
}

static void
test_take(void **state)
{
	struct secret s = secret_take("a\0b", 3), empty;

	(void)state;
	assert_int_equal(s.len, 3);
	assert_memory_equal(s.bytes, "a\0b", 3);
	secret_done(&s);
	assert_null(s.bytes);
	assert_int_equal(s.len, 0);
	secret_done(&s);
	empty = secret_take(NULL, 0);
	assert_int_equal(empty.len, 0);
	secret_done(&empty);
}

static void
test_newline(void **state)
{
	static const struct {
		const char *in, *want;
	} cases[] = { { "pw\n", "pw" }, { "pw\r\n", "pw" }, { "pw", "pw" },
		{ "pw\n\n", "pw\n" }, { " pw ", " pw " }, { "\n", "" },
		{ "", "" } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fault f = { 0 };
		struct secret s;

		write_file(cases[i].in, strlen(cases[i].in));
		assert_int_equal(secret_file(&s, path, &f), ERR_OK);
		assert_int_equal(s.len, strlen(cases[i].want));
		if (s.len != 0)
			assert_memory_equal(s.bytes, cases[i].want, s.len);
		secret_done(&s);
	}
}

static void
test_ceiling(void **state)
{
	static char text[65537];

	(void)state;
	for (size_t n = 65535; n <= 65537; n++) {
		struct fault f = { 0 };
		struct secret s;
		enum err err;

		memset(text, 'x', n);
		write_file(text, n);
		err = secret_file(&s, path, &f);
		assert_int_equal(err, n <= 65536 ? ERR_OK : ERR_CONF);
		assert_int_equal(s.len, n <= 65536 ? n : 0);
		secret_done(&s);
	}
}

static void
test_trouble_names_no_path(void **state)
{
	static const char *const paths[] = { "no/such/file", "." };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct fault f = { 0 };
		struct secret s;

		assert_int_equal(secret_file(&s, paths[i], &f), ERR_CONF);
		assert_null(s.bytes);
		assert_null(strstr(f.msg, paths[0]));
		assert_ptr_equal(strstr(f.log, paths[i]), f.log);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_newline),
		cmocka_unit_test(test_ceiling),
		cmocka_unit_test(test_trouble_names_no_path),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
