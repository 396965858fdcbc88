/* SPDX-License-Identifier: ISC */
/* The audit's lines are counted, each once, whatever becomes of their files. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/store_int.h"
#include "tests/unit/store_case.h"

#define CALL(day, id, key, tool, more)                   \
	"{\"ts\":\"" day "T10:00:00.000Z\",\"id\":\"" id \
	"\",\"event\":\"call\",\"key_id\":\"" key        \
	"\",\"method\":\"tools/call\",\"tool\":\"" tool "\"" more "}\n"
#define DONE ",\"rows\":2,\"bytes\":30,\"ms\":4,\"status\":200"

static void
append(const char *name, const char *text)
{
	const char *path = site_path(&site, name);
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static int64_t
take(void)
{
	struct fault f = { 0 };
	int64_t lines = -1;

	assert_int_equal(counts_take(site.store, &lines, &f), ERR_OK);
	return lines;
}

static bool
put(void *arg, const struct count *c)
{
	buf_fmt(arg, "%.*s %.*s %.*s %lld %lld %lld %lld %lld\n",
	    (int)c->day.len, c->day.p, (int)c->key.len, c->key.p,
	    (int)c->tool.len, c->tool.p, (long long)c->calls,
	    (long long)c->failed, (long long)c->rows, (long long)c->bytes,
	    (long long)c->ms);
	return true;
}

/* All counters from a day on, a line each. */
static const char *
all_from(const char *day)
{
	struct fault f = { 0 };
	struct buf b;

	buf_init(&b, site.arena, 1 << 16);
	assert_int_equal(counts_each(site.store, str_of(day), put, &b, &f),
	    ERR_OK);
	return arena_z(site.arena, buf_text(&b));
}

static void
by_day_key_and_tool(void **state)
{
	(void)state;
	assert_int_equal(take(), 0);
	assert_string_equal(all_from(""), "");
	append("audit.jsonl",
	    CALL("2026-01-01", "1", "k1", "t", DONE)
		CALL("2026-01-01", "2", "k1", "t", DONE) CALL("2026-01-01", "3",
		    "k1", "t", ",\"code\":\"TIMEOUT\",\"ms\":9")
		    CALL("2026-01-02", "4", "k1", "t", DONE)
			CALL("2026-01-02", "5", "k2", "u", DONE));
	assert_int_equal(take(), 5);
	assert_string_equal(all_from(""), "2026-01-01 k1 t 3 1 4 60 17\n"
					  "2026-01-02 k1 t 1 0 2 30 4\n"
					  "2026-01-02 k2 u 1 0 2 30 4\n");
	assert_string_equal(all_from("2026-01-03"), "");
	assert_int_equal(take(), 0);
	append("audit.jsonl", CALL("2026-01-02", "6", "k2", "u", DONE));
	assert_int_equal(take(), 1);
	assert_string_equal(all_from("2026-01-02"),
	    "2026-01-02 k1 t 1 0 2 30 4\n"
	    "2026-01-02 k2 u 2 0 4 60 8\n");
}

/* Other events, other methods, what is no line, a line without its end. */
static void
what_counts(void **state)
{
	(void)state;
	append("audit.jsonl",
	    "{\"ts\":\"2026-01-01T10:00:00.000Z\",\"event\":\"begin\","
	    "\"key_id\":\"k\",\"method\":\"tools/call\",\"tool\":\"t\"}\n"
	    "{\"ts\":\"2026-01-01T10:00:00.000Z\",\"event\":\"refused\","
	    "\"method\":\"tools/call\",\"tool\":\"t\"}\n"
	    "{\"ts\":\"2026-01-01T10:00:00.000Z\",\"event\":\"call\","
	    "\"key_id\":\"k\",\"method\":\"resources/read\","
	    "\"tool\":\"file:///x\"}\n"
	    "{\"ts\":\"2026\",\"event\":\"call\",\"method\":\"ping\"}\n"
	    "{\"ts\":\"2026-01-01T10:00:00.000Z\",\"event\":\"call\","
	    "\"method\":\"tools/call\",\"tool\":\"t\","
	    "\"code\":\"ASKED\"}\n"
	    "torn {\n\nnull\n[1]\n"
	    "{\"ts\":\"2026-01-01T10:00:00.000Z\",\"event\":\"call\",");
	take();
	assert_string_equal(all_from(""),
	    "2026-01-01 k resources/read 1 0 0 0 0\n");
	append("audit.jsonl", "\"key_id\":\"k\",\"method\":\"ping\"}\n");
	assert_int_equal(take(), 1);
	assert_string_equal(all_from(""),
	    "2026-01-01 k ping 1 0 0 0 0\n"
	    "2026-01-01 k resources/read 1 0 0 0 0\n");
}

static void
after_rotation(void **state)
{
	(void)state;
	append("audit.jsonl", CALL("2026-01-01", "1", "k", "t", DONE));
	take();
	append("audit.jsonl", CALL("2026-01-01", "2", "k", "t", DONE));
	assert_int_equal(rename(site_path(&site, "audit.jsonl"),
			     site_path(&site, "audit.jsonl.1")),
	    0);
	append("audit.jsonl", CALL("2026-01-01", "3", "k", "t", DONE));
	append("audit.jsonl.2.gz", "\x1f\x8b\x08\n\n");
	assert_int_equal(take(), 2);
	assert_string_equal(all_from(""), "2026-01-01 k t 3 0 6 90 12\n");
	assert_int_equal(rename(site_path(&site, "audit.jsonl.1"),
			     site_path(&site, "audit.jsonl-20260101")),
	    0);
	assert_int_equal(take(), 0);
	assert_string_equal(all_from(""), "2026-01-01 k t 3 0 6 90 12\n");
}

/* What is read at once ends in the middle of lines; one is longer than that. */
static void
more_than_is_read_at_once(void **state)
{
	enum { LINES = 9000, LONG = 3 << 20 };
	char *text = malloc(LONG + 1), want[64];

	(void)state;
	for (int i = 0; i < LINES / 10; i++)
		append("audit.jsonl",
		    CALL("2026-01-01", "1", "k", "t", DONE) CALL("2026-01-01",
			"2", "k", "t", DONE) CALL("2026-01-01", "3", "k", "t",
			DONE) CALL("2026-01-01", "4", "k", "t",
			DONE) CALL("2026-01-01", "5", "k", "t",
			DONE) CALL("2026-01-01", "6", "k", "t", DONE)
			CALL("2026-01-01", "7", "k", "t", DONE)
			    CALL("2026-01-01", "8", "k", "t", DONE)
				CALL("2026-01-01", "9", "k", "t", DONE)
				    CALL("2026-01-01", "10", "k", "t", DONE));
	assert_non_null(text);
	memset(text, 'x', LONG);
	text[LONG] = '\0';
	append("audit.jsonl", text);
	append("audit.jsonl", "\n");
	append("audit.jsonl", CALL("2026-01-01", "y", "k", "t", DONE));
	free(text);
	take();
	snprintf(want, sizeof(want), "2026-01-01 k t %d 0 %d %d %d\n",
	    LINES + 1, 2 * (LINES + 1), 30 * (LINES + 1), 4 * (LINES + 1));
	assert_string_equal(all_from(""), want);
}

/* Eight that count at the same time: none of them counts what another did, and
 * none of them gives up. */
static void
many_processes(void **state)
{
	enum { PROCESSES = 8, LINES = 6000 };
	int64_t *lines = mmap(NULL, PROCESSES * sizeof(*lines),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int64_t sum = 0;

	(void)state;
	assert_true(lines != MAP_FAILED);
	for (int i = 0; i < LINES / 2; i++)
		append("audit.jsonl",
		    CALL("2026-01-01", "1", "k", "t", DONE)
			CALL("2026-01-01", "2", "k", "t", DONE));
	for (int p = 0; p < PROCESSES; p++)
		if (fork() == 0) {
			struct fault f = { 0 };
			enum err e = site_reopen(&site, &f);

			if (e == ERR_OK)
				e = counts_take(site.store, &lines[p], &f);
			_exit(e == ERR_OK ? 0 : 1);
		}
	for (int p = 0; p < PROCESSES; p++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	for (int p = 0; p < PROCESSES; p++)
		sum += lines[p];
	assert_int_equal(sum, LINES);
	assert_int_equal(munmap(lines, PROCESSES * sizeof(*lines)), 0);
	assert_string_equal(all_from(""),
	    "2026-01-01 k t 6000 0 12000 180000 24000\n");
}

int
main(void)
{
#define CASE(t) cmocka_unit_test_setup_teardown(t, case_set_up, case_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(by_day_key_and_tool),
		CASE(what_counts),
		CASE(after_rotation),
		CASE(more_than_is_read_at_once),
		CASE(many_processes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
