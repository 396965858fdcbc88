/* SPDX-License-Identifier: ISC */
/* Asking the user in the older revisions: nobody can be asked. */
#include "mcp/mcp_int.h"

bool
legacy_can(struct message *msg, struct tool_asking *to)
{
	(void)msg;
	(void)to;
	return false;
}

enum err
legacy_ask(struct message *msg, const json_t *requests, json_t **answers,
    struct fault *f)
{
	(void)msg;
	(void)requests;
	*answers = NULL;
	return fault_set(f, ERR_PERMISSION_DENIED,
	    "the user has to be asked, which this client does not offer");
}
