/* SPDX-License-Identifier: ISC */
/* A folder of files, a configuration that has it as a source, and a state
 * folder; all private and gone afterwards. */
#ifndef TESTS_FILES_SITE_H
#define TESTS_FILES_SITE_H

#include "base/arena.h"
#include "conf/conf.h"
#include "source/files.h"

struct files_site {
	struct arena *a;
	char root[64];
	char data[80]; /* the folder */
	struct conf *conf;
	const struct conf_source *spec;
};

void files_site_open(struct files_site *s);
void files_site_close(struct files_site *s);

/* The configuration, "settings" in the group of the source. */
void files_site_load(struct files_site *s, struct str settings);
/* A file in the folder. */
void files_site_put(struct files_site *s, const char *name, struct str text);
/* No files, no copy. */
void files_site_clear(struct files_site *s);

enum err files_site_import(struct files_site *s, struct files_report *out,
    struct fault *f);

struct str files_slurp(struct arena *a, const char *path);

#endif
