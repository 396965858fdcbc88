/* SPDX-License-Identifier: ISC */
/* What a modern client may ask before anything else (mcp.md 6). */
#include "mcp/mcp_int.h"

enum err
discover_run(struct message *msg, struct answer *out, struct fault *f)
{
	const struct answer_end end = { .cache = CACHE_PUBLIC };
	struct json_out o;
	struct buf b;

	(void)f;
	answer_open(msg, &b);
	json_out_init(&o, &b, NULL);
	json_arr(&o, "supportedVersions");
	for (int e = ERA_COUNT - 1; e >= 0; e--)
		json_z(&o, NULL, era_name((enum era)e));
	json_end(&o);
	server_describe(&o, msg->m->conf);
	answer_close(msg, &b, &end);
	answer_text(out, &b);
	return ERR_OK;
}
