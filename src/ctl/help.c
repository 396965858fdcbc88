/* SPDX-License-Identifier: ISC */
/* help: what the tables say, as text, as JSON, and as completion. */
#include "ctl/complete.h"
#include "ctl/ctl.h"

#define WRAP 78

static void
option_text(struct buf *to, const struct ctl_option_row *o)
{
	buf_fmt(to, "--%s", o->name);
	if (o->value != NULL)
		buf_fmt(to, " %s", o->value);
}

/* Put " word" on the line, or on the next one. */
static void
wrap(struct buf *to, size_t *line, struct str word)
{
	if (to->len - *line + 1 + word.len > WRAP) {
		buf_lit(to, "\n   ");
		*line = to->len - 3;
	}
	buf_char(to, ' ');
	buf_str(to, word);
}

void
ctl_usage_line(struct buf *to, const struct ctl_command *cmd)
{
	size_t line = to->len;

	buf_fmt(to, "mcpctl %s", cmd->sentence);
	for (int i = 0; i < OPT_COUNT; i++) {
		struct buf b;

		if ((cmd->options & OPT_BIT(i)) == 0)
			continue;
		buf_init(&b, to->arena, 256);
		buf_char(&b, '[');
		option_text(&b, &ctl_options[i]);
		buf_char(&b, ']');
		if (i == OPT_SOURCE)
			buf_lit(&b, "...");
		wrap(to, &line, buf_text(&b));
	}
	wrap(to, &line, STR("[--config FILE]"));
	wrap(to, &line, STR("[--json]"));
	buf_char(to, '\n');
}

void
ctl_help_page(struct buf *to, const struct ctl_command *cmd)
{
	uint64_t may = CTL_ALWAYS | cmd->options;

	buf_lit(to, "usage: ");
	ctl_usage_line(to, cmd);
	buf_fmt(to, "\n%s\n\n", cmd->about);
	for (int i = 0; i < OPT_COUNT; i++) {
		struct buf b;

		if ((may & OPT_BIT(i)) == 0)
			continue;
		buf_init(&b, to->arena, 256);
		option_text(&b, &ctl_options[i]);
		buf_fmt(to, "  %-26.*s  %s\n", (int)b.len, b.p,
		    ctl_options[i].about);
	}
}

static void
overview(struct buf *to)
{
	buf_lit(to, "usage: mcpctl COMMAND [OPTION]...\n\n");
	for (size_t i = 0; i < ctl_ncommands; i++) {
		const char *s = ctl_commands[i].sentence;
		const char *choice = strchr(s, '|');
		int len = (int)strlen(s);

		if (choice != NULL)
			len = (int)strcspn(s, "<[");
		buf_fmt(to, "  %-24.*s%s\n", len, s, ctl_commands[i].about);
	}
	buf_lit(to, "\nEvery command takes --config FILE, --json and --help.\n"
		    "'mcpctl help COMMAND' says more, mcpctl(8) all.\n");
}

static bool
begins(const struct ctl_command *cmd, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!str_eq(ctl_word(cmd, i), str_of(words[i])))
			return false;
	return true;
}

static void
option_json(struct json_out *o, int i)
{
	json_obj(o, NULL);
	json_z(o, "name", ctl_options[i].name);
	if (ctl_options[i].value != NULL)
		json_z(o, "value", ctl_options[i].value);
	json_z(o, "about", ctl_options[i].about);
	json_end(o);
}

static void
help_json(struct ctl *c, const char *const *words, size_t n)
{
	struct json_out *o = &c->json;

	json_arr(o, NULL);
	for (size_t i = 0; i < ctl_ncommands; i++) {
		const struct ctl_command *cmd = &ctl_commands[i];

		if (!begins(cmd, words, n))
			continue;
		json_obj(o, NULL);
		json_z(o, "sentence", cmd->sentence);
		json_z(o, "about", cmd->about);
		json_arr(o, "options");
		for (int j = 0; j < OPT_COUNT; j++)
			if (((CTL_ALWAYS | cmd->options) & OPT_BIT(j)) != 0)
				option_json(o, j);
		json_end(o);
		json_end(o);
	}
	json_end(o);
	buf_char(&c->out, '\n');
}

/* Without the words that are values: "help key show alice" is about "key
 * show". */
static size_t
known_words(const char *const *words, size_t n)
{
	size_t best = 0;

	for (size_t i = 0; i < ctl_ncommands; i++) {
		size_t k = 0;

		while (k < n && begins(&ctl_commands[i], words, k + 1))
			k++;
		if (k > best)
			best = k;
	}
	return best;
}

enum ctl_exit
ctl_help(struct ctl *c, const char *const *words, size_t n)
{
	size_t known = known_words(words, n);
	bool first = true;

	if (n > 0 && known == 0)
		return ctl_failed(c, ERR_INVALID_ARGUMENT,
		    "there is no command '%s'; 'mcpctl help' lists them",
		    words[0]);
	if (ctl_has(c, OPT_JSON)) {
		help_json(c, words, known);
		return CTL_DONE;
	}
	if (n == 0) {
		overview(&c->out);
		return CTL_DONE;
	}
	for (size_t i = 0; i < ctl_ncommands; i++) {
		if (!begins(&ctl_commands[i], words, known))
			continue;
		if (!first)
			buf_char(&c->out, '\n');
		ctl_help_page(&c->out, &ctl_commands[i]);
		first = false;
	}
	return CTL_DONE;
}

enum ctl_exit
cmd_help(struct ctl *c)
{
	const char *shell = ctl_opt(c, OPT_COMPLETION);

	if (shell != NULL)
		return complete_write(&c->out, shell);
	if (ctl_has(c, OPT_LIST))
		return complete_words(&c->out);
	return ctl_help(c, c->args, c->nargs);
}
