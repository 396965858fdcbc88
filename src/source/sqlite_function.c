/* SPDX-License-Identifier: ISC */
/* The functions of SQLite that a caller may use. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "source/sqlite_function.h"

#define LONGEST 32

/* Functions a caller may use, sorted.  Not here: load_extension,
 * fts3_tokenizer, printf and format of the library (ours are capped), sqlite_*,
 * randomblob, zeroblob; changes and its like, which tell of other callers. */
static const char *const functions[] = { "->", "->>", "abs", "acos", "acosh",
	"asin", "asinh", "atan", "atan2", "atanh", "avg", "bm25", "ceil",
	"ceiling", "char", "coalesce", "concat", "concat_ws", "cos", "cosh",
	"count", "cume_dist", "current_date", "current_time",
	"current_timestamp", "date", "datetime", "degrees", "dense_rank", "exp",
	"first_value", "floor", "format", "glob", "group_concat", "hex",
	"highlight", "if", "ifnull", "iif", "instr", "json", "json_array",
	"json_array_length", "json_error_position", "json_extract",
	"json_group_array", "json_group_object", "json_insert", "json_object",
	"json_patch", "json_pretty", "json_quote", "json_remove",
	"json_replace", "json_set", "json_type", "json_valid", "julianday",
	"lag", "last_value", "lead", "length", "like", "likelihood", "likely",
	"ln", "log", "log10", "log2", "lower", "ltrim", "match", "matchinfo",
	"max", "median", "min", "mod", "nth_value", "ntile", "nullif",
	"octet_length", "offsets", "percent_rank", "percentile",
	"percentile_cont", "percentile_disc", "pi", "pow", "power", "printf",
	"quote", "radians", "random", "rank", "regexp", "replace", "round",
	"row_number", "rtrim", "sign", "sin", "sinh", "snippet", "soundex",
	"sqrt", "strftime", "string_agg", "substr", "substring", "subtype",
	"sum", "tan", "tanh", "time", "timediff", "total", "trim", "trunc",
	"typeof", "unhex", "unicode", "unistr", "unistr_quote", "unixepoch",
	"unlikely", "upper" };

static int
by_name(const void *key, const void *at)
{
	return strcasecmp(key, *(const char *const *)at);
}

bool
sqlite_is_harmless(struct str name)
{
	char z[LONGEST];

	if (name.len == 0 || name.len >= sizeof(z) ||
	    memchr(name.p, '\0', name.len) != NULL)
		return false;
	memcpy(z, name.p, name.len);
	z[name.len] = '\0';
	return bsearch(z, functions, sizeof(functions) / sizeof(functions[0]),
		   sizeof(functions[0]), by_name) != NULL;
}
