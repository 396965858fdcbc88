/* SPDX-License-Identifier: ISC */
/*
 * Inside the room: the row of a tool, the catalogue made of the rows and a
 * configuration, and one running call.
 */
#ifndef TOOL_TOOL_INT_H
#define TOOL_TOOL_INT_H

#include "rows/rows.h"
#include "tool/args.h"
#include "tool/tool.h"

struct run;
struct script;
struct script_regex;

enum tool_hint { HINT_READ, HINT_WRITE, HINT_DESTROY, HINT_BY_RIGHTS };
enum tool_shape {
	SHAPE_SETS,
	SHAPE_TEXT, /* one set whose text item is Markdown */
	SHAPE_CALL, /* with out values */
	SHAPE_DATA,
	SHAPE_CHECK,
	SHAPE_PLAN
};
enum tool_want {
	WANT_NOTHING,
	WANT_SCHEMAS,
	WANT_PROCEDURES,
	WANT_INSTRUCTIONS,
	WANT_UPDATES
};

/* One operation: from this row come the list, the schema, the rights, the
 * look-up and the manual page's check. */
struct tool_def {
	const char *name;
	const char *title;
	enum tool_type type; /* 0: a name that "ops" recognises, no more */
	const char *group;
	unsigned scopes; /* SCOPE_ bits, one of which is needed */
	unsigned verbs;  /* one of which is needed on a source; 0: none */
	enum tool_hint hint;
	enum tool_shape shape;
	enum tool_want want; /* what a source must have to make it useful */
	bool per_source;     /* <source>_<op> exists too */
	bool lax;            /* unknown arguments are ignored */
	const struct arg *args;
	size_t args_size;
	const char *aliases[3]; /* callable, never listed */
	const char *about;
	const char *about_write; /* instead, for a token that may write */
	enum err (*run)(struct run *r, const void *args, struct fault *f);
	/* Instead of the protocol's words for a bad argument; or NULL. */
	enum err (*refused)(struct run *r, struct fault *f);
};

extern const struct tool_def tool_defs[];
extern const size_t tool_ndefs;

/* The index of a base name, or -1. */
int tool_op(struct str name);

/* A configured SQL statement, ready to be a tool or a procedure. */
struct custom {
	const struct conf_tool *conf;
	struct arg *args; /* NULL name at the end; values in custom_slots */
	unsigned verbs;   /* all needed on its source */
	unsigned class;   /* SQL_BIT of the statement */
	size_t op;
	bool reads;
};

struct custom_slot {
	union {
		struct str s;
		int64_t i;
		double d;
		bool b;
	};
	bool present;
};

/* A name that can be called. */
struct entry {
	const struct tool_def *def; /* of custom tools: custom_def */
	struct str name;
	int source; /* of <source>_<op> and custom tools, else -1 */
	const struct custom *custom; /* or NULL */
	const struct script *script; /* or NULL */
	/* Of a configured statement with a JSON file; else NULL. */
	const struct script *described;
	size_t op;
};

/* Of entries that "ops" has no word for; above all of tool_defs. */
#define OP_NONE 127

extern const struct tool_def custom_def;

struct list_page;
#define LIST_PAGES 8

/* What a source has, as far as the list cares. */
struct entry_facts {
	bool known, schemas, procedures;
};

struct catalogue {
	const struct conf *conf;
	struct sources *sources;
	struct arena *arena;
	struct entry *entries;
	size_t nentries;
	const struct custom *customs; /* one for each of conf->tools */
	struct script *scripts;       /* programs as tools */
	size_t nscripts;
	struct conf_left *left; /* of conf->scripts, but unfit */
	size_t nleft;
	/* What JSON files say of configured statements, as in conf->tools. */
	const struct script **described;
	struct script_regex *regex; /* for the patterns of their schemas */
	uint32_t *index;            /* entry + 1 by hash of the name */
	size_t mask;
	uint64_t *kits; /* a bit per entry, for each toolkit */
	size_t kit_words;
	struct entry_facts *facts; /* by source */
	int *order;                /* sources by name */
	int *place;                /* and where each stands in it */
	struct list_page *pages[LIST_PAGES];
	unsigned turn;
};

/* The entry of a name or alias, or NULL. */
const struct entry *catalogue_find(const struct catalogue *c, struct str name);

/* Facts of a source, asked for once. */
const struct entry_facts *catalogue_facts(struct catalogue *c, int source);

/* The driver of a source; one that can nothing where it is not installed. */
const struct source_driver *source_engine(const struct sources *s, int source);

/* Arguments rows that do not exist for this entry. */
unsigned entry_without(struct catalogue *c, const struct entry *e);

/* Sight: who sees what (tools.md 1.4 and 2). */
struct sight {
	struct catalogue *catalogue;
	const struct caller *who;
	const struct tool_filter *filter;
};
bool sight_source(const struct sight *s, int source);
bool sight_lists(const struct sight *s, const struct entry *e);
bool sight_calls(const struct sight *s, const struct entry *e);
/* May it change anything through this entry? */
bool sight_writes(const struct sight *s, const struct entry *e);
/* The only visible source, or -1 when there are none or several. */
int sight_only(const struct sight *s);
/* The next visible source after "after" (-1: the first), by name; -1: none. */
int sight_next(const struct sight *s, int after);
/* The row limit of a source for this caller. */
int64_t sight_max_rows(const struct sight *s, int source);

/* One tool entry as JSON, in the fields of the era (tools.md 1.3). */
void entry_write(const struct sight *s, const struct entry *e, enum era era,
    struct json_out *out);

/* Configured statements as tools (custom.c). */
enum err customs_new(const struct conf *conf, struct sources *sources,
    struct arena *a, const struct custom **out,
    struct fault *f) FAULT_MUST_CHECK;

#define RUN_NOTICES 16

/* A running call. */
struct run {
	struct tool_call *call;
	const struct entry *entry;
	struct sight sight;
	unsigned without;
	struct buf body, twin;
	struct json_out out;
	struct str markdown; /* the text item instead of the JSON, or p NULL */
	struct str notices[RUN_NOTICES];
	size_t nnotices;
	int64_t progress_s; /* last second that was told */
	struct tool_result *result;
};

/* The answer (answer.c): one JSON object into r->out. */
void answer_begin(struct run *r, int64_t max_bytes);
/* "truncated" and what goes with it, "nextCursor" unless empty, "notices". */
void answer_tail(struct run *r, const struct rows_out *rows, bool count,
    struct str cursor);
/* Close it; ERR_TOO_LARGE when it did not fit. */
enum err answer_end(struct run *r, struct fault *f) FAULT_MUST_CHECK;
void answer_notice(struct run *r, struct str text);
/* Text as the inside of a JSON string. */
struct str answer_escape(struct arena *a, struct str text);
/* The text alone, without a code (query_source). */
void error_plain(struct tool_call *c, struct str text, const struct fault *f,
    struct tool_result *out);

/* Cursors (cursor.c): where an answer went on, sealed for this caller. */
struct cursor_of {
	uint8_t hash[16]; /* of what it belongs to */
};
void cursor_hash(struct cursor_of *c, const struct str *parts, size_t n);
struct str cursor_make(const struct run *r, const struct cursor_of *of,
    int64_t offset);
/* The offset, or ERR_CURSOR_INVALID; empty text: 0. */
enum err cursor_open(const struct run *r, const struct cursor_of *of,
    struct str text, int64_t *offset, struct fault *f) FAULT_MUST_CHECK;

#endif
