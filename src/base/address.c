/* SPDX-License-Identifier: ISC */
/* Addresses through inet_pton; prefixes bit by bit. */
#include <arpa/inet.h>
#include <stdio.h>

#include "base/address.h"

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static struct str
without_brackets(struct str s)
{
	if (s.len >= 2 && s.p[0] == '[' && s.p[s.len - 1] == ']')
		return (struct str){ s.p + 1, s.len - 2 };
	return s;
}

bool
address_parse(struct str text, struct address *out)
{
	bool six = str_has(text, ':');
	char z[INET6_ADDRSTRLEN];
	struct address a = { 0 };

	if (six)
		text = without_brackets(text);
	if (text.len == 0 || text.len >= sizeof(z) ||
	    memchr(text.p, '\0', text.len) != NULL)
		return false;
	memcpy(z, text.p, text.len);
	z[text.len] = '\0';
	if (six && inet_pton(AF_INET6, z, a.b) != 1)
		return false;
	if (!six) {
		memcpy(a.b, mapped, sizeof(mapped));
		if (inet_pton(AF_INET, z, a.b + sizeof(mapped)) != 1)
			return false;
	}
	*out = a;
	return true;
}

void
address_set(struct address *a, const void *bytes, size_t n)
{
	memcpy(a->b, mapped, sizeof(mapped));
	memcpy(a->b + sizeof(a->b) - n, bytes, n);
}

bool
address_is_ipv4(const struct address *a)
{
	return memcmp(a->b, mapped, sizeof(mapped)) == 0;
}

/* The mask of byte i under a prefix of that many bits. */
static uint8_t
mask_at(size_t i, size_t bits)
{
	if (bits >= 8 * (i + 1))
		return 0xff;
	if (bits <= 8 * i)
		return 0;
	return (uint8_t)(0xff << (8 - (bits - 8 * i)));
}

/* An address and its prefix length in the mapped form. */
static bool
pattern_parse(struct str pattern, struct address *base, size_t *bits)
{
	struct str rest = pattern;
	struct str head;
	int64_t n;

	if (!str_cut(&rest, '/', &head) || !address_parse(head, base))
		return false;
	*bits = 128;
	if (rest.p == NULL)
		return true;
	if (!str_has(head, ':')) {
		if (!str_int(rest, 0, 32, &n))
			return false;
		*bits = (size_t)n + 96;
		return true;
	}
	if (!str_int(rest, 0, 128, &n))
		return false;
	*bits = (size_t)n;
	return true;
}

bool
address_match(struct str pattern, const struct address *a)
{
	struct address base;
	uint8_t differ = 0;
	size_t bits;

	if (!pattern_parse(pattern, &base, &bits))
		return false;
	for (size_t i = 0; i < sizeof(base.b); i++)
		differ |= (uint8_t)((base.b[i] ^ a->b[i]) & mask_at(i, bits));
	return differ == 0;
}

static bool
pattern_valid(struct str pattern)
{
	struct address base;
	uint8_t behind = 0;
	size_t bits;

	if (!pattern_parse(pattern, &base, &bits))
		return false;
	for (size_t i = 0; i < sizeof(base.b); i++)
		behind |= (uint8_t)(base.b[i] & (uint8_t)~mask_at(i, bits));
	return behind == 0;
}

bool
address_list_valid(struct str list)
{
	struct str piece;

	if (str_is_empty(list))
		return false;
	while (str_cut(&list, ',', &piece))
		if (!pattern_valid(str_trim(piece)))
			return false;
	return true;
}

bool
address_list_has(struct str list, const struct address *a)
{
	struct str piece;

	while (str_cut(&list, ',', &piece))
		if (address_match(str_trim(piece), a))
			return true;
	return false;
}

void
address_group(const struct address *a, char out[static ADDRESS_GROUP])
{
	const uint8_t *b = a->b;

	if (address_is_ipv4(a))
		(void)snprintf(out, ADDRESS_GROUP, "%u.%u.%u.%u", b[12], b[13],
		    b[14], b[15]);
	else
		(void)snprintf(out, ADDRESS_GROUP,
		    "%02x%02x%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3],
		    b[4], b[5], b[6], b[7]);
}
