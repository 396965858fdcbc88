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

/* accept.c: from now on SIGTERM and SIGUSR1 end the wait for a connection. */
void accept_start(void);

/* The next connection on a listening socket; -1: leave, because somebody asked
 * for it or the socket is of no use. */
int accept_next(int listening);

/* May this web server come?  Empty or NULL: every one may. */
struct address;
bool accept_allows(const char *servers, const struct address *from);

/*
 * FastCGI records on the way in, of one connection with one request.  Nothing
 * is taken for true because the peer says so: lengths are compared with what
 * is there, and everything has its own ceiling (H11).
 */
enum {
	INTAKE_RAW = 16384, /* bytes read at once */
	INTAKE_PARAMS = HTTP_PARAMS_MAX + 8192,
	INTAKE_NAMES = 1024,   /* parameters of one request */
	INTAKE_FIRST_S = 2,    /* for a connection to say something at all */
	INTAKE_TIME_S = 15,    /* for the parameters to arrive */
	INTAKE_SKIP = 1 << 20, /* bytes of records that are not for us */
};

struct intake {
	int fd; /* -1: no connection */
	uint16_t id;
	bool begun;
	bool ended;    /* the body has its end record */
	bool too_much; /* parameters over their ceiling, read away */
	/* The record in hand. */
	unsigned char type;
	size_t content, padding; /* bytes of it still to come */
	size_t skipped;
	/* Bytes that have been read and not looked at. */
	size_t at, have;
	size_t raw_top, params_top; /* how far they were ever filled */
	unsigned char raw[INTAKE_RAW];
	/* The parameters, in place as NAME=value, and where each begins. */
	size_t nparams;
	char params[INTAKE_PARAMS];
	char *env[INTAKE_NAMES + 1];
};

enum intake_err {
	INTAKE_OK,
	INTAKE_CLOSED, /* the peer went, or spoke no FastCGI: nothing to say */
	INTAKE_ROLE    /* another role than responder: say so */
};

/* Take up a connection; "fd" stays the caller's. */
void intake_start(struct intake *in, int fd);

/* Read up to the end of the parameters. */
enum intake_err intake_request(struct intake *in, struct deadline d);

/* Bytes of the body, as http_io.read promises. */
ssize_t intake_body(struct intake *in, void *p, size_t n, struct deadline d);

/* Is nothing of the request left unread?  Waits for nothing. */
bool intake_is_empty(struct intake *in);

/* Wipe what was read: a credential was in it. */
void intake_done(struct intake *in);

/* Parameters as they came (FastCGI 3.4), n bytes at p, into "NAME=value" and
 * zeros in the same place; false when a length lies or a name cannot be. */
bool params_split(char *p, size_t n, char **env, size_t max);

#endif
