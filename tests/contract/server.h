/* SPDX-License-Identifier: ISC */
/* What starting a database server of the tests' own needs, whichever it is. */
#ifndef TESTS_SERVER_H
#define TESTS_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A port of the loopback that nobody listens at. */
int server_port(void);

/* A new folder "/tmp/NAME.XXXXXX" that belongs to the server's user; as root
 * that is "user", who must exist, else whoever runs the tests.  False: there
 * is no such user. */
bool server_folder(char *folder, size_t size, const char *name,
    const char *user);

/* Run a program in the folder as the server's user, its words in FOLDER/log;
 * it ends with us, by SIGQUIT. */
pid_t server_run(const char *folder, const char *user, const char *path,
    char *const *args);

/* End it, wait for it. */
void server_end(pid_t *pid, int signal);

/* Remove the folder. */
void server_remove(const char *folder);

#endif
