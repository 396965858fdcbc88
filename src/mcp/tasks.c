/* SPDX-License-Identifier: ISC */
/*
 * tasks/get, tasks/update and tasks/cancel (mcp.md 15.2): what a client may
 * see and do of the work that went on without it.
 */
#include "base/clock.h"
#include "base/log.h"
#include "mcp/ask_int.h"
#include "mcp/task_int.h"

int64_t
task_now_ms(void)
{
	return clock_wall_us() / 1000;
}

struct str
task_principal(const struct message *msg)
{
	struct str id = str_of(msg->attempt->who->key.id);

	return str_is_empty(id) ? STR("local") : id;
}

enum err
task_undeclared(struct fault *f)
{
	static const char what[] = "extensions." EXTENSION_TASKS;

	_Static_assert(sizeof(what) <= sizeof(f->field), "it fits");
	memcpy(f->field, what, sizeof(what));
	return fault_set(f, ERR_CAPABILITY,
	    "Missing required client capability");
}

bool
tasks_offered(const struct message *msg)
{
	const struct conf *conf = msg->m->conf;

	return conf->tasks.enabled && conf->state != NULL;
}

static void
put_time(struct json_out *out, const char *key, int64_t ms)
{
	char text[CLOCK_TEXT];

	clock_text(text, ms * 1000);
	json_z(out, key, text);
}

static void
put_task(struct json_out *out, const struct task *t)
{
	json_z(out, "taskId", t->id);
	json_z(out, "status", task_status_name(t->status));
	put_time(out, "createdAt", t->created_ms);
	put_time(out, "lastUpdatedAt", t->updated_ms);
	json_int(out, "ttlMs", t->ttl_ms);
	json_int(out, "pollIntervalMs", t->poll_ms);
}

void
task_handle(const struct message *msg, const struct task *t, struct answer *out)
{
	struct result r;

	result_open(&r, msg);
	result_type(&r, "task");
	put_task(&r.out, t);
	result_close(&r, CACHE_NONE, (struct str){ 0 }, out);
}

void
task_outcome(const struct message *msg, struct str result, struct answer *out)
{
	struct json_out o;
	struct buf b;

	buf_init(&b, msg->arena, 1024 + msg->rpc.id.len);
	json_out_init(&o, &b, NULL);
	json_obj(&o, NULL);
	json_z(&o, "jsonrpc", "2.0");
	json_raw(&o, "id", msg->rpc.id);
	json_gap(&o, "result");
	*out = (struct answer){ .status = 200,
		.piece = { buf_text(&b), result, STR("}") },
		.n = 3 };
}

/* A task that was lost has no error of its own. */
static struct str
error_of(const struct message *msg, const struct task *t)
{
	struct fault f = { 0 };
	struct answer out;

	if (!str_is_empty(t->outcome))
		return t->outcome;
	(void)fault_set(&f, ERR_UNAVAILABLE,
	    "The work on this task ended before it was finished");
	answer_fault(&out, msg->arena, msg->era, msg->rpc.id, &f, msg->attempt);
	return answer_inner(msg, &out);
}

static void
ack(const struct message *msg, struct answer *out)
{
	struct result r;

	result_open(&r, msg);
	result_close(&r, CACHE_NONE, (struct str){ 0 }, out);
}

/* The task that a request names, if it is this client's. */
static enum err
find(struct message *msg, struct tasks **s, struct task *t, struct fault *f)
{
	const json_t *id = json_member(msg->rpc.params, "taskId");
	enum err e;

	if (!extension_declared(msg, EXTENSION_TASKS))
		return task_undeclared(f);
	if (!json_is_string(id))
		return fault_set(f, ERR_PARAMS,
		    "Invalid parameters: field 'taskId' must be a string");
	e = tasks_open(msg->arena, msg->m->conf->state, s, f);
	if (e == ERR_OK)
		e = task_read(*s, json_text(id), task_now_ms(), t, f);
	if (e == ERR_OK && !str_eq(t->principal, task_principal(msg)))
		e = task_unknown(f);
	if (e == ERR_OK)
		msg->attempt->tool = t->tool;
	return e;
}

enum err
tasks_get_run(struct message *msg, struct answer *out, struct fault *f)
{
	struct result r;
	struct tasks *s;
	struct task t;
	enum err e = find(msg, &s, &t, f);

	if (e != ERR_OK)
		return e;
	result_open(&r, msg);
	put_task(&r.out, &t);
	if (t.status == TASK_COMPLETED) {
		json_gap(&r.out, "result");
		result_gap(&r, t.outcome);
	} else if (t.status == TASK_FAILED) {
		json_raw(&r.out, "error", error_of(msg, &t));
	} else if (t.status == TASK_INPUT_REQUIRED) {
		json_raw(&r.out, "inputRequests", t.requests);
	}
	result_close(&r, CACHE_NONE, (struct str){ 0 }, out);
	return ERR_OK;
}

/* The worker stops when it looks up; where nobody is at work it is over. */
enum err
tasks_cancel_run(struct message *msg, struct answer *out, struct fault *f)
{
	struct tasks *s;
	struct task t;
	enum err e = find(msg, &s, &t, f);

	if (e == ERR_OK && !task_is_over(&t))
		e = task_cancel(s, t.id, f);
	/* Reading it again settles it, when its worker is gone meanwhile. */
	if (e == ERR_OK && !task_is_over(&t) && task_lock(s, t.id)) {
		if (task_again(s, t.id, &t) && !task_is_over(&t)) {
			t.status = TASK_CANCELLED;
			e = task_write(s, &t, task_now_ms(), f);
		}
		task_unlock(s, t.id);
	}
	if (e == ERR_OK)
		ack(msg, out);
	return e;
}

static json_t *
tree(const struct message *msg, struct str text)
{
	static const struct json_limits limits = { .depth = 128,
		.elements = 1000000,
		.string = 64 << 20,
		.number = 64 };
	struct fault ours = { 0 };
	json_t *v = NULL;

	if (str_is_empty(text) ||
	    json_parse(msg->arena, text, &limits, &v, &ours) != ERR_OK ||
	    !json_is_object(v))
		return ask_tree(msg->arena, json_object());
	return v;
}

static struct str
text(const struct message *msg, const json_t *v)
{
	struct json_out o;
	struct buf b;

	buf_init(&b, msg->arena, 64 << 20);
	json_out_init(&o, &b, NULL);
	json_tree(&o, NULL, v);
	return buf_text(&b);
}

/* The good replies move from the requests to the answers; all else is as if
 * it had not come. */
static void
merge(const struct message *msg, struct task *t, const json_t *replies)
{
	json_t *requests = tree(msg, t->requests);
	json_t *answers = tree(msg, t->answers), *request;
	const char *key;
	void *tmp;

	json_object_foreach_safe(requests, tmp, key, request)
	{
		const json_t *reply = json_member(replies, key);
		json_t *kept = NULL;

		if (reply == NULL ||
		    !ask_answered(msg->arena, request, reply, &kept))
			continue;
		(void)json_object_set(answers, key, kept);
		(void)json_object_del(requests, key);
	}
	t->answers = text(msg, answers);
	t->requests = json_object_size(requests) == 0 ? (struct str){ 0 }
						      : text(msg, requests);
}

/* All is answered: the tool runs again, with the rights of now. */
static enum err
resume(struct message *msg, struct tasks *s, struct task *t, struct fault *f)
{
	struct tool_call call;
	struct asking asking;
	struct task_job j = { .msg = msg,
		.call = &call,
		.name = t->tool,
		.arguments = tree(msg, t->arguments),
		.tasks = s,
		.task = *t,
		.channel = -1,
		.kept = true };
	enum err e = asking_begin(msg, &asking, f);

	if (e != ERR_OK)
		return e;
	tools_call_of(msg, &call);
	asking.base.answers = tree(msg, t->answers);
	asking.base.state = t->state;
	call.asking = &asking.base;
	t->status = TASK_WORKING;
	t->arguments = t->answers = t->state = (struct str){ 0 };
	e = task_write(s, t, task_now_ms(), f);
	if (e == ERR_OK && !task_start(&j))
		e = fault_set(f, ERR_UNAVAILABLE,
		    "the work on the task cannot be started now");
	return e;
}

/* The worker that asked may not have left yet, or another request takes
 * replies at this moment. */
static enum err
answer(struct message *msg, struct tasks *s, struct task *t,
    const json_t *replies, struct fault *f)
{
	enum err e = ERR_OK;

	if (!task_lock_soon(s, t->id))
		return fault_set(f, ERR_UNAVAILABLE,
		    "the task is busy; send the replies again");
	if (task_again(s, t->id, t) && t->status == TASK_INPUT_REQUIRED) {
		merge(msg, t, replies);
		e = str_is_empty(t->requests)
			? resume(msg, s, t, f)
			: task_write(s, t, task_now_ms(), f);
	}
	/* A worker has the lock by now; closing leaves it to him. */
	tasks_close(s);
	return e;
}

enum err
tasks_update_run(struct message *msg, struct answer *out, struct fault *f)
{
	const json_t *replies = json_member(msg->rpc.params, "inputResponses");
	struct tasks *s;
	struct task t;
	enum err e = find(msg, &s, &t, f);

	if (e == ERR_OK && !json_is_object(replies))
		e = fault_set(f, ERR_PARAMS,
		    "Invalid parameters: field 'inputResponses' must be an object");
	if (e != ERR_OK)
		return e;
	if (t.status == TASK_INPUT_REQUIRED)
		e = answer(msg, s, &t, replies, f);
	if (e == ERR_OK)
		ack(msg, out);
	return e;
}
