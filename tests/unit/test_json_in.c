/* SPDX-License-Identifier: ISC */
/*
 * Strict reading: named cases (y_ is taken, n_ refused), JSONTestSuite where
 * it lies beside the project, and the ceilings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/json.h"
#include "json/json_out.h"

static char cases_dir[4096], suite_dir[4096], table_path[4200];

static bool
parses(struct str text, const struct json_limits *limits)
{
	struct arena *a = arena_new(1 << 24);
	struct fault f = { 0 };
	json_t *root;
	enum err err = json_parse(a, text, limits, &root, &f);

	if (err == ERR_OK) {
		assert_non_null(root);
	} else {
		assert_null(root);
		assert_int_equal(err, ERR_JSON);
		assert_int_equal(f.code, ERR_JSON);
		assert_string_equal(f.msg, "Parse error: invalid JSON");
		assert_string_not_equal(f.log, "");
	}
	arena_free(a);
	return err == ERR_OK;
}

static struct str
written(struct arena *a, const json_t *root, struct buf *twin)
{
	struct json_out o;
	struct buf b;

	buf_init(&b, a, 1 << 20);
	json_out_init(&o, &b, twin);
	json_tree(&o, NULL, root);
	assert_false(json_failed(&o));
	return buf_text(&b);
}

/* What was taken goes out, comes in, and goes out again the same; and the
 * twin, in quotes, is a string that holds it. */
static void
check_round_trip(struct str text, const char *label)
{
	struct arena *a = arena_new(1 << 24);
	struct fault f = { 0 };
	struct buf twin;
	struct str once;
	json_t *root;

	buf_init(&twin, a, 1 << 20);
	buf_char(&twin, '"');
	assert_int_equal(json_parse(a, text, &json_limits_default, &root, &f),
	    ERR_OK);
	once = written(a, root, &twin);
	if (json_parse(a, once, &json_limits_default, &root, &f) != ERR_OK ||
	    !str_eq(written(a, root, NULL), once))
		fail_msg("%s comes back different", label);
	buf_char(&twin, '"');
	if (json_parse(a, buf_text(&twin), &json_limits_default, &root, &f) !=
		ERR_OK ||
	    !str_eq(json_text(root), once))
		fail_msg("%s: the twin does not hold the text", label);
	arena_free(a);
}

static struct str
slurp(const char *dir, const char *file_name)
{
	static char text[1 << 20];
	char path[4400];
	FILE *file;
	size_t n;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, file_name);
	file = fopen(path, "rb");
	if (file == NULL)
		fail_msg("%s cannot be read", path);
	n = fread(text, 1, sizeof(text), file);
	assert_int_equal(fclose(file), 0);
	return (struct str){ text, n };
}

/* Our own word on a case: 1 taken, 0 refused, -1 none. */
static int
in_table(const char *name)
{
	char line[256], word[16], listed[200];
	FILE *file = fopen(table_path, "r");
	int found = -1;

	assert_non_null(file);
	while (found < 0 && fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "%15s %199s", word, listed) == 2 &&
		    strcmp(listed, name) == 0)
			found = strcmp(word, "taken") == 0;
	assert_int_equal(fclose(file), 0);
	return found;
}

static int
expected(const char *name)
{
	int listed = in_table(name);

	if (listed >= 0)
		return listed;
	if (name[0] != 'y' && name[0] != 'n')
		fail_msg("%s is not in the table", name);
	return name[0] == 'y';
}

static int
is_case(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return n > 5 && strcmp(e->d_name + n - 5, ".json") == 0;
}

static int
run_folder(const char *dir)
{
	struct dirent **names;
	int n = scandir(dir, &names, is_case, alphasort), wrong = 0;

	for (int i = 0; i < n; i++) {
		const char *name = names[i]->d_name;
		struct str text = slurp(dir, name);
		bool taken = parses(text, &json_limits_default);

		if (taken != expected(name)) {
			print_error("%s is wrongly %s\n", name,
			    taken ? "taken" : "refused");
			wrong++;
		}
		if (taken)
			check_round_trip(text, name);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	assert_int_equal(wrong, 0);
	return n;
}

static void
test_named_cases(void **state)
{
	(void)state;
	assert_true(run_folder(cases_dir) >= 60);
}

static void
test_suite(void **state)
{
	(void)state;
	if (run_folder(suite_dir) < 0) {
		print_message("JSONTestSuite is not beside the project\n");
		skip();
	}
}

static struct arena *mem;

static struct str
repeat(const char *head, const char *body, size_t n, const char *tail)
{
	struct buf b;

	buf_init(&b, mem, 1 << 23);
	buf_str(&b, str_of(head));
	for (size_t i = 0; i < n; i++)
		buf_str(&b, str_of(body));
	buf_str(&b, str_of(tail));
	assert_false(buf_failed(&b));
	return buf_text(&b);
}

static struct str
nested(size_t n)
{
	struct buf b;

	buf_init(&b, mem, 1 << 20);
	buf_str(&b, repeat("", "[", n, ""));
	buf_str(&b, repeat("", "]", n, ""));
	return buf_text(&b);
}

static struct str
nested_objects(size_t n)
{
	struct buf b;

	buf_init(&b, mem, 1 << 20);
	buf_str(&b, repeat("", "{\"a\":", n - 1, "{}"));
	buf_str(&b, repeat("", "}", n - 1, ""));
	return buf_text(&b);
}

/* n values: the array itself and n - 1 numbers. */
static struct str
numbers(size_t n)
{
	return repeat("[", "1,", n - 2, "1]");
}

/* n values, all but one behind a name. */
static struct str
members(size_t n)
{
	struct buf b;

	buf_init(&b, mem, 1 << 20);
	buf_lit(&b, "{");
	for (size_t i = 1; i < n; i++)
		buf_fmt(&b, "%s\"%zu\":\"\"", i == 1 ? "" : ",", i);
	buf_lit(&b, "}");
	return buf_text(&b);
}

static struct str
string(size_t n)
{
	return repeat("[\"", "x", n, "\"]");
}

static struct str
long_name(size_t n)
{
	return repeat("{\"", "x", n, "\":1}");
}

static struct str
real(size_t n)
{
	return repeat("[0.", "1", n - 2, "]");
}

static void
test_ceilings(void **state)
{
	static const struct {
		struct str (*make)(size_t n);
		size_t most;
	} cases[] = {
		{ nested, 64 },
		{ nested_objects, 64 },
		{ numbers, 20000 },
		{ members, 20000 },
		{ string, 1048576 },
		{ long_name, 1048576 },
		{ real, 64 },
	};

	(void)state;
	mem = arena_new(1 << 28);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (int more = -1; more <= 1; more++) {
			size_t n = cases[i].most + (size_t)more;
			struct str text = cases[i].make(n);

			if (parses(text, &json_limits_default) != (more <= 0))
				fail_msg("ceiling %zu at %zu", i, n);
		}
		arena_reset(mem);
	}
	arena_free(mem);
}

static void
test_bombs(void **state)
{
	(void)state;
	mem = arena_new(1 << 28);
	assert_false(parses(repeat("", "[", 100000, ""), &json_limits_default));
	assert_false(
	    parses(repeat("", "{\"a\":", 100000, ""), &json_limits_default));
	assert_false(parses(repeat("", "1", 400, ""), &json_limits_default));
	assert_false(parses(repeat("", "]", 1000, ""), &json_limits_default));
	assert_false(parses(str_of(NULL), &json_limits_default));
	arena_free(mem);
}

/* The log tells where, and not what stood there. */
static void
test_log_quotes_nothing(void **state)
{
	struct fault f = { 0 };
	json_t *root;

	(void)state;
	mem = arena_new(1 << 20);
	assert_int_equal(json_parse(mem, STR("{\"k\":\"hush\" hush}"),
			     &json_limits_default, &root, &f),
	    ERR_JSON);
	assert_null(strstr(f.log, "hush"));
	assert_non_null(strstr(f.log, "line 1"));
	arena_free(mem);
}

static void
test_taking_out(void **state)
{
	struct fault f = { 0 };
	json_t *root;

	(void)state;
	mem = arena_new(1 << 20);
	assert_int_equal(json_parse(mem, STR("{\"a\":\"x\\u0000y\",\"n\":1}"),
			     &json_limits_default, &root, &f),
	    ERR_OK);
	assert_true(str_eq(json_text(json_member(root, "a")), STR("x\0y")));
	assert_null(json_text(json_member(root, "n")).p);
	assert_null(json_text(NULL).p);
	assert_null(json_member(root, "b"));
	assert_null(json_member(json_member(root, "n"), "b"));
	assert_null(json_member(NULL, "b"));
	arena_free(mem);
}

/* What is written by json_tree_digits of it. */
static struct str
digits_of(const char *text)
{
	struct str rest = str_of(text);
	struct fault f = { 0 };
	struct json_out o;
	struct buf b;
	json_t *root;

	if (json_parse_digits(mem, rest, &json_limits_default, &root, &f) !=
	    ERR_OK)
		return STR("refused");
	buf_init(&b, mem, 1 << 16);
	json_out_init(&o, &b, NULL);
	json_tree_digits(&o, NULL, root, &rest);
	return buf_text(&b);
}

/* Numbers of any size come out as they went in; what is no number is refused
 * all the same. */
static void
test_digits(void **state)
{
	static const char *const kept[] = { "123456789012345678901", "-1e400",
		"[1.10,0,-0.0,1E+5,0.12345678901234567890]",
		"{\"1\":true,\"2\":\"-3\\\"4\",\"e\":[false,null,5e-1],\"x\":6}",
		"[[],{},\"\",99999999999999999999]" };
	static const char *const bad[] = { "012345678901234567890",
		"1234567890123456789.", "1.e5", "1e", "-", "1e+-5",
		"--12345678901234567890", "12345678901234567890-1",
		"[1234567890123456789 1]", "1.2.3456789012345678901" };

	(void)state;
	mem = arena_new(1 << 20);
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		assert_string_equal(arena_z(mem, digits_of(kept[i])), kept[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_string_equal(arena_z(mem, digits_of(bad[i])), "refused");
	arena_free(mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_named_cases),
		cmocka_unit_test(test_suite),
		cmocka_unit_test(test_ceilings),
		cmocka_unit_test(test_bombs),
		cmocka_unit_test(test_log_quotes_nothing),
		cmocka_unit_test(test_taking_out),
		cmocka_unit_test(test_digits),
	};
	const char *srcdir = getenv("srcdir");

	if (srcdir == NULL)
		srcdir = ".";
	(void)snprintf(cases_dir, sizeof(cases_dir), "%s/tests/cases/json",
	    srcdir);
	(void)snprintf(table_path, sizeof(table_path), "%s/i.txt", cases_dir);
	(void)snprintf(suite_dir, sizeof(suite_dir),
	    "%s/../shared/data/JSONTestSuite/test_parsing", srcdir);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
