/* SPDX-License-Identifier: ISC */
/*
 * Completion.  Both shells get the same three case statements: values of
 * options, the words that may follow what was said, the options of a command.
 * They differ in how a list is written and handed over.
 */
#include "ctl/complete.h"

struct shell {
	const char *name;
	const char *head, *middle, *tail;
	const char *files; /* what completes a file name */
	bool described;    /* 'word:about' instead of words alone */
};

static const struct shell shells[] = {
	{ "bash",
	    "# shellcheck shell=bash\n"
	    "# bash completion; made by: mcpctl help --completion bash\n"
	    "_mcpctl()\n{\n"
	    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} said='' skip='' w\n"
	    "\tlocal prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
	    "\tlocal -a list=() opts=()\n"
	    "\tfor w in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n",
	    "\t[[ $cur == -* ]] && list=(\"${opts[@]}\")\n",
	    "\tmapfile -t COMPREPLY < <(compgen -W \"${list[*]}\" -- \"$cur\")\n"
	    "}\ncomplete -o default -F _mcpctl mcpctl\n",
	    "mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); return", false },
	{ "zsh",
	    "#compdef mcpctl\n"
	    "# zsh completion; made by: mcpctl help --completion zsh\n"
	    "_mcpctl()\n{\n"
	    "\tlocal said='' skip='' w prev=${words[CURRENT-1]}\n"
	    "\tlocal -a list opts\n"
	    "\tfor w in \"${(@)words[2,CURRENT-1]}\"; do\n",
	    "\t[[ $PREFIX == -* ]] && list=(\"${opts[@]}\")\n",
	    "\t_describe mcpctl list\n}\n_mcpctl \"$@\"\n", "_files; return",
	    true },
};

static bool
is_literal(struct str word)
{
	return word.p != NULL && word.p[0] != '<' && word.p[0] != '[';
}

static bool
is_choice(struct str word)
{
	return word.p != NULL && !is_literal(word) && str_has(word, '|');
}

/* Values that are names of files or folders. */
static bool
is_file(int o)
{
	return o == OPT_CONFIG || o == OPT_DIR;
}

/* One entry of a list; in single quotes, so an apostrophe must not occur. */
static void
entry(struct buf *to, const struct shell *sh, struct str word,
    const char *about)
{
	if (sh->described && about != NULL)
		buf_fmt(to, " '%.*s:%s'", (int)word.len, word.p, about);
	else
		buf_fmt(to, " %.*s", (int)word.len, word.p);
}

static void
choices(struct buf *to, struct str rest)
{
	struct str one;

	while (str_cut(&rest, '|', &one))
		buf_fmt(to, " %.*s", (int)one.len, one.p);
}

/* case labels of all options of one kind. */
static void
labels(struct buf *to, bool (*is)(int))
{
	const char *sep = "";

	for (int i = 0; i < OPT_COUNT; i++)
		if (is(i)) {
			buf_fmt(to, "%s--%s", sep, ctl_options[i].name);
			sep = " | ";
		}
}

static bool
has_value(int o)
{
	return ctl_options[o].value != NULL;
}

static bool
free_value(int o)
{
	return has_value(o) && !is_file(o) &&
	       strchr(ctl_options[o].value, '|') == NULL;
}

/* What was said so far: the words without options and their values. */
static void
write_said(struct buf *to)
{
	buf_lit(to, "\t\tif [[ -n $skip ]]; then\n\t\t\tskip=''\n"
		    "\t\t\tcontinue\n\t\tfi\n\t\tcase $w in\n\t\t");
	labels(to, has_value);
	buf_lit(to, ") skip=1 ;;\n\t\t-*) ;;\n\t\t*) said+=\" $w\" ;;\n"
		    "\t\tesac\n\tdone\n");
}

static void
write_values(struct buf *to, const struct shell *sh)
{
	buf_lit(to, "\tcase $prev in\n\t");
	labels(to, is_file);
	buf_fmt(to, ") %s ;;\n\t", sh->files);
	labels(to, free_value);
	buf_lit(to, ") return ;;\n");
	for (int i = 0; i < OPT_COUNT; i++) {
		if (!has_value(i) || strchr(ctl_options[i].value, '|') == NULL)
			continue;
		buf_fmt(to, "\t--%s) said=--%s ;;\n", ctl_options[i].name,
		    ctl_options[i].name);
	}
	buf_lit(to, "\tesac\n");
}

/* The n literal words at the head of a command, a space before each. */
static bool
head_of(struct buf *to, const struct ctl_command *cmd, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct str w = ctl_word(cmd, i);

		if (!is_literal(w))
			return false;
		buf_fmt(to, " %.*s", (int)w.len, w.p);
	}
	return true;
}

static bool
same_head(const struct ctl_command *a, const struct ctl_command *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!str_eq(ctl_word(a, i), ctl_word(b, i)))
			return false;
	return true;
}

/* What may follow the first n words of command k, unless an earlier command
 * with the same head has said so. */
static void
write_next(struct buf *to, const struct shell *sh, size_t k, size_t n)
{
	const struct ctl_command *cmd = &ctl_commands[k];
	struct buf head;

	buf_init(&head, to->arena, 256);
	if (!head_of(&head, cmd, n) || !is_literal(ctl_word(cmd, n)))
		return;
	for (size_t i = 0; i < k; i++)
		if (same_head(&ctl_commands[i], cmd, n))
			return;
	buf_fmt(to, "\t'%.*s'", (int)head.len, head.p);
	if (n == 1) /* one may want help with it */
		buf_fmt(to, " | ' help%.*s'", (int)head.len, head.p);
	buf_lit(to, ") list=(");
	for (size_t i = k; i < ctl_ncommands; i++) {
		const struct ctl_command *other = &ctl_commands[i];
		struct str next = ctl_word(other, n);

		if (!same_head(other, cmd, n))
			continue;
		if (i > k && str_eq(next, ctl_word(&ctl_commands[i - 1], n)))
			continue;
		entry(to, sh, next,
		    is_literal(ctl_word(other, n + 1)) ? NULL : other->about);
	}
	buf_lit(to, " ) ;;\n");
}

static void
first_words(struct buf *to)
{
	struct str last = { 0 };

	for (size_t k = 0; k < ctl_ncommands; k++) {
		struct str w = ctl_word(&ctl_commands[k], 0);

		if (last.p == NULL || !str_eq(w, last))
			buf_fmt(to, " %.*s", (int)w.len, w.p);
		last = w;
	}
}

/* <a|b> behind the literal words of a command. */
static void
write_choice(struct buf *to, const struct ctl_command *cmd)
{
	struct str w;
	size_t n = 1;

	while (is_literal(ctl_word(cmd, n)))
		n++;
	w = ctl_word(cmd, n);
	if (!is_choice(w))
		return;
	buf_lit(to, "\t'");
	(void)head_of(to, cmd, n);
	buf_lit(to, "') list=(");
	choices(to, (struct str){ w.p + 1, w.len - 2 });
	buf_lit(to, " ) ;;\n");
}

static void
write_words(struct buf *to, const struct shell *sh)
{
	buf_lit(to, "\tcase $said in\n");
	for (size_t n = 0; n < 3; n++)
		for (size_t k = 0; k < ctl_ncommands; k++)
			write_next(to, sh, k, n);
	for (size_t k = 0; k < ctl_ncommands; k++)
		write_choice(to, &ctl_commands[k]);
	buf_lit(to, "\t' help') list=(");
	first_words(to);
	buf_lit(to, " ) ;;\n");
	for (int i = 0; i < OPT_COUNT; i++) {
		if (!has_value(i) || strchr(ctl_options[i].value, '|') == NULL)
			continue;
		buf_fmt(to, "\t--%s) list=(", ctl_options[i].name);
		choices(to, str_of(ctl_options[i].value));
		buf_lit(to, " ) ;;\n");
	}
	buf_lit(to, "\tesac\n");
}

static void
write_options(struct buf *to, const struct shell *sh)
{
	buf_lit(to, "\tcase $said in\n");
	for (size_t k = 0; k < ctl_ncommands; k++) {
		uint64_t may = CTL_ALWAYS | ctl_commands[k].options;
		size_t n = 0;

		while (is_literal(ctl_word(&ctl_commands[k], n)))
			n++;
		buf_lit(to, "\t'");
		(void)head_of(to, &ctl_commands[k], n);
		buf_lit(to, "'*) opts=(");
		for (int i = 0; i < OPT_COUNT; i++)
			if ((may & OPT_BIT(i)) != 0) {
				struct str w = arena_fmt(to->arena, "--%s",
				    ctl_options[i].name);

				entry(to, sh, w, ctl_options[i].about);
			}
		buf_lit(to, " ) ;;\n");
	}
	buf_lit(to,
	    "\t*) opts=( --help --version --config --json ) ;;\n\tesac\n");
}

enum ctl_exit
complete_write(struct buf *to, const char *shell)
{
	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		const struct shell *sh = &shells[i];

		if (!str_eq(str_of(sh->name), str_of(shell)))
			continue;
		buf_str(to, str_of(sh->head));
		write_said(to);
		write_values(to, sh);
		write_words(to, sh);
		write_options(to, sh);
		buf_str(to, str_of(sh->middle));
		buf_str(to, str_of(sh->tail));
	}
	return CTL_DONE;
}

enum ctl_exit
complete_words(struct buf *to)
{
	for (size_t i = 0; i < ctl_ncommands; i++) {
		struct str rest = str_of(ctl_commands[i].sentence);
		struct str w;

		while (str_cut(&rest, ' ', &w) && is_literal(w))
			buf_fmt(to, "%.*s ", (int)w.len, w.p);
		buf_cut(to, to->len - 1);
		buf_char(to, '\n');
	}
	for (int i = 0; i < OPT_COUNT; i++)
		buf_fmt(to, "--%s\n", ctl_options[i].name);
	return CTL_DONE;
}
