/* SPDX-License-Identifier: ISC */
/* What a program of the folder says of itself in its comment lines. */
#include "conf_place.h"

static void
script(struct place *p, const char *lines)
{
	put(p, "mcp.conf", "tools_dir = \".\";", 0600);
	put(p, "secret",
	    arena_fmt(p->a, "#!/bin/sh\n# about: x\n%s\n", lines).p, 0755);
}

/* The configuration is good, the program is no tool, and a line of its own
 * says why. */
static void
left(struct place *p, const char *words)
{
	if (load(p) != ERR_OK)
		fail_msg("%.*s", (int)p->said.len, p->said.p);
	assert_int_equal(p->said.len, 0);
	assert_int_equal(p->c->nscripts, 0);
	assert_true(p->c->nleft > 0);
	assert_string_equal(p->c->left[0].tool, "secret");
	if (strstr(p->c->left[0].text, words) == NULL ||
	    strncmp(p->c->left[0].text, p->dir, strlen(p->dir)) != 0)
		fail_msg("not \"%s\" but %s", words, p->c->left[0].text);
}

static void
lines_that_are_wrong(void **state)
{
	static const struct {
		const char *lines, *words;
	} rows[] = {
		{ "# readOnly: true",
		    ":3: left out: readOnly must be yes or no" },
		{ "# timeout: 90", ":3: left out: timeout must be a duration" },
		{ "# timeout: 2d", ":3: left out: timeout must be a duration" },
		{ "# task: sometimes",
		    ":3: left out: task must be auto, never or always" },
		{ "# requires: model",
		    ":3: left out: requires must hold names of" },
		{ "# requires: roots, model",
		    ":3: left out: requires must hold" },
		{ "# requires: Roots", ":3: left out: requires must hold" },
		{ "# param a: x",
		    ":3: left out: param needs a name and one of" },
		{ "# param a text: x",
		    ":3: left out: param needs a name and one of" },
		{ "# param a string needed: x",
		    ":3: left out: after a param's type" },
		{ "# param 1a string: x", ":3: left out: the name of a param" },
		{ "# param a string: x\n# param a string: y",
		    ":4: left out: this param is there already" },
	};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		script(p, rows[i].lines);
		left(p, rows[i].words);
	}
}

static void
lines_that_are_good(void **state)
{
	struct place *p = *state;
	const struct conf_tool *t;

	script(p,
	    "# title: A\n# readOnly: yes\n# timeout: 90s\n# task: always\n"
	    "# requires: sampling,elicitation.url , roots\n"
	    "# param a integer required: How many");
	if (load(p) != ERR_OK)
		fail_msg("%.*s", (int)p->said.len, p->said.p);
	assert_int_equal(p->c->nscripts, 1);
	t = &p->c->scripts[0];
	assert_string_equal(t->name, "secret");
	assert_string_equal(t->title, "A");
	assert_true(t->read_only);
	assert_int_equal(t->timeout, 90);
	assert_int_equal(t->task, CONF_TASK_ALWAYS);
	assert_int_equal(t->requires.n, 3);
	assert_string_equal(t->requires.v[0], "sampling");
	assert_string_equal(t->requires.v[1], "elicitation.url");
	assert_string_equal(t->requires.v[2], "roots");
	assert_int_equal(t->nparams, 1);
	assert_true(t->params[0].required);
}

static void
files_that_are_unfit(void **state)
{
	static const struct {
		const char *name;
		unsigned mode;
		const char *words;
	} rows[] = {
		{ "secret", 0775,
		    "/secret:1: left out: this file may be written by others (mode 0775); do: chmod go-w" },
		{ "secret.json", 0664,
		    "/secret.json:1: left out: this file may" },
		{ "secret.sh", 0755,
		    "/secret:1: left out: another tool is named \"secret\"" },
	};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		script(p, "");
		put(p, "b.conf", "#!/bin/sh\n# about: Good\n", 0755);
		put(p, rows[i].name, "#!/bin/sh\n", rows[i].mode);
		if (load(p) != ERR_OK)
			fail_msg("%.*s", (int)p->said.len, p->said.p);
		assert_int_equal(p->c->nscripts, 1);
		assert_string_equal(p->c->scripts[0].name, "b");
		assert_int_equal(p->c->nleft, i == 2 ? 2 : 1);
		if (strstr(p->c->left[0].text, rows[i].words) == NULL)
			fail_msg("not \"%s\" but %s", rows[i].words,
			    p->c->left[0].text);
		(void)unlink(arena_fmt(p->a, "%s/%s", p->dir, rows[i].name).p);
	}
}

/* Others can put programs there: none is run, and the rest works. */
static void
folder_that_is_unfit(void **state)
{
	struct place *p = *state;

	script(p, "");
	assert_int_equal(chmod(p->dir, 0775), 0);
	assert_int_equal(load(p), ERR_OK);
	assert_int_equal(chmod(p->dir, 0700), 0);
	assert_int_equal(p->c->nscripts, 0);
	assert_int_equal(p->c->nleft, 1);
	assert_string_equal(p->c->left[0].tool, "");
	assert_non_null(strstr(p->c->left[0].text, "chmod go-w"));
}

/* Among complaints of the configuration they are named too. */
static void
beside_other_complaints(void **state)
{
	struct place *p = *state;

	script(p, "# timeout: 90");
	put(p, "mcp.conf", "tools_dir = \".\";\nzzz = 1;", 0600);
	refused(p, "/secret:3: left out: timeout must be");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lines_that_are_wrong),
		TEST(lines_that_are_good),
		TEST(files_that_are_unfit),
		TEST(folder_that_is_unfit),
		TEST(beside_other_complaints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
