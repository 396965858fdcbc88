/* SPDX-License-Identifier: ISC */
/* Addresses that are set apart, by IANA's two registries of RFC 6890. */
#include <netinet/in.h>

#include "net/reach.h"

static const char apart4[] =
    "0.0.0.0/8,10.0.0.0/8,100.64.0.0/10,127.0.0.0/8,169.254.0.0/16,172.16.0.0/12,192.0.0.0/24,192.0.2.0/24,192.88.99.0/24,192.168.0.0/16,198.18.0.0/15,198.51.100.0/24,203.0.113.0/24,224.0.0.0/4,240.0.0.0/4";

/* Also those that carry an IPv4 address inside. */
static const char apart6[] =
    "::/96,64:ff9b::/96,64:ff9b:1::/48,100::/64,2001::/23,2001:db8::/32,2002::/16,3fff::/20,5f00::/16,fc00::/7,fe80::/10,fec0::/10,ff00::/8";

bool
reach_is_public(const struct address *a)
{
	return address_is_ipv4(a) ? !address_list_has(str_of(apart4), a)
				  : !address_list_has(str_of(apart6), a);
}

bool
reach_address(const struct sockaddr *sa, struct address *out)
{
	if (sa->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)sa;

		address_set(out, &in->sin_addr, sizeof(in->sin_addr));
		return true;
	}
	if (sa->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in = (const void *)sa;

		address_set(out, &in->sin6_addr, sizeof(in->sin6_addr));
		return true;
	}
	return false;
}

static bool
is_itself(struct str host, const struct address *a)
{
	struct address own;

	if (str_ieq(host, STR("localhost")))
		return address_match(STR("127.0.0.0/8"), a) ||
		       address_match(STR("::1"), a);
	return address_parse(host, &own) &&
	       memcmp(own.b, a->b, sizeof(own.b)) == 0;
}

bool
reach_allows(struct str host, struct str allowed, const struct address *a)
{
	return reach_is_public(a) || is_itself(host, a) ||
	       (allowed.len > 0 && address_list_has(allowed, a));
}
