/* SPDX-License-Identifier: ISC */
/*
 * Strict reading of JSON (RFC 8259) into a jansson tree.  Trees stop at
 * tool/args.c; below that, everybody sees plain structs.
 */
#ifndef JSON_JSON_H
#define JSON_JSON_H

#include <jansson.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/str.h"

/* Once, before the first document: where names fall in a tree is nobody's to
 * guess.  (The library would read a device file for it.) */
void json_start(void);

/* SECURITY_MODEL 3: ceilings of one document. */
struct json_limits {
	size_t depth;    /* nesting */
	size_t elements; /* values in all, names not counted */
	size_t string;   /* bytes of one string as written, escapes and all */
	size_t number;   /* characters of one number */
};

extern const struct json_limits json_limits_default;

/*
 * Parse one document.  Refused (ERR_JSON): bad UTF-8, a byte order mark, lone
 * surrogates, raw controls, trailing text, duplicate names at any depth,
 * integers beyond 64 bits, numbers that are not finite, anything over the
 * limits.  A zero inside a string (\\u0000) is legal JSON and kept; inside
 * a member's name it is refused.
 * The root belongs to the arena; all that is taken out of it is borrowed.
 */
enum err json_parse(struct arena *a, struct str text,
    const struct json_limits *limits, json_t **root,
    struct fault *f) FAULT_MUST_CHECK;

/*
 * The same, with numbers of any size.  Those of more than a few digits, and
 * those with an exponent, stand in the tree as 0: what was written is told by
 * json_number_next().
 */
enum err json_parse_digits(struct arena *a, struct str text,
    const struct json_limits *limits, json_t **root,
    struct fault *f) FAULT_MUST_CHECK;

/* The next number of a text that was parsed, as it stands there; asked once
 * for every number in the order of the tree. */
struct str json_number_next(struct str *rest);

/* The text of a JSON string; empty (p NULL) for NULL and other types. */
struct str json_text(const json_t *v);

/* Member "name" of an object, or NULL (also when o is no object). */
json_t *json_member(const json_t *o, const char *name);

#endif
