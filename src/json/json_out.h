/* SPDX-License-Identifier: ISC */
/*
 * A streaming JSON writer.  It writes straight into a buffer, keeps the commas
 * and the nesting, and never makes anything that is not JSON; text that is not
 * UTF-8 gets U+FFFD for every bad byte sequence.
 *
 * With a twin it writes every byte a second time into another buffer,
 * escaped as the inside of a JSON string: the structured form of a result and
 * its text form come from one pass and cannot differ (tools.md 1.5).
 */
#ifndef JSON_JSON_OUT_H
#define JSON_JSON_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/* Deeper writing fails.  A tree read at its own limit of 64 fits inside an
 * envelope. */
#define JSON_DEPTH 128

struct json_out {
	struct buf *b;
	struct buf *twin; /* or NULL */
	unsigned depth;
	bool comma; /* the next value needs one before it */
	bool keyed; /* json_key() was called, its value comes next */
	char close[JSON_DEPTH];
};

/* Start writing to b, and, escaped, to twin unless it is NULL. */
void json_out_init(struct json_out *o, struct buf *b, struct buf *twin);

/*
 * Values.  "key" is the member's name inside an object and NULL inside an
 * array or at the root; the root is one value.  Keys are ours or checked names: they are written
 * escaped all the same.
 */
void json_obj(struct json_out *o, const char *key);
void json_arr(struct json_out *o, const char *key);
void json_end(struct json_out *o); /* closes the innermost { or [ */
void json_str(struct json_out *o, const char *key, const char *p, size_t n);
void json_z(struct json_out *o, const char *key,
    const char *z); /* NULL: null */
void json_int(struct json_out *o, const char *key,
    int64_t v); /* always a number */
void json_big(struct json_out *o, const char *key,
    int64_t v); /* beyond 2^53 a string of digits */
void json_double(struct json_out *o, const char *key,
    double v); /* shortest; NaN, Infinity as strings */
void json_bool(struct json_out *o, const char *key, bool v);
void json_nil(struct json_out *o, const char *key);
void json_base64(struct json_out *o, const char *key, const void *p, size_t n);

/* A member whose name is not a C string (a column, an argument). */
void json_key(struct json_out *o, struct str key);

/* The name of a member whose value the caller puts into the buffer itself, or
 * gathers around it; without a twin only. */
void json_gap(struct json_out *o, const char *key);

/* Text that already is one JSON value, taken as it stands. */
void json_raw(struct json_out *o, const char *key, struct str json);

/* A jansson tree, reals as shortest text. */
struct json_t;
void json_tree(struct json_out *o, const char *key, const struct json_t *v);

/* The same with its numbers as they were written: "rest" is the text it was
 * made of, from its first number on, and is moved behind its last. */
void json_tree_digits(struct json_out *o, const char *key,
    const struct json_t *v, struct str *rest);

/* Take back a half-written result. */
struct json_mark {
	size_t len;
	size_t twin_len;
	unsigned depth;
	bool comma;
	bool keyed;
	bool failed;
};
struct json_mark json_mark(const struct json_out *o);
void json_rewind(struct json_out *o, struct json_mark m);

static inline bool
json_failed(const struct json_out *o)
{
	return buf_failed(o->b) || (o->twin != NULL && buf_failed(o->twin));
}

/* How many bytes from p on stand in a JSON string as they are: valid UTF-8
 * that needs no escape.  For who writes many short values at once. */
size_t json_plain(const char *p, size_t n);

/* Shortest decimal text that reads back equal; returns the length (at most
 * 32).  v must be finite. */
size_t json_double_text(char out[static 32], double v);

#endif
