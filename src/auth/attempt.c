/* SPDX-License-Identifier: ISC */
/* One attempt and its lines in the audit (SECURITY_MODEL 8). */
#include <sodium.h>

#include "auth/auth_int.h"
#include "base/clock.h"
#include "base/log.h"

enum { AUDIT_SQL = 4096, AUDIT_LINE = 8192 };

/* A refusal of the audit stops what needs it, and is only logged elsewhere. */
static enum err
not_written(const struct attempt *t, struct fault *f)
{
	if (t->required)
		return ERR_UNAVAILABLE;
	log_line("audit: %s", f->log[0] != '\0' ? f->log : f->msg);
	*f = (struct fault){ 0 };
	return ERR_OK;
}

/* A line of the usual length is made without an allocation. */
static enum err
put_line(const struct attempt *t, const char *event, struct fault *f)
{
	char text[AUDIT_LINE];
	struct buf b = { .p = text, .cap = sizeof(text), .max = sizeof(text) };
	struct arena *a = NULL;
	enum err err;

	if (t->audit == NULL)
		return fault_set(f, ERR_UNAVAILABLE, "there is no audit file");
	if (t->line_max <= sizeof(text)) {
		b.max = b.cap = t->line_max;
	} else {
		a = arena_new(4 * t->line_max);
		buf_init(&b, a, t->line_max);
	}
	audit_line(t, &b, event, clock_wall_us());
	err = audit_write(t->audit, buf_text(&b), f);
	arena_free(a);
	return err;
}

bool
attempt_hashed(const struct attempt *t)
{
	return t->hashed.p == t->sql.p && t->hashed.len == t->sql.len;
}

void
attempt_hash(const struct attempt *t, uint8_t h[static ATTEMPT_HASH])
{
	crypto_generichash(h, ATTEMPT_HASH, (const unsigned char *)t->sql.p,
	    t->sql.len, t->hash_key, t->hash_key == NULL ? 0 : 32);
}

static enum err
put(struct attempt *t, const char *event, struct fault *f)
{
	struct fault bad = { 0 };

	if (!str_is_empty(t->sql) && !attempt_hashed(t)) {
		attempt_hash(t, t->sql_hash);
		t->hashed = t->sql;
	}
	if (put_line(t, event, &bad) != ERR_OK) {
		if (not_written(t, &bad) == ERR_OK)
			return ERR_OK;
		*f = bad;
		return ERR_UNAVAILABLE;
	}
	if (strcmp(event, "begin") == 0)
		t->began = true;
	return ERR_OK;
}

void
attempt_init(struct attempt *t, struct audit *audit, const uint8_t *hash_key,
    bool required, int64_t now_us)
{
	unsigned char raw[AUDIT_ID];

	_Static_assert(sizeof(t->id) == 2 * AUDIT_ID + 1, "as hex");

	*t = (struct attempt){ .start_us = now_us,
		.rows = -1,
		.bytes = -1,
		.affected = -1,
		.events = -1,
		.put = put,
		.audit = audit,
		.hash_key = hash_key,
		.required = required,
		.sql_max = AUDIT_SQL,
		.line_max = AUDIT_LINE };
	if (audit != NULL)
		audit_id(audit, raw);
	else
		randombytes_buf(raw, sizeof(raw));
	sodium_bin2hex(t->id, sizeof(t->id), raw, sizeof(raw));
}

void
attempt_params(struct attempt *t, struct arena *a, struct str values)
{
	uint8_t *h = arena_get(a, ATTEMPT_HASH);

	crypto_generichash(h, ATTEMPT_HASH, (const unsigned char *)values.p,
	    values.len, t->hash_key, t->hash_key == NULL ? 0 : 32);
	t->params_hash = h;
}

struct str
attempt_line(const struct attempt *t, struct arena *a, const char *event)
{
	struct buf b;

	buf_init(&b, a, t->line_max);
	audit_line(t, &b, event, clock_wall_us());
	return buf_text(&b);
}
