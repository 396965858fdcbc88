/* SPDX-License-Identifier: ISC */
/*
 * mcp.fcgi: options; the configuration, with every complaint in the log; then
 * the last privileges go; only then is a byte of a request read.
 */
#include "config.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/secret.h"
#include "cgi-bin/sandbox.h"
#include "cgi-bin/serve.h"
#include "cgi-bin/workers.h"
#include "json/json.h"

enum { EXIT_USAGE = 2, CGI_PAD = 1 << 20, WORKER_KEEPS = 1 << 20 };

struct options {
	int workers; /* 0: not said */
	const char *config;
};

static const char usage[] = "usage: mcp.fcgi [--workers N] [CONFIG]\n"
			    "       mcp.fcgi -h | --help | --version\n";

static void
say(const char *text)
{
	(void)fputs(text, stdout);
	exit(fflush(stdout) == 0 ? 0 : 1);
}

static void
wrong_usage(const char *why, const char *word)
{
	(void)fprintf(stderr, "mcp.fcgi: %s%s\n%s", why, word, usage);
	exit(EXIT_USAGE);
}

static void
parse_options(int argc, char **argv, struct options *o)
{
	int64_t n;

	for (int i = 1; i < argc; i++) {
		struct str word = str_of(argv[i]);
		if (str_eq(word, STR("-h")) || str_eq(word, STR("--help")))
			say(usage);
		if (str_eq(word, STR("--version")))
			say(MCP_NAME " " PACKAGE_VERSION "\n");
		if (str_eq(word, STR("--workers"))) {
			if (i + 1 == argc ||
			    !str_int(str_of(argv[i + 1]), 1, WORKERS_MAX, &n))
				wrong_usage(
				    "--workers wants a number from 1 to 256",
				    "");
			o->workers = (int)n;
			i++;
		} else if (word.p[0] == '-' || o->config != NULL) {
			wrong_usage("this is not understood: ", argv[i]);
		} else {
			o->config = argv[i];
		}
	}
}

/*
 * Read the configuration now if the process knows which: a broken one is in
 * the log before the first request.  Otherwise the first request names it.
 */
static void
start_site(struct site *site, const struct options *o, bool is_cgi)
{
	const char *env = getenv("MCP_CONFIG"), *file;
	struct fault f = { 0 };

	if (env != NULL && env[0] == '\0')
		env = NULL;
	site_init(site, is_cgi);
	site->file_by_argument = o->config != NULL;
	if (o->config == NULL && env == NULL)
		return;
	file = conf_find(site->arena, o->config, env);
	if (file == NULL) /* it is not there: the complaint will say so */
		file = o->config != NULL ? o->config : env;
	site_name(site, file);
	if (site_ready(site, STR(""), &f) != ERR_OK)
		log_line("every request will be told so: %s", f.msg);
	arena_reset(site->arena);
}

static int
serve_cgi(const struct options *o)
{
	struct site site;
	struct http_io io;

	/* It lives for one answer: ask the system for memory less often. */
	(void)mallopt(M_TOP_PAD, CGI_PAD);

	start_site(&site, o, true);
	http_io_cgi(&io);
	serve(&site, &io);
	return 0;
}

static int
serve_fcgi(const struct options *o)
{
	struct http_fcgi *s;
	struct http_io io;
	struct site site;
	int served = 0;

	/* What an answer took is kept for the next one, not given back and
	 * asked for anew. */
	(void)mallopt(M_MMAP_THRESHOLD, WORKER_KEEPS);
	(void)mallopt(M_TRIM_THRESHOLD, WORKER_KEEPS);

	start_site(&site, o, false);
	s = http_fcgi_open();
	if (s == NULL)
		log_die("no memory to serve with");
	while (!site.leave && http_fcgi_next(s, &io)) {
		serve(&site, &io);
		http_fcgi_done(s);
		served++;
		if (site.conf != NULL && served >= site.conf->limits.requests)
			break;
	}
	http_fcgi_close(s);
	site_done(&site);
	return 0;
}

int
main(int argc, char **argv)
{
	struct options o = { 0 };
	struct fault f = { 0 };

	log_name("mcp.fcgi");
	parse_options(argc, argv, &o);
	sandbox_start();
	(void)signal(SIGPIPE, SIG_IGN);
	if (secret_start(&f) != ERR_OK)
		log_die("%s", f.msg);
	json_start();
	if (http_is_fcgi()) {
		workers_run(o.workers > 0 ? o.workers : 1);
		return serve_fcgi(&o);
	}
	if (o.workers > 0)
		wrong_usage("--workers wants a listening socket on fd 0", "");
	if (getenv("REQUEST_METHOD") == NULL)
		wrong_usage("this program is started by a web server", "");
	return serve_cgi(&o);
}
