/* SPDX-License-Identifier: ISC */
/* The last privileges go (SECURITY_MODEL 9). */
#ifndef CGI_BIN_SANDBOX_H
#define CGI_BIN_SANDBOX_H

#include "conf/conf.h"

/* Before anything is read: no stray descriptors, a private umask, no proxy
 * from the environment (H3). */
void sandbox_start(void);

/*
 * After the configuration is read: limits, no new privileges, no dumps,
 * Landlock, seccomp.  What the system lacks is logged; false when it is
 * missing and the configuration requires it.
 */
bool sandbox_enter(const struct conf *conf, bool is_cgi);

/* Does "conf" name a place that the sandbox entered with "old" shuts out? */
bool sandbox_outgrown(const struct conf *old, const struct conf *conf);

#endif
