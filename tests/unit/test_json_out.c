/* SPDX-License-Identifier: ISC */
/* The writer: structure, escapes, the twin, ceilings and taking back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "child.h"
#include "json/json.h"
#include "json/json_out.h"

static struct arena *mem;
static struct buf b, twin;
static struct json_out out;

static int
setup(void **state)
{
	(void)state;
	mem = arena_new(1 << 24);
	buf_init(&b, mem, 1 << 20);
	buf_init(&twin, mem, 1 << 20);
	json_out_init(&out, &b, &twin);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(mem);
	return 0;
}

static json_t *
parsed(struct str text)
{
	struct fault f = { 0 };
	json_t *root;

	if (json_parse(mem, text, &json_limits_default, &root, &f) != ERR_OK)
		fail_msg("%.*s: %s", (int)text.len, text.p, f.log);
	return root;
}

/* The twin, read as the inside of a string, is the buffer. */
static void
assert_twin(void)
{
	struct buf quoted;

	buf_init(&quoted, mem, 1 << 21);
	buf_char(&quoted, '"');
	buf_str(&quoted, buf_text(&twin));
	buf_char(&quoted, '"');
	assert_true(str_eq(json_text(parsed(buf_text(&quoted))), buf_text(&b)));
}

static void
assert_out(const char *want)
{
	struct str got = buf_text(&b);

	assert_false(json_failed(&out));
	if (!str_eq(got, str_of(want)))
		fail_msg("%.*s\nis not\n%s", (int)got.len, got.p, want);
	assert_twin();
}

static void
test_structure(void **state)
{
	(void)state;
	json_obj(&out, NULL);
	json_arr(&out, "a");
	json_int(&out, NULL, 1);
	json_obj(&out, NULL);
	json_end(&out);
	json_arr(&out, NULL);
	json_end(&out);
	json_nil(&out, NULL);
	json_end(&out);
	json_bool(&out, "t", true);
	json_bool(&out, "f", false);
	json_nil(&out, "n");
	json_z(&out, "z", "zz");
	json_z(&out, "none", NULL);
	json_str(&out, "", NULL, 0);
	json_key(&out, STR("co\"l\0"));
	json_int(&out, NULL, 2);
	json_key(&out, STR("o"));
	json_obj(&out, NULL);
	json_int(&out, "x", 3);
	json_end(&out);
	json_raw(&out, "raw", STR("{\"k\": [\"\\n\", 1]}"));
	json_end(&out);
	assert_out("{\"a\":[1,{},[],null],\"t\":true,\"f\":false,\"n\":null,"
		   "\"z\":\"zz\",\"none\":null,\"\":\"\",\"co\\\"l\\u0000\":2,"
		   "\"o\":{\"x\":3},\"raw\":{\"k\": [\"\\n\", 1]}}");
}

static void
test_numbers(void **state)
{
	(void)state;
	json_arr(&out, NULL);
	json_int(&out, NULL, INT64_MIN);
	json_int(&out, NULL, 9007199254740993);
	for (int64_t n = 9007199254740990; n <= 9007199254740992; n++) {
		json_big(&out, NULL, n);
		json_big(&out, NULL, -n);
	}
	json_big(&out, NULL, INT64_MIN);
	json_double(&out, NULL, 2.50);
	json_double(&out, NULL, NAN);
	json_double(&out, NULL, INFINITY);
	json_double(&out, NULL, -INFINITY);
	json_end(&out);
	assert_out("[-9223372036854775808,9007199254740993,"
		   "9007199254740990,-9007199254740990,"
		   "9007199254740991,-9007199254740991,"
		   "\"9007199254740992\",\"-9007199254740992\","
		   "\"-9223372036854775808\",2.5,"
		   "\"NaN\",\"Infinity\",\"-Infinity\"]");
}

static const struct {
	const char *in, *out; /* out without quotes */
} texts[] = {
	{ "plain text", "plain text" },
	{ "\"\\/", "\\\"\\\\/" },
	{ "\b\f\n\r\t", "\\b\\f\\n\\r\\t" },
	{ "\x01\x0b\x1f\x7f", "\\u0001\\u000b\\u001f\x7f" },
	{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
	    "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80" },
	{ "\xe2\x80\xa8\xe2\x80\xa9", "\xe2\x80\xa8\xe2\x80\xa9" },
	{ "a\xff"
	  "b",
	    "a\xef\xbf\xbd"
	    "b" },
	{ "\xc3", "\xef\xbf\xbd" },
	{ "\xe2\x82", "\xef\xbf\xbd" },
	{ "\xe2\x82\"", "\xef\xbf\xbd\\\"" },
	{ "\xff\xff", "\xef\xbf\xbd\xef\xbf\xbd" },
	{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "\xf0\x9f\x98z", "\xef\xbf\xbdz" },
};

/* Behind any number of plain bytes, so that the fast run ends everywhere. */
static void
test_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		for (size_t before = 0; before <= 20; before++) {
			char in[80], want[160];
			int n = snprintf(in, sizeof(in), "%.*s%s%.*s",
			    (int)before, "xxxxxxxxxxxxxxxxxxxxxxxx",
			    texts[i].in, (int)(before * 7 % 19),
			    "yyyyyyyyyyyyyyyyyyyyyyyy");

			(void)snprintf(want, sizeof(want), "\"%.*s%s%.*s\"",
			    (int)before, "xxxxxxxxxxxxxxxxxxxxxxxx",
			    texts[i].out, (int)(before * 7 % 19),
			    "yyyyyyyyyyyyyyyyyyyyyyyy");
			buf_cut(&b, 0);
			buf_cut(&twin, 0);
			json_out_init(&out, &b, &twin);
			json_str(&out, NULL, in, (size_t)n);
			assert_out(want);
		}
	}
}

/* Every byte alone and in a run: valid JSON, and ASCII comes back. */
static void
test_every_byte(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		char in[17];
		struct str got;

		memset(in, 'x', sizeof(in));
		in[c % 17] = (char)c;
		buf_cut(&b, 0);
		buf_cut(&twin, 0);
		json_out_init(&out, &b, &twin);
		json_str(&out, NULL, in, sizeof(in));
		got = json_text(parsed(buf_text(&b)));
		if (c < 0x80)
			assert_true(str_eq(got, (struct str){ in, 17 }));
		else
			assert_int_equal(got.len, 19);
		assert_twin();
	}
}

static void
test_base64(void **state)
{
	static unsigned char bytes[3000];

	(void)state;
	memset(bytes, 0xff, sizeof(bytes));
	json_arr(&out, NULL);
	json_base64(&out, NULL, NULL, 0);
	json_base64(&out, NULL, "a", 1);
	json_base64(&out, NULL, "ab", 2);
	json_base64(&out, NULL, "abc", 3);
	json_base64(&out, NULL, "\xfb\xff", 2);
	json_end(&out);
	assert_out("[\"\",\"YQ==\",\"YWI=\",\"YWJj\",\"+/8=\"]");
	for (size_t n = 766; n <= 770; n++) {
		size_t full = n / 3 * 4;

		buf_cut(&b, 0);
		buf_cut(&twin, 0);
		json_out_init(&out, &b, &twin);
		json_base64(&out, NULL, bytes, n);
		assert_int_equal(b.len, (n + 2) / 3 * 4 + 2);
		for (size_t i = 1; i <= full; i++)
			assert_int_equal(b.p[i], '/');
		assert_twin();
	}
}

static void
test_tree(void **state)
{
	static const char text[] =
	    "{\"o\":{\"a\":[1,2.5,-3,\"x\\u0000\",true,false,null,[],{}]},"
	    "\"big\":9223372036854775807,\"r\":1e-7}";

	(void)state;
	json_tree(&out, NULL, parsed(str_of(text)));
	assert_out(text);
	buf_cut(&b, 0);
	buf_cut(&twin, 0);
	json_out_init(&out, &b, &twin);
	json_tree(&out, NULL, NULL);
	assert_out("null");
}

/* One below, at and one above: what does not fit fails, and nothing breaks. */
static void
test_ceiling(void **state)
{
	(void)state;
	for (size_t max = 11; max <= 13; max++) {
		buf_init(&b, mem, max);
		json_out_init(&out, &b, NULL);
		json_obj(&out, NULL);
		json_z(&out, "a", "bcdef");
		json_end(&out);
		assert_int_equal(json_failed(&out), max < 13);
	}
	buf_init(&b, mem, 1000);
	for (size_t max = 16; max <= 18; max++) {
		buf_cut(&b, 0);
		buf_init(&twin, mem, max);
		json_out_init(&out, &b, &twin);
		json_obj(&out, NULL);
		json_z(&out, "a", "bcdef");
		json_end(&out);
		assert_int_equal(json_failed(&out), max < 17);
	}
}

static void
test_depth(void **state)
{
	(void)state;
	for (unsigned n = JSON_DEPTH - 1; n <= JSON_DEPTH + 1; n++) {
		buf_cut(&b, 0);
		json_out_init(&out, &b, NULL);
		for (unsigned i = 0; i < n; i++)
			json_arr(&out, NULL);
		json_nil(&out, NULL);
		for (unsigned i = 0; i < n; i++)
			json_end(&out);
		assert_int_equal(json_failed(&out), n > JSON_DEPTH);
	}
	/* Past it nothing is asked and nothing is written. */
	buf_cut(&b, 0);
	json_out_init(&out, &b, NULL);
	for (unsigned i = 0; i < JSON_DEPTH + 3; i++)
		json_obj(&out, i == 0 ? NULL : "k");
	json_key(&out, STR("k"));
	json_nil(&out, NULL);
	assert_true(json_failed(&out));
}

static void
test_rewind(void **state)
{
	struct json_mark m;

	(void)state;
	json_obj(&out, NULL);
	json_key(&out, STR("k"));
	m = json_mark(&out);
	json_arr(&out, NULL);
	json_z(&out, NULL, "half");
	json_rewind(&out, m);
	json_int(&out, NULL, 1);
	m = json_mark(&out);
	json_z(&out, "x", "gone");
	json_rewind(&out, m);
	json_int(&out, "y", 2);
	json_end(&out);
	assert_out("{\"k\":1,\"y\":2}");
}

/* A failure after the mark is forgotten; one before it is not. */
static void
test_rewind_and_failure(void **state)
{
	struct json_mark m;

	(void)state;
	buf_init(&b, mem, 4);
	json_out_init(&out, &b, NULL);
	json_arr(&out, NULL);
	m = json_mark(&out);
	json_z(&out, NULL, "too long");
	assert_true(json_failed(&out));
	json_rewind(&out, m);
	assert_false(json_failed(&out));
	json_int(&out, NULL, 12345);
	m = json_mark(&out);
	json_rewind(&out, m);
	assert_true(json_failed(&out));
}

static void
name_in_array(void)
{
	json_arr(&out, NULL);
	json_nil(&out, "k");
}

static void
no_name_in_object(void)
{
	json_obj(&out, NULL);
	json_nil(&out, NULL);
}

static void
name_twice(void)
{
	json_obj(&out, NULL);
	json_key(&out, STR("a"));
	json_nil(&out, "b");
}

static void
key_without_value(void)
{
	json_obj(&out, NULL);
	json_key(&out, STR("a"));
	json_end(&out);
}

static void
second_root(void)
{
	json_nil(&out, NULL);
	json_nil(&out, NULL);
}

static void
end_of_nothing(void)
{
	json_end(&out);
}

static void
empty_raw(void)
{
	json_raw(&out, NULL, STR(""));
}

static void
run_misuse(const void *arg)
{
	(*(void (*const *)(void))arg)();
}

/* Who would make no JSON has broken a promise, and the process ends. */
static void
test_misuse(void **state)
{
	static void (*const cases[])(void) = { name_in_array, no_name_in_object,
		name_twice, key_without_value, second_root, end_of_nothing,
		empty_raw };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char said[512];

		if (!child_aborted(
			child_run(run_misuse, &cases[i], said, sizeof(said))))
			fail_msg("misuse %zu goes through", i);
	}
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_structure),
		FRESH(test_numbers),
		FRESH(test_text),
		FRESH(test_every_byte),
		FRESH(test_base64),
		FRESH(test_tree),
		FRESH(test_ceiling),
		FRESH(test_depth),
		FRESH(test_rewind),
		FRESH(test_rewind_and_failure),
		FRESH(test_misuse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
