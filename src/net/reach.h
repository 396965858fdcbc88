/* SPDX-License-Identifier: ISC */
/*
 * Which addresses an outgoing request may go to.  A name is what whoever runs
 * its zone says it is; so the address is asked about, when it is known.
 */
#ifndef NET_REACH_H
#define NET_REACH_H

#include <sys/socket.h>

#include "base/address.h"

/* Is this one of the internet at large: neither of this machine, nor of a
 * private network, nor one that is set apart (RFC 6890)? */
bool reach_is_public(const struct address *a);

/* The address of a socket; false for other families. */
bool reach_address(const struct sockaddr *sa, struct address *out);

/*
 * May a request for "host" go to this address?  Public ones always; others
 * when the host is that address itself, or "localhost" and the loopback, or
 * when a pattern of "allowed" (comma list, may be empty) has it.
 */
bool reach_allows(struct str host, struct str allowed, const struct address *a);

#endif
