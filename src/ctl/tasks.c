/* SPDX-License-Identifier: ISC */
/* task list, task cancel: work that goes on without its request. */
#include <stdlib.h>

#include "ctl/rights.h"
#include "ctl/table.h"
#include "task/task.h"

static const struct table_column columns[] = {
	{ "ID", "id", 0 },
	{ "TOOL", "tool", TABLE_CUT },
	{ "STATUS", "status", 0 },
	{ "KEY", "key_id", 0 },
	{ "BEGAN", "created", 0 },
	{ "CHANGED", "updated", 0 },
	{ "EXPIRES", "expires", 0 },
};

enum { SHOWN_MAX = 10000 };

struct listing {
	struct ctl *c;
	struct task *all;
	size_t n;
};

static bool
each(void *arg, const struct task *t)
{
	struct listing *l = arg;
	struct task *kept = &l->all[l->n++];

	*kept = *t;
	kept->principal = arena_dup(l->c->arena, t->principal);
	kept->tool = arena_dup(l->c->arena, t->tool);
	return l->n < SHOWN_MAX;
}

static int
by_begin(const void *a, const void *b)
{
	const struct task *x = a, *y = b;

	return (x->created_ms > y->created_ms) -
	       (x->created_ms < y->created_ms);
}

/* The folder, NULL where no task ever was. */
static enum ctl_exit
open_tasks(struct ctl *c, struct tasks **s)
{
	struct fault f = { 0 };
	enum ctl_exit e = ctl_open_store(c);

	*s = NULL;
	if (e != CTL_DONE || !tasks_exist(c->arena, c->conf->state))
		return e;
	return tasks_open(c->arena, c->conf->state, s, &f) == ERR_OK
		   ? CTL_DONE
		   : ctl_fault(c, &f);
}

enum ctl_exit
cmd_tasks(struct ctl *c)
{
	struct listing l = { .c = c };
	struct table *t;
	struct tasks *s;
	enum ctl_exit e = open_tasks(c, &s);

	if (e != CTL_DONE)
		return e;
	l.all = arena_zero(c->arena, SHOWN_MAX, sizeof(*l.all));
	if (s != NULL)
		tasks_each(s, ctl_now() * 1000, each, &l);
	qsort(l.all, l.n, sizeof(*l.all), by_begin);
	t = table_new(c, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < l.n; i++) {
		const struct task *one = &l.all[i];

		table_text(t, str_of(one->id));
		table_text(t, one->tool);
		table_text(t, str_of(task_status_name(one->status)));
		table_text(t, one->principal);
		table_time(t, one->created_ms / 1000, "");
		table_time(t, one->updated_ms / 1000, "");
		table_time(t, (one->created_ms + one->ttl_ms) / 1000, "");
	}
	table_done(t);
	if (l.n == 0 && !ctl_has(c, OPT_JSON))
		ctl_say("there are no tasks");
	return CTL_DONE;
}

/* The mark for its worker; one that has none is over at once. */
static enum err
cancel(struct tasks *s, struct task *t, struct fault *f)
{
	struct str id = str_of(t->id);
	enum err e = task_cancel(s, t->id, f);

	return e == ERR_OK ? task_read(s, id, ctl_now() * 1000, t, f) : e;
}

enum ctl_exit
cmd_tasks_cancel(struct ctl *c)
{
	struct fault f = { 0 };
	struct task t = { 0 };
	struct tasks *s;
	enum ctl_exit e = open_tasks(c, &s);
	enum err err = ERR_OK;

	if (e != CTL_DONE)
		return e;
	if (s == NULL || task_read(s, str_of(c->args[0]), ctl_now() * 1000, &t,
			     &f) != ERR_OK) {
		f = (struct fault){ 0 };
		(void)fault_set(&f, ERR_OBJECT_NOT_FOUND, "there is no task %s",
		    c->args[0]);
		fault_hint(&f, "mcpctl task list shows them");
		return ctl_fault(c, &f);
	}
	if (!task_is_over(&t))
		err = cancel(s, &t, &f);
	if (err != ERR_OK)
		return ctl_fault(c, &f);
	if (!ctl_has(c, OPT_JSON)) {
		buf_fmt(&c->out, "task %s is %s\n", t.id,
		    t.status == TASK_WORKING ? "told to stop"
					     : task_status_name(t.status));
		return CTL_DONE;
	}
	json_obj(&c->json, NULL);
	json_z(&c->json, "id", t.id);
	json_z(&c->json, "status", task_status_name(t.status));
	json_end(&c->json);
	buf_char(&c->out, '\n');
	return CTL_DONE;
}

struct owner {
	struct tasks *s;
	struct str key;
};

static bool
cancel_own(void *arg, const struct task *t)
{
	const struct owner *o = arg;
	struct fault f = { 0 };

	if (!task_is_over(t) && str_eq(t->principal, o->key) &&
	    task_cancel(o->s, t->id, &f) != ERR_OK)
		ctl_say("task %s goes on: %s", t->id, f.log);
	return true;
}

void
tasks_end_of(struct ctl *c, struct str key)
{
	struct owner o = { .key = key };
	struct fault f = { 0 };

	if (tasks_exist(c->arena, c->conf->state) &&
	    tasks_open(c->arena, c->conf->state, &o.s, &f) == ERR_OK)
		tasks_each(o.s, ctl_now() * 1000, cancel_own, &o);
}
