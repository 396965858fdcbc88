/* SPDX-License-Identifier: ISC */
/* Content of a script's answer, item by item, in the form of the era. */
#include "tool/script_int.h"

enum item_type { ITEM_TEXT, ITEM_IMAGE, ITEM_AUDIO, ITEM_RESOURCE, ITEM_LINK };

static const char *const names[] = {
	[ITEM_TEXT] = "text",
	[ITEM_IMAGE] = "image",
	[ITEM_AUDIO] = "audio",
	[ITEM_RESOURCE] = "resource",
	[ITEM_LINK] = "resource_link",
};

static bool
has_text(const json_t *o, const char *name)
{
	return json_is_string(json_member(o, name));
}

/* A picture or a sound that a client cannot decode is no answer. */
static bool
has_data(const json_t *item, const char *name)
{
	struct str s = json_text(json_member(item, name));

	if (s.p == NULL || s.len % 4 != 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (!(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') &&
		    !(c >= '0' && c <= '9') && c != '+' && c != '/' &&
		    (c != '=' || i + 2 < s.len))
			return false;
	}
	return true;
}

static const char *
item_wrong(const json_t *item, enum item_type type)
{
	const json_t *r = json_member(item, "resource");

	switch (type) {
	case ITEM_TEXT:
		return has_text(item, "text") ? NULL
					      : "a text item needs \"text\"";
	case ITEM_IMAGE:
	case ITEM_AUDIO:
		return has_data(item, "data") && has_text(item, "mimeType")
			   ? NULL
			   : "an image or audio item needs \"data\" in Base64 and \"mimeType\"";
	case ITEM_RESOURCE:
		return has_text(r, "uri") &&
			       (has_text(r, "text") || has_data(r, "blob"))
			   ? NULL
			   : "a resource item needs \"resource\" with \"uri\" and \"text\" or \"blob\"";
	case ITEM_LINK:
		return has_text(item, "uri") && has_text(item, "name")
			   ? NULL
			   : "a resource_link item needs \"uri\" and \"name\"";
	}
	return NULL;
}

/* Before 2025-06-18 a link is its address as text. */
static void
link_as_text(const json_t *item, struct json_out *out)
{
	struct str uri = json_text(json_member(item, "uri"));

	json_obj(out, NULL);
	json_z(out, "type", "text");
	json_str(out, "text", uri.p, uri.len);
	json_end(out);
}

/* Before 2025-03-26 a sound is an embedded resource. */
static void
audio_as_resource(const json_t *item, struct json_out *out)
{
	json_obj(out, NULL);
	json_z(out, "type", "resource");
	json_obj(out, "resource");
	json_z(out, "uri", "audio://item");
	json_tree(out, "mimeType", json_member(item, "mimeType"));
	json_tree(out, "blob", json_member(item, "data"));
	json_end(out);
	json_end(out);
}

const char *
script_item(const json_t *item, enum era era, struct json_out *out)
{
	struct str type = json_text(json_member(item, "type"));
	size_t i = 0, n = sizeof(names) / sizeof(names[0]);
	const char *wrong;

	while (i < n && !str_eq(type, str_of(names[i])))
		i++;
	if (i == n)
		return "an item of \"content\" has no known \"type\"";
	wrong = item_wrong(item, (enum item_type)i);
	if (wrong != NULL)
		return wrong;
	if (i == ITEM_LINK && era < ERA_2025_06_18)
		link_as_text(item, out);
	else if (i == ITEM_AUDIO && era < ERA_2025_03_26)
		audio_as_resource(item, out);
	else
		json_tree(out, NULL, item);
	return NULL;
}
