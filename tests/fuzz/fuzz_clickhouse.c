/* SPDX-License-Identifier: ISC */
/*
 * An answer of a server, of any bytes: read in one piece or byte by byte it
 * gives the same rows and the same end, and every row has all its columns.
 */
#include "fuzz.h"
#include "source/clickhouse_int.h"

struct seen {
	struct row_sink sink;
	size_t columns, rows;
	uint64_t hash;
	int sets;
};

static bool
see_columns(struct row_sink *to, const struct column *c, size_t n)
{
	struct seen *s = (struct seen *)to;

	s->columns = n;
	s->sets++;
	for (size_t i = 0; i < n; i++)
		s->hash =
		    s->hash * 31 + str_hash(c[i].name) + (uint64_t)c[i].type;
	return true;
}

static bool
see_row(struct row_sink *to, const struct value *v, size_t n)
{
	struct seen *s = (struct seen *)to;

	FUZZ_PROMISE(n == s->columns);
	s->rows++;
	for (size_t i = 0; i < n; i++) {
		s->hash = s->hash * 31 + (uint64_t)v[i].kind;
		if (v[i].kind >= VALUE_TEXT)
			s->hash += str_hash(v[i].s);
	}
	return s->rows < 50;
}

static enum err
read_by(const char *p, size_t n, size_t step, bool plain, struct seen *s)
{
	struct arena *a = arena_new((size_t)64 << 20);
	struct conf_source spec = { .name = "x" };
	struct ch_conn c = { .spec = &spec, .arena = a, .plain = plain };
	struct ch_query query = { .sql = STR("SELECT 1") };
	struct fault f = { 0 };
	struct ch_rows r;
	enum err e;

	*s = (struct seen){ .sink = { see_columns, see_row, NULL } };
	ch_rows_begin(&r, &c, a, &s->sink);
	while (n > 0) {
		size_t some = n < step ? n : step;

		if (!ch_rows_take(&r, p, some))
			break;
		p += some;
		n -= some;
	}
	e = ch_rows_end(&r, &query, &f);
	FUZZ_PROMISE(e == ERR_OK || f.msg[0] != '\0');
	FUZZ_PROMISE(s->sets <= 1 && s->rows <= 50);
	arena_free(a);
	return e;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data;

	for (int plain = 0; plain < 2; plain++) {
		struct seen whole, bytes;
		enum err e = read_by(p, size, size + 1, plain == 1, &whole);

		FUZZ_PROMISE(read_by(p, size, 1, plain == 1, &bytes) == e);
		FUZZ_PROMISE(
		    whole.rows == bytes.rows && whole.hash == bytes.hash);
	}
	return 0;
}
