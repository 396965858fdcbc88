/* SPDX-License-Identifier: ISC */
/*
 * The request whose call may become a task.  A copy of this process does the
 * work from the start, because what a running statement holds cannot be moved;
 * the request waits for it as long as a client likes to wait, and then
 * answers with a handle.
 */
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "mcp/task_int.h"

enum {
	BEAT_MS = 100,
	KEPT_TIMES = 8, /* tasks kept for one that may be at work */
};

struct waiting {
	struct task_job job;
	bool always, began, full, used; /* the answers, up */
	struct deadline after;
	struct tool_result *r;
	struct answer *out;
	bool *answered;
};

/* The line of the end is the worker's. */
static enum err
put_nothing(struct attempt *t, const char *event, struct fault *f)
{
	(void)t;
	(void)event;
	(void)f;
	return ERR_OK;
}

static void
say(struct waiting *w, enum task_word word, const struct fault *f)
{
	struct frame fr = { word, f, f == NULL ? 0 : sizeof(*f), { { 0 } }, 0 };

	(void)frame_send(w->job.channel, &fr);
}

/* May there be one more?  A new one is the occasion to forget the oldest. */
static enum err
room_check(struct tasks *s, const struct message *msg, struct fault *f)
{
	const struct conf_tasks *conf = &msg->m->conf->tasks;
	struct task_counts n = { 0 };

	(void)tasks_sweep(s, task_now_ms());
	tasks_count(s, task_principal(msg), task_now_ms(), &n);
	if (n.own.open < conf->per_token && n.all.open < conf->total &&
	    n.own.kept < KEPT_TIMES * conf->per_token &&
	    n.all.kept < KEPT_TIMES * conf->total)
		return ERR_OK;
	return fault_set(f, ERR_BUSY,
	    "there are as many tasks as there may be; come back when some have ended");
}

static void
task_make(const struct message *msg, struct str tool, struct task *t)
{
	const struct conf_tasks *conf = &msg->m->conf->tasks;

	*t = (struct task){ .principal = task_principal(msg),
		.tool = tool,
		.status = TASK_WORKING,
		.created_ms = task_now_ms(),
		.ttl_ms = conf->ttl_ms,
		.poll_ms = conf->poll_ms };
	task_id(t->id);
}

bool
task_start(struct task_job *j)
{
	int keep[4], log = tasks_log(j->tasks);
	size_t n = tasks_keep(j->tasks, keep);
	const struct attempt *t = j->msg->attempt;
	enum detach d;

	if (t->audit != NULL && audit_fd(t->audit) >= 0)
		keep[n++] = audit_fd(t->audit);
	tool_apart(j->call);
	d = detach(log, keep, n, &j->channel);
	if (d == DETACH_GONE)
		task_work(j);
	if (log >= 0)
		(void)close(log);
	return d == DETACH_STAYED;
}

/* What the user answered counts once; a worker on its own cannot see to it. */
static enum err
use_up(struct waiting *w, struct fault *f)
{
	const struct tool_asking *a = w->job.call->asking;

	if (w->used || a == NULL || a->answers == NULL || a->once == NULL)
		return ERR_OK;
	w->used = true;
	return a->once(a, f);
}

/* Make a task of it: on disk first, then the worker hears of it, then the
 * client.  False: it stays a call. */
static bool
keep(struct waiting *w)
{
	struct message *msg = w->job.msg;
	struct task *t = &w->job.task;
	struct fault f = { 0 }, used = { 0 };

	if (room_check(w->job.tasks, msg, &f) != ERR_OK ||
	    task_write(w->job.tasks, t, task_now_ms(), &f) != ERR_OK) {
		if (f.log[0] != '\0')
			log_line("%s", f.log);
		w->full = true;
		return false;
	}
	(void)!use_up(w, &used);
	say(w, HEARS_KEPT, &used);
	task_handle(msg, t, w->out);
	msg->attempt->code = CODE_TASK;
	*w->answered = true;
	return true;
}

/* The result as the worker made it. */
static enum err
take(struct waiting *w, const struct done_head *h, const struct frame *fr,
    struct fault *f)
{
	struct attempt *t = w->job.msg->attempt;

	say(w, HEARS_TAKEN, NULL);
	if (h->code[0] != '\0')
		t->code = arena_z(w->job.msg->arena, str_of(h->code));
	t->began = h->began;
	if (h->began && t->put != NULL)
		t->put = put_nothing;
	*f = h->fault;
	*w->r = (struct tool_result){ fr->text[0], fr->text[1], fr->text[2],
		fr->text[3], fr->text[4], fr->text[5], h->is_error };
	return h->err;
}

/* It ended without a result: by its deadline, which left its last words, or
 * badly. */
static enum err
lost(struct waiting *w, struct fault *f)
{
	struct message *msg = w->job.msg;
	struct task last;

	if (w->began)
		msg->attempt->began = true;
	if (task_last(w->job.tasks, w->job.task.id, &last)) {
		task_outcome(msg, last.outcome, w->out);
		msg->attempt->code = err_name(ERR_TIMEOUT);
		if (msg->attempt->put != NULL)
			msg->attempt->put = put_nothing;
		*w->answered = true;
	}
	task_remove(w->job.tasks, w->job.task.id);
	return *w->answered ? ERR_OK
			    : fault_set(f, ERR_INTERNAL,
				  "the work on this call broke off");
}

static void
reply(struct waiting *w, enum err e, const struct fault *f)
{
	say(w, e == ERR_OK ? HEARS_GRANTED : HEARS_REFUSED, f);
}

static void
charge(struct waiting *w, int source)
{
	const struct tool_call *c = w->job.call;
	struct fault f = { 0 };

	reply(w,
	    c->charge == NULL ? ERR_OK : c->charge(c->charge_arg, source, &f),
	    &f);
}

static void
pass_on(struct waiting *w, const struct frame *fr,
    const struct progress_head *p)
{
	struct tool_events *e = w->job.call->events;

	if (e == NULL)
		return;
	if (fr->word == SAYS_PROGRESS)
		(void)e->progress(e, p->progress, p->total, fr->text[0]);
	else
		(void)e->log(e, fr->text[0], fr->text[1], fr->text[2]);
}

/* One thing the worker says.  *over: that was all. */
static enum err
hear(struct waiting *w, bool *over, struct fault *f)
{
	union {
		struct done_head done;
		struct progress_head progress;
		int source;
	} head = { .source = 0 };
	struct fault why = { 0 };
	struct frame fr;

	if (!frame_take(w->job.channel, w->job.msg->arena, &fr, &head,
		sizeof(head))) {
		*over = true;
		return lost(w, f);
	}
	switch (fr.word) {
	case SAYS_DONE:
		*over = true;
		return take(w, &head.done, &fr, f);
	case SAYS_CHARGE:
		charge(w, head.source);
		return ERR_OK;
	case SAYS_ONCE:
		reply(w, use_up(w, &why), &why);
		return ERR_OK;
	case SAYS_BEGUN:
		w->began = true;
		return ERR_OK;
	default:
		pass_on(w, &fr, &head.progress);
		return ERR_OK;
	}
}

/* Is it time to make a task of it? */
static bool
is_due(const struct waiting *w)
{
	return !w->full && (deadline_over(w->after) || (w->always && w->began));
}

static int
patience(const struct waiting *w)
{
	int64_t left = w->full ? BEAT_MS : deadline_left(w->after);

	return left < BEAT_MS ? (int)left : BEAT_MS;
}

/* Nothing has come to its end: does it go on, as a call or as a task? */
static enum err
go_on(struct waiting *w, bool *over, struct fault *f)
{
	struct tool_events *events = w->job.call->events;

	*over = is_due(w) && keep(w);
	if (*over)
		return ERR_OK;
	if (w->full && w->always)
		return fault_set(f, ERR_BUSY,
		    "this tool runs as a task only, and no task can be kept now");
	if (events != NULL && !events->alive(events))
		return fault_set(f, ERR_CANCELLED, "the call was ended");
	return ERR_OK;
}

/* Until there is a result, or a task.  Closing the channel early ends the
 * work. */
static enum err
attend(struct waiting *w, struct fault *f)
{
	enum err e = ERR_OK;
	bool over = false;

	while (e == ERR_OK && !over) {
		struct pollfd p = { w->job.channel, POLLIN, 0 };

		if (poll(&p, 1, patience(w)) > 0)
			e = hear(w, &over, f);
		if (e == ERR_OK && !over)
			e = go_on(w, &over, f);
	}
	return e;
}

static enum err
by_worker(struct waiting *w, struct fault *f)
{
	struct message *msg = w->job.msg;
	enum err e;

	e = attend(w, f);
	(void)close(w->job.channel);
	tasks_close(w->job.tasks);
	if ((e == ERR_CANCELLED || e == ERR_BUSY) && w->began) {
		msg->attempt->began = true;
		msg->attempt->put =
		    msg->attempt->put == NULL ? NULL : put_nothing;
	}
	if (e == ERR_CANCELLED || e == ERR_BUSY) {
		tool_failed(w->job.call, f, w->r);
		e = ERR_OK;
	}
	return e;
}

/* Does this call go by way of a worker?  ERR_CAPABILITY: it must, and the
 * client does not know tasks. */
static enum err
mode_of(const struct message *msg, const struct tool_call *call,
    struct str name, enum conf_task *mode, struct fault *f)
{
	*mode = CONF_TASK_NEVER;
	if (!tasks_offered(msg))
		return ERR_OK;
	*mode = tool_task(call, name);
	if (*mode == CONF_TASK_NEVER ||
	    extension_declared(msg, EXTENSION_TASKS))
		return ERR_OK;
	if (*mode == CONF_TASK_ALWAYS)
		return task_undeclared(f);
	*mode = CONF_TASK_NEVER;
	return ERR_OK;
}

enum err
task_call(struct message *msg, struct tool_call *call, struct str name,
    const json_t *arguments, struct tool_result *r, struct answer *out,
    bool *answered, struct fault *f)
{
	struct waiting w = { .job = { msg, call, name, arguments,
				 .channel = -1 },
		.r = r,
		.out = out,
		.answered = answered };
	struct fault why = { 0 };
	enum conf_task mode;
	enum err e = mode_of(msg, call, name, &mode, f);

	*answered = false;
	if (e != ERR_OK)
		return e;
	if (mode == CONF_TASK_NEVER)
		return tool_run(call, name, arguments, r, f);
	w.always = mode == CONF_TASK_ALWAYS;
	w.after = deadline_in(msg->m->conf->tasks.after_ms);
	e = tasks_open(msg->arena, msg->m->conf->state, &w.job.tasks, &why);
	if (e == ERR_OK && w.always)
		e = room_check(w.job.tasks, msg, &why);
	if (e == ERR_OK) {
		task_make(msg, name, &w.job.task);
		if (!task_lock(w.job.tasks, w.job.task.id) ||
		    !task_start(&w.job))
			e = fault_set(&why, ERR_BUSY,
			    "the work on a task cannot be started now");
	}
	if (e == ERR_OK)
		return by_worker(&w, f);
	if (why.log[0] != '\0')
		log_line("%s", why.log);
	if (!w.always)
		return tool_run(call, name, arguments, r, f);
	tool_failed(call, &why, r);
	return ERR_OK;
}
