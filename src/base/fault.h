/* SPDX-License-Identifier: ISC */
/*
 * A fault: written once, where the trouble is found, with words for the
 * caller and, apart, words for our log.  It travels up untouched; three tables
 * (mcp/mcp_fault.c, oauth/oauth_fault.c, http/response.c) turn it into a status.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <stdbool.h>

#include "base/str.h"

enum err {
	ERR_OK,

	/* Before a protocol is known (http/response.c). */
	ERR_NOT_FOUND,      /* a path that is not ours */
	ERR_BAD_URL,        /* a path that cannot be decoded */
	ERR_FORBIDDEN,      /* foreign Origin or Host */
	ERR_METHOD,         /* HTTP method not offered here */
	ERR_MEDIA,          /* Content-Type or Content-Encoding */
	ERR_NOT_ACCEPTABLE, /* Accept names nothing we have */
	ERR_BODY_BIG,       /* body over its cap */
	ERR_BODY_SHORT,     /* fewer bytes than promised */
	ERR_BODY_SLOW,      /* body not there in time */
	ERR_HEADER,         /* a header twice, or malformed */
	ERR_HEADER_BIG,     /* a header over its cap */

	/* Who asks (spec/mcp.md 16, SECURITY_MODEL 6). */
	ERR_UNAUTHORIZED, /* bad credential, or none where one is needed */
	ERR_RATE,         /* over the limit; fault.retry_s says how long */
	ERR_UNAVAILABLE,  /* store or audit cannot be used */
	ERR_SCOPE,        /* OAuth token without the scope */

	/* The envelope and the protocol (mcp/mcp_fault.c). */
	ERR_JSON,             /* not JSON */
	ERR_REQUEST,          /* not a request object */
	ERR_FILTER,           /* query parameter tools or ops */
	ERR_UNKNOWN_METHOD,   /* method unknown or not offered */
	ERR_META,             /* required _meta key missing or bad */
	ERR_PARAMS,           /* any other bad parameter of a method */
	ERR_HEADER_MISMATCH,  /* header and body disagree */
	ERR_VERSION,          /* protocol revision not served */
	ERR_CAPABILITY,       /* client did not declare what is needed */
	ERR_SESSION,          /* session id bad, expired or another's */
	ERR_UNKNOWN_TOOL,     /* unknown, hidden or forbidden */
	ERR_UNKNOWN_PROMPT,   /* no such prompt */
	ERR_UNKNOWN_RESOURCE, /* no such resource */
	ERR_TOOL_ERROR,       /* a program's own; fault.number is its code */

	/* Argument of a tool; fault.field names it (tools.md 1.8 row 9). */
	ERR_ARGUMENT,

	/* The codes of a failed tool call, in the order of tools.md 1.8. */
	ERR_INVALID_ARGUMENT,
	ERR_SOURCE_NOT_FOUND,
	ERR_SCHEMA_NOT_FOUND,
	ERR_TABLE_NOT_FOUND,
	ERR_COLUMN_NOT_FOUND,
	ERR_PROCEDURE_NOT_FOUND,
	ERR_OBJECT_NOT_FOUND,
	ERR_SQL_SYNTAX,
	ERR_SQL_ERROR,
	ERR_READ_ONLY,
	ERR_STATEMENT_NOT_ALLOWED,
	ERR_MULTIPLE_STATEMENTS,
	ERR_PERMISSION_DENIED,
	ERR_CONSTRAINT_VIOLATION,
	ERR_TIMEOUT,
	ERR_CANCELLED,
	ERR_TOO_LARGE,
	ERR_CURSOR_INVALID,
	ERR_BUSY,
	ERR_SOURCE_UNREACHABLE,
	ERR_SOURCE_AUTH_FAILED,
	ERR_CONFLICT,
	ERR_STORE_UNAVAILABLE,
	ERR_INTERNAL,

	/* The configuration (ctl and start-up). */
	ERR_CONF,

	ERR_COUNT
};

#define FAULT_MSG        512
#define FAULT_MUST_CHECK __attribute__((warn_unused_result))

struct fault {
	enum err code;
	char msg[FAULT_MSG];  /* one sentence for the caller */
	char hint[FAULT_MSG]; /* what would be right; may be empty */
	char field[72];       /* the argument it is about; may be empty */
	char log[FAULT_MSG];  /* for our log only; may be empty */
	int retry_s;          /* seconds until a retry makes sense, or 0 */
	int position;         /* 1-based byte in the SQL text, or 0 */
	int number;           /* JSON-RPC code that a program chose, or 0 */
};

/*
 * Set the code and the sentence for the caller; returns the code, so that
 * "return fault_set(...)" reads well.  The text is cut at a character.
 * Values of the caller may be quoted in it; paths, hosts, DSNs and library
 * text may not.
 */
enum err fault_set(struct fault *f, enum err code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Text of the caller for such a sentence: at most so many bytes, and a "?" for a
 * NUL, which would cut it. */
const char *fault_word(char out[static FAULT_MSG], struct str s, size_t max);

/* Add the sentence that says what would be right. */
void fault_hint(struct fault *f, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Add the words for our log. */
void fault_log(struct fault *f, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* An argument is wrong: sets ERR_ARGUMENT, the field and the sentence. */
enum err fault_field(struct fault *f, struct str field, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* An analyzer sees one file at a time; tell it which code comes back. */
#ifdef __clang_analyzer__
#define fault_set(f, code, ...) ((void)fault_set(f, code, __VA_ARGS__), (code))
#define fault_field(f, field, ...) \
	((void)fault_field(f, field, __VA_ARGS__), ERR_ARGUMENT)
#endif

/* The name of a code as tools.md 1.8 prints it ("SQL_SYNTAX"); the other
 * codes have names too, for the audit. */
const char *err_name(enum err code);

/* May the same call work later (tools.md 1.8)? */
bool err_retryable(enum err code);

#endif
