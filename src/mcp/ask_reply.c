/* SPDX-License-Identifier: ISC */
/*
 * Replies to questions: does one hold what was asked for?  A form is checked
 * against the schema that was sent; what nobody asked for is left out.
 */
#include "base/clock.h"
#include "mcp/ask_int.h"
#include "json/schema.h"

static bool
digits(struct str s, size_t at, size_t n, int min, int max, int *out)
{
	int v = 0;

	if (s.len < at + n)
		return false;
	for (size_t i = at; i < at + n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = 10 * v + (s.p[i] - '0');
	}
	*out = v;
	return v >= min && v <= max;
}

/* 2026-02-28 */
static bool
is_date(struct str s)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	int y, m, d;

	if (s.len != 10 || s.p[4] != '-' || s.p[7] != '-' ||
	    !digits(s, 0, 4, 0, 9999, &y) || !digits(s, 5, 2, 1, 12, &m) ||
	    !digits(s, 8, 2, 1, 31, &d))
		return false;
	if (m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0))
		return d <= 29;
	return d <= days[m - 1];
}

/* Z or +01:30 */
static bool
is_zone(struct str s)
{
	int v;

	if (s.len == 1)
		return s.p[0] == 'Z' || s.p[0] == 'z';
	return s.len == 6 && (s.p[0] == '+' || s.p[0] == '-') &&
	       s.p[3] == ':' && digits(s, 1, 2, 0, 23, &v) &&
	       digits(s, 4, 2, 0, 59, &v);
}

/* RFC 3339; a second of 60 is a leap second. */
static bool
is_date_time(struct str s)
{
	size_t at = 19;
	int v;

	if (s.len < 20 || !is_date((struct str){ s.p, 10 }) ||
	    (s.p[10] != 'T' && s.p[10] != 't') || s.p[13] != ':' ||
	    s.p[16] != ':' || !digits(s, 11, 2, 0, 23, &v) ||
	    !digits(s, 14, 2, 0, 59, &v) || !digits(s, 17, 2, 0, 60, &v))
		return false;
	if (s.p[at] == '.') {
		size_t from = ++at;

		while (at < s.len && s.p[at] >= '0' && s.p[at] <= '9')
			at++;
		if (at == from)
			return false;
	}
	return is_zone(str_from(s, at));
}

static bool
printable(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f)
			return false;
	return s.len > 0;
}

/* Something, one '@', and a name with no dot at its ends; mail decides the
 * rest. */
static bool
is_email(struct str s)
{
	struct str rest = s, local, domain;

	if (!printable(s) || s.len > 254 || !str_cut(&rest, '@', &local) ||
	    !str_cut(&rest, '@', &domain) || rest.p != NULL)
		return false;
	return local.len > 0 && domain.len > 0 && domain.p[0] != '.' &&
	       domain.p[domain.len - 1] != '.';
}

/* A scheme, a colon and more (RFC 3986 3). */
static bool
is_uri(struct str s)
{
	size_t n = 0;

	if (!printable(s))
		return false;
	while (n < s.len && s.p[n] != ':') {
		char c = (char)(s.p[n] | 0x20);
		bool letter = c >= 'a' && c <= 'z';

		if (!letter &&
		    (n == 0 || strchr("0123456789+-.", s.p[n]) == NULL))
			return false;
		n++;
	}
	return n > 0 && n + 1 < s.len;
}

static bool
format_fits(struct str format, struct str text)
{
	static const struct {
		const char *name;
		bool (*is)(struct str s);
	} formats[] = {
		{ "email", is_email },
		{ "uri", is_uri },
		{ "date", is_date },
		{ "date-time", is_date_time },
	};

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (str_eq(format, str_of(formats[i].name)))
			return formats[i].is(text);
	return true;
}

bool
ask_value_fits(struct arena *a, const json_t *property, const json_t *v)
{
	struct str format = json_text(json_member(property, "format"));

	return schema_holds(a, property, v, NULL, NULL) &&
	       (!json_is_string(v) || format_fits(format, json_text(v)));
}

static bool
is_required(const json_t *form, const char *name)
{
	const json_t *all = json_member(form, "required");

	for (size_t i = 0; i < json_array_size(all); i++)
		if (str_eq(json_text(json_array_get(all, i)), str_of(name)))
			return true;
	return false;
}

/* The members that were asked for; false when one does not fit or lacks. */
static bool
content_take(struct arena *a, const json_t *form, const json_t *content,
    json_t *to)
{
	const char *name;
	json_t *property;

	json_object_foreach(json_member(form, "properties"), name, property)
	{
		json_t *v = json_member(content, name);

		if (v == NULL && is_required(form, name))
			return false;
		if (v == NULL)
			continue;
		if (!ask_value_fits(a, property, v))
			return false;
		(void)json_object_set(to, name, v);
	}
	return true;
}

static bool
elicitation_answered(struct arena *a, const json_t *params, const json_t *reply,
    json_t *to)
{
	struct str action = json_text(json_member(reply, "action"));
	const json_t *content = json_member(reply, "content");
	bool form = !str_eq(json_text(json_member(params, "mode")), STR("url"));
	bool yes = str_eq(action, STR("accept"));
	json_t *kept;

	if (!yes && !str_eq(action, STR("decline")) &&
	    !str_eq(action, STR("cancel")))
		return false;
	(void)json_object_set(to, "action", json_member(reply, "action"));
	if (!yes || !form)
		return true;
	if (content != NULL && !json_is_object(content))
		return false;
	kept = ask_tree(a, json_object());
	(void)json_object_set(to, "content", kept);
	return content_take(a, json_member(params, "requestedSchema"), content,
	    kept);
}

static bool
sampling_answered(struct arena *a, const json_t *params, const json_t *reply,
    json_t *to)
{
	const json_t *content = json_member(reply, "content");
	struct str role = json_text(json_member(reply, "role"));

	(void)a;
	(void)params;
	(void)json_object_update(to, (json_t *)(uintptr_t)reply);
	(void)json_object_del(to, "_meta");
	return (str_eq(role, STR("user")) || str_eq(role, STR("assistant"))) &&
	       json_is_string(json_member(reply, "model")) &&
	       (json_is_object(content) || json_is_array(content));
}

static bool
roots_answered(struct arena *a, const json_t *params, const json_t *reply,
    json_t *to)
{
	json_t *all = json_member(reply, "roots");

	(void)a;
	(void)params;
	for (size_t i = 0; i < json_array_size(all); i++)
		if (!json_is_string(json_member(json_array_get(all, i), "uri")))
			return false;
	(void)json_object_set(to, "roots", all);
	return json_is_array(all);
}

static const struct {
	const char *method;
	bool (*answered)(struct arena *a, const json_t *params,
	    const json_t *reply, json_t *to);
} methods[] = {
	{ "elicitation/create", elicitation_answered },
	{ "sampling/createMessage", sampling_answered },
	{ "roots/list", roots_answered },
};

bool
ask_answered(struct arena *a, const json_t *request, const json_t *reply,
    json_t **kept)
{
	struct str method = json_text(json_member(request, "method"));

	if (!json_is_object(reply))
		return false;
	*kept = ask_tree(a, json_object());
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (str_eq(method, str_of(methods[i].method)))
			return methods[i].answered(a,
			    json_member(request, "params"), reply, *kept);
	return false;
}
