/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as the state a client brings back, and as what stands inside a
 * good one: nothing opens that we did not seal, and what we sealed is read
 * without harm and answered only with what was asked.
 */
#include "fuzz.h"
#include "mcp/ask_int.h"
#include "tests/unit/mcp_fake.h"

static const char replies[] =
    "{\"a\":{\"action\":\"accept\",\"content\":{\"x\":\"1\",\"n\":2}},"
    "\"b\":{\"action\":\"decline\"},\"r\":{\"roots\":[]},"
    "\"m\":{\"role\":\"user\",\"content\":{},\"model\":\"m\"},\"z\":0}";

/* The second round of a call that brings this state. */
static enum err
begin(struct fake *f, struct message *msg, struct asking *a, struct str state)
{
	static struct tool_filter filter;
	struct fault why = { 0 };
	json_t *params = ask_tree(f->arena, json_object());

	message_init(msg, &f->mcp, f->arena, &filter, &f->attempt);
	msg->era = ERA_2026_07_28;
	msg->rpc.method = STR("tools/call");
	msg->rpc.params = params;
	(void)json_object_set_new(params, "name", json_string("ask"));
	(void)json_object_set_new(params, "inputResponses",
	    json_loads(replies, 0, NULL));
	if (state.p != NULL)
		(void)json_object_set_new(params, "requestState",
		    json_stringn_nocheck(state.p, state.len));
	return asking_begin(msg, a, &why);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fake f;
	struct message msg;
	struct asking a;
	struct str given = { (const char *)data, size }, hidden;
	const char *key;
	json_t *v;

	fake_init(&f, true);
	FUZZ_PROMISE(begin(&f, &msg, &a, given) == ERR_PARAMS);
	FUZZ_PROMISE(begin(&f, &msg, &a, (struct str){ NULL, 0 }) == ERR_OK);
	hidden = seal_hide(&f.mcp.states, f.arena, str_of(f.who.key.id),
	    asking_subject(&a), 100, given);
	if (begin(&f, &msg, &a, hidden) == ERR_OK) {
		json_object_foreach((json_t *)(uintptr_t)a.base.answers, key, v)
		{
			FUZZ_PROMISE(json_member(a.asked, key) != NULL);
		}
		FUZZ_PROMISE(
		    a.open != NULL || json_object_size(a.base.answers) ==
					  json_object_size(a.asked));
	}
	fake_done(&f);
	return 0;
}
