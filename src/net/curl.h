/* SPDX-License-Identifier: ISC */
/* What the module "curl" offers; it needs nothing of the program. */
#ifndef NET_CURL_H
#define NET_CURL_H

#include <sys/socket.h>

#include "net/fetch.h"

enum curl_end {
	CURL_END_OK,
	CURL_END_MEMORY,
	CURL_END_HOST,    /* the name is not known */
	CURL_END_ADDRESS, /* (*may) said no, and nothing else was left */
	CURL_END_CONNECT,
	CURL_END_TLS,
	CURL_END_CERTIFICATE,
	CURL_END_BROKEN, /* the answer stopped, or is no HTTP */
	CURL_END_REDIRECT,
	CURL_END_LARGE,
	CURL_END_TIME,
	CURL_END_CANCELLED,
	CURL_END_URL
};

/* May a socket go there? */
struct curl_gate {
	bool (*may)(const void *arg, const struct sockaddr *sa);
	const void *arg;
	int64_t (*now_ms)(void);
};

#define CURL_WHY 256

/* Module and program are of one build: what they share has the same shape. */
#define CURL_MODULE_VERSION                                                 \
	((int)(sizeof(struct net_ask) * 31 + sizeof(struct curl_gate) * 7 + \
	       sizeof(struct net_answer)))

struct curl_module {
	int version;
	void *(*open)(void); /* NULL: no memory */
	void (*close)(void *conn);
	enum curl_end (*fetch)(void *conn, const struct net_ask *q,
	    const struct curl_gate *gate, struct net_answer *out,
	    char why[static CURL_WHY]);
};

#endif
