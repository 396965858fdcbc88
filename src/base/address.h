/* SPDX-License-Identifier: ISC */
/*
 * Network addresses as text and lists of them with prefix lengths.  IPv4 and
 * its form mapped into IPv6 are the same address.
 */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct address {
	uint8_t b[16]; /* IPv4 as ::ffff:a.b.c.d */
};

/* "192.0.2.1", "2001:db8::1" or "[2001:db8::1]"; nothing else. */
bool address_parse(struct str text, struct address *out);

/* From the 4 or 16 bytes of a socket's address. */
void address_set(struct address *a, const void *bytes, size_t n);

bool address_is_ipv4(const struct address *a);

/* One address, or one with a prefix length ("192.0.2.0/24"). */
bool address_match(struct str pattern, const struct address *a);

/* Is every piece of a comma list such a pattern?  Bits behind the prefix must
 * be zero, so that a slip of the pen is noticed.  The empty text is no list. */
bool address_list_valid(struct str list);

/* Does any piece of the list match? */
bool address_list_has(struct str list, const struct address *a);

/* What counts as one neighbour: the IPv4 address, or the /64 of an IPv6 one,
 * as text of at most ADDRESS_GROUP - 1 bytes with a zero behind it. */
#define ADDRESS_GROUP 20
void address_group(const struct address *a, char out[static ADDRESS_GROUP]);

#endif
