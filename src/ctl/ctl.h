/* SPDX-License-Identifier: ISC */
/*
 * The frame of mcpctl: one command as it was asked for, its options, and how
 * its answer leaves.  Adding a command is a row in words.c, a function in a
 * file named like its word, and a paragraph in mcpctl(8); a new option is a
 * row in options.c.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/fault.h"
#include "conf/conf.h"
#include "store/store.h"
#include "json/json_out.h"

/* What the shell is told. */
enum ctl_exit { CTL_DONE, CTL_FAILED, CTL_USAGE, CTL_CONF };

enum ctl_option {
	OPT_CONFIG,
	OPT_JSON,
	OPT_HELP,
	OPT_VERSION,
	OPT_ADDRESS,
	OPT_ALL,
	OPT_CGI,
	OPT_COMPLETION,
	OPT_CONFIRM,
	OPT_COST,
	OPT_DIR,
	OPT_EFFECTIVE,
	OPT_ENVIRONMENT,
	OPT_EXAMPLE,
	OPT_EXPIRES,
	OPT_FAILED,
	OPT_FOLLOW,
	OPT_FORCE,
	OPT_GRACE,
	OPT_KEY,
	OPT_LINES,
	OPT_LIST,
	OPT_MAX_ROWS,
	OPT_OPS,
	OPT_OWNER,
	OPT_PORT,
	OPT_RATE,
	OPT_SCOPE,
	OPT_SOURCE,
	OPT_TOOL,
	OPT_TOOLS,
	OPT_URL,
	OPT_USER,
	OPT_WORKERS,
	OPT_COUNT
};

#define OPT_BIT(o) (UINT64_C(1) << (o))

/* How an option is written and what it means (options.c). */
struct ctl_option_row {
	const char *name;
	const char *value; /* NULL: a switch; "a|b": one of these */
	const char *about;
};

extern const struct ctl_option_row ctl_options[OPT_COUNT];

struct ctl;

/*
 * One sentence.  Bare words are typed as they stand, <name> must and [name]
 * may be given; <a|b> is one of these words.
 */
struct ctl_command {
	const char *sentence;
	uint64_t options; /* OPT_BITs beside those every command takes */
	enum ctl_exit (*run)(struct ctl *c);
	const char *about;
};

extern const struct ctl_command ctl_commands[];
extern const size_t ctl_ncommands;

/* Options every command takes. */
#define CTL_ALWAYS (OPT_BIT(OPT_CONFIG) | OPT_BIT(OPT_JSON) | OPT_BIT(OPT_HELP))

struct ctl_given {
	enum ctl_option option;
	const char *value;
};

struct ctl {
	struct arena *arena;
	const struct ctl_command *command;
	struct ctl_given *given; /* in the order they came */
	size_t ngiven;
	const char *
	    *args; /* what stood for <name> and [name]; NULL at the end */
	size_t nargs;
	struct buf out; /* leaves when the command is over, or by ctl_flush */
	struct json_out json;
	struct conf *conf;
	struct store *store;
};

/*
 * Read the arguments.  CTL_DONE when c->command may run; otherwise the words
 * that explain are printed already.
 */
enum ctl_exit ctl_read(struct ctl *c, int argc, char **argv);

/* The value of an option ("" for a switch), or NULL; of many the last. */
const char *ctl_opt(const struct ctl *c, enum ctl_option o);

/* Was it given? */
bool ctl_has(const struct ctl *c, enum ctl_option o);

/* The whole number of an option within [min, max], "dflt" without it; false
 * when it is none, and that is said. */
bool ctl_number(struct ctl *c, enum ctl_option o, int64_t min, int64_t max,
    int64_t dflt, int64_t *out);

/* The value of an option as a duration in seconds; false as above. */
bool ctl_duration(struct ctl *c, enum ctl_option o, int64_t dflt,
    int64_t *seconds);

/* The value of --url, or NULL; may it have a query?  CTL_USAGE when it is no
 * address, and that is said. */
enum ctl_url { URL_PLAIN, URL_QUERY };
enum ctl_exit ctl_url(struct ctl *c, enum ctl_url kind, const char **out);

/* Wrong usage: the sentence, then how the command is written. */
enum ctl_exit ctl_usage(struct ctl *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* What else failed in words of the command's own: ERR_INVALID_ARGUMENT is what
 * was typed. */
enum ctl_exit ctl_failed(struct ctl *c, enum err code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* What failed, in the caller's words and the log's: the administrator may
 * see both.  The exit status that fits. */
enum ctl_exit ctl_fault(struct ctl *c, const struct fault *f);

/* The same where what was typed may be what is wrong. */
enum ctl_exit ctl_fault_typed(struct ctl *c, const struct fault *f);

/* The halves of it, for a command that goes on: on standard error only, and as
 * members of the object that is open. */
enum ctl_exit ctl_fault_say(const struct fault *f);
void ctl_fault_json(struct json_out *o, const struct fault *f);

/* Member "error" about a configuration with complaints. */
void ctl_conf_json(struct json_out *o);

/* A sentence on standard error, after the name of the program. */
void ctl_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Lines of complaint on standard error, as they are. */
void ctl_complaints(struct str lines);

/* The usage line of a command, and its page of help. */
void ctl_usage_line(struct buf *to, const struct ctl_command *cmd);
void ctl_help_page(struct buf *to, const struct ctl_command *cmd);

/* Help for the words at the head of "words" (none: all of it). */
enum ctl_exit ctl_help(struct ctl *c, const char *const *words, size_t n);

/* The n-th word of a sentence ("<name>" included); p NULL past the end. */
struct str ctl_word(const struct ctl_command *cmd, size_t n);

/* Put what is in c->out on standard output; false when that fails. */
bool ctl_flush(struct ctl *c);

/*
 * The configuration (printing every complaint), and with it the open store.
 * What is opened here is closed by main.
 */
enum ctl_exit ctl_open_conf(struct ctl *c);
enum ctl_exit ctl_open_store(struct ctl *c);

/*
 * A file made by another user than the state folder's owner locks the web
 * server out (HOSTING 6), the helper files of a database included: root goes
 * on as the owner for good, anybody else is warned.  ctl_open_store does it.
 */
enum err ctl_mind_owner(struct ctl *c, struct fault *f) FAULT_MUST_CHECK;

/* The absolute path of the configuration that would be read, or NULL after
 * saying that there is none. */
const char *ctl_conf_path(struct ctl *c);

/* The key named by text (label or id); CTL_DONE or what was said. */
enum ctl_exit ctl_find_key(struct ctl *c, const char *which, struct key *out);

/* Now, in seconds. */
int64_t ctl_now(void);

/* The handler's absolute path: beside the running program or installed; NULL
 * after saying where it was looked for. */
const char *ctl_handler(struct ctl *c);

/* The commands. */
enum ctl_exit cmd_backup(struct ctl *c);
enum ctl_exit cmd_call(struct ctl *c);
enum ctl_exit cmd_check(struct ctl *c);
enum ctl_exit cmd_client(struct ctl *c);
enum ctl_exit cmd_config(struct ctl *c);
enum ctl_exit cmd_doctor(struct ctl *c);
enum ctl_exit cmd_gc(struct ctl *c);
enum ctl_exit cmd_usage(struct ctl *c);
enum ctl_exit cmd_tasks(struct ctl *c);
enum ctl_exit cmd_tasks_cancel(struct ctl *c);
enum ctl_exit cmd_help(struct ctl *c);
enum ctl_exit cmd_import(struct ctl *c);
enum ctl_exit cmd_init(struct ctl *c);
enum ctl_exit cmd_key_create(struct ctl *c);
enum ctl_exit cmd_key_extend(struct ctl *c);
enum ctl_exit cmd_key_list(struct ctl *c);
enum ctl_exit cmd_key_rename(struct ctl *c);
enum ctl_exit cmd_key_revoke(struct ctl *c);
enum ctl_exit cmd_key_rotate(struct ctl *c);
enum ctl_exit cmd_key_show(struct ctl *c);
enum ctl_exit cmd_log(struct ctl *c);
enum ctl_exit cmd_serve(struct ctl *c);
enum ctl_exit cmd_stdio(struct ctl *c);
enum ctl_exit cmd_store_copy(struct ctl *c);
enum ctl_exit cmd_tools(struct ctl *c);
enum ctl_exit cmd_resources(struct ctl *c);
enum ctl_exit cmd_prompts(struct ctl *c);
enum ctl_exit cmd_version(struct ctl *c);
enum ctl_exit cmd_web(struct ctl *c);

#endif
