/* SPDX-License-Identifier: ISC */
/* What requests left behind that were ended before their time. */
#include "mcp/bus_int.h"
#include "mcp/task_int.h"

/* Tasks that nobody can ask for any more. */
static int64_t
sweep_tasks(const struct conf *conf)
{
	struct arena *a = arena_new(1 << 20);
	struct fault f = { 0 };
	struct tasks *s;
	int64_t n = 0;

	if (tasks_exist(a, conf->state) &&
	    tasks_open(a, conf->state, &s, &f) == ERR_OK)
		n = tasks_sweep(s, task_now_ms());
	arena_free(a);
	return n;
}

int64_t
mcp_sweep(const struct conf *conf)
{
	return bus_sweep(conf) + sweep_tasks(conf);
}
