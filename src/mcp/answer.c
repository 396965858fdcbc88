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
answer_open(const struct message *msg, struct buf *b)
{
	buf_init(b, msg->arena, ENVELOPE_MAX);
	buf_lit(b, "{\"jsonrpc\":\"2.0\",\"id\":");
	buf_str(b, msg->rpc.id);
	buf_lit(b, ",\"result\":{");
}

/* The caching hints of a list. */
static void
hints(const struct message *msg, struct buf *b, enum cache cache)
{
	if (cache == CACHE_NONE)
		return;
	buf_lit(b, ",\"ttlMs\":");
	buf_int(b, msg->m->conf->list_ttl_ms);
	buf_lit(b, ",\"cacheScope\":\"");
	buf_str(b, cache == CACHE_PUBLIC ? STR("public") : STR("private"));
	buf_char(b, '"');
}

void
answer_close(const struct message *msg, struct buf *b,
    const struct answer_end *end)
{
	bool modern = era_modern(msg->era);
	struct json_out out;

	if (modern) {
		if (!end->empty)
			buf_char(b, ',');
		buf_lit(b, "\"resultType\":\"complete\"");
		hints(msg, b, end->cache);
		buf_lit(b, ",\"_meta\":");
		json_out_init(&out, b, NULL);
		json_obj(&out, NULL);
		server_info(&out, META_SERVER, msg->m->conf, true);
		if (!str_is_empty(end->meta)) {
			buf_char(b, ',');
			buf_str(b, end->meta);
		}
		json_end(&out);
	} else if (!str_is_empty(end->meta)) {
		if (!end->empty)
			buf_char(b, ',');
		buf_lit(b, "\"_meta\":{");
		buf_str(b, end->meta);
		buf_char(b, '}');
	}
	buf_lit(b, "}}");
}

void
answer_piece(struct answer *out, struct str piece)
{
	assert(out->n < HTTP_PIECES);
	if (!str_is_empty(piece))
		out->piece[out->n++] = piece;
}

void
answer_text(struct answer *out, const struct buf *b)
{
	out->status = 200;
	answer_piece(out, buf_text(b));
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
