/* SPDX-License-Identifier: ISC */
/* config: the settings as an example, as they are in force, or as a list. */
#include "ctl/ctl.h"
#include "ctl/table.h"

static const struct table_column columns[] = {
	{ "SETTING", "setting", 0 },
	{ "TYPE", "type", 0 },
	{ "DEFAULT", "default", 0 },
	{ "MEANING", "about", TABLE_CUT },
};

static enum ctl_exit
list(struct ctl *c)
{
	struct setting_doc row;
	struct table *t = table_new(c, columns, 4);

	for (size_t i = 0; conf_setting(i, &row); i++) {
		table_text(t, str_of(row.path));
		table_text(t, str_of(row.type));
		if (row.dflt == NULL)
			table_nil(t, "");
		else
			table_text(t, str_of(row.dflt));
		table_text(t, str_of(row.about));
	}
	table_done(t);
	return CTL_DONE;
}

/* mcp.conf text as it is, or as the one member of an object. */
static void
text(struct ctl *c, const struct buf *b)
{
	struct json_out *o = &c->json;

	if (!ctl_has(c, OPT_JSON)) {
		buf_str(&c->out, buf_text(b));
		return;
	}
	json_obj(o, NULL);
	if (c->conf != NULL)
		json_z(o, "file", c->conf->file);
	json_str(o, "text", b->p, b->len);
	json_end(o);
	buf_char(&c->out, '\n');
}

enum ctl_exit
cmd_config(struct ctl *c)
{
	enum ctl_exit e;
	struct buf b;

	if (ctl_has(c, OPT_EXAMPLE) + ctl_has(c, OPT_EFFECTIVE) +
		ctl_has(c, OPT_LIST) !=
	    1)
		return ctl_usage(c,
		    "say one of --example, --effective, --list");
	if (ctl_has(c, OPT_LIST))
		return list(c);
	buf_init(&b, c->arena, 8u << 20);
	if (ctl_has(c, OPT_EXAMPLE)) {
		conf_example(&b);
	} else {
		e = ctl_open_conf(c);
		if (e != CTL_DONE)
			return e;
		conf_effective(c->conf, &b);
	}
	text(c, &b);
	return CTL_DONE;
}
