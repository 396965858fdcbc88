/* SPDX-License-Identifier: ISC */
/* Whose address counts when proxies stand in front. */
#include "auth/auth_int.h"
#include "base/address.h"

static bool
is_proxy(const struct conf *conf, struct str text)
{
	struct address a;

	if (!address_parse(text, &a))
		return false;
	for (size_t i = 0; i < conf->proxies.n; i++)
		if (address_match(str_of(conf->proxies.v[i]), &a))
			return true;
	return false;
}

/* The last piece of a comma list, taken off it. */
static bool
last_piece(struct str *list, struct str *piece)
{
	size_t i = list->len;

	if (list->p == NULL || list->len == 0)
		return false;
	while (i > 0 && list->p[i - 1] != ',')
		i--;
	*piece = str_trim(str_from(*list, i));
	list->len = i == 0 ? 0 : i - 1;
	return true;
}

/*
 * From right to left, because only what our own proxies added is true: the
 * first that is none of them is the client.  What cannot be read ends it.
 */
struct str
auth_address(const struct conf *conf, struct str remote, struct str forwarded)
{
	struct str at = remote;
	struct str piece;
	struct address a;

	while (is_proxy(conf, at) && last_piece(&forwarded, &piece)) {
		if (!address_parse(piece, &a))
			break;
		at = piece;
	}
	return at;
}
