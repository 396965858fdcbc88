/* SPDX-License-Identifier: ISC */
/* What a modern client may ask before anything else (mcp.md 6). */
#include "mcp/mcp_int.h"

enum err
discover_run(struct message *msg, struct answer *out, struct fault *f)
{
	struct result r;

	(void)f;
	result_open(&r, msg);
	json_arr(&r.out, "supportedVersions");
	for (int e = ERA_COUNT - 1; e >= 0; e--)
		json_z(&r.out, NULL, era_name((enum era)e));
	json_end(&r.out);
	server_describe(&r.out, msg);
	result_close(&r, CACHE_PUBLIC, (struct str){ 0 }, out);
	return ERR_OK;
}
