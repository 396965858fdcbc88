/* SPDX-License-Identifier: ISC */
/*
 * File sources: CSV, TSV and JSON lines, one file or a folder of them, read
 * as tables.  They are imported into one SQLite file in the state folder,
 * which the SQLite driver then serves.
 */
#ifndef SOURCE_FILES_H
#define SOURCE_FILES_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/fault.h"

struct conf;
struct conf_source;

/* Told now and then while files are read; false: stop. */
struct files_watch {
	struct deadline deadline;
	bool (*beat)(void *arg, int64_t done, int64_t total); /* bytes */
	void *arg;
};

/* What an import did. */
struct files_report {
	bool fresh; /* nothing had changed, nothing was done */
	int64_t bytes, rows, tables;
	int64_t wrong;    /* rows left out (on_error = skip) */
	struct str lines; /* the first of them, "file:line: why", one a line */
};

/* The name of the driver in the configuration. */
#define FILES_DRIVER "files"

/*
 * Bring the imported copy of a source up to date; one process does it, others
 * that ask meanwhile wait for it.  The old copy stays until the new one is
 * whole.  "most": larger files are left to "mcpctl import", 0 takes any size.
 * ERR_SOURCE_UNREACHABLE: a file is missing or holds wrong rows (the first of
 * them in the sentence, more in the report's lines); ERR_TIMEOUT,
 * ERR_CANCELLED as the watch says.
 */
enum err files_import(const struct conf *conf, const struct conf_source *spec,
    int64_t most, const struct files_watch *w, struct arena *a,
    struct files_report *out, struct fault *f) FAULT_MUST_CHECK;

/*
 * What a request would find, without changing anything: the copy is fresh, or
 * the files can be read in (they are, for nothing), or ERR_BUSY: they wait for
 * "mcpctl import"; else the faults of files_import.  "column" is told of every
 * column there is; the report of a fresh copy is that of its import.
 */
struct files_eye {
	void (*column)(void *arg, struct str table, struct str column);
	void *arg;
};
enum err files_look(const struct conf *conf, const struct conf_source *spec,
    const struct files_watch *w, const struct files_eye *eye, struct arena *a,
    struct files_report *out, struct fault *f) FAULT_MUST_CHECK;

/* Is an entry of "types" for this column? */
bool files_type_is_for(const char *entry, struct str table, struct str column);

/* Where the imported copy of a source is. */
struct str files_cache(struct arena *a, const struct conf *conf,
    const struct conf_source *spec);

#endif
