/* SPDX-License-Identifier: ISC */
/*
 * Asking before a write (confirm_writes): it is run once to be counted and
 * rolled back, the user is asked with the count, and a yes runs it once more,
 * for good, if the count still holds.  Nothing is kept meanwhile: count and
 * statement come back with the answer.
 */
#include <inttypes.h>
#include <sodium.h>

#include "tool/sql_int.h"

/* The name of the question, and of the one field of its form. */
#define QUESTION "confirm"
#define FIELD    "goOn"

enum { SHOWN = 300, HASH_HEX = 2 * sizeof(struct cursor_of) + 1 };

enum rule { RULE_RUN, RULE_ASK, RULE_REFUSE };

static bool
can_ask(const struct tool_call *c)
{
	return c->asking != NULL && c->asking->form;
}

/* The site's word, and the token's for the clients that cannot be asked. */
static enum rule
rule_of(const struct tool_call *c)
{
	int key = c->who->key.confirm;
	bool ask = c->conf->confirm_writes == CONFIRM_ASK ||
		   key == CONFIRM_ASK || key == CONFIRM_REFUSE;

	if (c->conf->confirm_writes == CONFIRM_REFUSE)
		return RULE_REFUSE;
	if (!ask)
		return RULE_RUN;
	if (can_ask(c))
		return RULE_ASK;
	return key == CONFIRM_ALLOW ? RULE_RUN : RULE_REFUSE;
}

static enum err
refuse(const struct tool_call *c, struct fault *f)
{
	if (c->conf->confirm_writes == CONFIRM_REFUSE)
		return fault_set(f, ERR_PERMISSION_DENIED,
		    "writes are switched off here");
	fault_hint(f,
	    "Use a client with elicitation, or a token that may write without");
	return fault_set(f, ERR_PERMISSION_DENIED,
	    "the user must agree to a write, and this client cannot ask; nothing was changed");
}

static bool changes_rows(enum sql_class class)
{
	return class == SQL_INSERT || class == SQL_UPDATE ||
	       class == SQL_DELETE || class == SQL_MERGE;
}

/* Can it be run, counted and rolled back?  A change of the structure and a
 * procedure may commit by themselves, and some engines keep all. */
static bool
countable(const struct sql_job *j, enum sql_class class)
{
	const struct tool_call *c = j->run->call;
	const struct source_driver *d = source_engine(c->sources, j->source);

	return changes_rows(class) && (d->caps & SOURCE_NO_WAY_BACK) == 0 &&
	       !c->conf->sources[j->source].unsafe_engines;
}

static bool
writes(const struct sql_job *j, enum sql_class class)
{
	return (changes_rows(class) || class == SQL_DDL || class == SQL_CALL) &&
	       !j->ask.describe && !j->ask.explain && !j->ask.dry_run;
}

/* Statement, values and source as hex: what the user agreed to. */
static void
what_of(const struct sql_job *j, char hex[static HASH_HEX])
{
	struct cursor_of of = job_hash(j);

	sodium_bin2hex(hex, HASH_HEX, of.hash, sizeof(of.hash));
}

/* The count the user was asked about, if it was about this statement. */
static bool
asked_before(struct sql_job *j)
{
	const struct tool_asking *a = j->run->call->asking;
	char hex[HASH_HEX];
	struct fault ours = { 0 };
	json_t *state = NULL;
	const json_t *count;

	if (a->answers == NULL || str_is_empty(a->state) ||
	    json_parse(j->run->call->arena, a->state, &json_limits_default,
		&state, &ours) != ERR_OK)
		return false;
	what_of(j, hex);
	count = json_member(state, "count");
	if (!json_is_integer(count) ||
	    !str_eq(json_text(json_member(state, "what")), str_of(hex)))
		return false;
	j->agreed = json_integer_value(count);
	return true;
}

static bool
said_yes(const struct tool_asking *a)
{
	const json_t *reply = json_member(a->answers, QUESTION);
	const json_t *content = json_member(reply, "content");

	return str_eq(json_text(json_member(reply, "action")), STR("accept")) &&
	       json_is_true(json_member(content, FIELD));
}

/* A yes is used up before anything runs, so that no repetition of it, and no
 * engine without a way back, can do it twice. */
static enum err
answered(struct sql_job *j, struct fault *f)
{
	const struct tool_asking *a = j->run->call->asking;

	if (!said_yes(a))
		return fault_set(f, ERR_CANCELLED,
		    "the user did not agree, so nothing was changed");
	j->confirm = CONFIRM_AGREED;
	return a->once(a, f);
}

enum err
confirm_begin(struct sql_job *j, const struct gate *g, struct fault *f)
{
	const struct tool_call *c = j->run->call;

	if (!writes(j, g->class))
		return ERR_OK;
	switch (rule_of(c)) {
	case RULE_RUN:
		return ERR_OK;
	case RULE_REFUSE:
		return refuse(c, f);
	case RULE_ASK:
		break;
	}
	if (asked_before(j))
		return answered(j, f);
	j->confirm = countable(j, g->class) ? CONFIRM_COUNTED : CONFIRM_PLAIN;
	j->ask.dry_run = j->confirm == CONFIRM_COUNTED;
	/* Not run at all: confirm_open knows it for what it is. */
	return j->confirm == CONFIRM_PLAIN
		   ? fault_set(f, ERR_CANCELLED, "the user is asked first")
		   : ERR_OK;
}

bool
confirm_open(struct sql_job *j, enum err e)
{
	switch (j->confirm) {
	case CONFIRM_PLAIN:
		return true;
	case CONFIRM_COUNTED:
		j->ask.dry_run = false;
		return e == ERR_OK && j->done.affected != 0;
	case CONFIRM_AGREED:
		return e == ERR_OK && countable(j, j->gate.class) &&
		       j->done.affected != j->agreed;
	case CONFIRM_NOT:
		break;
	}
	return false;
}

/* 1,240 */
static void
grouped(struct buf *b, int64_t n)
{
	char digits[24];
	size_t len = buf_decimal(digits, n);

	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			buf_char(b, ',');
		buf_char(b, digits[i]);
	}
}

/* "shop.orders", or "shop" where the table is not the first one named. */
static void
target(struct buf *b, const struct sql_job *j)
{
	const struct gate *g = &j->gate;

	buf_str(b, str_of(j->run->call->conf->sources[j->source].name));
	if (g->ntables == 0 || !str_eq(g->first, g->verb))
		return;
	buf_char(b, '.');
	buf_str(b, g->tables[0]);
}

static struct str
question(const struct sql_job *j)
{
	static const struct {
		const char *does, *to;
	} effects[] = {
		[SQL_INSERT] = { "adds", "to" },
		[SQL_UPDATE] = { "changes", "of" },
		[SQL_DELETE] = { "removes", "from" },
		[SQL_MERGE] = { "changes", "of" },
	};
	const struct gate *g = &j->gate;
	struct buf b;

	buf_init(&b, j->run->call->arena, 4096);
	buf_lit(&b, "This ");
	for (size_t i = 0; i < g->verb.len && i < 20; i++)
		buf_char(&b, g->verb.p[i] >= 'a' && g->verb.p[i] <= 'z'
				 ? (char)(g->verb.p[i] - 'a' + 'A')
				 : g->verb.p[i]);
	if (g->class == SQL_DDL) {
		buf_lit(&b, " changes the structure of ");
	} else if (g->class == SQL_CALL) {
		buf_lit(&b, " runs a procedure of ");
	} else if (!countable(j, g->class)) {
		buf_fmt(&b, " %s rows %s ", effects[g->class].does,
		    effects[g->class].to);
	} else {
		buf_fmt(&b, " %s ", effects[g->class].does);
		grouped(&b, j->done.affected);
		buf_str(&b,
		    j->done.affected == 1 ? STR(" row ") : STR(" rows "));
		buf_fmt(&b, "%s ", effects[g->class].to);
	}
	target(&b, j);
	buf_lit(&b, ". Go on?");
	return buf_text(&b);
}

/* The text without its last, perhaps broken, character, and a sign for it. */
static struct str
shorten(struct arena *a, struct str text)
{
	size_t n = SHOWN;

	if (text.len <= n)
		return text;
	while (n > 0 && ((unsigned char)text.p[n] & 0xc0) == 0x80)
		n--;
	return arena_fmt(a, "%.*s …", (int)n, text.p);
}

/* "UPDATE orders SET … WHERE id = @id; id = 7", as far as a person reads it;
 * of a configured statement the name of its tool. */
static struct str
shown(const struct sql_job *j)
{
	struct arena *a = j->run->call->arena;
	struct str text = j->whole.p != NULL ? j->whole : j->ask.text;
	struct json_out out;
	struct buf b;

	buf_init(&b, a, 4 * SHOWN + 1024);
	buf_str(&b,
	    shorten(a, j->configured == NULL ? text : str_of(j->configured)));
	for (size_t i = 0; i < j->ask.nparams && b.len < 2 * SHOWN; i++) {
		const struct param *p = &j->ask.params[i];

		buf_fmt(&b, "%s%.*s = ", i == 0 ? "; " : ", ", (int)p->name.len,
		    p->name.p);
		json_out_init(&out, &b, NULL);
		rows_value(&out, NULL, &p->value, SHOWN / 2);
	}
	return buf_text(&b);
}

static struct str
request(const struct sql_job *j)
{
	struct str message = question(j), about = shown(j);
	struct json_out out;
	struct buf b;

	buf_init(&b, j->run->call->arena, 16 << 10);
	json_out_init(&out, &b, NULL);
	json_obj(&out, NULL);
	json_obj(&out, QUESTION);
	json_z(&out, "method", "elicitation/create");
	json_obj(&out, "params");
	json_z(&out, "mode", "form");
	json_str(&out, "message", message.p, message.len);
	json_obj(&out, "requestedSchema");
	json_z(&out, "type", "object");
	json_obj(&out, "properties");
	json_obj(&out, FIELD);
	json_z(&out, "type", "boolean");
	json_z(&out, "title", "Go on");
	json_str(&out, "description", about.p, about.len);
	json_bool(&out, "default", false);
	json_end(&out);
	json_end(&out);
	json_arr(&out, "required");
	json_z(&out, NULL, FIELD);
	json_end(&out);
	for (int i = 0; i < 4; i++)
		json_end(&out);
	return buf_text(&b);
}

enum err
confirm_ask(struct sql_job *j, struct fault *f)
{
	struct run *r = j->run;
	char hex[HASH_HEX];
	enum err e = source_finish(r->call->sources, j->source, false, f);

	if (e != ERR_OK)
		return e;
	*f = (struct fault){ 0 };
	what_of(j, hex);
	r->result->ask = request(j);
	r->result->state =
	    arena_fmt(r->call->arena, "{\"count\":%" PRId64 ",\"what\":\"%s\"}",
		countable(j, j->gate.class) ? j->done.affected : -1, hex);
	return ERR_OK;
}
