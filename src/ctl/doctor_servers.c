/* SPDX-License-Identifier: ISC */
/*
 * Web server files on this machine that name mcp.fcgi or its socket, held
 * against what HOSTING says each server needs.  A word search, not a parser:
 * it gives hints.  What really arrives is seen by "doctor --url".
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/doctor.h"

#define FILE_MAX ((size_t)256 << 10)

static const struct {
	const char *folder, *server;
} places[] = {
	{ "/etc/apache2/conf-enabled", "apache" },
	{ "/etc/apache2/sites-enabled", "apache" },
	{ "/etc/httpd/conf.d", "apache" },
	{ "/etc/lighttpd/conf-enabled", "lighttpd" },
	{ "/etc/nginx/sites-enabled", "nginx" },
	{ "/etc/nginx/conf.d", "nginx" },
	{ "/etc/caddy", "caddy" },
};

/* Where a server says how many processes there are, and gives none of them a
 * second request: elsewhere another of ours takes the place of one that waits. */
static const struct {
	const char *server, *word;
} counts[] = {
	{ "apache", "FcgidMaxProcesses " },
};

/* With fewer, those that wait leave nobody to bring their answers. */
enum { STREAM_WORKERS = 4 };

/* A word that must or must not be there once "when" is. */
static const struct rule {
	const char *server, *when;
	const char *need[3]; /* one of these; none: "never" counts */
	const char *never;
	enum finding level;
	const char *fix, *text;
	bool streams; /* worse where these are switched on */
} rules[] = {
	{ "apache", "mcp",
	    { "CGIPassAuth On", "FcgidPassHeader Authorization",
		"SetEnvIf Authorization" },
	    NULL, FIND_BAD, "CGIPassAuth On",
	    "Apache keeps the Authorization header to itself", false },
	{ "apache", "fcgid-script", { "FcgidMaxRequestLen" }, NULL, FIND_WARN,
	    "FcgidMaxRequestLen 8388608",
	    "bodies over 128 kB end in an HTML 500", false },
	{ "apache", "fcgid-script", { "FcgidOutputBufferSize 0" }, NULL,
	    FIND_WARN, "FcgidOutputBufferSize 0",
	    "progress arrives only at the end", true },
	{ "apache", "fcgid-script", { "FcgidIOTimeout" }, NULL, FIND_WARN,
	    "FcgidIOTimeout 120", "40 s without a byte end in an HTML 500",
	    false },
	{ "apache", "fcgi://", { "flushpackets=on" }, NULL, FIND_WARN,
	    "<Proxy \"fcgi://mcp-fcgi\" flushpackets=on timeout=120>",
	    "progress arrives only at the end", true },
	{ "apache", "fcgi://", { NULL }, "enablereuse=on", FIND_BAD,
	    "remove enablereuse=on",
	    "kept connections hold workers while other calls wait", false },
	{ "lighttpd", "mcp", { "server.stream-response-body" }, NULL, FIND_WARN,
	    "server.stream-response-body = 1",
	    "progress arrives only at the end", true },
	{ "lighttpd", "fastcgi.server", { "check-local" }, NULL, FIND_BAD,
	    "\"check-local\" => \"disable\"",
	    "lighttpd looks for a file of the URL's name first", false },
	{ "nginx", "fastcgi_pass", { "client_max_body_size" }, NULL, FIND_WARN,
	    "client_max_body_size 8m;", "bodies over 1 MB end in an HTML 413",
	    false },
	{ "nginx", "fastcgi_pass", { "fastcgi_read_timeout" }, NULL, FIND_WARN,
	    "fastcgi_read_timeout 120s;", "60 s without a byte end in a 504",
	    false },
	{ "nginx", "fastcgi_pass", { "HTTP_PROXY" }, NULL, FIND_NOTE,
	    "fastcgi_param HTTP_PROXY \"\";",
	    "a Proxy header of the client gets through to programs", false },
	{ "nginx", "fastcgi_pass", { NULL }, "fastcgi_keep_conn on", FIND_NOTE,
	    "remove fastcgi_keep_conn on",
	    "kept connections are of no use to a stateless responder", false },
	{ "caddy", "mcp", { "respond 404" }, NULL, FIND_WARN,
	    "handle { respond 404 }",
	    "unknown paths get an empty 200, which confuses clients", false },
};

/* Without comment lines, so that a hint in a comment is not taken for real. */
static struct str
read_conf(struct arena *a, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *p = arena_get(a, FILE_MAX + 1);
	ssize_t n = fd < 0 ? -1 : read(fd, p, FILE_MAX);
	struct str rest = { p, n < 0 ? 0 : (size_t)n };
	struct str line;
	struct buf b;

	if (fd >= 0)
		(void)close(fd);
	buf_init(&b, a, FILE_MAX + 2);
	while (rest.len > 0 && str_cut(&rest, '\n', &line)) {
		struct str t = str_trim(line);

		if (t.len > 0 && t.p[0] != '#') {
			buf_str(&b, t);
			buf_char(&b, '\n');
		}
	}
	buf_char(&b, '\0');
	return buf_text(&b);
}

static bool
holds(struct str text, const char *word)
{
	return strstr(text.p, word) != NULL;
}

/* Does the text break the rule? */
static bool
breaks(const struct rule *r, struct str text)
{
	if (r->need[0] == NULL)
		return holds(text, r->never);
	for (size_t i = 0; i < 3 && r->need[i] != NULL; i++)
		if (holds(text, r->need[i]))
			return false;
	return true;
}

/* The whole number behind a word, or -1. */
static int64_t
number_behind(struct str text, const char *word)
{
	const char *p = strstr(text.p, word);
	struct str digits;
	int64_t n;

	if (p == NULL)
		return -1;
	p += strlen(word);
	p += strcspn(p, "0123456789\n");
	digits = (struct str){ p, strspn(p, "0123456789") };
	return str_int(digits, 0, INT32_MAX, &n) ? n : -1;
}

/* Requests that wait hold a process each. */
static size_t
look_count(struct doctor *d, const char *server, const char *path,
    struct str text)
{
	size_t found = 0;

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		int64_t n = number_behind(text, counts[i].word);

		if (!d->c->conf->streams || n < 0 || n >= STREAM_WORKERS ||
		    !str_eq(str_of(counts[i].server), str_of(server)))
			continue;
		find(d, FIND_WARN, "streams", counts[i].word,
		    "%s: %d processes are few where requests may wait for somebody; have at least %d",
		    path, (int)n, STREAM_WORKERS);
		found++;
	}
	return found;
}

static size_t
look_rules(struct doctor *d, const char *server, const char *path,
    struct str text)
{
	size_t found = 0;

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const struct rule *r = &rules[i];
		bool worse = r->streams && d->c->conf->streams;

		if (!str_eq(str_of(r->server), str_of(server)) ||
		    !holds(text, r->when) || !breaks(r, text))
			continue;
		find(d, worse ? FIND_BAD : r->level, "web server", r->fix,
		    "%s: %s%s", path, r->text,
		    worse ? ", and so do questions to the user (streams)" : "");
		found++;
	}
	return found;
}

static void
look_conf_file(struct doctor *d, const char *server, const char *path)
{
	struct arena *a = arena_new(4 * FILE_MAX);
	struct str text = read_conf(a, path);
	size_t found;

	if (holds(text, "mcp.fcgi") || holds(text, "mcp.sock") ||
	    holds(text, "mcp.cgi")) {
		found = look_rules(d, server, path, text) +
			look_count(d, server, path, text);
		if (found == 0)
			find(d, FIND_GOOD, "web server", NULL, "%s", path);
	}
	arena_free(a);
}

void
doctor_servers(struct doctor *d)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		DIR *dir = opendir(places[i].folder);
		const struct dirent *e;

		if (dir == NULL)
			continue;
		for (e = readdir(dir); e != NULL; e = readdir(dir))
			if (e->d_name[0] != '.')
				look_conf_file(d, places[i].server,
				    arena_fmt(d->c->arena, "%s/%s",
					places[i].folder, e->d_name)
					.p);
		(void)closedir(dir);
	}
}
