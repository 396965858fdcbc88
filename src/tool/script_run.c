/* SPDX-License-Identifier: ISC */
/*
 * One run of a script: what it is told, what becomes of its output, and what
 * the caller hears when it goes wrong.  Details of a failure are for the log;
 * the caller gets the request's id.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "base/log.h"
#include "tool/child.h"
#include "tool/script_int.h"

#define INPUT_MAX ((size_t)16 << 20)

enum { ENV_MAX = 12 };

static const char *const eras[] = {
	[ERA_2024_11_05] = "2024-11-05",
	[ERA_2025_03_26] = "2025-03-26",
	[ERA_2025_06_18] = "2025-06-18",
	[ERA_2025_11_25] = "2025-11-25",
	[ERA_2026_07_28] = "2026-07-28",
};
_Static_assert(sizeof(eras) / sizeof(eras[0]) == ERA_COUNT,
    "a text for each revision");

static const char *const *
environment(const struct tool_call *c, struct str tool)
{
	const char **env = arena_zero(c->arena, ENV_MAX, sizeof(*env));
	struct str label = c->who->key.label;
	size_t n = 0;

	env[n++] = "PATH=/usr/local/bin:/usr/bin:/bin";
	env[n++] = "LANG=C.UTF-8";
	env[n++] = "TMPDIR=/tmp";
	env[n++] =
	    arena_fmt(c->arena, "MCP_TOOL=%.*s", (int)tool.len, tool.p).p;
	env[n++] = arena_fmt(c->arena, "MCP_KEY_LABEL=%.*s", (int)label.len,
	    label.p == NULL ? "" : label.p)
		       .p;
	env[n++] = arena_fmt(c->arena, "MCP_ERA=%s", eras[c->era]).p;
	env[n++] = arena_fmt(c->arena, "MCP_CLIENT_CAN=%s",
	    c->asking == NULL || c->asking->can == NULL ? "" : c->asking->can)
		       .p;
	return env;
}

/* The arguments, and what the user said when there was a question. */
static struct str
input_make(const struct tool_call *c, json_t *arguments)
{
	const struct tool_asking *ask = c->asking;
	struct json_out out;
	const char *name;
	struct buf b;
	json_t *v;
	bool answered = ask != NULL && ask->answers != NULL;
	bool kept = ask != NULL && !str_is_empty(ask->state);

	buf_init(&b, c->arena, INPUT_MAX);
	json_out_init(&out, &b, NULL);
	json_obj(&out, NULL);
	json_object_foreach(arguments, name, v)
	{
		if (!(answered && strcmp(name, "input") == 0) &&
		    !(kept && strcmp(name, "state") == 0))
			json_tree(&out, name, v);
	}
	if (answered)
		json_tree(&out, "input", ask->answers);
	if (kept)
		json_raw(&out, "state", ask->state);
	json_end(&out);
	buf_char(&b, '\n');
	return buf_text(&b);
}

/* On disk before it runs; the values only as a keyed hash. */
static enum err
audit_begin(struct tool_call *c, struct str input, struct fault *f)
{
	struct attempt *t = c->attempt;

	if (t->hash_key != NULL)
		attempt_params(t, c->arena, input);
	if (t->put == NULL || t->put(t, "begin", f) == ERR_OK || !t->required)
		return ERR_OK;
	return fault_set(f, ERR_UNAVAILABLE,
	    "The audit cannot be written, so nothing was run");
}

static bool
on_beat(void *said)
{
	struct script_said *s = said;
	struct tool_events *e = s->run->call->events;

	if (e != NULL && !e->alive(e))
		s->gone = true;
	return !s->gone;
}

/* The words of a failure that is the tool's own doing. */
static enum err
failed(struct run *r, const char *why, const struct child_end *end)
{
	const struct tool_call *c = r->call;
	struct fault told = { .code = ERR_INTERNAL };
	struct str text = arena_fmt(c->arena,
	    "INTERNAL: The tool failed: %s. The log knows more under request %s.",
	    why, c->attempt->id);

	log_line("tool %.*s, request %s: %s; its last words: %.*s",
	    (int)r->entry->name.len, r->entry->name.p, c->attempt->id, why,
	    (int)end->stderr_line.len, end->stderr_line.p);
	error_plain(r->call, text, &told, r->result);
	return ERR_OK;
}

static const char *
status_words(struct arena *a, int status)
{
	if (WIFSIGNALED(status))
		return arena_fmt(a, "it was ended by signal %d",
		    WTERMSIG(status))
		    .p;
	if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
		return arena_fmt(a, "it ended with exit status %d",
		    WEXITSTATUS(status))
		    .p;
	return WIFEXITED(status) ? NULL : "it was lost";
}

static struct str
plain(struct script_said *s)
{
	struct str text = buf_text(&s->text);

	if (str_ends(text, STR("\n")))
		text.len--;
	return answer_escape(s->run->call->arena,
	    text.p == NULL ? STR("") : text);
}

/* What it said as the result of the call. */
static enum err
result_make(struct script_said *s, const struct child_end *end)
{
	struct run *r = s->run;
	struct tool_result *out = r->result;
	bool lacks = r->entry->script->output != NULL &&
		     str_is_empty(s->structured) && !s->is_error &&
		     str_is_empty(s->ask);

	if (lacks && era_structured(r->call->era))
		return failed(r,
		    "it has an outputSchema and gave no structuredContent",
		    end);
	out->is_error = s->is_error;
	out->ask = s->ask;
	out->state = s->state;
	if (s->has_content)
		out->content = buf_text(&s->content);
	else if (!str_is_empty(s->structured))
		out->text = buf_text(&s->twin);
	else
		out->text = plain(s);
	if (era_structured(r->call->era) &&
	    (era_modern(r->call->era) || str_starts(s->structured, STR("{"))))
		out->structured = s->structured;
	r->call->attempt->bytes = (int64_t)(out->content.len + out->text.len);
	if (out->is_error)
		r->call->attempt->code = "TOOL";
	return ERR_OK;
}

static enum err
outcome(struct script_said *s, enum err e, const struct child_end *end,
    struct fault *f)
{
	const struct tool_call *c = s->run->call;
	const char *status = status_words(c->arena, end->status);

	if (s->wrong != NULL)
		return failed(s->run, s->wrong, end);
	if (e != ERR_OK) {
		log_line("tool %.*s, request %s: %s; its last words: %.*s",
		    (int)s->run->entry->name.len, s->run->entry->name.p,
		    c->attempt->id, f->msg, (int)end->stderr_line.len,
		    end->stderr_line.p);
		if (e == ERR_TIMEOUT)
			fault_hint(f, "The limit is %d s",
			    s->run->entry->script->conf->timeout);
		return e;
	}
	if (s->error != 0 && WIFEXITED(end->status)) {
		f->number = s->error;
		return fault_set(f, ERR_TOOL_ERROR, "%.*s",
		    (int)(s->error_text.len > 400 ? 400 : s->error_text.len),
		    s->error_text.p);
	}
	/* It may say in its own words why it fails. */
	if (status != NULL && !(s->is_error && WIFEXITED(end->status)))
		return failed(s->run, status, end);
	if (!str_is_empty(s->ask) && c->asking == NULL)
		return fault_set(f, ERR_PERMISSION_DENIED,
		    "the tool has to ask the user, which this client does not offer");
	return result_make(s, end);
}

/* What may change something gets each answer of the user once. */
static enum err
answers_use(const struct run *r, struct fault *f)
{
	const struct tool_asking *a = r->call->asking;

	if (r->entry->script->reads || a == NULL || a->answers == NULL)
		return ERR_OK;
	return a->once(a, f);
}

enum err
script_call(struct run *r, const json_t *arguments, struct fault *f)
{
	const struct conf_tool *t = r->entry->script->conf;
	struct tool_call *c = r->call;
	struct child_spec spec = {
		.output_max = SCRIPT_OUTPUT_MAX,
		.line_max = SCRIPT_LINE_MAX,
		.cpu_s = t->timeout + 1,
	};
	const char **argv =
	    arena_zero(c->arena, t->command.n + 1, sizeof(*argv));
	struct script_said said;
	struct child_end end;
	json_t *checked = NULL;
	enum err e = script_needs_check(r->entry->script, c, f);

	if (e == ERR_OK)
		e = script_arguments(r, r->entry->script, arguments, &checked,
		    f);
	if (e == ERR_OK)
		e = answers_use(r, f);
	if (e != ERR_OK)
		return e;
	for (size_t i = 0; i < t->command.n; i++)
		argv[i] = t->command.v[i];
	spec.argv = argv;
	spec.env = environment(c, r->entry->name);
	spec.input = input_make(c, checked);
	e = audit_begin(c, spec.input, f);
	if (e != ERR_OK)
		return e;
	said_init(&said, r);
	e = child_run(c->arena, &spec, deadline_in(t->timeout * 1000LL),
	    said_line, on_beat, &said, &end, f);
	arena_free(said.line);
	return outcome(&said, e, &end, f);
}

static enum err
run_none(struct run *r, const void *args, struct fault *f)
{
	(void)args;
	return script_call(r, NULL, f);
}

const struct tool_def script_def = {
	.name = "",
	.type = TOOL_UNIVERSAL,
	.group = "custom",
	.scopes = SCOPE_READ | SCOPE_WRITE,
	.run = run_none,
};
