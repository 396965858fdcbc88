/* SPDX-License-Identifier: ISC */
/* The server behind site_server() of store_site.h. */
#ifndef TESTS_STORE_SERVER_H
#define TESTS_STORE_SERVER_H

#include "tests/contract/pgsql_server.h"

/* Started by the first site of the program, ended with it. */
extern struct pgsql_server store_server;

#endif
