/* SPDX-License-Identifier: ISC */
/*
 * What the row of a setting cannot see by itself: the forms of names and
 * addresses, and how settings agree with each other.
 */
#include <arpa/inet.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf_int.h"

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/* Of these characters only, and so many. */
static bool
made_of(const char *text, const char *of, size_t min, size_t max)
{
	size_t n = strlen(text);

	return n >= min && n <= max && strspn(text, of) == n;
}

bool
named_source(const char *name)
{
	return strspn(name, LOWER) > 0 &&
	       made_of(name, LOWER DIGITS "_", 1, 31);
}

bool
named_tool(const char *name)
{
	return made_of(name, LOWER UPPER DIGITS "_-", 1, 64);
}

bool
named_param(const char *name)
{
	return strspn(name, LOWER UPPER) > 0 &&
	       made_of(name, LOWER UPPER DIGITS "_", 1, 64);
}

const char *
check_variable(const char *text)
{
	if (strspn(text, DIGITS) > 0 ||
	    !made_of(text, LOWER UPPER DIGITS "_", 1, 100))
		return "must be the name of a variable: letters, digits and _";
	return NULL;
}

/* What follows http:// or https://, or NULL. */
static const char *
after_scheme(const char *text)
{
	if (strncmp(text, "https://", 8) == 0)
		return text + 8;
	return strncmp(text, "http://", 7) == 0 ? text + 7 : NULL;
}

/* "name", "name:port", "[::1]:port", all of it "n" bytes long. */
static bool
is_host(const char *text, size_t n)
{
	struct str s = { text, n }, port;
	size_t name;
	int64_t v;

	if (n > 0 && text[0] == '[') {
		const char *end = memchr(text, ']', n);

		if (end == NULL || strspn(text + 1, DIGITS "abcdefABCDEF:.") !=
				       (size_t)(end - text - 1))
			return false;
		name = (size_t)(end - text) + 1;
	} else {
		name = strspn(text, LOWER UPPER DIGITS "-._");
		if (name > n)
			name = n;
	}
	if (name == 0 || name > 255)
		return false;
	port = str_from(s, name);
	return port.len == 0 ||
	       (port.p[0] == ':' && str_int(str_from(port, 1), 1, 65535, &v));
}

const char *
check_url(const char *text)
{
	static const char wrong[] =
	    "must be http:// or https://, a host and a path without ?, #, % and dot segments, such as \"https://example.org/mcp\"";
	const char *host = after_scheme(text);
	const char *path;

	if (host == NULL || strlen(text) > 2000)
		return wrong;
	path = host + strcspn(host, "/");
	if (!is_host(host, (size_t)(path - host)))
		return wrong;
	if (strspn(path, LOWER UPPER DIGITS "-._~!$&'()*+,;=:@/") !=
	    strlen(path))
		return wrong;
	if (strstr(path, "//") != NULL || strstr(path, "/.") != NULL)
		return wrong;
	return NULL;
}

const char *
conf_url_wrong(const char *text)
{
	return check_url(text);
}

const char *
check_origin(const char *text)
{
	const char *host = after_scheme(text);

	if (host == NULL || !is_host(host, strlen(host)))
		return "must hold origins such as \"https://app.example.org\", without a path";
	return NULL;
}

const char *
check_csp(const char *text)
{
	const char *host = strstr(text, "://");
	size_t n = host == NULL ? 0 : (size_t)(host - text);
	struct str scheme = { text, n };

	host = host == NULL ? "" : host + 3;
	if (strncmp(host, "*.", 2) == 0)
		host += 2;
	if ((!str_eq(scheme, STR("https")) && !str_eq(scheme, STR("http")) &&
		!str_eq(scheme, STR("wss")) && !str_eq(scheme, STR("ws"))) ||
	    !is_host(host, strlen(host)))
		return "must hold origins such as \"https://app.example.org\" or \"https://*.example.org\"";
	return NULL;
}

const char *
check_host(const char *text)
{
	if (!is_host(text, strlen(text)))
		return "must hold host names such as \"example.org\" or \"example.org:8080\"";
	return NULL;
}

const char *
check_address(const char *text)
{
	unsigned char bytes[16];
	struct str s = str_of(text), addr;
	char z[INET6_ADDRSTRLEN];
	int64_t bits;
	int most = strchr(text, ':') == NULL ? 32 : 128;

	if (str_cut(&s, '/', &addr) && addr.len < sizeof(z)) {
		memcpy(z, addr.p, addr.len);
		z[addr.len] = '\0';
		if (inet_pton(most == 32 ? AF_INET : AF_INET6, z, bytes) == 1 &&
		    (s.p == NULL || str_int(s, 0, most, &bits)))
			return NULL;
	}
	return "must hold addresses such as \"127.0.0.1\", \"10.0.0.0/8\" or \"::1\"";
}

const char *
check_folder(const char *text)
{
	return text[0] == '/' ? NULL : "must hold absolute paths of folders";
}

/* The pieces between the dots of a rule; 0 when one is empty. */
static size_t
rule_pieces(const char *text)
{
	struct str rest = str_of(text), piece;
	size_t n = 0;

	while (str_cut(&rest, '.', &piece)) {
		if (piece.len == 0)
			return 0;
		n++;
	}
	return n;
}

/* A rule that can match nothing hides nothing, and nobody would know. */
const char *
check_deny(const char *text)
{
	size_t n = rule_pieces(text);

	return n == 1 || n == 2
		   ? NULL
		   : "must hold \"table\" or \"table.column\", without the schema: a rule holds in every one (* stands for a dot inside of a name)";
}

const char *
check_mask(const char *text)
{
	return rule_pieces(text) == 2
		   ? NULL
		   : "must hold \"table.column\", without the schema: a rule holds in every one (\"table.*\" masks all columns; * stands for a dot inside of a name)";
}

/* What a client may offer to the tools it calls (mcp.md 6). */
const char *
check_capability(const char *text)
{
	static const char *const names[] = { "elicitation", "elicitation.form",
		"elicitation.url", "sampling", "sampling.tools",
		"sampling.context", "roots" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(text, names[i]) == 0)
			return NULL;
	return "must hold names of elicitation, elicitation.form, elicitation.url, sampling, sampling.tools, sampling.context, roots";
}

/* Is a text a value of a parameter's type? */
static bool
fits_type(const struct conf_param *p)
{
	int64_t i;
	char *end;

	switch (p->type) {
	case CONF_INTEGER:
		return str_int(str_of(p->dflt), INT64_MIN, INT64_MAX, &i);
	case CONF_NUMBER:
		(void)strtod(p->dflt, &end);
		return end != p->dflt && *end == '\0';
	case CONF_BOOLEAN:
		return strcmp(p->dflt, "true") == 0 ||
		       strcmp(p->dflt, "false") == 0;
	case CONF_STRING:
		break;
	}
	return true;
}

static const char *
default_wrong(const struct conf_param *p)
{
	bool number = p->type == CONF_INTEGER || p->type == CONF_NUMBER;
	double v;

	if (!fits_type(p))
		return "default must be a value of the parameter's type";
	v = number ? strtod(p->dflt, NULL) : 0;
	if (number &&
	    ((p->has_min && v < p->min) || (p->has_max && v > p->max)))
		return "default must lie between min and max";
	for (size_t i = 0; i < p->values.n; i++)
		if (strcmp(p->values.v[i], p->dflt) == 0)
			return NULL;
	return p->values.n == 0 ? NULL : "default must be one of enum";
}

/* What stands in the file: drivers complain of what they do not read. */
static void
note_given(struct walk *w, const config_setting_t *s, struct conf_source *to)
{
	size_t n = (size_t)config_setting_length(s);
	struct conf_given *given = arena_zero(w->a, n + 1, sizeof(*given));

	for (size_t i = 0; i < n; i++) {
		const config_setting_t *e =
		    config_setting_get_elem(s, (unsigned)i);

		given[i].name = arena_z(w->a, str_of(e->name));
		given[i].at = text_at(w, (int)config_setting_source_line(e));
	}
	to->given = given;
	to->ngiven = n;
}

void
source_done(struct walk *w, const config_setting_t *s, void *thing)
{
	struct conf_source *source = thing;

	note_given(w, s, source);
	if (source->rate.burst != 0 && !source->rate.set)
		complain(w,
		    (int)config_setting_source_line(
			config_setting_get_member(s, "burst")),
		    "sources.%s.burst needs the setting \"rate\" beside it",
		    source->name);
}

void
store_done(struct walk *w, const config_setting_t *s, void *thing)
{
	struct conf *c = thing;

	note_given(w, s, &c->store);
	c->store.at = text_at(w, (int)config_setting_source_line(s));
}

void
param_done(struct walk *w, const config_setting_t *s, void *thing)
{
	const struct conf_param *p = thing;
	bool number = p->type == CONF_INTEGER || p->type == CONF_NUMBER;
	int line = (int)config_setting_source_line(s);
	const config_setting_t *d;
	const char *wrong;

	if ((p->has_min || p->has_max) && !number)
		complain(w, line,
		    "parameter %s: min and max are for integer and number",
		    p->name);
	if (p->has_min && p->has_max && p->min > p->max)
		complain(w, line, "parameter %s: min is larger than max",
		    p->name);
	if (p->type == CONF_INTEGER &&
	    (p->min != floor(p->min) || p->max != floor(p->max)))
		complain(w, line,
		    "parameter %s: min and max of an integer must be whole",
		    p->name);
	if (p->values.n > 0 && p->type != CONF_STRING)
		complain(w, line, "parameter %s: enum is for string", p->name);
	if (!p->has_default)
		return;
	d = config_setting_get_member(s, "default");
	if (p->required)
		complain(w, line,
		    "parameter %s: what is required needs no default", p->name);
	wrong = (p->type == CONF_STRING) == (d->type == CONFIG_TYPE_STRING)
		    ? default_wrong(p)
		    : "default must be a value of the parameter's type";
	if (wrong != NULL)
		complain(w, (int)config_setting_source_line(d),
		    "parameter %s: %s", p->name, wrong);
}

static int
by_name(const void *pa, const void *pb)
{
	const struct conf_source *a = pa, *b = pb;

	return strcmp(a->name, b->name);
}

static void
check_refs(struct walk *w)
{
	const struct conf *c = w->c;
	const char **known = arena_zero(w->a, c->nsources + 1, sizeof(*known));

	for (size_t i = 0; i < c->nsources; i++)
		known[i] = c->sources[i].name;
	for (size_t i = 0; i < w->nrefs; i++) {
		const struct ref *r = &w->refs[i];

		if (conf_source_index(c, str_of(r->name)) < 0)
			complain(w, r->line,
			    "%s: there is no source \"%.64s\"%s", r->where,
			    r->name, did_you_mean(w->a, r->name, known));
	}
}

/* A burst that was not given is the whole count. */
static void
fill_bursts(struct walk *w)
{
	struct conf_source *s = (struct conf_source *)w->c->sources;

	if (w->c->limits.auth_fails.burst == 0)
		w->c->limits.auth_fails.burst = w->c->limits.auth_fails.count;
	for (size_t i = 0; i < w->c->nsources; i++)
		if (s[i].rate.set && s[i].rate.burst == 0)
			s[i].rate.burst = s[i].rate.count;
}

/* The path of base_url, without the slash at its end. */
static void
fill_mount(struct walk *w)
{
	struct conf *c = w->c;
	struct str url = str_of(c->base_url);
	const char *host;

	c->mount = "/mcp";
	if (c->base_url == NULL || check_url(c->base_url) != NULL)
		return;
	while (str_ends(url, STR("/")))
		url.len--;
	c->base_url = arena_z(w->a, url);
	host = after_scheme(c->base_url);
	c->mount = host + strcspn(host, "/");
}

void
check_all(struct walk *w)
{
	struct conf_tool *t = (struct conf_tool *)w->c->tools;

	if (w->c->nsources > 1)
		qsort((void *)w->c->sources, w->c->nsources,
		    sizeof(*w->c->sources), by_name);
	w->c->store.name = "store";
	w->c->store.store = true;
	fill_bursts(w);
	fill_mount(w);
	if (w->c->key_env != NULL)
		watch_variable(w, w->c->key_env);
	if (w->torn)
		return;
	scripts_find(w);
	content_check(w);
	check_refs(w);
	for (size_t i = 0; i < w->c->ntools; i++)
		t[i].source_index =
		    t[i].source == NULL
			? -1
			: conf_source_index(w->c, str_of(t[i].source));
}
