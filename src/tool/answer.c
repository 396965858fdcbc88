/* SPDX-License-Identifier: ISC */
/* The object that answers a call, structured and as text in one pass. */
#include "tool/tool_int.h"

/* Room beside the rows: columns, notices, one row that is over the budget. */
#define ANSWER_SPARE (4 << 20)

/* What a small answer needs, so that it never grows. */
#define ANSWER_FIRST 4096

void
answer_begin(struct run *r, int64_t max_bytes)
{
	size_t max = (size_t)max_bytes + ANSWER_SPARE;

	buf_init(&r->body, r->call->arena, max);
	buf_init(&r->twin, r->call->arena, 2 * max);
	(void)buf_room(&r->body, ANSWER_FIRST);
	(void)buf_room(&r->twin, ANSWER_FIRST);
	json_out_init(&r->out, &r->body, &r->twin);
	json_obj(&r->out, NULL);
}

void
answer_notice(struct run *r, struct str text)
{
	if (r->nnotices < RUN_NOTICES)
		r->notices[r->nnotices++] = text;
}

void
answer_tail(struct run *r, const struct rows_out *rows, bool count,
    struct str cursor)
{
	struct json_out *out = &r->out;

	if (count)
		json_int(out, "rowsReturned", rows->rows);
	if (rows->cut != ROWS_WHOLE) {
		json_bool(out, "truncated", true);
		json_z(out, "truncationReason", rows_cut_name(rows->cut));
	}
	if (!str_is_empty(cursor))
		json_str(out, "nextCursor", cursor.p, cursor.len);
	if (r->nnotices > 0) {
		json_arr(out, "notices");
		for (size_t i = 0; i < r->nnotices; i++)
			json_str(out, NULL, r->notices[i].p, r->notices[i].len);
		json_end(out);
	}
}

enum err
answer_end(struct run *r, struct fault *f)
{
	json_end(&r->out);
	if (json_failed(&r->out)) {
		fault_set(f, ERR_TOO_LARGE,
		    "the result is too large to be answered");
		fault_hint(f, "ask for fewer columns or shorter values");
		return ERR_TOO_LARGE;
	}
	return ERR_OK;
}

struct str
answer_escape(struct arena *a, struct str text)
{
	struct json_out out;
	struct buf b;

	buf_init(&b, a, 6 * text.len + 16);
	json_out_init(&out, &b, NULL);
	json_str(&out, NULL, text.p, text.len);
	return (struct str){ b.p + 1, b.len - 2 };
}
