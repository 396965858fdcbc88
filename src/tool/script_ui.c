/* SPDX-License-Identifier: ISC */
/*
 * A tool with a view (MCP Apps, mcp.md 15.1): _meta.ui names a resource that a
 * host shows beside the result.  One that is not there would be noticed by
 * nobody but the user.
 */
#include "tool/script_int.h"

/* Is it the URI of a resource, or below that of a folder? */
static bool
resource_known(const struct conf *conf, struct str uri)
{
	for (size_t i = 0; i < conf->nresources; i++) {
		const struct conf_resource *r = &conf->resources[i];
		struct str own = str_of(r->uri);

		if (r->is_template || str_eq(own, uri) ||
		    (r->folder != NULL && str_starts(uri, own)))
			return true;
	}
	return false;
}

static bool
visibility_fits(const json_t *v)
{
	if (v == NULL)
		return true;
	for (size_t i = 0; i < json_array_size(v); i++) {
		struct str s = json_text(json_array_get(v, i));

		if (!str_eq(s, STR("model")) && !str_eq(s, STR("app")))
			return false;
	}
	return json_array_size(v) > 0;
}

enum err
script_ui(const struct script *s, const struct conf *conf, struct fault *f)
{
	const json_t *ui = json_member(s->meta, "ui");
	const json_t *v = json_member(ui, "resourceUri");
	struct str uri = json_text(v);

	if (ui == NULL)
		return ERR_OK;
	if (!json_is_object(ui))
		return script_complain(s->conf, f,
		    "_meta.ui must be an object");
	if (!visibility_fits(json_member(ui, "visibility")))
		return script_complain(s->conf, f,
		    "_meta.ui.visibility must be a list of model and app");
	if (v != NULL && !str_starts(uri, STR("ui://")))
		return script_complain(s->conf, f,
		    "_meta.ui.resourceUri must begin with ui://");
	if (v != NULL && !resource_known(conf, uri))
		return script_complain(s->conf, f,
		    "_meta.ui.resourceUri: there is no resource %.*s",
		    (int)(uri.len > 200 ? 200 : uri.len), uri.p);
	return ERR_OK;
}
