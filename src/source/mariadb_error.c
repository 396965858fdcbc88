/* SPDX-License-Identifier: ISC */
/*
 * What the server says, in the words of tools.md 1.8: the code by its number,
 * its own sentence only where it speaks of the caller's text.
 */
#include <string.h>

#include <errmsg.h>

#include "source/mariadb_int.h"

#define NUMBERS_OF_FILES 1036 /* up to here they are about files, or errno */

static const char no_account[] =
    "the source does not take the account it was configured with";
static const char no_right[] =
    "the account of the source has no right to do this";
static const char broke_off[] = "the connection to the source broke off";
static const char leaves[] =
    "this statement would end the transaction it runs in";
static const char too_large[] = "a value or row is larger than it may be";

/* By number; without words the server's own sentence is passed on. */
static const struct state {
	unsigned number;
	enum err code;
	const char *words;
} states[] = {
	{ 1021, ERR_SOURCE_UNREACHABLE, "the server's disk is full" },
	{ 1037, ERR_TOO_LARGE, "the server has no memory for this" },
	{ 1038, ERR_TOO_LARGE, "the server has no memory for this" },
	{ 1040, ERR_BUSY, "the server has no connection to spare" },
	{ 1041, ERR_TOO_LARGE, "the server has no memory for this" },
	{ 1044, ERR_PERMISSION_DENIED, no_right },
	{ 1045, ERR_SOURCE_AUTH_FAILED, no_account },
	{ 1046, ERR_SQL_ERROR, NULL },
	{ 1047, ERR_SOURCE_UNREACHABLE,
	    "this node of the cluster serves nobody at present" },
	{ 1048, ERR_CONSTRAINT_VIOLATION, NULL },
	{ 1049, ERR_SCHEMA_NOT_FOUND, NULL },
	{ 1053, ERR_SOURCE_UNREACHABLE, "the server is shutting down" },
	{ 1054, ERR_COLUMN_NOT_FOUND, NULL },
	{ 1062, ERR_CONSTRAINT_VIOLATION,
	    "a value that must be unique is there already" },
	{ 1064, ERR_SQL_SYNTAX, NULL },
	{ 1065, ERR_SQL_SYNTAX, "there is no statement" },
	{ 1104, ERR_TOO_LARGE, NULL },
	{ 1114, ERR_SOURCE_UNREACHABLE, "the server's disk is full" },
	{ 1129, ERR_SOURCE_UNREACHABLE,
	    "the server takes no more connections from here" },
	{ 1130, ERR_SOURCE_AUTH_FAILED,
	    "the source does not let this account in from here" },
	{ 1141, ERR_PERMISSION_DENIED, no_right },
	{ 1142, ERR_PERMISSION_DENIED, no_right },
	{ 1143, ERR_PERMISSION_DENIED, no_right },
	{ 1146, ERR_TABLE_NOT_FOUND, NULL },
	{ 1147, ERR_PERMISSION_DENIED, no_right },
	{ 1149, ERR_SQL_SYNTAX, NULL },
	{ 1153, ERR_TOO_LARGE, too_large },
	{ 1158, ERR_SOURCE_UNREACHABLE, broke_off },
	{ 1159, ERR_SOURCE_UNREACHABLE, broke_off },
	{ 1160, ERR_SOURCE_UNREACHABLE, broke_off },
	{ 1161, ERR_SOURCE_UNREACHABLE, broke_off },
	{ 1169, ERR_CONSTRAINT_VIOLATION,
	    "a value that must be unique is there already" },
	{ 1184, ERR_SOURCE_UNREACHABLE, broke_off },
	{ 1203, ERR_BUSY, "the server has no connection to spare" },
	{ 1205, ERR_BUSY, "a lock was not to be had" },
	{ 1213, ERR_BUSY,
	    "another transaction and this one waited for each other; nothing was changed" },
	{ 1216, ERR_CONSTRAINT_VIOLATION, NULL },
	{ 1217, ERR_CONSTRAINT_VIOLATION, NULL },
	{ 1226, ERR_BUSY, "the account has used up what it is given" },
	{ 1227, ERR_PERMISSION_DENIED, no_right },
	{ 1251, ERR_SOURCE_AUTH_FAILED, no_account },
	{ 1290, ERR_READ_ONLY, "the server takes no writes" },
	{ 1295, ERR_STATEMENT_NOT_ALLOWED,
	    "this statement cannot be used here" },
	{ 1317, ERR_CANCELLED, "the call was cancelled" },
	{ 1364, ERR_CONSTRAINT_VIOLATION, NULL },
	{ 1370, ERR_PERMISSION_DENIED, no_right },
	{ 1399, ERR_STATEMENT_NOT_ALLOWED, leaves },
	{ 1400, ERR_STATEMENT_NOT_ALLOWED, leaves },
	{ 1440, ERR_BUSY, "another call is in its transaction" },
	{ 1449, ERR_SQL_ERROR,
	    "a view or routine belongs to an account that the server does not have" },
	{ 1451, ERR_CONSTRAINT_VIOLATION, NULL },
	{ 1452, ERR_CONSTRAINT_VIOLATION, NULL },
	{ 1568, ERR_STATEMENT_NOT_ALLOWED, leaves },
	{ 1586, ERR_CONSTRAINT_VIOLATION,
	    "a value that must be unique is there already" },
	{ 1698, ERR_SOURCE_AUTH_FAILED, no_account },
	{ 1792, ERR_READ_ONLY, "a read cannot change anything" },
	{ 1820, ERR_SOURCE_AUTH_FAILED,
	    "the password of the source's account has expired" },
	{ 1836, ERR_READ_ONLY, "the server takes no writes" },
	{ 1862, ERR_SOURCE_AUTH_FAILED,
	    "the password of the source's account has expired" },
	{ 1927, ERR_SOURCE_UNREACHABLE, broke_off },
	{ 1969, ERR_TIMEOUT, NULL },
	{ 3024, ERR_TIMEOUT, NULL },
	{ 3819, ERR_CONSTRAINT_VIOLATION, NULL },
	{ 4025, ERR_CONSTRAINT_VIOLATION, NULL },
	{ 4151, ERR_SOURCE_AUTH_FAILED, no_account },
	{ CR_CONNECTION_ERROR, ERR_SOURCE_UNREACHABLE,
	    "the server of the source cannot be reached" },
	{ CR_CONN_HOST_ERROR, ERR_SOURCE_UNREACHABLE,
	    "the server of the source cannot be reached" },
	{ CR_UNKNOWN_HOST, ERR_SOURCE_UNREACHABLE,
	    "the host of the source is not known" },
	{ CR_OUT_OF_MEMORY, ERR_TOO_LARGE, too_large },
	{ CR_SERVER_LOST, ERR_SOURCE_UNREACHABLE, broke_off },
	{ CR_SERVER_GONE_ERROR, ERR_SOURCE_UNREACHABLE, broke_off },
	{ CR_NET_PACKET_TOO_LARGE, ERR_TOO_LARGE, too_large },
	{ CR_SSL_CONNECTION_ERROR, ERR_SOURCE_UNREACHABLE,
	    "the server does not speak TLS as the source wants it" },
	{ CR_MALFORMED_PACKET, ERR_SOURCE_UNREACHABLE, broke_off },
	{ CR_AUTH_PLUGIN_CANNOT_LOAD, ERR_SOURCE_AUTH_FAILED,
	    "the server wants to be shown the password in a way that is not given" },
};

static const struct state *
state_of(unsigned number)
{
	static const struct state other = { 0, ERR_SQL_ERROR, NULL },
				  file = { 0, ERR_SOURCE_UNREACHABLE,
					  "the server cannot read its files" },
				  client = { 0, ERR_SOURCE_UNREACHABLE,
					  broke_off };

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (states[i].number == number)
			return &states[i];
	if (number > 0 && number <= NUMBERS_OF_FILES)
		return &file;
	return number >= CR_MIN_ERROR && number <= 2999 ? &client : &other;
}

bool
mariadb_is_gone(unsigned number)
{
	return number == 1040 || number == 1203 ||
	       state_of(number)->code == ERR_SOURCE_UNREACHABLE;
}

/* What stands in the first quotes: Table 'shop.custmers' doesn't exist. */
static struct str
quoted_name(struct str text)
{
	struct str rest = text, name = { 0 }, last;

	(void)str_cut(&rest, '\'', &name);
	(void)str_cut(&rest, '\'', &name);
	last = name;
	while (str_cut(&name, '.', &last))
		;
	return last;
}

static enum err
missing_table(struct mariadb_conn *c, struct str text, struct fault *f)
{
	struct str name = quoted_name(text);

	c->hint_table = arena_dup(c->later, name);
	return fault_set(f, ERR_TABLE_NOT_FOUND, "no such table: %.*s",
	    (int)name.len, name.p);
}

static enum err
missing_column(struct mariadb_conn *c, struct str text, struct fault *f)
{
	struct str name = quoted_name(text);

	c->hint_column = arena_dup(c->later, name);
	return fault_set(f, ERR_COLUMN_NOT_FOUND, "no such column: %.*s",
	    (int)name.len, name.p);
}

/* "... right syntax to use near 'x' at line 1": what stands near. */
static enum err
wrong_syntax(struct str text, const struct mariadb_text *t, struct fault *f)
{
	static const char use[] = "to use near '", line[] = "' at line ";
	struct str near = { 0 };
	size_t at = 0, end = text.len;

	while (at < text.len && !str_starts(str_from(text, at), str_of(use)))
		at++;
	while (end > at && !str_starts(str_from(text, end), str_of(line)))
		end--;
	if (at < end)
		near = (struct str){ text.p + at + sizeof(use) - 1,
			end - at - sizeof(use) + 1 };
	if (t == NULL || at >= end)
		return fault_set(f, ERR_SQL_SYNTAX,
		    "the statement is not understood");
	f->position = mariadb_place(t, near);
	near = utf8_cut(near, 40);
	if (near.len == 0)
		return fault_set(f, ERR_SQL_SYNTAX,
		    "syntax error at the end of the statement");
	return fault_set(f, ERR_SQL_SYNTAX, "syntax error near '%.*s'",
	    (int)near.len, near.p);
}

/* The server's sentence without the values in it. */
static struct str
cleaned(struct arena *a, struct str text)
{
	struct str head = text, rest;
	size_t at = 0;

	while (at < text.len && !str_starts(str_from(text, at), STR(": '")))
		at++;
	if (at == text.len)
		return text;
	head.len = at;
	rest = str_from(text, at);
	for (at = 0; at < rest.len; at++)
		if (str_starts(str_from(rest, at), STR("' for ")))
			break;
	rest = str_from(rest, at < rest.len ? at + 1 : rest.len);
	return arena_fmt(a, "%.*s%.*s", (int)head.len, head.p, (int)rest.len,
	    rest.p == NULL ? "" : rest.p);
}

/* Once a statement with rules runs, the server's words may hold what the
 * caller may not read. */
static bool
is_closed(const struct mariadb_conn *c, const struct mariadb_text *t)
{
	return c->rules && t == NULL;
}

static enum err
by_number(struct mariadb_conn *c, unsigned number, struct str text,
    const struct mariadb_text *t, struct fault *f)
{
	const struct state *s = state_of(number);

	if (s->code == ERR_TIMEOUT && c->run.why == ERR_OK)
		c->run.why = ERR_TIMEOUT; /* the server's own limit */
	if (c->run.why != ERR_OK && c->up)
		return running_fault(c->run.why, c->run.limit_ms, f);
	if (s->words != NULL)
		return fault_set(f, s->code, "%s", s->words);
	if (is_closed(c, t))
		return fault_set(f, s->code,
		    "the source could not work this out");
	if (s->code == ERR_TABLE_NOT_FOUND)
		return missing_table(c, text, f);
	if (s->code == ERR_COLUMN_NOT_FOUND)
		return missing_column(c, text, f);
	if (s->code == ERR_SQL_SYNTAX)
		return wrong_syntax(text, t, f);
	text = cleaned(c->later, text);
	return fault_set(f, s->code, "%.*s", (int)text.len, text.p);
}

enum err
mariadb_fault(struct mariadb_conn *c, MYSQL_STMT *st,
    const struct mariadb_text *t, struct fault *f)
{
	unsigned number = st != NULL ? mysql_stmt_errno(st) : 0;
	const char *text = st != NULL ? mysql_stmt_error(st) : "";

	if (number == 0) {
		number = mysql_errno(c->h);
		text = mysql_error(c->h);
	}
	/* What the library says of a packet past its ceiling. */
	if (number == CR_SERVER_LOST && c->h->net.error == 1)
		number = CR_NET_PACKET_TOO_LARGE;
	fault_log(f, "%u: %s (%d)", number, text, c->h->net.error);
	/* Whatever the library itself complains of leaves it in the middle. */
	if (number == 0 || (number >= CR_MIN_ERROR && number <= 2999) ||
	    mariadb_is_gone(number))
		c->lost = true;
	return by_number(c, number, str_of(text), t, f);
}

/* At the door some numbers mean something else. */
static const struct state at_the_door[] = {
	{ 1044, ERR_SOURCE_AUTH_FAILED,
	    "the account of the source may not use its database" },
	{ 1049, ERR_SOURCE_UNREACHABLE,
	    "the server has no database of that name" },
};

enum err
mariadb_open_fault(struct mariadb_conn *c, struct fault *f)
{
	unsigned number = c->h == NULL ? 0 : mysql_errno(c->h);
	const char *text = c->h == NULL ? "" : mysql_error(c->h);

	if (c->plain)
		fault_log(f, "%s: it has no TLS", c->spec->name);
	else if (number == 0)
		fault_log(f, "%s: it took the connection and does not serve",
		    c->spec->name);
	else
		fault_log(f, "%s: %u: %s", c->spec->name, number, text);
	for (size_t i = 0; i < 2; i++)
		if (at_the_door[i].number == number)
			return fault_set(f, at_the_door[i].code, "%s",
			    at_the_door[i].words);
	if (c->plain)
		number = CR_SSL_CONNECTION_ERROR;
	if (number == CR_SSL_CONNECTION_ERROR &&
	    (strstr(text, "ertificate") != NULL ||
		strstr(text, "verif") != NULL ||
		strstr(text, "alidation") != NULL))
		return fault_set(f, ERR_SOURCE_UNREACHABLE,
		    "the certificate of the server cannot be verified");
	if (number == 0 || number == CR_SERVER_LOST ||
	    state_of(number)->words == NULL)
		return fault_set(f, ERR_SOURCE_UNREACHABLE,
		    "the server of the source cannot be reached");
	return by_number(c, number, str_of(text), NULL, f);
}
