/* SPDX-License-Identifier: ISC */
/* Inside of the schema check: one walk, and the keywords by table. */
#ifndef JSON_SCHEMA_INT_H
#define JSON_SCHEMA_INT_H

#include "json/json.h"
#include "json/schema.h"

/* Members and items that some keyword has looked at, for "unevaluated…". */
struct seen {
	json_t *names;   /* an object used as a set */
	json_t *indexes; /* the same with decimal numbers */
	bool all_items;
};

struct check {
	struct arena *arena;
	const json_t *root;
	const struct schema_regex *re;
	struct schema_why *why;
	unsigned depth;
	unsigned steps;
	bool quiet; /* inside anyOf, not, …: keep the reason to ourselves */
	char at[160];
};

/* One keyword: "k" is its value in "schema". */
typedef bool keyword_check(struct check *c, const json_t *schema,
    const json_t *k, const json_t *value, struct seen *seen);

/* Check one value against one schema. */
bool schema_walk(struct check *c, const json_t *schema, const json_t *value,
    struct seen *seen);

/* The same without a reason, as a trial. */
bool schema_try(struct check *c, const json_t *schema, const json_t *value,
    struct seen *seen);

/* Step down to a member or an item, check, step back. */
bool schema_member(struct check *c, const char *name, const json_t *schema,
    const json_t *value);
bool schema_item(struct check *c, size_t i, const json_t *schema,
    const json_t *value);

/* Note why, unless quiet; returns false. */
bool schema_no(struct check *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The same about a member that is lacking or unknown. */
bool schema_no_member(struct check *c, enum schema_what what, const char *name);

void seen_name(struct seen *s, const char *name);
void seen_index(struct seen *s, size_t i);
void seen_add(struct seen *to, const struct seen *from);
struct seen seen_new(struct check *c);

/* Equal as JSON: 1 and 1.0 are. */
bool schema_equal(const json_t *a, const json_t *b);

/* What the value of a keyword must be. */
enum shape {
	SHAPE_ANY,
	SHAPE_TYPE,
	SHAPE_ARRAY,
	SHAPE_NUMBER,
	SHAPE_POSITIVE,
	SHAPE_WHOLE,
	SHAPE_BOOLEAN,
	SHAPE_NAMES,
	SHAPE_REGEX,
	SHAPE_REF,
	SHAPE_SCHEMAS,
	SHAPE_PATTERNS,
	SHAPE_SCHEMA,
	SHAPE_LIST,
	SHAPE_LISTS,
	SHAPE_COUNT
};

/* The keywords of each file, by name; NULL at the end. */
struct keyword {
	const char *name;
	keyword_check *check;
	enum shape shape;
};
extern const struct keyword schema_values[];     /* of single values */
extern const struct keyword schema_containers[]; /* of objects and arrays */
extern const struct keyword schema_logic[];      /* of other schemas */
extern const struct keyword schema_last[];       /* after all the others */

#endif
