/* SPDX-License-Identifier: ISC */
/*
 * Results on the wire.  The modern era wants its type, the name of the server
 * and caching hints on them; the older ones want none of it (mcp.md 5, 12.2,
 * 18.1).
 */
#include "config.h"

#include <assert.h>

#include "mcp/mcp_int.h"

/* More than any envelope: the pieces inside have ceilings of their own. */
#define ENVELOPE_MAX (64u << 20)

void
server_info(struct json_out *out, const char *key, const struct conf *conf,
    bool title)
{
	json_obj(out, key);
	json_z(out, "name", MCP_NAME);
	if (title && conf->title != NULL)
		json_z(out, "title", conf->title);
	json_z(out, "version", PACKAGE_VERSION);
	json_end(out);
}

void
result_open(struct result *r, const struct message *msg)
{
	*r = (struct result){ .msg = msg };
	buf_init(&r->b, msg->arena, ENVELOPE_MAX);
	json_out_init(&r->out, &r->b, NULL);
	json_obj(&r->out, NULL);
	json_z(&r->out, "jsonrpc", "2.0");
	json_raw(&r->out, "id", msg->rpc.id);
	json_obj(&r->out, "result");
}

void
result_type(struct result *r, const char *type)
{
	r->type = type;
}

void
result_gap(struct result *r, struct str text)
{
	assert(r->n < RESULT_GAPS);
	r->gap[r->n].at = r->b.len;
	r->gap[r->n++].text = text;
}

static void
modern_members(struct result *r, enum cache cache)
{
	json_z(&r->out, "resultType", r->type == NULL ? "complete" : r->type);
	if (cache == CACHE_NONE)
		return;
	json_int(&r->out, "ttlMs",
	    cache == CACHE_NOW ? 0 : r->msg->m->conf->list_ttl_ms);
	json_z(&r->out, "cacheScope",
	    cache == CACHE_PUBLIC ? "public" : "private");
}

static void
put_meta(struct result *r, struct str meta)
{
	bool modern = era_modern(r->msg->era);

	if (!modern && str_is_empty(meta))
		return;
	json_obj(&r->out, "_meta");
	if (modern)
		server_info(&r->out, META_SERVER, r->msg->m->conf, true);
	if (modern && !str_is_empty(meta))
		buf_char(&r->b, ',');
	buf_str(&r->b, meta);
	json_end(&r->out);
}

static void
piece(struct answer *out, struct str text)
{
	if (!str_is_empty(text))
		out->piece[out->n++] = text;
}

void
result_close(struct result *r, enum cache cache, struct str meta,
    struct answer *out)
{
	size_t from = 0;

	if (era_modern(r->msg->era))
		modern_members(r, cache);
	put_meta(r, meta);
	json_end(&r->out);
	json_end(&r->out);
	*out = (struct answer){ .status = 200 };
	for (size_t i = 0; i < r->n; i++) {
		piece(out, (struct str){ r->b.p + from, r->gap[i].at - from });
		piece(out, r->gap[i].text);
		from = r->gap[i].at;
	}
	piece(out, str_from(buf_text(&r->b), from));
}

struct str
answer_join(struct arena *a, const struct answer *out)
{
	size_t n = 0;
	char *p;

	for (size_t i = 0; i < out->n; i++)
		n += out->piece[i].len;
	p = arena_get(a, n + 1);
	n = 0;
	for (size_t i = 0; i < out->n; i++) {
		memcpy(p + n, out->piece[i].p, out->piece[i].len);
		n += out->piece[i].len;
	}
	p[n] = '\0';
	return (struct str){ p, n };
}

struct str
answer_inner(const struct message *msg, const struct answer *out)
{
	struct str whole = answer_join(msg->arena, out);
	size_t from =
	    sizeof("{\"jsonrpc\":\"2.0\",\"id\":") - 1 + msg->rpc.id.len;

	while (from < whole.len && whole.p[from] != ':')
		from++;
	assert(from + 2 < whole.len);
	return (struct str){ whole.p + from + 1, whole.len - from - 2 };
}
