/* SPDX-License-Identifier: ISC */
/* One value as JSON (tools.md 1.6), cut to the cell budget. */
#include "base/utf8.h"
#include "rows/rows_int.h"

struct str
rows_cell(struct str s, int64_t max)
{
	size_t at = 0;

	if (max == 0 || s.len <= (uint64_t)max)
		return s;
	for (int64_t n = 0; n < max && at < s.len; n++) {
		size_t step = utf8_step(s.p + at, s.len - at);

		at += step == 0 ? 1 : step;
	}
	return (struct str){ s.p, at };
}

static bool
value_text(struct json_out *out, const char *key, struct str s, int64_t max)
{
	struct str cell = rows_cell(s, max);

	json_str(out, key, cell.p, cell.len);
	return cell.len < s.len;
}

/* Cut at whole groups of four characters, so that what is left decodes. */
static bool
value_blob(struct json_out *out, const char *key, struct str s, int64_t max)
{
	size_t fits = max == 0 ? s.len : (size_t)max / 4 * 3;
	size_t n = s.len < fits ? s.len : fits;

	json_base64(out, key, s.p, n);
	return n < s.len;
}

bool
rows_value(struct json_out *out, const char *key, const struct value *v,
    int64_t max_cell)
{
	switch (v->kind) {
	case VALUE_INT:
		json_big(out, key, v->i);
		return false;
	case VALUE_TEXT:
		return value_text(out, key, v->s, max_cell);
	case VALUE_REAL:
		json_double(out, key, v->d);
		return false;
	case VALUE_BOOL:
		json_bool(out, key, v->i != 0);
		return false;
	case VALUE_EXACT:
		json_str(out, key, v->s.p, v->s.len);
		return false;
	case VALUE_BLOB:
		return value_blob(out, key, v->s, max_cell);
	case VALUE_NULL:
		break;
	}
	json_nil(out, key);
	return false;
}
