/* SPDX-License-Identifier: ISC */
/*
 * Questions to the user and their replies (mcp.md 14), and what a client
 * carries between the two.  A request is {"method":…,"params":…}.
 */
#ifndef MCP_ASK_INT_H
#define MCP_ASK_INT_H

#include "mcp/mcp_int.h"

/* What a state belongs to: 32 bytes (asking_state.c). */
struct str asking_subject(const struct asking *a);

/* Sealed for this request: its questions, good replies, the state of the
 * tool. */
enum err asking_hide(const struct asking *a, struct str state, struct str *out,
    struct fault *f) FAULT_MUST_CHECK;
enum err asking_show(struct asking *a, struct str hidden,
    struct fault *f) FAULT_MUST_CHECK;

/* What is wrong with a request, or NULL (ask_check.c). */
const char *ask_wrong(struct arena *a, const json_t *request);

/* The capability it needs that the client lacks ("elicitation.url"), or NULL. */
const char *ask_lacks(const struct tool_asking *can, const json_t *request);

/* Does the reply answer the request?  *kept is what of it counts, the arena's
 * (ask_reply.c). */
bool ask_answered(struct arena *a, const json_t *request, const json_t *reply,
    json_t **kept);

/* Does a value fit a property of a form? */
bool ask_value_fits(struct arena *a, const json_t *property, const json_t *v);

/* A good request as a revision has it, the arena's; NULL where it cannot be
 * said (ask_form.c). */
json_t *ask_for_era(struct arena *a, const json_t *request, enum era era);

/* A tree that goes with the arena. */
json_t *ask_tree(struct arena *a, json_t *tree);

#endif
