/* SPDX-License-Identifier: ISC */
/*
 * One HTTP request and one answer, over CGI or FastCGI (RFC 3875, the FastCGI
 * specification).  The handler does not care which: struct http_io does.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include <stdbool.h>
#include <sys/uio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/str.h"

/* The bytes below a request.  io_cgi.c, io_fcgi.c and the tests fill one. */
struct http_io {
	char **env;   /* NAME=value, NULL at the end; hostile */
	bool is_cgi;  /* one request per process; no bound on the environment */
	bool too_big; /* there was more of it than there is room for */
	/* Read up to n bytes of the body before the deadline: > 0, 0 at the end,
	 * -1 on failure or when the time is over (errno ETIMEDOUT). */
	ssize_t (
	    *read)(struct http_io *io, void *p, size_t n, struct deadline d);
	/* Send all of it; "last" ends the answer in the same call.  False: the
	 * client or the server is gone. */
	bool (
	    *send)(struct http_io *io, const struct iovec *v, int n, bool last);
	/* Has the peer hung up?  Never waits. */
	bool (*gone)(struct http_io *io);
	/* Frame n bytes into "to" exactly as one send(…, last = true) would put
	 * them on the wire, and name the descriptor, so that a signal handler
	 * can answer with write(2) alone.  False when it does not fit. */
	bool (*frame)(struct http_io *io, struct str answer, struct buf *to,
	    int *fd);
	void *arg;
};

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_PUT,
	HTTP_DELETE,
	HTTP_OPTIONS,
	HTTP_OTHER
};

/* The parameters we read, each found in one pass over the environment. */
enum http_field {
	HTTP_F_REQUEST_METHOD,
	HTTP_F_REQUEST_URI,
	HTTP_F_SCRIPT_NAME,
	HTTP_F_PATH_INFO,
	HTTP_F_QUERY_STRING,
	HTTP_F_CONTENT_TYPE,
	HTTP_F_CONTENT_LENGTH,
	HTTP_F_CONTENT_ENCODING,
	HTTP_F_ACCEPT,
	HTTP_F_AUTHORIZATION, /* HTTP_, REDIRECT_HTTP_ or REDIRECT_REDIRECT_HTTP_ */
	HTTP_F_API_KEY,
	HTTP_F_ORIGIN,
	HTTP_F_HOST,
	HTTP_F_REFERER,
	HTTP_F_COOKIE,
	HTTP_F_SEC_FETCH, /* any HTTP_SEC_FETCH_* */
	HTTP_F_PROTOCOL_VERSION,
	HTTP_F_MCP_METHOD,
	HTTP_F_MCP_NAME,
	HTTP_F_SESSION_ID,
	HTTP_F_REMOTE_ADDR,
	HTTP_F_FORWARDED_FOR,
	HTTP_F_SERVER_ADDR,
	HTTP_F_SERVER_SOFTWARE,
	HTTP_F_DOCUMENT_ROOT,
	HTTP_F_MCP_CONFIG,
	HTTP_F_USER_AGENT,
	HTTP_F_COUNT
};

struct http_limits {
	size_t body, header;
	int body_time_s;
};

struct http_req {
	struct http_io *io;
	struct arena *arena;
	enum http_method method;
	struct str path;  /* of REQUEST_URI, decoded once, no dot segments */
	struct str query; /* raw */
	struct str field[HTTP_F_COUNT]; /* trimmed; p == NULL: absent */
	uint64_t twice;                 /* bit HTTP_F_x: came more than once */
	struct http_limits limits;
	bool is_cgi;
	bool body_read; /* nothing of the body is left to drain */
};

/*
 * Read the parameters (not the body).  Faults: ERR_BAD_URL, ERR_NOT_FOUND
 * (dot segments), ERR_HEADER_BIG, ERR_HEADER (a parameter twice; for
 * Authorization only the bit in "twice" is set, that is auth's to refuse).
 */
enum err http_read(struct http_io *io, const struct http_limits *l,
    struct arena *a, struct http_req *req, struct fault *f) FAULT_MUST_CHECK;

/* The value of any other header, by its CGI name ("HTTP_MCP_PARAM_SOURCE");
 * false when absent; *twice when it came more than once. */
bool http_param(const struct http_req *req, const char *cgi_name,
    struct str *value, bool *twice);

/* Content-Type and Content-Encoding of a POST (mcp.md 3.2): ERR_MEDIA. */
enum err http_check_type(const struct http_req *req,
    struct fault *f) FAULT_MUST_CHECK;

/*
 * Read the body: CONTENT_LENGTH if it is 1..10 digits, else to the end; under
 * the cap and the deadline of the limits (SECURITY_MODEL H6, H7).  On
 * ERR_BODY_BIG the rest is drained up to 8 MiB or 2 s.
 */
enum err http_body(struct http_req *req, struct str *body,
    struct fault *f) FAULT_MUST_CHECK;

/*
 * Read away what is left of a body nobody wanted, up to 8 MiB or 2 s: nginx
 * and Apache turn an answer before the end of the request into a 502 (H6).
 * Does nothing where no body is expected or all of it was read.
 */
void http_drain(struct http_req *req);

/* What Accept allows; none, or the range for all types, is json and sse. */
struct http_accept {
	bool json, sse, html;
	bool sse_named; /* text/event-stream stands there by name */
};
struct http_accept http_accept(const struct http_req *req);

/* First value of a query parameter, decoded ('+' is a space); false when
 * absent, ERR_BAD_URL for a broken escape. */
enum err http_query(const struct http_req *req, const char *name,
    struct arena *a, bool *present, struct str *value,
    struct fault *f) FAULT_MUST_CHECK;

/* Percent-decoding (RFC 3986 2.1); false for a broken escape. */
bool url_decode(struct arena *a, struct str in, bool plus, struct str *out);

/* The answer.  Nothing is sent before http_send, save a stream. */
#define HTTP_PIECES 8

struct http_res {
	struct arena *arena;
	struct http_io *io;
	int status;
	const char *type;             /* Content-Type; NULL: no body */
	struct buf head;              /* further header lines, CRLF each */
	struct str body[HTTP_PIECES]; /* gathered, never copied */
	size_t nbody;
	size_t max;
	bool head_only; /* HEAD: everything but the body */
	bool streaming; /* the header has left: only events now */
	bool ended;     /* the stream has its end */
	bool gone;      /* the client has */
	size_t sent;    /* bytes of body, for the log */
};

void http_res_init(struct http_res *res, struct arena *a, struct http_io *io,
    size_t max);

/* May this stand in a header line (H9)?  Printable ASCII and spaces. */
bool header_safe(struct str value);

/* Add a header line; the value passes the check of H9 or is left out. */
void http_header(struct http_res *res, const char *name, struct str value);

/* Add a piece to the body (lent until http_send). */
void http_piece(struct http_res *res, struct str piece);

/* What failed before a protocol was known: status and a JSON-RPC error
 * without id.  Replaces body and type; header lines added before stay. */
void http_res_fault(struct http_res *res, const struct fault *f);

/* Send the whole answer with Content-Length, nosniff, no-store. */
void http_send(struct http_res *res);

/* The answer as it would be sent, as one text (for prepared last words); of
 * a stream, whose header has left, only the body: one framed event. */
struct str http_render(struct http_res *res);

/* Server-sent events (mcp.md 3.4): open once, then one message each. */
bool http_stream(struct http_res *res);
bool http_event(struct http_res *res, const struct str *pieces, size_t n);
bool http_comment(struct http_res *res); /* keep-alive; false: gone */
/* An empty event with an id and a time to come again, before all others: on
 * the stream, or before the events gathered so far. */
bool http_prime(struct http_res *res, struct str id, int retry_ms);
void http_stream_end(struct http_res *res);

/* Wrap the gathered body as one buffered SSE answer. */
void http_as_sse(struct http_res *res);

/* CGI over environ and fds 0, 1; FastCGI over a socket that listens on 0. */
void http_io_cgi(struct http_io *io);
struct http_fcgi;
struct http_fcgi *http_fcgi_open(void);
/* Wait for the next request; false: asked to leave. */
bool http_fcgi_next(struct http_fcgi *s, struct http_io *io);
void http_fcgi_done(struct http_fcgi *s); /* after each request */
void http_fcgi_close(struct http_fcgi *s);
bool http_is_fcgi(void); /* is fd 0 a listening socket? */

#endif
