/* SPDX-License-Identifier: ISC */
/*
 * Outgoing HTTP: one request, its answer piece by piece as it comes, under a
 * ceiling and a deadline.  Redirects are not followed, proxies of the
 * environment not asked, nothing is kept but the connection; what an address
 * may be is checked when it is known (net/reach.h).  The module "curl" does
 * the work and is opened at first need.
 */
#ifndef NET_FETCH_H
#define NET_FETCH_H

#include "base/clock.h"
#include "base/fault.h"
#include "base/str.h"

struct net;

struct net_ask {
	const char *url;            /* http or https, absolute */
	const char *const *headers; /* "Name: value", NULL at the end */
	struct str body;            /* p NULL: GET, else POST */
	bool once;                  /* never sent again when a kept connection
	                             * turns out to be gone */
	const char *user;           /* Basic, or NULL */
	const char *password;       /* wiped by who gave it; or NULL */
	bool verify;                /* the certificate, with https */
	const char *ca;             /* its file, or NULL: those of the system */
	struct str allowed;         /* addresses that need not be public */
	size_t max_bytes;           /* of the body; more: ERR_TOO_LARGE */
	struct deadline deadline;
	int64_t connect_ms; /* 0: as the deadline has it */
	/* About every 100 ms; false: ERR_CANCELLED.  May be NULL. */
	bool (*beat)(void *arg);
	/* A piece of the body; false: enough, the rest is not read. */
	bool (*take)(void *arg, int status, const char *p, size_t n);
	void *arg;
};

struct net_answer {
	int status;    /* 0: there was none */
	int64_t bytes; /* of the body, as many as came */
	bool enough;   /* (*take) said so */
};

/* A connection's worth of state, for requests one after another.  ERR_CONF
 * with the package to install when the module is not there. */
enum err net_open(struct net **n, struct fault *f) FAULT_MUST_CHECK;
void net_close(struct net *n); /* takes NULL */

/*
 * One request.  Any status is ERR_OK, save a redirect.  Faults: ERR_TIMEOUT,
 * ERR_CANCELLED, ERR_TOO_LARGE, ERR_SOURCE_UNREACHABLE for all else, in words
 * that name no host; the library's own are for the log.
 */
enum err net_fetch(struct net *n, const struct net_ask *q,
    struct net_answer *out, struct fault *f) FAULT_MUST_CHECK;

/* The host of a URL, without brackets; empty when it is none of ours. */
struct str net_host(struct str url);

#endif
