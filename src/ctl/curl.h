/* SPDX-License-Identifier: ISC */
/*
 * One HTTP request through the curl program: by argv, with an empty
 * environment, secrets and bodies in memory files and never in arguments.
 */
#ifndef CTL_CURL_H
#define CTL_CURL_H

#include "base/buf.h"
#include "base/fault.h"

#define CURL_HEADERS 8

struct curl_ask {
	const char *method; /* NULL: GET, or POST with a body */
	const char *url;
	const char *headers[CURL_HEADERS]; /* "Name: value", NULL at the end */
	struct str body;                   /* p NULL: none */
	int seconds;                       /* in all; 0: 20 */
};

struct curl_answer {
	int status; /* 0: no HTTP answer; error says why */
	struct str type, body, error, redirect;
	int64_t first_ms, total_ms;
};

/* Is there a curl program? */
const char *curl_program(void);

/* ERR_UNAVAILABLE when it cannot be run; an answer of any status is ERR_OK. */
enum err curl_run(struct arena *a, const struct curl_ask *ask,
    struct curl_answer *out, struct fault *f) FAULT_MUST_CHECK;

#endif
