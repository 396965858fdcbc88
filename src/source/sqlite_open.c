/* SPDX-License-Identifier: ISC */
/*
 * Opening a SQLite file as SECURITY_MODEL Q4 wants it: read-only or, for a
 * write, without creating; every limit set; nothing loaded; the authorizer in
 * force before a caller's text is seen.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/conf.h"
#include "source/sqlite_int.h"

#define LINK_MEMORY   ((size_t)64 << 20) /* names of a huge schema */
#define PROGRESS_OPS  1000
#define BUSY_READ_MS  2000
#define BUSY_WRITE_MS 5000
#define ENTRY_ROOM    4096 /* a WITH entry of ours in front of max_sql bytes */

enum err
sqlite_path(struct arena *a, const char *path, const char **out,
    struct fault *f)
{
	char folder[PATH_MAX], real[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - path);

	fault_log(f, "%s", path);
	if (slash == NULL || path[0] != '/' || n >= sizeof(folder))
		return fault_set(f, ERR_SOURCE_UNREACHABLE,
		    "the database file has no absolute path");
	memcpy(folder, path, n);
	folder[n] = '\0';
	if (realpath(n == 0 ? "/" : folder, real) == NULL)
		return fault_set(f, ERR_SOURCE_UNREACHABLE,
		    errno == EACCES
			? "the folder of the database file cannot be entered"
			: "the folder of the database file is missing");
	f->log[0] = '\0';
	*out =
	    arena_fmt(a, "%s/%s", strcmp(real, "/") == 0 ? "" : real, slash + 1)
		.p;
	return ERR_OK;
}

/* Called every thousand steps of the engine; not 0 interrupts. */
static int
on_progress(void *arg)
{
	struct sqlite_conn *c = arg;
	int64_t now;

	if (c->deadline.at_ms == 0 && c->pulse == NULL)
		return 0;
	now = clock_mono_ms();
	if (c->deadline.at_ms != 0 && now >= c->deadline.at_ms) {
		c->why = ERR_TIMEOUT;
		return 1;
	}
	if (c->pulse != NULL && now >= c->next_beat) {
		c->next_beat = now + SQLITE_BEAT_MS;
		if (!c->pulse->beat(c->pulse->arg, now - c->started)) {
			c->why = ERR_CANCELLED;
			return 1;
		}
	}
	return 0;
}

/* Somebody holds a lock: wait in small steps, within the deadline. */
static int
on_busy(void *arg, int count)
{
	struct sqlite_link *l = arg;
	int64_t most = l->writing ? BUSY_WRITE_MS : BUSY_READ_MS;
	int nap = count < 10 ? 2 : 20;
	int64_t waited = count < 10 ? 2 * count : 20 + 20 * (count - 10);

	if (waited >= most || on_progress(l->conn) != 0 ||
	    deadline_left(l->conn->deadline) <= nap)
		return 0;
	sqlite3_sleep(nap);
	return 1;
}

static void
set_limits(struct sqlite_link *l)
{
	const struct conf_limits *c = &l->conn->conf->limits;
	const struct conf_source *s = l->conn->spec;
	const struct {
		int id;
		int64_t most;
	} limits[] = {
		{ SQLITE_LIMIT_LENGTH, c->value },
		{ SQLITE_LIMIT_SQL_LENGTH, s->max_sql + ENTRY_ROOM },
		{ SQLITE_LIMIT_COLUMN, c->sqlite_columns },
		{ SQLITE_LIMIT_EXPR_DEPTH, c->sqlite_expr_depth },
		{ SQLITE_LIMIT_COMPOUND_SELECT, c->sqlite_compound },
		{ SQLITE_LIMIT_VDBE_OP, c->sqlite_ops },
		{ SQLITE_LIMIT_ATTACHED, c->sqlite_attached },
		{ SQLITE_LIMIT_LIKE_PATTERN_LENGTH, c->sqlite_like },
		{ SQLITE_LIMIT_VARIABLE_NUMBER, c->params },
		{ SQLITE_LIMIT_TRIGGER_DEPTH, c->sqlite_triggers },
		{ SQLITE_LIMIT_WORKER_THREADS, c->sqlite_threads },
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		sqlite3_limit(l->h, limits[i].id,
		    limits[i].most > INT_MAX ? INT_MAX : (int)limits[i].most);
}

static void
set_config(struct sqlite_link *l)
{
	sqlite3_db_config(l->h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(l->h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(l->h, SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0, NULL);
	sqlite3_db_config(l->h, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
	sqlite3_db_config(l->h, SQLITE_DBCONFIG_ENABLE_FKEY, l->writing, NULL);
	sqlite3_busy_handler(l->h, on_busy, l);
	sqlite3_progress_handler(l->h, PROGRESS_OPS, on_progress, l->conn);
}

static int
settings(struct sqlite_link *l)
{
	int rc = sqlite_exec(l, "PRAGMA temp_store=FILE; PRAGMA mmap_size=0; "
				"PRAGMA cell_size_check=ON; "
				"PRAGMA cache_size=-1000");

	/* Without it, INSERT INTO a SELECT * FROM b would read b unasked. */
	if (rc == SQLITE_OK && l->writing && l->conn->rules)
		rc = sqlite_exec(l, "PRAGMA count_changes=ON");
	return rc;
}

/* A name nobody can guess, for the file as an attached database. */
static int
attach(struct sqlite_link *l)
{
	unsigned char r[16];
	struct str args[2];
	char *p = arena_get(l->arena, 2 * sizeof(r) + 2);

	sqlite3_randomness(sizeof(r), r);
	p[0] = 'x';
	for (size_t i = 0; i < sizeof(r); i++) {
		p[1 + 2 * i] = "0123456789abcdef"[r[i] >> 4];
		p[2 + 2 * i] = "0123456789abcdef"[r[i] & 15];
	}
	p[1 + 2 * sizeof(r)] = '\0';
	l->schema = p;
	args[0] = str_of(l->conn->path);
	args[1] = str_of(p);
	return sqlite_query(l, "ATTACH ?1 AS ?2", args, 2, NULL, NULL);
}

static bool
read_number(void *arg, sqlite3_stmt *st)
{
	*(int64_t *)arg = sqlite3_column_int64(st, 0);
	return true;
}

/*
 * Virtual tables ask for more than a caller may have when they are first
 * used, so each is used once by us.  Those that fail stay unusable.
 */
static bool
touch(void *arg, sqlite3_stmt *st)
{
	struct sqlite_link *l = arg;
	struct str sql = arena_fmt(l->arena, "SELECT 1 FROM \"%s\".%s LIMIT 0",
	    l->schema, sqlite_quote(l->arena, sqlite_text(st, 0)).p);

	(void)sqlite_query(l, sql.p, NULL, 0, NULL, NULL);
	return true;
}

static int
touch_virtual(struct sqlite_link *l)
{
	struct str schema = str_of(l->schema);
	int64_t any = 0;
	int rc;

	(void)sqlite_exec(l, "SELECT 1 FROM json_each('[]')");
	(void)sqlite_exec(l, "SELECT 1 FROM json_tree('[]')");
	rc = sqlite_query(l,
	    arena_fmt(l->arena,
		"SELECT 1 FROM \"%s\".sqlite_master WHERE type = 'table' AND "
		"rootpage = 0 LIMIT 1",
		l->schema)
		.p,
	    NULL, 0, read_number, &any);
	if (rc != SQLITE_OK || any == 0)
		return rc;
	rc = sqlite_query(l,
	    "SELECT name FROM pragma_table_list WHERE schema = ?1 AND "
	    "type = 'virtual'",
	    &schema, 1, touch, l);
	if (rc != SQLITE_OK)
		return rc;
	return sqlite_names_read(l,
	    "SELECT name FROM pragma_table_list WHERE schema = ?1 AND "
	    "type = 'shadow'",
	    &l->inner);
}

static int
read_schema(struct sqlite_link *l)
{
	int rc = sqlite_version(l, &l->version);

	if (rc == SQLITE_OK)
		rc = touch_virtual(l);
	if (rc == SQLITE_OK)
		rc = sqlite_made_read(l);
	if (rc == SQLITE_OK && l->writing)
		rc = sqlite_names_read(l,
		    "SELECT name FROM sqlite_master WHERE type = 'trigger' AND "
		    "?1 <> ''",
		    &l->triggers);
	return rc;
}

static int
open_handle(struct sqlite_link *l)
{
	const struct sqlite_conn *c = l->conn;
	bool writes = l->writing && !c->spec->readonly;
	int flags = SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE |
		    SQLITE_OPEN_NOMUTEX |
		    (writes ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
	bool apart = c->rules && !l->writing;
	int rc = sqlite3_open_v2(apart ? ":memory:" : c->path, &l->h, flags,
	    SQLITE_TEMP_VFS);

	if (rc != SQLITE_OK)
		return rc;
	set_config(l);
	l->schema = "main";
	if (apart)
		rc = attach(l);
	if (rc == SQLITE_OK)
		rc = sqlite_printf_register(l);
	if (rc == SQLITE_OK)
		rc = settings(l);
	if (rc == SQLITE_OK) /* one lock for all that is asked now */
		rc = sqlite_exec(l, "BEGIN");
	if (rc == SQLITE_OK)
		rc = read_schema(l);
	return rc;
}

/* What the library would follow or wait for is looked at first. */
static enum err
check_file(const struct sqlite_link *l, struct fault *f)
{
	struct stat st;
	const char *words = NULL;

	if (lstat(l->conn->path, &st) != 0)
		words = errno == EACCES ? "the database file cannot be reached"
					: "the database file is missing";
	else if (S_ISLNK(st.st_mode))
		words = "the database file is a symbolic link";
	else if (!S_ISREG(st.st_mode))
		words = "the database is not a regular file";
	else if (faccessat(AT_FDCWD, l->conn->path, R_OK, AT_EACCESS) != 0)
		words = "the database file cannot be read";
	if (words == NULL)
		return ERR_OK;
	fault_log(f, "%s", l->conn->path);
	return fault_set(f, ERR_SOURCE_UNREACHABLE, "%s", words);
}

enum err
sqlite_link_open(struct sqlite_link *l, struct fault *f)
{
	enum err e = check_file(l, f);
	int rc;

	if (e != ERR_OK)
		return e;
	l->arena = arena_new(LINK_MEMORY);
	l->auth = (struct sqlite_auth){ .ours = true };
	rc = open_handle(l);
	if (rc != SQLITE_OK)
		e = sqlite_open_fault(l, l->conn->path, rc, f);
	if (e == ERR_OK) {
		sqlite3_set_authorizer(l->h, sqlite_authorize, l);
		if (l->conn->rules && !l->writing)
			e = sqlite_views_make(l, f);
	}
	if (e == ERR_OK && !l->writing &&
	    sqlite_exec(l, "PRAGMA query_only=ON") != SQLITE_OK)
		e = fault_set(f, ERR_INTERNAL, "the source cannot be set up");
	if (e == ERR_OK && sqlite_exec(l, "COMMIT") != SQLITE_OK)
		e = fault_set(f, ERR_INTERNAL, "the source cannot be set up");
	if (e != ERR_OK) {
		sqlite_link_close(l);
		return e;
	}
	set_limits(l);
	l->auth.ours = false;
	return ERR_OK;
}

void
sqlite_link_close(struct sqlite_link *l)
{
	for (size_t i = 0; i < SQLITE_KEPT; i++)
		sqlite_kept_drop(&l->kept[i]);
	for (size_t i = 0; i < TURN_COUNT; i++) {
		sqlite3_finalize(l->turn[i]);
		l->turn[i] = NULL;
	}
	sqlite3_close(l->h);
	l->h = NULL;
	arena_free(l->arena);
	l->arena = NULL;
	l->inner = (struct sqlite_names){ 0 };
	l->triggers = (struct sqlite_names){ 0 };
	l->hidden = (struct sqlite_names){ 0 };
	l->clean = (struct sqlite_names){ 0 };
	l->passed = (struct sqlite_names){ 0 };
	l->away = (struct sqlite_names){ 0 };
	l->ruled = (struct sqlite_names){ 0 };
	l->made = (struct rules_made){ 0 };
}

/* Once in a request: is this still the file of that path? */
static bool
is_stale(const struct sqlite_link *l)
{
	int moved = 0;

	return sqlite3_file_control(l->h, l->schema, SQLITE_FCNTL_HAS_MOVED,
		   &moved) != SQLITE_OK ||
	       moved != 0;
}

enum err
sqlite_link_use(struct sqlite_link *l, struct fault *f)
{
	struct sqlite_conn *c = l->conn;

	if (!c->checked) {
		if (c->rd.h != NULL && is_stale(&c->rd))
			sqlite_link_close(&c->rd);
		if (c->wr.h != NULL && is_stale(&c->wr))
			sqlite_link_close(&c->wr);
		c->checked = true;
	}
	return l->h != NULL ? ERR_OK : sqlite_link_open(l, f);
}
