/* SPDX-License-Identifier: ISC */
/* Statements and their outcome as text, for cases that are data. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "contract.h"

struct text_sink {
	struct row_sink sink;
	struct buf rows, columns, outs;
	int64_t n;
	int sets;
};

static bool
put_columns(struct row_sink *to, const struct column *c, size_t n)
{
	struct text_sink *t = (struct text_sink *)to;

	if (t->sets++ > 0) {
		buf_lit(&t->rows, "--\n");
		buf_lit(&t->columns, ";");
	}
	for (size_t i = 0; i < n; i++)
		buf_fmt(&t->columns, "%s%.*s:%d", i == 0 ? "" : ",",
		    (int)c[i].name.len, c[i].name.p, c[i].type);
	return true;
}

static void
put_value(struct buf *b, const struct value *v)
{
	switch (v->kind) {
	case VALUE_NULL:
		buf_lit(b, "null");
		break;
	case VALUE_INT:
		buf_int(b, v->i);
		break;
	case VALUE_BOOL:
		buf_str(b, v->i != 0 ? STR("true") : STR("false"));
		break;
	case VALUE_REAL:
		buf_fmt(b, "%.17g", v->d);
		break;
	case VALUE_BLOB:
		for (size_t i = 0; i < v->s.len; i++)
			buf_fmt(b, "%02x", (unsigned char)v->s.p[i]);
		break;
	case VALUE_TEXT:
	case VALUE_EXACT:
		buf_char(b, '\'');
		buf_str(b, v->s);
		buf_char(b, '\'');
		break;
	}
}

static bool
put_row(struct row_sink *to, const struct value *v, size_t n)
{
	struct text_sink *t = (struct text_sink *)to;

	t->n++;
	for (size_t i = 0; i < n; i++) {
		if (i != 0)
			buf_char(&t->rows, '|');
		put_value(&t->rows, &v[i]);
	}
	buf_char(&t->rows, '\n');
	return true;
}

static void
put_outs(struct row_sink *to, const struct param_out *p, size_t n)
{
	struct text_sink *t = (struct text_sink *)to;

	for (size_t i = 0; i < n; i++) {
		buf_fmt(&t->outs, "%.*s=", (int)p[i].name.len, p[i].name.p);
		put_value(&t->outs, &p[i].value);
		buf_fmt(&t->outs, " %d %d\n", p[i].direction, (int)p[i].type);
	}
}

static void
begin(struct text_sink *t, struct outcome *out)
{
	*t = (struct text_sink){ .sink = { put_columns, put_row, put_outs } };
	buf_init(&t->outs, out->a, (size_t)1 << 16);
	buf_init(&t->rows, out->a, (size_t)1 << 20);
	buf_init(&t->columns, out->a, (size_t)1 << 16);
	out->f = (struct fault){ 0 };
}

static void
end(struct text_sink *t, struct outcome *out)
{
	out->rows = buf_text(&t->rows);
	out->columns = buf_text(&t->columns);
	out->outs = buf_text(&t->outs);
	out->nrows = t->n;
	if (out->e != ERR_OK)
		out->rows = str_of(err_name(out->e));
	else if (out->rows.p == NULL)
		out->rows = STR("");
}

void
contract_ask(struct sources *s, struct sql_ask *ask, const char *sql,
    bool commit, struct outcome *out)
{
	struct text_sink t;
	struct fault f = { 0 };

	begin(&t, out);
	ask->text = str_of(sql);
	out->e = source_run(s, 0, out->a, ask, &out->g, &t.sink, &out->done,
	    &out->f);
	end(&t, out);
	if (source_finish(s, 0, commit && out->e == ERR_OK, &f) != ERR_OK) {
		out->e = f.code;
		out->f = f;
		out->rows = str_of(err_name(f.code));
	}
	sources_reset(s);
}

void
contract_call(struct sources *s, struct sql_ask *ask, const char *procedure,
    bool commit, struct outcome *out)
{
	ask->procedure = str_of(procedure);
	contract_ask(s, ask, "", commit, out);
	ask->procedure = (struct str){ 0 };
}

void
contract_meta(struct sources *s, const struct meta_ask *m, struct outcome *out)
{
	struct text_sink t;

	begin(&t, out);
	out->e = source_meta(s, 0, out->a, m, &t.sink, &out->f);
	end(&t, out);
	sources_reset(s);
}

int64_t
contract_high_water(void)
{
	char line[128];
	int64_t kb = 0;
	FILE *f = fopen("/proc/self/status", "r");

	if (f == NULL)
		abort();
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "VmHWM:", 6) == 0)
			kb = strtoll(line + 6, NULL, 10);
	fclose(f);
	return kb;
}

struct conf_limits
contract_limits(void)
{
	return (struct conf_limits){
		.params = 100,
		.heap = (int64_t)64 << 20,
		.value = 1000000,
		.sqlite_expr_depth = 100,
		.sqlite_compound = 50,
		.sqlite_columns = 500,
		.sqlite_ops = 250000,
		.sqlite_attached = 0,
		.sqlite_like = 256,
		.sqlite_threads = 0,
		.sqlite_triggers = 10,
	};
}
