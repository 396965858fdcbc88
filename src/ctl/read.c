/* SPDX-License-Identifier: ISC */
/* Arguments to a command: options by getopt_long, words by the sentences. */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>

#include "ctl/ctl.h"

struct str
ctl_word(const struct ctl_command *cmd, size_t n)
{
	struct str rest = str_of(cmd->sentence);
	struct str word = { 0 };

	while (str_cut(&rest, ' ', &word))
		if (n-- == 0)
			return word;
	return (struct str){ 0 };
}

static bool
is_literal(struct str word)
{
	return word.p != NULL && word.p[0] != '<' && word.p[0] != '[';
}

/* Is "text" one of the words of <a|b>?  Any word fits a plain <name>. */
static bool
fits(struct str word, struct str text)
{
	struct str rest = { word.p + 1, word.len - 2 };
	struct str one;

	if (!str_has(rest, '|'))
		return true;
	while (str_cut(&rest, '|', &one))
		if (str_eq(one, text))
			return true;
	return false;
}

/* How many leading words of the command are literally in "words". */
static size_t
agrees(const struct ctl_command *cmd, const char **words, size_t n)
{
	size_t i = 0;

	while (i < n && is_literal(ctl_word(cmd, i)) &&
	       str_eq(ctl_word(cmd, i), str_of(words[i])))
		i++;
	return i;
}

/* Every literal word that may stand after the first "same" words given. */
static void
what_fits(struct buf *to, const char **words, size_t same)
{
	struct str last = { 0 };

	for (size_t i = 0; i < ctl_ncommands; i++) {
		struct str w = ctl_word(&ctl_commands[i], same);

		if (agrees(&ctl_commands[i], words, same) < same || w.p == NULL)
			continue;
		if (last.p != NULL && str_eq(w, last))
			continue;
		if (last.p != NULL)
			buf_lit(to, ", ");
		buf_str(to, w);
		last = w;
	}
}

static enum ctl_exit
wrong_word(struct ctl *c, const char **words, size_t n, size_t same)
{
	struct buf b;

	buf_init(&b, c->arena, 4096);
	what_fits(&b, words, same);
	if (same < n)
		return ctl_failed(c, ERR_INVALID_ARGUMENT,
		    "there is no '%s' here; it may be one of: %.*s",
		    words[same], (int)b.len, b.p);
	return ctl_failed(c, ERR_INVALID_ARGUMENT,
	    "a word is missing; it may be one of: %.*s", (int)b.len, b.p);
}

/* The words behind the literal ones against <name> and [name]. */
static enum ctl_exit
read_args(struct ctl *c, const char **words, size_t n, size_t same)
{
	for (size_t i = same;; i++) {
		struct str w = ctl_word(c->command, i);

		if (w.p == NULL && i < n)
			return ctl_usage(c, "'%s' is one word too many",
			    words[i]);
		if (w.p == NULL)
			break;
		if (i >= n && w.p[0] == '<')
			return ctl_usage(c, "%.*s is missing", (int)w.len, w.p);
		if (i < n && !fits(w, str_of(words[i])))
			return ctl_usage(c, "'%s' is not one of %.*s", words[i],
			    (int)w.len - 2, w.p + 1);
	}
	c->args = words + same;
	c->nargs = n - same;
	return CTL_DONE;
}

static enum ctl_exit
find_command(struct ctl *c, const char **words, size_t n)
{
	size_t best = 0;

	for (size_t i = 0; i < ctl_ncommands; i++) {
		const struct ctl_command *cmd = &ctl_commands[i];
		size_t same = agrees(cmd, words, n);

		if (same > best)
			best = same;
		if (same > 0 && !is_literal(ctl_word(cmd, same))) {
			c->command = cmd;
			return read_args(c, words, n, same);
		}
	}
	return wrong_word(c, words, n, best);
}

static enum ctl_exit
check_options(struct ctl *c)
{
	uint64_t may = CTL_ALWAYS | c->command->options;

	for (size_t i = 0; i < c->ngiven; i++) {
		enum ctl_option o = c->given[i].option;
		const char *value = ctl_options[o].value;

		if ((may & OPT_BIT(o)) == 0)
			return ctl_usage(c, "--%s does not belong here",
			    ctl_options[o].name);
		if (value != NULL && strchr(value, '|') != NULL) {
			struct str w = arena_fmt(c->arena, "<%s>", value);

			if (!fits(w, str_of(c->given[i].value)))
				return ctl_usage(c,
				    "--%s is one of %s, not '%s'",
				    ctl_options[o].name, value,
				    c->given[i].value);
		}
	}
	return CTL_DONE;
}

static void
long_options(struct option *to)
{
	for (int i = 0; i < OPT_COUNT; i++) {
		to[i].name = ctl_options[i].name;
		to[i].has_arg = ctl_options[i].value == NULL
				    ? no_argument
				    : required_argument;
		to[i].val = i;
	}
}

/* How many options there can be: one word holds several, as -hV. */
static size_t
options_max(int argc, char **argv)
{
	size_t n = 0;

	for (int i = 0; i < argc; i++)
		n += strlen(argv[i]) + 1;
	return n;
}

/* All options into c->given, wherever they stand; optind is left at the
 * first word. */
static enum ctl_exit
read_options(struct ctl *c, int argc, char **argv)
{
	struct option list[OPT_COUNT + 1] = { 0 };
	bool wrong = false;
	int o;

	long_options(list);
	c->given =
	    arena_zero(c->arena, options_max(argc, argv), sizeof(*c->given));
	while ((o = getopt_long(argc, argv, "hV", list, NULL)) != -1) {
		struct ctl_given *g = &c->given[c->ngiven];

		wrong = wrong || o == '?';
		if (o == '?') /* said already; --json may follow */
			continue;
		c->ngiven++;
		if (o == 'h')
			o = OPT_HELP;
		if (o == 'V')
			o = OPT_VERSION;
		g->option = (enum ctl_option)o;
		g->value = optarg == NULL ? "" : optarg;
	}
	if (wrong)
		return ctl_failed(c, ERR_INVALID_ARGUMENT,
		    "an option is wrong; 'mcpctl help' lists the commands");
	return CTL_DONE;
}

static const struct ctl_command *
command_named(const char *word)
{
	for (size_t i = 0; i < ctl_ncommands; i++)
		if (str_eq(ctl_word(&ctl_commands[i], 0), str_of(word)))
			return &ctl_commands[i];
	return NULL;
}

enum ctl_exit
ctl_read(struct ctl *c, int argc, char **argv)
{
	enum ctl_exit e = read_options(c, argc, argv);
	const char **words = (const char **)argv + optind;
	size_t n = (size_t)(argc - optind);

	if (e != CTL_DONE)
		return e;
	if (ctl_has(c, OPT_VERSION)) {
		c->command = command_named("version");
		return CTL_DONE;
	}
	if (ctl_has(c, OPT_HELP)) {
		c->command = command_named("help");
		c->args = words;
		c->nargs = n;
		return CTL_DONE;
	}
	if (n == 0)
		return ctl_failed(c, ERR_INVALID_ARGUMENT,
		    "what shall be done?  'mcpctl help' lists the commands");
	e = find_command(c, words, n);
	return e == CTL_DONE ? check_options(c) : e;
}

const char *
ctl_opt(const struct ctl *c, enum ctl_option o)
{
	for (size_t i = c->ngiven; i > 0; i--)
		if (c->given[i - 1].option == o)
			return c->given[i - 1].value;
	return NULL;
}

bool
ctl_has(const struct ctl *c, enum ctl_option o)
{
	return ctl_opt(c, o) != NULL;
}

bool
ctl_number(struct ctl *c, enum ctl_option o, int64_t min, int64_t max,
    int64_t dflt, int64_t *out)
{
	const char *v = ctl_opt(c, o);

	*out = dflt;
	if (v == NULL || str_int(str_of(v), min, max, out))
		return true;
	(void)ctl_usage(c,
	    "--%s wants a number between %lld and %lld, not '%s'",
	    ctl_options[o].name, (long long)min, (long long)max, v);
	return false;
}

bool
ctl_duration(struct ctl *c, enum ctl_option o, int64_t dflt, int64_t *seconds)
{
	const char *v = ctl_opt(c, o);

	*seconds = dflt;
	if (v == NULL || str_duration(str_of(v), seconds))
		return true;
	(void)ctl_usage(c,
	    "--%s wants a duration such as 30s 15m 12h 90d, not '%s'",
	    ctl_options[o].name, v);
	return false;
}
