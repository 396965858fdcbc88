/* SPDX-License-Identifier: ISC */
/* SECURITY_MODEL A9: which addresses a request may go to. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "net/fetch.h"
#include "net/reach.h"

static bool
allows(const char *host, const char *allowed, const char *address)
{
	struct address a;

	assert_true(address_parse(str_of(address), &a));
	return reach_allows(str_of(host), str_of(allowed), &a);
}

/* Both ends of each range, and their neighbours where those are public. */
static void
test_A9_ranges(void **state)
{
	static const struct {
		const char *address;
		bool is_public;
	} cases[] = {
		{ "0.0.0.0", false },
		{ "0.255.255.255", false },
		{ "1.0.0.0", true },
		{ "9.255.255.255", true },
		{ "10.0.0.0", false },
		{ "10.255.255.255", false },
		{ "11.0.0.0", true },
		{ "100.63.255.255", true },
		{ "100.64.0.0", false },
		{ "100.127.255.255", false },
		{ "100.128.0.0", true },
		{ "126.255.255.255", true },
		{ "127.0.0.1", false },
		{ "127.255.255.255", false },
		{ "128.0.0.0", true },
		{ "169.253.255.255", true },
		{ "169.254.169.254", false },
		{ "169.255.0.0", true },
		{ "172.15.255.255", true },
		{ "172.16.0.0", false },
		{ "172.31.255.255", false },
		{ "172.32.0.0", true },
		{ "192.0.0.8", false },
		{ "192.0.2.1", false },
		{ "192.167.255.255", true },
		{ "192.168.0.0", false },
		{ "192.168.255.255", false },
		{ "192.169.0.0", true },
		{ "198.18.0.0", false },
		{ "198.19.255.255", false },
		{ "198.51.100.7", false },
		{ "203.0.113.7", false },
		{ "223.255.255.255", true },
		{ "224.0.0.1", false },
		{ "255.255.255.255", false },
		{ "::", false },
		{ "::1", false },
		{ "::127.0.0.1", false },
		{ "::ffff:10.0.0.1", false },
		{ "::ffff:8.8.8.8", true },
		{ "64:ff9b::7f00:1", false },
		{ "100::1", false },
		{ "2001:0:1::", false },
		{ "2001:db8::1", false },
		{ "2002:7f00:1::", false },
		{ "2606:4700::1111", true },
		{ "fbff::1", true },
		{ "fc00::1", false },
		{ "fdff::1", false },
		{ "fe80::1", false },
		{ "fec0::1", false },
		{ "ff02::1", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (allows("example.org", "", cases[i].address) !=
		    cases[i].is_public)
			fail_msg("%s", cases[i].address);
}

/* Who writes an address means it; a name means what is public. */
static void
test_A9_what_was_written(void **state)
{
	(void)state;
	assert_true(allows("127.0.0.1", "", "127.0.0.1"));
	assert_false(allows("127.0.0.1", "", "127.0.0.2"));
	assert_true(allows("10.1.2.3", "", "10.1.2.3"));
	assert_false(allows("10.1.2.3", "", "10.1.2.4"));
	assert_true(allows("::1", "", "::1"));
	assert_true(allows("localhost", "", "127.0.0.1"));
	assert_true(allows("LOCALHOST", "", "::1"));
	assert_false(allows("localhost", "", "10.0.0.1"));
	assert_false(allows("localhost.example.org", "", "127.0.0.1"));
	assert_false(allows("127.1", "", "127.0.0.1"));
	assert_false(allows("2130706433", "", "127.0.0.1"));
	assert_false(allows("", "", "127.0.0.1"));
}

static void
test_A9_what_is_allowed(void **state)
{
	(void)state;
	assert_true(allows("db", "10.0.0.0/8", "10.9.9.9"));
	assert_true(allows("db", "10.0.0.0/8", "11.0.0.1"));
	assert_false(allows("db", "10.0.0.0/8", "192.168.0.1"));
	assert_true(allows("db", "10.0.0.0/8,192.168.0.1", "192.168.0.1"));
	assert_false(allows("db", "10.0.0.0/8,192.168.0.1", "192.168.0.2"));
	assert_true(allows("db", "fd00::/8", "fd12::1"));
	assert_false(allows("db", "fd00::/8", "fc12::1"));
}

static void
other_families_are_no_addresses(void **state)
{
	struct sockaddr_storage s = { .ss_family = AF_UNIX };
	struct address a;

	(void)state;
	assert_false(reach_address((const struct sockaddr *)&s, &a));
	s.ss_family = AF_INET6;
	assert_true(reach_address((const struct sockaddr *)&s, &a));
	assert_false(reach_is_public(&a));
}

static void
hosts_of_urls(void **state)
{
	static const struct {
		const char *url, *host;
	} cases[] = {
		{ "http://example.org", "example.org" },
		{ "https://example.org/x?y#z", "example.org" },
		{ "http://example.org:8123/", "example.org" },
		{ "https://[::1]:8443/x", "::1" },
		{ "http://[::1", "::1" },
		{ "http://a?b", "a" },
		{ "http://a#b", "a" },
		{ "ftp://example.org", "" },
		{ "file:///etc/passwd", "" },
		{ "//example.org", "" },
		{ "http:", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (!str_eq(net_host(str_of(cases[i].url)),
			str_of(cases[i].host)))
			fail_msg("%s", cases[i].url);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_A9_ranges),
		cmocka_unit_test(test_A9_what_was_written),
		cmocka_unit_test(test_A9_what_is_allowed),
		cmocka_unit_test(other_families_are_no_addresses),
		cmocka_unit_test(hosts_of_urls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
