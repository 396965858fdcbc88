/* SPDX-License-Identifier: ISC */
/* What the files of auth share. */
#ifndef AUTH_AUTH_INT_H
#define AUTH_AUTH_INT_H

#include "auth/auth.h"
#include "base/buf.h"

/* What a request brought with it, read but not yet believed. */
enum presented_how { PRESENTED_NONE, PRESENTED_BAD, PRESENTED_TOKEN };

struct presented {
	enum presented_how how;
	struct str token;
	struct str user; /* of Basic */
	bool basic;
	struct str copy; /* decoded bytes that must be wiped */
};

/* Read the credential (A4). */
struct presented credential_read(const struct conf *conf, struct arena *a,
    const struct credential *c);

/* Fill scopes, verbs and the fingerprint from the key (A6). */
void rights_fill(const struct conf *conf, struct arena *a, const struct key *k,
    struct caller *who);

/* The keyed hash of the attempt's statement, and is it there already? */
void attempt_hash(const struct attempt *t, uint8_t h[static ATTEMPT_HASH]);
bool attempt_hashed(const struct attempt *t);

/* One line of the audit, newline and all, escaped to printable ASCII; the
 * buffer's ceiling is at least 2 KiB. */
void audit_line(const struct attempt *t, struct buf *b, const char *event,
    int64_t now_us);

#endif
