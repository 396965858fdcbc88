/* SPDX-License-Identifier: ISC */
/*
 * JSON Schema 2020-12: the cases of tests/cases/schema, in the form of the
 * public suite, and the schemas of refused.json, which are none.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/module.h"
#include "base/regex.h"
#include "json/schema.h"

static struct module module;

static int
match(void *arg, struct str pattern, struct str text)
{
	const struct regex_module *m = arg;

	return m->match(pattern, text);
}

static struct schema_regex re = { match, NULL };

static json_t *
load(const char *name)
{
	const char *src = getenv("srcdir");
	char path[512];
	json_t *v;

	(void)snprintf(path, sizeof(path), "%s/tests/cases/schema/%s",
	    src == NULL ? "." : src, name);
	v = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
	if (v == NULL)
		print_error("%s cannot be read\n", path);
	assert_non_null(v);
	return v;
}

static const char *
text_of(const json_t *o, const char *name)
{
	return json_string_value(json_object_get(o, name));
}

/* One schema and its values; how many went wrong. */
static int
group_fails(const json_t *group)
{
	const json_t *schema = json_object_get(group, "schema");
	struct arena *a = arena_new(16 << 20);
	struct fault f = { 0 };
	int wrong = 0;
	size_t i;
	json_t *t;

	if (schema_test(schema, &re, &f) != ERR_OK) {
		print_error("%s: %s\n", text_of(group, "description"), f.msg);
		wrong++;
	}
	json_array_foreach(json_object_get(group, "tests"), i, t)
	{
		struct schema_why why;
		bool want = json_is_true(json_object_get(t, "valid"));
		bool got = schema_holds(a, schema, json_object_get(t, "data"),
		    &re, &why);

		if (got == want && (got || why.text[0] != '\0'))
			continue;
		print_error("%s, %s: %s%s\n", text_of(group, "description"),
		    text_of(t, "description"),
		    got ? "held" : "did not hold: ", got ? "" : why.text);
		wrong++;
	}
	arena_free(a);
	return wrong;
}

static void
cases_of(const char *name)
{
	json_t *all = load(name), *group;
	int wrong = 0;
	size_t i;

	assert_true(json_array_size(all) > 3);
	json_array_foreach(all, i, group)
	{
		wrong += group_fails(group);
	}
	json_decref(all);
	assert_int_equal(wrong, 0);
}

#define CASES(name)                      \
	static void name(void **state)   \
	{                                \
		(void)state;             \
		cases_of(#name ".json"); \
	}
CASES(values)
CASES(objects)
CASES(arrays)
CASES(logic)
CASES(references)

static void
bad_schemas_are_refused(void **state)
{
	json_t *all = load("refused.json"), *one;
	int wrong = 0;
	size_t i;

	(void)state;
	json_array_foreach(all, i, one)
	{
		struct fault f = { 0 };

		if (schema_test(json_object_get(one, "schema"), &re, &f) ==
			ERR_CONF &&
		    f.msg[0] != '\0')
			continue;
		print_error("%s was taken\n", text_of(one, "description"));
		wrong++;
	}
	json_decref(all);
	assert_int_equal(wrong, 0);
}

static void
reasons_name_the_place(void **state)
{
	struct arena *a = arena_new(16 << 20);
	struct schema_why why;
	json_t *schema = json_loads(
	    "{\"properties\":{\"a\":{\"items\":{\"type\":\"integer\"}},\"b\":{\"enum\":[\"x\",\"y\"]}},"
	    "\"required\":[\"c\"],\"additionalProperties\":false}",
	    0, NULL);
	static const struct {
		const char *value, *at, *text, *member;
		enum schema_what what;
	} rows[] = {
		{ "{\"a\":[1,\"x\"],\"c\":1}", "/a/1", "must be an integer", "",
		    SCHEMA_WRONG },
		{ "{\"b\":\"z\"}", "/b", "must be one of x, y", "",
		    SCHEMA_WRONG },
		{ "{\"zz\":1}", "", "lacks the member 'c'", "c", SCHEMA_LACKS },
		{ "{\"b\":\"x\"}", "", "lacks the member 'c'", "c",
		    SCHEMA_LACKS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *v = json_loads(rows[i].value, 0, NULL);

		assert_false(schema_holds(a, schema, v, &re, &why));
		assert_string_equal(why.at, rows[i].at);
		assert_string_equal(why.text, rows[i].text);
		assert_string_equal(why.member, rows[i].member);
		assert_int_equal(why.what, rows[i].what);
		json_decref(v);
	}
	json_decref(schema);
	arena_free(a);
}

static int
open_regex(void **state)
{
	struct fault f = { 0 };

	(void)state;
	if (module_open(&module, "regex", "it", &f) != ERR_OK) {
		print_error("%s\n", f.log);
		return -1;
	}
	re.arg = (void *)(uintptr_t)module.offers;
	return 0;
}

static int
close_regex(void **state)
{
	(void)state;
	module_close(&module);
	return 0;
}

static void
a_missing_module_is_named(void **state)
{
	struct module none = { 0 };
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(module_open(&none, "nothing", "the package x", &f),
	    ERR_CONF);
	assert_string_equal(f.msg,
	    "the module nothing is missing; install the package x");
}

static void
a_pattern_that_runs_away_stops(void **state)
{
	char text[4000];

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_int_equal(match(re.arg, STR("^(a+)+$b"),
			     (struct str){ text, sizeof(text) }),
	    0);
	assert_int_equal(match(re.arg, STR("(?:"), STR("")), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(objects),
		cmocka_unit_test(arrays),
		cmocka_unit_test(logic),
		cmocka_unit_test(references),
		cmocka_unit_test(bad_schemas_are_refused),
		cmocka_unit_test(reasons_name_the_place),
		cmocka_unit_test(a_missing_module_is_named),
		cmocka_unit_test(a_pattern_that_runs_away_stops),
	};

	return cmocka_run_group_tests(tests, open_regex, close_regex);
}
