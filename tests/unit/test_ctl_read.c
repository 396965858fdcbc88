/* SPDX-License-Identifier: ISC */
/* Arguments against the tables of words and options. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <getopt.h>

#include "ctl/ctl.h"

#define ARGS 8

/* Read up to seven words after the program's name. */
static enum ctl_exit
read_words(struct ctl *c, const char *const *words)
{
	char **argv = arena_zero(c->arena, ARGS + 1, sizeof(*argv));
	int argc = 1;

	argv[0] = arena_z(c->arena, STR("mcpctl"));
	for (; words[argc - 1] != NULL; argc++)
		argv[argc] = arena_z(c->arena, str_of(words[argc - 1]));
	optind = 0;
	opterr = 0;
	c->command = NULL;
	c->nargs = 0;
	c->ngiven = 0;
	return ctl_read(c, argc, argv);
}

static int
start(void **state)
{
	static struct ctl c;

	c = (struct ctl){ 0 };
	c.arena = arena_new(1u << 20);
	buf_init(&c.out, c.arena, 1u << 18);
	*state = &c;
	return 0;
}

static int
stop(void **state)
{
	arena_free(((struct ctl *)*state)->arena);
	return 0;
}

static void
sentences(void **state)
{
	struct ctl *c = *state;

	assert_int_equal(read_words(c, (const char *[ARGS]){ "gc" }), CTL_DONE);
	assert_string_equal(c->command->sentence, "gc");
	assert_int_equal(read_words(c,
			     (const char *[ARGS]){ "key", "rename", "a", "b" }),
	    CTL_DONE);
	assert_string_equal(c->command->sentence, "key rename <key> <name>");
	assert_int_equal(c->nargs, 2);
	assert_string_equal(c->args[0], "a");
	assert_string_equal(c->args[1], "b");
	/* A name may look like a word. */
	assert_int_equal(read_words(c,
			     (const char *[ARGS]){ "key", "create", "list" }),
	    CTL_DONE);
	assert_string_equal(c->args[0], "list");
	assert_int_equal(read_words(c, (const char *[ARGS]){ "client" }),
	    CTL_DONE);
	assert_int_equal(c->nargs, 0);
}

static void
wrong_sentences(void **state)
{
	static const char *const wrong[][ARGS] = {
		{ NULL },
		{ "" },
		{ "ke" },
		{ "key" },
		{ "key", "" },
		{ "key", "<name>" },
		{ "key", "create" },
		{ "gc", "now" },
		{ "<name>" },
		{ "web" },
		{ "web", "light" },
		{ "web", "lighttpd|nginx" },
		{ "client", "" },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(read_words(*state, wrong[i]), CTL_USAGE);
}

static void
options_anywhere(void **state)
{
	struct ctl *c = *state;
	int64_t n = 0;

	assert_int_equal(read_words(c, (const char *[ARGS]){ "--config", "f",
					   "serve", "--port=7", "--json" }),
	    CTL_DONE);
	assert_string_equal(ctl_opt(c, OPT_CONFIG), "f");
	assert_true(ctl_has(c, OPT_JSON));
	assert_false(ctl_has(c, OPT_CGI));
	assert_true(ctl_number(c, OPT_PORT, 0, 65535, 1, &n));
	assert_int_equal(n, 7);
	assert_true(ctl_number(c, OPT_WORKERS, 1, 64, 2, &n));
	assert_int_equal(n, 2);
	assert_false(ctl_number(c, OPT_PORT, 8, 9, 8, &n));
	/* The last of two counts. */
	assert_int_equal(read_words(c, (const char *[ARGS]){ "gc", "--config",
					   "a", "--config", "b" }),
	    CTL_DONE);
	assert_string_equal(ctl_opt(c, OPT_CONFIG), "b");
	/* Behind "--" nothing is an option. */
	assert_int_equal(read_words(c, (const char *[ARGS]){ "key", "show",
					   "--", "--all" }),
	    CTL_DONE);
	assert_string_equal(c->args[0], "--all");
}

static void
foreign_options(void **state)
{
	static const char *const wrong[][ARGS] = {
		{ "gc", "--cgi" },
		{ "key", "list", "--scope", "read" },
		{ "gc", "--no-such" },
		{ "gc", "--config" },
		{ "key", "create", "x", "--confirm", "as" },
		{ "key", "create", "x", "--confirm", "" },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(read_words(*state, wrong[i]), CTL_USAGE);
}

/* Every row can be typed, and explains itself. */
static void
the_table_holds(void **state)
{
	struct ctl *c = *state;

	for (size_t i = 0; i < ctl_ncommands; i++) {
		const struct ctl_command *cmd = &ctl_commands[i];
		const char *words[ARGS] = { 0 };
		struct str w;

		for (size_t n = 0; (w = ctl_word(cmd, n)).p != NULL; n++) {
			struct str rest = { w.p + 1, w.len - 2 };

			if (w.p[0] == '[')
				break;
			if (w.p[0] == '<')
				(void)str_cut(&rest, '|', &w);
			words[n] = arena_z(c->arena, w);
		}
		assert_int_equal(read_words(c, words), CTL_DONE);
		assert_ptr_equal(c->command, cmd);
		assert_non_null(cmd->run);
		buf_cut(&c->out, 0);
		ctl_help_page(&c->out, cmd);
		assert_false(buf_failed(&c->out));
		/* Completion puts it in single quotes. */
		assert_null(strchr(cmd->about, '\''));
	}
	for (int i = 0; i < OPT_COUNT; i++) {
		assert_non_null(ctl_options[i].name);
		assert_non_null(ctl_options[i].about);
		assert_null(strchr(ctl_options[i].about, '\''));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sentences),
		cmocka_unit_test(wrong_sentences),
		cmocka_unit_test(options_anywhere),
		cmocka_unit_test(foreign_options),
		cmocka_unit_test(the_table_holds),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
