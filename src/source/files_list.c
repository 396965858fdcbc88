/* SPDX-License-Identifier: ISC */
/*
 * The files of a source: the one that is named, or those of a folder whose
 * ending says what they are.  Links are not followed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "source/files_int.h"

#define FILES_MAX 1000

/* Raised when the same file would be read into other rows. */
#define READING_VERSION 2

static const struct {
	const char *ending;
	enum conf_format format;
} endings[] = {
	{ ".csv", FORMAT_CSV },
	{ ".tsv", FORMAT_TSV },
	{ ".tab", FORMAT_TSV },
	{ ".jsonl", FORMAT_JSONL },
	{ ".ndjson", FORMAT_JSONL },
};

/* By the ending; FORMAT_AUTO when it says nothing.  *len is the name's length
 * without it. */
static enum conf_format
format_of(struct str name, size_t *len)
{
	*len = name.len;
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t n = strlen(endings[i].ending);

		if (name.len > n && str_ieq(str_from(name, name.len - n),
					str_of(endings[i].ending))) {
			*len = name.len - n;
			return endings[i].format;
		}
	}
	return FORMAT_AUTO;
}

static bool
taken(const struct files_list *l, struct str table)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_ieq(l->v[i].table, table))
			return true;
	return false;
}

/* A file's name as a table's: letters, digits and '_', not a digit first,
 * nobody else's. */
static struct str
table_name(struct arena *a, const struct files_list *l, struct str name)
{
	struct str base = arena_fmt(a, "%s%.*s",
	    name.p[0] >= '0' && name.p[0] <= '9' ? "_" : "", (int)name.len,
	    name.p);
	char *p = arena_z(a, base);
	struct str out = { p, base.len };

	for (size_t i = 0; i < base.len; i++) {
		char c = p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			(c >= 'A' && c <= 'Z') || (c & 0x80) != 0))
			p[i] = '_';
	}
	if (str_ieq((struct str){ p, base.len < 7 ? base.len : 7 },
		STR("sqlite_")))
		out = arena_fmt(a, "_%s", p);
	base = out;
	for (int k = 2; taken(l, out); k++)
		out = arena_fmt(a, "%.*s_%d", (int)base.len, base.p, k);
	return out;
}

static enum err
unreachable(struct fault *f, struct str name, const char *why)
{
	return fault_set(f, ERR_SOURCE_UNREACHABLE, "the file %.*s %s",
	    (int)name.len, name.p, why);
}

static enum err
add(struct arena *a, struct files_list *l, const char *name,
    enum conf_format format, size_t base, struct fault *f)
{
	struct files_one *one = &l->v[l->n];
	struct str full = arena_dup(a, str_of(name));
	struct stat st;

	if (fstatat(l->folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return unreachable(f, full,
		    errno == ENOENT ? "is missing" : "cannot be reached");
	if (S_ISLNK(st.st_mode))
		return unreachable(f, full, "is a symbolic link");
	if (!S_ISREG(st.st_mode))
		return unreachable(f, full, "is no regular file");
	*one = (struct files_one){
		.name = full,
		.table = table_name(a, l, (struct str){ full.p, base }),
		.format = format,
		.size = st.st_size,
		.mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 +
			    st.st_mtim.tv_nsec,
		.inode = st.st_ino,
	};
	l->n++;
	l->bytes += one->size;
	return ERR_OK;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in the folder that are of a kind we read, in order. */
static enum err
read_names(struct arena *a, int folder, const char **names, size_t *n,
    struct fault *f)
{
	DIR *d = fdopendir(dup(folder));
	struct dirent *e;
	size_t ignored;

	*n = 0;
	if (d == NULL)
		return fault_set(f, ERR_SOURCE_UNREACHABLE,
		    "the folder cannot be read");
	rewinddir(d);
	while ((e = readdir(d)) != NULL && *n <= FILES_MAX) {
		if (e->d_name[0] == '.' ||
		    format_of(str_of(e->d_name), &ignored) == FORMAT_AUTO)
			continue;
		names[(*n)++] = arena_z(a, str_of(e->d_name));
	}
	(void)closedir(d);
	if (*n > FILES_MAX)
		return fault_set(f, ERR_SOURCE_UNREACHABLE,
		    "the folder holds more than %d files", FILES_MAX);
	qsort(names, *n, sizeof(*names), by_name);
	return ERR_OK;
}

static enum err
list_folder(struct arena *a, const struct conf_source *spec,
    struct files_list *l, struct fault *f)
{
	const char **names = arena_zero(a, FILES_MAX + 1, sizeof(*names));
	size_t n;
	enum err e = read_names(a, l->folder, names, &n, f);

	if (e == ERR_OK && n == 0)
		return fault_set(f, ERR_SOURCE_UNREACHABLE,
		    "the folder holds no .csv, .tsv or .jsonl file");
	l->v = arena_zero(a, n + 1, sizeof(*l->v));
	for (size_t i = 0; e == ERR_OK && i < n; i++) {
		size_t base;
		enum conf_format own = format_of(str_of(names[i]), &base);

		e = add(a, l, names[i],
		    spec->format == FORMAT_AUTO ? own : spec->format, base, f);
	}
	return e;
}

static enum err
list_one(struct arena *a, const struct conf_source *spec, const char *name,
    struct files_list *l, struct fault *f)
{
	size_t base;
	enum conf_format own = format_of(str_of(name), &base);

	if (spec->format != FORMAT_AUTO)
		own = spec->format;
	if (own == FORMAT_AUTO)
		return fault_set(f, ERR_SOURCE_UNREACHABLE,
		    "the ending of the file does not say what it is; set format");
	l->v = arena_zero(a, 1, sizeof(*l->v));
	return add(a, l, name, own, base, f);
}

static uint64_t
mix(uint64_t h, const void *p, size_t n)
{
	const uint64_t piece = str_hash((struct str){ p, n });

	return (h ^ piece) * 1099511628211u + 1;
}

static uint64_t
mix_names(uint64_t h, const struct conf_names *names)
{
	h = mix(h, &names->n, sizeof(names->n));
	for (size_t i = 0; i < names->n; i++)
		h = mix(h, names->v[i], strlen(names->v[i]));
	return h;
}

static uint64_t
stamp_of(const struct conf_source *s, const struct files_list *l)
{
	uint64_t h = READING_VERSION;

	h = mix(h, &s->format, sizeof(s->format));
	h = mix(h, &s->header, sizeof(s->header));
	h = mix(h, &s->on_error, sizeof(s->on_error));
	if (s->delimiter != NULL)
		h = mix(h, s->delimiter, strlen(s->delimiter));
	h = mix_names(h, &s->nulls);
	h = mix_names(h, &s->types);
	for (size_t i = 0; i < l->n; i++) {
		h = mix(h, l->v[i].name.p, l->v[i].name.len);
		h = mix(h, &l->v[i].size, sizeof(l->v[i].size));
		h = mix(h, &l->v[i].mtime_ns, sizeof(l->v[i].mtime_ns));
		h = mix(h, &l->v[i].inode, sizeof(l->v[i].inode));
	}
	return h;
}

/* The folder of the path, and what is to be read in it (NULL: all). */
static enum err
open_folder(struct arena *a, const char *path, struct files_list *l,
    const char **name, struct fault *f)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	const char *slash = strrchr(path, '/');
	struct stat st;

	*name = NULL;
	if (slash == NULL || lstat(path, &st) != 0)
		return fault_set(f, ERR_SOURCE_UNREACHABLE,
		    slash != NULL && errno == EACCES
			? "the file cannot be reached"
			: "the file is missing");
	if (S_ISDIR(st.st_mode)) {
		l->folder = open(path, flags | O_NOFOLLOW);
	} else {
		struct str parent = { path, (size_t)(slash - path) };

		*name = slash + 1;
		l->folder =
		    open(parent.len == 0 ? "/" : arena_z(a, parent), flags);
	}
	if (l->folder < 0)
		return fault_set(f, ERR_SOURCE_UNREACHABLE,
		    "the folder cannot be read");
	return ERR_OK;
}

enum err
files_list_open(struct arena *a, const struct conf_source *spec,
    struct files_list *out, struct fault *f)
{
	const char *name;
	enum err e;

	*out = (struct files_list){ .folder = -1 };
	e = open_folder(a, spec->path, out, &name, f);
	if (e == ERR_OK)
		e = name == NULL ? list_folder(a, spec, out, f)
				 : list_one(a, spec, name, out, f);
	if (e != ERR_OK) {
		files_list_close(out);
		fault_log(f, "%s", spec->path);
		return e;
	}
	out->stamp = stamp_of(spec, out);
	return ERR_OK;
}

void
files_list_close(struct files_list *l)
{
	if (l->folder > 0)
		(void)close(l->folder);
	l->folder = -1;
}
