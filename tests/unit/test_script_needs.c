/* SPDX-License-Identifier: ISC */
/* What a program needs of the client is asked for before it runs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/tool_site.h"

static struct site site;
static struct tool_asking asking;

#define TOOLS(more)                                                  \
	"state = \"state\";\nbase_url = \"http://127.0.0.1/mcp\";\n" \
	"tools = { needs = { about = \"x\"; read_only = true;"       \
	" command = [ \"/bin/echo\", \"ran\" ]; " more " }; };\n"

static void
start(const char *settings)
{
	site_open(&site, settings);
	site.era = ERA_2026_07_28;
	asking = (struct tool_asking){ .can = "" };
	site.call.asking = &asking;
}

static void
lacks(const char *what)
{
	site.begins = 0;
	assert_int_equal(site_call(&site, "needs", NULL), ERR_CAPABILITY);
	assert_string_equal(site.fault.field, what);
	assert_int_equal(site.begins, 0);
}

static void
runs(void)
{
	assert_int_equal(site_call(&site, "needs", NULL), ERR_OK);
	assert_string_equal(site.text, "ran");
}

static void
by_the_configuration(void **state)
{
	(void)state;
	start(TOOLS("requires = [ \"sampling.tools\", \"roots\" ];"));
	lacks("sampling.tools,roots");
	asking.sampling_tools = true;
	lacks("roots");
	asking.roots = true;
	runs();
	site.call.asking = NULL;
	lacks("sampling.tools,roots");
	site.era = ERA_2025_11_25;
	assert_non_null(
	    strstr(site_err(&site, "needs", NULL, ERR_PERMISSION_DENIED),
		"needs sampling.tools,roots"));
	site_close(&site);
}

static void
each_name(void **state)
{
	static const struct {
		const char *name;
		struct tool_asking can;
	} rows[] = {
		{ "elicitation", { .form = true } },
		{ "elicitation.form", { .form = true } },
		{ "elicitation.url", { .url = true } },
		{ "sampling", { .sampling = true } },
		{ "sampling.tools", { .sampling_tools = true } },
		{ "sampling.context", { .sampling_context = true } },
		{ "roots", { .roots = true } },
	};
	char settings[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(settings, sizeof(settings),
		    TOOLS("requires = [ \"%s\" ];"), rows[i].name);
		start(settings);
		lacks(rows[i].name);
		asking = rows[i].can;
		runs();
		site_close(&site);
	}
}

/* In the file that describes it, beside what the configuration says. */
static void
by_its_description(void **state)
{
	static const struct {
		const char *list, *complaint;
	} rows[] = {
		{ "[\"roots\"]", NULL },
		{ "[\"model\"]", "no capability of a client" },
		{ "[1]", "no capability of a client" },
		{ "\"roots\"", "\"requires\" must be a list" },
	};
	char path[] = "/tmp/mcp-needs-XXXXXX", settings[1024];
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	snprintf(settings, sizeof(settings),
	    TOOLS("schema_file = \"%s\"; requires = [ \"sampling\" ];"), path);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		FILE *out = fopen(path, "w");
		const char *said;

		assert_non_null(out);
		fprintf(out, "{\"description\":\"x\",\"requires\":%s}",
		    rows[i].list);
		assert_int_equal(fclose(out), 0);
		if (rows[i].complaint == NULL) {
			start(settings);
			lacks("sampling,roots");
			assert_null(
			    json_member(site_listed(site_list(&site), "needs"),
				"requires"));
		} else {
			said = site_complaint(&site, settings);
			if (said == NULL ||
			    strstr(said, rows[i].complaint) == NULL)
				fail_msg("%s: %s", rows[i].list, said);
		}
		site_close(&site);
	}
	(void)remove(path);
	close(fd);
}

static int used;

static enum err
once(const struct tool_asking *a, struct fault *f)
{
	assert_ptr_equal(a, &asking);
	return used++ == 0 ? ERR_OK : fault_set(f, ERR_CONFLICT, "used before");
}

/* What may change something gets an answer of the user once. */
static void
an_answer_is_used_up(void **state)
{
	json_t *answers = json_object();

	(void)state;
	start("state = \"state\";\nbase_url = \"http://127.0.0.1/mcp\";\n"
	      "tools = { needs = { about = \"x\"; read_only = true;"
	      " command = [ \"/bin/echo\", \"ran\" ]; };"
	      " does = { about = \"x\"; command = [ \"/bin/echo\"]; }; };\n");
	asking.once = once;
	assert_int_equal(site_call(&site, "does", NULL), ERR_OK);
	assert_int_equal(used, 0);
	asking.answers = answers;
	runs();
	assert_int_equal(used, 0);
	assert_int_equal(site_call(&site, "does", NULL), ERR_OK);
	assert_false(site.result.is_error);
	site.begins = 0;
	site_err(&site, "does", NULL, ERR_CONFLICT);
	assert_int_equal(site.begins, 0);
	assert_int_equal(used, 2);
	json_decref(answers);
	site_close(&site);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_the_configuration),
		cmocka_unit_test(each_name),
		cmocka_unit_test(by_its_description),
		cmocka_unit_test(an_answer_is_used_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
