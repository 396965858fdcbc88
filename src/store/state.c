/* SPDX-License-Identifier: ISC */
/*
 * The state folder: who owns it, who may write to it, and that no web server
 * shows it (SECURITY_MODEL 9).
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store_int.h"

/* Root may look into anybody's folder: that is the admin command, which says
 * so when it does. */
static bool
trusted(uid_t owner)
{
	return owner == 0 || owner == geteuid() || geteuid() == 0;
}

static enum err
refuse(struct fault *f, const char *path, const char *what, const char *why)
{
	fault_log(f, "%s: %s", path, why);
	f->retry_s = 1;
	return fault_set(f, ERR_UNAVAILABLE, "the %s %s", what, why);
}

static const char *
missing_why(int error)
{
	switch (error) {
	case ENOENT:
		return "is missing (\"mcpctl init\" makes it)";
	case EACCES:
		return "cannot be reached by the user we run as";
	case ENOTDIR:
		return "lies below something that is no folder";
	default:
		return "cannot be looked at";
	}
}

enum err
state_check(const char *state, struct fault *f)
{
	static const char what[] = "state folder";
	struct stat st;

	if (state == NULL)
		return refuse(f, "mcp.conf", what,
		    "is not configured (\"state\")");
	if (stat(state, &st) != 0)
		return refuse(f, state, what, missing_why(errno));
	if (!S_ISDIR(st.st_mode))
		return refuse(f, state, what, "is no folder");
	if (!trusted(st.st_uid))
		return refuse(f, state, what, "belongs to another user");
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return refuse(f, state, what,
		    "can be written by others (chmod 700)");
	return ERR_OK;
}

enum err
state_make(const char *state, struct fault *f)
{
	if (mkdir(state, 0700) == 0 || errno == EEXIST)
		return state_check(state, f);
	fault_log(f, "%s: %s", state, strerror(errno));
	return fault_set(f, ERR_UNAVAILABLE, "the state folder cannot be made");
}

enum err
state_file(const char *path, const char *what, bool secret, struct fault *f)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return refuse(f, path, what, missing_why(errno));
	if (!S_ISREG(st.st_mode))
		return refuse(f, path, what, "is no plain file");
	if (!trusted(st.st_uid))
		return refuse(f, path, what, "belongs to another user");
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return refuse(f, path, what,
		    "can be written by others (chmod 600)");
	if (secret && (st.st_mode & S_IROTH) != 0)
		return refuse(f, path, what,
		    "can be read by everybody (chmod 400)");
	return ERR_OK;
}

static bool
below(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	if (n == 1) /* a root of "/" says nothing */
		return false;
	return strncmp(path, folder, n) == 0 &&
	       (path[n] == '/' || path[n] == '\0');
}

bool
state_root(struct str document_root, char real[static PATH_MAX])
{
	char root[PATH_MAX];

	if (document_root.len == 0 || document_root.len >= sizeof(root))
		return false;
	memcpy(root, document_root.p, document_root.len);
	root[document_root.len] = '\0';
	return realpath(root, real) != NULL;
}

enum err
state_outside(const char *path, const char *real_root, struct fault *f)
{
	char real[PATH_MAX];

	if (path == NULL || realpath(path, real) == NULL ||
	    !below(real, real_root))
		return ERR_OK;
	return refuse(f, path, "configuration or state",
	    "lies inside the document root, where the web server could show it");
}
