/* SPDX-License-Identifier: ISC */
/* A credential becomes a caller, and each attempt is charged to somebody. */
#include <sodium.h>

#include "auth/auth_int.h"
#include "base/address.h"

static enum err
refused(struct fault *f)
{
	return fault_set(f, ERR_UNAUTHORIZED,
	    "Unauthorized: invalid or missing access token");
}

static enum err
limited(struct caller *who, struct fault *f)
{
	enum err err = fault_set(f, ERR_RATE, "Rate limit exceeded");

	f->retry_s = who->limit.retry_s;
	return err;
}

static enum err
charge(struct store *s, const char *bucket, const struct conf_rate *rate,
    int64_t now_us, struct caller *who, struct fault *f)
{
	enum err err =
	    limit_charge(s, str_of(bucket), rate, now_us, &who->limit, f);

	if (err != ERR_OK)
		return err;
	who->limited = true;
	return who->limit.granted ? ERR_OK : limited(who, f);
}

/* A bad credential counts against the address it came from. */
static enum err
charge_address(struct store *s, const struct conf *conf, int64_t now_us,
    struct caller *who, struct fault *f)
{
	char bucket[2 + ADDRESS_GROUP] = "a:?";
	struct address from;
	enum err err;

	if (address_parse(who->address, &from))
		address_group(&from, bucket + 2);
	err = charge(s, bucket, &conf->limits.auth_fails, now_us, who, f);
	if (err != ERR_OK)
		return err;
	who->limited = false;
	return refused(f);
}

/* What the key itself asks of the request that brings it. */
static bool
key_accepts(const struct key *k, const struct presented *p, struct str address)
{
	struct address from;

	if (p->basic && !str_is_empty(k->user) && !str_eq(k->user, p->user))
		return false;
	if (str_is_empty(k->addresses))
		return true;
	return address_parse(address, &from) &&
	       address_list_has(k->addresses, &from);
}

static enum err
check_token(struct store *s, struct arena *a, const struct presented *p,
    int64_t now_us, struct caller *who, struct fault *f)
{
	struct key k;
	enum err err =
	    key_check(s, a, p->token, now_us / 1000000, &k, who->seen, f);

	if (err != ERR_OK)
		return err;
	if (!key_accepts(&k, p, who->address))
		return refused(f);
	who->key = k;
	who->known = true;
	return ERR_OK;
}

/* The bucket of a key. */
static enum err
charge_key(struct store *s, const struct conf *conf, int64_t now_us,
    struct caller *who, struct fault *f)
{
	const struct key *k = &who->key;
	char bucket[2 + KEY_ID_LEN + 1] = "k:";

	memcpy(bucket + 2, k->id, sizeof(k->id));
	return charge(s, bucket, k->rate.set ? &k->rate : &conf->limits.rate,
	    now_us, who, f);
}

enum err
auth_check(struct store *s, const struct conf *conf, struct arena *a,
    const struct credential *c, int64_t now_us, struct caller *who,
    struct fault *f)
{
	struct presented p = credential_read(conf, a, c);
	enum err err = ERR_OK;

	*who = (struct caller){ .address = c->address };
	if (p.how == PRESENTED_TOKEN)
		err = check_token(s, a, &p, now_us, who, f);
	else if (p.how == PRESENTED_BAD)
		err = refused(f);
	if (p.copy.len != 0)
		sodium_memzero((char *)(uintptr_t)p.copy.p, p.copy.len);
	rights_fill(conf, a, who->known ? &who->key : NULL, who);
	if (err == ERR_UNAUTHORIZED)
		return charge_address(s, conf, now_us, who, f);
	if (err != ERR_OK || !who->known)
		return err;
	key_touch(s, &who->key, now_us / 1000000);
	return charge_key(s, conf, now_us, who, f);
}

enum err
auth_charge_more(struct store *s, const struct conf *conf, struct caller *who,
    int64_t now_us, struct fault *f)
{
	return who->local || !who->known ? ERR_OK
					 : charge_key(s, conf, now_us, who, f);
}

enum err
auth_charge_source(struct store *s, const struct conf *conf, struct arena *a,
    struct caller *who, int source, int64_t now_us, struct fault *f)
{
	const struct conf_source *src = &conf->sources[source];
	struct limit_answer own = who->limit;
	struct str bucket;
	enum err err;

	if (who->local || !who->known || !src->rate.set)
		return ERR_OK;
	bucket = arena_fmt(a, "s:%s:%s", src->name, who->key.id);
	err = charge(s, bucket.p, &src->rate, now_us, who, f);
	/* The headers speak of the limit that is nearer. */
	if (err == ERR_OK && own.limit != 0 &&
	    own.remaining <= who->limit.remaining)
		who->limit = own;
	return err;
}

enum err
auth_enter(struct store *s, const struct conf *conf, const struct caller *who,
    struct fault *f)
{
	if (who->local || !who->known)
		return ERR_OK;
	return store_place_take(s, who->key.id, conf->limits.sources_in_flight,
	    f);
}

void
auth_local(const struct conf *conf, struct arena *a, const struct key *k,
    struct caller *who)
{
	*who = (struct caller){ .known = true,
		.local = true,
		.key = *k,
		.address = STR("local") };
	memcpy(who->seen, k->id, sizeof(who->seen));
	rights_fill(conf, a, k, who);
}

void
auth_renew(const struct conf *conf, struct arena *a, const struct key *k,
    const struct caller *was, struct caller *who)
{
	*who = *was;
	who->key = *k;
	rights_fill(conf, a, k, who);
}

void
auth_wipe(struct credential *c)
{
	if (c->authorization.len != 0)
		sodium_memzero((char *)(uintptr_t)c->authorization.p,
		    c->authorization.len);
	if (c->api_key.len != 0)
		sodium_memzero((char *)(uintptr_t)c->api_key.p, c->api_key.len);
	c->authorization = c->api_key = (struct str){ NULL, 0 };
}
