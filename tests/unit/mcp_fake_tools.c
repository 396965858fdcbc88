/* SPDX-License-Identifier: ISC */
/* The door of the room below, as the tests of the protocol need it. */
#include "tests/unit/mcp_fake.h"

bool (*fake_slow)(struct tool_call *c);
const char *fake_ask =
    "{\"name\":{\"method\":\"elicitation/create\",\"params\":{"
    "\"message\":\"Who?\",\"requestedSchema\":{"
    "\"type\":\"object\",\"properties\":{\"name\":{"
    "\"type\":\"string\"}},\"required\":[\"name\"]}}}}";
const char *fake_keep = "{\"round\":1}";
int fake_runs;
const char *fake_about = "Says it";

enum err
tool_filter_query(struct tool_filter *t, bool has_tools, struct str tools,
    bool has_ops, struct str ops, struct fault *f)
{
	(void)t;
	if (has_tools && !str_eq(tools, STR("sql")))
		return fault_set(f, ERR_FILTER,
		    "Invalid value for parameter 'tools': '%.*s'",
		    (int)tools.len, tools.p);
	if (has_ops && !str_eq(ops, STR("execute_select")))
		return fault_set(f, ERR_FILTER,
		    "Invalid value for parameter 'ops': '%.*s'", (int)ops.len,
		    ops.p);
	return ERR_OK;
}

enum err
tool_list(struct catalogue *c, struct arena *a, const struct caller *who,
    const struct tool_filter *filter, enum era era, const struct seal *seal,
    int64_t now_s, struct str cursor, struct str *tools, struct str *next,
    struct fault *f)
{
	(void)c, (void)who, (void)filter, (void)era, (void)seal, (void)now_s;
	*tools = arena_fmt(a,
	    "[{\"name\":\"echo\",\"description\":\"%s\","
	    "\"inputSchema\":{\"type\":\"object\"}}]",
	    fake_about);
	if (cursor.p == NULL) {
		*next = STR("bmV4dA");
		return ERR_OK;
	}
	*next = (struct str){ 0 };
	if (str_eq(cursor, STR("bmV4dA")))
		return ERR_OK;
	return fault_set(f, ERR_PARAMS, "Invalid cursor");
}

static enum err
run_echo(struct tool_call *c, struct tool_result *out, struct fault *f)
{
	(void)c, (void)f;
	*out = (struct tool_result){ .text = STR("{\\\"n\\\":1}"),
		.structured = STR("{\"n\":1}") };
	return ERR_OK;
}

static enum err
run_fail(struct tool_call *c, struct tool_result *out, struct fault *f)
{
	(void)f;
	*out = (struct tool_result){ .text = STR("SQL_ERROR: no such thing."),
		.structured = STR("{\"never\":1}"),
		.meta = STR("\"mcp-fcgi/error\":{\"code\":\"SQL_ERROR\","
			    "\"retryable\":false}"),
		.is_error = true };
	c->attempt->code = "SQL_ERROR";
	return ERR_OK;
}

static enum err
run_argument(struct tool_call *c, struct tool_result *out, struct fault *f)
{
	(void)c, (void)out;
	return fault_field(f, STR("limit"),
	    "Invalid parameters: field 'limit' must be between 1 and 1000");
}

static enum err
run_broken(struct tool_call *c, struct tool_result *out, struct fault *f)
{
	(void)c, (void)out;
	fault_log(f, "/secret/path");
	return fault_set(f, ERR_INTERNAL, "secret");
}

static enum err
run_closed(struct tool_call *c, struct tool_result *out, struct fault *f)
{
	(void)c, (void)out;
	fault_log(f, "/secret/path");
	return fault_set(f, ERR_UNAVAILABLE,
	    "the audit file cannot be written");
}

static enum err
run_scope(struct tool_call *c, struct tool_result *out, struct fault *f)
{
	(void)c, (void)out;
	return fault_set(f, ERR_SCOPE, "secret");
}

static enum err
run_ready(struct tool_call *c, struct tool_result *out, struct fault *f)
{
	(void)c, (void)f;
	*out = (struct tool_result){
		.content = STR("{\"type\":\"text\",\"text\":\"a\"},"
			       "{\"type\":\"text\",\"text\":\"b\"}")
	};
	return ERR_OK;
}

static enum err
run_slow(struct tool_call *c, struct tool_result *out, struct fault *f)
{
	static const double steps[] = { 0.5, 1, 1, 0.75, 2.5 };

	if (c->guard != NULL)
		c->guard->arm(c->guard, 32000);
	for (size_t i = 0; i < 5 && c->events != NULL; i++)
		(void)c->events->progress(c->events, steps[i], 3,
		    STR("reading \"rows\""));
	if (fake_slow != NULL && !fake_slow(c))
		return run_fail(c, out, f);
	if (c->guard != NULL)
		c->guard->disarm(c->guard);
	return run_echo(c, out, f);
}

static enum err
run_talk(struct tool_call *c, struct tool_result *out, struct fault *f)
{
	struct tool_events *e = c->events;

	(void)e->log(e, STR("debug"), STR("t"), STR("0"));
	(void)e->log(e, STR("info"), STR("t"), STR("{\"n\":1}"));
	(void)e->log(e, STR("emergency"), (struct str){ 0 },
	    STR("\"last \\\"words\\\"\""));
	return run_echo(c, out, f);
}

/* The answers and what was kept, as they came. */
static enum err
run_ask(struct tool_call *c, struct tool_result *out, struct fault *f)
{
	struct json_out o;
	struct buf b;

	if (c->asking == NULL)
		return fault_set(f, ERR_PERMISSION_DENIED, "no way to ask");
	if (c->asking->answers == NULL) {
		out->ask = str_of(fake_ask);
		out->state = str_of(fake_keep);
		return ERR_OK;
	}
	buf_init(&b, c->arena, 1 << 20);
	json_out_init(&o, &b, NULL);
	json_obj(&o, NULL);
	json_tree(&o, "answers", c->asking->answers);
	if (!str_is_empty(c->asking->state))
		json_raw(&o, "state", c->asking->state);
	json_z(&o, "can", c->asking->can);
	json_end(&o);
	out->text = STR("done");
	out->structured = buf_text(&b);
	fake_runs++;
	return ERR_OK;
}

static enum err
run_once(struct tool_call *c, struct tool_result *out, struct fault *f)
{
	enum err e = c->asking == NULL ? ERR_OK : c->asking->once(c->asking, f);

	if (e != ERR_OK) {
		tool_failed(c, f, out);
		return ERR_OK;
	}
	return run_ask(c, out, f);
}

/* Asks for a name and a sample; says what it was told. */
static enum err
run_asks(struct tool_call *c, struct tool_result *out, struct fault *f)
{
	static const char ask[] =
	    "{\"who\":{\"method\":\"elicitation/create\",\"params\":{"
	    "\"mode\":\"form\",\"message\":\"Who?\",\"requestedSchema\":{"
	    "\"type\":\"object\",\"properties\":{\"name\":{"
	    "\"type\":\"string\"}}}}},"
	    "\"what\":{\"method\":\"sampling/createMessage\",\"params\":{"
	    "\"messages\":[{\"role\":\"user\",\"content\":{"
	    "\"type\":\"text\",\"text\":\"hi\"}}],\"maxTokens\":9}}}";
	const json_t *who, *what;

	if (c->asking == NULL)
		return fault_set(f, ERR_INTERNAL, "cannot be asked");
	if (c->asking->answers == NULL) {
		*out = (struct tool_result){ .ask = str_of(ask) };
		return ERR_OK;
	}
	who = json_member(c->asking->answers, "who");
	what = json_member(c->asking->answers, "what");
	*out = (struct tool_result){
		.text = arena_fmt(c->arena, "%s %s %s",
		    json_text(json_member(who, "action")).p,
		    json_string_value(
			json_member(json_member(who, "content"), "name")),
		    json_string_value(
			json_member(json_member(what, "content"), "text")))
	};
	return ERR_OK;
}

static const struct {
	const char *name;
	enum err (*run)(struct tool_call *c, struct tool_result *out,
	    struct fault *f);
} tools[] = {
	{ "echo", run_echo },
	{ "region", run_echo },
	{ "fail", run_fail },
	{ "argument", run_argument },
	{ "broken", run_broken },
	{ "closed", run_closed },
	{ "scope", run_scope },
	{ "ready", run_ready },
	{ "slow", run_slow },
	{ "always", run_slow },
	{ "talk", run_talk },
	{ "ask", run_ask },
	{ "once", run_once },
	{ "asks", run_asks },
	{ "tool with \xc3\xa9", run_echo },
};

enum err
tool_run(struct tool_call *c, struct str name, const json_t *arguments,
    struct tool_result *out, struct fault *f)
{
	(void)arguments;
	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++)
		if (str_eq(name, str_of(tools[i].name)))
			return tools[i].run(c, out, f);
	return fault_set(f, ERR_UNKNOWN_TOOL,
	    era_structured(c->era) ? "Unknown tool: %.*s"
				   : "Tool not found: %.*s",
	    (int)name.len, name.p);
}

/* "slow" may become a task, "always" must. */
enum conf_task
tool_task(const struct tool_call *c, struct str name)
{
	(void)c;
	return str_starts(name, STR("slow"))     ? CONF_TASK_AUTO
	       : str_starts(name, STR("always")) ? CONF_TASK_ALWAYS
						 : CONF_TASK_NEVER;
}

void
tool_apart(struct tool_call *c)
{
	(void)c;
}

void
tool_failed(struct tool_call *c, const struct fault *f, struct tool_result *out)
{
	*out = (struct tool_result){
		.text = arena_fmt(c->arena, "%s: %s.%s%s", err_name(f->code),
		    f->msg, f->hint[0] == '\0' ? "" : " Hint: ", f->hint),
		.meta = arena_fmt(c->arena,
		    "\"mcp-fcgi/error\":{\"code\":\"%s\",\"retryable\":%s}",
		    err_name(f->code),
		    err_retryable(f->code) ? "true" : "false"),
		.is_error = true,
	};
	c->attempt->code = err_name(f->code);
}

/* "region" mirrors a string and an integer. */
enum err
tool_headers(struct tool_call *c, struct str name, const json_t *arguments,
    enum err (*fn)(void *arg, const char *header, struct str value,
	bool is_integer, struct fault *f),
    void *arg, struct fault *f)
{
	const json_t *n = json_member(arguments, "count");
	struct str count = { 0 };
	enum err e;

	if (!str_eq(name, STR("region")))
		return ERR_OK;
	if (json_is_integer(n))
		count = arena_fmt(c->arena, "%" JSON_INTEGER_FORMAT,
		    json_integer_value(n));
	e = fn(arg, "Region", json_text(json_member(arguments, "region")),
	    false, f);
	return e != ERR_OK ? e : fn(arg, "Row-Count", count, true, f);
}

/* No source and no tool of one. */
bool
tool_listed(struct catalogue *c, const struct caller *who,
    const struct tool_filter *filter, struct str name)
{
	(void)c, (void)who, (void)filter, (void)name;
	return false;
}

bool
tool_callable(struct catalogue *c, const struct caller *who,
    const struct tool_filter *filter, struct str name)
{
	return tool_listed(c, who, filter, name);
}
