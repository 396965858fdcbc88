/* SPDX-License-Identifier: ISC */
/* Media types by the ending of a file's name, and what they mean for us. */
#include "content/content_int.h"

static const struct {
	const char *ending, *mime;
} types[] = {
	{ "txt", "text/plain" },
	{ "md", "text/markdown" },
	{ "markdown", "text/markdown" },
	{ "html", "text/html" },
	{ "htm", "text/html" },
	{ "css", "text/css" },
	{ "csv", "text/csv" },
	{ "tsv", "text/tab-separated-values" },
	{ "js", "text/javascript" },
	{ "json", "application/json" },
	{ "jsonl", "application/jsonl" },
	{ "xml", "application/xml" },
	{ "yaml", "application/yaml" },
	{ "yml", "application/yaml" },
	{ "toml", "application/toml" },
	{ "sql", "application/sql" },
	{ "svg", "image/svg+xml" },
	{ "png", "image/png" },
	{ "jpg", "image/jpeg" },
	{ "jpeg", "image/jpeg" },
	{ "gif", "image/gif" },
	{ "webp", "image/webp" },
	{ "pdf", "application/pdf" },
	{ "zip", "application/zip" },
	{ "wav", "audio/wav" },
	{ "mp3", "audio/mpeg" },
	{ "ogg", "audio/ogg" },
	{ "flac", "audio/flac" },
};

const char *
mime_of(struct str name)
{
	size_t dot = name.len;

	while (dot > 0 && name.p[dot - 1] != '.')
		dot--;
	name = str_from(name, dot);
	for (size_t i = 0; dot > 0 && i < sizeof(types) / sizeof(types[0]); i++)
		if (str_ieq(name, str_of(types[i].ending)))
			return types[i].mime;
	return NULL;
}

/* The type without its parameters. */
static struct str
bare(struct str mime)
{
	struct str type = mime;

	(void)str_cut(&mime, ';', &type);
	return str_trim(type);
}

bool
mime_is_text(struct str mime)
{
	static const char *const texts[] = { "application/json",
		"application/jsonl", "application/xml", "application/yaml",
		"application/toml", "application/sql",
		"application/javascript" };
	struct str t = bare(mime);

	if (str_starts(t, STR("text/")) || str_ends(t, STR("+json")) ||
	    str_ends(t, STR("+xml")))
		return true;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (str_ieq(t, str_of(texts[i])))
			return true;
	return false;
}

enum insert_form
mime_form(struct str mime)
{
	struct str t = bare(mime);

	if (str_ieq(t, STR("application/json")) ||
	    str_ieq(t, STR("application/jsonl")) || str_ends(t, STR("+json")))
		return INSERT_JSON;
	if (str_ieq(t, STR("text/html")) || str_ieq(t, STR("text/xml")) ||
	    str_ieq(t, STR("application/xml")) || str_ends(t, STR("+xml")))
		return INSERT_MARKUP;
	return INSERT_PLAIN;
}
