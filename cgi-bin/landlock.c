/* SPDX-License-Identifier: ISC */
/*
 * Landlock by its system calls, any ABI from 1 on: configuration, sources,
 * modules and what the C library reads late can be read, the state folder and
 * the folders of writable sources can be written, all else does not exist.
 */
#define _GNU_SOURCE /* O_PATH */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/module.h"
#include "cgi-bin/sandbox.h"
#include "cgi-bin/sandbox_int.h"
#include "source/driver.h"

/* Rights by their bits: the headers may be older than the kernel. */
#define FS_EXECUTE  (1ull << 0)
#define FS_READ     (1ull << 2 | 1ull << 3) /* file, folder */
#define FS_WRITE    (1ull << 1)
#define FS_TRUNCATE (1ull << 14) /* ABI 3 */
#define FS_REMOVE   (1ull << 5)  /* a file */
#define FS_MAKE     (1ull << 8)  /* a regular file */
#define FS_FOLDER   (1ull << 7)  /* a folder */
#define FS_REFER    (1ull << 13) /* ABI 2 */
#define FS_ABI1     ((1ull << 13) - 1)

/* Rights that mean something for a file that is no folder. */
#define FS_OF_FILE (FS_EXECUTE | FS_WRITE | 1ull << 2 | FS_TRUNCATE)

struct fence {
	int fd;
	uint64_t handled;
};

/* For programs that work in a folder: all of it but devices. */
#define FS_WORK                                                       \
	(FS_WRITE | FS_TRUNCATE | 1ull << 4 | FS_REMOVE | 1ull << 7 | \
	    FS_MAKE | 1ull << 9 | 1ull << 10 | 1ull << 12 | FS_REFER)

enum {
	PLACE_READ = 1,
	PLACE_WRITE = 2,
	PLACE_RUN = 4,
	PLACE_WORK = 8,
	PLACE_FOLDERS = 16
};

static bool
add_rule(const struct fence *fence,
    const struct landlock_path_beneath_attr *rule)
{
	return syscall(SYS_landlock_add_rule, fence->fd,
		   LANDLOCK_RULE_PATH_BENEATH, rule, 0) == 0;
}

static void
allow(const struct fence *fence, const char *path, unsigned what)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = FS_READ };

	if (what & PLACE_RUN)
		rule.allowed_access |= FS_EXECUTE;
	if (what & PLACE_WRITE)
		rule.allowed_access |=
		    FS_WRITE | FS_TRUNCATE | FS_REMOVE | FS_MAKE;
	if (what & PLACE_FOLDERS)
		rule.allowed_access |= FS_FOLDER;
	if (what & PLACE_WORK)
		rule.allowed_access |= FS_WORK;
	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return; /* what is not there cannot be opened anyway */
	rule.allowed_access &= fence->handled;
	if (!add_rule(fence, &rule) && errno == EINVAL) { /* no folder */
		rule.allowed_access &= FS_OF_FILE;
		(void)add_rule(fence, &rule);
	}
	(void)close(rule.parent_fd);
}

/* The folder of a file: a replaced file is a new one. */
static void
allow_folder(const struct fence *fence, const char *file, unsigned what)
{
	char folder[4096];
	const char *slash = strrchr(file, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - file);

	if (n >= sizeof(folder))
		return;
	memcpy(folder, n == 0 ? "/" : file, n == 0 ? 1 : n);
	folder[n == 0 ? 1 : n] = '\0';
	allow(fence, slash == NULL ? "." : folder, what);
}

/*
 * A database in WAL mode needs its -shm file written by readers too; bytes 18
 * and 19 of the file say so (SQLite file format 1.3.1).
 */
static bool
has_wal(const char *path)
{
	unsigned char head[20];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	bool wal = fd >= 0 && read(fd, head, sizeof(head)) == sizeof(head) &&
		   (head[18] == 2 || head[19] == 2);

	if (fd >= 0)
		(void)close(fd);
	return wal;
}

static void
allow_source(const struct fence *fence, const struct conf_source *s)
{
	struct stat st;

	if (s->path == NULL)
		return;
	if (lstat(s->path, &st) == 0 && S_ISDIR(st.st_mode)) {
		allow(fence, s->path, PLACE_READ);
		return;
	}
	allow_folder(fence, s->path,
	    !s->readonly || has_wal(s->path) ? PLACE_READ | PLACE_WRITE
					     : PLACE_READ);
}

/* A module, or what would be one, linked into the static handler. */
static bool
is_module(const struct conf_source *s)
{
	const struct source_driver *d = driver_find(str_of(s->driver));

	return d != NULL && d->package != NULL;
}

bool
sandbox_has_modules(const struct conf *conf)
{
	if (is_module(&conf->store))
		return true;
	for (size_t i = 0; i < conf->nsources; i++)
		if (is_module(&conf->sources[i]))
			return true;
	return false;
}

/* The modules of a source's driver, where they would be opened from. */
static void
allow_module(const struct fence *fence, const struct conf_source *s)
{
	char path[PATH_MAX];

	const struct source_driver *d = driver_find(str_of(s->driver));

	if (!is_module(s))
		return;
	if (module_path(path, s->driver))
		allow(fence, path, PLACE_READ | PLACE_RUN);
	if (d->opens != NULL && module_path(path, d->opens))
		allow(fence, path, PLACE_READ | PLACE_RUN);
}

/* Sources know certificates by their path. */
static void
allow_certificates(const struct fence *fence, const struct conf_source *s)
{
	if (s->tls_ca != NULL)
		allow(fence, s->tls_ca, PLACE_READ);
}

static void
allow_each(const struct fence *fence, const char *const *paths, size_t n)
{
	for (size_t i = 0; i < n; i++)
		allow(fence, paths[i], PLACE_READ | PLACE_RUN);
}

/* A script may read and run what its user may, and write where it was told. */
static void
allow_programs(const struct fence *fence, const struct conf *conf)
{
	if (!conf_runs_programs(conf))
		return;
	allow(fence, "/", PLACE_READ | PLACE_RUN);
	allow(fence, "/tmp", PLACE_READ | PLACE_WORK);
	for (size_t i = 0; i < conf->ntools; i++)
		for (size_t k = 0; k < conf->tools[i].writable.n; k++)
			allow(fence, conf->tools[i].writable.v[k],
			    PLACE_READ | PLACE_WORK);
}

/* What resources and prompts are read from. */
static void
allow_content(const struct fence *fence, const struct conf *conf)
{
	for (size_t i = 0; i < conf->content_files.n; i++)
		allow_folder(fence, conf->content_files.v[i], PLACE_READ);
	for (size_t i = 0; i < conf->content_folders.n; i++)
		allow(fence, conf->content_folders.v[i], PLACE_READ);
}

static void
allow_all(const struct fence *fence, const struct conf *conf)
{
	/* What the C library and SQLite's clock read when first used. */
	static const char *const clock[] = { "/etc/localtime",
		"/usr/share/zoneinfo" };
	/* What a module and the libraries behind it read. */
	static const char *const modules[] = { "/etc/ld.so.cache",
		"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf",
		"/etc/ssl", "/etc/odbc.ini", "/etc/odbcinst.ini", "/lib",
		"/lib64", "/usr/lib", "/usr/local/lib", PKGLIBDIR };

	allow_each(fence, clock, sizeof(clock) / sizeof(clock[0]));
	if (sandbox_has_modules(conf))
		allow_each(fence, modules,
		    sizeof(modules) / sizeof(modules[0]));
	allow(fence, "/dev/null", PLACE_READ | PLACE_WRITE);
	allow(fence, "/dev/urandom", PLACE_READ);
	for (size_t i = 0; i < conf->files.n; i++)
		allow_folder(fence, conf->files.v[i], PLACE_READ);
	if (conf->state != NULL)
		allow(fence, conf->state,
		    PLACE_READ | PLACE_WRITE | PLACE_FOLDERS);
	for (size_t i = 0; i < conf->nsources; i++) {
		allow_source(fence, &conf->sources[i]);
		allow_module(fence, &conf->sources[i]);
		allow_certificates(fence, &conf->sources[i]);
	}
	allow_module(fence, &conf->store);
	allow_certificates(fence, &conf->store);
	allow_programs(fence, conf);
	allow_content(fence, conf);
}

bool
landlock_enter(const struct conf *conf)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs = FS_ABI1 };
	struct fence fence;
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	bool ok;

	if (abi < 1)
		return false;
	if (abi >= 2)
		attr.handled_access_fs |= FS_REFER;
	if (abi >= 3)
		attr.handled_access_fs |= FS_TRUNCATE;
	fence.handled = attr.handled_access_fs;
	/* The first field is all that ABI 1 knows. */
	fence.fd = (int)syscall(SYS_landlock_create_ruleset, &attr,
	    sizeof(attr.handled_access_fs), 0);
	if (fence.fd < 0)
		return false;
	allow_all(&fence, conf);
	ok = syscall(SYS_landlock_restrict_self, fence.fd, 0) == 0;
	(void)close(fence.fd);
	return ok;
}

/* Is this place within what "old" names? */
static bool
has_name(const struct conf_names *old, const char *name)
{
	for (size_t i = 0; i < old->n; i++)
		if (strcmp(old->v[i], name) == 0)
			return true;
	return false;
}

static bool
has_names(const struct conf_names *old, const struct conf_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		if (!has_name(old, names->v[i]))
			return false;
	return true;
}

static bool
has_source(const struct conf *old, const struct conf_source *s)
{
	for (size_t i = 0; i < old->nsources; i++) {
		const struct conf_source *o = &old->sources[i];
		if (o->path != NULL && strcmp(o->path, s->path) == 0 &&
		    (s->readonly || !o->readonly))
			return true;
	}
	return false;
}

/* Is the way of "s" that of "o"? */
static bool
same_way(const struct conf_source *o, const struct conf_source *s)
{
	return str_eq(str_of(o->driver), str_of(s->driver)) &&
	       (s->tls_ca == NULL ||
		   str_eq(str_of(o->tls_ca), str_of(s->tls_ca)));
}

/* Its driver and its certificates are within reach already. */
static bool
has_way(const struct conf *old, const struct conf_source *s)
{
	if (same_way(&old->store, s))
		return true;
	for (size_t i = 0; i < old->nsources; i++)
		if (same_way(&old->sources[i], s))
			return true;
	return false;
}

static bool
has_writable(const struct conf *old, const char *folder)
{
	for (size_t i = 0; i < old->ntools; i++)
		for (size_t k = 0; k < old->tools[i].writable.n; k++)
			if (strcmp(old->tools[i].writable.v[k], folder) == 0)
				return true;
	return false;
}

/* Programs, or folders for them, that there were not before. */
static bool
has_programs(const struct conf *old, const struct conf *conf)
{
	if (!conf_runs_programs(conf))
		return true;
	if (!conf_runs_programs(old))
		return false;
	for (size_t i = 0; i < conf->ntools; i++)
		for (size_t k = 0; k < conf->tools[i].writable.n; k++)
			if (!has_writable(old, conf->tools[i].writable.v[k]))
				return false;
	return true;
}

bool
sandbox_outgrown(const struct conf *old, const struct conf *conf)
{
	if (!has_programs(old, conf))
		return true;
	if (!str_eq(str_of(old->state), str_of(conf->state)) ||
	    (sandbox_has_modules(conf) && !sandbox_has_modules(old)))
		return true;
	if (!has_names(&old->files, &conf->files) ||
	    !has_names(&old->content_files, &conf->content_files) ||
	    !has_names(&old->content_folders, &conf->content_folders) ||
	    !has_way(old, &conf->store))
		return true;
	for (size_t i = 0; i < conf->nsources; i++)
		if ((conf->sources[i].path != NULL &&
			!has_source(old, &conf->sources[i])) ||
		    !has_way(old, &conf->sources[i]))
			return true;
	return false;
}
