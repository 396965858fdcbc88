/* SPDX-License-Identifier: ISC */
/*
 * Secrets: guarded memory that is wiped when it closes and cannot be printed
 * by accident, because the bytes are behind a pointer of their own.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/str.h"

struct secret {
	unsigned char *bytes; /* sodium_malloc; NULL when there is none */
	size_t len;
};

/* Start libsodium; call once before anything else here. */
enum err secret_start(struct fault *f) FAULT_MUST_CHECK;

/* A copy in guarded memory. */
struct secret secret_take(const void *bytes, size_t len);

/* Wipe and free; accepts a zeroed struct. */
void secret_done(struct secret *s);

/* Read a whole small file (64 KiB at most) into a secret; a trailing newline
 * is dropped.  Complaints name the file only in the log words. */
enum err secret_file(struct secret *s, const char *path,
    struct fault *f) FAULT_MUST_CHECK;

#endif
