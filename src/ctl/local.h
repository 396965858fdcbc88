/* SPDX-License-Identifier: ISC */
/* The site without a web server: call, tools and stdio ask it directly. */
#ifndef CTL_LOCAL_H
#define CTL_LOCAL_H

#include "ctl/ctl.h"
#include "mcp/mcp.h"

struct local {
	struct ctl *c;
	struct mcp mcp;
	struct caller who;
	struct key key;
	struct tool_filter filter;
	struct audit *audit;
	uint8_t hash_key[32];
};

/*
 * Open configuration, store, audit, sources and catalogue; the caller is the
 * key of --key, or a local one with the scopes of --scope and every source.
 * Close it, whatever came out.
 */
enum ctl_exit local_open(struct ctl *c, struct local *l);
void local_close(struct local *l);

/* No handshake comes first: speak the newest revision that has one. */
void local_agree(struct local *l);

/* One message and its answer, audited; empty for a notification. */
struct str local_message(struct local *l, struct arena *a, struct str body);

#endif
