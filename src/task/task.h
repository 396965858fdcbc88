/* SPDX-License-Identifier: ISC */
/*
 * Work that outlives its request (spec/mcp.md 15.2): what is kept of it in
 * the folder "tasks" of the state folder, who is at work on it, and the
 * process that goes on.
 *
 * One file for each task, replaced as a whole; beside it perhaps a mark that
 * it is to be cancelled, and the last words of a worker that was ended by its
 * deadline.  Who works on a task holds a lock on one byte of the file "lock",
 * which goes with the process: a task "working" that nobody holds has lost
 * its worker.
 */
#ifndef TASK_TASK_H
#define TASK_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/fault.h"

enum task_status {
	TASK_WORKING,
	TASK_INPUT_REQUIRED,
	TASK_COMPLETED,
	TASK_FAILED,
	TASK_CANCELLED,
	TASK_STATUSES
};

enum { TASK_ID_LEN = 48 };

struct task {
	char id[TASK_ID_LEN + 1];
	struct str principal; /* whose it is: the id of a key */
	struct str tool;
	enum task_status status;
	int64_t created_ms, updated_ms; /* since 1970 */
	int64_t ttl_ms, poll_ms;
	/* Texts of JSON, empty where there is none. */
	struct str arguments; /* of the call */
	struct str requests;  /* to the user, by key */
	struct str answers;   /* to them, as far as they came */
	struct str state;     /* what the tool wants back with them */
	struct str outcome;   /* the result, or the error of a failed task */
};

struct tasks;

/* The folder, made if it is missing; its end comes with the arena's.
 * ERR_UNAVAILABLE. */
enum err tasks_open(struct arena *a, const char *state, struct tasks **out,
    struct fault *f) FAULT_MUST_CHECK;

/* Is there such a folder? */
bool tasks_exist(struct arena *a, const char *state);

/* "working" and so on, as the protocol spells it. */
const char *task_status_name(enum task_status s);

/* Is nothing going to change any more? */
static inline bool
task_is_over(const struct task *t)
{
	return t->status >= TASK_COMPLETED;
}

/* A fresh id: 192 random bits. */
void task_id(char out[static TASK_ID_LEN + 1]);

/*
 * Read a task: ERR_PARAMS for an unknown, misspelt or expired id.  What the
 * folder knows beside the file is taken in: a worker that is gone leaves a
 * task failed, cancelled, or with its last words.
 */
enum err task_read(struct tasks *s, struct str id, int64_t now_ms,
    struct task *out, struct fault *f) FAULT_MUST_CHECK;

/* As its file has it, for the one who holds its lock. */
bool task_again(struct tasks *s, const char *id, struct task *out);

/* Write it, on disk when this returns; the time of change is set. */
enum err task_write(struct tasks *s, struct task *t, int64_t now_ms,
    struct fault *f) FAULT_MUST_CHECK;

/* Forget it, and all beside it. */
void task_remove(struct tasks *s, const char *id);

/*
 * Be the one who works on it.  A copy of this process holds the lock too, and
 * the one who stays keeps it when the other goes.  False: somebody has it.
 */
bool task_lock(struct tasks *s, const char *id);
/* The same, but wait a moment for one who is about to leave it. */
bool task_lock_soon(struct tasks *s, const char *id);
/* Is somebody at work on it? */
bool task_is_held(struct tasks *s, const char *id);
/* Give it back, whoever else shares it. */
void task_unlock(struct tasks *s, const char *id);
/* Leave it to the copy. */
void tasks_close(struct tasks *s);

/* Ask its worker to stop; is it asked to? */
enum err task_cancel(struct tasks *s, const char *id,
    struct fault *f) FAULT_MUST_CHECK;
bool task_cancelled(struct tasks *s, const char *id);

/* The fault for an id that is unknown, or another's. */
enum err task_unknown(struct fault *f);

/* What a worker left that was ended by its deadline; false: nothing. */
bool task_last(struct tasks *s, const char *id, struct task *out);

/* A descriptor for the last words of a worker, to be written by a handler as
 * task_words made them; -1: there is none.  task_write ends its use. */
int task_words_open(struct tasks *s, const char *id);
struct str task_words(struct arena *a, struct task t, int64_t now_ms);

/* A descriptor for the log of the workers. */
int tasks_log(struct tasks *s);

/* The descriptors that a copy of this process needs of it. */
size_t tasks_keep(const struct tasks *s, int out[static 2]);

/* How many there are: at work or waiting for an answer, and kept in all. */
struct task_count {
	int open, kept;
};
struct task_counts {
	struct task_count own, all;
};
void tasks_count(struct tasks *s, struct str principal, int64_t now_ms,
    struct task_counts *out);

/* Each task that has not expired, in no order; false from fn ends it. */
void tasks_each(struct tasks *s, int64_t now_ms,
    bool (*fn)(void *arg, const struct task *t), void *arg);

/* Remove what has expired and what belongs to nothing; how many tasks. */
int64_t tasks_sweep(struct tasks *s, int64_t now_ms);

/* --- the process that goes on --- */

enum detach { DETACH_NOT, DETACH_STAYED, DETACH_GONE };

/*
 * Copy this process into one that nobody waits for: a session of its own, no
 * standard descriptors but the log, nothing open but "keep" (up to 8) and
 * *channel.  DETACH_STAYED in this process, DETACH_GONE in the copy, each with
 * its end of a stream socket in *channel; DETACH_NOT when there is no copy.
 */
enum detach detach(int log, const int *keep, size_t nkeep, int *channel);

#endif
