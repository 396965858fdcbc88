/* SPDX-License-Identifier: ISC */
/*
 * Text from outside: a pointer and a length.  It may hold any byte, zero
 * included, and nobody promises a zero behind it.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p;
	size_t len;
};

#define STR(lit) ((struct str){ "" lit, sizeof(lit) - 1 })

/* The text of a C string; NULL gives the empty text.  Nothing is copied. */
static inline struct str
str_of(const char *z)
{
	return (struct str){ z, z == NULL ? 0 : strlen(z) };
}

static inline bool
str_is_empty(struct str s)
{
	return s.len == 0;
}

/* Equal to the byte. */
static inline bool
str_eq(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

/* Equal when ASCII letters are folded. */
bool str_ieq(struct str a, struct str b);

/* Bytewise order, as qsort wants it. */
int str_cmp(struct str a, struct str b);

bool str_starts(struct str s, struct str with);
bool str_ends(struct str s, struct str with);
bool str_has(struct str s, char c);

/* Without spaces and tabs at both ends (RFC 9110 5.5). */
struct str str_trim(struct str s);

/* The text from byte "from" on; empty when there is none. */
struct str str_from(struct str s, size_t from);
/* What is behind the last of that character; all of it where there is none. */
struct str str_behind_last(struct str s, char c);

/*
 * Take the piece before the next "sep" off *rest.  False once nothing is
 * left; "a,,b" gives three pieces and "" one empty piece.  Start with
 * *rest the whole text; a rest whose p is NULL has ended.
 */
bool str_cut(struct str *rest, char sep, struct str *piece);

/*
 * The whole text as a decimal integer within [min, max]: an optional '-',
 * then digits.  False, and *out untouched, for anything else.
 */
bool str_int(struct str s, int64_t min, int64_t max, int64_t *out);

/* A duration: 30s 15m 12h 90d; in seconds, at least 1, at most 100 years. */
bool str_duration(struct str s, int64_t *seconds);

/* Does s match the pattern?  '*' stands for any run of bytes; ASCII letters
 * are folded, as SQL names are. */
bool str_glob(struct str pattern, struct str s);

/* SQL LIKE with '%', '_' and the escape '\\', ASCII letters folded. */
bool str_like(struct str pattern, struct str s);

/* Edit distance of two short names (bytes, letters folded), for "did you
 * mean"; names over 64 bytes are as far away as they are long. */
size_t str_distance(struct str a, struct str b);

/* A hash for tables in memory, not for secrets (FNV-1a, 64 bits). */
uint64_t str_hash(struct str s);

#endif
