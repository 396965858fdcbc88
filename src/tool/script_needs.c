/* SPDX-License-Identifier: ISC */
/*
 * What a script needs of the client ("requires"): known before it runs, so
 * that who lacks it hears it from the protocol and nothing is half done.
 */
#include "tool/script_int.h"

/* In the words of MCP_CLIENT_CAN and of -32021. */
static const struct {
	const char *name;
	size_t at;
} needs[] = {
	{ "elicitation", offsetof(struct tool_asking, form) },
	{ "elicitation.form", offsetof(struct tool_asking, form) },
	{ "elicitation.url", offsetof(struct tool_asking, url) },
	{ "sampling", offsetof(struct tool_asking, sampling) },
	{ "sampling.tools", offsetof(struct tool_asking, sampling_tools) },
	{ "sampling.context", offsetof(struct tool_asking, sampling_context) },
	{ "roots", offsetof(struct tool_asking, roots) },
};
enum { NEEDS = sizeof(needs) / sizeof(needs[0]) };
_Static_assert(NEEDS <= 8 * sizeof(unsigned), "a bit for each");

static bool
need_add(struct script *s, struct str name)
{
	for (size_t i = 0; i < NEEDS; i++)
		if (str_eq(name, str_of(needs[i].name))) {
			s->needs |= 1U << i;
			return true;
		}
	return false;
}

enum err
script_needs_read(struct script *s, const json_t *description, struct fault *f)
{
	const json_t *list = json_member(description, "requires");

	for (size_t i = 0; i < s->conf->requires.n; i++)
		(void)need_add(s, str_of(s->conf->requires.v[i]));
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!need_add(s, json_text(json_array_get(list, i))))
			return script_complain(s->conf, f,
			    "%s: \"requires\" holds what is no capability of a client",
			    s->conf->schema_file);
	return ERR_OK;
}

enum err
script_needs_check(const struct script *s, const struct tool_call *c,
    struct fault *f)
{
	static const struct tool_asking nothing = { 0 };
	const char *can =
	    (const char *)(c->asking == NULL ? &nothing : c->asking);
	struct buf lacks;

	if (s->needs == 0)
		return ERR_OK;
	buf_init(&lacks, c->arena, sizeof(f->field) - 1);
	for (size_t i = 0; i < NEEDS; i++)
		if ((s->needs & 1U << i) != 0 &&
		    !*(const bool *)(can + needs[i].at)) {
			buf_str(&lacks, lacks.len > 0 ? STR(",") : STR(""));
			buf_str(&lacks, str_of(needs[i].name));
		}
	if (lacks.len == 0)
		return ERR_OK;
	if (!era_modern(c->era))
		return fault_set(f, ERR_PERMISSION_DENIED,
		    "the tool needs %.*s, which this client does not offer",
		    (int)lacks.len, lacks.p);
	memcpy(f->field, lacks.p, lacks.len);
	f->field[lacks.len] = '\0';
	return fault_set(f, ERR_CAPABILITY,
	    "Missing required client capability");
}
