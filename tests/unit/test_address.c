/* SPDX-License-Identifier: ISC */
/* Addresses, prefixes and lists of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/address.h"

static void
groups(void **state)
{
	static const struct {
		const char *text, *want; /* NULL: no address */
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "255.255.255.255", "255.255.255.255" },
		{ "::ffff:192.0.2.1", "192.0.2.1" },
		{ "::FFFF:c000:201", "192.0.2.1" },
		{ "::1", "0000000000000000" },
		{ "[2001:db8::1]", "20010db800000000" },
		{ "2001:DB8:1:2:3:4:5:6", "20010db800010002" },
		{ "", NULL },
		{ "192.0.2", NULL },
		{ "192.0.2.256", NULL },
		{ "192.0.2.1 ", NULL },
		{ " 192.0.2.1", NULL },
		{ "192.0.2.01", NULL },
		{ "0x7f.1", NULL },
		{ "192.0.2.1:80", NULL },
		{ "[192.0.2.1]", NULL },
		{ "[::1", NULL },
		{ "::1]", NULL },
		{ "[::1]:80", NULL },
		{ ":::", NULL },
		{ "fe80::1%eth0", NULL },
		{ "1:2:3:4:5:6:7:8:9", NULL },
		{ "localhost", NULL },
		{ "2001:db8:0000:0000:0000:0000:0000:00000000000001", NULL },
	};
	char got[ADDRESS_GROUP];
	struct address a;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool good = address_parse(str_of(rows[i].text), &a);

		if (good != (rows[i].want != NULL))
			fail_msg("%s", rows[i].text);
		if (!good)
			continue;
		address_group(&a, got);
		assert_string_equal(got, rows[i].want);
	}
	assert_false(address_parse((struct str){ "1.2.3.4\0x", 9 }, &a));
}

static void
prefixes(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool want;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.2", false },
		{ "192.0.2.1/32", "192.0.2.2", false },
		{ "192.0.2.0/31", "192.0.2.1", true },
		{ "192.0.2.0/31", "192.0.2.2", false },
		{ "192.0.2.0/25", "192.0.2.127", true },
		{ "192.0.2.0/25", "192.0.2.128", false },
		{ "10.0.0.0/8", "10.255.255.255", true },
		{ "10.0.0.0/8", "11.0.0.0", false },
		{ "0.0.0.0/0", "203.0.113.7", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
		{ "10.0.0.0/8", "::ffff:10.1.1.1", true },
		{ "::ffff:10.0.0.0/104", "10.1.1.1", true },
		{ "2001:db8::/32", "2001:db8:ffff::1", true },
		{ "2001:db8::/32", "2001:db9::1", false },
		{ "2001:db8::/33", "2001:db8:8000::", false },
		{ "::/0", "2001:db8::1", true },
		{ "[2001:db8::]/32", "2001:db8::1", true },
		{ "2001:db8::/129", "2001:db8::", false },
		{ "10.0.0.0/33", "10.0.0.0", false },
		{ "10.0.0.0/-1", "10.0.0.0", false },
		{ "10.0.0.0/", "10.0.0.0", false },
		{ "10.0.0.0/8/8", "10.0.0.0", false },
		{ "10.0.0.0/8 ", "10.0.0.0", false },
		{ "/8", "10.0.0.0", false },
		{ "*", "10.0.0.0", false },
		{ "", "10.0.0.0", false },
	};
	struct address a;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(address_parse(str_of(rows[i].text), &a));
		if (address_match(str_of(rows[i].pattern), &a) != rows[i].want)
			fail_msg("%s and %s", rows[i].pattern, rows[i].text);
	}
}

static void
lists(void **state)
{
	static const struct {
		const char *list;
		bool valid, has; /* 192.0.2.7 */
	} rows[] = {
		{ "192.0.2.7", true, true },
		{ "10.0.0.0/8,192.0.2.0/24", true, true },
		{ " 10.0.0.0/8 , 192.0.2.7 ", true, true },
		{ "10.0.0.0/8, ::1", true, false },
		{ "", false, false },
		{ ",", false, false },
		{ "192.0.2.7,", false, true },
		{ "192.0.2.7 10.0.0.1", false, false },
		{ "10.0.0.1/8", false, false },
		{ "2001:db8::1/32", false, false },
		{ "192.0.2.7;10.0.0.1", false, false },
	};
	struct address a;

	(void)state;
	assert_true(address_parse(STR("192.0.2.7"), &a));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (address_list_valid(str_of(rows[i].list)) != rows[i].valid)
			fail_msg("valid: %s", rows[i].list);
		if (address_list_has(str_of(rows[i].list), &a) != rows[i].has)
			fail_msg("has: %s", rows[i].list);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups),
		cmocka_unit_test(prefixes),
		cmocka_unit_test(lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
