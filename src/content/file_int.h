/* SPDX-License-Identifier: ISC */
/* Configured files, and folders nobody gets out of. */
#ifndef CONTENT_FILE_INT_H
#define CONTENT_FILE_INT_H

#include <sys/stat.h>

#include "base/arena.h"
#include "base/fault.h"

struct file {
	struct str rel; /* path inside its folder */
	int64_t size;
	uint64_t mark;   /* another one when it was written or replaced */
	struct str text; /* once it is read */
};

/* Read a configured file: ERR_UNKNOWN_RESOURCE, ERR_TOO_LARGE. */
enum err file_get(struct arena *a, const char *path, int64_t max,
    struct file *out, struct fault *f) FAULT_MUST_CHECK;

/* The same below a folder.  No link is followed on the way, no hidden name
 * and nothing but a regular file is taken.  max < 0: only looked at. */
enum err folder_get(struct arena *a, const char *folder, struct str rel,
    int64_t max, struct file *out, struct fault *f) FAULT_MUST_CHECK;

#define FOLDER_FILES 10000
#define FOLDER_DEPTH 16

/* What "mark" is made of. */
uint64_t file_mark(const struct stat *st);

/* All files of a folder and the folders in it, by path; false when it cannot
 * be read.  More than FOLDER_FILES are not looked at. */
bool folder_list(struct arena *a, const char *folder, struct file **out,
    size_t *n);

#endif
