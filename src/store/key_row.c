/* SPDX-License-Identifier: ISC */
/* A key as a row and back: scopes, grants and rate as columns. */
#include "base/address.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "base/verb.h"
#include "store/store_int.h"

#define TEXT_MAX   ((size_t)100)
#define GRANTS_MAX ((size_t)16 * 1024)

/* "shop:SELECT,INSERT blog:SELECT" */
struct str
key_grants_text(struct arena *a, const struct key *k)
{
	struct buf b;

	buf_init(&b, a, GRANTS_MAX);
	for (size_t i = 0; i < k->ngrants; i++) {
		if (i != 0)
			buf_char(&b, ' ');
		buf_str(&b, k->grants[i].source);
		buf_char(&b, ':');
		buf_str(&b, verbs_text(a, k->grants[i].verbs));
	}
	return buf_text(&b);
}

static size_t
count(struct str s, char c)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.p[i] == c;
	return n;
}

/* A grant that cannot be read gives nothing, but it stays a grant: the key
 * does not fall back to the default rights. */
static void
grants_parse(struct arena *a, struct str text, struct key *out)
{
	struct key_grant *g;
	struct str piece;

	if (str_is_empty(text))
		return;
	g = arena_zero(a, count(text, ' ') + 1, sizeof(*g));
	out->grants = g;
	while (str_cut(&text, ' ', &piece)) {
		struct str source;

		(void)str_cut(&piece, ':', &source);
		g->source = source;
		if (piece.p == NULL || !verbs_parse(piece, &g->verbs))
			g->verbs = 0;
		g++;
	}
	out->ngrants = (size_t)(g - out->grants);
}

/* Changes when the rights do: a hash over all that makes them. */
static int64_t
stamp_of(const struct value *v)
{
	uint64_t h = str_hash(v[6].s) ^ 3 * str_hash(v[7].s) ^
		     5 * str_hash(v[8].s) ^
		     (uint64_t)v[5].i * 0x9e3779b97f4a7c15u ^
		     (uint64_t)v[12].i << 40 ^ (uint64_t)v[13].i << 8;

	return (int64_t)(h >> 1);
}

/* In the order of KEY_COLUMNS. */
void
key_row(struct arena *a, const struct value *v, struct key *out)
{
	*out = (struct key){ .row = v[0].i };
	(void)memcpy(out->id, v[1].s.p,
	    v[1].s.len > KEY_ID_LEN ? KEY_ID_LEN : v[1].s.len);
	out->label = arena_dup(a, v[2].s);
	out->owner = arena_dup(a, v[3].s);
	out->user = arena_dup(a, v[4].s);
	out->scopes = (unsigned)v[5].i;
	grants_parse(a, arena_dup(a, v[6].s), out);
	out->environment = arena_dup(a, v[7].s);
	out->addresses = arena_dup(a, v[8].s);
	out->rate = (struct conf_rate){ v[9].i != 0, (uint32_t)v[9].i,
		(uint32_t)v[10].i, (uint32_t)v[11].i };
	out->confirm = (int)v[12].i;
	out->max_rows = v[13].i;
	out->created_s = v[14].i;
	out->expires_s = v[15].i;
	out->revoked_s = v[16].i;
	out->used_s = v[17].i;
	out->stamp = stamp_of(v);
}

void
key_copy(struct arena *a, const struct key *k, struct key *out)
{
	struct key_grant *g;

	*out = *k;
	out->label = arena_dup(a, k->label);
	out->owner = arena_dup(a, k->owner);
	out->user = arena_dup(a, k->user);
	out->environment = arena_dup(a, k->environment);
	out->addresses = arena_dup(a, k->addresses);
	if (k->ngrants == 0)
		return;
	g = arena_zero(a, k->ngrants, sizeof(*g));
	for (size_t i = 0; i < k->ngrants; i++) {
		g[i] = k->grants[i];
		g[i].source = arena_dup(a, k->grants[i].source);
	}
	out->grants = g;
}

static bool
plain(struct str s)
{
	if (s.len > TEXT_MAX || !utf8_valid(s))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return false;
	return true;
}

static enum err
wrong(struct fault *f, const char *what)
{
	return fault_set(f, ERR_INVALID_ARGUMENT, "%s", what);
}

/* What may stand before the ':' of a grant. */
static bool
source_name(struct str s)
{
	if (str_eq(s, STR("*")))
		return true;
	for (size_t i = 0; i < s.len; i++)
		if (memchr("abcdefghijklmnopqrstuvwxyz0123456789_", s.p[i],
			37) == NULL)
			return false;
	return s.len != 0 && s.len <= 31;
}

static bool
grants_valid(const struct key *k)
{
	for (size_t i = 0; i < k->ngrants; i++)
		if (!source_name(k->grants[i].source) ||
		    k->grants[i].verbs == 0 ||
		    (k->grants[i].verbs & ~(unsigned)VERB_ALL) != 0)
			return false;
	return k->ngrants <= 256;
}

enum err
key_valid(const struct key *k, struct fault *f)
{
	const unsigned scopes = SCOPE_READ | SCOPE_WRITE;

	if (str_is_empty(k->label) || !plain(k->label))
		return wrong(f, "a label is 1 to 100 bytes of plain text");
	if (!plain(k->owner) || !plain(k->environment))
		return wrong(f,
		    "owner and environment are at most 100 bytes of plain text");
	if (!plain(k->user) || str_has(k->user, ':'))
		return wrong(f,
		    "a user name is at most 100 bytes of plain text without a colon");
	if ((k->scopes & scopes) == 0 || (k->scopes & ~scopes) != 0)
		return wrong(f, "the scopes are read and write");
	if (!grants_valid(k))
		return wrong(f,
		    "a grant is SOURCE:VERB,VERB with a name of mcp.conf or *");
	if (!str_is_empty(k->addresses) && !address_list_valid(k->addresses))
		return wrong(f,
		    "an address list holds addresses and networks like 192.0.2.0/24, with commas between them");
	if (k->rate.set && (k->rate.count == 0 || k->rate.window_s == 0))
		return wrong(f, "a rate is written like 60/min");
	return ERR_OK;
}
