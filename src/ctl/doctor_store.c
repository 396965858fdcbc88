/* SPDX-License-Identifier: ISC */
/* The store: the databases of the state folder, or the server that several
 * machines share, and the keys in it. */
#include <unistd.h>

#include "ctl/doctor.h"
#include "ctl/rights.h"
#include "source/db.h"
#include "store/limit_table.h"

#define SKEW_US 250000

/* A mark that is lost lets an agreement be used once more. */
#define MARKS_FIX                                                    \
	"stop the server, and delete limits.db when nothing that a " \
	"user agreed to is still open"

const char *
doctor_state(struct doctor *d, const char *name)
{
	return arena_fmt(d->c->arena, "%s/%s", d->c->conf->state, name).p;
}

static bool
integrity_row(void *arg, const struct value *v, size_t n)
{
	struct str *said = arg;

	if (n > 0 && v[0].kind == VALUE_TEXT && said->len == 0)
		*said = str_eq(v[0].s, STR("ok")) ? STR("ok") : STR("damaged");
	return false;
}

static void
look_database(struct doctor *d, const char *name, const char *fix)
{
	const char *path = doctor_state(d, name);
	struct db *db = NULL;
	struct fault f = { 0 };
	struct str said = { 0 };

	if (access(path, F_OK) != 0)
		return;
	if (db_open(path, DB_SAFE, &db, &f) != ERR_OK ||
	    db_run(db, "PRAGMA integrity_check(1)", NULL, 0, integrity_row,
		&said, NULL, &f) != ERR_OK)
		find(d, FIND_BAD, "database", fix, "%s: %s", path,
		    f.log[0] != '\0' ? f.log : f.msg);
	else if (!str_eq(said, STR("ok")))
		find(d, FIND_BAD, "database", fix, "%s is damaged", path);
	else
		find(d, FIND_GOOD, "database", NULL, "%s is sound", path);
	db_close(db);
}

/* Where they are rows, they lie beside the marks of what happens once. */
static const char *
limits_fix(const struct doctor *d)
{
	if (LIMIT_TABLE_WORKS && db_shares_memory(d->c->conf->state))
		return "stop the server and delete limits.tab; they begin anew";
	return MARKS_FIX;
}

static void
look_limits(struct doctor *d)
{
	struct fault f = { 0 };

	if (limit_look(d->c->store, &f) == ERR_OK)
		find(d, FIND_GOOD, "limits", NULL, "can be charged");
	else
		find(d, FIND_BAD, "limits", limits_fix(d), "%s",
		    f.log[0] != '\0' ? f.log : f.msg);
}

struct tally {
	size_t active, all;
	int64_t now_s;
};

static bool
count_key(void *arg, const struct key *k)
{
	struct tally *t = arg;

	t->all++;
	t->active += str_eq(str_of(key_status(k, t->now_s)), STR("active"));
	return true;
}

static const char *
store_fix(struct doctor *d)
{
	const struct conf *c = d->c->conf;

	if (conf_shares_store(c))
		return arena_fmt(d->c->arena, "mend the store (%s:%d)",
		    c->store.at.file, c->store.at.line)
		    .p;
	return arena_fmt(d->c->arena, "mend %s, or restore it from a backup",
	    c->state)
	    .p;
}

/* The server that several machines share. */
static void
look_shared(struct doctor *d)
{
	const char *state = d->c->conf->state;
	struct store_sight at;
	struct fault f = { 0 };

	if (store_sight(d->c->store, &at, &f) != ERR_OK) {
		find_fault(d, "store", NULL, store_fix(d), &f);
		return;
	}
	find(d, FIND_GOOD, "store", NULL, "shared, by %s; it can be asked",
	    d->c->conf->store.driver);
	if (!at.same_pepper && !at.older_pepper)
		find(d, FIND_BAD, "pepper",
		    arena_fmt(d->c->arena,
			"copy the file pepper of another front end to %s",
			state)
			.p,
		    "this machine has another one than the shared store");
	else
		find(d, FIND_GOOD, "pepper", NULL, "%s the shared store's",
		    at.same_pepper ? "is" : "follows");
	if (at.ahead_us > SKEW_US || at.ahead_us < -SKEW_US)
		find(d, FIND_WARN, "clock", "let NTP set the clocks",
		    "it differs by %lld ms from the shared store's: limits are as exact as the clocks",
		    (long long)at.ahead_us / 1000);
	if (!at.synchronous)
		find(d, FIND_NOTE, "store",
		    "synchronous_standby_names = '...' in postgresql.conf",
		    "its server waits for no standby: what was written last could be lost in a failover, a revoked key with it");
	if (access(doctor_state(d, "keys.db"), F_OK) == 0)
		find(d, FIND_NOTE, "store", NULL,
		    "%s is not used: the keys are in the shared store",
		    doctor_state(d, "keys.db"));
}

static void
look_folder(struct doctor *d)
{
	look_database(d, "keys.db",
	    arena_fmt(d->c->arena,
		"stop the server and restore %s from a backup",
		doctor_state(d, "keys.db"))
		.p);
	look_database(d, "limits.db", MARKS_FIX);
	look_limits(d);
}

void
doctor_store(struct doctor *d)
{
	struct ctl *c = d->c;
	struct fault f = { 0 };
	struct tally t = { .now_s = ctl_now() };

	if (ctl_mind_owner(c, &f) != ERR_OK ||
	    store_open(c->conf, &c->store, &f) != ERR_OK) {
		find_fault(d, "store", NULL, store_fix(d), &f);
		return;
	}
	find(d, FIND_GOOD, "pepper", NULL, "read");
	if (conf_shares_store(c->conf))
		look_shared(d);
	else
		look_folder(d);
	if (key_each(c->store, c->arena, count_key, &t, &f) != ERR_OK)
		find_fault(d, "keys", NULL, store_fix(d), &f);
	else if (t.active == 0)
		find(d, FIND_NOTE, "keys", "mcpctl key create NAME",
		    "no key is in force, so nobody may ask anything");
	else
		find(d, FIND_GOOD, "keys", NULL, "%zu in force of %zu",
		    t.active, t.all);
}
