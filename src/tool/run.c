/* SPDX-License-Identifier: ISC */
/* Running a call: find, check the rights, decode the arguments, answer. */
#include "tool/script_int.h"

static enum err
tool_unknown(const struct tool_call *c, struct str name, struct fault *f)
{
	char word[FAULT_MSG];

	return fault_set(f, ERR_UNKNOWN_TOOL,
	    era_structured(c->era) ? "Unknown tool: %s" : "Tool not found: %s",
	    fault_word(word, name, 128));
}

static void
run_init(struct run *r, struct tool_call *c, const struct entry *e,
    struct tool_result *out)
{
	*r = (struct run){
		.call = c,
		.entry = e,
		.sight = { c->catalogue, c->who, c->filter },
		.without = entry_without(c->catalogue, e),
		.result = out,
	};
}

/* Faults that are no result: the protocol has its own words for them. */
static bool
fault_travels(enum err e)
{
	return e < ERR_INVALID_ARGUMENT || e == ERR_CONF;
}

static void
result_fill(struct run *r)
{
	struct tool_result *out = r->result;

	if (out->is_error || r->entry->script != NULL ||
	    !str_is_empty(out->ask))
		return;
	out->text = r->markdown.p != NULL ? r->markdown : buf_text(&r->twin);
	if (era_structured(r->call->era))
		out->structured = buf_text(&r->body);
	r->call->attempt->bytes = (int64_t)r->body.len;
}

static enum err
run_finish(struct run *r, enum err e, struct fault *f)
{
	if (e == ERR_OK) {
		result_fill(r);
		return ERR_OK;
	}
	r->call->attempt->code = err_name(e);
	if (fault_travels(e))
		return e;
	tool_failed(r->call, f, r->result);
	return ERR_OK;
}

static enum err
run_entry(struct run *r, const json_t *arguments, struct fault *f)
{
	const struct entry *e = r->entry;
	bool own = e->custom != NULL;
	size_t size =
	    own ? sizeof(struct custom_slot) * e->custom->conf->nparams
		: e->def->args_size;
	void *args;
	enum err err;

	if (e->script != NULL)
		return script_call(r, arguments, f);
	if (e->described != NULL && e->described->input != NULL) {
		json_t *checked;

		err = script_arguments(r, e->described, arguments, &checked, f);
		if (err != ERR_OK)
			return err;
		arguments = checked;
	}
	args = arena_zero(r->call->arena, 1, size + 1);
	err = args_read(own ? e->custom->args : e->def->args, r->without,
	    e->def->lax, arguments, r->call->arena, args, f);

	if (err == ERR_ARGUMENT && e->def->refused != NULL)
		return e->def->refused(r, f);
	return err == ERR_OK ? e->def->run(r, args, f) : err;
}

enum err
tool_run(struct tool_call *c, struct str name, const json_t *arguments,
    struct tool_result *out, struct fault *f)
{
	const struct entry *e = catalogue_find(c->catalogue, name);
	struct sight s = { c->catalogue, c->who, c->filter };
	struct run r;

	*out = (struct tool_result){ 0 };
	if (e == NULL || !sight_calls(&s, e)) {
		c->attempt->code = err_name(ERR_UNKNOWN_TOOL);
		return tool_unknown(c, name, f);
	}
	c->attempt->tool = e->name;
	run_init(&r, c, e, out);
	return run_finish(&r, run_entry(&r, arguments, f), f);
}
