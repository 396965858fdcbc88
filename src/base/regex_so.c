/* SPDX-License-Identifier: ISC */
/* The module "regex": PCRE2, told to behave like ECMA-262. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/regex.h"

/* Steps of one match: a pattern that runs away stops here. */
enum { STEPS_MAX = 200000, DEPTH_MAX = 1000 };

extern const struct regex_module mcp_module_regex
    __attribute__((visibility("default")));

static int
run(pcre2_code *code, struct str text)
{
	pcre2_match_data *found = pcre2_match_data_create(1, NULL);
	pcre2_match_context *limits = pcre2_match_context_create(NULL);
	int n = -1;

	if (found != NULL && limits != NULL) {
		(void)pcre2_set_match_limit(limits, STEPS_MAX);
		(void)pcre2_set_depth_limit(limits, DEPTH_MAX);
		n = pcre2_match(code, (PCRE2_SPTR)text.p, text.len, 0, 0, found,
		    limits);
	}
	pcre2_match_context_free(limits);
	pcre2_match_data_free(found);
	return n >= 0;
}

static int
match(struct str pattern, struct str text)
{
	const uint32_t how = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_BSUX |
			     PCRE2_MATCH_UNSET_BACKREF |
			     PCRE2_NEVER_BACKSLASH_C;
	PCRE2_SIZE at;
	pcre2_code *code;
	int error, yes;

	code = pcre2_compile((PCRE2_SPTR)(pattern.p == NULL ? "" : pattern.p),
	    pattern.len, how, &error, &at, NULL);
	if (code == NULL)
		return -1;
	if (text.p == NULL)
		text = STR("");
	yes = run(code, text);
	pcre2_code_free(code);
	return yes;
}

const struct regex_module mcp_module_regex = { match };
