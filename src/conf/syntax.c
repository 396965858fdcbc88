/* SPDX-License-Identifier: ISC */
/*
 * What libconfig says when it refuses a text is two words and a line; here
 * that becomes something to act on.
 */
#include <string.h>

#include "conf/conf_int.h"

static bool
is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* The group that was being read last and has a member of this name. */
static const config_setting_t *
last_with(const config_setting_t *group, const char *name)
{
	const config_setting_t *last, *found = NULL;
	int n = config_setting_length(group);

	last = n == 0 ? NULL : config_setting_get_elem(group, (unsigned)n - 1);
	if (last != NULL && last->type == CONFIG_TYPE_GROUP)
		found = last_with(last, name);
	return found != NULL ? found : config_setting_get_member(group, name);
}

/* Which name of this line is the second of its kind? */
static const config_setting_t *
find_twice(struct arena *a, const config_setting_t *root, struct str line)
{
	const config_setting_t *first;
	size_t n;

	for (; line.len > 0; line = str_from(line, n)) {
		for (n = 0; n < line.len && is_name(line.p[n]);)
			n++;
		if (n == 0) {
			n = 1;
			continue;
		}
		first = last_with(root, arena_z(a, (struct str){ line.p, n }));
		if (first != NULL)
			return first;
	}
	return NULL;
}

static void
complain_twice(struct walk *w, const config_t *tree, int line, struct str text)
{
	const config_setting_t *first;
	struct conf_at at;

	first = find_twice(w->a, config_root_setting(tree), text);
	if (first == NULL) {
		complain(w, line, "a name stands twice in its group");
		return;
	}
	at = text_at(w, (int)config_setting_source_line(first));
	complain(w, line,
	    "\"%.64s\" stands twice in its group; the first is at %s:%d",
	    first->name, at.file, at.line);
}

/* What people write by habit, and what to write instead. */
static const char *
syntax_hint(const char *error, struct str line)
{
	const char *eq = line.len == 0 ? NULL : memchr(line.p, '=', line.len);
	struct str value = { "", 0 };

	line = str_trim(line);
	if (eq != NULL)
		value = str_trim(str_from(line, (size_t)(eq - line.p) + 1));
	if (strncmp(error, "mismatched", 10) == 0)
		return "all values between [ and ] must be of one kind";
	if (str_ends(line, STR(";;")))
		return "one ; is enough";
	if (line.len > 0 && line.p[0] >= '0' && line.p[0] <= '9')
		return "a name begins with a letter";
	if (eq != NULL && (value.len == 0 || value.p[0] == ';'))
		return "a value must follow the =";
	if (value.len > 0 && strchr("\"[({+-0123456789", value.p[0]) == NULL)
		return "text stands in quotes, and a switch is true or false";
	if (str_has(value, ',') && (str_has(value, ']') || str_has(value, ')')))
		return "no comma may follow the last value of a list";
	if (eq == NULL && !str_has(line, ':'))
		return "a setting is written: name = value; (look at the line before, too)";
	return "look for a missing quote, = or value, also in the line before";
}

void
text_syntax(struct walk *w, const config_t *tree)
{
	int line = config_error_line(tree);
	struct conf_at at = text_at(w, line);
	struct str text = text_line(text_file(w, line)->text, at.line);
	const char *error = config_error_text(tree);

	if (error == NULL)
		error = "syntax error";
	if (strcmp(error, "duplicate setting name") == 0)
		complain_twice(w, tree, line, text);
	else
		complain(w, line, "%s\n    %.*s\n    hint: %s", error,
		    text.len > 200 ? 200 : (int)text.len, text.p,
		    syntax_hint(error, text));
}
