/* SPDX-License-Identifier: ISC */
/*
 * What a prompt asks the user for before it is given: each question a form
 * under its name, all of them at once.
 */
#include "content/content_int.h"

#define ASK_MAX ((size_t)1 << 20)

static const char *
type_word(enum conf_type t)
{
	static const char *const words[] = {
		[CONF_STRING] = "string",
		[CONF_INTEGER] = "integer",
		[CONF_NUMBER] = "number",
		[CONF_BOOLEAN] = "boolean",
	};

	return words[t];
}

static void
put_number(struct json_out *out, const char *key, const struct conf_param *p,
    double v)
{
	if (p->type == CONF_INTEGER)
		json_int(out, key, (int64_t)v);
	else
		json_double(out, key, v);
}

/* The default is text of the type's own spelling, which the configuration
 * has checked. */
static void
put_default(struct json_out *out, const struct conf_param *p)
{
	int64_t i;

	if (!p->has_default)
		return;
	if (p->type == CONF_STRING)
		json_z(out, "default", p->dflt);
	else if (p->type == CONF_BOOLEAN)
		json_bool(out, "default", p->dflt[0] == 't');
	else if (str_int(str_of(p->dflt), INT64_MIN, INT64_MAX, &i))
		json_int(out, "default", i);
	else
		json_raw(out, "default", str_of(p->dflt));
}

static void
put_param(struct json_out *out, const struct conf_param *p)
{
	json_obj(out, p->name);
	json_z(out, "type", type_word(p->type));
	if (p->about != NULL)
		json_z(out, "description", p->about);
	if (p->values.n > 0) {
		json_arr(out, "enum");
		for (size_t i = 0; i < p->values.n; i++)
			json_z(out, NULL, p->values.v[i]);
		json_end(out);
	}
	if (p->has_min)
		put_number(out, "minimum", p, p->min);
	if (p->has_max)
		put_number(out, "maximum", p, p->max);
	put_default(out, p);
	json_end(out);
}

static void
put_schema(struct json_out *out, const struct conf_ask *k)
{
	bool any = false;

	json_obj(out, "requestedSchema");
	json_z(out, "type", "object");
	json_obj(out, "properties");
	for (size_t i = 0; i < k->nparams; i++) {
		put_param(out, &k->params[i]);
		any = any || k->params[i].required;
	}
	json_end(out);
	if (any) {
		json_arr(out, "required");
		for (size_t i = 0; i < k->nparams; i++)
			if (k->params[i].required)
				json_z(out, NULL, k->params[i].name);
		json_end(out);
	}
	json_end(out);
}

static enum err
put_ask(struct tool_call *c, const struct conf_ask *k,
    const struct insert_value *v, size_t n, struct json_out *out,
    struct fault *f)
{
	struct str message;

	if (!insert_values(c->arena, k->message, v, n, INSERT_PLAIN, &message))
		return fault_set(f, ERR_TOO_LARGE,
		    "the question is too long to ask");
	json_obj(out, k->name);
	json_z(out, "method", "elicitation/create");
	json_obj(out, "params");
	json_z(out, "mode", "form");
	json_str(out, "message", message.p, message.len);
	put_schema(out, k);
	json_end(out);
	json_end(out);
	return ERR_OK;
}

static enum err
write_asks(struct tool_call *c, const struct conf_prompt *p,
    const struct insert_value *v, size_t n, struct str *ask, struct fault *f)
{
	struct json_out out;
	struct buf b;
	enum err e = ERR_OK;

	buf_init(&b, c->arena, ASK_MAX);
	json_out_init(&out, &b, NULL);
	json_obj(&out, NULL);
	for (size_t i = 0; i < p->nasks && e == ERR_OK; i++)
		e = put_ask(c, &p->asks[i], v, n, &out, f);
	json_end(&out);
	if (e == ERR_OK && json_failed(&out))
		return fault_set(f, ERR_TOO_LARGE,
		    "the questions are too long to ask");
	*ask = buf_text(&b);
	return e;
}

/* One answer's values; not accepted: there is no prompt. */
static enum err
take_answer(struct tool_call *c, const struct conf_ask *k, const json_t *answer,
    struct insert_value *v, struct fault *f)
{
	const json_t *content = json_member(answer, "content");

	if (!str_eq(json_text(json_member(answer, "action")), STR("accept")))
		return fault_set(f, ERR_PARAMS,
		    "The user did not answer the question '%s'", k->name);
	for (size_t i = 0; i < k->nparams; i++) {
		const json_t *given = json_member(content, k->params[i].name);
		struct conf_prompt one = { .params = &k->params[i],
			.nparams = 1 };
		struct insert_value *value;
		size_t n;
		enum err e = prompt_values(c, &one,
		    given == NULL ? NULL : content, &value, &n, f);

		if (e != ERR_OK)
			return e;
		v[i].name =
		    arena_fmt(c->arena, "%s.%s", k->name, k->params[i].name);
		v[i].value = value->value;
	}
	return ERR_OK;
}

enum err
prompt_answers(struct tool_call *c, const struct conf_prompt *p,
    struct insert_value **v, size_t *n, struct str *ask, struct fault *f)
{
	const json_t *answers = c->asking == NULL ? NULL : c->asking->answers;
	struct insert_value *all;
	size_t more = 0;
	enum err e = ERR_OK;

	*ask = (struct str){ 0 };
	for (size_t i = 0; i < p->nasks; i++) {
		if (!json_is_object(json_member(answers, p->asks[i].name)))
			return write_asks(c, p, *v, *n, ask, f);
		more += p->asks[i].nparams;
	}
	all = arena_zero(c->arena, *n + more + 1, sizeof(*all));
	memcpy(all, *v, *n * sizeof(*all));
	for (size_t i = 0; i < p->nasks && e == ERR_OK; i++) {
		e = take_answer(c, &p->asks[i],
		    json_member(answers, p->asks[i].name), all + *n, f);
		*n += p->asks[i].nparams;
	}
	*v = all;
	return e;
}
