/* SPDX-License-Identifier: ISC */
/*
 * What a client says about itself in params._meta of each request (mcp.md 5):
 * the required keys of the modern era, and the optional ones of every era.
 */
#include "mcp/stream_int.h"

static enum err
missing(const char *key, struct fault *f)
{
	return fault_set(f, ERR_META,
	    "Invalid parameters: missing required _meta key '%s'", key);
}

static enum err
wrong(enum err code, const char *key, const char *what, struct fault *f)
{
	return fault_set(f, code,
	    "Invalid parameters: _meta key '%s' must be %s", key, what);
}

/* Is it an Implementation: name and version, the texts it may have? */
static bool
is_implementation(const json_t *v)
{
	static const struct {
		const char *name;
		bool required;
	} texts[] = {
		{ "name", true },
		{ "version", true },
		{ "title", false },
		{ "description", false },
		{ "websiteUrl", false },
	};
	const json_t *icons = json_member(v, "icons");

	if (!json_is_object(v))
		return false;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const json_t *t = json_member(v, texts[i].name);

		if (t == NULL ? texts[i].required : !json_is_string(t))
			return false;
	}
	return icons == NULL || json_is_array(icons);
}

enum err
meta_required(struct message *msg, struct fault *f)
{
	const json_t *meta = msg->rpc.meta,
		     *can = json_member(meta, META_CAPABILITIES),
		     *client = json_member(meta, META_CLIENT);

	if (!json_is_string(json_member(meta, META_VERSION)))
		return wrong(ERR_META, META_VERSION, "a string", f);
	if (can == NULL)
		return missing(META_CAPABILITIES, f);
	if (!json_is_object(can))
		return wrong(ERR_META, META_CAPABILITIES, "an object", f);
	if (client != NULL && !is_implementation(client))
		return wrong(ERR_META, META_CLIENT,
		    "an object with 'name' and 'version'", f);
	return ERR_OK;
}

enum err
meta_optional(struct message *msg, struct fault *f)
{
	const json_t *meta, *level, *token;

	if (msg->rpc.params_bad)
		return fault_set(f, ERR_PARAMS,
		    "Invalid parameters: 'params' must be an object");
	meta = json_member(msg->rpc.params, "_meta");
	if (meta != NULL && !json_is_object(meta))
		return fault_set(f, ERR_PARAMS,
		    "Invalid parameters: '_meta' must be an object");
	token = json_member(meta, META_PROGRESS);
	if (token != NULL && !json_is_string(token) && !json_is_integer(token))
		return wrong(ERR_PARAMS, META_PROGRESS,
		    "a string or an integer", f);
	level = json_member(meta, META_LOG_LEVEL);
	if (!era_modern(msg->era) || level == NULL)
		return ERR_OK;
	if (log_level(json_text(level)) < 0)
		return wrong(ERR_PARAMS, META_LOG_LEVEL,
		    "one of debug, info, notice, warning, error, critical, alert, emergency",
		    f);
	return ERR_OK;
}

struct str
meta_client(const struct message *msg)
{
	const json_t *client = json_member(msg->rpc.meta, META_CLIENT);
	struct str name, version;

	if (client == NULL && str_eq(msg->rpc.method, STR("initialize")))
		client = json_member(msg->rpc.params, "clientInfo");
	name = json_text(json_member(client, "name"));
	version = json_text(json_member(client, "version"));
	if (str_is_empty(name))
		return (struct str){ 0 };
	return arena_fmt(msg->arena, "%.*s %.*s",
	    (int)(name.len > 100 ? 100 : name.len), name.p,
	    (int)(version.len > 100 ? 100 : version.len),
	    version.p == NULL ? "" : version.p);
}
