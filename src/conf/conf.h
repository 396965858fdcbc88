/* SPDX-License-Identifier: ISC */
/*
 * mcp.conf as const structs.  conf_load reads and checks the file against one
 * table of settings (conf/settings.c); afterwards nobody asks for a name.
 * All text lives in the conf's own arena.  Adding a setting is a member here,
 * a row in the table and a paragraph in mcp.conf(5).
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/fault.h"
#include "base/secret.h"

/* Where a setting stands, for complaints made later. */
struct conf_at {
	const char *file;
	int line;
};

struct conf_names {
	const char **v;
	size_t n;
};

/* "120/min" and a burst. */
struct conf_rate {
	bool set;
	uint32_t count;
	uint32_t window_s;
	uint32_t burst;
};

enum conf_confirm { CONFIRM_ALLOW, CONFIRM_ASK, CONFIRM_REFUSE };
enum conf_tri { CONF_OFF, CONF_ON, CONF_REQUIRED };
/* May a call of a tool become a task? */
enum conf_task { CONF_TASK_AUTO, CONF_TASK_NEVER, CONF_TASK_ALWAYS };

/* How a connection to a server is protected; auto: verified, but on this
 * machine off. */
enum conf_tls { TLS_AUTO, TLS_OFF, TLS_PREFER, TLS_REQUIRE, TLS_VERIFY };

/* What the files of a source are; AUTO: as their endings say. */
enum conf_format { FORMAT_AUTO, FORMAT_CSV, FORMAT_TSV, FORMAT_JSONL };
enum conf_on_error { ON_ERROR_REFUSE, ON_ERROR_SKIP };

enum conf_type { CONF_STRING, CONF_INTEGER, CONF_NUMBER, CONF_BOOLEAN };

/* What a client may be offered for a parameter while a person types it. */
enum conf_complete {
	COMPLETE_NOTHING,
	COMPLETE_SOURCES,
	COMPLETE_SCHEMAS,
	COMPLETE_TABLES
};

/* One entry of params: of a tool, a prompt, a question or a template. */
struct conf_param {
	const char *name;
	enum conf_type type;
	const char *about;
	bool required;
	bool has_default, has_min, has_max;
	const char *dflt; /* as text, in the type's own spelling */
	double min, max;
	struct conf_names values; /* enum */
	enum conf_complete complete;
	struct conf_at at;
};

/* A configured resource: a text, a file, or all files of a folder; a template
 * where its URI has variables. */
struct conf_resource {
	const char *name;
	const char *uri;
	const char *title, *about, *mime;
	const char *text, *path, *folder; /* one of them; absolute */
	const char *source;               /* seen by who sees it, or NULL */
	int source_index;                 /* in conf.sources, or -1 */
	bool is_template;
	const struct conf_param *params; /* what is known of variables */
	size_t nparams;
	/* What an MCP App may do, as _meta.ui has it. */
	struct conf_names ui_connect, ui_load, ui_frames, ui_base;
	struct conf_names ui_permissions;
	const char *ui_domain;
	bool ui_border, has_ui_border;
	struct conf_at at;
};

/* One message of a prompt: one of text, image, audio and resource; with a
 * resource its text or the path of its content may stand. */
struct conf_message {
	const char *name; /* its number, from 1 */
	bool assistant;   /* else the user says it */
	const char *text;
	const char *image, *audio; /* absolute */
	const char *resource;      /* its URI */
	const char *path, *mime;   /* path: absolute */
	struct conf_at at;
};

/* What a prompt asks the user for before it answers. */
struct conf_ask {
	const char *name;
	const char *message;
	const struct conf_param *params;
	size_t nparams;
	struct conf_at at;
};

struct conf_prompt {
	const char *name;
	const char *title, *about;
	const char *source; /* seen by who sees it, or NULL */
	int source_index;   /* in conf.sources, or -1 */
	const struct conf_param *params;
	size_t nparams;
	const struct conf_message *messages;
	size_t nmessages;
	const struct conf_ask *asks;
	size_t nasks;
	struct conf_at at;
};

/* How much of the sources is offered as resources. */
enum conf_offer { OFFER_OFF, OFFER_SOURCES, OFFER_TABLES };

/* A configured tool: an SQL statement, or a command. */
struct conf_tool {
	const char *name;
	const char *title;
	const char *about;
	const char *source; /* name */
	int source_index;   /* in conf.sources */
	const char *sql;
	bool procedure; /* listed by get_procedures, run by execute_procedure */
	struct conf_names command;  /* n == 0: it is SQL; v[0] absolute */
	const char *schema_file;    /* absolute, or NULL */
	int timeout;                /* seconds of a command */
	struct conf_names writable; /* folders a command may write to */
	bool read_only;             /* a command that changes nothing */
	struct conf_names requires; /* what a command needs of the client */
	enum conf_task task;
	const struct conf_param *params;
	size_t nparams;
	struct conf_at at;
};

/* A program of the folder that is no tool, and why: "file:line: sentence". */
struct conf_left {
	const char *tool; /* as it would be called; "": all of the folder */
	const char *text;
};

/* A setting that stands in the file. */
struct conf_given {
	const char *name;
	struct conf_at at;
};

struct conf_source {
	const char *name; /* [a-z][a-z0-9_]{0,30} */
	bool store;       /* it is no source but where our keys lie */
	const char *driver;
	/* Where it is and how to get there; each driver reads some of these. */
	const char *path;   /* absolute */
	const char *host;   /* or several, with commas between */
	int port;           /* 0: the driver's own */
	const char *socket; /* absolute */
	const char *database;
	const char *user;
	enum conf_tls tls;
	const char *tls_ca; /* absolute */
	const char *options;
	const char *url;
	struct conf_names
	    addresses; /* that a host may have, beside public ones */
	const char *dsn;
	bool trusted_role;   /* the account itself can do no harm */
	bool unsafe_engines; /* writes that cannot be taken back */
	bool has_tls, has_trusted_role, has_format, has_header, has_on_error,
	    has_unsafe_engines;
	enum conf_format format;
	const char *delimiter; /* one byte, or NULL: the format's own */
	bool header;           /* default true */
	struct conf_names nulls, types;
	enum conf_on_error on_error;
	struct secret password; /* from password, password_file, password_env */
	const char *about;
	const char *instructions;
	const char *data_table;
	bool readonly; /* default true */
	bool ddl;
	struct conf_names deny;
	struct conf_names mask;
	struct conf_names ops; /* source_ops of this source; n == 0: all */
	int timeout;           /* seconds for one statement */
	int connect_timeout;   /* seconds */
	int64_t max_rows;
	int64_t max_bytes;
	int64_t max_cell;
	int64_t max_affected;
	int64_t max_sql;
	struct conf_rate rate;
	struct conf_at at;
	struct conf_at driver_at; /* of the setting "driver" */
	const struct conf_given *given;
	size_t ngiven;
};

struct conf_environment {
	const char *name;
	struct conf_names sources;
	struct conf_at at;
};

struct conf_toolkit {
	const char *name;
	struct conf_names tools;
	struct conf_at at;
};

/* SECURITY_MODEL 3: what does not belong to one source. */
struct conf_limits {
	struct conf_rate rate;       /* per token */
	struct conf_rate auth_fails; /* per address */
	int64_t body;                /* bytes */
	int64_t header;              /* bytes of one header value we use */
	int64_t authorization;       /* bytes of the Authorization header */
	int body_time;               /* seconds */
	int64_t json_depth, json_elements, json_string;
	int64_t json_number; /* characters */
	int batch;
	int params; /* bound to one statement */
	int sources_in_flight;
	int hard_extra; /* seconds between the soft and the hard deadline */
	int64_t heap;   /* bytes of SQLite's heap, hard */
	int64_t value;  /* bytes of one value inside SQLite */
	int64_t import; /* bytes of files read in during a request */
	int sqlite_expr_depth, sqlite_compound, sqlite_columns, sqlite_ops;
	int sqlite_attached, sqlite_like, sqlite_threads, sqlite_triggers;
	int64_t memory;    /* RLIMIT_AS */
	int cpu;           /* RLIMIT_CPU under CGI, seconds; 0: none */
	int64_t core;      /* RLIMIT_CORE */
	int open_files;    /* RLIMIT_NOFILE */
	int requests;      /* a worker leaves after so many */
	int asks;          /* requests of one token that wait for their user */
	int asks_total;    /* and of all */
	int ask_time;      /* seconds for the answer to a question */
	int question_time; /* seconds a question may be answered in */
	int64_t session_time; /* seconds a session id is good for */
	int listeners;        /* standing streams of one token */
	int listeners_total;  /* and of all */
	int listen_time;      /* seconds of one */
	int64_t audit_line;   /* bytes of one line of the audit */
	int64_t audit_sql;    /* bytes of SQL text in it */
	int64_t resource;     /* bytes of one resource */
};

/* Work that outlives its request (mcp.md 15.2). */
struct conf_tasks {
	bool enabled;
	int64_t after_ms;     /* a call that takes longer becomes a task */
	int64_t ttl_ms;       /* a task is kept so long from its beginning */
	int64_t poll_ms;      /* how often a client should ask for it */
	int per_token, total; /* at work or waiting at the same time */
};

struct conf {
	const char *file;     /* absolute path of mcp.conf */
	const char *state;    /* absolute path of the state folder, or NULL */
	const char *base_url; /* without a slash at its end, or NULL */
	const char
	    *mount; /* path of base_url, "/mcp" by default; "" at the root */
	const char *title; /* shown to people and as serverInfo.title */
	const char *instructions;
	struct conf_names origins; /* further allowed Origin values */
	struct conf_names
	    hosts; /* allowed Host values; n == 0: only the loopback rule */
	struct conf_names proxies; /* addresses whose X-Forwarded-For counts */
	struct conf_names groups;  /* core tdb analysis catalog workbench */
	struct conf_names source_ops; /* n == 0: all */
	struct conf_limits limits;
	struct conf_tasks tasks;
	struct conf_source store; /* keys and limits: sqlite, or a server */
	enum conf_tri sandbox;
	enum conf_confirm confirm_writes;
	bool audit_required, aliases, filter_calls, source_header, streams;
	bool sessions;              /* older clients get a signed session id */
	bool logging;               /* log notifications are offered */
	bool basic, api_key_header; /* credentials accepted beside Bearer */
	const char *key_env;        /* name of the variable with a static key */
	bool tdb_doc_texts;
	int64_t list_page_size, list_ttl_ms;
	const struct conf_source *sources; /* by name, bytewise */
	size_t nsources;
	const struct conf_environment *environments;
	size_t nenvironments;
	const struct conf_tool *tools;
	size_t ntools;
	const char *tools_dir;           /* absolute, or NULL: there is none */
	const struct conf_tool *scripts; /* found in it, by name */
	size_t nscripts;
	const struct conf_left *left; /* of the folder, but unfit */
	size_t nleft;
	const struct conf_toolkit *toolkits;
	size_t ntoolkits;
	const struct conf_resource *resources;
	size_t nresources;
	const struct conf_prompt *prompts;
	size_t nprompts;
	enum conf_offer source_resources;
	/* What resources and prompts are read from, all absolute. */
	struct conf_names content_files, content_folders;
	/* The folder of scripts, the scripts and the files that describe them:
	 * looked at for a reload, as "files" are. */
	struct conf_names watched;
	const struct conf_stat *watched_stats;
	/* This file, every included one and the files of secrets: what a
	 * reload will want to read again. */
	struct conf_names files;
	/* Variables of the environment that were read; a reload wants them. */
	struct conf_names variables;
	uint64_t stamp;                /* changes when any of the files does */
	const struct conf_stat *stats; /* of the files, for conf_changed */
	struct arena *arena;
};

/*
 * Read a configuration.  Every complaint goes to *complaints, one line each,
 * "file:line: sentence", all of them before giving up with ERR_CONF; under a
 * syntax error follow, indented, the text of the line and a hint.  What is
 * wrong with a program of tools_dir is no mistake but in "left", and among the
 * complaints where there are others.  The result is one block to be given back
 * with conf_free.
 */
enum err conf_load(const char *path, struct conf **out, struct buf *complaints,
    struct fault *f) FAULT_MUST_CHECK;
void conf_free(struct conf *c);

/* What is wrong with text as an address such as base_url, or NULL. */
const char *conf_url_wrong(const char *text);

/* Which file to read: argument, MCP_CONFIG, the default places (DESIGN 3);
 * NULL when there is none.  "arg" and "env" may be NULL. */
const char *conf_find(struct arena *a, const char *arg, const char *env);

/* Has any file of it changed on disk, or gone, since it was read (stat
 * only)? */
bool conf_changed(const struct conf *c);

/* Do keys and limits lie on a server, for several machines? */
static inline bool
conf_shares_store(const struct conf *c)
{
	return c->store.driver != NULL &&
	       strcmp(c->store.driver, "sqlite") != 0;
}

/* Does it run programs at all? */
static inline bool
conf_runs_programs(const struct conf *c)
{
	bool any = c->nscripts > 0;

	for (size_t i = 0; i < c->ntools && !any; i++)
		any = c->tools[i].command.n > 0;
	return any;
}

/* Index of a source by exact name, or -1. */
int conf_source_index(const struct conf *c, struct str name);

/* Where a setting of a source stands; where the source does, if it was not
 * given. */
struct conf_at conf_source_at(const struct conf_source *s, const char *setting);

/* Does this setting of a source stand in the file? */
bool conf_source_has(const struct conf_source *s, const char *setting);

/* Write a commented example, or the settings in force, as mcp.conf text
 * (secrets are never in it). */
void conf_example(struct buf *to);
void conf_effective(const struct conf *c, struct buf *to);

/* The settings, for "config" and for the lint against the manual page. */
struct setting_doc {
	const char *path;  /* "sources.*.timeout" */
	const char *type;  /* "duration" */
	const char *dflt;  /* as written in mcp.conf without quotes, or NULL */
	const char *about; /* one sentence */
};

/* Row number i of the table of settings; false past its end. */
bool conf_setting(size_t i, struct setting_doc *row);

/*
 * Complain about every source whose driver is none of "known" (which ends
 * with NULL), in the form of conf_load.  A step of its own, because this room
 * does not look into the room of the drivers.
 */
enum err conf_check_drivers(const struct conf *c, const char *const *known,
    struct buf *complaints, struct fault *f) FAULT_MUST_CHECK;

/* The one of "known" (up to NULL) that "word" was probably meant to be, or
 * NULL when none is near. */
const char *conf_nearest(const char *word, const char *const *known);

#endif
