/* SPDX-License-Identifier: ISC */
/* What a fuzz target defines.  It returns 0, and aborts when a promise of
 * ours is broken. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A promise; said with abort(), so that any engine sees it. */
#define FUZZ_PROMISE(holds)      \
	do {                     \
		if (!(holds))    \
			abort(); \
	} while (0)

#endif
