/* SPDX-License-Identifier: ISC */
/* The clients we have lines for. */
#ifndef CTL_CLIENT_H
#define CTL_CLIENT_H

#include "ctl/ctl.h"

struct client_row {
	const char *word;  /* as on the command line */
	const char *title; /* as the client calls itself */
	const char *where; /* where the lines go */
	const char *text;  /* @NAME@ @URL@ @TOKEN@ are filled in */
};

extern const struct client_row client_rows[];
extern const size_t client_nrows;

#endif
