/* SPDX-License-Identifier: ISC */
/*
 * The parameters we read, by their CGI names.  The table is in order of
 * length, so that a name is compared with the two or three rows of its own.
 */
#include "http/http_int.h"

#define ROW(name, field, rank, traits)                      \
	{                                                   \
		name, sizeof(name) - 1, field, rank, traits \
	}

static const struct field_name rows[] = {
	ROW("HTTP_HOST", HTTP_F_HOST, 0, FIELD_ONE),
	ROW("PATH_INFO", HTTP_F_PATH_INFO, 0, 0),
	ROW("MCP_CONFIG", HTTP_F_MCP_CONFIG, 0, 0),
	ROW("HTTP_ACCEPT", HTTP_F_ACCEPT, 0, 0),
	ROW("HTTP_ORIGIN", HTTP_F_ORIGIN, 0, FIELD_ONE | FIELD_KEEP_EMPTY),
	ROW("HTTP_COOKIE", HTTP_F_COOKIE, 0, FIELD_MARK),
	ROW("SCRIPT_NAME", HTTP_F_SCRIPT_NAME, 0, 0),
	ROW("REQUEST_URI", HTTP_F_REQUEST_URI, 0, 0),
	ROW("SERVER_ADDR", HTTP_F_SERVER_ADDR, 0, 0),
	ROW("REMOTE_ADDR", HTTP_F_REMOTE_ADDR, 0, 0),
	ROW("QUERY_STRING", HTTP_F_QUERY_STRING, 0, 0),
	ROW("CONTENT_TYPE", HTTP_F_CONTENT_TYPE, 0, FIELD_ONE),
	ROW("HTTP_REFERER", HTTP_F_REFERER, 0, FIELD_MARK),
	ROW("DOCUMENT_ROOT", HTTP_F_DOCUMENT_ROOT, 0, 0),
	ROW("HTTP_MCP_NAME", HTTP_F_MCP_NAME, 0, FIELD_KEEP_EMPTY),
	ROW("REQUEST_METHOD", HTTP_F_REQUEST_METHOD, 0, 0),
	ROW("CONTENT_LENGTH", HTTP_F_CONTENT_LENGTH, 0, FIELD_ONE),
	ROW("HTTP_X_API_KEY", HTTP_F_API_KEY, 0, FIELD_ONE),
	ROW("HTTP_MCP_METHOD", HTTP_F_MCP_METHOD, 0, FIELD_KEEP_EMPTY),
	ROW("HTTP_USER_AGENT", HTTP_F_USER_AGENT, 0, FIELD_MARK),
	ROW("SERVER_SOFTWARE", HTTP_F_SERVER_SOFTWARE, 0, 0),
	ROW("HTTP_AUTHORIZATION", HTTP_F_AUTHORIZATION, 0, FIELD_AUTH),
	ROW("HTTP_MCP_SESSION_ID", HTTP_F_SESSION_ID, 0, 0),
	ROW("HTTP_X_FORWARDED_FOR", HTTP_F_FORWARDED_FOR, 0, 0),
	ROW("HTTP_CONTENT_ENCODING", HTTP_F_CONTENT_ENCODING, 0, 0),
	ROW("HTTP_MCP_PROTOCOL_VERSION", HTTP_F_PROTOCOL_VERSION, 0,
	    FIELD_KEEP_EMPTY),
	/* Apache puts one REDIRECT_ in front for each internal redirect. */
	ROW("REDIRECT_HTTP_AUTHORIZATION", HTTP_F_AUTHORIZATION, 1, FIELD_AUTH),
	ROW("REDIRECT_REDIRECT_HTTP_AUTHORIZATION", HTTP_F_AUTHORIZATION, 2,
	    FIELD_AUTH),
};

enum { NROWS = sizeof(rows) / sizeof(rows[0]), LEN_MIN = 9, LEN_MAX = 36 };

/* Where the rows of each length begin, from LEN_MIN on. */
static const uint8_t first[LEN_MAX - LEN_MIN + 2] = { 0, 2, 3, 10, 13, 15, 18,
	21, 21, 21, 22, 23, 24, 25, 25, 25, 25, 26, 26, 27, 27, 27, 27, 27, 27,
	27, 27, 27, 28 };

static const struct field_name sec_fetch =
    ROW("HTTP_SEC_FETCH_", HTTP_F_SEC_FETCH, 0, FIELD_MARK);

const struct field_name *
field_find(const char *name, size_t len)
{
	if (len < LEN_MIN || len > LEN_MAX)
		return NULL;
	size_t end = first[len - LEN_MIN + 1];
	for (size_t i = first[len - LEN_MIN]; i < end; i++)
		if (memcmp(rows[i].name, name, len) == 0)
			return &rows[i];
	if (len > sec_fetch.len &&
	    memcmp(name, sec_fetch.name, sec_fetch.len) == 0)
		return &sec_fetch;
	return NULL;
}

const struct field_name *
field_row(enum http_field field)
{
	for (size_t i = 0; i < NROWS; i++)
		if (rows[i].field == field && rows[i].rank == 0)
			return &rows[i];
	return &sec_fetch;
}
