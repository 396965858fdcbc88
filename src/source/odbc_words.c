/* SPDX-License-Identifier: ISC */
/*
 * What a connection is opened with: the words of the configuration, and for
 * drivers that are known those that make them fetch a result in pieces and
 * give values as they are.
 */
#include <string.h>

#include "source/odbc_int.h"

#define WORDS_MAX 8192

/* psqlodbc reads a whole result into memory unless told otherwise, and drops
 * the zone of a moment. */
static const char *const pgsql_words[] = { "UseDeclareFetch=1", "Fetch=100",
	"BoolsAsChar=0", "ConnSettings=SET+TimeZone%3d'UTC'", NULL };

static const char *const sqlite_words[] = { "StepAPI=1", "NoCreat=1",
	"FKSupport=1", "NoWCHAR=1", NULL };

static const struct odbc_driver drivers[] = {
	{ "psqlodbc", pgsql_words, .cancels = true, .utc = true },
	/* Its SQLCancel gives the result back while it is being made. */
	{ "sqlite3odbc", sqlite_words, .is_sqlite = true },
};

const struct odbc_driver *
odbc_driver_find(const char *name)
{
	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++)
		if (strstr(name, drivers[i].name) != NULL)
			return &drivers[i];
	return NULL;
}

/* The next "key=value" of a connection string; a value in braces may hold
 * semicolons. */
static bool
next_word(struct str *rest, struct str *key, struct str *value)
{
	size_t i = 0, eq;

	while (rest->len > 0 && (rest->p[0] == ';' || rest->p[0] == ' '))
		*rest = str_from(*rest, 1);
	if (rest->len == 0)
		return false;
	while (i < rest->len && rest->p[i] != '=' && rest->p[i] != ';')
		i++;
	eq = i;
	if (i + 1 < rest->len && rest->p[i] == '=' && rest->p[i + 1] == '{')
		while (i < rest->len && rest->p[i] != '}')
			i++;
	while (i < rest->len && rest->p[i] != ';')
		i++;
	*key = str_trim((struct str){ rest->p, eq });
	*value = eq < i ? (struct str){ rest->p + eq + 1, i - eq - 1 }
			: (struct str){ 0 };
	*rest = str_from(*rest, i);
	return true;
}

static bool
has_key(struct str text, struct str key)
{
	struct str k, v;

	while (next_word(&text, &k, &v))
		if (str_ieq(k, key))
			return true;
	return false;
}

/* In braces where it has to be. */
static void
put(struct buf *b, const char *key, struct str value)
{
	static const char special[] = "[]{}(),;?*=!@ ";
	bool braces = false;

	for (size_t i = 0; i < value.len; i++)
		braces = braces || strchr(special, value.p[i]) != NULL;
	if (b->len != 0 && b->p[b->len - 1] != ';')
		buf_char(b, ';');
	buf_fmt(b, "%s=%s", key, braces ? "{" : "");
	for (size_t i = 0; i < value.len; i++) {
		if (braces && value.p[i] == '}')
			buf_char(b, '}');
		buf_char(b, value.p[i]);
	}
	buf_str(b, braces ? STR("};") : STR(";"));
}

static void
put_given(struct buf *b, const struct conf_source *s)
{
	struct str dsn = str_of(s->dsn);

	if (str_has(dsn, '='))
		buf_str(b, dsn);
	else
		put(b, "DSN", dsn);
	if (s->user != NULL)
		put(b, "UID", str_of(s->user));
	if (s->password.bytes != NULL)
		put(b, "PWD",
		    (struct str){ (const char *)s->password.bytes,
			s->password.len });
	if (s->options == NULL)
		return;
	if (b->len != 0 && b->p[b->len - 1] != ';')
		buf_char(b, ';');
	buf_str(b, str_of(s->options));
}

struct str
odbc_words(struct arena *a, const struct conf_source *s,
    const struct odbc_driver *driver)
{
	struct str given;
	struct buf b;

	buf_init(&b, a, WORDS_MAX);
	put_given(&b, s);
	given = arena_dup(a, buf_text(&b));
	for (size_t i = 0; driver != NULL && driver->words[i] != NULL; i++) {
		struct str rest = str_of(driver->words[i]), key;

		(void)str_cut(&rest, '=', &key);
		if (has_key(given, key))
			continue;
		if (b.len != 0 && b.p[b.len - 1] != ';')
			buf_char(&b, ';');
		buf_str(&b, str_of(driver->words[i]));
	}
	explicit_bzero((char *)(uintptr_t)given.p, given.len);
	return arena_dup(a, buf_text(&b));
}

/* Keys whose values are nobody's business. */
static bool
is_private(struct str key)
{
	static const char *const keys[] = { "server", "servername", "host",
		"hostname", "address", "addr", "uid", "user", "username",
		"userid", "user id", "pwd", "password", "pass", "database",
		"db", "dbq", "dsn", "socket", "driver", "file", "filedsn" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (str_ieq(key, str_of(keys[i])))
			return true;
	return false;
}

#define PRIVATE_MAX 24

/* What must not be told; values of two letters would be everywhere. */
static size_t
private_words(struct arena *a, const struct conf_source *s,
    struct str out[static PRIVATE_MAX])
{
	struct str rest = odbc_words(a, s, NULL), key, value;
	size_t n = 0;

	while (n < PRIVATE_MAX && next_word(&rest, &key, &value)) {
		if (str_starts(value, STR("{")))
			value = (struct str){ value.p + 1,
				value.len < 2 ? 0 : value.len - 2 };
		if (value.len > 2 && is_private(key))
			out[n++] = value;
	}
	return n;
}

struct str
odbc_clean(struct arena *a, const struct conf_source *s, struct str text)
{
	struct str words[PRIVATE_MAX];
	size_t n = private_words(a, s, words);
	struct buf b;

	buf_init(&b, a, text.len * 2 + 64);
	for (size_t i = 0; i < text.len;) {
		size_t skip = 0;

		for (size_t k = 0; k < n; k++)
			if (words[k].len > skip &&
			    str_starts(str_from(text, i), words[k]))
				skip = words[k].len;
		if (skip == 0)
			buf_char(&b, text.p[i] == '\n' ? ' ' : text.p[i]);
		else
			buf_lit(&b, "...");
		i += skip == 0 ? 1 : skip;
	}
	return buf_text(&b);
}
