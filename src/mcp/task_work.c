/* SPDX-License-Identifier: ISC */
/*
 * The worker of a call that may become a task: a copy of the process that took
 * the request.  As long as that one waits it is told everything; afterwards
 * the folder of the tasks is.
 */
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "mcp/stream_int.h"
#include "mcp/task_int.h"

enum { LOOK_MS = 100 };

struct worker {
	struct task_job *j;
	struct tool_events events; /* what the tool sees */
	struct tool_guard guard;
	struct tool_guard *hard;
	struct http_io io; /* of last words */
	int words_fd;
	struct str words;
	struct fault used; /* the answers of the user cannot be used again */
	bool kept;         /* the request has told its client of a task */
	bool alone;        /* it went without a word: nobody wants the result */
	bool stop;
	int64_t looked_ms;
	struct attempt attempt; /* with another put */
	enum err (*put)(struct attempt *t, const char *event, struct fault *f);
	struct tool_asking asking;  /* with another once */
	const struct asking *asker; /* of the request, or NULL */
};

/* Wait for what the request has to say. */
static enum task_word
take(struct worker *w, struct fault *f)
{
	struct frame fr;

	if (!frame_take(w->j->channel, w->j->msg->arena, &fr, f, sizeof(*f))) {
		w->alone = true;
		return HEARS_TAKEN;
	}
	if (fr.word == HEARS_KEPT) {
		w->kept = true;
		w->used = *f;
	}
	return fr.word;
}

/* Hear what it has to say, if anything. */
static void
hear(struct worker *w, int ms)
{
	struct pollfd p = { w->j->channel, POLLIN, 0 };

	if (!w->kept && !w->alone && poll(&p, 1, ms) > 0)
		(void)take(w, &(struct fault){ 0 });
}

/* Shall it go on? */
static bool
look(struct worker *w)
{
	int64_t now = clock_mono_ms();

	if (w->stop || now - w->looked_ms < LOOK_MS)
		return !w->stop;
	w->looked_ms = now;
	hear(w, 0);
	w->stop =
	    w->alone || (w->kept && task_cancelled(w->j->tasks, w->j->task.id));
	return !w->stop;
}

static struct worker *
worker_of(struct tool_events *e)
{
	return (struct worker *)((char *)e - offsetof(struct worker, events));
}

static bool
on_alive(struct tool_events *e)
{
	return look(worker_of(e));
}

static bool
on_progress(struct tool_events *e, double progress, double total,
    struct str message)
{
	struct worker *w = worker_of(e);
	struct progress_head h = { progress, total };
	struct frame fr = { SAYS_PROGRESS, &h, sizeof(h), { message }, 1 };

	if (!w->kept && !w->alone)
		(void)frame_send(w->j->channel, &fr);
	return look(w);
}

static bool
on_log(struct tool_events *e, struct str level, struct str logger,
    struct str json)
{
	struct worker *w = worker_of(e);
	struct frame fr = { SAYS_LOG, NULL, 0, { level, logger, json }, 3 };

	if (!w->kept && !w->alone)
		(void)frame_send(w->j->channel, &fr);
	return look(w);
}

/* Ask the request, which has the store.  One that went to make a task of this
 * charges nothing more. */
static enum err
inquire(struct worker *w, const struct frame *question, struct fault *f)
{
	struct fault said = { 0 };

	if (w->kept || w->alone || !frame_send(w->j->channel, question))
		return ERR_OK;
	if (take(w, &said) == HEARS_REFUSED) {
		*f = said;
		return f->code;
	}
	return w->alone ? fault_set(f, ERR_CANCELLED, "the call was ended")
			: ERR_OK;
}

static enum err
charge(void *arg, int source, struct fault *f)
{
	struct frame fr = { SAYS_CHARGE, &source, sizeof(source), { { 0 } },
		0 };

	return inquire(arg, &fr, f);
}

/* The request used the answers up when it went, or could not. */
static enum err
once(const struct tool_asking *a, struct fault *f)
{
	struct worker *w =
	    (struct worker *)((uintptr_t)a - offsetof(struct worker, asking));
	struct frame fr = { .word = SAYS_ONCE };
	enum err e = inquire(w, &fr, f);

	if (e == ERR_OK && w->kept && w->used.code != ERR_OK) {
		*f = w->used;
		e = f->code;
	}
	return e;
}

/* A line of the audit; the request hears of the first. */
static enum err
put(struct attempt *t, const char *event, struct fault *f)
{
	struct worker *w =
	    (struct worker *)((char *)t - offsetof(struct worker, attempt));
	struct frame fr = { .word = SAYS_BEGUN };
	enum err e = w->put(t, event, f);

	if (e == ERR_OK && strcmp(event, "begin") == 0 && !w->kept && !w->alone)
		(void)frame_send(w->j->channel, &fr);
	return e;
}

static bool
frame_words(struct http_io *io, struct str answer, struct buf *to, int *fd)
{
	struct worker *w = io->arg;

	(void)answer;
	buf_str(to, w->words);
	*fd = w->words_fd;
	return !buf_failed(to) && w->words_fd >= 0;
}

/* The last words, should the statement not be stoppable: the task as it then
 * stands. */
static void
arm(struct tool_guard *g, int64_t ms)
{
	struct worker *w =
	    (struct worker *)((char *)g - offsetof(struct worker, guard));
	struct message *msg = w->j->msg;
	struct attempt *t = msg->attempt, now = *t;
	struct task task = w->j->task;
	struct http_res res;
	struct answer out;

	if (msg->m->guard == NULL)
		return;
	tools_timeout(msg, ms - 1000LL * msg->m->conf->limits.hard_extra, &out);
	task.status = TASK_COMPLETED;
	task.outcome = answer_inner(msg, &out);
	w->words = task_words(msg->arena, task, task_now_ms() + ms);
	w->words_fd = task_words_open(w->j->tasks, task.id);
	w->io = (struct http_io){ .frame = frame_words, .arg = w };
	http_res_init(&res, msg->arena, &w->io, 1 << 20);
	res.status = 200;
	t->code = err_name(ERR_TIMEOUT);
	t->status = 200;
	t->start_us -= ms * 1000;
	w->hard = msg->m->guard(msg->m->guard_arg, &res, t);
	t->start_us = now.start_us;
	t->code = now.code;
	t->status = now.status;
	if (w->hard != NULL)
		w->hard->arm(w->hard, ms);
}

static void
disarm(struct tool_guard *g)
{
	struct worker *w =
	    (struct worker *)((char *)g - offsetof(struct worker, guard));

	if (w->hard != NULL)
		w->hard->disarm(w->hard);
	w->hard = NULL;
	if (w->words_fd >= 0)
		(void)close(w->words_fd);
	w->words_fd = -1;
}

/* Everything of the call that is another one's here. */
static void
worker_init(struct worker *w, struct task_job *j)
{
	struct message *msg = j->msg;

	*w = (struct worker){
		.j = j,
		.events = { on_progress, on_log, on_alive },
		.guard = { arm, disarm },
		.words_fd = -1,
		.kept = j->kept,
		.attempt = *msg->attempt,
		.put = msg->attempt->put,
	};
	msg->stream = NULL;
	msg->attempt = j->call->attempt = &w->attempt;
	if (w->put != NULL)
		w->attempt.put = put;
	if (j->call->asking != NULL) {
		w->asker = (const struct asking *)j->call->asking;
		w->asking = *j->call->asking;
		w->asking.once = once;
		j->call->asking = &w->asking;
	}
	j->call->events = &w->events;
	j->call->guard = &w->guard;
	j->call->charge = j->call->charge == NULL ? NULL : charge;
	j->call->charge_arg = w;
}

/* The end of the work is in the audit before anybody hears of it. */
static void
last_line(struct worker *w)
{
	struct attempt *t = w->j->msg->attempt;
	struct fault f = { 0 };

	if (!t->began || t->put == NULL)
		return;
	t->status = 200;
	if (t->bytes < 0)
		t->bytes = 0;
	if (t->put(t, mcp_event(t), &f) != ERR_OK)
		log_line("%s", f.log[0] != '\0' ? f.log : f.msg);
}

/* Tell the request; false when the result is to be kept. */
static bool
deliver(struct worker *w, enum err e, const struct tool_result *r,
    const struct fault *f)
{
	const struct attempt *t = w->j->msg->attempt;
	struct done_head h = { .err = e,
		.is_error = r->is_error,
		.began = t->began,
		.fault = *f };
	struct frame fr = { SAYS_DONE, &h, sizeof(h),
		{ r->text, r->structured, r->meta, r->content, r->ask,
		    r->state },
		FRAME_TEXTS };
	struct str code = str_of(t->code);

	if (code.len > 0 && code.len < sizeof(h.code))
		memcpy(h.code, code.p, code.len);
	hear(w, 0);
	if (w->kept || w->alone)
		return !w->kept;
	/* Sent or not: what it said last is still to be heard. */
	(void)frame_send(w->j->channel, &fr);
	w->alone = !frame_take(w->j->channel, w->j->msg->arena, &fr, NULL, 0);
	w->kept = !w->alone && fr.word == HEARS_KEPT;
	return !w->kept;
}

/* What the tool wants to ask goes into the task, and with it what the next
 * run needs. */
static void
ask(struct worker *w, const struct tool_result *r, struct task *t)
{
	struct arena *a = w->j->msg->arena;
	struct json_out out;
	struct buf b;

	buf_init(&b, a, 64 << 20);
	json_out_init(&out, &b, NULL);
	if (w->j->arguments != NULL)
		json_tree(&out, NULL, w->j->arguments);
	t->status = TASK_INPUT_REQUIRED;
	t->arguments = buf_text(&b);
	t->requests = r->ask;
	t->state = r->state;
	t->answers = (struct str){ 0 };
}

/* Only what this client understands and can is asked. */
static enum err
ask_check(const struct worker *w, const struct tool_result *r, struct fault *f)
{
	json_t *requests;

	return w->asker == NULL
		   ? fault_set(f, ERR_INTERNAL, "nobody can be asked")
		   : asking_check(w->asker, r->ask, &requests, f);
}

/* The end of a task, or its next question. */
static void
settle(struct worker *w, enum err e, const struct tool_result *r,
    struct fault *f)
{
	struct message *msg = w->j->msg;
	struct tasks *s = w->j->tasks;
	struct fault bad = { 0 };
	struct answer out;
	struct task t;

	if (!task_again(s, w->j->task.id, &t))
		return;
	if (e == ERR_OK && !str_is_empty(r->ask))
		e = ask_check(w, r, f);
	if (task_cancelled(s, t.id)) {
		t.status = TASK_CANCELLED;
	} else if (e != ERR_OK) {
		answer_fault(&out, msg->arena, msg->era, msg->rpc.id, f,
		    msg->attempt);
		t.status = TASK_FAILED;
		t.outcome = answer_inner(msg, &out);
	} else if (!str_is_empty(r->ask)) {
		ask(w, r, &t);
	} else {
		tools_result(msg, r, &out);
		t.status = TASK_COMPLETED;
		t.outcome = answer_inner(msg, &out);
	}
	if (task_write(s, &t, task_now_ms(), &bad) == ERR_OK)
		return;
	/* Without its result, but at an end. */
	log_line("task %.8s: %s", t.id, bad.log[0] != '\0' ? bad.log : bad.msg);
	t.status = TASK_FAILED;
	t.outcome = (struct str){ 0 };
	(void)!task_write(s, &t, task_now_ms(), &bad);
}

void
task_work(struct task_job *j)
{
	struct tool_result r = { 0 };
	struct fault f = { 0 };
	struct worker w;
	enum err e;

	worker_init(&w, j);
	e = tool_run(j->call, j->name, j->arguments, &r, &f);
	if (e == ERR_ARGUMENT && era_lenient(j->msg->era)) {
		f.code = ERR_INVALID_ARGUMENT;
		tool_failed(j->call, &f, &r);
		e = ERR_OK;
	}
	if (e != ERR_OK)
		j->msg->attempt->code = err_name(e);
	last_line(&w);
	if (!deliver(&w, e, &r, &f))
		settle(&w, e, &r, &f);
	if (!w.kept)
		task_remove(j->tasks, j->task.id);
	_exit(0);
}
