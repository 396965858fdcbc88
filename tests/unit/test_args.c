/* SPDX-License-Identifier: ISC */
/* Arguments by table: values, coercions, the sentences, the schema. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "tool/args.h"

struct sample {
	struct str name, kind, source;
	int64_t count;
	bool has_count;
	bool flag;
	double ratio;
	struct arg_map map;
};

#define AT(m) offsetof(struct sample, m)

static const char *const kinds[] = { "a", "b", "c", NULL };

static const struct arg table[] = {
	{ "name", ARG_STR, AT(name), ARG_NEED, 1, 8, "A name.", NULL, 0, NULL },
	{ "kind", ARG_STR, AT(kind), 0, 0, 0, "A kind.", kinds, 0, NULL },
	{ "count", ARG_INT, AT(count), ARG_RANGE, 1, 10, "How many.", NULL,
	    AT(has_count) + 1, "5" },
	{ "flag", ARG_BOOL, AT(flag), 0, 0, 0, "Yes or no.", NULL, 0, NULL },
	{ "ratio", ARG_NUMBER, AT(ratio), ARG_RANGE, 0.5, INFINITY, "Ratio.",
	    NULL, 0, NULL },
	{ "map", ARG_MAP, AT(map), 0, 0, 0, "Values.", NULL, 0, NULL },
	{ "source", ARG_STR, AT(source), ARG_CATALOG | ARG_MIRROR, 1, 8,
	    "Source.", NULL, 0, NULL },
	{ 0 },
};

static struct arena *mem;

static int
setup(void **state)
{
	(void)state;
	mem = arena_new(1 << 24);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(mem);
	return 0;
}

static enum err
read_text(const char *json, unsigned without, bool lax, struct sample *to,
    struct fault *f)
{
	json_t *root;

	memset(to, 0, sizeof(*to));
	memset(f, 0, sizeof(*f));
	assert_int_equal(json_parse(mem, str_of(json), &json_limits_default,
			     &root, f),
	    ERR_OK);
	return args_read(table, without, lax, root, mem, to, f);
}

/* JSON, and the sentence behind "Invalid parameters: " with its field. */
static const struct {
	const char *json, *field, *sentence;
} wrong[] = {
	{ "{}", "name", "missing required field 'name'" },
	{ "{\"name\":1}", "name", "field 'name' must be a string" },
	{ "{\"name\":null}", "name", "field 'name' must be a string" },
	{ "{\"name\":\"\"}", "name",
	    "field 'name' must be between 1 and 8 bytes long" },
	{ "{\"name\":\"123456789\"}", "name",
	    "field 'name' must be between 1 and 8 bytes long" },
	{ "{\"name\":\"a\\u0000b\"}", "name",
	    "field 'name' must not contain a NUL character" },
	{ "{\"name\":\"x\",\"kind\":\"d\"}", "kind",
	    "field 'kind' must be one of a, b, c" },
	{ "{\"name\":\"x\",\"kind\":[]}", "kind",
	    "field 'kind' must be a string" },
	{ "{\"name\":\"x\",\"count\":0}", "count",
	    "field 'count' must be between 1 and 10" },
	{ "{\"name\":\"x\",\"count\":11}", "count",
	    "field 'count' must be between 1 and 10" },
	{ "{\"name\":\"x\",\"count\":\"11\"}", "count",
	    "field 'count' must be between 1 and 10" },
	{ "{\"name\":\"x\",\"count\":1.5}", "count",
	    "field 'count' must be an integer" },
	{ "{\"name\":\"x\",\"count\":\"1x\"}", "count",
	    "field 'count' must be an integer" },
	{ "{\"name\":\"x\",\"count\":\"\"}", "count",
	    "field 'count' must be an integer" },
	{ "{\"name\":\"x\",\"count\":true}", "count",
	    "field 'count' must be an integer" },
	{ "{\"name\":\"x\",\"count\":1e300}", "count",
	    "field 'count' must be an integer" },
	{ "{\"name\":\"x\",\"flag\":1}", "flag",
	    "field 'flag' must be a boolean" },
	{ "{\"name\":\"x\",\"flag\":\"yes\"}", "flag",
	    "field 'flag' must be a boolean" },
	{ "{\"name\":\"x\",\"flag\":\"True\"}", "flag",
	    "field 'flag' must be a boolean" },
	{ "{\"name\":\"x\",\"ratio\":\"1\"}", "ratio",
	    "field 'ratio' must be a number" },
	{ "{\"name\":\"x\",\"ratio\":0.25}", "ratio",
	    "field 'ratio' must be at least 0.5" },
	{ "{\"name\":\"x\",\"map\":[]}", "map",
	    "field 'map' must be an object" },
	{ "{\"name\":\"x\",\"map\":{\"\":1}}", "map",
	    "field 'map' must hold names of 1 to 128 characters" },
	{ "{\"name\":\"x\",\"map\":{\"@a\":1,\"a\":2}}", "map",
	    "field 'map' must hold one value only for 'a'" },
	{ "{\"name\":\"x\",\"map\":{\"a\":[1]}}", "map",
	    "field 'map' must hold a scalar or {\"dataType\",\"value\"} for 'a'" },
	{ "{\"name\":\"x\",\"map\":{\"a\":{}}}", "map",
	    "field 'map' must hold a value for 'a'" },
	{ "{\"name\":\"x\",\"map\":{\"a\":{\"value\":1,\"x\":2}}}", "map",
	    "field 'map' must hold only dataType, direction and value for 'a'" },
	{ "{\"name\":\"x\",\"map\":{\"a\":{\"value\":1,\"direction\":3}}}",
	    "map",
	    "field 'map' must hold a direction of 1, 2, 4 or 5 for 'a'" },
	{ "{\"name\":\"x\",\"map\":{\"a\":{\"value\":1,\"dataType\":2}}}",
	    "map", "field 'map' must hold a known dataType for 'a'" },
	{ "{\"name\":\"x\",\"map\":{\"a\":{\"value\":1,\"dataType\":99}}}",
	    "map", "field 'map' must hold a known dataType for 'a'" },
	{ "{\"name\":\"x\",\"map\":{\"a\":{\"value\":\"x\",\"dataType\":8}}}",
	    "map", "field 'map' must hold an integer for 'a'" },
	{ "{\"name\":\"x\",\"map\":{\"a\":{\"value\":\"9223372036854775808\",\"dataType\":8}}}",
	    "map", "field 'map' must hold an integer for 'a'" },
	{ "{\"name\":\"x\",\"map\":{\"a\":{\"value\":\"123456789012345678901234567890123456789\",\"dataType\":9}}}",
	    "map", "field 'map' must hold an integer for 'a'" },
	{ "{\"name\":\"x\",\"map\":{\"a\":{\"value\":\"1.5\",\"dataType\":9}}}",
	    "map", "field 'map' must hold an integer for 'a'" },
	{ "{\"name\":\"x\",\"map\":{\"a\":{\"value\":\"*\",\"dataType\":1}}}",
	    "map", "field 'map' must hold base64 text for 'a'" },
	{ "{\"name\":\"x\",\"map\":{\"a\":{\"value\":\"1.2.3\",\"dataType\":13}}}",
	    "map",
	    "field 'map' must hold a number or a string of digits for 'a'" },
	{ "{\"name\":\"x\",\"map\":{\"a\":\"\\u0000\"}}", "map",
	    "field 'map' must hold no NUL character for 'a'" },
	/* Unknown last, and the first wrong one in the table's order. */
	{ "{\"zzz\":1,\"count\":99}", "name", "missing required field 'name'" },
	{ "{\"zzz\":1,\"count\":99,\"name\":\"x\"}", "count",
	    "field 'count' must be between 1 and 10" },
	{ "{\"zzz\":1,\"yyy\":1,\"name\":\"x\"}", "zzz",
	    "unknown field 'zzz' (known: name, kind, count, flag, ratio, map, source)" },
};

static void
test_sentences(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct sample s;
		struct fault f;
		const char *want =
		    arena_fmt(mem, "Invalid parameters: %s", wrong[i].sentence)
			.p;

		assert_int_equal(read_text(wrong[i].json, 0, false, &s, &f),
		    ERR_ARGUMENT);
		assert_string_equal(f.msg, want);
		assert_string_equal(f.field, wrong[i].field);
		assert_int_equal(f.code, ERR_ARGUMENT);
	}
}

static void
test_values(void **state)
{
	struct sample s;
	struct fault f;

	(void)state;
	assert_int_equal(
	    read_text("{\"name\":\"12345678\",\"kind\":\"b\",\"count\":10.0,"
		      "\"flag\":\"true\",\"ratio\":0.5,\"source\":\"shop\"}",
		0, false, &s, &f),
	    ERR_OK);
	assert_true(str_eq(s.name, STR("12345678")));
	assert_true(str_eq(s.kind, STR("b")));
	assert_int_equal(s.count, 10);
	assert_true(s.has_count);
	assert_true(s.flag);
	assert_true(s.ratio == 0.5);
	assert_true(str_eq(s.source, STR("shop")));
}

static void
test_defaults_and_absence(void **state)
{
	struct sample s;
	struct fault f;

	(void)state;
	assert_int_equal(read_text("{\"name\":\"x\"}", 0, false, &s, &f),
	    ERR_OK);
	assert_int_equal(s.count, 5);
	assert_false(s.has_count);
	assert_null(s.kind.p);
	assert_int_equal(s.map.n, 0);
	memset(&s, 0, sizeof(s));
	assert_int_equal(args_read(table, 0, false, NULL, mem, &s, &f),
	    ERR_ARGUMENT);
}

static void
test_coercions(void **state)
{
	struct sample s;
	struct fault f;

	(void)state;
	assert_int_equal(
	    read_text("{\"name\":\"x\",\"count\":\"7\",\"flag\":\"false\"}", 0,
		false, &s, &f),
	    ERR_OK);
	assert_int_equal(s.count, 7);
	assert_false(s.flag);
}

static void
test_map_values(void **state)
{
	struct sample s;
	struct fault f;

	(void)state;
	assert_int_equal(
	    read_text(
		"{\"name\":\"x\",\"map\":{\"@i\":1,\"r\":1.5,\"t\":\"x\","
		"\"b\":true,\"n\":null,"
		"\"big\":{\"dataType\":9,\"value\":\"9007199254740993\"},"
		"\"bin\":{\"dataType\":1,\"value\":\"AP8=\"},"
		"\"dec\":{\"dataType\":13,\"value\":\"1.50\"},"
		"\"out\":{\"direction\":4},"
		"\"wide\":{\"dataType\":9,\"value\":\"18446744073709551615\"}}}",
		0, false, &s, &f),
	    ERR_OK);
	assert_int_equal(s.map.n, 10);
	assert_true(str_eq(s.map.v[0].name, STR("i")));
	assert_int_equal(s.map.v[0].value.kind, VALUE_INT);
	assert_int_equal(s.map.v[1].value.kind, VALUE_REAL);
	assert_int_equal(s.map.v[2].value.kind, VALUE_TEXT);
	assert_int_equal(s.map.v[3].value.kind, VALUE_BOOL);
	assert_int_equal(s.map.v[4].value.kind, VALUE_NULL);
	assert_int_equal(s.map.v[5].value.i, INT64_C(9007199254740993));
	assert_int_equal(s.map.v[6].value.kind, VALUE_BLOB);
	assert_int_equal(s.map.v[6].value.s.len, 2);
	assert_int_equal(s.map.v[7].value.kind, VALUE_EXACT);
	assert_int_equal(s.map.v[8].direction, 4);
	assert_int_equal(s.map.v[9].value.kind, VALUE_EXACT);
	assert_int_equal(s.map.v[2].type, DT_UNKNOWN);
	assert_int_equal(s.map.v[7].type, DT_NUMERIC);
}

static void
test_left_out_rows_are_unknown(void **state)
{
	struct sample s;
	struct fault f;

	(void)state;
	assert_int_equal(read_text("{\"name\":\"x\",\"source\":\"shop\"}",
			     ARG_CATALOG, false, &s, &f),
	    ERR_ARGUMENT);
	assert_string_equal(f.msg,
	    "Invalid parameters: unknown field 'source' (known: name, kind, count, flag, ratio, map)");
}

static void
test_lax_ignores_unknown(void **state)
{
	struct sample s;
	struct fault f;

	(void)state;
	assert_int_equal(read_text("{\"name\":\"x\",\"zzz\":1}", 0, true, &s,
			     &f),
	    ERR_OK);
}

static const char *
schema_of(const struct arg *t, unsigned without, bool lax, bool header)
{
	struct json_out out;
	struct buf b;

	buf_init(&b, mem, 1 << 16);
	json_out_init(&out, &b, NULL);
	args_schema(t, without, lax, header, &out, NULL);
	return arena_z(mem, buf_text(&b));
}

static void
test_schema(void **state)
{
	static const struct arg none[] = { { 0 } };

	(void)state;
	assert_string_equal(schema_of(none, 0, false, false),
	    "{\"type\":\"object\",\"additionalProperties\":false}");
	assert_string_equal(schema_of(table, 0, false, true),
	    "{\"type\":\"object\",\"properties\":{"
	    "\"name\":{\"type\":\"string\",\"description\":\"A name.\"},"
	    "\"kind\":{\"type\":\"string\",\"description\":\"A kind.\","
	    "\"enum\":[\"a\",\"b\",\"c\"]},"
	    "\"count\":{\"type\":\"integer\",\"description\":\"How many.\","
	    "\"minimum\":1,\"maximum\":10,\"default\":5},"
	    "\"flag\":{\"type\":\"boolean\",\"description\":\"Yes or no.\"},"
	    "\"ratio\":{\"type\":\"number\",\"description\":\"Ratio.\","
	    "\"minimum\":0.5},"
	    "\"map\":{\"type\":\"object\",\"description\":\"Values.\","
	    "\"additionalProperties\":true},"
	    "\"source\":{\"type\":\"string\",\"description\":\"Source.\","
	    "\"x-mcp-header\":\"Source\"}},"
	    "\"required\":[\"name\"],\"additionalProperties\":false}");
	assert_null(
	    strstr(schema_of(table, ARG_CATALOG, false, true), "Source"));
	assert_null(strstr(schema_of(table, 0, true, false),
	    "additionalProperties\":false"));
	assert_null(strstr(schema_of(table, 0, false, false), "x-mcp-header"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
		CASE(test_sentences),
		CASE(test_values),
		CASE(test_defaults_and_absence),
		CASE(test_coercions),
		CASE(test_map_values),
		CASE(test_left_out_rows_are_unknown),
		CASE(test_lax_ignores_unknown),
		CASE(test_schema),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
