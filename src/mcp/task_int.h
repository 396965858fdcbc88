/* SPDX-License-Identifier: ISC */
/*
 * Calls that may become tasks (mcp.md 15.2): the request that waits for them,
 * the copy of the process that does the work, and what they say to each other.
 */
#ifndef MCP_TASK_INT_H
#define MCP_TASK_INT_H

#include "mcp/mcp_int.h"
#include "task/task.h"

/* Code of an attempt that became a task. */
#define CODE_TASK "TASK"

/* --- task_wire.c: frames on the channel --- */

/* What the worker says, and what it hears. */
enum task_word {
	SAYS_PROGRESS,
	SAYS_LOG,
	SAYS_CHARGE, /* answered with one of the two last */
	SAYS_ONCE,   /* and this one too */
	SAYS_BEGUN,  /* the line of the beginning is in the audit */
	SAYS_DONE,
	HEARS_TAKEN, /* the request has its answer */
	HEARS_KEPT,  /* it is a task now */
	HEARS_GRANTED,
	HEARS_REFUSED
};

enum { FRAME_TEXTS = 6 };

/* A frame: a word, a struct, some texts. */
struct frame {
	enum task_word word;
	const void *head;
	size_t head_len;
	struct str text[FRAME_TEXTS];
	size_t ntexts;
};
bool frame_send(int fd, const struct frame *fr);
/* The next one; false at the end of the channel.  The head is copied to
 * "head" as far as it fits, the texts live in the arena. */
bool frame_take(int fd, struct arena *a, struct frame *fr, void *head,
    size_t head_len);

struct progress_head {
	double progress, total;
};

/* How a call ended, with the texts of its result. */
struct done_head {
	enum err err; /* not ERR_OK: the fault */
	bool is_error;
	bool began; /* and so has put its last line */
	struct fault fault;
	char code[32]; /* of the attempt */
};

/* --- task_work.c: the worker --- */

struct task_job {
	struct message *msg;
	struct tool_call *call;
	struct str name;
	const json_t *arguments;
	struct tasks *tasks;
	struct task task;
	int channel;
	bool kept; /* it is a task already */
};

/* Do the work and end this process. */
void task_work(struct task_job *j) __attribute__((noreturn));

/* --- task_call.c: the request --- */

/* Copy this process for the work; false: there is no copy. */
bool task_start(struct task_job *j);

/*
 * What tool_run does, by way of a worker where the call may become a task.
 * *answered: "out" holds the whole answer; else *r is to be shown.
 */
enum err task_call(struct message *msg, struct tool_call *call, struct str name,
    const json_t *arguments, struct tool_result *r, struct answer *out,
    bool *answered, struct fault *f) FAULT_MUST_CHECK;

/* --- tasks.c: what there is of a task for its client --- */

int64_t task_now_ms(void);

/* Whose tasks these are. */
struct str task_principal(const struct message *msg);

/* ERR_CAPABILITY that asks for it. */
enum err task_undeclared(struct fault *f);

/* The answer that makes a task of a call. */
void task_handle(const struct message *msg, const struct task *t,
    struct answer *out);

/* A result as it was kept. */
void task_outcome(const struct message *msg, struct str result,
    struct answer *out);

#endif
