/* SPDX-License-Identifier: ISC */
/*
 * Where two requests meet: the folder "bus" of the state folder.  A request
 * that waits for somebody has files there, each with a lock on it; the lock
 * goes with the process, so what nobody holds is left over and is swept.
 *
 * A file is called KIND.TOKEN.ID, with the id of the token that made it, so
 * that a request of another token does not find it.
 */
#ifndef MCP_BUS_INT_H
#define MCP_BUS_INT_H

#include "base/arena.h"
#include "base/fault.h"
#include "conf/conf.h"

enum bus_kind {
	BUS_ASK,      /* a request that waits for answers of its user */
	BUS_CALL,     /* one that runs and may be cancelled */
	BUS_QUESTION, /* asked, and not answered yet */
	BUS_TAKEN,    /* being answered */
	BUS_REPLY,    /* answered */
	BUS_KINDS
};

struct bus;

/* The folder, made where it is missing, for requests of this token.  Closed
 * with the arena, and with it all that was put there is gone. */
enum err bus_open(struct arena *a, const struct conf *conf, const char *token,
    struct bus **out, struct fault *f) FAULT_MUST_CHECK;

/* Put a file there and hold it; false: it is there already, or cannot be.
 * While one is held SIGTERM waits (bus_leaving), so that nothing stays. */
bool bus_put(struct bus *b, enum bus_kind kind, struct str id);

/* Is it still there, also under another process's hands? */
bool bus_has(const struct bus *b, enum bus_kind kind, struct str id);

/* How many files this process holds there, and taking all back but the first
 * so many. */
size_t bus_held(const struct bus *b);
void bus_drop(struct bus *b, size_t keep);

/* Was this process told to leave while it held something? */
bool bus_leaving(const struct bus *b);

/*
 * A place among those that ask: at most "own" for this token, and "all" of
 * every token; ERR_BUSY beyond.  Sweeps.
 */
enum err bus_seat(struct bus *b, int own, int all,
    struct fault *f) FAULT_MUST_CHECK;

/*
 * Wait until something changes in the folder, or so long.  Look first, then
 * wait; the first call only begins to watch, and returns at once.
 */
void bus_wait(struct bus *b, int ms);

/* Answer a question of this token; false: nobody asked, or it has been
 * answered. */
bool bus_answer(struct bus *b, struct str id, struct str text);

/* The answer, once it is there; p NULL before. */
struct str bus_reply(struct bus *b, struct str id, size_t max);

/* Remove a file whoever holds it, which tells him; false: it is not there. */
bool bus_remove(struct bus *b, enum bus_kind kind, struct str id);

/* Remove what is left over in the folder of a site; how many files. */
int64_t bus_sweep(const struct conf *conf);

#endif
