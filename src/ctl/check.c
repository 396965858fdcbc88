/* SPDX-License-Identifier: ISC */
/* check: is the configuration good, with its drivers and tools? */
#include "ctl/ctl.h"
#include "source/source.h"
#include "tool/tool.h"

/* Programs of the folder that are no tools; of the catalogue, if there is
 * one. */
static size_t
say_left(const struct conf *conf, const struct catalogue *cat, struct buf *to)
{
	const char *line;
	size_t n = 0;

	for (; cat == NULL && n < conf->nleft; n++)
		buf_fmt(to, "%s\n", conf->left[n].text);
	for (; cat != NULL && (line = catalogue_left(cat, n)) != NULL; n++)
		buf_fmt(to, "%s\n", line);
	return n;
}

/* The drivers look at their sources, the catalogue at the tools' names.  Each
 * fault is said on its own line, as those of the file are. */
static size_t
check_more(struct ctl *c, struct buf *to)
{
	struct sources *sources = sources_new(c->conf);
	struct catalogue *cat = NULL;
	struct fault f = { 0 };
	bool known =
	    conf_check_drivers(c->conf, driver_names(), to, &f) == ERR_OK;
	size_t bad = !known;

	for (size_t i = 0; i < c->conf->nsources; i++) {
		const struct conf_source *s = &c->conf->sources[i];
		const struct source_driver *d = driver_find(str_of(s->driver));

		if (d != NULL)
			bad += driver_check(d, s, to);
	}
	bad += driver_check_store(&c->conf->store, to);
	/* Tools ask their drivers for what they can. */
	if (known && catalogue_new(c->conf, sources, &cat, &f) != ERR_OK) {
		if (f.msg[0] != '/') /* nothing of a file, as a module */
			buf_fmt(to, "%s:1: ", c->conf->file);
		buf_fmt(to, "%s\n", f.msg);
		bad++;
	}
	bad += say_left(c->conf, NULL, to);
	if (cat != NULL)
		bad += say_left(c->conf, cat, to);
	catalogue_free(cat);
	sources_free(sources);
	return bad;
}

static void
report_json(struct ctl *c, struct str complaints)
{
	struct json_out *o = &c->json;
	bool good = complaints.len == 0;
	struct str one;

	json_obj(o, NULL);
	json_bool(o, "ok", good);
	json_z(o, "file", c->conf->file);
	json_arr(o, "files");
	for (size_t i = 0; i < c->conf->files.n; i++)
		json_z(o, NULL, c->conf->files.v[i]);
	json_end(o);
	json_arr(o, "sources");
	for (size_t i = 0; i < c->conf->nsources; i++)
		json_z(o, NULL, c->conf->sources[i].name);
	json_end(o);
	json_int(o, "tools", (int64_t)(c->conf->ntools + c->conf->nscripts));
	json_int(o, "resources", (int64_t)c->conf->nresources);
	json_int(o, "prompts", (int64_t)c->conf->nprompts);
	json_arr(o, "complaints");
	while (complaints.len > 0 && str_cut(&complaints, '\n', &one))
		if (one.len > 0)
			json_str(o, NULL, one.p, one.len);
	json_end(o);
	if (!good)
		ctl_conf_json(o);
	json_end(o);
	buf_char(&c->out, '\n');
}

enum ctl_exit
cmd_check(struct ctl *c)
{
	enum ctl_exit e = ctl_open_conf(c);
	struct buf bad;

	if (e != CTL_DONE)
		return e;
	buf_init(&bad, c->arena, 1u << 20);
	e = check_more(c, &bad) == 0 ? CTL_DONE : CTL_CONF;
	if (ctl_has(c, OPT_JSON)) {
		report_json(c, buf_text(&bad));
		return e;
	}
	if (e != CTL_DONE) {
		ctl_complaints(buf_text(&bad));
		return e;
	}
	buf_fmt(&c->out, "%s is good: %zu %s, %zu configured %s", c->conf->file,
	    c->conf->nsources, c->conf->nsources == 1 ? "source" : "sources",
	    c->conf->ntools, c->conf->ntools == 1 ? "tool" : "tools");
	if (c->conf->nresources > 0)
		buf_fmt(&c->out, ", %zu %s", c->conf->nresources,
		    c->conf->nresources == 1 ? "resource" : "resources");
	if (c->conf->nprompts > 0)
		buf_fmt(&c->out, ", %zu %s", c->conf->nprompts,
		    c->conf->nprompts == 1 ? "prompt" : "prompts");
	buf_char(&c->out, '\n');
	return CTL_DONE;
}
