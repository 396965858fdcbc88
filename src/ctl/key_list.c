/* SPDX-License-Identifier: ISC */
/* key list, key show. */
#include "base/clock.h"
#include "ctl/rights.h"
#include "ctl/table.h"

static const struct table_column columns[] = {
	{ "ID", "id", 0 },
	{ "NAME", "name", TABLE_CUT },
	{ "STATUS", "status", 0 },
	{ "SCOPES", "scopes", 0 },
	{ "SOURCES", "sources", TABLE_CUT },
	{ "OWNER", "owner", TABLE_CUT },
	{ "EXPIRES", "expires", 0 },
	{ "USED", "used", 0 },
};

struct listing {
	struct ctl *c;
	struct table *table; /* NULL: JSON, all members of each */
	int64_t now_s;
	bool all;
};

static void
text_row(struct listing *l, const struct key *k)
{
	struct table *t = l->table;
	struct str grants = grants_text(l->c->arena, k);

	table_text(t, str_of(k->id));
	table_text(t, k->label);
	table_text(t, str_of(key_status(k, l->now_s)));
	table_text(t, scopes_text(k->scopes));
	if (grants.len == 0 && k->environment.len > 0)
		grants = arena_fmt(l->c->arena, "(all of %.*s)",
		    (int)k->environment.len, k->environment.p);
	table_text(t, grants.len > 0 ? grants : STR("(all)"));
	table_text(t, k->owner);
	table_time(t, k->expires_s, "never");
	table_time(t, k->used_s, "never");
}

static bool
each(void *arg, const struct key *k)
{
	struct listing *l = arg;

	if (!l->all && !str_eq(str_of(key_status(k, l->now_s)), STR("active")))
		return true;
	if (l->table != NULL) {
		text_row(l, k);
		return true;
	}
	json_obj(&l->c->json, NULL);
	key_json(l->c, k, l->now_s);
	json_end(&l->c->json);
	return true;
}

enum ctl_exit
cmd_key_list(struct ctl *c)
{
	struct listing l = { c, NULL, ctl_now(), ctl_has(c, OPT_ALL) };
	struct fault f = { 0 };
	enum ctl_exit e = ctl_open_store(c);

	if (e != CTL_DONE)
		return e;
	if (ctl_has(c, OPT_JSON))
		json_arr(&c->json, NULL);
	else
		l.table =
		    table_new(c, columns, sizeof(columns) / sizeof(columns[0]));
	if (key_each(c->store, c->arena, each, &l, &f) != ERR_OK) {
		json_out_init(&c->json, &c->out, NULL);
		return ctl_fault(c, &f);
	}
	if (l.table != NULL) {
		table_done(l.table);
		if (c->out.len == 0)
			ctl_say(
			    "there are no keys; make one: mcpctl key create NAME");
		return CTL_DONE;
	}
	json_end(&c->json);
	buf_char(&c->out, '\n');
	return CTL_DONE;
}

static void
line(struct ctl *c, const char *name, struct str value, const char *none)
{
	if (value.len > 0)
		buf_fmt(&c->out, "%-13s%.*s\n", name, (int)value.len, value.p);
	else if (none != NULL)
		buf_fmt(&c->out, "%-13s%s\n", name, none);
}

static void
time_line(struct ctl *c, const char *name, int64_t s, const char *none)
{
	char text[CLOCK_TEXT];
	struct str shown = { 0 };

	if (s != 0) {
		clock_text(text, s * 1000000);
		shown = arena_fmt(c->arena, "%.19sZ", text);
	}
	line(c, name, shown, none);
}

static void
show_text(struct ctl *c, const struct key *k)
{
	static const char *const confirm[] = { [CONFIRM_ALLOW] = "allow",
		[CONFIRM_ASK] = "ask",
		[CONFIRM_REFUSE] = "refuse" };

	line(c, "id", str_of(k->id), NULL);
	line(c, "name", k->label, "");
	line(c, "status", str_of(key_status(k, ctl_now())), NULL);
	line(c, "scopes", scopes_text(k->scopes), NULL);
	line(c, "sources", grants_text(c->arena, k),
	    k->environment.len > 0
		? "every one of the environment, with the scopes' usual verbs"
		: "every one, with the scopes' usual verbs");
	line(c, "environment", k->environment, NULL);
	line(c, "owner", k->owner, NULL);
	line(c, "user", k->user, NULL);
	line(c, "addresses", k->addresses, "any");
	line(c, "rate", rate_text(c->arena, &k->rate), "as configured");
	line(c, "confirm", str_of(k->confirm < 0 ? NULL : confirm[k->confirm]),
	    "as configured");
	if (k->max_rows > 0)
		buf_fmt(&c->out, "%-13s%lld\n", "max rows",
		    (long long)k->max_rows);
	time_line(c, "created", k->created_s, NULL);
	time_line(c, "expires", k->expires_s, "never");
	time_line(c, "revoked", k->revoked_s, NULL);
	time_line(c, "last used", k->used_s, "never");
}

enum ctl_exit
cmd_key_show(struct ctl *c)
{
	struct key k = { 0 };
	enum ctl_exit e = ctl_open_store(c);

	if (e == CTL_DONE)
		e = ctl_find_key(c, c->args[0], &k);
	if (e != CTL_DONE)
		return e;
	if (!ctl_has(c, OPT_JSON)) {
		show_text(c, &k);
		return CTL_DONE;
	}
	json_obj(&c->json, NULL);
	key_json(c, &k, ctl_now());
	json_end(&c->json);
	buf_char(&c->out, '\n');
	return CTL_DONE;
}
