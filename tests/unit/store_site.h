/* SPDX-License-Identifier: ISC */
/* A state folder for one test, made fresh and removed afterwards. */
#ifndef TESTS_UNIT_STORE_SITE_H
#define TESTS_UNIT_STORE_SITE_H

#include "base/arena.h"
#include "store/store.h"

struct db;

struct site {
	char folder[64];
	char state[80];
	struct conf conf;
	struct store *store;
	struct arena *arena;
};

/*
 * The server that keeps the keys of the sites of this program: true and
 * where; false, they lie in the state folder.  Each program has one of
 * store_folder.c and store_server.c.
 */
bool site_server(struct conf_source *out);

/* The same tables on a connection of their own. */
struct db *site_db(struct site *s);

/* Made and opened; ends the test program when that fails. */
void site_make(struct site *s);
void site_remove(struct site *s);

/* Close and open the store again; the error of opening. */
enum err site_reopen(struct site *s, struct fault *f);

/* A path in the state folder, from the arena. */
const char *site_path(struct site *s, const char *name);

/* A well-formed token of an id and a secret (43 characters). */
void site_token(char token[static KEY_TEXT_LEN + 1], const char *id,
    const char *secret);

/* Call fn for each plain file of the folder; how many there are. */
int site_each(const char *folder, void (*fn)(const char *name));

/* Does any file below the folder hold these bytes? */
bool site_holds(struct site *s, struct str needle);

#endif
