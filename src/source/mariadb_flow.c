/* SPDX-License-Identifier: ISC */
/*
 * Rows on their way to the sink.  With a cursor they come in batches of about
 * half a megabyte, so that a large result never sits in our memory.
 */
#include "source/mariadb_int.h"

#define FIRST_ROWS  16
#define BATCH_ROWS  1000
#define BATCH_BYTES ((int64_t)512 << 10)
#define ROW_ARENA   ((size_t)1 << 30)

static void
free_result(void *res)
{
	mysql_free_result(res);
}

static enum err
bind_cells(struct mariadb_flow *w, const MYSQL_FIELD *fields,
    const struct column *cols, struct fault *f)
{
	MYSQL_BIND *binds = arena_zero(w->a, w->n + 1, sizeof(*binds));

	w->cells = arena_zero(w->a, w->n + 1, sizeof(*w->cells));
	w->values = arena_zero(w->a, w->n + 1, sizeof(*w->values));
	for (unsigned i = 0; i < w->n; i++) {
		mariadb_cell_of(&fields[i], &w->cells[i], &binds[i]);
		w->cells[i].text = cols[i].type != DT_BINARY;
	}
	if (mysql_stmt_bind_result(w->st, binds) != 0)
		return mariadb_fault(w->c, w->st, NULL, f);
	return ERR_OK;
}

enum err
mariadb_flow_columns(struct mariadb_flow *w, struct fault *f)
{
	MYSQL_RES *res = mysql_stmt_result_metadata(w->st);
	const MYSQL_FIELD *fields;
	struct column *cols;
	enum err e = ERR_OK;

	w->n = mysql_stmt_field_count(w->st);
	cols = arena_zero(w->a, w->n + 1, sizeof(*cols));
	if (res != NULL) {
		arena_defer(w->a, free_result, res);
		fields = mysql_fetch_fields(res);
		mariadb_columns(fields, w->n, cols);
		if (!w->q->describe)
			e = bind_cells(w, fields, cols, f);
	}
	if (e == ERR_OK)
		w->ended = !w->to->cols(w->to, cols, w->n);
	return e;
}

static void
send(struct mariadb_flow *w)
{
	if (w->row == NULL)
		w->row = arena_new(ROW_ARENA);
	for (unsigned i = 0; i < w->n; i++) {
		w->values[i] = mariadb_value(w->row, w->st, i, &w->cells[i]);
		w->bytes += 16 + (int64_t)w->cells[i].length;
	}
	w->sent++;
	w->ended = !w->to->row(w->to, w->values, w->n);
	arena_reset(w->row);
}

/* A row has come: pass it over, send it, or know that there are more. */
static bool
take(struct mariadb_flow *w)
{
	if (w->seen <= w->q->skip)
		return true;
	if (w->ended || w->sent >= w->q->max_rows) {
		w->done->more = true;
		return false;
	}
	send(w);
	w->done->more = w->ended;
	return !w->ended;
}

/* As many at the next time as fill a batch, judging by those before. */
static void
set_batch(struct mariadb_flow *w)
{
	int64_t n = FIRST_ROWS;
	unsigned long rows;

	if (w->sent > 0)
		n = BATCH_BYTES * w->sent / (w->bytes + 1);
	if (w->sent == 0 && w->seen > FIRST_ROWS)
		n = BATCH_ROWS;
	rows = (unsigned long)(n < 1 ? 1 : n > BATCH_ROWS ? BATCH_ROWS : n);
	(void)mysql_stmt_attr_set(w->st, STMT_ATTR_PREFETCH_ROWS, &rows);
}

enum err
mariadb_flow_rows(struct mariadb_flow *w, bool cursor, struct fault *f)
{
	bool wants = true;
	int rc;

	for (;;) {
		if (cursor)
			set_batch(w);
		rc = mariadb_fetch(w->c, w->st);
		if (rc != 0 && rc != MYSQL_DATA_TRUNCATED)
			break;
		w->seen++;
		wants = wants && take(w);
		if (!wants && cursor)
			return ERR_OK;
	}
	return rc == MYSQL_NO_DATA ? ERR_OK
				   : mariadb_fault(w->c, w->st, NULL, f);
}
