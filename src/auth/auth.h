/* SPDX-License-Identifier: ISC */
/*
 * Credential to caller: who asks, what may they do, how often (SECURITY_MODEL
 * A4 to A7), and the record of the attempt for the audit.
 */
#ifndef AUTH_AUTH_H
#define AUTH_AUTH_H

#include "base/arena.h"
#include "base/fault.h"
#include "base/verb.h"
#include "conf/conf.h"
#include "store/store.h"

/* What came with the request, taken from it by the route. */
struct credential {
	struct str authorization; /* p NULL: none came */
	struct str api_key;
	bool twice;         /* Authorization came more than once */
	struct str address; /* of the client, X-Forwarded-For settled */
};

struct caller {
	bool known; /* a good credential came */
	bool local; /* stdio, mcpctl: no limits by address */
	struct key key;
	unsigned scopes;
	unsigned *verbs; /* VERB_ bits per source index; 0: not visible */
	size_t nsources;
	uint64_t rights; /* fingerprint of all that decides the tool list */
	struct str address;
	struct limit_answer limit; /* of this request, for X-RateLimit-* */
	bool limited;              /* limit is set */
	char seen[KEY_ID_LEN + 1];
};

/*
 * Check what came.  None: ERR_OK with known == false.  Bad: ERR_UNAUTHORIZED,
 * the address charged (over its limit: ERR_RATE).  Good: charged (ERR_RATE over
 * the limit, with the caller filled for the headers).
 */
enum err auth_check(struct store *s, const struct conf *conf, struct arena *a,
    const struct credential *c, int64_t now_us, struct caller *who,
    struct fault *f) FAULT_MUST_CHECK;

/* Charge a further message of the same request (a batch) to the key; ERR_RATE
 * over its limit. */
enum err auth_charge_more(struct store *s, const struct conf *conf,
    struct caller *who, int64_t now_us, struct fault *f) FAULT_MUST_CHECK;

/*
 * Charge the caller's own bucket on a source that has a rate (sources.*.rate),
 * beside the charge of auth_check; ERR_RATE over it.  who->limit then tells of
 * the limit that is nearer.
 */
enum err auth_charge_source(struct store *s, const struct conf *conf,
    struct arena *a, struct caller *who, int source, int64_t now_us,
    struct fault *f) FAULT_MUST_CHECK;

/* Take one of the caller's places for statements that run at the same time
 * (limits.sources_in_flight); store_place_leave gives it back. */
enum err auth_enter(struct store *s, const struct conf *conf,
    const struct caller *who, struct fault *f) FAULT_MUST_CHECK;

/* Overwrite the credential where it stands (A5), once it has been checked;
 * the memory must be writable. */
void auth_wipe(struct credential *c);

/* A caller made of a key without a credential (mcpctl, stdio). */
void auth_local(const struct conf *conf, struct arena *a, const struct key *k,
    struct caller *who);

/* The same caller with the rights of a key as it is by now, under a
 * configuration that may be another one; "was" lends its texts. */
void auth_renew(const struct conf *conf, struct arena *a, const struct key *k,
    const struct caller *was, struct caller *who);

/* The client's address: X-Forwarded-For counts only from listed proxies. */
struct str auth_address(const struct conf *conf, struct str remote,
    struct str forwarded);

/* Bits the caller holds on a source: verbs AND scopes AND the source switch. */
unsigned auth_verbs(const struct caller *who, const struct conf *conf,
    int source);

enum { ATTEMPT_HASH = 16 };

/* One attempt, for the audit.  The route makes it, the steps fill it in. */
struct attempt {
	char id[17]; /* request id, hex; also in error texts */
	int64_t start_us;
	const struct caller *who;
	struct str address, method, tool, source, sql, client, era;
	/* Keys of questions to the user, "a,b", and what came of those of
	 * before, "a=accept,b=decline"; never what was said. */
	struct str asked, answered;
	const uint8_t *params_hash;    /* 16 bytes, keyed, or NULL */
	int64_t rows, bytes, affected; /* -1: none */
	int64_t events; /* notifications of a standing stream; -1: none */
	int status;
	const char *code; /* err_name, or NULL */
	bool began;
	/* Put a line down: event "begin", "task", "call", "denied", "auth_fail",
	 * "rate_limited", "error". */
	enum err (*put)(struct attempt *t, const char *event, struct fault *f);
	struct audit *audit;
	const uint8_t *hash_key;
	bool required;
	size_t sql_max, line_max; /* ceilings; the defaults of attempt_init */
	struct str hashed;        /* the statement that sql_hash is of */
	uint8_t sql_hash[ATTEMPT_HASH];
};

/* Fresh id and start; put writes through auth/attempt.c. */
void attempt_init(struct attempt *t, struct audit *audit,
    const uint8_t *hash_key, bool required, int64_t now_us);

/* Keyed hash over the values of a call (any serialisation that is the same for
 * equal values), so that equal calls can be told without keeping a value. */
void attempt_params(struct attempt *t, struct arena *a, struct str values);

/* The line it would write now, newline and all, for last words prepared
 * ahead. */
struct str attempt_line(const struct attempt *t, struct arena *a,
    const char *event);

/* Sealed texts: cursors and states.  MAC and expiry, bound to the principal
 * (SECURITY_MODEL A2); base64url. */
struct seal {
	uint8_t key[32];
};
struct str seal_make(const struct seal *s, struct arena *a,
    struct str principal, int64_t expires_s, struct str payload);
/* False: not ours, not this principal's, or expired. */
bool seal_open(const struct seal *s, struct arena *a, struct str principal,
    int64_t now_s, struct str sealed, struct str *payload);

/* The same, and nobody else can read what is inside (XChaCha20-Poly1305);
 * "about" is what it belongs to, and is not written down either.  The key is
 * to be one that nothing else uses. */
struct str seal_hide(const struct seal *s, struct arena *a,
    struct str principal, struct str about, int64_t expires_s,
    struct str payload);
bool seal_show(const struct seal *s, struct arena *a, struct str principal,
    struct str about, int64_t now_s, struct str hidden, struct str *payload);

/* The longest hidden text that is looked at. */
#define SEAL_HIDDEN_MAX ((size_t)128 * 1024)

#endif
