/* SPDX-License-Identifier: ISC */
/*
 * JSON Schema 2020-12 (draft-bhutton-json-schema-01 and its validation
 * vocabulary): checks a value against a schema that an administrator wrote.
 * References stay inside the document; "format" and the content keywords are
 * annotations, as the dialect has them by default.
 */
#ifndef JSON_SCHEMA_H
#define JSON_SCHEMA_H

#include <jansson.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/str.h"

/* Regular expressions (ECMA-262 flavour); which engine is the caller's. */
struct schema_regex {
	/* Does "text" hold a match of "pattern"?  -1: the pattern is bad. */
	int (*match)(void *arg, struct str pattern, struct str text);
	void *arg;
};

enum schema_what { SCHEMA_WRONG, SCHEMA_LACKS, SCHEMA_UNKNOWN };

/* What was wrong, for the caller's eyes. */
struct schema_why {
	enum schema_what what;
	char at[160];    /* JSON pointer of the value, "" for the root */
	char text[200];  /* "must be a string" */
	char member[64]; /* that is lacking or unknown, else "" */
};

/* Ceilings on a schema. */
enum { SCHEMA_DEPTH = 64, SCHEMA_NODES = 5000, SCHEMA_STEPS = 200000 };

/*
 * Is the schema itself good: an object or a boolean, every keyword of the
 * right shape, every $ref inside the document and found, patterns only where
 * a regex is at hand, within the ceilings?  ERR_CONF with a sentence.
 */
enum err schema_test(const json_t *schema, const struct schema_regex *re,
    struct fault *f) FAULT_MUST_CHECK;

/* Does "value" hold?  A schema that schema_test would refuse may say no.  "why"
 * may be NULL. */
bool schema_holds(struct arena *a, const json_t *schema, const json_t *value,
    const struct schema_regex *re, struct schema_why *why);

/* The subschema that a local reference ("#", "#/$defs/x", "#name") names, or
 * NULL. */
const json_t *schema_find(const json_t *root, struct str ref);

#endif
