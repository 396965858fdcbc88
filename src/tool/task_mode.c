/* SPDX-License-Identifier: ISC */
/*
 * Which calls may go on when their request is over: statements of the caller,
 * configured ones and programs.  What only looks things up is quick.
 */
#include "tool/script_int.h"

enum conf_task
tool_task(const struct tool_call *c, struct str name)
{
	const struct entry *e = catalogue_find(c->catalogue, name);
	struct sight s = { c->catalogue, c->who, c->filter };

	if (e == NULL || !sight_calls(&s, e))
		return CONF_TASK_NEVER;
	if (e->script != NULL)
		return e->script->task;
	if (e->described != NULL)
		return e->described->task;
	if (e->custom != NULL)
		return e->custom->conf->task;
	return e->def->shape == SHAPE_DATA ||
		       str_starts(str_of(e->def->name), STR("execute_"))
		   ? CONF_TASK_AUTO
		   : CONF_TASK_NEVER;
}

void
tool_apart(struct tool_call *c)
{
	sources_close(c->sources);
	if (c->places != NULL)
		c->places->apart(c->places);
}
