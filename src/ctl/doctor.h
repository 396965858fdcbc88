/* SPDX-License-Identifier: ISC */
/* The doctor's findings, and the two rounds that make them. */
#ifndef CTL_DOCTOR_H
#define CTL_DOCTOR_H

#include "ctl/ctl.h"

enum finding {
	FIND_GOOD,
	FIND_NOTE, /* worth knowing */
	FIND_WARN, /* works, but should be changed */
	FIND_BAD   /* does not work */
};

struct doctor {
	struct ctl *c;
	size_t counts[FIND_BAD + 1];
};

/*
 * One finding: which check, what it saw, and, unless all is well, the one
 * line that would change it ("fix", or NULL).
 */
void find(struct doctor *d, enum finding level, const char *check,
    const char *fix, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* The site from inside: CTL_CONF when its configuration is broken. */
enum ctl_exit doctor_in(struct doctor *d);

/* The kernel, the handler, its modules. */
void doctor_host(struct doctor *d);

/* Lines of web servers on this machine that name mcp.fcgi. */
void doctor_servers(struct doctor *d);

/* The store: its databases, or its server, and its keys. */
void doctor_store(struct doctor *d);
/* A fault as a broken thing, "about" what (NULL: its words say it).  The hint
 * says what to change, "fix" where there is none. */
void find_fault(struct doctor *d, const char *check, const char *about,
    const char *fix, const struct fault *f);

/* A file of the state folder. */
const char *doctor_state(struct doctor *d, const char *name);

/* Does a source open, and is what is configured for it about something? */
void doctor_source(struct doctor *d, const struct conf_source *s);

/* The address from outside, as a client reaches it; token may be NULL. */
enum ctl_exit doctor_out(struct doctor *d, const char *url, const char *token);

#endif
