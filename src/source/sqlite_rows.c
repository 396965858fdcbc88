/* SPDX-License-Identifier: ISC */
/* Rows of a prepared statement on their way to the sink. */
#include "source/sqlite_int.h"

/* id, parent, notused, detail: the third says nothing. */
enum { PLAN_NOTUSED = 2, PLAN_DETAIL = 3, PLAN_COLUMNS = 4 };

static struct column *
plan_columns(struct arena *a, const struct column *c, size_t *n)
{
	struct column *out = arena_get(a, PLAN_COLUMNS * sizeof(*out));

	if (*n != PLAN_COLUMNS) {
		memcpy(out, c, *n * sizeof(*out));
		return out;
	}
	memcpy(out, c, PLAN_COLUMNS * sizeof(*out));
	out[PLAN_NOTUSED] = out[PLAN_DETAIL];
	*n = PLAN_COLUMNS - 1;
	return out;
}

/* The plan of a read that goes through our views names them. */
static void
plan_values(struct sqlite_flow *w)
{
	struct value *v = &w->values[PLAN_DETAIL];

	if (w->n != PLAN_COLUMNS - 1)
		return;
	if (v->kind == VALUE_TEXT)
		v->s = sqlite_cleaned(w->link, w->arena, v->s);
	w->values[PLAN_NOTUSED] = *v;
}

/* The row count that count_changes makes of a write is no result. */
static bool
is_count(const struct sqlite_flow *w)
{
	return w->link->writing && !w->q->explain && !w->q->gate->has_returning;
}

/* The columns, those without a declared type with that of the first row. */
static void
begin(struct sqlite_flow *w, bool row)
{
	struct sqlite_kept *k = w->kept;
	struct column *cols = k->cols;

	w->begun = true;
	if (sqlite3_stmt_status(k->st, SQLITE_STMTSTATUS_REPREPARE, 1) != 0) {
		sqlite_kept_refresh(k);
		cols = k->cols;
	}
	w->n = is_count(w) ? 0 : k->ncols;
	w->values = arena_get(w->arena, (k->ncols + 1) * sizeof(*w->values));
	if (k->untyped) {
		cols = arena_get(w->arena, k->ncols * sizeof(*cols));
		memcpy(cols, k->cols, k->ncols * sizeof(*cols));
		for (size_t i = 0; i < k->ncols && row; i++) {
			struct value v = sqlite_value(k->st, (int)i);

			if (cols[i].type == DT_UNKNOWN)
				sqlite_type_of(&v, &cols[i]);
		}
	}
	if (w->q->explain)
		cols = plan_columns(w->arena, cols, &w->n);
	if (!w->to->cols(w->to, cols, w->n))
		w->ended = true;
}

static bool
send(struct sqlite_flow *w)
{
	struct sqlite_kept *k = w->kept;

	for (size_t i = 0; i < k->ncols; i++) {
		struct value *v = &w->values[i];

		*v = sqlite_value(k->st, (int)i);
		if (k->cols[i].type == DT_BOOLEAN && v->kind == VALUE_INT &&
		    (v->i == 0 || v->i == 1))
			v->kind = VALUE_BOOL;
	}
	if (w->q->explain)
		plan_values(w);
	w->sent++;
	return w->to->row(w->to, w->values, w->n);
}

/* A row is there: pass it over, send it, or know that there are more. */
static bool
take_row(struct sqlite_flow *w)
{
	if (!w->begun)
		begin(w, true);
	if (w->seen++ < w->q->skip)
		return true;
	if (w->ended || w->sent >= w->q->max_rows) {
		w->more = true;
		return false;
	}
	if (send(w))
		return true;
	w->more = true;
	return false;
}

/* A read ends when the sink has enough; a write goes on to its end. */
int
sqlite_flow_run(struct sqlite_flow *w, bool write)
{
	bool wants = !write || w->q->gate->has_returning;
	sqlite3_stmt *st = w->kept->st;
	int rc;

	w->link->auth.stepping = true;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		if (!wants)
			continue;
		wants = take_row(w);
		if (!wants && !write) {
			rc = SQLITE_DONE;
			break;
		}
	}
	w->link->auth.stepping = false;
	if (rc == SQLITE_DONE && !w->begun && (!write || wants))
		begin(w, false);
	return rc;
}

void
sqlite_flow_empty(struct sqlite_flow *w)
{
	begin(w, false);
}
