/* SPDX-License-Identifier: ISC */
/*
 * The text of a task: a line of JSON with all that is short, in which texts of
 * JSON stand as strings, so that they come back to the byte; then the outcome
 * as it is.
 */
#include <string.h>

#include "task/task_int.h"
#include "json/json.h"
#include "json/json_out.h"

static const char *const names[] = {
	[TASK_WORKING] = "working",
	[TASK_INPUT_REQUIRED] = "input_required",
	[TASK_COMPLETED] = "completed",
	[TASK_FAILED] = "failed",
	[TASK_CANCELLED] = "cancelled",
};
_Static_assert(sizeof(names) / sizeof(names[0]) == TASK_STATUSES,
    "a name for each status");

const char *
task_status_name(enum task_status s)
{
	return names[s];
}

bool
task_id_spelt(struct str id)
{
	if (id.len != TASK_ID_LEN)
		return false;
	for (size_t i = 0; i < id.len; i++)
		if (!(id.p[i] >= '0' && id.p[i] <= '9') &&
		    !(id.p[i] >= 'a' && id.p[i] <= 'f'))
			return false;
	return true;
}

/* The members that are texts and numbers, in the order they are written. */
static const struct {
	const char *name;
	size_t at;
} texts[] = {
	{ "principal", offsetof(struct task, principal) },
	{ "tool", offsetof(struct task, tool) },
	{ "arguments", offsetof(struct task, arguments) },
	{ "requests", offsetof(struct task, requests) },
	{ "answers", offsetof(struct task, answers) },
	{ "state", offsetof(struct task, state) },
}, numbers[] = {
	{ "created", offsetof(struct task, created_ms) },
	{ "updated", offsetof(struct task, updated_ms) },
	{ "ttl", offsetof(struct task, ttl_ms) },
	{ "poll", offsetof(struct task, poll_ms) },
};

enum {
	TEXTS = sizeof(texts) / sizeof(texts[0]),
	NUMBERS = sizeof(numbers) / sizeof(numbers[0])
};

void
task_text_write(const struct task *t, struct buf *to)
{
	const char *base = (const char *)t;
	struct json_out o;

	json_out_init(&o, to, NULL);
	json_obj(&o, NULL);
	json_int(&o, "v", 1);
	json_z(&o, "id", t->id);
	json_z(&o, "status", names[t->status]);
	for (size_t i = 0; i < NUMBERS; i++) {
		int64_t v;

		memcpy(&v, base + numbers[i].at, sizeof(v));
		json_int(&o, numbers[i].name, v);
	}
	for (size_t i = 0; i < TEXTS; i++) {
		struct str s;

		memcpy(&s, base + texts[i].at, sizeof(s));
		if (!str_is_empty(s))
			json_str(&o, texts[i].name, s.p, s.len);
	}
	json_end(&o);
	buf_char(to, '\n');
	buf_str(to, t->outcome);
	buf_char(to, '\n');
}

static bool
status_read(const json_t *v, enum task_status *out)
{
	for (int i = 0; i < TASK_STATUSES; i++)
		if (str_eq(json_text(v), str_of(names[i]))) {
			*out = (enum task_status)i;
			return true;
		}
	return false;
}

static bool
line_read(const json_t *root, struct task *t)
{
	struct str id = json_text(json_member(root, "id"));
	char *base = (char *)t;

	if (json_integer_value(json_member(root, "v")) != 1 ||
	    !task_id_spelt(id) ||
	    !status_read(json_member(root, "status"), &t->status))
		return false;
	memcpy(t->id, id.p, TASK_ID_LEN);
	for (size_t i = 0; i < NUMBERS; i++) {
		const json_t *v = json_member(root, numbers[i].name);
		int64_t n = json_integer_value(v);

		if (!json_is_integer(v) || n < 0)
			return false;
		memcpy(base + numbers[i].at, &n, sizeof(n));
	}
	for (size_t i = 0; i < TEXTS; i++) {
		struct str s = json_text(json_member(root, texts[i].name));

		memcpy(base + texts[i].at, &s, sizeof(s));
	}
	return !str_is_empty(t->principal);
}

bool
task_text_read(struct arena *a, struct str text, struct task *out)
{
	static const struct json_limits limits = {
		.depth = 4,
		.elements = 100,
		.string = TASK_FILE_MAX,
		.number = 20,
	};
	struct fault f = { 0 };
	struct str rest = text, line;
	json_t *root = NULL;

	*out = (struct task){ 0 };
	/* The last newline is the sign that it is whole. */
	if (!str_ends(text, STR("\n")) || !str_cut(&rest, '\n', &line) ||
	    str_is_empty(rest) ||
	    json_parse(a, line, &limits, &root, &f) != ERR_OK ||
	    !line_read(root, out))
		return false;
	out->outcome = (struct str){ rest.p, rest.len - 1 };
	return true;
}
