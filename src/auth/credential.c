/* SPDX-License-Identifier: ISC */
/* The Authorization value and its substitute, read strictly (A4). */
#include "auth/auth_int.h"
#include "base/base64.h"

typedef void scheme_fn(struct arena *a, struct str value,
    struct presented *out);

static void
read_bearer(struct arena *a, struct str value, struct presented *out)
{
	(void)a;
	out->token = value;
	out->how = PRESENTED_TOKEN;
}

static void
read_basic(struct arena *a, struct str value, struct presented *out)
{
	struct str plain;
	struct str user;

	if (!base64_decode(a, value, &plain))
		return;
	out->copy = plain;
	if (!str_has(plain, ':'))
		return;
	(void)str_cut(&plain, ':', &user);
	out->user = user;
	out->token = plain;
	out->basic = true;
	out->how = PRESENTED_TOKEN;
}

static const struct {
	const char *name;
	scheme_fn *read;
} schemes[] = {
	{ "Bearer", read_bearer },
	{ "Basic", read_basic },
};

/* Visible ASCII, and no comma: two values that a server joined have one. */
static bool
one_value(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' || s.p[i] == ',')
			return false;
	return s.len != 0;
}

static void
read_authorization(const struct conf *conf, struct arena *a, struct str value,
    struct presented *out)
{
	struct str scheme;

	if (value.len > (size_t)conf->limits.authorization)
		return;
	(void)str_cut(&value, ' ', &scheme);
	value = str_trim(value);
	if (!one_value(value))
		return;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (!str_ieq(scheme, str_of(schemes[i].name)))
			continue;
		if (schemes[i].read == read_basic && !conf->basic)
			return;
		schemes[i].read(a, value, out);
	}
}

struct presented
credential_read(const struct conf *conf, struct arena *a,
    const struct credential *c)
{
	struct presented p = { .how = PRESENTED_BAD };
	struct str authorization = str_trim(c->authorization);
	struct str api_key = str_trim(c->api_key);

	if (c->twice)
		return p;
	/* A rewrite rule that copies the header makes an empty one of none. */
	if (authorization.len != 0) {
		read_authorization(conf, a, authorization, &p);
		return p;
	}
	if (api_key.len == 0 || !conf->api_key_header) {
		p.how = PRESENTED_NONE;
		return p;
	}
	if (api_key.len <= (size_t)conf->limits.authorization &&
	    one_value(api_key)) {
		p.token = api_key;
		p.how = PRESENTED_TOKEN;
	}
	return p;
}
