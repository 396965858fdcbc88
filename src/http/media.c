/* SPDX-License-Identifier: ISC */
/* What a body is and what the client takes: Content-Type, Content-Encoding,
 * Accept (mcp.md 3.2, RFC 9110 12.5.1). */
#include "http/http_int.h"

/* The type without its parameters. */
static struct str
type_of(struct str value)
{
	struct str type = { 0 };

	(void)str_cut(&value, ';', &type);
	return str_trim(type);
}

/* A browser or an MCP client: neither forgets the type by accident. */
static bool
knows_better(const struct http_req *req)
{
	static const enum http_field signs[] = { HTTP_F_ORIGIN, HTTP_F_REFERER,
		HTTP_F_COOKIE, HTTP_F_SEC_FETCH, HTTP_F_PROTOCOL_VERSION };

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (req->field[signs[i]].p != NULL)
			return true;
	return false;
}

enum err
http_check_type(const struct http_req *req, struct fault *f)
{
	struct str coding = req->field[HTTP_F_CONTENT_ENCODING];
	struct str type = type_of(req->field[HTTP_F_CONTENT_TYPE]);

	if (coding.p != NULL && !str_ieq(coding, STR("identity")))
		return fault_set(f, ERR_MEDIA,
		    "Content-Encoding is not supported");
	if (str_ieq(type, STR("application/json")))
		return ERR_OK;
	if ((type.len == 0 ||
		str_ieq(type, STR("application/x-www-form-urlencoded"))) &&
	    !knows_better(req))
		return ERR_OK;
	return fault_set(f, ERR_MEDIA, "Content-Type must be application/json");
}

/* Is the range refused by q=0? */
static bool
is_refused(struct str params)
{
	struct str piece;

	while (str_cut(&params, ';', &piece)) {
		struct str p = str_trim(piece), name;
		if (!str_cut(&p, '=', &name) ||
		    !str_ieq(str_trim(name), STR("q")) || p.p == NULL)
			continue;
		p = str_trim(p);
		if (p.len == 0 || p.p[0] != '0')
			return false;
		for (size_t i = 1; i < p.len; i++)
			if (p.p[i] != '.' && p.p[i] != '0')
				return false;
		return true;
	}
	return false;
}

enum { TAKES_JSON = 1, TAKES_SSE = 2, TAKES_HTML = 4, NAMES_SSE = 8 };

static const struct media_range {
	const char *name;
	unsigned takes;
} ranges[] = {
	{ "*/*", TAKES_JSON | TAKES_SSE },
	{ "application/*", TAKES_JSON },
	{ "text/*", TAKES_SSE },
	{ "application/json", TAKES_JSON },
	{ "text/event-stream", TAKES_SSE | NAMES_SSE },
	{ "text/html", TAKES_HTML },
	{ "application/xhtml+xml", TAKES_HTML },
};

struct http_accept
http_accept(const struct http_req *req)
{
	struct str rest = req->field[HTTP_F_ACCEPT], item;
	unsigned yes = 0, no = 0;

	if (rest.p == NULL)
		return (struct http_accept){ .json = true, .sse = true };
	while (str_cut(&rest, ',', &item)) {
		struct str name;
		(void)str_cut(&item, ';', &name);
		for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
			if (str_ieq(str_trim(name), str_of(ranges[i].name)))
				*(is_refused(item) ? &no : &yes) |=
				    ranges[i].takes;
	}
	yes &= ~no;
	return (struct http_accept){
		.json = yes & TAKES_JSON,
		.sse = yes & TAKES_SSE,
		.html = yes & TAKES_HTML,
		.sse_named = yes & NAMES_SSE,
	};
}
