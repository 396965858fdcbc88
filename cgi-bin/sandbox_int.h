/* SPDX-License-Identifier: ISC */
/* The two heavy steps of the sandbox. */
#ifndef CGI_BIN_SANDBOX_INT_H
#define CGI_BIN_SANDBOX_INT_H

#include "conf/conf.h"

/* Only the places the configuration names can be opened.  False: the kernel
 * has no Landlock. */
bool landlock_enter(const struct conf *conf);

/* System calls that we never make are refused; running programs and signals to
 * others are among them unless "programs" are configured, and so are sockets
 * of our own unless there are programs or sources on a "network".  False: no
 * seccomp filter, or a machine whose numbers we do not know. */
bool seccomp_enter(bool programs, bool network);

/* Does any source need a module, and so its libraries and sockets? */
bool sandbox_has_modules(const struct conf *conf);

#endif
