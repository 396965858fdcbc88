/* SPDX-License-Identifier: ISC */
/*
 * Is a question one that clients understand?  Methods and parameters by table,
 * forms as the flat subset of JSON Schema they are (mcp.md 14).
 */
#include "mcp/ask_int.h"

enum kind { STRING = 1, NUMBER = 2, INTEGER = 4, BOOLEAN = 8, LIST = 16 };
#define NUMERIC (NUMBER | INTEGER)
#define ANY     (STRING | NUMERIC | BOOLEAN | LIST)

static bool
is_text(const json_t *v)
{
	return json_is_string(v);
}

static bool
is_number(const json_t *v)
{
	return json_is_number(v);
}

static bool
is_count(const json_t *v)
{
	return json_is_integer(v) && json_integer_value(v) >= 0;
}

static bool
is_anything(const json_t *v)
{
	return v != NULL;
}

static bool
is_texts(const json_t *v)
{
	for (size_t i = 0; i < json_array_size(v); i++)
		if (!json_is_string(json_array_get(v, i)))
			return false;
	return json_is_array(v);
}

static bool
is_choice(const json_t *v)
{
	return is_texts(v) && json_array_size(v) > 0;
}

/* [{"const":…,"title":…}] */
static bool
is_titled(const json_t *v)
{
	for (size_t i = 0; i < json_array_size(v); i++) {
		const json_t *one = json_array_get(v, i);

		if (!json_is_string(json_member(one, "const")) ||
		    !json_is_string(json_member(one, "title")) ||
		    json_object_size(one) != 2)
			return false;
	}
	return json_array_size(v) > 0;
}

static bool
is_format(const json_t *v)
{
	static const char *const formats[] = { "email", "uri", "date",
		"date-time" };

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (str_eq(json_text(v), str_of(formats[i])))
			return true;
	return false;
}

/* What a list holds: texts of a choice, titled or not. */
static bool
is_items(const json_t *v)
{
	const json_t *type = json_member(v, "type");

	if (is_titled(json_member(v, "anyOf")))
		return json_object_size(v) == 1 ||
		       (json_object_size(v) == 2 &&
			   str_eq(json_text(type), STR("string")));
	return json_object_size(v) == 2 &&
	       str_eq(json_text(type), STR("string")) &&
	       is_choice(json_member(v, "enum"));
}

struct member {
	const char *name;
	unsigned of; /* kinds that may have it */
	bool (*is)(const json_t *v);
};

static const struct member property_members[] = {
	{ "type", ANY, is_text },
	{ "title", ANY, is_text },
	{ "description", ANY, is_text },
	{ "default", ANY, is_anything },
	{ "minLength", STRING, is_count },
	{ "maxLength", STRING, is_count },
	{ "format", STRING, is_format },
	{ "enum", STRING, is_choice },
	{ "enumNames", STRING, is_texts },
	{ "oneOf", STRING, is_titled },
	{ "minimum", NUMERIC, is_number },
	{ "maximum", NUMERIC, is_number },
	{ "minItems", LIST, is_count },
	{ "maxItems", LIST, is_count },
	{ "items", LIST, is_items },
	{ 0 },
};

static bool
members_fit(const json_t *o, const struct member *table, unsigned kind)
{
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)o, name, v)
	{
		const struct member *m = table;

		while (m->name != NULL && strcmp(m->name, name) != 0)
			m++;
		if (m->name == NULL || (m->of & kind) == 0 || !m->is(v))
			return false;
	}
	return json_is_object(o);
}

static unsigned
kind_of(const json_t *property)
{
	static const struct {
		const char *name;
		unsigned kind;
	} kinds[] = {
		{ "string", STRING },
		{ "number", NUMBER },
		{ "integer", INTEGER },
		{ "boolean", BOOLEAN },
		{ "array", LIST },
	};
	struct str type = json_text(json_member(property, "type"));

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_eq(type, str_of(kinds[i].name)))
			return kinds[i].kind;
	return 0;
}

static const char *
property_wrong(struct arena *a, const json_t *p)
{
	unsigned kind = kind_of(p);
	const json_t *names = json_member(p, "enumNames");
	const json_t *first = json_member(p, "default");

	if (kind == 0)
		return "a property of the form needs \"type\": string, number, integer, boolean or array";
	if (!members_fit(p, property_members, kind))
		return "a property of the form has a keyword that forms do not have, or one of a wrong kind";
	if (kind == LIST && json_member(p, "items") == NULL)
		return "a list in the form needs \"items\" with a choice of texts";
	if (names != NULL &&
	    json_array_size(names) != json_array_size(json_member(p, "enum")))
		return "\"enumNames\" must be as many as \"enum\"";
	if (first != NULL && !ask_value_fits(a, p, first))
		return "a \"default\" does not fit its own property";
	return NULL;
}

static const char *
form_wrong(struct arena *a, const json_t *form)
{
	static const struct member table[] = {
		{ "$schema", ANY, is_text },
		{ "type", ANY, is_text },
		{ "properties", ANY, is_anything },
		{ "required", ANY, is_texts },
		{ 0 },
	};
	const json_t *all = json_member(form, "properties");
	const json_t *required = json_member(form, "required");
	const char *name;
	json_t *p;

	if (!members_fit(form, table, ANY) || !json_is_object(all) ||
	    !str_eq(json_text(json_member(form, "type")), STR("object")))
		return "\"requestedSchema\" must be an object schema with \"properties\" and perhaps \"required\"";
	for (size_t i = 0; i < json_array_size(required); i++)
		if (json_member(all,
			json_string_value(json_array_get(required, i))) == NULL)
			return "\"required\" names a property that is not there";
	json_object_foreach((json_t *)(uintptr_t)all, name, p)
	{
		const char *wrong = property_wrong(a, p);

		if (wrong != NULL)
			return wrong;
	}
	return NULL;
}

/* An absolute http(s) address without a name or password in it. */
static bool
is_web(struct str url)
{
	size_t n = str_starts(url, STR("https://"))  ? 8
		   : str_starts(url, STR("http://")) ? 7
						     : 0;
	struct str host = str_from(url, n);

	for (size_t i = 0; i < url.len; i++)
		if (url.p[i] <= ' ' || url.p[i] >= 0x7f)
			return false;
	for (size_t i = 0; i < host.len; i++)
		if (strchr("/?#", host.p[i]) != NULL) {
			host.len = i;
			break;
		}
	return n > 0 && host.len > 0 && !str_has(host, '@');
}

static const char *
elicitation_wrong(struct arena *a, const json_t *params)
{
	struct str mode = json_text(json_member(params, "mode"));

	if (!json_is_string(json_member(params, "message")))
		return "it needs a \"message\"";
	if (str_eq(mode, STR("url")))
		return is_web(json_text(json_member(params, "url")))
			   ? NULL
			   : "\"url\" must be an https or http address without a user in it";
	if (json_member(params, "mode") != NULL && !str_eq(mode, STR("form")))
		return "\"mode\" must be form or url";
	return form_wrong(a, json_member(params, "requestedSchema"));
}

static const char *
sampling_wrong(struct arena *a, const json_t *params)
{
	const json_t *all = json_member(params, "messages");
	const json_t *most = json_member(params, "maxTokens");

	(void)a;
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *m = json_array_get(all, i);
		const json_t *content = json_member(m, "content");
		struct str role = json_text(json_member(m, "role"));

		if ((!str_eq(role, STR("user")) &&
			!str_eq(role, STR("assistant"))) ||
		    (!json_is_object(content) && !json_is_array(content)))
			return "each of \"messages\" needs \"role\" user or assistant and \"content\"";
	}
	if (json_array_size(all) == 0)
		return "it needs \"messages\"";
	if (!json_is_integer(most) || json_integer_value(most) < 1)
		return "\"maxTokens\" must be a whole number from 1 on";
	return NULL;
}

static const char *
roots_wrong(struct arena *a, const json_t *params)
{
	(void)a;
	(void)params;
	return NULL;
}

static const struct {
	const char *method;
	const char *(*wrong)(struct arena *a, const json_t *params);
} methods[] = {
	{ "elicitation/create", elicitation_wrong },
	{ "sampling/createMessage", sampling_wrong },
	{ "roots/list", roots_wrong },
};

const char *
ask_wrong(struct arena *a, const json_t *request)
{
	struct str method = json_text(json_member(request, "method"));
	const json_t *params = json_member(request, "params");

	if (json_object_size(request) > (params == NULL ? 1 : 2))
		return "it has more than \"method\" and \"params\"";
	if (params != NULL && !json_is_object(params))
		return "\"params\" must be an object";
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (str_eq(method, str_of(methods[i].method)))
			return methods[i].wrong(a, params);
	return "its method must be elicitation/create, sampling/createMessage or roots/list";
}

static const char *
elicitation_lacks(const struct tool_asking *can, const json_t *params)
{
	if (str_eq(json_text(json_member(params, "mode")), STR("url")))
		return can->url ? NULL : "elicitation.url";
	if (can->form)
		return NULL;
	return can->url ? "elicitation.form" : "elicitation";
}

static const char *
sampling_lacks(const struct tool_asking *can, const json_t *params)
{
	struct str context = json_text(json_member(params, "includeContext"));

	if (!can->sampling)
		return "sampling";
	if (!can->sampling_tools &&
	    (json_member(params, "tools") != NULL ||
		json_member(params, "toolChoice") != NULL))
		return "sampling.tools";
	if (!can->sampling_context && !str_is_empty(context) &&
	    !str_eq(context, STR("none")))
		return "sampling.context";
	return NULL;
}

const char *
ask_lacks(const struct tool_asking *can, const json_t *request)
{
	struct str method = json_text(json_member(request, "method"));
	const json_t *params = json_member(request, "params");

	if (str_eq(method, STR("elicitation/create")))
		return elicitation_lacks(can, params);
	if (str_eq(method, STR("sampling/createMessage")))
		return sampling_lacks(can, params);
	return can->roots ? NULL : "roots";
}
