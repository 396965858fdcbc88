/* SPDX-License-Identifier: ISC */
/* call: run one tool and print what a client would get. */
#include <unistd.h>

#include "ctl/local.h"

/* The request, arguments taken as they stand. */
static struct str
request(struct ctl *c, struct str arguments)
{
	struct json_out o;
	struct buf b;

	buf_init(&b, c->arena, (1u << 20) + arguments.len);
	json_out_init(&o, &b, NULL);
	json_obj(&o, NULL);
	json_z(&o, "jsonrpc", "2.0");
	json_int(&o, "id", 1);
	json_z(&o, "method", "tools/call");
	json_obj(&o, "params");
	json_z(&o, "name", c->args[0]);
	json_raw(&o, "arguments", arguments);
	json_end(&o);
	json_end(&o);
	return buf_text(&b);
}

/* The text items of a result, a line each. */
static void
print_content(struct ctl *c, const json_t *content)
{
	for (size_t i = 0; i < json_array_size(content); i++) {
		const json_t *item = json_array_get(content, i);
		struct str text = json_text(json_member(item, "text"));

		buf_str(&c->out, text);
		buf_char(&c->out, '\n');
	}
}

/* The result as a client has it, or like all that failed. */
static void
print_json(struct ctl *c, const json_t *result, const json_t *error)
{
	struct json_out *o = &c->json;

	if (result != NULL) {
		json_tree(o, NULL, result);
	} else {
		json_obj(o, NULL);
		json_bool(o, "ok", false);
		json_tree(o, "error", error);
		json_end(o);
	}
	buf_char(&c->out, '\n');
}

static enum ctl_exit
print_answer(struct ctl *c, const json_t *root)
{
	const json_t *result = json_member(root, "result");
	const json_t *error = json_member(root, "error");
	struct str text = json_text(json_member(error, "message"));

	if (ctl_has(c, OPT_JSON)) {
		print_json(c, result, error);
	} else if (result != NULL) {
		print_content(c, json_member(result, "content"));
	}
	if (result == NULL) {
		ctl_say("%.*s", (int)text.len, text.p == NULL ? "" : text.p);
		return CTL_FAILED;
	}
	return json_is_true(json_member(result, "isError")) ? CTL_FAILED
							    : CTL_DONE;
}

/* The arguments: an object, "-" to read one, or nothing. */
static enum ctl_exit
read_arguments(struct ctl *c, struct str *out)
{
	struct fault f = { 0 };
	json_t *root = NULL;
	struct buf b;
	ssize_t n = 1;

	*out = c->nargs > 1 ? str_of(c->args[1]) : STR("{}");
	if (str_eq(*out, STR("-"))) {
		buf_init(&b, c->arena, 4u << 20);
		while (n > 0 && buf_room(&b, 65536)) {
			n = read(STDIN_FILENO, b.p + b.len, 65536);
			b.len += n > 0 ? (size_t)n : 0;
		}
		*out = buf_text(&b);
	}
	if (json_parse(c->arena, *out, &json_limits_default, &root, &f) !=
	    ERR_OK)
		return ctl_usage(c, "the arguments are no JSON: %s", f.msg);
	if (!json_is_object(root))
		return ctl_usage(c, "the arguments must be a JSON object");
	return CTL_DONE;
}

enum ctl_exit
cmd_call(struct ctl *c)
{
	struct local l;
	struct fault f = { 0 };
	struct str arguments, answer;
	json_t *root = NULL;
	enum ctl_exit e = read_arguments(c, &arguments);

	if (e != CTL_DONE)
		return e;
	e = local_open(c, &l);
	if (e == CTL_DONE) {
		const struct json_limits wide = { 64, SIZE_MAX, SIZE_MAX, 64 };

		local_agree(&l);
		/* Who typed it has said yes to it; a key is tried as it is. */
		if (ctl_opt(c, OPT_KEY) == NULL)
			l.who.key.confirm = CONFIRM_ALLOW;
		answer = local_message(&l, c->arena, request(c, arguments));
		e = json_parse(c->arena, answer, &wide, &root, &f) == ERR_OK
			? print_answer(c, root)
			: ctl_fault(c, &f);
	}
	local_close(&l);
	return e;
}
