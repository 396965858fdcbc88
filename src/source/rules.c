/* SPDX-License-Identifier: ISC */
/* The rules deny and mask of a source: globs of "table" or "table.column". */
#include "source/source.h"

/* Table and column pattern; a rule without a dot is about whole tables. */
static bool
split(struct str rule, struct str *table, struct str *column)
{
	size_t n = rule.len;

	*table = rule;
	*column = (struct str){ 0 };
	while (n > 0 && rule.p[n - 1] != '.')
		n--;
	if (n == 0)
		return false;
	table->len = n - 1;
	*column = str_from(rule, n);
	return true;
}

/* A piece of a column, "people.mail", is hidden with the column too. */
static bool
is_column(struct str pattern, struct str column)
{
	struct str head = column;

	while (head.len > 0 && head.p[head.len - 1] != '.')
		head.len--;
	if (head.len > 1 &&
	    is_column(pattern, (struct str){ head.p, head.len - 1 }))
		return true;
	return column.len != 0 && str_glob(pattern, column);
}

bool
rule_matches(const char *rule, struct str table, struct str column)
{
	struct str t, c;
	bool whole = !split(str_of(rule), &t, &c) || str_eq(c, STR("*"));

	return str_glob(t, table) && (whole || is_column(c, column));
}

bool
rule_begins(const char *rule, struct str schema)
{
	struct str t, c;

	return split(str_of(rule), &t, &c) && str_glob(t, schema);
}

static bool
matches(const struct conf_names *rules, struct str table, struct str column)
{
	for (size_t i = 0; i < rules->n; i++)
		if (rule_matches(rules->v[i], table, column))
			return true;
	return false;
}

bool
rules_denies(const struct conf_source *spec, struct str table,
    struct str column)
{
	return matches(&spec->deny, table, column);
}

bool
rules_masks(const struct conf_source *spec, struct str table, struct str column)
{
	return column.len != 0 && matches(&spec->mask, table, column);
}

static bool
about_columns(const struct conf_names *rules, struct str table)
{
	struct str t, c;

	for (size_t i = 0; i < rules->n; i++)
		if (split(str_of(rules->v[i]), &t, &c) && str_glob(t, table))
			return true;
	return false;
}

bool
rules_columns(const struct conf_source *spec, struct str table)
{
	return about_columns(&spec->deny, table) ||
	       about_columns(&spec->mask, table);
}

static bool
any_column(const struct conf_names *rules)
{
	for (size_t i = 0; i < rules->n; i++)
		if (str_has(str_of(rules->v[i]), '.'))
			return true;
	return false;
}

bool
rules_any_columns(const struct conf_source *spec)
{
	return any_column(&spec->deny) || any_column(&spec->mask);
}

enum err
rules_not_here(struct str word, struct fault *f)
{
	fault_hint(f, "get_tables and get_columns describe the source");
	return fault_set(f, ERR_PERMISSION_DENIED,
	    "%.*s cannot be used like this on a source with hidden names",
	    (int)word.len, word.p);
}

enum err
rules_no_table(struct str name, struct fault *f)
{
	return fault_set(f, ERR_TABLE_NOT_FOUND, "no such table: %.*s",
	    (int)name.len, name.p);
}

enum err
rules_no_procedures(struct fault *f)
{
	return fault_set(f, ERR_PERMISSION_DENIED,
	    "a source with hidden names runs no procedures of the database");
}
