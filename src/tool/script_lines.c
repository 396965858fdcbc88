/* SPDX-License-Identifier: ISC */
/*
 * The output of a script as it comes: plain text, or JSON lines, which the
 * first line decides.  An object with none of our members is plain text too,
 * so that a program that prints JSON of its own is a tool as it is.
 */
#include "base/clock.h"
#include "base/utf8.h"
#include "tool/script_int.h"

#define LINE_ARENA  ((size_t)64 << 20)
#define EVENT_ARENA ((size_t)64 << 20)

enum { EVENTS_FREE = 200, EVENT_GAP_MS = 100 };

static const struct json_limits line_limits = {
	.depth = 64,
	.elements = 100000,
	.string = SCRIPT_LINE_MAX,
	.number = 64,
};

static bool
wrong(struct script_said *s, const char *what)
{
	if (s->wrong == NULL)
		s->wrong = what;
	return false;
}

/* Keep a part of the line beyond it. */
static struct str
keep(struct script_said *s, const json_t *v)
{
	struct json_out out;
	struct buf b;

	buf_init(&b, s->run->call->arena, 2 * SCRIPT_LINE_MAX);
	json_out_init(&out, &b, NULL);
	json_tree(&out, NULL, v);
	if (buf_failed(&b))
		return STR("");
	return buf_text(&b);
}

/* A script may say more than a client wants to hear: after the first events
 * ten in a second are enough, and none once memory grows scarce. */
static bool
may_tell(struct script_said *s)
{
	int64_t now = clock_mono_ms();

	if (s->run->call->events == NULL ||
	    arena_used(s->run->call->arena) > EVENT_ARENA ||
	    (s->events > EVENTS_FREE && now - s->event_ms < EVENT_GAP_MS))
		return false;
	s->events++;
	s->event_ms = now;
	return true;
}

static bool
on_progress(struct script_said *s, const json_t *line, const json_t *v)
{
	struct tool_events *e = s->run->call->events;
	const json_t *total = json_member(line, "total");

	if (!json_is_number(v))
		return wrong(s, "\"progress\" must be a number");
	if (may_tell(s) &&
	    !e->progress(e, json_number_value(v),
		json_is_number(total) ? json_number_value(total) : 0,
		json_text(json_member(line, "message"))))
		s->gone = true;
	return !s->gone;
}

static bool
level_known(struct str level)
{
	static const char *const levels[] = { "debug", "info", "notice",
		"warning", "error", "critical", "alert", "emergency" };

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (str_eq(level, str_of(levels[i])))
			return true;
	return false;
}

/* {"log":"text"} or {"log":{"level":…,"logger":…,"data":…}} */
static bool
on_log(struct script_said *s, const json_t *line, const json_t *v)
{
	struct tool_events *e = s->run->call->events;
	const json_t *data = json_is_object(v) ? json_member(v, "data") : v;
	struct str level = json_text(json_member(v, "level"));
	struct str logger = json_text(json_member(v, "logger"));
	struct json_out out;
	struct buf b;

	(void)line;
	if (data == NULL)
		return wrong(s, "\"log\" needs \"data\"");
	if (level.p == NULL)
		level = STR("info");
	if (!level_known(level))
		return wrong(s, "\"log\" has an unknown \"level\"");
	if (logger.p == NULL)
		logger = s->run->entry->name;
	if (!may_tell(s))
		return true;
	buf_init(&b, s->line, SCRIPT_LINE_MAX);
	json_out_init(&out, &b, NULL);
	json_tree(&out, NULL, data);
	if (!json_failed(&out) && !e->log(e, level, logger, buf_text(&b)))
		s->gone = true;
	return !s->gone;
}

static bool
on_content(struct script_said *s, const json_t *line, const json_t *v)
{
	size_t i;
	json_t *item;

	(void)line;
	if (!json_is_array(v))
		return wrong(s, "\"content\" must be a list");
	s->has_content = true;
	json_array_foreach(v, i, item)
	{
		struct json_out out;
		const char *what;

		if (s->content.len > 0)
			buf_char(&s->content, ',');
		json_out_init(&out, &s->content, NULL);
		what = script_item(item, s->run->call->era, &out);
		if (what != NULL)
			return wrong(s, what);
	}
	return true;
}

static bool
on_structured(struct script_said *s, const json_t *line, const json_t *v)
{
	const struct script *script = s->run->entry->script;
	struct schema_why why;
	struct json_out out;
	struct buf b;

	(void)line;
	if (script->output != NULL &&
	    !schema_holds(s->run->call->arena, script->output, v,
		&s->run->call->catalogue->regex->re, &why)) {
		struct str text = arena_fmt(s->run->call->arena,
		    "structuredContent does not fit its outputSchema: %s %s",
		    why.at[0] == '\0' ? "it" : why.at, why.text);

		return wrong(s, text.p);
	}
	buf_init(&b, s->run->call->arena, 2 * SCRIPT_LINE_MAX);
	buf_cut(&s->twin, 0);
	json_out_init(&out, &b, &s->twin);
	json_tree(&out, NULL, v);
	s->structured = buf_text(&b);
	return true;
}

/* {"ask":{KEY:{"method":…,"params":…}}} */
static bool
on_ask(struct script_said *s, const json_t *line, const json_t *v)
{
	const char *key;
	json_t *one;

	(void)line;
	if (!json_is_object(v))
		return wrong(s, "\"ask\" must be an object");
	json_object_foreach((json_t *)(uintptr_t)v, key, one)
	{
		if (!json_is_string(json_member(one, "method")))
			return wrong(s,
			    "each member of \"ask\" needs a \"method\"");
	}
	s->ask = keep(s, v);
	return true;
}

static bool
on_state(struct script_said *s, const json_t *line, const json_t *v)
{
	(void)line;
	s->state = keep(s, v);
	return true;
}

static bool
on_error(struct script_said *s, const json_t *line, const json_t *v)
{
	(void)line;
	if (!json_is_boolean(v))
		return wrong(s, "\"isError\" must be true or false");
	s->is_error = json_is_true(v);
	return true;
}

static const struct {
	const char *name;
	bool (
	    *take)(struct script_said *s, const json_t *line, const json_t *v);
} members[] = {
	{ "progress", on_progress },
	{ "log", on_log },
	{ "content", on_content },
	{ "structuredContent", on_structured },
	{ "ask", on_ask },
	{ "state", on_state },
	{ "isError", on_error },
};
enum { MEMBERS = sizeof(members) / sizeof(members[0]) };

/* {"error":{"code":…,"message":…}} and nothing less, since programs that know
 * nothing of us print errors too. */
static bool
is_error(const json_t *line)
{
	const json_t *v = json_member(line, "error");

	return json_is_integer(json_member(v, "code")) &&
	       json_is_string(json_member(v, "message"));
}

/* Codes that a program may choose: those for servers, without the ones that
 * have a meaning here (mcp.md 2.1). */
static bool
is_free(json_int_t code)
{
	static const int ours[] = { -32000, -32001, -32002, -32020, -32021,
		-32022, -32042 };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (code == ours[i])
			return false;
	return code >= -32099 && code <= -32000;
}

static void
on_failure(struct script_said *s, const json_t *v)
{
	json_int_t code = json_integer_value(json_member(v, "code"));

	s->error = is_free(code) ? (int)code : -32603;
	s->error_text = arena_dup(s->run->call->arena,
	    json_text(json_member(v, "message")));
}

static bool
is_ours(const json_t *line)
{
	if (is_error(line))
		return true;
	for (size_t i = 0; i < MEMBERS; i++)
		if (json_member(line, members[i].name) != NULL)
			return true;
	return false;
}

/* A broken line that was to be one of ours: {"content … */
static bool
looks_ours(struct str line)
{
	if (!str_starts(line, STR("{")))
		return false;
	line = str_trim(str_from(line, 1));
	if (!str_starts(line, STR("\"")))
		return false;
	line = str_from(line, 1);
	for (size_t i = 0; i < MEMBERS; i++) {
		struct str name = str_of(members[i].name);

		if (str_starts(line, name) ||
		    (line.len > 2 && str_starts(name, line)))
			return true;
	}
	return false;
}

static bool
text_line(struct script_said *s, struct str line, bool whole)
{
	s->form = SAID_TEXT;
	if (!utf8_valid(line))
		return wrong(s, "it wrote bytes that are not UTF-8");
	buf_str(&s->text, line);
	if (whole)
		buf_char(&s->text, '\n');
	return true;
}

static bool
json_line(struct script_said *s, const json_t *line)
{
	s->form = SAID_LINES;
	if (is_error(line))
		on_failure(s, json_member(line, "error"));
	for (size_t i = 0; i < MEMBERS; i++) {
		const json_t *v = json_member(line, members[i].name);

		if (v != NULL && !members[i].take(s, line, v))
			return false;
	}
	return true;
}

void
said_init(struct script_said *s, struct run *r)
{
	struct arena *a = r->call->arena;

	*s = (struct script_said){ .run = r, .line = arena_new(LINE_ARENA) };
	buf_init(&s->text, a, SCRIPT_OUTPUT_MAX);
	buf_init(&s->content, a, 2 * SCRIPT_OUTPUT_MAX);
	buf_init(&s->twin, a, 4 * SCRIPT_OUTPUT_MAX);
}

bool
said_line(void *said, struct str line, bool whole)
{
	struct script_said *s = said;
	struct str bare = str_trim(line);
	struct fault f = { 0 };
	json_t *v = NULL;

	if (str_ends(bare, STR("\r")))
		bare.len--;
	if (s->form == SAID_TEXT)
		return text_line(s, line, whole);
	if (s->form == SAID_LINES && str_is_empty(bare))
		return true;
	arena_reset(s->line);
	if (str_starts(bare, STR("{")) &&
	    json_parse(s->line, bare, &line_limits, &v, &f) == ERR_OK &&
	    is_ours(v))
		return json_line(s, v);
	if (s->form == SAID_NOTHING && !looks_ours(bare))
		return text_line(s, line, whole);
	return wrong(s, whole ? "it wrote a line that is not one of ours"
			      : "its last line breaks off");
}
