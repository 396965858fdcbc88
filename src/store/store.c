/* SPDX-License-Identifier: ISC */
/* The store as a whole: made, opened, closed, and keys derived from it. */
#include <sodium.h>

#include "base/clock.h"
#include "store/store_int.h"

#define STORE_ARENA ((size_t)1024 * 1024)

/* Text and whole numbers only, so that the same lines make the tables in
 * SQLite and in PostgreSQL.  Hashes are hex.  The row with the empty id is a
 * decoy: a look-up of any id finds a row (key_check.c). */
const char keys_schema[] =
    "CREATE TABLE IF NOT EXISTS meta ("
    " name TEXT PRIMARY KEY, value TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS keys ("
    " id TEXT PRIMARY KEY,"
    " seq BIGINT NOT NULL UNIQUE,"
    " pepper TEXT NOT NULL, hash TEXT NOT NULL,"
    " old_pepper TEXT NOT NULL DEFAULT '',"
    " old_hash TEXT NOT NULL DEFAULT '',"
    " old_until BIGINT NOT NULL DEFAULT 0,"
    " label TEXT NOT NULL, owner TEXT NOT NULL DEFAULT '',"
    " login TEXT NOT NULL DEFAULT '',"
    " scopes BIGINT NOT NULL DEFAULT 0,"
    " grants TEXT NOT NULL DEFAULT '',"
    " environment TEXT NOT NULL DEFAULT '',"
    " addresses TEXT NOT NULL DEFAULT '',"
    " rate_count BIGINT NOT NULL DEFAULT 0,"
    " rate_window BIGINT NOT NULL DEFAULT 0,"
    " rate_burst BIGINT NOT NULL DEFAULT 0,"
    " confirm BIGINT NOT NULL DEFAULT -1,"
    " max_rows BIGINT NOT NULL DEFAULT 0,"
    " created BIGINT NOT NULL DEFAULT 0,"
    " expires BIGINT NOT NULL DEFAULT 0,"
    " revoked BIGINT NOT NULL DEFAULT 0,"
    " used BIGINT NOT NULL DEFAULT 0);"
    "INSERT INTO meta (name, value) VALUES ('schema', '1')"
    " ON CONFLICT (name) DO NOTHING;"
    "INSERT INTO keys (id, seq, pepper, hash, label, revoked)"
    " VALUES ('', 0, '', '', '', 1) ON CONFLICT (id) DO NOTHING";

const char limits_schema[] = "CREATE TABLE IF NOT EXISTS rl ("
			     " k TEXT PRIMARY KEY, tat BIGINT NOT NULL);"
			     "CREATE TABLE IF NOT EXISTS used ("
			     " k TEXT PRIMARY KEY, until BIGINT NOT NULL)";

/* Files of the state folder as store_db; nothing is opened. */
static void
describe_folder(struct store *s)
{
	s->keys = &s->place[0];
	s->limits = &s->place[1];
	*s->keys = (struct store_db){ .what = "key store",
		.how = DB_SAFE,
		.path = arena_fmt(s->arena, "%s/keys.db", s->state).p };
	*s->limits = (struct store_db){ .what = "limit store",
		.how = DB_FAST,
		.path = arena_fmt(s->arena, "%s/limits.db", s->state).p,
		.schema = limits_schema };
}

/* One connection for all of it. */
static void
describe_server(struct store *s, const struct conf_source *server)
{
	s->shared = true;
	s->buckets = BUCKETS_SQL;
	s->keys = s->limits = &s->place[0];
	*s->keys = (struct store_db){ .what = "shared store",
		.server = server,
		.path = server->name };
}

struct store *
store_new(const struct conf *conf, const char *state,
    const struct conf_source *server)
{
	struct arena *a = arena_new(STORE_ARENA);
	struct store *s = arena_zero(a, 1, sizeof(*s));

	s->arena = a;
	s->conf = conf;
	s->state = arena_z(a, str_of(state));
	s->table = (struct limit_file){ .folder = strlen(s->state),
		.path = arena_fmt(s->arena, "%s/limits.tab", s->state).p };
	s->running.lives = -1;
	if (server == NULL)
		describe_folder(s);
	else
		describe_server(s, server);
	return s;
}

enum err
store_create(const char *state, struct fault *f)
{
	struct store *s;
	enum err err = secret_start(f);

	if (err == ERR_OK)
		err = state_make(state, f);
	if (err == ERR_OK)
		err = pepper_create(state, f);
	if (err != ERR_OK)
		return err;
	s = store_new(NULL, state, NULL);
	s->keys->schema = keys_schema;
	err = store_db_ready(s, s->keys, f);
	if (err == ERR_OK)
		err = limit_ready(s, clock_wall_us(), f);
	store_close(s);
	return err;
}

enum err
store_open(const struct conf *conf, struct store **out, struct fault *f)
{
	struct store *s;
	enum err err = secret_start(f);

	*out = NULL;
	if (err == ERR_OK)
		err = state_check(conf->state, f);
	if (err != ERR_OK)
		return err;
	s = store_new(conf, conf->state,
	    conf_shares_store(conf) ? &conf->store : NULL);
	err = pepper_load(s, f);
	if (err == ERR_OK && conf->key_env != NULL)
		err = key_env_load(s, conf->key_env, f);
	if (err != ERR_OK) {
		store_close(s);
		return err;
	}
	*out = s;
	return ERR_OK;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < sizeof(s->place) / sizeof(s->place[0]); i++)
		db_close(s->place[i].db);
	store_place_apart(s);
	limit_file_close(&s->table);
	ring_free(s);
	for (size_t i = 0; i < s->npeppers; i++)
		secret_done(&s->peppers[i].secret);
	secret_done(&s->fixed);
	arena_free(s->arena);
}

void
store_inherit(struct store *to, const struct store *from)
{
	if (to->fixed.bytes == NULL && from->fixed.bytes != NULL)
		to->fixed = secret_take(from->fixed.bytes, from->fixed.len);
}

void
store_count(struct store *s, struct store_counts *into)
{
	s->counts = into;
}

void
store_derive(const struct store *s, const char context[static 8],
    uint8_t out[static 32])
{
	crypto_kdf_derive_from_key(out, 32, 1, context,
	    s->peppers[0].secret.bytes);
}
