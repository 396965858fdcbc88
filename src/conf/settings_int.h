/* SPDX-License-Identifier: ISC */
/*
 * The rows of settings stand in several files, one for each kind of thing that
 * is configured; this is what those files share.
 */
#ifndef CONF_SETTINGS_INT_H
#define CONF_SETTINGS_INT_H

#include "conf/conf_int.h"

#define KIB    ((int64_t)1 << 10)
#define MIB    ((int64_t)1 << 20)
#define GIB    ((int64_t)1 << 30)
#define MINUTE 60
#define HOUR   3600
#define DAY    86400

#define IN(g, s, m)                                \
	.group = (g), .at = offsetof(struct s, m), \
	.size = sizeof(((struct s *)0)->m)
#define TOP(m)        IN(GROUP_TOP, conf, m)
#define LIMIT(m)      IN(GROUP_LIMITS, conf, limits.m)
#define SOURCE(m)     IN(GROUP_SOURCE, conf_source, m)
#define ENV(m)        IN(GROUP_ENVIRONMENT, conf_environment, m)
#define TOOL(m)       IN(GROUP_TOOL, conf_tool, m)
#define PARAM(m)      IN(GROUP_PARAM, conf_param, m)
#define STORE(m)      IN(GROUP_STORE, conf, store.m)
#define TASKS(m)      IN(GROUP_TASKS, conf, tasks.m)
#define TOOLKIT(m)    IN(GROUP_TOOLKIT, conf_toolkit, m)
#define RESOURCE(m)   IN(GROUP_RESOURCE, conf_resource, m)
#define PROMPT(m)     IN(GROUP_PROMPT, conf_prompt, m)
#define MESSAGE(m)    IN(GROUP_MESSAGE, conf_message, m)
#define ASK(m)        IN(GROUP_ASK, conf_ask, m)
#define RANGE(lo, hi) .min = (lo), .max = (hi)

extern const struct setting conf_site_rows[], conf_source_rows[],
    conf_store_rows[], conf_tool_rows[], conf_content_rows[];
extern const size_t conf_site_nrows, conf_source_nrows, conf_store_nrows,
    conf_tool_nrows, conf_content_nrows;

/* The operations that become tools of a source (tools.md 3). */
extern const struct word conf_op_words[];

/* How a connection is protected. */
extern const struct word conf_tls_words[];

#endif
