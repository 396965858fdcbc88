/* SPDX-License-Identifier: ISC */
/* tests/cases/auth/credentials.txt, line by line, through auth_check. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "auth/auth_int.h"
#include "base/buf.h"
#include "tests/unit/store_site.h"

#define NOW ((int64_t)1800000000)

static struct site site;
static char tokens[128][KEY_TEXT_LEN + 1]; /* by the letter behind the '$' */

static void
make(char name, const struct key *want, struct key *made)
{
	struct fault f = { 0 };

	assert_int_equal(key_create(site.store, want, NOW - 100,
			     tokens[(int)name], made, site.arena, &f),
	    ERR_OK);
}

static int
set_up(void **state)
{
	const struct key plain = { .label = STR("x"), .scopes = 1 };
	const struct key named = { .label = STR("x"),
		.scopes = 1,
		.user = STR("alice") };
	const struct key brief = { .label = STR("x"),
		.scopes = 1,
		.expires_s = NOW };
	struct fault f = { 0 };
	struct key k;

	(void)state;
	site_make(&site);
	site.conf.limits.rate = (struct conf_rate){ true, 1000000, 1, 1000000 };
	site.conf.limits.auth_fails = site.conf.limits.rate;
	make('T', &plain, &k);
	make('U', &named, &k);
	make('E', &brief, &k);
	make('R', &plain, &k);
	assert_int_equal(key_revoke(site.store, str_of(k.id), NOW, &f), ERR_OK);
	site_token(tokens['W'], tokens['T'] + 5, tokens['U'] + 18);
	site_token(tokens['N'], "0123456789ab", tokens['T'] + 18);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	site_remove(&site);
	return 0;
}

static void expand(struct buf *to, struct str s);

/* The end of a call's text: its closing parenthesis. */
static size_t
closing(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] == ')')
			return i;
	return s.len;
}

static void
put_base64(struct buf *to, char how, struct str plain)
{
	int form = how == 'U'   ? sodium_base64_VARIANT_URLSAFE
		   : how == 'P' ? sodium_base64_VARIANT_ORIGINAL_NO_PADDING
				: sodium_base64_VARIANT_ORIGINAL;
	size_t size = sodium_base64_encoded_len(plain.len, form);
	char *p = arena_get(site.arena, size);
	char *pad;

	sodium_bin2base64(p, size, (const unsigned char *)plain.p, plain.len,
	    form);
	pad = strchr(p, '=');
	if (how == 'X' && pad != NULL)
		pad[-1]++;
	buf_str(to, str_of(p));
}

/* One of the calls of the file; false when it is none. */
static bool
put_call(struct buf *to, struct str *s)
{
	char how = s->p[0];
	size_t digits = how == 'C' ? strspn(s->p + 1, "0123456789") : 0;
	struct str inner = str_from(*s, digits + 2);
	struct buf plain;

	if (strchr("BPUXCLDS", how) == NULL || s->len < digits + 2 ||
	    s->p[digits + 1] != '(' || closing(inner) == inner.len)
		return false;
	inner.len = closing(inner);
	*s = str_from(*s, digits + 2 + inner.len + 1);
	buf_init(&plain, site.arena, 16384);
	expand(&plain, inner);
	if (strchr("BPUX", how) != NULL) {
		put_base64(to, how, buf_text(&plain));
		return true;
	}
	if (how == 'C') {
		char *at = plain.p + strtol(inner.p - digits - 1, NULL, 10);

		*at = *at == 'a' ? 'b' : 'a';
	}
	for (size_t i = 0; how == 'L' && i < plain.len; i++)
		if (plain.p[i] >= 'a' && plain.p[i] <= 'z')
			plain.p[i] -= 'a' - 'A';
	buf_put(to, plain.p + (how == 'S'),
	    plain.len - (how == 'D' || how == 'S'));
	return true;
}

static void
expand(struct buf *to, struct str s)
{
	while (s.len != 0) {
		unsigned byte;

		if (put_call(to, &s))
			continue;
		if (s.len >= 2 && s.p[0] == '$' && tokens[s.p[1] & 127][0]) {
			buf_str(to, str_of(tokens[(int)s.p[1]]));
			s = str_from(s, 2);
		} else if (s.len >= 4 && s.p[0] == '\\' && s.p[1] == 'x' &&
			   sscanf(s.p + 2, "%2x", &byte) == 1) {
			buf_char(to, (char)byte);
			s = str_from(s, 4);
		} else {
			buf_char(to, s.p[0]);
			s = str_from(s, 1);
		}
	}
}

static struct str
value(struct str text)
{
	struct buf b;

	if (str_eq(text, STR("-")))
		return (struct str){ NULL, 0 };
	buf_init(&b, site.arena, 65536);
	buf_room(&b, 1); /* empty is not absent */
	expand(&b, text);
	return buf_text(&b);
}

static const char *
outcome(const struct credential *c)
{
	struct fault f = { 0 };
	struct caller who;
	enum err err = auth_check(site.store, &site.conf, site.arena, c,
	    NOW * 1000000, &who, &f);

	if (err == ERR_OK)
		return who.known ? "ok" : "none";
	assert_int_equal(f.code, err);
	assert_false(who.known && err == ERR_UNAUTHORIZED);
	assert_int_equal(who.scopes, 0);
	return err == ERR_UNAUTHORIZED ? "bad" : err_name(err);
}

static void
run_line(char *line, int n)
{
	struct str rest = str_of(line);
	struct str want, authorization, key;
	struct credential c = { .address = STR("192.0.2.1") };
	const char *got;

	assert_true(str_cut(&rest, '\t', &want));
	assert_true(str_cut(&rest, '\t', &authorization));
	assert_true(str_cut(&rest, '\t', &key));
	c.authorization = value(authorization);
	c.api_key = value(key);
	got = outcome(&c);
	if (!str_eq(want, str_of(got)))
		fail_msg("line %d: %s is %s", n, line, got);
	c.twice = true;
	assert_string_equal(outcome(&c), "bad");
}

static void
A4_table(void **state)
{
	const char *srcdir = getenv("srcdir");
	char path[4096];
	char line[1024];
	int n = 0;
	int cases = 0;
	FILE *fp;

	(void)state;
	(void)snprintf(path, sizeof(path),
	    "%s/tests/cases/auth/credentials.txt",
	    srcdir == NULL ? ".." : srcdir);
	fp = fopen(path, "r");
	assert_non_null(fp);
	while (fgets(line, sizeof(line), fp) != NULL) {
		n++;
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#' || line[0] == '\0')
			continue;
		run_line(line, n);
		cases++;
	}
	fclose(fp);
	assert_true(cases > 1000);
}

static void
A4_switches(void **state)
{
	struct credential basic = { .authorization =
					value(STR("Basic B(me:$T)")) };
	struct credential bearer = { .authorization = value(STR("Bearer $T")) };
	struct credential key = { .api_key = value(STR("$T")) };

	(void)state;
	site.conf.basic = false;
	assert_string_equal(outcome(&basic), "bad");
	assert_string_equal(outcome(&bearer), "ok");
	assert_string_equal(outcome(&key), "ok");
	site.conf.basic = true;
	site.conf.api_key_header = false;
	assert_string_equal(outcome(&basic), "ok");
	assert_string_equal(outcome(&key), "none");
	site.conf.api_key_header = true;
}

/* What never reaches the store, whatever it holds: the guards before it. */
static void
A4_read(void **state)
{
	static const struct {
		const char *authorization, *api_key;
		enum presented_how want;
	} rows[] = {
		{ "Bearer x", "-", PRESENTED_TOKEN },
		{ "Bearer x,y", "-", PRESENTED_BAD },
		{ "Bearer x y", "-", PRESENTED_BAD },
		{ "Bearer x\\x00y", "-", PRESENTED_BAD },
		{ "Bearer x\\x7fy", "-", PRESENTED_BAD },
		{ "Bearer x\\x80y", "-", PRESENTED_BAD },
		{ "Basic B(x:y)", "-", PRESENTED_TOKEN },
		{ "Basic B(xy)", "-", PRESENTED_BAD },
		{ "-", "x", PRESENTED_TOKEN },
		{ "-", "x,y", PRESENTED_BAD },
		{ "-", "x y", PRESENTED_BAD },
		{ "-", "x\\x7f", PRESENTED_BAD },
		{ "-", "-", PRESENTED_NONE },
	};
	char *key = arena_get(site.arena, 8193);
	struct credential c = { .api_key = { memset(key, 'x', 8193), 8193 } };

	(void)state;
	assert_int_equal(credential_read(&site.conf, site.arena, &c).how,
	    PRESENTED_BAD);
	c.api_key.len = 8192;
	assert_int_equal(credential_read(&site.conf, site.arena, &c).how,
	    PRESENTED_TOKEN);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		c.authorization = value(str_of(rows[i].authorization));
		c.api_key = value(str_of(rows[i].api_key));
		if (credential_read(&site.conf, site.arena, &c).how !=
		    rows[i].want)
			fail_msg("row %zu", i);
	}
}

/* The ceiling: at, one over, far over.  Basic may carry a long user name. */
static void
A4_length(void **state)
{
	static const int rows[] = { 8191, 8192, 8193, 65000 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct credential c = { 0 };
		struct buf b;

		/* "Bearer", blanks up to the length, the token. */
		buf_init(&b, site.arena, 65536);
		buf_lit(&b, "Bearer");
		while (b.len + KEY_TEXT_LEN < (size_t)rows[i])
			buf_char(&b, ' ');
		buf_str(&b, str_of(tokens['T']));
		c.authorization = buf_text(&b);
		assert_string_equal(outcome(&c), rows[i] > 8192 ? "bad" : "ok");
		c.api_key = (struct str){ c.authorization.p + 6,
			c.authorization.len - 6 };
		c.authorization = (struct str){ NULL, 0 };
		assert_string_equal(outcome(&c), "ok"); /* blanks go first */
		memset(b.p + 6, 'x', 8);
		assert_string_equal(outcome(&c), "bad");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(A4_table),
		cmocka_unit_test(A4_read),
		cmocka_unit_test(A4_switches),
		cmocka_unit_test(A4_length),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
