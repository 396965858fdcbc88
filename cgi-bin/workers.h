/* SPDX-License-Identifier: ISC */
/* Several processes on one socket. */
#ifndef CGI_BIN_WORKERS_H
#define CGI_BIN_WORKERS_H

enum { WORKERS_MAX = 256 };

/* A worker that ends with this cannot do its work on this machine at all:
 * the keeper gives up with the same status. */
enum { WORKERS_EXIT_FATAL = 3 };

/*
 * Keep n processes alive.  Returns in each of them, to serve; the one that
 * keeps them does not return but ends with the last.
 */
void workers_run(int n);

/*
 * This process will be long at one request: let its keeper start another in
 * its place.  It must end when that request does.  Without a keeper nothing
 * happens.
 */
void workers_stand(void);

#endif
