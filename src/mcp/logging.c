/* SPDX-License-Identifier: ISC */
/*
 * Log notifications (mcp.md 7.3, 13.2): which a request wants, and how they
 * look.  A modern client says it with each request; an older one did once, to
 * nobody who remembers, so it gets those from "info" on.
 */
#include "mcp/stream_int.h"

#define LEVEL_KEPT STR("info")

int
log_level(struct str name)
{
	static const char *const levels[] = { "debug", "info", "notice",
		"warning", "error", "critical", "alert", "emergency" };

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (str_eq(name, str_of(levels[i])))
			return (int)i;
	return -1;
}

bool
logging_offered(const struct message *msg)
{
	return msg->m->conf->logging;
}

bool
log_wanted(const struct message *msg, struct str level)
{
	const json_t *asked = json_member(msg->rpc.meta, META_LOG_LEVEL);
	int least = era_modern(msg->era) ? log_level(json_text(asked))
					 : log_level(LEVEL_KEPT);

	return logging_offered(msg) && least >= 0 && log_level(level) >= least;
}

struct str
log_text(struct arena *a, struct str level, struct str logger, struct str json)
{
	struct json_out o;
	struct buf b;

	buf_init(&b, a, json.len + 6 * (level.len + logger.len) + 512);
	json_out_init(&o, &b, NULL);
	json_obj(&o, NULL);
	json_z(&o, "jsonrpc", "2.0");
	json_z(&o, "method", "notifications/message");
	json_obj(&o, "params");
	json_str(&o, "level", level.p, level.len);
	if (!str_is_empty(logger))
		json_str(&o, "logger", logger.p, logger.len);
	json_raw(&o, "data", json);
	json_end(&o);
	json_end(&o);
	return buf_text(&b);
}

/* Taken, and not remembered. */
enum err
set_level_run(struct message *msg, struct answer *out, struct fault *f)
{
	const json_t *level = json_member(msg->rpc.params, "level");
	struct result r;

	if (log_level(json_text(level)) < 0)
		return fault_set(f, ERR_PARAMS,
		    "Invalid parameters: field 'level' must be one of debug, info, notice, warning, error, critical, alert, emergency");
	result_open(&r, msg);
	result_close(&r, CACHE_NONE, (struct str){ 0 }, out);
	return ERR_OK;
}
