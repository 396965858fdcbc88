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

static void
lines_that_are_wrong(void **state)
{
	static const struct {
		const char *lines, *words;
	} rows[] = {
		{ "# readOnly: true", ":3: readOnly must be yes or no" },
		{ "# timeout: 90", ":3: timeout must be a duration" },
		{ "# timeout: 2d", ":3: timeout must be a duration" },
		{ "# task: sometimes",
		    ":3: task must be auto, never or always" },
		{ "# requires: model", ":3: requires must hold names of" },
		{ "# requires: roots, model", ":3: requires must hold" },
		{ "# requires: Roots", ":3: requires must hold" },
		{ "# param a: x", ":3: param needs a name and one of" },
		{ "# param a text: x", ":3: param needs a name and one of" },
		{ "# param a string needed: x", ":3: after a param's type" },
		{ "# param 1a string: x", ":3: the name of a param" },
		{ "# param a string: x\n# param a string: y",
		    ":4: this param is there already" },
	};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		script(p, rows[i].lines);
		refused(p, rows[i].words);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lines_that_are_wrong),
		TEST(lines_that_are_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
