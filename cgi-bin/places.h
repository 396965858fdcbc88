/* SPDX-License-Identifier: ISC */
/* Places for standing streams: so many in all, so many for each token. */
#ifndef CGI_BIN_PLACES_H
#define CGI_BIN_PLACES_H

#include "conf/conf.h"

/* A place taken by this process. */
struct place {
	int fd; /* -1: none */
};

/*
 * Take one of the places of the state folder for "id" (a text without zeros,
 * at most PLACE_ID bytes): ERR_RATE when it has "each" of them already,
 * ERR_UNAVAILABLE when all of them are taken or the folder cannot be used.
 */
enum { PLACE_ID = 31 };
enum err place_take(struct place *p, const char *state, const char *id,
    int each, int all, struct fault *f) FAULT_MUST_CHECK;

/* Give it back; the end of the process does it too.  A zeroed struct must not
 * come here, one of a failed place_take may. */
void place_leave(struct place *p);

#endif
