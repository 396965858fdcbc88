/* SPDX-License-Identifier: ISC */
/* Settings of a source that name columns, and which of them name none. */
#ifndef CTL_UNMATCHED_H
#define CTL_UNMATCHED_H

#include "base/arena.h"
#include "conf/conf.h"

enum unmatched_list { LIST_DENY, LIST_MASK, LIST_TYPES, LIST_COUNT };

struct unmatched {
	const struct conf_source *source;
	struct unmatched_entry {
		bool seen;   /* it is for something that is there */
		bool schema; /* it begins with a schema that is there */
	} * entries[LIST_COUNT];
};

void unmatched_begin(struct unmatched *u, struct arena *a,
    const struct conf_source *s);
/* This column is there; an empty schema is none. */
void unmatched_see(struct unmatched *u, struct str schema, struct str table,
    struct str column);
/* A sentence for each that is for nothing. */
void unmatched_say(const struct unmatched *u, struct arena *a,
    void (*say)(void *arg, const char *setting, struct str sentence),
    void *arg);

#endif
