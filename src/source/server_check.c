/* SPDX-License-Identifier: ISC */
/* What the settings of sources on servers say together, driver by driver. */
#include "source/driver_check.h"

/* Nothing behind ODBC can be verified, so the administrator answers for it;
 * which tables a statement reads nobody knows, so none can be hidden. */
void
odbc_check(const struct conf_source *s, struct driver_said *said)
{
	static const char hidden[] =
	    "cannot be kept by the driver odbc; take the right to read them from the account";

	if (!s->trusted_role && conf_source_has(s, "trusted_role"))
		driver_wrong(said, "trusted_role",
		    "must be true with the driver odbc: what its account may do is what can happen");
	if (s->deny.n != 0)
		driver_wrong(said, "deny", "%s", hidden);
	if (s->mask.n != 0)
		driver_wrong(said, "mask", "%s", hidden);
}

void
mariadb_check(const struct conf_source *s, struct driver_said *said)
{
	driver_check_place(s, said);
}

/* Words of libpq, the setting of ours that one is instead of ("" for none), and
 * the values it may have, "" for any number; NULL: not known. */
static const struct {
	const char *word, *setting, *values;
} words[] = {
	{ "host", "host", NULL },
	{ "hostaddr", "host", NULL },
	{ "port", "port", NULL },
	{ "dbname", "database", NULL },
	{ "user", "user", NULL },
	{ "password", "password_file", NULL },
	{ "passfile", "password_file", NULL },
	{ "service", "", NULL },
	{ "options", "", NULL },
	{ "sslmode", "tls", NULL },
	{ "sslrootcert", "tls_ca", NULL },
	{ "client_encoding", "", NULL },
	{ "replication", "", NULL },
	{ "application_name", NULL, NULL },
	{ "channel_binding", NULL, "disable prefer require" },
	{ "connect_timeout", NULL, "" },
	{ "fallback_application_name", NULL, NULL },
	{ "gssdelegation", NULL, NULL },
	{ "gssencmode", NULL, NULL },
	{ "gsslib", NULL, NULL },
	{ "keepalives", NULL, "" },
	{ "keepalives_count", NULL, "" },
	{ "keepalives_idle", NULL, "" },
	{ "keepalives_interval", NULL, "" },
	{ "krbsrvname", NULL, NULL },
	{ "load_balance_hosts", NULL, "disable random" },
	{ "max_protocol_version", NULL, NULL },
	{ "min_protocol_version", NULL, NULL },
	{ "require_auth", NULL, NULL },
	{ "requirepeer", NULL, NULL },
	{ "scram_client_key", NULL, NULL },
	{ "scram_server_key", NULL, NULL },
	{ "ssl_max_protocol_version", NULL, NULL },
	{ "ssl_min_protocol_version", NULL, NULL },
	{ "sslcert", NULL, NULL },
	{ "sslcertmode", NULL, NULL },
	{ "sslcompression", NULL, NULL },
	{ "sslcrl", NULL, NULL },
	{ "sslcrldir", NULL, NULL },
	{ "sslkey", NULL, NULL },
	{ "sslkeylogfile", NULL, NULL },
	{ "sslnegotiation", NULL, NULL },
	{ "sslpassword", NULL, NULL },
	{ "sslsni", NULL, NULL },
	{ "target_session_attrs", NULL,
	    "any read-write read-only primary standby prefer-standby" },
	{ "tcp_user_timeout", NULL, "" },
};

static bool
may_be(struct str value, const char *values)
{
	struct str rest = str_of(values), one;
	int64_t ignored;

	if (values == NULL)
		return true;
	if (rest.len == 0)
		return str_int(str_trim(value), INT32_MIN, INT32_MAX, &ignored);
	while (str_cut(&rest, ' ', &one))
		if (str_eq(one, value))
			return true;
	return false;
}

static void
check_word(struct str word, struct str value, struct driver_said *said)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const char *setting = words[i].setting;

		if (!str_eq(word, str_of(words[i].word)))
			continue;
		if (setting != NULL && setting[0] != '\0')
			driver_wrong(said, "options",
			    "cannot say \"%s\": the setting \"%s\" does",
			    words[i].word, setting);
		else if (setting != NULL)
			driver_wrong(said, "options",
			    "cannot say \"%s\": it is ours to say",
			    words[i].word);
		else if (!may_be(value, words[i].values))
			driver_wrong(said, "options",
			    "cannot have \"%s=%.*s\": it is %s%s",
			    words[i].word,
			    (int)(value.len < 64 ? value.len : 64), value.p,
			    words[i].values[0] == '\0' ? "a whole number"
						       : "one of ",
			    words[i].values);
		return;
	}
	driver_wrong(said, "options",
	    "has the word \"%.*s\", which the library of PostgreSQL does not know",
	    (int)(word.len < 64 ? word.len : 64), word.p);
}

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void
skip_blanks(struct str *s)
{
	while (s->len > 0 && is_blank(s->p[0]))
		*s = str_from(*s, 1);
}

/* A value with quotes, or up to a blank; a backslash keeps what follows. */
static bool
take_value(struct str *s, struct str *value)
{
	bool quoted = s->len > 0 && s->p[0] == '\'';
	size_t i = quoted ? 1 : 0;

	for (; i < s->len; i++) {
		if (quoted ? s->p[i] == '\'' : is_blank(s->p[i]))
			break;
		if (s->p[i] == '\\' && i + 1 < s->len)
			i++;
	}
	if (quoted && i == s->len)
		return false;
	*value = (struct str){ s->p + quoted, i - quoted };
	*s = str_from(*s, i + quoted);
	return true;
}

/* "options" as words=values with blanks between. */
static void
check_options(struct str rest, struct driver_said *said)
{
	for (skip_blanks(&rest); rest.len > 0; skip_blanks(&rest)) {
		struct str word = { .p = rest.p }, value;

		while (word.len < rest.len && rest.p[word.len] != '=' &&
		       !is_blank(rest.p[word.len]))
			word.len++;
		rest = str_from(rest, word.len);
		skip_blanks(&rest);
		if (word.len == 0 || !str_starts(rest, STR("="))) {
			driver_wrong(said, "options",
			    "must be words of the library of PostgreSQL, such as \"connect_timeout=3\", with spaces between");
			return;
		}
		rest = str_from(rest, 1);
		skip_blanks(&rest);
		if (!take_value(&rest, &value)) {
			driver_wrong(said, "options",
			    "has a quote without an end");
			return;
		}
		check_word(word, value, said);
	}
}

void
pgsql_check(const struct conf_source *s, struct driver_said *said)
{
	struct str options = str_of(s->options);

	driver_check_place(s, said);
	/* An address may be there instead; its words are told apart later. */
	if (!str_starts(options, STR("postgresql://")) &&
	    !str_starts(options, STR("postgres://")))
		check_options(options, said);
}
