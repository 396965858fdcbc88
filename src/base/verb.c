/* SPDX-License-Identifier: ISC */
/* The permission verbs as text. */
#include "base/verb.h"
#include "base/buf.h"

static const struct {
	const char *name;
	unsigned bits;
} words[] = {
	{ "SELECT", VERB_SELECT }, { "INSERT", VERB_INSERT },
	{ "UPDATE", VERB_UPDATE }, { "DELETE", VERB_DELETE },
	{ "EXECUTE", VERB_EXECUTE },
	{ "ALL", VERB_ALL }, /* last: only for reading */
};
#define NWORDS (sizeof(words) / sizeof(words[0]))

struct str
verbs_text(struct arena *a, unsigned verbs)
{
	struct buf b;

	buf_init(&b, a, 64);
	for (size_t i = 0; i < NWORDS - 1; i++) {
		if ((verbs & words[i].bits) == 0)
			continue;
		if (b.len != 0)
			buf_char(&b, ',');
		buf_str(&b, str_of(words[i].name));
	}
	return buf_text(&b);
}

static unsigned
verb_bits(struct str word)
{
	for (size_t i = 0; i < NWORDS; i++)
		if (str_ieq(word, str_of(words[i].name)))
			return words[i].bits;
	return 0;
}

bool
verbs_parse(struct str text, unsigned *verbs)
{
	unsigned all = 0;
	struct str word;

	while (str_cut(&text, ',', &word)) {
		unsigned bits = verb_bits(str_trim(word));

		if (bits == 0)
			return false;
		all |= bits;
	}
	if (all == 0)
		return false;
	*verbs = all;
	return true;
}
