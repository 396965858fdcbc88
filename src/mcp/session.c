/* SPDX-License-Identifier: ISC */
/*
 * The session id of the older revisions, which is no session: the client keeps
 * for us what it said when it introduced itself, sealed and bound to its token
 * (mcp.md 7.1).  It is believed where it comes, and asked for nowhere.  Who
 * introduces himself without a token is given none, for it could be nobody's.
 */
#include "mcp/nonce.h"
#include "mcp/stream_int.h"

#define HEADER "Mcp-Session-Id"

/* "2025-06-18 fusr NONCE": the revision, a letter for each thing the client
 * can, and something that makes it one of its kind. */
static const struct {
	char letter;
	enum era since;
	size_t at; /* of a bool in struct session */
	const char *path[2];
} abilities[] = {
	{ 'f', ERA_2025_06_18, offsetof(struct session, form),
	    { "elicitation", "form" } },
	{ 'u', ERA_2025_11_25, offsetof(struct session, url),
	    { "elicitation", "url" } },
	{ 's', ERA_2024_11_05, offsetof(struct session, sampling),
	    { "sampling", NULL } },
	{ 't', ERA_2025_11_25, offsetof(struct session, sampling_tools),
	    { "sampling", "tools" } },
	{ 'c', ERA_2024_11_05, offsetof(struct session, sampling_context),
	    { "sampling", "context" } },
	{ 'r', ERA_2024_11_05, offsetof(struct session, roots),
	    { "roots", NULL } },
};
enum { ABILITIES = sizeof(abilities) / sizeof(abilities[0]) };

static bool *
ability(struct session *s, size_t i)
{
	return (bool *)((char *)s + abilities[i].at);
}

static bool
offered(const struct conf *conf)
{
	return conf->streams && conf->sessions;
}

/* Its capabilities as it declared them; an elicitation that names no way is
 * that by form. */
static bool
declared(const json_t *can, size_t i)
{
	const char *const *path = abilities[i].path;
	const json_t *v = json_member(can, path[0]);

	if (!json_is_object(v))
		return false;
	if (path[1] == NULL || json_is_object(json_member(v, path[1])))
		return true;
	return abilities[i].letter == 'f' && json_member(v, "url") == NULL;
}

void
session_give(const struct message *msg)
{
	const json_t *can = json_member(msg->rpc.params, "capabilities");
	const struct conf *conf = msg->m->conf;
	char letters[ABILITIES + 1];
	struct str text;
	size_t n = 0;

	if (msg->stream == NULL || !offered(conf) || !message_known(msg))
		return;
	for (size_t i = 0; i < ABILITIES; i++)
		if (msg->era >= abilities[i].since && declared(can, i))
			letters[n++] = abilities[i].letter;
	letters[n] = '\0';
	text = arena_fmt(msg->arena, "%s %s %.*s", era_name(msg->era), letters,
	    NONCE_TEXT, nonce_make(msg->arena).p);
	http_header(msg->stream->res, HEADER,
	    seal_make(&msg->m->session_seal, msg->arena,
		str_of(msg->attempt->who->key.id),
		msg->now_s + conf->limits.session_time, text));
}

/* Take the text inside apart. */
static bool
understand(struct session *s, struct str text)
{
	struct str era, letters;

	if (!str_cut(&text, ' ', &era) || !str_cut(&text, ' ', &letters))
		return false;
	s->era = era_find(era);
	if (s->era == ERA_COUNT || era_modern(s->era))
		return false;
	for (size_t i = 0; i < ABILITIES; i++)
		*ability(s, i) = str_has(letters, abilities[i].letter);
	return true;
}

void
session_read(struct message *msg)
{
	struct session *s = &msg->session;
	struct str text;

	*s = (struct session){ 0 };
	if (msg->req == NULL || !offered(msg->m->conf) || !message_known(msg))
		return;
	s->id = msg->req->field[HTTP_F_SESSION_ID];
	s->came = s->id.p != NULL;
	s->good =
	    s->came &&
	    seal_open(&msg->m->session_seal, msg->arena,
		str_of(msg->attempt->who->key.id), msg->now_s, s->id, &text) &&
	    understand(s, text);
}

enum err
session_check(struct message *msg, struct fault *f)
{
	bool begins = str_eq(msg->rpc.method, STR("initialize"));

	if (era_modern(msg->era) || begins || !msg->session.came ||
	    msg->session.good)
		return ERR_OK;
	return fault_set(f, ERR_SESSION, "Session not found");
}
