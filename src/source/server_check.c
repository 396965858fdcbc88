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

/* Words of libpq, and the setting of ours that one is instead of. */
static const struct {
	const char *word, *setting;
} words[] = {
	{ "host", "host" },
	{ "hostaddr", "host" },
	{ "port", "port" },
	{ "dbname", "database" },
	{ "user", "user" },
	{ "password", "password_file" },
	{ "passfile", "password_file" },
	{ "service", "" },
	{ "options", "" },
	{ "sslmode", "tls" },
	{ "sslrootcert", "tls_ca" },
	{ "client_encoding", "" },
	{ "replication", "" },
	{ "application_name", NULL },
	{ "channel_binding", NULL },
	{ "connect_timeout", NULL },
	{ "fallback_application_name", NULL },
	{ "gssdelegation", NULL },
	{ "gssencmode", NULL },
	{ "gsslib", NULL },
	{ "keepalives", NULL },
	{ "keepalives_count", NULL },
	{ "keepalives_idle", NULL },
	{ "keepalives_interval", NULL },
	{ "krbsrvname", NULL },
	{ "load_balance_hosts", NULL },
	{ "max_protocol_version", NULL },
	{ "min_protocol_version", NULL },
	{ "require_auth", NULL },
	{ "requirepeer", NULL },
	{ "scram_client_key", NULL },
	{ "scram_server_key", NULL },
	{ "ssl_max_protocol_version", NULL },
	{ "ssl_min_protocol_version", NULL },
	{ "sslcert", NULL },
	{ "sslcertmode", NULL },
	{ "sslcompression", NULL },
	{ "sslcrl", NULL },
	{ "sslcrldir", NULL },
	{ "sslkey", NULL },
	{ "sslkeylogfile", NULL },
	{ "sslnegotiation", NULL },
	{ "sslpassword", NULL },
	{ "sslsni", NULL },
	{ "target_session_attrs", NULL },
	{ "tcp_user_timeout", NULL },
};

static void
check_word(struct str word, struct driver_said *said)
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
skip_value(struct str *s)
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
	*s = str_from(*s, quoted ? i + 1 : i);
	return true;
}

/* "options" as words=values with blanks between. */
static void
check_options(struct str rest, struct driver_said *said)
{
	for (skip_blanks(&rest); rest.len > 0; skip_blanks(&rest)) {
		struct str word = { .p = rest.p };

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
		if (!skip_value(&rest)) {
			driver_wrong(said, "options",
			    "has a quote without an end");
			return;
		}
		check_word(word, said);
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
