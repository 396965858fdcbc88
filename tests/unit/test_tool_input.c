/* SPDX-License-Identifier: ISC */
/*
 * Bad input for every argument of every listed tool, made from the schemas:
 * missing, of the wrong type, out of range, too long, with a NUL, unknown.
 * Each gets the sentence of tools.md 1.8 row 9 and runs nothing.
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/tool_case.h"

static int tried;

static const char more[] =
    "tools = { by_day = { source = \"shop\"; about = \"One day.\";"
    " sql = \"SELECT @a, @b, @c, @d, @e\"; params = {"
    "  a = { type = \"string\"; about = \"A.\"; required = true; };"
    "  b = { type = \"integer\"; about = \"B.\"; min = 1; max = 9; };"
    "  c = { type = \"number\"; about = \"C.\"; min = 0; };"
    "  d = { type = \"boolean\"; about = \"D.\"; };"
    "  e = { type = \"string\"; about = \"E.\"; enum = [ \"x\", \"y\" ]; }; };"
    " procedure = true; }; };";

static int
setup(void **state)
{
	(void)case_open(state);
	case_more(more);
	return 0;
}

/* A value that fits the property. */
static json_t *
good_value(const char *name, json_t *property)
{
	const char *type = json_text(json_member(property, "type")).p;
	json_t *values = json_member(property, "enum");

	if (values != NULL)
		return json_incref(json_array_get(values, 0));
	if (strcmp(name, "query") == 0 || strcmp(name, "statement") == 0)
		return json_string("SELECT 1");
	if (strstr(name, "atalog") != NULL)
		return json_string("shop");
	if (strcmp(type, "integer") == 0)
		return json_integer(1);
	if (strcmp(type, "number") == 0)
		return json_real(1);
	if (strcmp(type, "boolean") == 0)
		return json_true();
	if (strcmp(type, "object") == 0)
		return json_object();
	return json_string("x");
}

/* All required members, and what names a source. */
static json_t *
good_arguments(json_t *schema)
{
	json_t *o = json_object(), *required = json_member(schema, "required");
	json_t *props = json_member(schema, "properties");

	for (size_t i = 0; i < json_array_size(required); i++) {
		const char *name = json_text(json_array_get(required, i)).p;

		json_object_set_new(o, name,
		    good_value(name, json_member(props, name)));
	}
	return o;
}

/* Takes the arguments. */
static void
refused(const char *tool, json_t *args, const char *field, const char *words)
{
	const char *said = site_bad(&site, tool, site_dump(&site, args));
	char want[128];

	snprintf(want, sizeof(want), "Invalid parameters: ");
	if (strncmp(said, want, strlen(want)) != 0 ||
	    strstr(said, words) == NULL)
		fail_msg("%s: %s: %s", tool, words, said);
	assert_string_equal(site.fault.field, field);
	assert_int_equal(site.begins, 0);
	json_decref(args);
	tried++;
}

static json_t *
with(json_t *schema, const char *name, json_t *value)
{
	json_t *o = good_arguments(schema);

	json_object_set_new(o, name, value);
	return o;
}

static const char *
must_be(const char *name, const char *what)
{
	return arena_fmt(site.arena, "field '%s' must be %s", name, what).p;
}

static void
wrong_types(const char *tool, json_t *schema, const char *name,
    const char *type)
{
	static const struct {
		const char *type, *sentence;
		bool text_fits; /* some texts do */
	} types[] = {
		{ "string", "a string", true },
		{ "integer", "an integer", false },
		{ "number", "a number", false },
		{ "boolean", "a boolean", false },
		{ "object", "an object", false },
	};
	size_t i = 0;

	while (strcmp(types[i].type, type) != 0)
		i++;
	refused(tool, with(schema, name, json_null()), name,
	    must_be(name, types[i].sentence));
	refused(tool, with(schema, name, json_array()), name,
	    must_be(name, types[i].sentence));
	if (strcmp(type, "object") != 0)
		refused(tool, with(schema, name, json_object()), name,
		    must_be(name, types[i].sentence));
	if (!types[i].text_fits)
		refused(tool, with(schema, name, json_string("maybe")), name,
		    must_be(name, types[i].sentence));
	if (strcmp(type, "integer") != 0 && strcmp(type, "number") != 0)
		refused(tool, with(schema, name, json_integer(7)), name,
		    must_be(name, types[i].sentence));
	if (strcmp(type, "boolean") != 0)
		refused(tool, with(schema, name, json_true()), name,
		    must_be(name, types[i].sentence));
}

static void
wrong_texts(const char *tool, json_t *schema, const char *name,
    json_t *property)
{
	static char huge[1048577 + 1];

	refused(tool, with(schema, name, json_stringn("a\0b", 3)), name,
	    "must not contain a NUL character");
	if (json_member(property, "enum") != NULL) {
		refused(tool, with(schema, name, json_string("bogus")), name,
		    must_be(name, "one of "));
		return;
	}
	memset(huge, 'x', sizeof(huge) - 1);
	refused(tool, with(schema, name, json_string(huge)), name,
	    "bytes long");
	/* A text of a configured tool may be empty. */
	if (strcmp(tool, "by_day") != 0)
		refused(tool, with(schema, name, json_string("")), name,
		    "bytes long");
}

static void
wrong_numbers(const char *tool, json_t *schema, const char *name)
{
	if (strcmp(name, "c") != 0) {
		refused(tool, with(schema, name, json_real(1.5)), name,
		    must_be(name, "an integer"));
		refused(tool, with(schema, name, json_integer(INT64_MAX)), name,
		    must_be(name, "between 1 and "));
		refused(tool, with(schema, name, json_integer(0)), name,
		    must_be(name, "between 1 and "));
	}
	refused(tool, with(schema, name, json_integer(-1)), name,
	    must_be(name, strcmp(name, "c") == 0 ? "at least 0" : "between 1"));
}

static void
wrong_property(const char *tool, json_t *schema, const char *name,
    json_t *property)
{
	const char *type = json_text(json_member(property, "type")).p;

	wrong_types(tool, schema, name, type);
	if (strcmp(type, "string") == 0)
		wrong_texts(tool, schema, name, property);
	if (strcmp(type, "integer") == 0 || strcmp(type, "number") == 0)
		wrong_numbers(tool, schema, name);
}

static void
wrong_tool(const char *tool, json_t *schema)
{
	json_t *required = json_member(schema, "required");
	const char *name;
	json_t *property;

	for (size_t i = 0; i < json_array_size(required); i++) {
		json_t *o = good_arguments(schema);

		name = json_text(json_array_get(required, i)).p;
		json_object_del(o, name);
		refused(tool, o, name,
		    arena_fmt(site.arena, "missing required field '%s'", name)
			.p);
	}
	json_object_foreach(json_member(schema, "properties"), name, property)
	    wrong_property(tool, schema, name, property);
	refused(tool, with(schema, "no_such", json_null()), "no_such",
	    "unknown field 'no_such' (known: ");
	refused(tool, with(schema, "Query", json_null()), "Query",
	    "unknown field 'Query' (known: ");
}

/* get_columns refuses what says too little before all else. */
static void
test_every_argument_of_every_tool(void **state)
{
	json_t *list = site_list(&site);

	(void)state;
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *t = json_array_get(list, i);
		const char *tool = json_text(json_member(t, "name")).p;

		if (strcmp(tool, "query_source") != 0)
			wrong_tool(tool, json_member(t, "inputSchema"));
	}
	print_message("%d bad calls\n", tried);
	assert_true(tried > 1000);
}

/* Every kind of JSON as "parameters", and as arguments of query_source. */
static void
test_wild_values_are_survived(void **state)
{
	static const char *const values[] = { "null", "[]", "{}", "1", "-1",
		"1e300", "true", "\"\"", "\"\\u0000\"", "[[[[]]]]", "{\"@\":1}",
		"{\"\":{}}", "{\"a\":{\"value\":{}}}",
		"{\"a\":{\"dataType\":\"x\",\"value\":1}}",
		"{\"a\":{\"dataType\":-1,\"value\":1}}",
		"9223372036854775807" };
	static const char *const forms[] = {
		"{\"query\":\"SELECT 1\",\"defaultCatalog\":\"shop\","
		"\"parameters\":%s}",
		"{\"query\":%s,\"defaultCatalog\":\"shop\"}",
		"{\"query\":\"SELECT 1\",\"defaultCatalog\":%s}",
		"{\"query\":\"SELECT 1\",\"cursor\":%s}",
		"{\"sql\":%s}",
		"{\"sql\":\"SELECT 1\",\"source_name\":%s}",
	};

	(void)state;
	for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++)
		for (size_t v = 0; v < sizeof(values) / sizeof(values[0]);
		     v++) {
			const char *hole;
			char args[512];
			enum err e;

			hole = strstr(forms[f], "%s");
			snprintf(args, sizeof(args), "%.*s%s%s",
			    (int)(hole - forms[f]), forms[f], values[v],
			    hole + 2);
			e = site_call(&site,
			    f < 4 ? "execute_select" : "query_source", args);
			assert_true(e == ERR_OK || e == ERR_ARGUMENT);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(t) cmocka_unit_test_setup_teardown(t, setup, case_close)
		CASE(test_every_argument_of_every_tool),
		CASE(test_wild_values_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
