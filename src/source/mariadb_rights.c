/* SPDX-License-Identifier: ISC */
/* What the account may do beyond reading, for mcpctl doctor. */
#include "source/mariadb_int.h"

#define RIGHTS_MS 10000

/* SCOPE_DDL: what a source with ddl = true is for, but not on the whole
 * server. */
enum scope { SCOPE_ANY, SCOPE_GLOBAL, SCOPE_WRITES, SCOPE_DDL };

/* Each right as SHOW GRANTS writes it, and what it means. */
static const struct {
	const char *right;
	enum scope scope;
	const char *sentence;
} risky[] = {
	{ "ALL PRIVILEGES", SCOPE_GLOBAL,
	    "the account may do everything on the server (ALL PRIVILEGES)" },
	{ "ALL PRIVILEGES", SCOPE_ANY,
	    "the account may do everything in a database (ALL PRIVILEGES)" },
	{ "FILE", SCOPE_GLOBAL,
	    "the account may read and write files of the server (FILE)" },
	{ "SUPER", SCOPE_GLOBAL,
	    "the account may change the server and end the sessions of others (SUPER)" },
	{ "PROCESS", SCOPE_GLOBAL,
	    "the account sees the statements of others (PROCESS)" },
	{ "SHUTDOWN", SCOPE_GLOBAL,
	    "the account may stop the server (SHUTDOWN)" },
	{ "RELOAD", SCOPE_GLOBAL,
	    "the account may flush and lock the server (RELOAD)" },
	{ "CREATE USER", SCOPE_GLOBAL,
	    "the account may create accounts (CREATE USER)" },
	{ "CONNECTION ADMIN", SCOPE_GLOBAL,
	    "the account may end the sessions of others (CONNECTION ADMIN)" },
	{ "SET USER", SCOPE_GLOBAL,
	    "the account may act as others (SET USER)" },
	{ "REPLICATION SLAVE", SCOPE_GLOBAL,
	    "the account may read every change on the server (REPLICATION SLAVE)" },
	{ "SELECT", SCOPE_GLOBAL,
	    "the account may read every database of the server, its accounts among them" },
	{ "EXECUTE", SCOPE_ANY,
	    "the account may run functions and procedures, which can change something in a read (EXECUTE)" },
	{ "CREATE", SCOPE_DDL, "the account may create tables (CREATE)" },
	{ "ALTER", SCOPE_DDL, "the account may change tables (ALTER)" },
	{ "DROP", SCOPE_DDL, "the account may drop tables (DROP)" },
	{ "CREATE ROUTINE", SCOPE_ANY,
	    "the account may create procedures (CREATE ROUTINE)" },
	{ "CREATE TEMPORARY TABLES", SCOPE_ANY,
	    "the account may create temporary tables" },
	{ "LOCK TABLES", SCOPE_ANY,
	    "the account may lock tables (LOCK TABLES)" },
	{ "TRIGGER", SCOPE_ANY, "the account may create triggers (TRIGGER)" },
	{ "EVENT", SCOPE_ANY, "the account may create events (EVENT)" },
	{ "INSERT", SCOPE_WRITES,
	    "the account may write tables although the source is read-only (INSERT)" },
	{ "UPDATE", SCOPE_WRITES,
	    "the account may write tables although the source is read-only (UPDATE)" },
	{ "DELETE", SCOPE_WRITES,
	    "the account may write tables although the source is read-only (DELETE)" },
};

#define NRISKY (sizeof(risky) / sizeof(risky[0]))

/* "SELECT, INSERT (`a`, `b`)" holds INSERT. */
static bool
holds(struct str rights, const char *right)
{
	struct str want = str_of(right), one;

	while (str_cut(&rights, ',', &one)) {
		one = str_trim(one);
		if (str_starts(one, want) &&
		    (one.len == want.len || one.p[want.len] == '(' ||
			str_starts(str_from(one, want.len), STR(" ("))))
			return true;
	}
	return false;
}

/* "GRANT rights ON scope TO …"; roles that are given have no scope. */
static bool
split(struct str line, struct str *rights, bool *global, bool *options)
{
	static const char grant[] = "GRANT ", on[] = " ON ";
	size_t at = sizeof(grant) - 1;

	if (!str_starts(line, str_of(grant)))
		return false;
	while (at < line.len && !str_starts(str_from(line, at), str_of(on)))
		at++;
	if (at == line.len)
		return false;
	*rights =
	    (struct str){ line.p + sizeof(grant) - 1, at - sizeof(grant) + 1 };
	*global = str_starts(str_from(line, at), STR(" ON *.* "));
	*options = str_ends(line, STR(" WITH GRANT OPTION"));
	return true;
}

static bool
is_worth(enum scope scope, const struct conf_source *spec, bool global)
{
	return (scope != SCOPE_GLOBAL || global) &&
	       (scope != SCOPE_WRITES || spec->readonly) &&
	       (scope != SCOPE_DDL || !spec->ddl || global);
}

static void
find(const struct mariadb_rows *r, const struct conf_source *spec,
    bool found[static NRISKY], bool *grants)
{
	struct str rights;
	bool global, options;

	for (size_t row = 0; row < r->rows; row++) {
		if (!split(mariadb_cell(r, row, 0), &rights, &global, &options))
			continue;
		*grants = *grants || options;
		for (size_t i = 0; i < NRISKY; i++)
			if (holds(rights, risky[i].right) &&
			    is_worth(risky[i].scope, spec, global))
				found[i] = true;
	}
}

enum err
mariadb_rights(void *conn, struct arena *a,
    void (*say)(void *arg, struct str sentence, const char *change), void *arg,
    struct fault *f)
{
	struct mariadb_conn *c = conn;
	bool found[NRISKY] = { false }, grants = false;
	struct mariadb_rows r = { 0 };
	enum err e;

	mariadb_watch(c, deadline_in(RIGHTS_MS), NULL);
	e = mariadb_begin(c, a, TURN_READ, NULL, f);
	if (e == ERR_OK)
		e = mariadb_ask(c, a, "SHOW GRANTS", NULL, 0, &r, f);
	find(&r, c->spec, found, &grants);
	for (size_t i = 0; e == ERR_OK && i < NRISKY; i++)
		if (found[i])
			say(arg, str_of(risky[i].sentence), NULL);
	if (e == ERR_OK && grants)
		say(arg,
		    STR("the account may give its rights to others (GRANT OPTION)"),
		    NULL);
	mariadb_rollback(c);
	return e;
}
