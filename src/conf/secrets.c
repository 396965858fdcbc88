/* SPDX-License-Identifier: ISC */
/*
 * Secrets: NAME_file, NAME_env or NAME itself, all three into one struct
 * secret, which is wiped with the configuration.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf_int.h"

static void
secret_wipe(void *s)
{
	secret_done(s);
}

/* Wipe it with the configuration; the thing it stands in may move. */
static void
secret_keep(struct walk *w, const struct secret *s)
{
	struct secret *own = arena_get(w->a, sizeof(*own));

	*own = *s;
	arena_defer(w->a, secret_wipe, own);
}

/* Bytes that others could read in the file are no secret. */
static const char *
secret_here(struct walk *w, const config_setting_t *s, struct secret *out)
{
	int line = (int)config_setting_source_line(s);

	if ((text_file(w, line)->st.st_mode & (S_IRGRP | S_IROTH)) != 0)
		return "stands in a file that others can read; do: chmod go-r, or keep it in a file of its own (password_file)";
	*out = secret_take(s->value.sval, strlen(s->value.sval));
	return NULL;
}

static const char *
secret_from_file(struct walk *w, const config_setting_t *s, struct secret *out)
{
	int line = (int)config_setting_source_line(s);
	const char *path =
	    file_beside(w->a, text_file(w, line)->path, s->value.sval);
	struct fault f = { 0 };
	struct stat st;

	if (stat(path, &st) != 0)
		return arena_fmt(w->a,
		    "names a file that cannot be opened: %s (%s)", path,
		    strerror(errno))
		    .p;
	if (!S_ISREG(st.st_mode))
		return arena_fmt(w->a,
		    "names something that is not a regular file: %s", path)
		    .p;
	if ((st.st_mode & (S_IROTH | S_IWOTH | S_IWGRP)) != 0)
		return arena_fmt(w->a,
		    "names a file that is open to others: %s; do: chmod go-w,o-r",
		    path)
		    .p;
	if (secret_file(out, path, &f) != ERR_OK)
		return arena_fmt(w->a, "names a file that cannot be read: %s",
		    path)
		    .p;
	watch_file(w, path, &st);
	return NULL;
}

static const char *
secret_from_env(struct walk *w, const config_setting_t *s, struct secret *out)
{
	const char *wrong = check_variable(s->value.sval);
	const char *value;

	if (wrong != NULL)
		return wrong;
	watch_variable(w, s->value.sval);
	value = getenv(s->value.sval);
	if (value == NULL)
		return arena_fmt(w->a, "names a variable that is not set: %s",
		    s->value.sval)
		    .p;
	*out = secret_take(value, strlen(value));
	return NULL;
}

void
secret_read(struct walk *w, const struct setting *row,
    const config_setting_t *s, const char *path, void *in)
{
	struct secret *out = (struct secret *)(void *)((char *)in + row->at);
	int line = (int)config_setting_source_line(s);
	struct fault f = { 0 };
	const char *wrong;

	if (s->type != CONFIG_TYPE_STRING || s->value.sval[0] == '\0') {
		complain(w, line, "%s must be %s", path, type_name(row->type));
		return;
	}
	if (out->bytes != NULL) {
		complain(w, line,
		    "%s is one secret too many: give it once, here, by file or by variable",
		    path);
		return;
	}
	if (secret_start(&f) != ERR_OK)
		wrong = "cannot be kept: libsodium does not start";
	else if (row->type == SET_SECRET_FILE)
		wrong = secret_from_file(w, s, out);
	else if (row->type == SET_SECRET_ENV)
		wrong = secret_from_env(w, s, out);
	else
		wrong = secret_here(w, s, out);
	if (wrong == NULL) {
		secret_keep(w, out);
		wrong = out->len == 0 ? "is empty" : NULL;
	}
	if (wrong != NULL)
		complain(w, line, "%s %s", path, wrong);
}
