/* SPDX-License-Identifier: ISC */
/* What the files of the store share. */
#ifndef STORE_STORE_INT_H
#define STORE_STORE_INT_H

#include "base/secret.h"
#include "source/db.h"
#include "store/limit_file.h"
#include "store/store.h"

enum { PEPPER_LEN = 32, PEPPER_ID_LEN = 8, PEPPERS_MAX = 8 };
enum { HASH_TEXT = 2 * KEY_HASH_LEN }; /* a hash as hex */

struct pepper {
	char id[PEPPER_ID_LEN + 1];
	struct secret secret;
};

/* A database of ours, opened at first need: a file, or on a server. */
struct store_db {
	const char *path; /* for the log; of a server its name */
	const struct conf_source *server; /* or NULL */
	const char *what;                 /* "key store", for sentences */
	enum db_durable how;
	const char *schema; /* made when missing, or NULL: must be there */
	struct db *db;
	int64_t looked_s; /* when it was last asked whether it is stale */
	uint64_t opened;  /* how often */
};

/* How the buckets of the rate limits are kept. */
enum buckets { BUCKETS_UNKNOWN, BUCKETS_TABLE, BUCKETS_SQL };

/* One of the places for statements, and who we are among their holders. */
enum { PLACE_NAME = 1 + KEY_ID_LEN + 3 + 1 }; /* "p", the key, 000 */
struct places {
	bool looked, works;
	int lives;  /* places.lck, a lock in it tells that we live; -1: none */
	int64_t me; /* 0: not known to the others yet */
	char held[PLACE_NAME]; /* or empty */
};

struct store {
	struct arena *arena;
	const char *state;
	const struct conf *conf;        /* NULL while it is made */
	struct store_db place[2];       /* files of the state folder, or one */
	struct store_db *keys, *limits; /* of these */
	bool shared;                    /* with other machines, on a server */
	enum buckets buckets;
	struct limit_file table; /* of the limits here, and of the places */
	struct places running;
	struct pepper peppers[PEPPERS_MAX]; /* the first is the current one */
	size_t npeppers;
	int64_t now_s;               /* as the last caller that knew it said */
	struct keyring *ring;        /* keys that were good, or NULL */
	int blind;                   /* looks in a row that told nothing */
	struct secret fixed;         /* hash of the key from the environment */
	struct store_counts *counts; /* or NULL */
};

/* As store_open does, without the pepper; "server" NULL: in the folder. */
struct store *store_new(const struct conf *conf, const char *state,
    const struct conf_source *server);

extern const char keys_schema[];
extern const char limits_schema[];
extern const char counts_schema[]; /* counts.c; beside the keys */

/* store_share.c: is the pepper of this machine the shared store's?  ERR_CONF
 * when it is not; a later one that follows it is written down. */
enum err pepper_agree(struct store *s, struct fault *f) FAULT_MUST_CHECK;
enum err pepper_write_id(struct store *s, struct fault *f) FAULT_MUST_CHECK;
/* Make the tables on the server where they are missing. */
enum err store_tables(struct store *s, struct fault *f) FAULT_MUST_CHECK;

/* counts.c: are the tables of the counters in that database, which is the
 * store's or looks like it?  And make them where they are missing. */
enum err counts_look(const struct store *s, struct db *db, bool *there,
    struct fault *f) FAULT_MUST_CHECK;
enum err counts_tables(const struct store *s, struct db *db,
    struct fault *f) FAULT_MUST_CHECK;

/* store_copy.c: all keys and counters into an empty database. */
enum err store_copy_keys(struct store *from, struct db *to,
    struct fault *f) FAULT_MUST_CHECK;

/* state.c: the folder, 0700; owner and mode of the folder and of a file in it. */
enum err state_make(const char *state, struct fault *f) FAULT_MUST_CHECK;
enum err state_check(const char *state, struct fault *f) FAULT_MUST_CHECK;
enum err state_file(const char *path, const char *what, bool secret,
    struct fault *f) FAULT_MUST_CHECK;

/* pepper.c */
enum err pepper_create(const char *state, struct fault *f) FAULT_MUST_CHECK;
enum err pepper_load(struct store *s, struct fault *f) FAULT_MUST_CHECK;

/* The pepper of that id; an old one is read at first need.  The current one
 * stands in for one that is gone, so that the work stays the same. */
const struct pepper *pepper_find(struct store *s, struct str id);
void pepper_hash(struct store *s, const struct pepper *p, struct str text,
    char hex[static HASH_TEXT + 1]);

/* Run a statement of ours, opening the database first.  Any trouble comes
 * back as ERR_UNAVAILABLE. */
enum err store_run(struct store *s, struct store_db *d, const char *sql,
    const struct value *v, size_t n, db_row *row, void *arg, int64_t *changes,
    struct fault *f) FAULT_MUST_CHECK;

/* once.c: drop the marks that nobody can use any more. */
enum err once_sweep(struct store *s, int64_t now_s, int64_t *removed,
    struct fault *f) FAULT_MUST_CHECK;

/* Open if it is not open; look for a replaced file once a second. */
enum err store_db_ready(struct store *s, struct store_db *d,
    struct fault *f) FAULT_MUST_CHECK;

/* limit.c: the buckets as they are kept here; times in microseconds. */
enum err limit_ready(struct store *s, int64_t now,
    struct fault *f) FAULT_MUST_CHECK;
enum err limit_gc(struct store *s, int64_t now, int64_t *removed,
    struct fault *f) FAULT_MUST_CHECK;

/* limit_sql.c: the same as rows. */
enum err limit_sql_charge(struct store *s, struct str bucket,
    const struct limit_move *m, bool *granted, int64_t *tat,
    struct fault *f) FAULT_MUST_CHECK;
enum err limit_sql_gc(struct store *s, int64_t now, int64_t *removed,
    struct fault *f) FAULT_MUST_CHECK;

/* key_text.c: a fresh key text, and the same for a known id. */
void key_text_new(char token[static KEY_TEXT_LEN + 1],
    const char id[static KEY_ID_LEN + 1]);
void key_id_new(char id[static KEY_ID_LEN + 1]);
struct str key_text_id(struct str token);

/*
 * key_ring.c: keys that were found good, in memory, each as long as nothing is
 * committed to the key store.  "look" is taken before the row is read.
 */
struct ring_look {
	bool there;
	uint64_t opened;
	struct db_look db;
};
void ring_look(struct store *s, struct ring_look *out);
/* The key whose token has this hash under the current pepper, or NULL.  The
 * work depends on nothing that is secret. */
const struct key *ring_find(const struct store *s, struct str id,
    const char hash[static HASH_TEXT + 1], const struct ring_look *look);
void ring_keep(struct store *s, const struct key *k,
    const char hash[static HASH_TEXT + 1], const struct ring_look *look);
void ring_free(struct store *s);

/* key_row.c, in another arena. */
void key_copy(struct arena *a, const struct key *k, struct key *out);

/* key_env.c: the key that stands in a variable of the environment. */
enum err key_env_load(struct store *s, const char *name,
    struct fault *f) FAULT_MUST_CHECK;
bool key_env_is(struct store *s, struct str token);
void key_env_fill(struct key *k);

/* key_row.c: a row of the table as a struct key, all text in the arena. */
#define KEY_COLUMNS                                                           \
	"seq, id, label, owner, login, scopes, grants, environment, "         \
	"addresses, rate_count, rate_window, rate_burst, confirm, max_rows, " \
	"created, expires, revoked, used"
enum { KEY_NCOLUMNS = 18 };
void key_row(struct arena *a, const struct value *v, struct key *out);
struct str key_grants_text(struct arena *a, const struct key *k);
enum err key_valid(const struct key *k, struct fault *f) FAULT_MUST_CHECK;

static inline struct value
value_int(int64_t i)
{
	return (struct value){ .kind = VALUE_INT, .i = i };
}

/* An absent text is an empty one: no column of ours may be NULL. */
static inline struct value
value_text(struct str s)
{
	return (
	    struct value){ .kind = VALUE_TEXT, .s = s.p == NULL ? STR("") : s };
}

#endif
