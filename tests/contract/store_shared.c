/* SPDX-License-Identifier: ISC */
/*
 * A store that machines share: one pepper or none, copied whole or not at all,
 * nobody let in while it is away, and exact whoever charges.
 */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "source/db.h"
#include "store/store_int.h"
#include "tests/contract/store_server.h"
#include "tests/unit/store_case.h"

/* Another machine: a state folder of its own. */
struct machine {
	char state[96];
	struct conf conf;
	struct store *store;
};

static void
machine_make(struct machine *m, const char *name)
{
	(void)snprintf(m->state, sizeof(m->state), "%s/%s", site.folder, name);
	m->conf = site.conf;
	m->conf.state = m->state;
	m->store = NULL;
}

/* With the pepper of the site, as the administrator copies it. */
static void
machine_join(struct machine *m, const char *name)
{
	struct fault f = { 0 };
	char bytes[PEPPER_LEN];
	FILE *from = fopen(site_path(&site, "pepper"), "r"), *to;

	machine_make(m, name);
	assert_int_equal(mkdir(m->state, 0700), 0);
	assert_non_null(from);
	assert_int_equal(fread(bytes, 1, sizeof(bytes), from), sizeof(bytes));
	fclose(from);
	to = fopen(arena_fmt(site.arena, "%s/pepper", m->state).p, "w");
	assert_non_null(to);
	assert_int_equal(fwrite(bytes, 1, sizeof(bytes), to), sizeof(bytes));
	fclose(to);
	assert_int_equal(chmod(arena_fmt(site.arena, "%s/pepper", m->state).p,
			     0400),
	    0);
	assert_int_equal(store_create_shared(&m->conf, &f), ERR_OK);
	assert_int_equal(store_open(&m->conf, &m->store, &f), ERR_OK);
}

static enum err
check_at(struct store *s, const char *token, struct fault *f)
{
	char seen[KEY_ID_LEN + 1];
	struct key k;

	*f = (struct fault){ 0 };
	return key_check(s, site.arena, str_of(token), NOW, &k, seen, f);
}

static int64_t
rows(const char *sql)
{
	int64_t n = -1;

	assert_true(
	    str_int(str_of(pgsql_server_value(&store_server, "mcp", sql)), 0,
		INT64_MAX, &n));
	return n;
}

static void
as_admin(const char *sql)
{
	pgsql_server_script(&store_server, "mcp", sql);
}

/* --- one pepper --- */

static void
a_key_is_good_on_each_machine(void **state)
{
	char token[KEY_TEXT_LEN + 1];
	struct store_sight at;
	struct machine b;
	struct fault f;

	(void)state;
	make_key(token);
	machine_join(&b, "b");
	assert_int_equal(check_at(b.store, token, &f), ERR_OK);
	assert_int_equal(store_sight(b.store, &at, &f), ERR_OK);
	assert_true(at.shared && at.same_pepper && !at.synchronous);
	assert_true(at.ahead_us > -1000000 && at.ahead_us < 1000000);
	store_close(b.store);
}

static void
no_pepper_is_made_up(void **state)
{
	struct machine b;
	struct fault f = { 0 };

	(void)state;
	machine_make(&b, "b");
	assert_int_equal(store_create_shared(&b.conf, &f), ERR_CONF);
	assert_string_equal(f.msg,
	    "the pepper of this machine is not that of the shared store");
	assert_int_not_equal(access(arena_fmt(site.arena, "%s/pepper", b.state)
					.p,
				 F_OK),
	    0);
}

static void
another_pepper_makes_no_keys(void **state)
{
	char token[KEY_TEXT_LEN + 1];
	struct store_sight at;
	struct machine b;
	struct fault f = { 0 };
	struct key k;

	(void)state;
	make_key(token);
	machine_make(&b, "b");
	assert_int_equal(store_create(b.state, &f), ERR_OK);
	assert_int_equal(store_create_shared(&b.conf, &f), ERR_CONF);
	assert_int_equal(store_open(&b.conf, &b.store, &f), ERR_OK);
	assert_int_equal(key_create(b.store, &plain, NOW, token, &k, site.arena,
			     &f),
	    ERR_CONF);
	assert_int_equal(token[0], '\0');
	make_key(token);
	assert_int_equal(check_at(b.store, token, &f), ERR_UNAUTHORIZED);
	assert_int_equal(key_find(b.store, site.arena, STR("x"), &k, &f),
	    ERR_CONFLICT);
	assert_int_equal(store_sight(b.store, &at, &f), ERR_OK);
	assert_false(at.same_pepper || at.older_pepper);
	store_close(b.store);
	assert_int_equal(rows("SELECT count(*) FROM keys WHERE id <> ''"), 2);
}

/* A later pepper with the earlier one beside it is a rotation. */
static void
a_rotated_pepper_is_written_down(void **state)
{
	char old[KEY_TEXT_LEN + 1], token[KEY_TEXT_LEN + 1];
	struct store_sight at;
	struct machine b;
	struct fault f = { 0 };
	const char *id;

	(void)state;
	make_key(old);
	machine_join(&b, "b");
	id = arena_z(site.arena, str_of(site.store->peppers[0].id));
	assert_int_equal(rename(site_path(&site, "pepper"),
			     site_path(&site,
				 arena_fmt(site.arena, "pepper.%s", id).p)),
	    0);
	write_file("pepper", "0123456789abcdef0123456789abcdef", 32, 0400);
	assert_int_equal(site_reopen(&site, &f), ERR_OK);
	assert_int_equal(store_sight(site.store, &at, &f), ERR_OK);
	assert_true(!at.same_pepper && at.older_pepper);
	make_key(token);
	assert_int_equal(check(token, &f), ERR_OK);
	assert_int_equal(check(old, &f), ERR_OK);
	assert_int_equal(store_sight(b.store, &at, &f), ERR_OK);
	assert_false(at.same_pepper || at.older_pepper);
	store_close(b.store);
}

/* --- copies --- */

struct tokens {
	char good[KEY_TEXT_LEN + 1], revoked[KEY_TEXT_LEN + 1];
	char before[KEY_TEXT_LEN + 1], after[KEY_TEXT_LEN + 1];
};

static void
fill(struct tokens *t)
{
	struct fault f = { 0 };
	struct key k;

	make_key(t->good);
	assert_int_equal(key_create(site.store, &plain, NOW, t->revoked, &k,
			     site.arena, &f),
	    ERR_OK);
	assert_int_equal(key_revoke(site.store, str_of(k.id), NOW, &f), ERR_OK);
	assert_int_equal(key_create(site.store, &plain, NOW, t->before, &k,
			     site.arena, &f),
	    ERR_OK);
	assert_int_equal(key_rotate(site.store, str_of(k.id), NOW, 99, t->after,
			     &k, site.arena, &f),
	    ERR_OK);
	assert_int_equal(store_once(site.store, STR("agreed"), NOW + 9, NOW,
			     &f),
	    ERR_OK);
}

static void
all_there(struct store *s, const struct tokens *t)
{
	struct fault f = { 0 };

	assert_int_equal(check_at(s, t->good, &f), ERR_OK);
	assert_int_equal(check_at(s, t->revoked, &f), ERR_UNAUTHORIZED);
	assert_int_equal(check_at(s, t->before, &f), ERR_OK);
	assert_int_equal(check_at(s, t->after, &f), ERR_OK);
	assert_int_equal(store_once(s, STR("agreed"), NOW + 9, NOW, &f),
	    ERR_CONFLICT);
}

static void
copied_there_and_back(void **state)
{
	struct conf folder = site.conf;
	struct store_copied n;
	struct tokens t;
	struct store *s;
	struct fault f = { 0 };

	(void)state;
	fill(&t);
	folder.store.driver = "sqlite";
	assert_int_equal(store_copy(&site.conf, STORE_FOLDER, false, &n, &f),
	    ERR_OK);
	assert_int_equal(n.keys, 3);
	assert_int_equal(n.marks, 1);
	assert_int_equal(store_open(&folder, &s, &f), ERR_OK);
	all_there(s, &t);
	store_close(s);
	as_admin("DROP SCHEMA public CASCADE;"
		 " CREATE SCHEMA public AUTHORIZATION mcp");
	assert_int_equal(check(t.good, &f), ERR_UNAVAILABLE);
	assert_string_equal(f.hint, "\"mcpctl init\" makes them");
	assert_int_equal(store_copy(&site.conf, STORE_SERVER, false, &n, &f),
	    ERR_OK);
	assert_int_equal(n.keys, 3);
	assert_int_equal(n.marks, 1);
	all_there(site.store, &t);
}

static void
copied_over_something_by_force_only(void **state)
{
	struct store_copied n;
	struct tokens t;
	struct fault f = { 0 };
	char more[KEY_TEXT_LEN + 1];

	(void)state;
	fill(&t);
	assert_int_equal(store_copy(&site.conf, STORE_FOLDER, false, &n, &f),
	    ERR_OK);
	assert_int_equal(store_copy(&site.conf, STORE_FOLDER, false, &n, &f),
	    ERR_CONFLICT);
	assert_int_equal(store_copy(&site.conf, STORE_FOLDER, true, &n, &f),
	    ERR_OK);
	make_key(more);
	assert_int_equal(store_copy(&site.conf, STORE_SERVER, false, &n, &f),
	    ERR_CONFLICT);
	assert_string_equal(f.msg,
	    "the target is not empty; --force replaces what is there");
	assert_int_equal(check(more, &f), ERR_OK);
	assert_int_equal(store_copy(&site.conf, STORE_SERVER, true, &n, &f),
	    ERR_OK);
	assert_int_equal(n.keys, 3);
	assert_int_equal(check(more, &f), ERR_UNAUTHORIZED);
	all_there(site.store, &t);
}

/* Half of a copy is none: what was there before stays. */
static void
a_copy_that_fails_changes_nothing(void **state)
{
	struct store_copied n;
	struct tokens t;
	struct fault f = { 0 };

	(void)state;
	fill(&t);
	assert_int_equal(store_copy(&site.conf, STORE_FOLDER, false, &n, &f),
	    ERR_OK);
	as_admin("CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS"
		 " $$ BEGIN IF NEW.seq > 2 THEN RAISE 'no'; END IF;"
		 " RETURN NEW; END $$;"
		 " CREATE TRIGGER no BEFORE INSERT ON keys FOR EACH ROW"
		 " EXECUTE FUNCTION no()");
	assert_int_not_equal(store_copy(&site.conf, STORE_SERVER, true, &n, &f),
	    ERR_OK);
	all_there(site.store, &t);
	/* And what arrives changed is noticed. */
	as_admin("CREATE OR REPLACE FUNCTION no() RETURNS trigger"
		 " LANGUAGE plpgsql AS $$ BEGIN NEW.scopes := 3;"
		 " RETURN NEW; END $$");
	assert_int_equal(store_copy(&site.conf, STORE_SERVER, true, &n, &f),
	    ERR_INTERNAL);
	assert_string_equal(f.msg,
	    "what came over is not what there was; nothing was changed");
	assert_int_equal(rows("SELECT count(*) FROM keys WHERE scopes = 3"), 0);
	all_there(site.store, &t);
}

static void
a_backup_is_a_file(void **state)
{
	struct conf folder = site.conf;
	const char *to = arena_fmt(site.arena, "%s/copy", site.folder).p;
	char token[KEY_TEXT_LEN + 1];
	struct fault f = { 0 };
	struct store *s;

	(void)state;
	make_key(token);
	assert_int_equal(store_backup(site.store, to, &f), ERR_OK);
	assert_int_equal(store_backup(site.store, to, &f), ERR_UNAVAILABLE);
	folder.store.driver = "sqlite";
	assert_int_equal(rename(arena_fmt(site.arena, "%s/keys.db", to).p,
			     site_path(&site, "keys.db")),
	    0);
	assert_int_equal(store_open(&folder, &s, &f), ERR_OK);
	assert_int_equal(check_at(s, token, &f), ERR_OK);
	store_close(s);
}

/* --- counters --- */

#define ASKED(key)                                           \
	"{\"ts\":\"2026-01-01T10:00:00.000Z\",\"id\":\"" key \
	"\",\"event\":\"call\",\"key_id\":\"" key            \
	"\",\"method\":\"tools/call\",\"tool\":\"t\"}\n"

static void
asked(const char *lines)
{
	write_file("audit.jsonl", lines, strlen(lines), 0600);
}

static int64_t
take_counts(void)
{
	struct fault f = { 0 };
	int64_t lines = -1;

	assert_int_equal(counts_take(site.store, &lines, &f), ERR_OK);
	return lines;
}

static bool
nothing(void *arg, const struct count *c)
{
	(void)arg;
	(void)c;
	return true;
}

/* Who may change rows may not make tables, and need not. */
static void
an_account_that_makes_no_tables(void **state)
{
	const char *to = arena_fmt(site.arena, "%s/copy", site.folder).p;
	struct fault f = { 0 };
	int64_t n;

	(void)state;
	as_admin("ALTER SCHEMA public OWNER TO postgres;"
		 " GRANT USAGE ON SCHEMA public TO mcp");
	assert_int_equal(site_reopen(&site, &f), ERR_OK);
	asked(ASKED("a"));
	assert_int_equal(take_counts(), 1);
	assert_int_equal(counts_each(site.store, STR(""), nothing, NULL, &f),
	    ERR_OK);
	assert_int_equal(store_gc(site.store, NOW, &n, &f), ERR_OK);
	assert_int_equal(store_backup(site.store, to, &f), ERR_OK);
	assert_int_equal(store_create_shared(&site.conf, &f), ERR_OK);
	/* As an earlier release left it. */
	as_admin("DROP TABLE counts, counted");
	assert_int_equal(store_backup(site.store,
			     arena_fmt(site.arena, "%s/again", site.folder).p,
			     &f),
	    ERR_OK);
	assert_int_equal(counts_take(site.store, &n, &f), ERR_UNAVAILABLE);
	assert_string_equal(f.hint, "\"mcpctl init\" makes them");
}

/* Two that write the same rows in one order do not wait for each other. */
static void
counters_are_written_in_order(void **state)
{
	(void)state;
	asked(ASKED("b") ASKED("c") ASKED("a") ASKED("b"));
	assert_int_equal(take_counts(), 4);
	assert_int_equal(
	    rows("SELECT (string_agg(key_id, '' ORDER BY ctid) = 'abc')::int"
		 " FROM counts"),
	    1);
}

/* A deadlock with somebody else is no reason to give up. */
static void
counting_is_tried_again(void **state)
{
	(void)state;
	as_admin("CREATE SEQUENCE tries; CREATE FUNCTION no() RETURNS trigger"
		 " LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN"
		 " IF nextval('tries') <= 2 THEN"
		 " RAISE 'in the way' USING ERRCODE = '40P01'; END IF;"
		 " RETURN NEW; END $$;"
		 " CREATE TRIGGER no BEFORE INSERT ON counts FOR EACH ROW"
		 " EXECUTE FUNCTION no()");
	asked(ASKED("a") ASKED("b"));
	assert_int_equal(take_counts(), 2);
	assert_int_equal(rows("SELECT sum(calls)::bigint FROM counts"), 2);
}

/* Whichever of the tables it is that fails. */
static void
no_table_is_copied_alone(void **state)
{
	static const char *const names[] = { "counts", "counted", "used" };
	struct store_copied n;
	struct tokens t;
	struct fault f = { 0 };
	char more[KEY_TEXT_LEN + 1];

	(void)state;
	asked(ASKED("a"));
	take_counts();
	fill(&t);
	assert_int_equal(store_copy(&site.conf, STORE_FOLDER, false, &n, &f),
	    ERR_OK);
	assert_int_equal(n.counts, 1);
	make_key(more);
	as_admin("CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS"
		 " $$ BEGIN RAISE 'no'; END $$");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		as_admin(arena_fmt(site.arena,
		    "CREATE TRIGGER no BEFORE INSERT ON %s FOR EACH ROW"
		    " EXECUTE FUNCTION no()",
		    names[i])
			     .p);
		assert_int_not_equal(store_copy(&site.conf, STORE_SERVER, true,
					 &n, &f),
		    ERR_OK);
		assert_int_equal(check(more, &f), ERR_OK);
		assert_int_equal(rows("SELECT count(*) FROM counts"), 1);
		as_admin(
		    arena_fmt(site.arena, "DROP TRIGGER no ON %s", names[i]).p);
		all_there(site.store, &t);
	}
	assert_int_equal(store_copy(&site.conf, STORE_SERVER, true, &n, &f),
	    ERR_OK);
	assert_int_equal(check(more, &f), ERR_UNAUTHORIZED);
}

/* What other machines were asked is not forgotten for want of keys. */
static void
counters_are_in_the_way_of_a_copy(void **state)
{
	struct store_copied n;
	struct tokens t;
	struct fault f = { 0 };

	(void)state;
	asked(ASKED("a"));
	take_counts();
	fill(&t);
	assert_int_equal(store_copy(&site.conf, STORE_FOLDER, false, &n, &f),
	    ERR_OK);
	as_admin(
	    "DELETE FROM keys WHERE id <> ''; UPDATE counts SET calls = 7");
	assert_int_equal(store_copy(&site.conf, STORE_SERVER, false, &n, &f),
	    ERR_CONFLICT);
	assert_int_equal(rows("SELECT count(*) FROM keys WHERE id <> ''"), 0);
	assert_int_equal(rows("SELECT calls FROM counts"), 7);
	assert_int_equal(store_copy(&site.conf, STORE_SERVER, true, &n, &f),
	    ERR_OK);
	assert_int_equal(rows("SELECT calls FROM counts"), 1);
	all_there(site.store, &t);
}

/* --- away, slow, wrong --- */

static void
unavailable(enum err err, const struct fault *f, const char *sentence)
{
	assert_int_equal(err, ERR_UNAVAILABLE);
	assert_string_equal(f->msg, sentence);
	assert_int_equal(f->retry_s, 1);
	assert_true(f->log[0] != '\0');
}

static void
nobody_is_let_in_while_it_is_away(void **state)
{
	static const char away[] =
	    "the shared store cannot be used: its server cannot be reached";
	char token[KEY_TEXT_LEN + 1];
	struct fault f = { 0 };

	(void)state;
	make_key(token);
	assert_int_equal(check(token, &f), ERR_OK);
	assert_int_equal(charge(&f), ERR_OK);
	pgsql_server_kill(&store_server);
	unavailable(check(token, &f), &f, away);
	unavailable(charge(&f), &f, away);
	f = (struct fault){ 0 };
	unavailable(store_once(site.store, STR("a"), NOW + 9, NOW, &f), &f,
	    away);
	pgsql_server_again(&store_server);
	assert_int_equal(check(token, &f), ERR_OK);
	assert_int_equal(charge(&f), ERR_OK);
	assert_int_equal(store_once(site.store, STR("a"), NOW + 9, NOW, &f),
	    ERR_OK);
}

/* A restart between two requests is not even noticed. */
static void
a_restart_costs_nothing(void **state)
{
	char token[KEY_TEXT_LEN + 1];
	struct fault f = { 0 };

	(void)state;
	make_key(token);
	for (int i = 0; i < 3; i++) {
		for (int k = 0; k < 3; k++) {
			const char *mark =
			    arena_fmt(site.arena, "%d.%d", i, k).p;

			f = (struct fault){ 0 };
			assert_int_equal(store_once(site.store, str_of(mark),
					     NOW + 9, NOW, &f),
			    ERR_OK);
			assert_int_equal(check(token, &f), ERR_OK);
		}
		pgsql_server_kill(&store_server);
		pgsql_server_again(&store_server);
	}
	assert_int_equal(rows("SELECT count(*) FROM used"), 9);
}

/* What was begun on a connection is not finished on another one. */
static void
a_transaction_ends_with_its_connection(void **state)
{
	static const char put[] = "INSERT INTO used (k, until) VALUES (?1, ?2)";
	const struct value v[] = { value_text(STR("a")), value_int(1) };
	struct db *db = site_db(&site);
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(db_script(db, "BEGIN", &f), ERR_OK);
	as_admin("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
		 " WHERE usename = 'mcp'");
	assert_int_equal(db_run(db, put, v, 2, NULL, NULL, NULL, &f),
	    ERR_UNAVAILABLE);
	assert_int_equal(rows("SELECT count(*) FROM used"), 0);
	db_close(db);
}

/* Somebody sits on the table: the caller is told in time, and nothing is
 * granted behind his back. */
static void
a_slow_server_refuses(void **state)
{
	struct fault f = { 0 };
	PGconn *h = pgsql_server_open(&store_server, "mcp");
	int64_t from;

	(void)state;
	site.conf.store.timeout = 1;
	assert_int_equal(site_reopen(&site, &f), ERR_OK);
	assert_int_equal(charge(&f), ERR_OK);
	PQclear(PQexec(h, "BEGIN; LOCK TABLE rl IN ACCESS EXCLUSIVE MODE"));
	from = clock_mono_ms();
	assert_int_equal(charge(&f), ERR_UNAVAILABLE);
	assert_int_equal(f.retry_s, 1);
	assert_true(clock_mono_ms() - from < 4000);
	PQclear(PQexec(h, "ROLLBACK"));
	PQfinish(h);
	for (int i = 0; i < 4; i++)
		assert_int_equal(charge(&f), ERR_OK);
	assert_int_equal(
	    rows("SELECT (tat - 1800000000000000) / 1000000 FROM rl"), 5);
}

/* A commit that waits for a standby that is gone is no grant, and leaves no
 * session behind. */
static void
a_commit_that_nobody_confirms(void **state)
{
	struct fault f = { 0 };
	int64_t from;

	(void)state;
	site.conf.store.timeout = 1;
	assert_int_equal(site_reopen(&site, &f), ERR_OK);
	assert_int_equal(charge(&f), ERR_OK);
	as_admin("ALTER SYSTEM SET synchronous_standby_names = 'gone'");
	as_admin("SELECT pg_reload_conf()");
	/* It comes into force a moment later. */
	from = clock_mono_ms();
	while (charge(&f) == ERR_OK)
		assert_true(clock_mono_ms() - from < 20000);
	from = clock_mono_ms();
	for (int i = 0; i < 3; i++)
		unavailable(charge(&f), &f,
		    "the shared store cannot be used: its server takes too long");
	assert_true(clock_mono_ms() - from < 9000);
	assert_true(rows("SELECT count(*) FROM pg_stat_activity"
			 " WHERE usename = 'mcp'") <= 1);
	as_admin("ALTER SYSTEM RESET synchronous_standby_names");
	as_admin("SELECT pg_reload_conf()");
	from = clock_mono_ms();
	while (charge(&f) != ERR_OK)
		assert_true(clock_mono_ms() - from < 20000);
}

static void
says_what_is_wrong(void **state)
{
	struct fault f = { 0 };

	(void)state;
	as_admin("REVOKE ALL ON rl FROM mcp");
	unavailable(charge(&f), &f,
	    "the shared store cannot be used: its account may not do what it has to");
	as_admin("DROP TABLE rl");
	unavailable(charge(&f), &f,
	    "the shared store cannot be used: its tables are missing");
	site.conf.store.user = "nobody";
	assert_int_equal(site_reopen(&site, &f), ERR_OK);
	unavailable(charge(&f), &f,
	    "the shared store cannot be used: its server does not take the account");
	assert_null(strstr(f.msg, "nobody"));
	site.conf.store.driver = "files";
	assert_int_equal(site_reopen(&site, &f), ERR_OK);
	unavailable(charge(&f), &f,
	    "the shared store cannot be used: no store can lie in files");
}

/* Takes connections and says nothing, ever. */
static int
mute_host(int *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

/* The next host is asked when one is not there, or says nothing. */
static void
of_several_hosts_the_one_that_is_there(void **state)
{
	int port, fd = mute_host(&port);
	char hosts[96];
	struct fault f = { 0 };

	(void)state;
	(void)snprintf(hosts, sizeof(hosts),
	    "127.0.0.1:%d,127.0.0.1:1,[::1]:1, 127.0.0.1:%d", port,
	    store_server.port);
	site.conf.store.socket = NULL;
	site.conf.store.host = hosts;
	site.conf.store.port = 0;
	site.conf.store.user = "postgres"; /* who needs no password there */
	assert_int_equal(site_reopen(&site, &f), ERR_OK);
	assert_int_equal(charge(&f), ERR_OK);
	hosts[strlen(hosts) - 1] ^= 1;
	assert_int_equal(site_reopen(&site, &f), ERR_OK);
	assert_int_equal(charge(&f), ERR_UNAVAILABLE);
	close(fd);
}

/* --- limits --- */

enum { MACHINES = 2, EACH = 8, CHARGES = 60, BURST = 300 };

static void
charge_many(const struct conf *conf, int *granted)
{
	const struct conf_rate rate = { true, 1, 3600, BURST };
	struct fault f = { 0 };
	struct limit_answer l;
	struct store *s;

	if (store_open(conf, &s, &f) != ERR_OK)
		_exit(1);
	for (int i = 0; i < CHARGES; i++) {
		if (limit_charge(s, STR("k:one"), &rate, clock_wall_us(), &l,
			&f) != ERR_OK)
			_exit(2);
		*granted += l.granted;
	}
	store_close(s);
	_exit(0);
}

/* Two machines, eight processes each, one bucket: not one too many. */
static void
A7_exact_across_machines(void **state)
{
	int *granted = mmap(NULL, MACHINES * EACH * sizeof(int),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct machine b;
	int sum = 0, status;

	(void)state;
	assert_true(granted != MAP_FAILED);
	machine_join(&b, "b");
	store_close(b.store);
	store_close(site.store); /* no connection is carried over a fork */
	site.store = NULL;
	for (int i = 0; i < MACHINES * EACH; i++)
		if (fork() == 0)
			charge_many(i % 2 == 0 ? &site.conf : &b.conf,
			    &granted[i]);
	for (int i = 0; i < MACHINES * EACH; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	for (int i = 0; i < MACHINES * EACH; i++)
		sum += granted[i];
	assert_int_equal(sum, BURST);
	assert_int_equal(munmap(granted, MACHINES * EACH * sizeof(int)), 0);
}

enum { MAKERS = 8, KEYS = 5 };

/* Keys made at the same time get numbers of their own. */
static void
keys_made_at_once(void **state)
{
	struct fault f = { 0 };
	char token[KEY_TEXT_LEN + 1];
	struct key k;
	int status;

	(void)state;
	store_close(site.store);
	site.store = NULL;
	for (int i = 0; i < MAKERS; i++)
		if (fork() == 0) {
			if (site_reopen(&site, &f) != ERR_OK)
				_exit(1);
			for (int n = 0; n < KEYS; n++)
				if (key_create(site.store, &plain, NOW, token,
					&k, site.arena, &f) != ERR_OK)
					_exit(2);
			_exit(0);
		}
	for (int i = 0; i < MAKERS; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(rows("SELECT count(*) FROM keys WHERE id <> ''"),
	    (int64_t)MAKERS * KEYS);
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, case_set_up, case_tear_down)
	const struct CMUnitTest tests[] = {
		T(a_key_is_good_on_each_machine),
		T(no_pepper_is_made_up),
		T(another_pepper_makes_no_keys),
		T(a_rotated_pepper_is_written_down),
		T(copied_there_and_back),
		T(copied_over_something_by_force_only),
		T(a_copy_that_fails_changes_nothing),
		T(a_backup_is_a_file),
		T(an_account_that_makes_no_tables),
		T(counters_are_written_in_order),
		T(counting_is_tried_again),
		T(no_table_is_copied_alone),
		T(counters_are_in_the_way_of_a_copy),
		T(nobody_is_let_in_while_it_is_away),
		T(a_restart_costs_nothing),
		T(a_transaction_ends_with_its_connection),
		T(a_slow_server_refuses),
		T(a_commit_that_nobody_confirms),
		T(says_what_is_wrong),
		T(of_several_hosts_the_one_that_is_there),
		T(A7_exact_across_machines),
		T(keys_made_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
