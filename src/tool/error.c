/* SPDX-License-Identifier: ISC */
/*
 * A failed call: "CODE: sentence. Hint: sentence." and, for programs,
 * _meta["mcp-fcgi/error"] (tools.md 1.5, 1.8).
 */
#include "tool/tool_int.h"

#define ERROR_MAX (8 * FAULT_MSG)

static void
sentence_put(struct buf *to, struct str s)
{
	buf_str(to, s);
	if (!str_ends(s, STR(".")) && !str_ends(s, STR("?")) &&
	    !str_ends(s, STR("!")))
		buf_char(to, '.');
}

static struct str
error_meta(struct arena *a, const struct fault *f)
{
	struct json_out out;
	struct buf b;

	buf_init(&b, a, ERROR_MAX);
	json_out_init(&out, &b, NULL);
	json_obj(&out, NULL);
	json_obj(&out, "mcp-fcgi/error");
	json_z(&out, "code", err_name(f->code));
	json_bool(&out, "retryable", err_retryable(f->code));
	if (f->hint[0] != '\0')
		json_z(&out, "hint", f->hint);
	json_end(&out);
	json_end(&out);
	/* Members only: mcp puts the braces. */
	return (struct str){ b.p + 1, b.len - 2 };
}

void
error_plain(struct tool_call *c, struct str text, const struct fault *f,
    struct tool_result *out)
{
	*out = (struct tool_result){
		.text = answer_escape(c->arena, text),
		.meta = error_meta(c->arena, f),
		.is_error = true,
	};
	c->attempt->code = err_name(f->code);
}

/* What went wrong inside is for the log; the caller gets the request id. */
static struct fault
internal_of(const struct tool_call *c, const struct fault *f)
{
	struct fault inner = { .code = ERR_INTERNAL };

	(void)f;
	fault_set(&inner, ERR_INTERNAL,
	    "something went wrong here; the log knows it as request %s",
	    c->attempt->id);
	return inner;
}

/* What no caller can mend: who can, and how he finds out. */
static void
advise(struct fault *f)
{
	if (f->hint[0] != '\0')
		return;
	if (f->code == ERR_SOURCE_UNREACHABLE)
		fault_hint(f,
		    "Try again later; if it stays so, the administrator of this server learns the cause from \"mcpctl doctor\"");
	if (f->code == ERR_SOURCE_AUTH_FAILED)
		fault_hint(f,
		    "Only the administrator of this server can mend that: \"mcpctl doctor\" names the setting");
}

void
tool_failed(struct tool_call *c, const struct fault *f, struct tool_result *out)
{
	struct fault told = f->code == ERR_INTERNAL ? internal_of(c, f) : *f;
	struct buf text;

	advise(&told);
	buf_init(&text, c->arena, ERROR_MAX);
	buf_fmt(&text, "%s: ", err_name(told.code));
	sentence_put(&text, str_of(told.msg));
	if (told.hint[0] != '\0') {
		buf_lit(&text, " Hint: ");
		sentence_put(&text, str_of(told.hint));
	}
	error_plain(c, buf_text(&text), &told, out);
}
