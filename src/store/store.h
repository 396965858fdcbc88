/* SPDX-License-Identifier: ISC */
/*
 * The state folder: keys (keys.db), limits (limits.tab), the pepper and the
 * audit file.  Keys and limits may lie on a server instead, which several
 * machines share.  SECURITY_MODEL A1, A2, A7, 8.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <limits.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/fault.h"
#include "conf/conf.h"

struct store;

/* Make the folder (0700), the pepper (0400) and the databases if missing. */
enum err store_create(const char *state, struct fault *f) FAULT_MUST_CHECK;

/* The same with the shared store that "conf" names: the folder, the pepper
 * and the tables on the server.  ERR_CONF: they have another pepper there. */
enum err store_create_shared(const struct conf *conf,
    struct fault *f) FAULT_MUST_CHECK;

/* What the shared store looks like from here, for doctor. */
struct store_sight {
	bool shared;
	bool same_pepper, older_pepper; /* theirs is one that we still have */
	bool synchronous;               /* a commit waits for a standby */
	int64_t ahead_us;               /* our clock before the server's */
};
enum err store_sight(struct store *s, struct store_sight *out,
    struct fault *f) FAULT_MUST_CHECK;

/*
 * Copy all keys, counters and used marks from the state folder to the server
 * that "conf" names, or back, and compare; all of it or nothing.  ERR_CONFLICT:
 * the target has keys or counters, and force is not given.
 */
enum store_place { STORE_FOLDER, STORE_SERVER };
struct store_copied {
	int64_t keys, counts, marks;
};
enum err store_copy(const struct conf *conf, enum store_place to, bool force,
    struct store_copied *n, struct fault *f) FAULT_MUST_CHECK;

/* Open for serving; the pepper is read here.  Each trouble has its own
 * sentence.  The keys and the limits are opened at first need. */
enum err store_open(const struct conf *conf, struct store **out,
    struct fault *f) FAULT_MUST_CHECK;
void store_close(struct store *s); /* takes NULL */

/* After a reload: the key from the environment, which was wiped there, goes
 * over to the new store. */
void store_inherit(struct store *to, const struct store *from);

/* The document root as it really stands; false when it is empty or cannot be
 * resolved, and then says nothing. */
bool state_root(struct str document_root, char real[static PATH_MAX]);

/* Refuse a file or folder below that root (SECURITY_MODEL 9). */
enum err state_outside(const char *path, const char *real_root,
    struct fault *f) FAULT_MUST_CHECK;

/* Work done, for the tests that compare the paths of A3. */
struct store_counts {
	uint64_t hashes, reads, writes;
};
void store_count(struct store *s, struct store_counts *into);

enum { KEY_ID_LEN = 12, KEY_TEXT_LEN = 5 + 12 + 1 + 43 + 6, KEY_HASH_LEN = 32 };
enum { SCOPE_READ = 1, SCOPE_WRITE = 2 };

/* One verb grant: a source name, or "*" for all of the environment. */
struct key_grant {
	struct str source;
	unsigned verbs;
};

/* What the room above makes of a key that is remembered (key_ring.c), so that
 * it need not be made again: kept as long as that, in its arena. */
struct key_memo {
	struct arena *arena;
	const struct conf *conf; /* that it is made for; NULL: not made */
	unsigned *verbs;
	uint64_t rights;
};

struct key {
	int64_t row;
	char id[KEY_ID_LEN + 1];       /* hex */
	struct str label, owner, user; /* user: must match in Basic, or empty */
	unsigned scopes;
	const struct key_grant *grants; /* none: the default of A6 */
	size_t ngrants;
	struct str environment; /* or empty */
	struct str addresses;   /* comma list of addresses and CIDR, or empty */
	struct conf_rate rate;  /* set == false: the configured one */
	int confirm;      /* enum conf_confirm, or -1: the configured one */
	int64_t max_rows; /* 0: none of its own */
	int64_t created_s, expires_s, revoked_s, used_s; /* 0: never */
	int64_t stamp;         /* changes whenever the rights do */
	struct key_memo *memo; /* or NULL */
};

/* The text of a new key, shown once. */
enum err key_create(struct store *s, const struct key *want, int64_t now_s,
    char token[static KEY_TEXT_LEN + 1], struct key *made, struct arena *a,
    struct fault *f) FAULT_MUST_CHECK;

/*
 * Look a token up (A3): same work for unknown, wrong, expired, revoked.
 * ERR_UNAUTHORIZED, or ERR_UNAVAILABLE when the store cannot be read.  For the audit
 * *seen gets the key id of a well-formed token, also when refused.
 */
enum err key_check(struct store *s, struct arena *a, struct str token,
    int64_t now_s, struct key *out, char seen[static KEY_ID_LEN + 1],
    struct fault *f) FAULT_MUST_CHECK;

/* Is the text a well-formed key (prefix, length, check digits)? */
bool key_well_formed(struct str token);

/* What may be repeated of a name that no key has: it may be a key itself, or
 * most of one, put where a name belongs. */
struct str key_shown(struct str which);

/*
 * A key by its id as it stands now, and a number that changes with its secret:
 * for who was let in by it and is still there.  ERR_OBJECT_NOT_FOUND when it
 * is gone, revoked or expired.  A key that has no row (row == 0) never changes.
 */
enum err key_now(struct store *s, struct arena *a, const struct key *k,
    int64_t now_s, struct key *out, uint64_t *secret,
    struct fault *f) FAULT_MUST_CHECK;

/* By id or label; ERR_OBJECT_NOT_FOUND, ERR_CONFLICT when a label is not unique. */
enum err key_find(struct store *s, struct arena *a, struct str which,
    struct key *out, struct fault *f) FAULT_MUST_CHECK;
enum err key_each(struct store *s, struct arena *a,
    bool (*fn)(void *arg, const struct key *k), void *arg,
    struct fault *f) FAULT_MUST_CHECK;
enum err key_revoke(struct store *s, struct str id, int64_t now_s,
    struct fault *f) FAULT_MUST_CHECK;
/* New secret, same rights; the old one dies grace_s later. */
enum err key_rotate(struct store *s, struct str id, int64_t now_s,
    int64_t grace_s, char token[static KEY_TEXT_LEN + 1], struct key *made,
    struct arena *a, struct fault *f) FAULT_MUST_CHECK;
/* Not of a revoked key. */
enum err key_extend(struct store *s, struct str id, int64_t expires_s,
    struct fault *f) FAULT_MUST_CHECK;
enum err key_rename(struct store *s, struct str id, struct str label,
    struct fault *f) FAULT_MUST_CHECK;
/* Remember that it was used (at most once a minute each). */
void key_touch(struct store *s, const struct key *k, int64_t now_s);

/* One charge of GCRA (A7). */
struct limit_answer {
	bool granted;
	int limit, remaining, reset_s, retry_s;
};
enum err limit_charge(struct store *s, struct str bucket,
    const struct conf_rate *rate, int64_t now_us, struct limit_answer *out,
    struct fault *f) FAULT_MUST_CHECK;

/*
 * One of "max" places that a key has on this machine, held while a statement
 * runs; ERR_BUSY when all are held.  A process holds one at a time, and its
 * end frees it, whatever the end is.  store_place_apart: before this process
 * is copied.
 */
enum err store_place_take(struct store *s, const char *key, int max,
    struct fault *f) FAULT_MUST_CHECK;
void store_place_leave(struct store *s);
void store_place_apart(struct store *s);

/* Can the limits be charged?  For doctor. */
enum err limit_look(struct store *s, struct fault *f) FAULT_MUST_CHECK;

/*
 * Use up a mark, for all processes and all hosts that share the store; it is
 * remembered until "until_s".  ERR_CONFLICT: it was used before.
 */
enum err store_once(struct store *s, struct str mark, int64_t until_s,
    int64_t now_s, struct fault *f) FAULT_MUST_CHECK;

/* A key derived from the pepper, one context word of 8 letters each (A2). */
void store_derive(const struct store *s, const char context[static 8],
    uint8_t out[static 32]);

/* Remove what has expired: limit rows, old keys' buckets. */
enum err store_gc(struct store *s, int64_t now_s, int64_t *removed,
    struct fault *f) FAULT_MUST_CHECK;

/*
 * What a key did with a tool on one day (UTC, "2026-07-28"), as the audit
 * tells; calls of other methods have the method's name.
 */
struct count {
	struct str day, key, tool;
	int64_t calls, failed, rows, bytes, ms;
};

/*
 * Add the whole lines that the audit files of the state folder have got since
 * the last time, also those of files that were rotated away and are still
 * there, to the counters of the store.  Each line counts once, whatever ends
 * it and whoever does the same; ERR_CONFLICT: somebody just does.  *lines: how
 * many were read.
 */
enum err counts_take(struct store *s, int64_t *lines,
    struct fault *f) FAULT_MUST_CHECK;

/* The counters from that day on, by day, key and tool; false ends it. */
enum err counts_each(struct store *s, struct str from,
    bool (*fn)(void *arg, const struct count *c), void *arg,
    struct fault *f) FAULT_MUST_CHECK;

/* A consistent copy of the keys into a folder; never the pepper. */
enum err store_backup(struct store *s, const char *folder,
    struct fault *f) FAULT_MUST_CHECK;

/* The audit file (SECURITY_MODEL 8): one line with its newline, one write(2),
 * O_APPEND. */
struct audit;
enum err audit_open(const char *state, struct audit **out,
    struct fault *f) FAULT_MUST_CHECK;
void audit_close(struct audit *a); /* takes NULL */
enum err audit_write(struct audit *a, struct str line,
    struct fault *f) FAULT_MUST_CHECK;
int audit_fd(const struct audit *a); /* for a prepared last line */

/* Random bytes for the id of a request; one system call serves many. */
enum { AUDIT_ID = 8 };
void audit_id(struct audit *a, unsigned char out[static AUDIT_ID]);

#endif
