/* SPDX-License-Identifier: ISC */
/* A key as words and as JSON; its secret is never in it. */
#include "base/clock.h"
#include "base/verb.h"
#include "ctl/rights.h"

static const char *const confirm_names[] = {
	[CONFIRM_ALLOW] = "allow",
	[CONFIRM_ASK] = "ask",
	[CONFIRM_REFUSE] = "refuse",
};

struct str
scopes_text(unsigned scopes)
{
	if (scopes == (SCOPE_READ | SCOPE_WRITE))
		return STR("read,write");
	return scopes == SCOPE_WRITE ? STR("write") : STR("read");
}

struct str
rate_text(struct arena *a, const struct conf_rate *r)
{
	const char *unit = r->window_s == 1      ? "s"
			   : r->window_s == 60   ? "min"
			   : r->window_s == 3600 ? "h"
						 : "d";

	if (!r->set)
		return STR("");
	return arena_fmt(a, "%u/%s", r->count, unit);
}

struct str
grants_text(struct arena *a, const struct key *k)
{
	struct buf b;

	buf_init(&b, a, 1u << 20);
	for (size_t i = 0; i < k->ngrants; i++) {
		if (i > 0)
			buf_char(&b, ' ');
		buf_str(&b, k->grants[i].source);
		buf_char(&b, ':');
		buf_str(&b, verbs_text(a, k->grants[i].verbs));
	}
	return b.len == 0 ? STR("") : buf_text(&b);
}

const char *
key_status(const struct key *k, int64_t now_s)
{
	if (k->revoked_s != 0 && k->revoked_s <= now_s)
		return "revoked";
	if (k->expires_s != 0 && k->expires_s <= now_s)
		return "expired";
	return "active";
}

static void
member_list(struct json_out *o, const char *name, struct str list)
{
	struct str one;

	json_arr(o, name);
	while (list.len > 0 && str_cut(&list, ',', &one))
		json_str(o, NULL, one.p, one.len);
	json_end(o);
}

static void
member_time(struct json_out *o, const char *name, int64_t s)
{
	char text[CLOCK_TEXT];

	if (s == 0) {
		json_nil(o, name);
		return;
	}
	clock_text(text, s * 1000000);
	(void)memcpy(text + 19, "Z", 2);
	json_z(o, name, text);
}

static void
member_text(struct json_out *o, const char *name, struct str s)
{
	if (s.len == 0)
		json_nil(o, name);
	else
		json_str(o, name, s.p, s.len);
}

static void
grants_json(struct ctl *c, const struct key *k)
{
	struct json_out *o = &c->json;

	if (k->ngrants == 0) {
		json_nil(o, "sources");
		return;
	}
	json_obj(o, "sources");
	for (size_t i = 0; i < k->ngrants; i++)
		member_list(o, arena_z(c->arena, k->grants[i].source),
		    verbs_text(c->arena, k->grants[i].verbs));
	json_end(o);
}

void
key_json(struct ctl *c, const struct key *k, int64_t now_s)
{
	struct json_out *o = &c->json;

	json_z(o, "id", k->id);
	json_str(o, "name", k->label.p, k->label.len);
	json_z(o, "status", key_status(k, now_s));
	member_list(o, "scopes", scopes_text(k->scopes));
	grants_json(c, k);
	member_text(o, "environment", k->environment);
	member_text(o, "owner", k->owner);
	member_text(o, "user", k->user);
	member_list(o, "addresses", k->addresses);
	member_text(o, "rate", rate_text(c->arena, &k->rate));
	if (k->confirm < 0)
		json_nil(o, "confirm");
	else
		json_z(o, "confirm", confirm_names[k->confirm]);
	if (k->max_rows == 0)
		json_nil(o, "max_rows");
	else
		json_int(o, "max_rows", k->max_rows);
	member_time(o, "created", k->created_s);
	member_time(o, "expires", k->expires_s);
	member_time(o, "revoked", k->revoked_s);
	member_time(o, "used", k->used_s);
}
