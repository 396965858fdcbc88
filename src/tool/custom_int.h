/* SPDX-License-Identifier: ISC */
/* Configured statements, run as tools or as procedures. */
#ifndef TOOL_CUSTOM_INT_H
#define TOOL_CUSTOM_INT_H

#include "tool/sql_int.h"

/* The default of a parameter, NULL when it has none. */
struct value custom_default(const struct conf_param *p);

/* Run it; "verbs" are granted beyond what the token holds (a procedure's). */
enum err custom_run(struct run *r, const struct custom *cu,
    const struct arg_map *values, unsigned verbs, int64_t timeout_s,
    struct fault *f) FAULT_MUST_CHECK;

#endif
