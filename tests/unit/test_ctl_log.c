/* SPDX-License-Identifier: ISC */
/* Which lines of the audit fit, and how one is shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "ctl/log_row.h"

#define CALL                                                                  \
	"{\"ts\":\"2026-01-02T03:04:05.678Z\",\"event\":\"call\",\"key_id\":" \
	"\"aa\",\"tool\":\"t\",\"rows\":3,\"ms\":1.25,\"status\":200}"
#define BEGIN "{\"event\":\"begin\",\"key_id\":\"aa\",\"tool\":\"t\"}"
#define FAILED \
	"{\"event\":\"call\",\"key_id\":\"bb\",\"tool\":\"u\",\"code\":\"SQL_SYNTAX\"}"
#define DENIED "{\"event\":\"denied\",\"key_id\":\"bb\"}"

static struct ctl
command(struct arena *a, enum ctl_option o, const char *value)
{
	struct ctl c = { .arena = a };

	c.given = arena_zero(a, 1, sizeof(*c.given));
	c.given[0] = (struct ctl_given){ o, value };
	c.ngiven = 1;
	buf_init(&c.out, a, 1u << 16);
	json_out_init(&c.json, &c.out, NULL);
	return c;
}

static const char *
fitting(enum ctl_option o, const char *value)
{
	static const char *const lines[] = { CALL "\n", BEGIN "\n", FAILED "\n",
		DENIED, "{\"ts\":", "", "[]" };
	static char got[8];
	struct arena *a = arena_new(1u << 20);
	struct ctl c = command(a, o, value);
	struct log_filter *f = log_filter_new(&c);

	for (size_t i = 0; i < 7; i++)
		got[i] = log_fits(f, str_of(lines[i])) ? 'y' : '-';
	arena_free(a);
	return got;
}

static void
filters(void **state)
{
	(void)state;
	assert_string_equal(fitting(OPT_ALL, ""), "yyyy--y");
	assert_string_equal(fitting(OPT_FAILED, ""), "--yy--y");
	assert_string_equal(fitting(OPT_TOOL, "t"), "y------");
	assert_string_equal(fitting(OPT_JSON, ""), "y-yy--y");
}

static void
a_line_alone(void **state)
{
	struct arena *a = arena_new(1u << 20);
	struct ctl c = command(a, OPT_ALL, "");

	(void)state;
	log_line_out(&c, str_of(CALL "\n"));
	assert_true(str_eq(buf_text(&c.out),
	    STR("2026-01-02T03:04:05.678Z  aa  call  t  -  3  1.2  200  -\n")));
	buf_cut(&c.out, 0);
	log_line_out(&c, str_of("{\"event\":\"\\u001b[31m\"}"));
	assert_null(memchr(c.out.p, 0x1b, c.out.len));
	buf_cut(&c.out, 0);
	log_line_out(&c, str_of("torn"));
	assert_int_equal(c.out.len, 0);
	c.given[0].option = OPT_JSON;
	log_line_out(&c, str_of(BEGIN "\n"));
	assert_true(str_eq(buf_text(&c.out), STR(BEGIN "\n")));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters),
		cmocka_unit_test(a_line_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
