/* SPDX-License-Identifier: ISC */
/*
 * Everything a worker keeps between requests.  The configuration is there
 * from the start; databases are opened when a request first needs them, so
 * that one refused early opens nothing.
 */
#ifndef CGI_BIN_SITE_H
#define CGI_BIN_SITE_H

#include "http/http.h"
#include "mcp/mcp.h"

/* No answer is larger; results have lower ceilings of their own. */
#define SITE_ANSWER_MAX ((size_t)96 << 20)

struct listening;

struct site {
	struct arena *arena;  /* of the request in hand */
	struct arena *own;    /* of this struct: the name of the file */
	const char *file;     /* mcp.conf; NULL until a request names it */
	bool file_by_request; /* and a later one may not name another */
	bool
	    file_by_argument; /* may be the two-line program in the web folder */
	bool is_cgi;
	bool asked;        /* whether the configuration is still the same */
	struct conf *conf; /* NULL: broken, and never was good */
	uint64_t complaints_seen; /* hash of what the log has already */
	uint64_t left_seen;       /* the same of programs left out */
	uint64_t root_seen; /* hash of a document root that is no trouble */
	bool confined;      /* the sandbox is in force */
	bool leave;         /* end this process after the request */
	struct sources *sources;
	struct catalogue *catalogue;
	struct store *store;  /* NULL: not opened yet, or it failed */
	struct store *before; /* of the last configuration, until then */
	struct audit *audit;
	struct mcp mcp;
	uint8_t hash_key[32]; /* of the values in the audit */
	struct http_limits limits;
	struct listening *listening; /* while a stream stands, else NULL */
};

/* A site with nothing in it. */
void site_init(struct site *site, bool is_cgi);
/* Which configuration it is, when the process was told; copied. */
void site_name(struct site *site, const char *file);
void site_done(struct site *site);

/* Ceilings for reading a request, also without a configuration. */
const struct http_limits *site_limits(const struct site *site);

/*
 * Make the configuration ready: read it the first time, and again when it
 * has changed; a broken new one is logged and the old one stays.  "named" is
 * the file the request names, or empty.  ERR_CONF: there is none to serve.
 */
enum err site_ready(struct site *site, struct str named,
    struct fault *f) FAULT_MUST_CHECK;

/*
 * Refuse to serve files that the web server would hand out itself
 * (SECURITY_MODEL 9): configuration and state must not be below "root".
 */
enum err site_outside(struct site *site, struct str root,
    struct fault *f) FAULT_MUST_CHECK;

/*
 * The configuration as it stands now with all that is made from it, beside the
 * one in force; fresh is empty before and is given back with site_forget.
 */
enum err site_load(struct site *site, struct site *fresh,
    struct fault *f) FAULT_MUST_CHECK;
void site_forget(struct site *site);

/* Open what a request needs, each once. */
enum err site_store(struct site *site, struct fault *f) FAULT_MUST_CHECK;
enum err site_audit(struct site *site, struct fault *f) FAULT_MUST_CHECK;

/* Between two requests: nothing of the one may reach the next. */
void site_rest(struct site *site);

#endif
