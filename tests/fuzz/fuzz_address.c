/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as an address, a list of them and a chain of proxies: the group of
 * an address fits, an address matches itself, and the client's address is
 * always one that was given.
 */
#include <string.h>

#include "auth/auth.h"
#include "base/address.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *proxies[] = { "10.0.0.0/8", "::1" };
	static const struct conf conf = { .proxies = { proxies, 2 } };
	struct str text = { (const char *)data, size };
	struct str remote = STR("::1");
	struct address a = { { 0 } };
	struct str who;
	char group[ADDRESS_GROUP];

	if (address_parse(text, &a)) {
		address_group(&a, group);
		FUZZ_PROMISE(memchr(group, '\0', sizeof(group)) != NULL);
		FUZZ_PROMISE(address_match(text, &a));
		FUZZ_PROMISE(address_list_valid(text));
	}
	(void)address_list_has(text, &a);
	(void)address_list_valid(text);
	who = auth_address(&conf, remote, text);
	FUZZ_PROMISE(address_parse(who, &a));
	FUZZ_PROMISE(str_eq(who, remote) ||
		     (who.p >= text.p && who.p + who.len <= text.p + text.len));
	return 0;
}
