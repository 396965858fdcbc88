/* SPDX-License-Identifier: ISC */
/* Inside the room: the folder and the text of a task. */
#ifndef TASK_TASK_INT_H
#define TASK_TASK_INT_H

#include "base/buf.h"
#include "task/task.h"

/* A result with its two forms fits. */
#define TASK_FILE_MAX ((size_t)96 << 20)

struct tasks {
	struct arena *arena;
	int dir;
	int lock;
};

/* What stands beside the file of a task, by the end of its name. */
#define TASK_FILE   ""
#define TASK_CANCEL ".cancel"
#define TASK_WORDS  ".words"
#define TASK_FRESH  ".new"

/* Name of a file in the folder. */
struct task_name {
	char text[TASK_ID_LEN + 16];
};
struct task_name task_name(const char *id, const char *end);

/* Is it the spelling of an id? */
bool task_id_spelt(struct str id);

/* The text of a task and back; false for anything else. */
void task_text_write(const struct task *t, struct buf *to);
bool task_text_read(struct arena *a, struct str text, struct task *out);

/* The file as it stands, or only its first line, without the outcome; false:
 * there is none that can be read. */
bool task_load(struct tasks *s, struct arena *a, const char *name, bool head,
    struct task *out);

static inline bool
task_expired(const struct task *t, int64_t now_ms)
{
	return now_ms >= t->created_ms + t->ttl_ms;
}

#endif
