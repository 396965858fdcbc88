/* SPDX-License-Identifier: ISC */
/*
 * The parameters of a request, found in one pass over the environment and
 * checked as HOSTING 1 and SECURITY_MODEL H5 and H11 ask.
 */
#include "http/http_int.h"

static const char *const methods[] = {
	[HTTP_GET] = "GET",
	[HTTP_HEAD] = "HEAD",
	[HTTP_POST] = "POST",
	[HTTP_PUT] = "PUT",
	[HTTP_DELETE] = "DELETE",
	[HTTP_OPTIONS] = "OPTIONS",
};
_Static_assert(sizeof(methods) / sizeof(methods[0]) == HTTP_OTHER,
    "a name for every method");

static enum http_method
method_of(struct str name)
{
	for (int i = 0; i < HTTP_OTHER; i++)
		if (str_eq(name, str_of(methods[i])))
			return (enum http_method)i;
	return HTTP_OTHER;
}

/* Keep a value, and remember when its name came before. */
static void
field_keep(struct http_req *req, uint8_t *rank, const struct field_name *row,
    struct str value)
{
	if (value.len == 0 && !(row->traits & FIELD_KEEP_EMPTY))
		return;
	if (req->field[row->field].p != NULL) {
		if (row->rank == *rank && !(row->traits & FIELD_MARK))
			req->twice |= 1ull << row->field;
		if (row->rank >= *rank)
			return;
	}
	*rank = row->rank;
	req->field[row->field] = value;
}

/* One pass; returns the size of all parameters together. */
static size_t
scan(struct http_req *req)
{
	uint8_t auth_rank = 0, no_rank = 0;
	size_t total = 0;

	for (char **e = req->io->env; e != NULL && *e != NULL; e++) {
		const char *eq = strchr(*e, '=');
		if (eq == NULL)
			continue;
		size_t len = (size_t)(eq - *e);
		struct str value = str_of(eq + 1);
		total += len + value.len;
		const struct field_name *row = field_find(*e, len);
		if (row == NULL)
			continue;
		no_rank = 0;
		field_keep(req,
		    row->traits & FIELD_AUTH ? &auth_rank : &no_rank, row,
		    str_trim(value));
	}
	return total;
}

static bool
has_list(struct str s)
{
	for (size_t i = 0; i + 1 < s.len; i++)
		if (s.p[i] == ',' && s.p[i + 1] == ' ')
			return true;
	return false;
}

/* HTTP_MCP_NAME as the client calls it: "the header Mcp-Name". */
static const char *
shown(struct arena *a, const struct field_name *row)
{
	struct str name = str_of(row->name);
	bool header = str_starts(name, STR("HTTP_"));
	char *p;

	if (row->field == HTTP_F_REQUEST_URI ||
	    row->field == HTTP_F_QUERY_STRING || row->field == HTTP_F_PATH_INFO)
		return "the URL";
	if (!header && !str_starts(name, STR("CONTENT_")))
		return arena_fmt(a, "the parameter %s", row->name).p;
	p = arena_z(a, header ? str_from(name, sizeof("HTTP_") - 1) : name);
	for (size_t i = 0; p[i] != '\0'; i++)
		if (p[i] == '_')
			p[i] = '-';
		else if (i > 0 && p[i - 1] != '-')
			p[i] |= 0x20;
	return arena_fmt(a, "the header %s", p).p;
}

/* Size and number of each field. */
static enum err
check_fields(const struct http_req *req, struct fault *f)
{
	for (int i = 0; i < HTTP_F_COUNT; i++) {
		if (req->field[i].p == NULL)
			continue;
		const struct field_name *row = field_row((enum http_field)i);
		if (row->traits & (FIELD_MARK | FIELD_AUTH))
			continue;
		if (req->twice & 1ull << i ||
		    (row->traits & FIELD_ONE && has_list(req->field[i])))
			return fault_set(f, ERR_HEADER,
			    "%s came more than once", shown(req->arena, row));
		if (req->field[i].len > req->limits.header)
			return fault_set(f, ERR_HEADER_BIG,
			    "%s is longer than %zu bytes",
			    shown(req->arena, row), req->limits.header);
	}
	return ERR_OK;
}

enum err
http_read(struct http_io *io, const struct http_limits *l, struct arena *a,
    struct http_req *req, struct fault *f)
{
	memset(req, 0, sizeof(*req));
	req->io = io;
	req->arena = a;
	req->limits = *l;
	req->is_cgi = io->is_cgi;

	size_t total = scan(req);
	req->method = method_of(req->field[HTTP_F_REQUEST_METHOD]);
	if (io->too_big || (!io->is_cgi && total > HTTP_PARAMS_MAX))
		return fault_set(f, ERR_HEADER_BIG,
		    "the header is longer than %d bytes", HTTP_PARAMS_MAX);
	if (check_fields(req, f) != ERR_OK)
		return f->code;
	return path_of(req, f);
}

bool
http_param(const struct http_req *req, const char *cgi_name, struct str *value,
    bool *twice)
{
	size_t len = strlen(cgi_name);
	bool found = false;

	*twice = false;
	for (char **e = req->io->env; e != NULL && *e != NULL; e++) {
		if (strncmp(*e, cgi_name, len) != 0 || (*e)[len] != '=')
			continue;
		if (found) {
			*twice = true;
			break;
		}
		found = true;
		*value = str_trim(str_of(*e + len + 1));
	}
	return found;
}
