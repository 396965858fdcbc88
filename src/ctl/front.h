/* SPDX-License-Identifier: ISC */
/* A lighttpd of our own on loopback, with all it leaves in one private
 * folder, and nothing of it left behind. */
#ifndef CTL_FRONT_H
#define CTL_FRONT_H

#include <sys/types.h>

#include "ctl/ctl.h"

struct front {
	struct arena *arena;
	const char *handler;         /* absolute path of mcp.fcgi */
	const char *conf;            /* absolute path of mcp.conf */
	const struct conf *settings; /* names the variables CGI must get too */
	bool cgi;
	int workers;
	int port;        /* 0: a free one, told here */
	const char *url; /* told here */
	int listener;    /* -1 once lighttpd has it */
	pid_t pid;       /* of lighttpd and its group, 0 when there is none */
	bool died;       /* lighttpd has; its children may be there */
	char dir[64];    /* "" before there is one */
};

/*
 * Listen, write the configuration, start lighttpd.  Signals of front_wait are
 * blocked from here on.  On failure front_stop tidies up.
 */
enum err front_start(struct front *w, struct fault *f) FAULT_MUST_CHECK;

/* Wait until it answers under w->url with less than 500. */
enum err front_ready(struct front *w, struct fault *f) FAULT_MUST_CHECK;

/* Wait for SIGTERM, SIGINT or SIGHUP (ERR_OK), or lighttpd's end. */
enum err front_wait(struct front *w, struct fault *f) FAULT_MUST_CHECK;

/* End lighttpd and every process it started, remove the folder. */
void front_stop(struct front *w);

/* The text of lighttpd's configuration, for front_start and the tests. */
void front_conf(const struct front *w, struct buf *to);

#endif
