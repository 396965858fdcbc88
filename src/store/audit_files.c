/* SPDX-License-Identifier: ISC */
/* Which files of the state folder hold lines of the audit. */
#include <dirent.h>
#include <string.h>

#include "base/arena.h"
#include "store/audit_files.h"

#define NAME "audit.jsonl"

void
audit_files(const char *state, bool (*fn)(void *arg, const char *path),
    void *arg)
{
	struct arena *a = arena_new((size_t)1 << 20);
	DIR *dir = opendir(state);
	struct dirent *d;
	bool go_on = true;

	while (dir != NULL && go_on && (d = readdir(dir)) != NULL)
		if (strncmp(d->d_name, NAME, sizeof(NAME) - 1) == 0)
			go_on =
			    fn(arg, arena_fmt(a, "%s/%s", state, d->d_name).p);
	if (dir != NULL)
		(void)closedir(dir);
	arena_free(a);
}
