/* SPDX-License-Identifier: ISC */
/*
 * Questions as the older revisions have them (mcp.md 14, 18): what a revision
 * cannot say is left out where the answer is free to lack it, and else the
 * whole question cannot be asked.
 */
#include <sodium.h>

#include "mcp/ask_int.h"

/* A choice with titles, as the two lists of 2025-06-18. */
static void
titled_to_names(json_t *property)
{
	const json_t *titled = json_member(property, "oneOf");
	json_t *values, *names;

	if (titled == NULL)
		return;
	values = json_array();
	names = json_array();
	for (size_t i = 0; i < json_array_size(titled); i++) {
		const json_t *one = json_array_get(titled, i);

		(void)json_array_append(values, json_member(one, "const"));
		(void)json_array_append(names, json_member(one, "title"));
	}
	(void)json_object_del(property, "oneOf");
	(void)json_object_set_new(property, "enum", values);
	(void)json_object_set_new(property, "enumNames", names);
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

/* 2025-06-18: no lists, defaults only of booleans, titles as names. */
static bool
form_narrow(json_t *form)
{
	json_t *all = json_member(form, "properties"), *p;
	const char *name;
	void *next;

	json_object_foreach_safe(all, next, name, p)
	{
		struct str type = json_text(json_member(p, "type"));

		if (str_eq(type, STR("array"))) {
			if (is_required(form, name))
				return false;
			(void)json_object_del(all, name);
			continue;
		}
		if (!str_eq(type, STR("boolean")))
			(void)json_object_del(p, "default");
		titled_to_names(p);
	}
	return true;
}

static void
id_give(json_t *params)
{
	unsigned char raw[16];
	char hex[2 * sizeof(raw) + 1];

	if (json_is_string(json_member(params, "elicitationId")))
		return;
	randombytes_buf(raw, sizeof(raw));
	sodium_bin2hex(hex, sizeof(hex), raw, sizeof(raw));
	(void)json_object_set_new(params, "elicitationId", json_string(hex));
}

static bool
elicitation_narrow(json_t *params, enum era era)
{
	bool url = str_eq(json_text(json_member(params, "mode")), STR("url"));

	if (era < ERA_2025_06_18 || (url && era < ERA_2025_11_25))
		return false;
	if (url)
		id_give(params);
	if (era >= ERA_2025_11_25)
		return true;
	(void)json_object_del(params, "mode");
	return form_narrow(json_member(params, "requestedSchema"));
}

/* Lists of content and tools came with 2025-11-25, sound with 2025-03-26. */
static bool
sampling_narrow(json_t *params, enum era era)
{
	json_t *all = json_member(params, "messages");

	if (era >= ERA_2025_11_25)
		return true;
	if (json_member(params, "tools") != NULL ||
	    json_member(params, "toolChoice") != NULL)
		return false;
	for (size_t i = 0; i < json_array_size(all); i++) {
		json_t *m = json_array_get(all, i);
		json_t *content = json_member(m, "content");
		struct str type;

		if (json_array_size(content) > 1)
			return false;
		if (json_is_array(content)) {
			content = json_incref(json_array_get(content, 0));
			(void)json_object_set_new(m, "content", content);
		}
		type = json_text(json_member(content, "type"));
		if (!str_eq(type, STR("text")) && !str_eq(type, STR("image")) &&
		    (!str_eq(type, STR("audio")) || era < ERA_2025_03_26))
			return false;
	}
	return true;
}

json_t *
ask_for_era(struct arena *a, const json_t *request, enum era era)
{
	struct str method = json_text(json_member(request, "method"));
	json_t *copy = ask_tree(a, json_deep_copy(request));
	json_t *params = json_member(copy, "params");
	bool told = true;

	if (era_modern(era))
		(void)json_object_del(params, "elicitationId");
	else if (str_eq(method, STR("elicitation/create")))
		told = elicitation_narrow(params, era);
	else if (str_eq(method, STR("sampling/createMessage")))
		told = sampling_narrow(params, era);
	return told ? copy : NULL;
}
