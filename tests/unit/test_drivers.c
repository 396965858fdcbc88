/* SPDX-License-Identifier: ISC */
/* What is known of drivers without opening one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "conf/conf.h"
#include "source/driver_check.h"
#include "source/source.h"

static struct arena *a;
static struct buf said;

static int
set_up(void **state)
{
	(void)state;
	a = arena_new((size_t)1 << 20);
	buf_init(&said, a, 65536);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

/* Complaints of a source with these settings, from line 2 on. */
static const char *
complaints(const char *driver, const char *const *settings)
{
	struct conf_given given[16];
	struct conf_source s = { .name = "shop",
		.driver = driver,
		.at = { "m.conf", 1 },
		.given = given };

	for (; settings[s.ngiven] != NULL; s.ngiven++)
		given[s.ngiven] = (struct conf_given){ settings[s.ngiven],
			{ "m.conf", (int)s.ngiven + 2 } };
	(void)driver_check(driver_find(str_of(driver)), &s, &said);
	buf_char(&said, '\0');
	return said.p;
}

#define GIVEN(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void
settings_are_the_drivers(void **state)
{
	(void)state;
	assert_string_equal(complaints("sqlite",
				GIVEN("driver", "path", "about")),
	    "");
	buf_cut(&said, 0);
	assert_string_equal(complaints("sqlite", GIVEN("path", "host")),
	    "m.conf:3: sources.shop.host is no setting of the driver sqlite; "
	    "it reads path\n");
	buf_cut(&said, 0);
	assert_string_equal(complaints("sqlite", GIVEN("driver")),
	    "m.conf:1: sources.shop needs the setting \"path\" with the driver "
	    "sqlite\n");
	buf_cut(&said, 0);
	assert_string_equal(complaints("pgsql",
				GIVEN("driver", "database", "user", "tls",
				    "password_file", "socket")),
	    "");
	buf_cut(&said, 0);
	assert_string_equal(complaints("pgsql", GIVEN("database", "path")),
	    "m.conf:3: sources.shop.path is no setting of the driver pgsql; it "
	    "reads host, port, socket, database, user, password, "
	    "password_file, password_env, tls, tls_ca, options\n"
	    "m.conf:1: sources.shop needs the setting \"user\" with the driver "
	    "pgsql\n");
}

/* Through ODBC nothing can be verified or hidden. */
static void
odbc_wants_to_be_trusted(void **state)
{
	static const char *deny[] = { "secret_*" };
	const struct conf_given given[] = { { "dsn", { "m.conf", 2 } },
		{ "trusted_role", { "m.conf", 3 } },
		{ "deny", { "m.conf", 4 } }, { "mask", { "m.conf", 5 } } };
	struct conf_source s = { .name = "shop",
		.driver = "odbc",
		.at = { "m.conf", 1 },
		.given = given,
		.ngiven = 4 };
	const struct source_driver *d = driver_find(STR("odbc"));

	(void)state;
	assert_int_equal(driver_check(d, &s, &said), 1);
	s.trusted_role = true;
	s.deny = (struct conf_names){ deny, 1 };
	assert_int_equal(driver_check(d, &s, &said), 1);
	s.deny.n = 0;
	s.mask = (struct conf_names){ deny, 1 };
	assert_int_equal(driver_check(d, &s, &said), 1);
	s.mask.n = 0;
	assert_int_equal(driver_check(d, &s, &said), 0);
	buf_char(&said, '\0');
	assert_string_equal(said.p,
	    "m.conf:3: sources.shop.trusted_role must be true with the driver odbc: what its account may do is what can happen\n"
	    "m.conf:4: sources.shop.deny cannot be kept by the driver odbc; take the right to read them from the account\n"
	    "m.conf:5: sources.shop.mask cannot be kept by the driver odbc; take the right to read them from the account\n");
}

/* Words to another machine are encrypted, or that they are not is said. */
static void
urls_and_tls_agree(void **state)
{
	static const struct {
		const char *url;
		enum conf_tls tls;
		const char *field;
	} cases[] = {
		{ "http://127.0.0.1:8123", TLS_AUTO, NULL },
		{ "http://localhost:8123/x", TLS_AUTO, NULL },
		{ "http://[::1]:8123", TLS_AUTO, NULL },
		{ "http://10.0.0.1:8123", TLS_AUTO, "url" },
		{ "http://localhost.example.org", TLS_AUTO, "url" },
		{ "http://example.org", TLS_PREFER, NULL },
		{ "http://example.org", TLS_OFF, NULL },
		{ "http://127.0.0.1", TLS_REQUIRE, "tls" },
		{ "http://127.0.0.1", TLS_VERIFY, "tls" },
		{ "https://example.org", TLS_AUTO, NULL },
		{ "https://example.org", TLS_VERIFY, NULL },
		{ "https://example.org", TLS_REQUIRE, NULL },
		{ "https://example.org", TLS_OFF, "tls" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct conf_source s = { .url = cases[i].url,
			.tls = cases[i].tls };
		const struct conf_given given[] = { { "url", { "m.conf", 1 } },
			{ "tls", { "m.conf", 2 } } };
		struct driver_said to = { &s, &said, 0 };

		s.name = "shop";
		s.given = given;
		s.ngiven = 2;
		buf_cut(&said, 0);
		driver_find(STR("clickhouse"))->check(&s, &to);
		buf_char(&said, '\0');
		if (to.n != (cases[i].field != NULL) ||
		    (to.n > 0 &&
			strstr(said.p,
			    arena_fmt(a, ".%s ", cases[i].field).p) == NULL))
			fail_msg("%s %d: %s", cases[i].url, cases[i].tls,
			    said.p);
	}
}

/* Every row is whole, and its name is found. */
static void
rows_are_whole(void **state)
{
	(void)state;
	for (const char *const *n = driver_names(); *n != NULL; n++) {
		const struct source_driver *d = driver_find(str_of(*n));

		assert_non_null(d);
		assert_non_null(d->guide);
		assert_non_null(d->settings);
		assert_non_null(d->needs);
		assert_true(d->work != NULL || d->package != NULL);
	}
	assert_null(driver_find(STR("sqlit")));
}

/* The sentence says what to install. */
static void
missing_modules_name_their_package(void **state)
{
	const struct source_driver none = { .name = "nosuch",
		.package = "mcp-fcgi-nosuch" };
	struct fault f = { 0 };

	(void)state;
	assert_null(driver_load(&none, &f));
	assert_int_equal(f.code, ERR_SOURCE_UNREACHABLE);
	assert_string_equal(f.msg,
	    "the module nosuch is missing; install mcp-fcgi-nosuch");
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(settings_are_the_drivers),
		CASE(odbc_wants_to_be_trusted),
		CASE(urls_and_tls_agree),
		CASE(rows_are_whole),
		CASE(missing_modules_name_their_package),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
