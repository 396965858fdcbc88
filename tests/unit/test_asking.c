/* SPDX-License-Identifier: ISC */
/*
 * Asking the user in the modern era: what a client carries for us opens for
 * the request it was made for and for nothing else, and a round goes on only
 * with answers that were asked for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mcp/ask_int.h"
#include "tests/unit/mcp_fake.h"

#define NOW  ((int64_t)1800000000)
#define LIFE 900

static struct fake f;
static const char *first_ask;

/* One request of a client. */
struct turn {
	const char *tool, *arguments, *can;
	const char *replies; /* JSON, or NULL */
	struct str state;    /* p NULL: none */
	const char *key;     /* of the caller */
	int64_t now_s;
};

static const struct turn plain = { .tool = "ask",
	.arguments = "{\"a\":1,\"b\":[2,null]}",
	.can = "{\"elicitation\":{},\"sampling\":{},\"roots\":{}}",
	.key = "0123456789ab",
	.now_s = NOW };

#define YES "{\"name\":{\"action\":\"accept\",\"content\":{\"name\":\"Ann\"}}}"

static int
begin(void **state)
{
	(void)state;
	fake_init(&f, true);
	memset(f.mcp.states.key, 7, sizeof(f.mcp.states.key));
	if (first_ask == NULL)
		first_ask = fake_ask;
	fake_ask = first_ask;
	fake_keep = "{\"round\":1}";
	fake_runs = 0;
	return 0;
}

static int
end(void **state)
{
	(void)state;
	fake_done(&f);
	return 0;
}

static struct str
request_of(const struct turn *t)
{
	struct json_out o;
	struct buf b;

	buf_init(&b, f.arena, 1 << 20);
	json_out_init(&o, &b, NULL);
	json_obj(&o, NULL);
	json_z(&o, "jsonrpc", "2.0");
	json_int(&o, "id", 1);
	json_z(&o, "method", "tools/call");
	json_obj(&o, "params");
	json_z(&o, "name", t->tool);
	json_raw(&o, "arguments", str_of(t->arguments));
	if (t->replies != NULL)
		json_raw(&o, "inputResponses", str_of(t->replies));
	if (t->state.p != NULL)
		json_str(&o, "requestState", t->state.p, t->state.len);
	json_obj(&o, "_meta");
	json_z(&o, "io.modelcontextprotocol/protocolVersion", "2026-07-28");
	json_raw(&o, "io.modelcontextprotocol/clientCapabilities",
	    str_of(t->can));
	for (int i = 0; i < 3; i++)
		json_end(&o);
	assert_false(buf_failed(&b));
	return buf_text(&b);
}

static const json_t *
take(const struct turn *t)
{
	struct tool_filter filter = { 0 };
	struct fault bad = { 0 };
	json_t *root = NULL;
	struct str answer;

	memcpy(f.who.key.id, t->key, strlen(t->key) + 1);
	f.attempt.start_us = t->now_s * 1000000;
	f.attempt.code = NULL;
	f.attempt.asked = f.attempt.answered = (struct str){ 0 };
	answer =
	    mcp_message(&f.mcp, f.arena, request_of(t), &filter, &f.attempt);
	if (json_parse(f.arena, answer, &json_limits_default, &root, &bad) !=
	    ERR_OK)
		fail_msg("%.*s", (int)answer.len, answer.p);
	return root;
}

static const json_t *
in(const json_t *v, const char *path)
{
	struct str rest = str_of(path), part;

	while (str_cut(&rest, '/', &part))
		v = json_member(v, arena_z(f.arena, part));
	return v;
}

static bool
asks(const json_t *answer)
{
	return str_eq(json_text(in(answer, "result/resultType")),
	    STR("input_required"));
}

static bool
done(const json_t *answer)
{
	return str_eq(json_text(in(answer, "result/resultType")),
		   STR("complete")) &&
	       in(answer, "result/isError") == NULL;
}

static int
code(const json_t *answer)
{
	return (int)json_integer_value(in(answer, "error/code"));
}

static bool
failed(const json_t *answer, const char *word)
{
	const json_t *all = in(answer, "result/content");

	return json_is_true(in(answer, "result/isError")) &&
	       str_starts(json_text(
			      json_member(json_array_get(all, 0), "text")),
		   str_of(word));
}

/* The first round of a turn: the state it gives. */
static struct str
state_of(const struct turn *t)
{
	struct turn one = *t;
	const json_t *answer;

	one.replies = NULL;
	one.state = (struct str){ 0 };
	answer = take(&one);
	assert_true(asks(answer));
	return json_text(in(answer, "result/requestState"));
}

static void
two_rounds(void **state)
{
	struct turn t = plain;
	const json_t *answer = take(&t);

	(void)state;
	assert_true(asks(answer));
	assert_string_equal(f.attempt.code, "ASKED");
	assert_true(str_eq(f.attempt.asked, STR("name")));
	assert_true(
	    str_eq(json_text(in(answer, "result/inputRequests/name/method")),
		STR("elicitation/create")));
	t.state = json_text(in(answer, "result/requestState"));
	assert_false(fake_holds(t.state, "round"));
	t.replies = YES;
	answer = take(&t);
	assert_true(done(answer));
	assert_true(str_eq(f.attempt.answered, STR("name=accept")));
	assert_int_equal(json_integer_value(in(answer,
			     "result/structuredContent/state/round")),
	    1);
	assert_true(
	    str_eq(json_text(in(answer, "result/structuredContent/answers/name/"
					"content/name")),
		STR("Ann")));
	assert_int_equal(fake_runs, 1);
}

/* One member more or less makes it another request. */
static void
subjects(void **state)
{
	static const struct {
		enum era era;
		const char *method, *params;
	} rows[] = {
		{ ERA_2026_07_28, "tools/call", "{\"name\":\"a\"}" },
		{ ERA_2025_11_25, "tools/call", "{\"name\":\"a\"}" },
		{ ERA_2026_07_28, "prompts/get", "{\"name\":\"a\"}" },
		{ ERA_2026_07_28, "tools/call", "{\"uri\":\"a\"}" },
		{ ERA_2026_07_28, "tools/call",
		    "{\"name\":\"a\",\"arguments\":{\"x\":1}}" },
		{ ERA_2026_07_28, "tools/call",
		    "{\"name\":\"a\",\"arguments\":{\"x\":1.0}}" },
		{ ERA_2026_07_28, "tools/call",
		    "{\"name\":\"a\",\"arguments\":{\"x\":\"1\"}}" },
	};
	enum { N = sizeof(rows) / sizeof(rows[0]) };
	struct str all[N];

	(void)state;
	for (size_t i = 0; i < N; i++) {
		struct message msg = { .arena = f.arena, .era = rows[i].era };
		struct asking a = { .msg = &msg };

		msg.rpc.method = str_of(rows[i].method);
		msg.rpc.params =
		    ask_tree(f.arena, json_loads(rows[i].params, 0, NULL));
		all[i] = asking_subject(&a);
		for (size_t j = 0; j < i; j++)
			assert_false(str_eq(all[i], all[j]));
	}
}

/* What a state is bound to, each changed by itself. */
static void
a_state_of_something_else(void **state)
{
	struct turn good = plain, t;

	(void)state;
	good.replies = YES;
	good.state = state_of(&plain);
	t = good;
	t.arguments = "{\"b\":[2,null],\"a\":1}";
	assert_true(done(take(&t))); /* the same in another order */
	t = good;
	t.arguments = "{\"a\":2,\"b\":[2,null]}";
	assert_int_equal(code(take(&t)), -32602);
	t.arguments = "{}";
	assert_int_equal(code(take(&t)), -32602);
	t = good;
	t.tool = "once";
	assert_int_equal(code(take(&t)), -32602);
	t = good;
	t.key = "0123456789ac";
	assert_int_equal(code(take(&t)), -32602);
	t = good;
	t.now_s = NOW + LIFE - 1;
	assert_true(done(take(&t)));
	t.now_s = NOW + LIFE;
	assert_int_equal(code(take(&t)), -32602);
	f.mcp.states.key[31] ^= 1;
	assert_int_equal(code(take(&good)), -32602);
	assert_int_equal(fake_runs, 2);
}

/* Each character changed, and every other length. */
static void
a_state_that_was_changed(void **state)
{
	struct turn t = plain;
	struct str good = arena_dup(f.arena, state_of(&plain));
	char *p = malloc(good.len + 8);
	char id[sizeof(f.who.key.id)];

	(void)state;
	memcpy(p, good.p, good.len);
	memcpy(p + good.len, "TAMPERED", 8);
	memcpy(id, plain.key, strlen(plain.key) + 1);
	t.replies = YES;
	for (size_t i = 0; i < good.len; i++) {
		char was = p[i];

		p[i] = was == 'A' ? 'B' : 'A';
		t.state = (struct str){ p, good.len };
		assert_int_equal(code(take(&t)), -32602);
		t.state.len = i;
		assert_int_equal(code(take(&t)), -32602);
		p[i] = was;
		if (i % 50 == 0) { /* what a worker does between requests */
			fake_done(&f);
			(void)begin(NULL);
		}
	}
	for (size_t n = 1; n <= 8; n++) {
		t.state = (struct str){ p, good.len + n };
		assert_int_equal(code(take(&t)), -32602);
	}
	t.state = (struct str){ p, good.len };
	assert_int_equal(fake_runs, 0);
	assert_true(done(take(&t)));
	free(p);
}

static void
replies_of_a_wrong_shape(void **state)
{
	static const char *const again[] = {
		"{}",
		"{\"wrong\":{\"action\":\"accept\",\"content\":{\"name\":\"x\"}}}",
		"{\"name\":12345}",
		"{\"name\":null}",
		"{\"name\":{}}",
		"{\"name\":{\"action\":\"yes\",\"content\":{\"name\":\"x\"}}}",
		"{\"name\":{\"action\":\"accept\"}}",
		"{\"name\":{\"action\":\"accept\",\"content\":{}}}",
		"{\"name\":{\"action\":\"accept\",\"content\":[]}}",
		"{\"name\":{\"action\":\"accept\",\"content\":{\"name\":1}}}",
	};
	static const char *const errors[] = { "null", "[]", "\"x\"", "1" };
	struct turn t = plain;

	(void)state;
	t.state = state_of(&plain);
	for (size_t i = 0; i < sizeof(again) / sizeof(again[0]); i++) {
		const json_t *answer;

		t.replies = again[i];
		answer = take(&t);
		if (!asks(answer) ||
		    in(answer, "result/inputRequests/name") == NULL)
			fail_msg("%s", again[i]);
	}
	t.replies = NULL;
	assert_true(asks(take(&t)));
	assert_true(str_eq(f.attempt.answered, STR("name=missing")));
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		t.replies = errors[i];
		assert_int_equal(code(take(&t)), -32602);
		t.state = (struct str){ 0 };
		assert_int_equal(code(take(&t)), -32602);
		t.state = state_of(&plain);
	}
	assert_int_equal(fake_runs, 0);
}

/* More than was asked for is left out; a no is an answer too. */
static void
replies_that_count(void **state)
{
	struct turn t = plain;
	const json_t *answer;

	(void)state;
	t.state = state_of(&plain);
	t.replies = "{\"x\":1,\"name\":{\"action\":\"accept\",\"more\":2,"
		    "\"content\":{\"name\":\"Ann\",\"y\":3}},\"z\":{}}";
	answer = take(&t);
	assert_true(done(answer));
	assert_int_equal(json_object_size(
			     in(answer, "result/structuredContent/answers")),
	    1);
	assert_int_equal(json_object_size(in(answer,
			     "result/structuredContent/answers/name")),
	    2);
	assert_int_equal(json_object_size(in(answer,
			     "result/structuredContent/answers/name/content")),
	    1);
	t.replies = "{\"name\":{\"action\":\"decline\"}}";
	assert_true(done(take(&t)));
	assert_true(str_eq(f.attempt.answered, STR("name=decline")));
}

#define ROOTS "{\"method\":\"roots/list\",\"params\":{}}"
#define MODEL                                                                 \
	"{\"method\":\"sampling/createMessage\",\"params\":{\"messages\":[{"  \
	"\"role\":\"user\",\"content\":{\"type\":\"text\",\"text\":\"?\"}}]," \
	"\"maxTokens\":9}}"

/* Those that are lacking are asked again, the others are remembered. */
static void
some_of_several(void **state)
{
	struct turn t = plain;
	const json_t *answer;

	(void)state;
	fake_ask = "{\"r\":" ROOTS ",\"m\":" MODEL "}";
	t.state = state_of(&plain);
	t.replies = "{\"r\":{\"roots\":[{\"uri\":\"file:///a\"}]},"
		    "\"m\":{\"role\":\"assistant\"}}";
	answer = take(&t);
	assert_true(asks(answer));
	assert_null(in(answer, "result/inputRequests/r"));
	assert_non_null(in(answer, "result/inputRequests/m"));
	assert_true(str_eq(f.attempt.answered, STR("r=given,m=wrong")));
	t.state = json_text(in(answer, "result/requestState"));
	t.replies = "{\"m\":{\"role\":\"assistant\",\"model\":\"x\","
		    "\"content\":{\"type\":\"text\",\"text\":\"!\"}}}";
	answer = take(&t);
	assert_true(done(answer));
	assert_int_equal(json_object_size(
			     in(answer, "result/structuredContent/answers")),
	    2);
}

static void
capabilities(void **state)
{
	static const struct {
		const char *can, *ask;
		const char *lacks; /* NULL: it may */
	} rows[] = {
#define FORM                                                                \
	"{\"method\":\"elicitation/create\",\"params\":{\"mode\":\"form\"," \
	"\"message\":\"?\",\"requestedSchema\":{\"type\":\"object\","       \
	"\"properties\":{}}}}"
#define PAGE                                                               \
	"{\"method\":\"elicitation/create\",\"params\":{\"mode\":\"url\"," \
	"\"message\":\"?\",\"url\":\"https://h.example/x\"}}"
		{ "{}", FORM, "{\"elicitation\":{}}" },
		{ "{\"elicitation\":{}}", FORM, NULL },
		{ "{\"elicitation\":{\"form\":{}}}", FORM, NULL },
		{ "{\"elicitation\":{\"url\":{}}}", FORM,
		    "{\"elicitation\":{\"form\":{}}}" },
		{ "{\"elicitation\":{}}", PAGE,
		    "{\"elicitation\":{\"url\":{}}}" },
		{ "{\"elicitation\":{\"url\":{}}}", PAGE, NULL },
		{ "{\"elicitation\":true}", FORM, "{\"elicitation\":{}}" },
		{ "{}", ROOTS, "{\"roots\":{}}" },
		{ "{}", MODEL, "{\"sampling\":{}}" },
		{ "{\"sampling\":{}}", MODEL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct turn t = plain;
		const json_t *answer, *lacks;
		char *text;

		fake_ask = arena_fmt(f.arena, "{\"q\":%s}", rows[i].ask).p;
		t.can = rows[i].can;
		answer = take(&t);
		if (asks(answer) != (rows[i].lacks == NULL))
			fail_msg("row %zu", i);
		if (rows[i].lacks == NULL)
			continue;
		assert_int_equal(code(answer), -32021);
		lacks = in(answer, "error/data/requiredCapabilities");
		text = json_dumps(lacks, JSON_COMPACT);
		assert_string_equal(text, rows[i].lacks);
		free(text);
	}
}

/* Two that lack are told together. */
static void
several_capabilities(void **state)
{
	struct turn t = plain;
	const json_t *answer;

	(void)state;
	fake_ask = "{\"a\":" ROOTS ",\"b\":" MODEL ",\"c\":" ROOTS "}";
	t.can = "{}";
	answer = take(&t);
	assert_int_equal(code(answer), -32021);
	assert_non_null(in(answer, "error/data/requiredCapabilities/roots"));
	assert_non_null(in(answer, "error/data/requiredCapabilities/sampling"));
	assert_int_equal(json_object_size(
			     in(answer, "error/data/requiredCapabilities")),
	    2);
}

static enum err
mark_taken(void *arg, struct str mark, int64_t until_s, struct fault *why)
{
	char *seen = arg;

	assert_int_equal(mark.len, 32);
	assert_int_equal(until_s, NOW + LIFE);
	if (memcmp(seen, mark.p, mark.len) == 0)
		return fault_set(why, ERR_CONFLICT, "again");
	memcpy(seen, mark.p, mark.len);
	return ERR_OK;
}

static void
once_is_once(void **state)
{
	struct turn t = plain;
	char seen[32] = { 0 };
	const json_t *answer;

	(void)state;
	t.tool = "once";
	t.state = state_of(&t);
	t.replies = "{}";
	answer = take(&t); /* the same question, asked again */
	assert_true(asks(answer));
	t.replies = YES;
	assert_true(failed(take(&t), "UNAVAILABLE"));
	f.mcp.once = mark_taken;
	f.mcp.once_arg = seen;
	assert_true(done(take(&t)));
	assert_true(failed(take(&t), "CONFLICT"));
	t.state = json_text(in(answer, "result/requestState"));
	assert_true(failed(take(&t), "CONFLICT"));
	assert_int_equal(fake_runs, 1);
	t.state = state_of(&t); /* another question is another mark */
	assert_true(done(take(&t)));
}

static void
not_for_ever(void **state)
{
	struct turn t = plain;
	int rounds = 0;

	(void)state;
	t.state = state_of(&t);
	t.replies = "{}";
	for (;;) {
		const json_t *answer = take(&t);

		if (!asks(answer)) {
			assert_int_equal(code(answer), -32603);
			break;
		}
		t.state = json_text(in(answer, "result/requestState"));
		assert_true(++rounds < 100);
	}
	assert_int_equal(rounds, 15);
}

static void
questions_that_are_none(void **state)
{
	static const char *const rows[] = {
		"[]",
		"{\"q\":1}",
		"{\"q\":{\"method\":\"tools/list\"}}",
		"{\"q\":{\"method\":\"roots/list\",\"id\":1}}",
		"{\"q\":{\"method\":\"elicitation/create\"}}",
	};
	struct turn t = plain;
	char *big = arena_zero(f.arena, 1, 70000);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fake_ask = rows[i];
		assert_true(failed(take(&t), "INTERNAL"));
	}
	fake_ask = "{\"q\":" ROOTS "}";
	memset(big, 'x', 65000);
	fake_keep = arena_fmt(f.arena, "\"%s\"", big).p;
	assert_true(asks(take(&t)));
	memset(big, 'x', 66000);
	fake_keep = arena_fmt(f.arena, "\"%s\"", big).p;
	assert_true(failed(take(&t), "TOO_LARGE"));
}

/* No question at all, only something to keep: a round all the same. */
static void
only_a_state(void **state)
{
	struct turn t = plain;
	const json_t *answer;

	(void)state;
	fake_ask = "{}";
	answer = take(&t);
	assert_true(asks(answer));
	assert_null(in(answer, "result/inputRequests"));
	t.state = json_text(in(answer, "result/requestState"));
	assert_true(done(take(&t)));
}

/* A client that knows the question replies with its first request; what was
 * kept for a second round cannot be jumped over. */
static void
early_replies(void **state)
{
	struct turn t = plain;

	(void)state;
	fake_keep = "";
	t.replies = "{\"x\":{\"action\":\"accept\",\"content\":{\"a\":1}},"
		    "\"name\":{\"action\":\"accept\",\"content\":"
		    "{\"name\":\"Ann\"}},\"y\":{}}";
	assert_true(done(take(&t)));
	assert_int_equal(fake_runs, 1);
	t.replies = "{\"name\":{\"action\":\"accept\",\"content\":"
		    "{\"name\":7}}}";
	assert_true(asks(take(&t)));
	t.replies = "{\"other\":{\"action\":\"accept\"}}";
	assert_true(asks(take(&t)));
	fake_keep = "{\"round\":1}";
	t.replies = YES;
	assert_true(asks(take(&t)));
	assert_int_equal(fake_runs, 1);
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, begin, end)
	const struct CMUnitTest tests[] = {
		T(two_rounds),
		T(subjects),
		T(a_state_of_something_else),
		T(a_state_that_was_changed),
		T(replies_of_a_wrong_shape),
		T(replies_that_count),
		T(some_of_several),
		T(capabilities),
		T(several_capabilities),
		T(once_is_once),
		T(not_for_ever),
		T(questions_that_are_none),
		T(only_a_state),
		T(early_replies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
