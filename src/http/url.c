/* SPDX-License-Identifier: ISC */
/* URLs: percent-decoding (RFC 3986 2.1), the path and the query. */
#include "http/http_int.h"

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
url_decode(struct arena *a, struct str in, bool plus, struct str *out)
{
	char *to = arena_get(a, in.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < in.len; i++) {
		char c = in.p[i];
		if (c == '%') {
			if (in.len - i < 3)
				return false;
			int high = hex_value(in.p[i + 1]);
			int low = hex_value(in.p[i + 2]);
			if (high < 0 || low < 0)
				return false;
			c = (char)(high * 16 + low);
			i += 2;
		} else if (c == '+' && plus) {
			c = ' ';
		}
		to[n++] = c;
	}
	to[n] = '\0';
	*out = (struct str){ to, n };
	return true;
}

/* Is a segment of the path "." or ".."? */
static bool
has_dots(struct str path)
{
	struct str piece;

	while (str_cut(&path, '/', &piece))
		if (str_eq(piece, STR(".")) || str_eq(piece, STR("..")))
			return true;
	return false;
}

/* SCRIPT_NAME and PATH_INFO are decoded already. */
static struct str
path_of_parts(const struct http_req *req)
{
	struct buf b;

	buf_init(&b, req->arena, 2 * req->limits.header + 2);
	buf_str(&b, req->field[HTTP_F_SCRIPT_NAME]);
	buf_str(&b, req->field[HTTP_F_PATH_INFO]);
	return buf_text(&b);
}

enum err
path_of(struct http_req *req, struct fault *f)
{
	struct str uri = req->field[HTTP_F_REQUEST_URI], raw;

	if (uri.p == NULL) {
		req->path = path_of_parts(req);
		req->query = req->field[HTTP_F_QUERY_STRING];
	} else {
		(void)str_cut(&uri, '?', &raw);
		req->query = uri;
		if (!url_decode(req->arena, raw, false, &req->path))
			return fault_set(f, ERR_BAD_URL,
			    "the path cannot be decoded");
	}
	if (has_dots(req->path))
		return fault_set(f, ERR_NOT_FOUND, "not found");
	return ERR_OK;
}

enum err
http_query(const struct http_req *req, const char *name, struct arena *a,
    bool *present, struct str *value, struct fault *f)
{
	struct str rest = req->query, pair, key;

	*present = false;
	while (rest.p != NULL && str_cut(&rest, '&', &pair)) {
		struct str raw = pair;
		(void)str_cut(&raw, '=', &key);
		if (!url_decode(a, key, true, &key) ||
		    !str_eq(key, str_of(name)))
			continue;
		*present = true;
		if (raw.p == NULL)
			*value = STR("");
		else if (!url_decode(a, raw, true, value))
			return fault_set(f, ERR_BAD_URL,
			    "the value of '%s' cannot be decoded", name);
		return ERR_OK;
	}
	return ERR_OK;
}
