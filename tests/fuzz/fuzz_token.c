/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as the text of a key: our check agrees with one that takes the
 * text apart in another way, and no neighbour of a good text is good.
 */
#include <sodium.h>
#include <string.h>

#include "fuzz.h"
#include "store/store.h"

/* The end of the run of these characters. */
static size_t
run_of(const char *z, size_t from, const char *alphabet)
{
	return from + strspn(z + from, alphabet);
}

static bool
slow_check(struct str text)
{
	unsigned char h[32];
	char z[KEY_TEXT_LEN + 1] = "";
	char digits[7];

	if (text.len != KEY_TEXT_LEN)
		return false;
	memcpy(z, text.p, text.len);
	if (strncmp(z, "mcpk_", 5) != 0 ||
	    run_of(z, 5, "0123456789abcdef") != 17 || z[17] != '_' ||
	    run_of(z, 18,
		"-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") <
		61)
		return false;
	crypto_generichash(h, sizeof(h), (unsigned char *)z, 61, NULL, 0);
	sodium_bin2hex(digits, sizeof(digits), h, 3);
	return strcmp(digits, z + 61) == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	char other[KEY_TEXT_LEN];

	FUZZ_PROMISE(key_well_formed(text) == slow_check(text));
	if (!key_well_formed(text))
		return 0;
	for (size_t i = 0; i < size; i++) {
		memcpy(other, data, size);
		other[i] = other[i] == '0' ? '1' : '0';
		FUZZ_PROMISE(!key_well_formed((struct str){ other, size }));
	}
	return 0;
}
