/* SPDX-License-Identifier: ISC */
/*
 * Inside of the room: the row of the table of settings, the groups they stand
 * in, the text of all files as one, and the walk that brings them together.
 */
#ifndef CONF_CONF_INT_H
#define CONF_CONF_INT_H

#include <sys/stat.h>

#include <libconfig.h>

#include "base/arena.h"
#include "base/str.h"
#include "conf/conf.h"

/* How a setting is written, and so what it is stored as. */
enum setting_type {
	SET_GROUP,       /* of settings, or of named things */
	SET_TEXT,        /* const char * */
	SET_PATH,        /* const char *, absolute */
	SET_BOOL,        /* bool */
	SET_INT,         /* int or int64_t */
	SET_SIZE,        /* bytes: int or int64_t */
	SET_TIME,        /* seconds: int or int64_t */
	SET_MILLIS,      /* a duration stored in milliseconds */
	SET_NUMBER,      /* double */
	SET_RATE,        /* struct conf_rate without its burst */
	SET_WORD,        /* one of row.words: bool or int */
	SET_LIST,        /* struct conf_names; row.words may restrict it */
	SET_VALUE,       /* const char *: any scalar, as text */
	SET_SECRET,      /* struct secret, written here */
	SET_SECRET_FILE, /* struct secret, from a file */
	SET_SECRET_ENV,  /* struct secret, from the environment */
	SET_TYPES
};

/* The groups settings stand in. */
enum group {
	GROUP_TOP,
	GROUP_LIMITS,
	GROUP_SOURCE,
	GROUP_ENVIRONMENT,
	GROUP_TOOL,
	GROUP_PARAM,
	GROUP_TOOLKIT,
	GROUP_RESOURCE,
	GROUP_RESOURCE_PARAM,
	GROUP_PROMPT,
	GROUP_PROMPT_PARAM,
	GROUP_MESSAGE,
	GROUP_ASK,
	GROUP_ASK_PARAM,
	GROUP_TASKS,
	GROUP_STORE,
	GROUP_COUNT
};

struct word {
	const char *name;
	int value;
};

/* Looks at one text; what is wrong with it ("must …"), or NULL. */
typedef const char *text_check(const char *text);

/* One setting.  Members left out are zero. */
struct setting {
	const char *path; /* "sources.*.timeout" */
	const char *dflt; /* as written, without quotes; NULL: none */
	const char *about;
	const struct word *words; /* up to a name of NULL */
	text_check *check;        /* of a text, or of each of a list */
	int64_t min, max;         /* max == 0: not limited */
	uint16_t at;              /* offset in the struct of its group */
	uint16_t has;             /* offset of a bool "was given", or 0 */
	uint16_t where;           /* offset of a struct conf_at, or 0 */
	uint8_t type;             /* enum setting_type */
	uint8_t group;            /* enum group: where it stands */
	uint8_t size;             /* of the member */
	uint8_t child;            /* SET_GROUP: what stands in it */
	bool need;                /* must be given */
	bool source;              /* names a source, which must exist */
	bool again;               /* a list that may hold a text twice */
};

/* Row number i of all settings, NULL past the last. */
const struct setting *conf_row(size_t i);

struct walk;

/* One group.  size == 0: there is one, and its members are its parent's;
 * otherwise named things, kept as an array in the parent's struct, each
 * with its name as first member.  Things of a list have no names but their
 * numbers, from 1 on. */
struct group_def {
	const char *path;  /* "sources.*" */
	const char *about; /* what a name in it names, "a source" */
	const char *rule;  /* how such a name is written */
	bool (*named)(const char *name); /* NULL: it is a list */
	/* Checks one thing once all its settings are read. */
	void (*done)(struct walk *w, const config_setting_t *s, void *thing);
	uint16_t size;
	uint16_t items, count; /* offsets in the parent's struct */
	uint16_t at;           /* offset of the thing's struct conf_at */
	uint32_t most;
	uint8_t like; /* has the rows of that group; 0: rows of its own */
};

extern const struct group_def conf_groups[GROUP_COUNT];

/* The rows of one group: they stand together in the table. */
#define SETTINGS_MAX 128 /* of one group */
struct span {
	const struct setting *row;
	size_t n;
};
struct span group_rows(enum group g);

/* The last piece of a row's path. */
const char *setting_name(const struct setting *s);

/* --- files.c: reading one file, and its being unchanged --- */

struct conf_file {
	const char *path; /* absolute */
	struct str text;
	struct stat st;
};

struct conf_stat {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec mtime, ctime;
};

#define CONF_FILE_MAX  ((size_t)1 << 20)
#define CONF_TEXT_MAX  ((size_t)4 << 20)
#define CONF_FILES_MAX 256
#define CONF_DEPTH_MAX 10

/* Read and check one file; what is wrong with it, or NULL. */
const char *file_read(struct arena *a, const char *path, struct conf_file *out);

/* Who else could have written it?  What is wrong, or NULL. */
const char *file_owned(struct arena *a, const struct stat *st);

/* Why this file may not lie where it lies (the document root), or NULL. */
const char *file_place(const char *path);

/* "path" as seen from the file "from". */
const char *file_beside(struct arena *a, const char *from, const char *path);

/* Line number "line" (from 1) of a text. */
struct str text_line(struct str text, int line);

/* --- complain.c --- */

struct complaint {
	int line;   /* in the joined text; 0: before any */
	size_t seq; /* order among those of one line */
	const char *text;
};

/* --- text.c and scan.c: all files as one text --- */

/* From line "line" of the joined text on, the lines are those of "file" from
 * "first" on. */
struct part {
	int line;
	int file;
	int first;
};

struct walk {
	struct conf *c;
	struct arena *a;
	struct buf text; /* all files joined, as libconfig gets it */
	struct conf_file *files;
	size_t nfiles, files_cap;
	int lines; /* number of the line of text that is being written */
	struct part *parts;
	size_t nparts, parts_cap;
	struct complaint *complaints;
	size_t ncomplaints, seq;
	size_t nleft; /* kept or not: how often leave_out was called */
	bool torn;    /* an include is missing: do not complain of what lacks */
	bool broken;  /* quotes or brackets are wrong: no use in parsing */
	struct span rows[GROUP_COUNT];
	/* Things of each group with nothing but defaults, to copy from. */
	void *fresh[GROUP_COUNT];
	struct ref *refs; /* names of sources, looked up at the end */
	size_t nrefs, refs_cap;
	struct ref *uris; /* of resources: uri, and in "where" the name */
	size_t nuris;
	size_t watched_cap;
	struct conf_stat *stats;
	size_t scripts_cap;
	struct conf_stat *script_stats;
};

/* A name of a source somewhere in the configuration. */
struct ref {
	const char *name;
	const char *where;
	int line;
};

/* Complain about a line of the joined text. */
void complain(struct walk *w, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* A program of the folder is no tool: say why.  "at": its file and line. */
void leave_out(struct walk *w, const char *tool, struct conf_at at,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Write them all, in the order of the files' lines, and make the fault. */
enum err complain_all(struct walk *w, struct buf *to, struct fault *f);

/* " (did you mean "x"?)", or "" when nothing is near. */
const char *did_you_mean(struct arena *a, const char *word,
    const char *const *known);

/* The file and line behind a line of the joined text. */
struct conf_at text_at(const struct walk *w, int line);
const struct conf_file *text_file(const struct walk *w, int line);

/* Join the main file and all it includes into w->text. */
void text_join(struct walk *w, const char *path);

/* The line being written, and those after it, are those of this file. */
void text_part(struct walk *w, int file, int first);

/* Read a file; its index, or -1 after a complaint about the line being
 * written, which includes it. */
int text_open(struct walk *w, const char *path);

/* Copy one file to w->text, its includes with it.  "above" are the files that
 * include it. */
struct scan_above {
	const struct scan_above *up;
	int file;
	int depth;
	int line; /* of the joined text, where the include stands */
};
void scan_file(struct walk *w, int file, const struct scan_above *up);

/* Why libconfig refused the text, with the line and a hint (syntax.c). */
void text_syntax(struct walk *w, const config_t *tree);

/* --- walk.c, read.c, value.c, secrets.c --- */

/* The whole tree into w->c. */
void walk_all(struct walk *w, const config_setting_t *root);

/* Read one setting into its struct; complains and leaves it when it cannot
 * (read.c). */
void value_read(struct walk *w, const struct setting *row,
    const config_setting_t *s, const char *path, void *in);

/*
 * Store a default, or a text that stands for a value (value.c).  These give
 * what is wrong with it ("must …"), or NULL.
 */
const char *value_text(struct arena *a, const struct setting *row,
    const char *text, void *in);
const char *value_int(struct arena *a, const struct setting *row, int64_t v,
    void *in);
const char *word_wrong(struct arena *a, const struct setting *row,
    const char *text);

/* "must …, not "text"", so that the reader sees what was read. */
const char *wrong_text(struct arena *a, const char *wrong, const char *text);

/* The shortest text that reads back as v, with a point or an exponent. */
#define NUMBER_TEXT 40
void number_text(char out[static NUMBER_TEXT], double v);

/* The words for a type: "a duration". */
const char *type_name(enum setting_type t);

/* Read one of the three forms of a secret. */
void secret_read(struct walk *w, const struct setting *row,
    const config_setting_t *s, const char *path, void *in);

/* Have conf_changed look at this file too. */
void watch_file(struct walk *w, const char *path, const struct stat *st);

/* A reload will want this variable again. */
void watch_variable(struct walk *w, const char *name);

/* Look at this too for a reload, but do not serve it as a file of ours. */
void watch_script(struct walk *w, const char *path, const struct stat *st);

/* The state of a file, as conf_changed compares it. */
struct conf_stat stat_of(const struct stat *st);

/* --- scripts.c, script_text.c: programs as tools --- */

/* Is this a program that may be run as a tool?  What is wrong, or NULL. */
const char *script_wrong(struct walk *w, const char *path);

/* What a tool with a command must and may have. */
void tool_done(struct walk *w, const config_setting_t *s, void *thing);

/* The scripts of tools_dir into w->c. */
void scripts_find(struct walk *w);

/* What the leading comment lines of a program say of it. */
void script_describe(struct walk *w, const char *path, struct str text,
    struct conf_tool *t);

/* --- content.c: resources and prompts --- */

text_check check_uri, check_mime;
void resource_done(struct walk *w, const config_setting_t *s, void *thing);
void message_done(struct walk *w, const config_setting_t *s, void *thing);
void ask_done(struct walk *w, const config_setting_t *s, void *thing);
void prompt_done(struct walk *w, const config_setting_t *s, void *thing);

/* What they must not have in common; their sources by number. */
void content_check(struct walk *w);

/* --- check.c: what one row cannot see --- */
text_check check_url, check_origin, check_host, check_address, check_variable,
    check_folder, check_capability, check_csp, check_deny, check_mask;
bool named_source(const char *name), named_tool(const char *name),
    named_param(const char *name);
void source_done(struct walk *w, const config_setting_t *s, void *thing);
void store_done(struct walk *w, const config_setting_t *s, void *thing);
void param_done(struct walk *w, const config_setting_t *s, void *thing);
void check_all(struct walk *w);

#endif
