/* SPDX-License-Identifier: ISC */
/*
 * All files as one text.  libconfig would open includes itself, relative to
 * our working directory; so they are joined here, read once each, and a map
 * of parts keeps every line's file and number true.
 */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf_int.h"

static const struct part *
part_find(const struct walk *w, int line)
{
	size_t lo = 0, hi = w->nparts;

	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (w->parts[mid].line <= line)
			lo = mid;
		else
			hi = mid;
	}
	return w->nparts == 0 ? NULL : &w->parts[lo];
}

struct conf_at
text_at(const struct walk *w, int line)
{
	const struct part *p = part_find(w, line);

	if (p == NULL)
		return (struct conf_at){ w->c->file, 1 };
	return (struct conf_at){ w->files[p->file].path,
		p->first + (line - p->line) };
}

const struct conf_file *
text_file(const struct walk *w, int line)
{
	const struct part *p = part_find(w, line);

	return &w->files[p == NULL ? 0 : p->file];
}

void
text_part(struct walk *w, int file, int first)
{
	if (w->nparts == w->parts_cap) {
		size_t cap = w->parts_cap == 0 ? 8 : 2 * w->parts_cap;

		w->parts = arena_grow(w->a, w->parts,
		    w->parts_cap * sizeof(*w->parts), cap * sizeof(*w->parts));
		w->parts_cap = cap;
	}
	w->parts[w->nparts++] = (struct part){ w->lines, file, first };
}

static void
files_grow(struct walk *w)
{
	size_t old = w->files_cap, cap = old == 0 ? 4 : 2 * old;

	if (w->nfiles < old)
		return;
	w->files = arena_grow(w->a, w->files, old * sizeof(*w->files),
	    cap * sizeof(*w->files));
	w->files_cap = cap;
}

int
text_open(struct walk *w, const char *path)
{
	const char *wrong;

	files_grow(w);
	if (w->nfiles == CONF_FILES_MAX) {
		complain(w, w->lines, "more than %d files are included",
		    CONF_FILES_MAX);
		w->torn = true;
		return -1;
	}
	wrong = file_read(w->a, path, &w->files[w->nfiles]);
	if (wrong == NULL) {
		watch_file(w, path, &w->files[w->nfiles].st);
		return (int)w->nfiles++;
	}
	if (w->nfiles == 0)
		complain(w, 0, "%s", wrong);
	else
		complain(w, w->lines, "@include \"%s\": %s", path, wrong);
	w->torn = true;
	return -1;
}

void
text_join(struct walk *w, const char *path)
{
	int file;

	w->lines = 1;
	buf_init(&w->text, w->a, CONF_TEXT_MAX);
	file = text_open(w, path);
	if (file < 0) {
		w->broken = true;
		return;
	}
	text_part(w, file, 1);
	scan_file(w, file, NULL);
	buf_char(&w->text, '\0');
	if (!buf_failed(&w->text))
		return;
	complain(w, 1,
	    "the configuration and all it includes are larger than 4 MiB");
	w->broken = true;
}
