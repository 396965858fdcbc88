/* SPDX-License-Identifier: ISC */
/* The shape of RESULTSETS (tools.md 1.8), member by member. */
#include <string.h>

#include "tests/unit/tool_site.h"

/* A member's type by a letter; upper case: required. */
static void
assert_members(const json_t *o, const char *const *names, const char *types)
{
	const char *key;
	json_t *v;

	assert_true(json_is_object(o));
	for (size_t i = 0; names[i] != NULL; i++)
		if (types[i] < 'a')
			assert_non_null(json_member(o, names[i]));
	json_object_foreach((json_t *)(uintptr_t)o, key, v)
	{
		size_t i = 0;

		while (names[i] != NULL && strcmp(names[i], key) != 0)
			i++;
		if (names[i] == NULL)
			fail_msg("unknown member %s", key);
		switch (types[i] | 0x20) {
		case 'i':
			assert_true(json_is_integer(v));
			break;
		case 's':
			assert_true(json_is_string(v));
			break;
		case 'b':
			assert_true(json_is_boolean(v));
			break;
		case 'a':
			assert_true(json_is_array(v));
			break;
		default:
			assert_true(json_is_object(v));
		}
	}
}

static void
assert_set(const json_t *set)
{
	static const char *const members[] = { "schema", "rows", "affectedRows",
		NULL };
	static const char *const column[] = { "ordinal", "catalogName",
		"schemaName", "tableName", "columnName", "columnLabel",
		"dataType", "dataTypeName", "length", "precision", "scale",
		"nullable", NULL };
	const json_t *schema = json_member(set, "schema");
	const json_t *rows = json_member(set, "rows");

	assert_members(set, members, "AAI");
	for (size_t i = 0; i < json_array_size(schema); i++)
		assert_members(json_array_get(schema, i), column,
		    "IsssSsISiiib");
	for (size_t i = 0; i < json_array_size(rows); i++) {
		assert_true(json_is_array(json_array_get(rows, i)));
		assert_int_equal(json_array_size(json_array_get(rows, i)),
		    json_array_size(schema));
	}
}

void
assert_resultsets(const json_t *sets)
{
	static const char *const members[] = { "results", "parameters",
		"rowsReturned", "truncated", "truncationReason", "nextCursor",
		"notices", NULL };
	const json_t *results = json_member(sets, "results");

	assert_members(sets, members, "Aoibssa");
	for (size_t i = 0; i < json_array_size(results); i++)
		assert_set(json_array_get(results, i));
}
