/* SPDX-License-Identifier: ISC */
/* Inside the room http. */
#ifndef HTTP_HTTP_INT_H
#define HTTP_HTTP_INT_H

#include "http/http.h"

enum {
	/* Seconds without progress after which a reader is given up. */
	HTTP_SEND_TIME_S = 30,
	/* All parameters of a FastCGI request together (H11). */
	HTTP_PARAMS_MAX = 65536
};

/* Traits of a parameter we read. */
enum {
	FIELD_KEEP_EMPTY = 1, /* present with no value is not absent */
	FIELD_MARK = 2, /* only its presence counts: any size, any number */
	FIELD_ONE = 4,  /* a list in it is a header that came twice */
	FIELD_AUTH = 8  /* size and number are for the room auth */
};

struct field_name {
	const char *name;
	uint8_t len;
	uint8_t field; /* enum http_field */
	uint8_t rank;  /* of several names of one field the lowest counts */
	uint8_t traits;
};

/* The row of a parameter name; NULL when it is none of ours. */
const struct field_name *field_find(const char *name, size_t len);

/* The row of a field with rank 0, for its name and traits. */
const struct field_name *field_row(enum http_field field);

/* Path and query of the request from REQUEST_URI, or from SCRIPT_NAME and
 * PATH_INFO where the server gives none. */
enum err path_of(struct http_req *req, struct fault *f) FAULT_MUST_CHECK;

/* Send all of v, giving a reader HTTP_SEND_TIME_S without progress.  Changes
 * v.  "is_socket" chooses sendmsg, which raises no SIGPIPE. */
bool send_all(int fd, struct iovec *v, int n, bool is_socket);

/* The iovec array without its first "done" bytes; returns the new count. */
int iov_advance(struct iovec **v, int n, size_t done);

/*
 * FastCGI records on the way out: as many as one sendmsg takes, each up to
 * 64 KiB, headers and pieces gathered.
 */
enum { RECORDS_MAX = 16, RECORD_PIECES = 64, RECORD_BODY = 65528 };

struct records {
	uint16_t id;
	const struct iovec *in; /* what is left to send */
	int nin;
	size_t skip; /* bytes of in[0] that are done */
	bool last;   /* the end records are due after the last byte */
	struct iovec v[RECORD_PIECES];
	int n;
	unsigned char head[RECORDS_MAX][8];
	unsigned char end[24];
};

/* Start on n pieces for a request. */
void records_init(struct records *r, uint16_t id, const struct iovec *in, int n,
    bool last);

/* Fill r->v and r->n with the next batch; false when nothing is left. */
bool records_next(struct records *r);

#endif
