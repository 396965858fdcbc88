/* SPDX-License-Identifier: ISC */
/* The rights of a key, from options and as rows. */
#ifndef CTL_RIGHTS_H
#define CTL_RIGHTS_H

#include "ctl/ctl.h"

/* Fill the rights of "k" from the options; CTL_DONE, or what was said.  The
 * configuration must be open. */
enum ctl_exit rights_read(struct ctl *c, struct key *k);

/* "read", "read,write" into bits; false for anything else. */
bool scopes_parse(struct str text, unsigned *scopes);
struct str scopes_text(unsigned scopes);

/* --expires: seconds since 1970, 0 for never; false when it is no time. */
bool expires_parse(const char *text, int64_t now_s, int64_t *out);

/* "60/min" and the like; the burst is a quarter of it, at least ten. */
bool rate_parse(struct str text, struct conf_rate *out);
struct str rate_text(struct arena *a, const struct conf_rate *r);

/* "shop:SELECT,INSERT blog:SELECT", or "" for the default. */
struct str grants_text(struct arena *a, const struct key *k);

/* "active", "expired" or "revoked". */
const char *key_status(const struct key *k, int64_t now_s);

/* The members of a key, into an open JSON object. */
void key_json(struct ctl *c, const struct key *k, int64_t now_s);

/* Stop the tasks of a key that is no more (tasks.c). */
void tasks_end_of(struct ctl *c, struct str key);

#endif
