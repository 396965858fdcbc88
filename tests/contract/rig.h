/* SPDX-License-Identifier: ISC */
/*
 * What the cases about one engine work on: a source of that engine, the last
 * question to it and what came of it.  A test program has one, so it is named
 * without a handle.
 */
#ifndef TESTS_RIG_H
#define TESTS_RIG_H

#include "contract.h"

extern struct conf_source
    spec; /* a case changes it before its first question */
extern struct conf conf;
extern struct sources *sources;
extern struct sql_ask ask;
extern struct outcome out;

/* A source as "as" has it, all else as usual, and questions that may do
 * anything. */
void rig_open(const struct conf_source *as);

/* The end of it, as a teardown of cmocka's. */
int rig_close(void **state);

/* Ask, and keep in "out" what came of it; what was written is committed. */
void run(const char *sql);

/* Ask, and have just these rows. */
void gives(const char *sql, const char *rows);

/* The table t has its two rows. */
void works(void);

/* Ask, and have this code, and nothing of the configuration in its words. */
void fails(const char *sql, const char *code);

/* Rows that are counted and forgotten; "first" is called at the first one. */
struct rig_rows {
	struct row_sink sink; /* set by rig_read */
	void (*first)(void);  /* or NULL */
	int64_t n;
};

/* At most so many rows of a statement; its error. */
enum err rig_read(const char *sql, int64_t most, struct rig_rows *rows);

/* A thousand are wanted of the three million rows of "sql", then "most" of
 * "all"; memory stays where it was. */
void rig_stays_flat(const char *sql, const char *all, int64_t most);

/* A server at a port of 127.0.0.1 that nobody answers for. */
int rig_listen(int *port);

/* server.key and server.crt of "localhost" in a folder, its owner's. */
void rig_certificate(const char *folder);

#endif
