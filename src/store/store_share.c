/* SPDX-License-Identifier: ISC */
/*
 * A store that several machines share: its tables are made by the
 * administrator's command, and the machines must have one pepper, or a token
 * would be good on one of them only.  The id of the pepper stands in the store.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/store_int.h"

static bool
take_id(void *arg, const struct value *v, size_t n)
{
	char *id = arg;

	if (n == 1 && v[0].kind == VALUE_TEXT && v[0].s.len == PEPPER_ID_LEN)
		memcpy(id, v[0].s.p, PEPPER_ID_LEN);
	return true;
}

/* The id that stands in the store; empty: none does. */
static enum err
stored_id(struct store *s, char id[static PEPPER_ID_LEN + 1], struct fault *f)
{
	static const char sql[] =
	    "SELECT value FROM meta WHERE name = 'pepper'";

	memset(id, 0, PEPPER_ID_LEN + 1);
	return store_run(s, s->keys, sql, NULL, 0, take_id, id, NULL, f);
}

static bool
has_pepper(const struct store *s, const char *dot, const char *id)
{
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/pepper%s%s", s->state, dot, id);
	return access(path, F_OK) == 0;
}

static enum err
foreign(const struct store *s, struct fault *f)
{
	fault_hint(f, "copy the file pepper of another front end to %s",
	    s->state);
	return fault_set(f, ERR_CONF,
	    "the pepper of this machine is not that of the shared store");
}

enum err
pepper_write_id(struct store *s, struct fault *f)
{
	static const char sql[] =
	    "INSERT INTO meta (name, value) VALUES ('pepper', ?1)"
	    " ON CONFLICT (name) DO UPDATE SET value = excluded.value";
	const struct value v = value_text(str_of(s->peppers[0].id));

	return store_run(s, s->keys, sql, &v, 1, NULL, NULL, NULL, f);
}

enum err
pepper_agree(struct store *s, struct fault *f)
{
	char id[PEPPER_ID_LEN + 1];
	enum err err;

	if (!s->shared)
		return ERR_OK;
	err = stored_id(s, id, f);
	if (err != ERR_OK || strcmp(id, s->peppers[0].id) == 0)
		return err;
	/* Ours is the first, or follows one that we still have. */
	if (id[0] == '\0' || has_pepper(s, ".", id))
		return pepper_write_id(s, f);
	return foreign(s, f);
}

/* An account that makes none is good enough where all of them are. */
static bool
has_tables(struct store *s)
{
	static const char sql[] =
	    "SELECT 1 FROM meta, keys, rl, used, counts, counted WHERE 1 = 0";
	struct fault ignored = { 0 };

	return db_run(s->keys->db, sql, NULL, 0, NULL, NULL, NULL, &ignored) ==
	       ERR_OK;
}

enum err
store_tables(struct store *s, struct fault *f)
{
	enum err err = store_db_ready(s, s->keys, f);

	if (err != ERR_OK)
		return err;
	/* Two that make them at the same time are in each other's way. */
	for (int i = 0; i < 3 && err == ERR_OK; i++) {
		err = db_script(s->keys->db, keys_schema, f);
		if (err == ERR_OK)
			err = db_script(s->keys->db, limits_schema, f);
		if (err == ERR_OK)
			err = db_script(s->keys->db, counts_schema, f);
		if (err != ERR_CONFLICT && err != ERR_BUSY)
			break;
		err = ERR_OK;
	}
	if (err == ERR_OK || !has_tables(s))
		return err;
	*f = (struct fault){ 0 };
	return ERR_OK;
}

/* No pepper is made up where keys of another one are. */
static enum err
own_pepper(struct store *s, struct fault *f)
{
	char id[PEPPER_ID_LEN + 1];
	enum err err = stored_id(s, id, f);

	if (err == ERR_OK && id[0] != '\0' && !has_pepper(s, "", ""))
		return foreign(s, f);
	if (err == ERR_OK)
		err = pepper_create(s->state, f);
	return err == ERR_OK ? pepper_load(s, f) : err;
}

enum err
store_create_shared(const struct conf *conf, struct fault *f)
{
	struct store *s;
	enum err err = secret_start(f);

	if (err == ERR_OK)
		err = state_make(conf->state, f);
	if (err != ERR_OK)
		return err;
	s = store_new(conf, conf->state, &conf->store);
	err = store_tables(s, f);
	if (err == ERR_OK)
		err = own_pepper(s, f);
	if (err == ERR_OK)
		err = pepper_agree(s, f);
	store_close(s);
	return err;
}

static bool
take_looks(void *arg, const struct value *v, size_t n)
{
	struct store_sight *out = arg;

	if (n == 2 && v[0].kind == VALUE_INT && v[1].kind == VALUE_TEXT) {
		out->ahead_us = clock_wall_us() - v[0].i;
		out->synchronous = v[1].s.len > 0;
	}
	return true;
}

enum err
store_sight(struct store *s, struct store_sight *out, struct fault *f)
{
	static const char sql[] =
	    "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000"
	    " AS BIGINT), current_setting('synchronous_standby_names')";
	char id[PEPPER_ID_LEN + 1];
	enum err err;

	*out = (struct store_sight){ .shared = s->shared };
	if (!s->shared)
		return ERR_OK;
	err = stored_id(s, id, f);
	if (err == ERR_OK)
		err = store_run(s, s->keys, sql, NULL, 0, take_looks, out, NULL,
		    f);
	out->same_pepper = strcmp(id, s->peppers[0].id) == 0;
	out->older_pepper = id[0] != '\0' && has_pepper(s, ".", id);
	return err;
}
