/* SPDX-License-Identifier: ISC */
/*
 * One store into another: every key with its hashes, the counters of the audit
 * and how far it is counted, every mark that was used up: all of it read back
 * and compared before any of it is committed.  Buckets of the limits are not
 * worth it: they begin full.
 */
#include <sodium.h>
#include <unistd.h>

#include "store/store_int.h"

enum { WORDS = 4 }; /* of a digest */

#define KEY_ALL                                                             \
	"id, seq, pepper, hash, old_pepper, old_hash, old_until, label,"    \
	" owner, login, scopes, grants, environment, addresses,"            \
	" rate_count, rate_window, rate_burst, confirm, max_rows, created," \
	" expires, revoked, used"

static const struct table {
	const char *select, *insert, *drop;
} keys = { "SELECT " KEY_ALL " FROM keys WHERE id <> '' ORDER BY seq",
	"INSERT INTO keys (" KEY_ALL ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"
	" ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,"
	" ?22, ?23)",
	"DELETE FROM keys WHERE id <> ''" },
  counts = { "SELECT day, key_id, tool, calls, failed, nrows, nbytes, ms"
	     " FROM counts ORDER BY day, key_id, tool",
	  "INSERT INTO counts (day, key_id, tool, calls, failed, nrows,"
	  " nbytes, ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	  "DELETE FROM counts" },
  counted = { "SELECT head, at FROM counted ORDER BY head",
	  "INSERT INTO counted (head, at) VALUES (?1, ?2)",
	  "DELETE FROM counted" },
  marks = { "SELECT k, until FROM used ORDER BY k",
	  "INSERT INTO used (k, until) VALUES (?1, ?2)", "DELETE FROM used" };

/* Rows that were read, whatever their order. */
struct sum {
	int64_t rows;
	uint64_t words[WORDS];
};

struct flow {
	const struct table *table;
	struct db *to; /* NULL: look only */
	struct sum sum;
	enum err err;
	struct fault *f;
};

static void
add_row(struct sum *sum, const struct value *v, size_t n)
{
	crypto_generichash_state h;
	uint64_t words[WORDS];

	(void)crypto_generichash_init(&h, NULL, 0, sizeof(words));
	for (size_t i = 0; i < n; i++) {
		int64_t head =
		    v[i].kind == VALUE_INT ? v[i].i : (int64_t)v[i].s.len;

		(void)crypto_generichash_update(&h,
		    (const unsigned char *)&head, sizeof(head));
		if (v[i].kind == VALUE_TEXT)
			(void)crypto_generichash_update(&h,
			    (const unsigned char *)v[i].s.p, v[i].s.len);
	}
	(void)crypto_generichash_final(&h, (unsigned char *)words,
	    sizeof(words));
	for (size_t i = 0; i < WORDS; i++)
		sum->words[i] += words[i];
	sum->rows++;
}

static bool
pass(void *arg, const struct value *v, size_t n)
{
	struct flow *w = arg;

	add_row(&w->sum, v, n);
	if (w->to != NULL)
		w->err = db_run(w->to, w->table->insert, v, n, NULL, NULL, NULL,
		    w->f);
	return w->err == ERR_OK;
}

/* Every row of "from", to "to" if there is one. */
static enum err
walk(const struct table *t, struct db *from, struct db *to, struct sum *sum,
    struct fault *f)
{
	struct flow w = { .table = t, .to = to, .f = f };
	enum err err = db_run(from, t->select, NULL, 0, pass, &w, NULL, f);

	*sum = w.sum;
	return err == ERR_OK ? w.err : err;
}

static enum err
must_be_empty(const struct table *t, struct db *to, struct fault *f)
{
	struct sum there;
	enum err err = walk(t, to, NULL, &there, f);

	if (err == ERR_OK && there.rows > 0)
		return fault_set(f, ERR_CONFLICT,
		    "the target is not empty; --force replaces what is there");
	return err;
}

/* In place of what is there. */
static enum err
fill(const struct table *t, struct db *from, struct db *to, int64_t *rows,
    struct fault *f)
{
	struct sum gone, come;
	enum err err = db_run(to, t->drop, NULL, 0, NULL, NULL, NULL, f);

	if (err == ERR_OK)
		err = walk(t, from, to, &gone, f);
	if (err == ERR_OK)
		err = walk(t, to, NULL, &come, f);
	if (err != ERR_OK)
		return err;
	*rows = come.rows;
	if (gone.rows == come.rows &&
	    memcmp(gone.words, come.words, sizeof(gone.words)) == 0)
		return ERR_OK;
	return fault_set(f, ERR_INTERNAL,
	    "what came over is not what there was; nothing was changed");
}

/* Databases that keys and counters go between. */
struct ends {
	struct store *s; /* the source */
	struct db *from, *to;
	bool counts; /* the source has some */
};

static enum err
fill_keys(const struct ends *e, bool force, struct store_copied *n,
    struct fault *f)
{
	int64_t files;
	enum err err = force ? ERR_OK : must_be_empty(&keys, e->to, f);

	/* What all machines were asked is in nobody's copy. */
	if (err == ERR_OK && !force && e->counts)
		err = must_be_empty(&counts, e->to, f);
	if (err == ERR_OK)
		err = fill(&keys, e->from, e->to, &n->keys, f);
	if (err == ERR_OK && e->counts)
		err = fill(&counts, e->from, e->to, &n->counts, f);
	if (err == ERR_OK && e->counts)
		err = fill(&counted, e->from, e->to, &files, f);
	return err;
}

/* The source as it is at one moment, and a target that is not changed yet. */
static enum err
begin(const struct ends *e, struct fault *f)
{
	enum err err = db_script(e->from,
	    e->s->shared ? "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
			 : "BEGIN",
	    f);

	return err == ERR_OK ? db_script(e->to, "BEGIN", f) : err;
}

/* NULL: it was closed, and what was begun is gone with it. */
static void
back(struct db *db)
{
	struct fault ignored = { 0 };

	if (db != NULL)
		(void)!db_script(db, "ROLLBACK", &ignored);
}

enum err
store_copy_keys(struct store *from, struct db *to, struct fault *f)
{
	struct ends e = { .s = from, .to = to };
	struct store_copied n;
	enum err err = store_db_ready(from, from->keys, f);

	if (err != ERR_OK)
		return err;
	e.from = from->keys->db;
	err = counts_look(from, e.from, &e.counts, f);
	if (err == ERR_OK && e.counts)
		err = db_script(to, counts_schema, f);
	if (err == ERR_OK)
		err = begin(&e, f);
	if (err == ERR_OK)
		err = fill_keys(&e, false, &n, f);
	if (err == ERR_OK)
		err = db_script(to, "COMMIT", f);
	if (err != ERR_OK)
		back(to);
	back(e.from);
	return err;
}

/* The folder's databases; one that is missing is made for a target only. */
static enum err
ready(struct store *s, bool is_target, struct fault *f)
{
	enum err err;

	if (is_target && !s->shared)
		s->keys->schema = keys_schema;
	err = is_target && s->shared ? store_tables(s, f)
				     : store_db_ready(s, s->keys, f);
	if (err == ERR_OK && is_target)
		err = counts_tables(s, s->keys->db, f);
	return err == ERR_OK ? store_db_ready(s, s->limits, f) : err;
}

/* Marks are of no use to anybody else: they are never in the way.  Those of a
 * folder lie in a database of their own, which is the last to be changed. */
static enum err
fill_all(const struct ends *e, struct store *to, bool force,
    struct store_copied *n, struct fault *f)
{
	enum err err = fill_keys(e, force, n, f);

	if (err == ERR_OK && to->limits != to->keys)
		err = db_script(to->limits->db, "BEGIN", f);
	if (err == ERR_OK)
		err = fill(&marks, e->s->limits->db, to->limits->db, &n->marks,
		    f);
	if (err == ERR_OK && to->shared)
		err = pepper_write_id(to, f);
	if (err == ERR_OK)
		err = db_script(to->keys->db, "COMMIT", f);
	if (err == ERR_OK && to->limits != to->keys)
		err = db_script(to->limits->db, "COMMIT", f);
	return err;
}

static enum err
copy_ready(struct store *from, struct store *to, bool force,
    struct store_copied *n, struct fault *f)
{
	struct ends e = { from, from->keys->db, to->keys->db, false };
	enum err err = counts_look(from, e.from, &e.counts, f);

	if (err == ERR_OK)
		err = begin(&e, f);
	if (err == ERR_OK)
		err = fill_all(&e, to, force, n, f);
	if (err != ERR_OK) {
		back(to->keys->db);
		if (to->limits != to->keys)
			back(to->limits->db);
	}
	back(e.from);
	return err;
}

static enum err
copy_all(struct store *from, struct store *to, bool force,
    struct store_copied *n, struct fault *f)
{
	enum err err = pepper_load(from, f);

	if (err == ERR_OK)
		err = pepper_load(to, f);
	if (err == ERR_OK)
		err = ready(from, false, f);
	if (err == ERR_OK)
		err = pepper_agree(from, f);
	if (err == ERR_OK)
		err = ready(to, true, f);
	return err == ERR_OK ? copy_ready(from, to, force, n, f) : err;
}

enum err
store_copy(const struct conf *conf, enum store_place to, bool force,
    struct store_copied *n, struct fault *f)
{
	struct store *folder, *server;
	enum err err = secret_start(f);

	*n = (struct store_copied){ 0 };
	if (err == ERR_OK && !conf_shares_store(conf))
		err = fault_set(f, ERR_CONF,
		    "the configuration names no shared store");
	if (err == ERR_OK)
		err = state_check(conf->state, f);
	if (err != ERR_OK)
		return err;
	folder = store_new(conf, conf->state, NULL);
	server = store_new(conf, conf->state, &conf->store);
	err = to == STORE_SERVER ? copy_all(folder, server, force, n, f)
				 : copy_all(server, folder, force, n, f);
	store_close(folder);
	store_close(server);
	return err;
}
