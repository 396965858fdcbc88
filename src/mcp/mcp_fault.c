/* SPDX-License-Identifier: ISC */
/*
 * Faults as JSON-RPC errors: the one table of codes and statuses (mcp.md 2.1,
 * tools.md 1.8).  What has no row here is trouble of ours: the caller learns
 * the request id and nothing more.
 */
#include "mcp/task_int.h"

enum data {
	DATA_NONE,
	DATA_TYPE,       /* {"type":word} */
	DATA_FIELD,      /* {"type":word,"field":…} */
	DATA_URI,        /* {"uri":…}, from the hint */
	DATA_VERSION,    /* supported and requested, from the hint */
	DATA_CAPABILITY, /* requiredCapabilities, a dotted path in the field */
	DATA_CODE,       /* {"type":word,"code":…,"retryable":…} */
};

struct row {
	int modern, legacy; /* HTTP status */
	int code;
	int code_old;    /* in the two oldest revisions, where it differs */
	int code_legacy; /* in all older ones, where it differs */
	enum data data;
	const char *word;
	const char *text; /* fixed words instead of the fault's own */
};

static const struct row rows[ERR_COUNT] = {
	[ERR_JSON] = { 400, 400, -32700, .text = "Parse error: invalid JSON" },
	[ERR_REQUEST] = { 400, 400, -32600 },
	[ERR_FILTER] = { 400, 400, -32602 },
	[ERR_NOT_ACCEPTABLE] = { 406, 406, -32600 },
	[ERR_UNAUTHORIZED] = { 401, 401, -32001, .data = DATA_TYPE,
	    .word = "authentication_error",
	    .text = "Unauthorized: invalid or missing access token" },
	[ERR_RATE] = { 429, 429, -32000 },
	/* Store and audit say in words of their own what is wrong. */
	[ERR_UNAVAILABLE] = { 503, 503, -32603 },
	[ERR_SCOPE] = { 403, 403, -32600, .text = "Insufficient scope" },
	[ERR_UNKNOWN_METHOD] = { 404, 200, -32601 },
	[ERR_META] = { 400, 400, -32602 },
	[ERR_PARAMS] = { 200, 200, -32602 },
	[ERR_HEADER_MISMATCH] = { 400, 400, -32020 },
	[ERR_VERSION] = { 400, 400, -32022, .data = DATA_VERSION },
	[ERR_CAPABILITY] = { 400, 400, -32021, .data = DATA_CAPABILITY },
	[ERR_SESSION] = { 404, 404, -32600,
	    .text = "Session not found: initialize again" },
	[ERR_UNKNOWN_TOOL] = { 200, 200, -32602, .code_old = -32601,
	    .data = DATA_TYPE, .word = "tool_error" },
	[ERR_UNKNOWN_PROMPT] = { 200, 200, -32602, .data = DATA_TYPE,
	    .word = "prompt_error" },
	[ERR_UNKNOWN_RESOURCE] = { 200, 200, -32602, .code_legacy = -32002,
	    .data = DATA_URI },
	[ERR_TOOL_ERROR] = { 200, 200, -32603 },
	/* Of what is no tool: prompts and resources that have to ask. */
	[ERR_PERMISSION_DENIED] = { 200, 200, -32603 },
	[ERR_CANCELLED] = { 200, 200, -32603 },
	[ERR_TOO_LARGE] = { 200, 200, -32603 },
	[ERR_ARGUMENT] = { 200, 200, -32602, .data = DATA_FIELD,
	    .word = "validation_error" },
};

static void
data_version(struct json_out *out, const struct fault *f)
{
	json_obj(out, "data");
	json_arr(out, "supported");
	for (int e = ERA_COUNT - 1; e >= 0; e--)
		json_z(out, NULL, era_name((enum era)e));
	json_end(out);
	json_z(out, "requested", f->hint);
	json_end(out);
}

/* "sampling,elicitation.url" as {"sampling":{},"elicitation":{"url":{}}}. */
static void
data_capability(struct json_out *out, const struct fault *f)
{
	struct str rest = str_of(f->field), path, part;

	json_obj(out, "data");
	json_obj(out, "requiredCapabilities");
	while (str_cut(&rest, ',', &path)) {
		unsigned open = 0;

		for (; str_cut(&path, '.', &part); open++) {
			json_key(out, part);
			json_obj(out, NULL);
			/* The name of an extension has dots of its own. */
			if (str_eq(part, STR("extensions"))) {
				json_key(out, path);
				json_obj(out, NULL);
				open += 2;
				break;
			}
		}
		while (open-- > 0)
			json_end(out);
	}
	json_end(out);
	json_end(out);
}

static void
data_put(struct json_out *out, const struct row *row, const struct fault *f)
{
	if (row->data == DATA_VERSION) {
		data_version(out, f);
		return;
	}
	if (row->data == DATA_CAPABILITY) {
		data_capability(out, f);
		return;
	}
	if (row->data == DATA_NONE)
		return;
	json_obj(out, "data");
	if (row->word != NULL)
		json_z(out, "type", row->word);
	if (row->data == DATA_FIELD)
		json_z(out, "field", f->field);
	if (row->data == DATA_URI)
		json_z(out, "uri", f->hint);
	if (row->data == DATA_CODE) {
		json_z(out, "code", err_name(f->code));
		json_bool(out, "retryable", err_retryable(f->code));
	}
	json_end(out);
}

/* Trouble of ours; and the codes of a failed tool call where there is no tool:
 * their words are for the caller. */
static const struct row internal = { .modern = 200,
	.legacy = 200,
	.code = -32603 };
static const struct row failed = { .modern = 200,
	.legacy = 200,
	.code = -32603,
	.data = DATA_CODE,
	.word = "source_error" };

static const struct row *
row_of(const struct fault *f)
{
	if (rows[f->code].code != 0)
		return &rows[f->code];
	return f->code >= ERR_INVALID_ARGUMENT && f->code < ERR_INTERNAL
		   ? &failed
		   : &internal;
}

static int
row_code(const struct row *row, enum era era)
{
	if (row->code_old != 0 && !era_structured(era))
		return row->code_old;
	if (row->code_legacy != 0 && !era_modern(era))
		return row->code_legacy;
	return row->code;
}

void
answer_fault(struct answer *out, struct arena *a, enum era era, struct str id,
    const struct fault *f, const struct attempt *t)
{
	const struct row *row = row_of(f);
	const char *text = row->text != NULL ? row->text : f->msg;
	struct json_out o;
	struct buf b;

	if (row == &internal)
		text = arena_z(a, arena_fmt(a, "Internal error (request %s)",
				      t == NULL ? "unknown" : t->id));
	buf_init(&b, a, 2 * FAULT_MSG * 6 + 1024 + id.len);
	json_out_init(&o, &b, NULL);
	json_obj(&o, NULL);
	json_z(&o, "jsonrpc", "2.0");
	if (!str_is_empty(id))
		json_raw(&o, "id", id);
	json_obj(&o, "error");
	json_int(&o, "code", f->number != 0 ? f->number : row_code(row, era));
	json_z(&o, "message", text);
	data_put(&o, row, f);
	json_end(&o);
	json_end(&o);
	*out = (struct answer){
		.status = era_modern(era) ? row->modern : row->legacy,
		.piece = { buf_text(&b) },
		.n = 1,
		.fault = f->code,
		.retry_s = f->retry_s,
	};
}

/* The limit headers say it where they are sent. */
void
answer_retry(struct http_res *res, const struct answer *out,
    const struct attempt *t)
{
	int s = out->retry_s > 0 ? out->retry_s : 1;

	if (out->fault == ERR_RATE && t != NULL && t->who != NULL &&
	    t->who->limited && !t->who->limit.granted)
		return;
	if (out->fault == ERR_RATE || out->fault == ERR_UNAVAILABLE)
		http_header(res, "Retry-After", arena_fmt(res->arena, "%d", s));
}

void
mcp_res_fault(struct http_res *res, enum era era, struct str id,
    const struct fault *f, const struct attempt *t)
{
	struct answer out;

	if (f->code < ERR_UNAUTHORIZED) {
		http_res_fault(res, f);
		return;
	}
	answer_fault(&out, res->arena, era, id, f, t);
	answer_retry(res, &out, t);
	res->status = out.status;
	res->type = "application/json";
	for (size_t i = 0; i < out.n; i++)
		http_piece(res, out.piece[i]);
}

const char *
mcp_event(const struct attempt *t)
{
	static const struct {
		enum err code;
		const char *event;
	} events[] = {
		{ ERR_UNAUTHORIZED, "auth_fail" },
		{ ERR_RATE, "rate_limited" },
		{ ERR_SCOPE, "denied" },
		{ ERR_UNKNOWN_TOOL, "denied" },
		{ ERR_UNKNOWN_PROMPT, "denied" },
		{ ERR_UNKNOWN_RESOURCE, "denied" },
	};

	if (t->code != NULL && str_eq(str_of(t->code), STR(CODE_TASK)))
		return "task";
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (t->code != NULL &&
		    str_eq(str_of(t->code), str_of(err_name(events[i].code))))
			return events[i].event;
	for (int e = ERR_NOT_FOUND; t->code != NULL && e < ERR_ARGUMENT; e++)
		if (str_eq(str_of(t->code), str_of(err_name((enum err)e))))
			return "error";
	return "call";
}
