/* SPDX-License-Identifier: ISC */
/* usage: how often each key called each tool, by day, as the audit tells. */
#include "base/clock.h"
#include "ctl/table.h"

#define DAYS    30
#define DAY_S   INT64_C(86400)
#define DAY_LEN 10

static const struct table_column columns[] = {
	{ "DAY", "day", 0 },
	{ "KEY", "key_id", 0 },
	{ "NAME", "name", TABLE_CUT },
	{ "TOOL", "tool", TABLE_CUT },
	{ "CALLS", "calls", TABLE_RIGHT },
	{ "FAILED", "failed", TABLE_RIGHT },
	{ "ROWS", "rows", TABLE_RIGHT },
	{ "BYTES", "bytes", TABLE_RIGHT },
	{ "MS", "ms", TABLE_RIGHT },
};

/* Names of keys, looked up before the rows come. */
struct named {
	char id[KEY_ID_LEN + 1];
	struct str label;
};

struct listing {
	struct ctl *c;
	struct table *table;
	struct str key, tool; /* empty: all */
	struct named *names;
	size_t n, room;
	bool any;
};

static bool
each_key(void *arg, const struct key *k)
{
	struct listing *l = arg;
	struct arena *a = l->c->arena;
	struct named *to;

	if (l->n == l->room) {
		size_t room = l->room * 2 + 64;

		l->names = arena_grow(a, l->names, l->room * sizeof(*l->names),
		    room * sizeof(*l->names));
		l->room = room;
	}
	to = &l->names[l->n++];
	memcpy(to->id, k->id, sizeof(to->id));
	to->label = arena_dup(a, k->label);
	return true;
}

static struct str
name_of(const struct listing *l, struct str id)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(str_of(l->names[i].id), id))
			return l->names[i].label;
	return STR("");
}

static bool
is_known(const struct listing *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(str_of(l->names[i].id), l->key) ||
		    str_eq(l->names[i].label, l->key))
			return true;
	return false;
}

static bool
each(void *arg, const struct count *c)
{
	struct listing *l = arg;
	struct str name = name_of(l, c->key);
	const int64_t numbers[] = { c->calls, c->failed, c->rows, c->bytes,
		c->ms };

	if ((l->key.len > 0 && !str_eq(c->key, l->key) &&
		!str_eq(name, l->key)) ||
	    (l->tool.len > 0 && !str_eq(c->tool, l->tool)))
		return true;
	l->any = true;
	table_text(l->table, c->day);
	table_text(l->table, c->key);
	table_text(l->table, name);
	table_text(l->table, c->tool);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		table_int(l->table, numbers[i]);
	return true;
}

enum ctl_exit
cmd_usage(struct ctl *c)
{
	struct listing l = { .c = c,
		.key = str_of(ctl_opt(c, OPT_KEY)),
		.tool = str_of(ctl_opt(c, OPT_TOOL)) };
	enum ctl_exit e = ctl_open_store(c);
	struct fault f = { 0 };
	struct str shown = key_shown(l.key);
	char since[CLOCK_TEXT];
	int64_t lines;

	if (e != CTL_DONE)
		return e;
	clock_text(since, (ctl_now() - DAYS * DAY_S) * 1000000);
	if (counts_take(c->store, &lines, &f) != ERR_OK ||
	    key_each(c->store, c->arena, each_key, &l, &f) != ERR_OK)
		return ctl_fault(c, &f);
	l.table = table_new(c, columns, sizeof(columns) / sizeof(columns[0]));
	if (counts_each(c->store,
		ctl_has(c, OPT_ALL) ? STR("") : (struct str){ since, DAY_LEN },
		each, &l, &f) != ERR_OK)
		return ctl_fault(c, &f);
	table_done(l.table);
	if (!l.any && !ctl_has(c, OPT_JSON))
		ctl_say("nothing was asked%s",
		    ctl_has(c, OPT_ALL) ? "" : " in the last 30 days");
	if (!l.any && l.key.len > 0 && !is_known(&l))
		ctl_say("no key is called '%.*s'", (int)shown.len, shown.p);
	return CTL_DONE;
}
