/* SPDX-License-Identifier: ISC */
/*
 * Requests that may ask the user in their midst (mcp.md 14 and 7.6).  In the
 * modern era nothing is kept here: the client gets the questions as a result
 * and comes again with the replies.  In the older ones the request waits.
 */
#include <sodium.h>

#include "base/log.h"
#include "mcp/ask_int.h"

/* Rounds of one request, and tries to get a good reply to one question. */
enum { ROUNDS = 16, TRIES = 3 };

/* Characters of a line that tells the audit of them. */
enum { TOLD = 64 };

static void
drop(void *v)
{
	json_decref(v);
}

json_t *
ask_tree(struct arena *a, json_t *tree)
{
	arena_defer(a, drop, tree);
	return tree;
}

/* "elicitation" alone means forms. */
static void
can_read(const struct message *msg, struct tool_asking *to)
{
	const json_t *can = json_member(msg->rpc.meta, META_CAPABILITIES);
	const json_t *e = json_member(can, "elicitation");
	const json_t *url = json_member(e, "url");
	const json_t *s = json_member(can, "sampling");

	to->url = json_is_object(url);
	to->form = json_is_object(e) &&
		   (url == NULL || json_is_object(json_member(e, "form")));
	to->sampling = json_is_object(s);
	to->sampling_tools = json_is_object(json_member(s, "tools"));
	to->sampling_context = json_is_object(json_member(s, "context"));
	to->roots = json_is_object(json_member(can, "roots"));
}

/* The same as a script is told it. */
static const char *
can_text(const struct tool_asking *t)
{
	static const char *const texts[16] = { "", "elicitation",
		"elicitation.url", "elicitation,elicitation.url", "sampling",
		"elicitation,sampling", "elicitation.url,sampling",
		"elicitation,elicitation.url,sampling", "roots",
		"elicitation,roots", "elicitation.url,roots",
		"elicitation,elicitation.url,roots", "sampling,roots",
		"elicitation,sampling,roots", "elicitation.url,sampling,roots",
		"elicitation,elicitation.url,sampling,roots" };

	return texts[(t->form ? 1 : 0) | (t->url ? 2 : 0) |
		     (t->sampling ? 4 : 0) | (t->roots ? 8 : 0)];
}

/* In the older eras one process does it all, and the replies come once. */
static enum err
once(const struct tool_asking *t, struct fault *f)
{
	const struct asking *a = (const struct asking *)t;
	const struct mcp *m = a->msg->m;

	if (!era_modern(a->msg->era) || t->answers == NULL)
		return ERR_OK;
	if (m->once == NULL)
		return fault_set(f, ERR_UNAVAILABLE,
		    "it cannot be made sure that this happens once only");
	return m->once(m->once_arg, str_of(a->mark),
	    a->msg->now_s + m->conf->limits.question_time, f);
}

/* A piece of a line for the audit, where it still fits. */
static void
told(struct buf *b, const char *key, struct str what)
{
	struct str comma = b->len > 0 ? STR(",") : STR("");

	if (b->len + strlen(key) + what.len + 2 > b->max)
		return;
	buf_str(b, comma);
	buf_str(b, str_of(key));
	if (!str_is_empty(what)) {
		buf_char(b, '=');
		buf_str(b, what);
	}
}

static void
tell_asked(const struct asking *a)
{
	struct buf b;
	json_t *request;
	const char *key;

	buf_init(&b, a->msg->arena, TOLD);
	json_object_foreach(a->open, key, request)
	{
		told(&b, key, (struct str){ 0 });
	}
	a->msg->attempt->asked = buf_text(&b);
}

static void
tell_answered(const struct asking *a, const json_t *replies)
{
	struct buf b;
	json_t *request;
	const char *key;

	buf_init(&b, a->msg->arena, TOLD);
	json_object_foreach(a->asked, key, request)
	{
		const json_t *good = json_member(a->given, key);
		struct str action = json_text(json_member(good, "action"));

		if (good == NULL)
			action = json_member(replies, key) == NULL
				     ? STR("missing")
				     : STR("wrong");
		told(&b, key, action.p == NULL ? STR("given") : action);
	}
	a->msg->attempt->answered = buf_text(&b);
}

/* Take the good ones of the replies; the requests that have none stay open. */
static void
take(struct asking *a, const json_t *replies)
{
	struct arena *arena = a->msg->arena;
	json_t *good = ask_tree(arena, json_object());
	json_t *open = ask_tree(arena, json_object()), *request;
	const char *key;

	json_object_foreach(a->asked, key, request)
	{
		const json_t *reply = json_member(a->given, key);
		json_t *kept = NULL;

		if (reply == NULL)
			reply = json_member(replies, key);
		if (reply != NULL && ask_answered(arena, request, reply, &kept))
			(void)json_object_set(good, key, kept);
		else
			(void)json_object_set(open, key, request);
	}
	a->given = good;
	a->base.answers = good;
	tell_answered(a, replies);
	a->open = json_object_size(open) == 0 ? NULL : open;
}

/* Replies are given with every request, so those of before are looked at
 * with the requests they were given to. */
static enum err
begin_modern(struct asking *a, struct fault *f)
{
	const json_t *params = a->msg->rpc.params;
	const json_t *state = json_member(params, "requestState");
	const json_t *replies = json_member(params, "inputResponses");
	enum err e;

	a->reachable = true;
	can_read(a->msg, &a->base);
	if (replies != NULL && !json_is_object(replies))
		return fault_set(f, ERR_PARAMS,
		    "Invalid parameters: field 'inputResponses' must be an object");
	if (state == NULL) {
		a->early = replies;
		return ERR_OK;
	}
	if (!json_is_string(state))
		return fault_set(f, ERR_PARAMS,
		    "Invalid parameters: field 'requestState' must be a string");
	e = asking_show(a, json_text(state), f);
	if (e == ERR_OK)
		take(a, replies);
	return e;
}

enum err
asking_begin(struct message *msg, struct asking *a, struct fault *f)
{
	enum err e = ERR_OK;

	*a = (struct asking){ .msg = msg, .base.once = once };
	if (era_modern(msg->era))
		e = begin_modern(a, f);
	else
		a->reachable = legacy_can(msg, &a->base);
	a->base.can = can_text(&a->base);
	return e;
}

/* The question as a tree, each request good and within what the client can
 * do. */
static enum err
requests_read(const struct asking *a, struct str ask, json_t **out,
    struct fault *f)
{
	struct arena *arena = a->msg->arena;
	struct fault ours = { 0 };
	json_t *request;
	const char *key;

	if (json_parse(arena, ask, &json_limits_default, out, &ours) !=
		ERR_OK ||
	    !json_is_object(*out))
		return fault_set(f, ERR_INTERNAL, "the question is no object");
	json_object_foreach(*out, key, request)
	{
		const char *wrong = ask_wrong(arena, request);

		if (wrong != NULL) {
			fault_log(f, "question '%.64s': %s", key, wrong);
			return fault_set(f, ERR_INTERNAL,
			    "the question to the user is wrong");
		}
	}
	return ERR_OK;
}

/* All that is lacking, with commas between. */
static enum err
requests_allowed(const struct asking *a, json_t *requests, struct fault *f)
{
	size_t n = 0;
	json_t *request;
	const char *key;

	json_object_foreach(requests, key, request)
	{
		const char *lacks = ask_lacks(&a->base, request);
		size_t len = lacks == NULL ? 0 : strlen(lacks);

		if (lacks == NULL || strstr(f->field, lacks) != NULL ||
		    n + len + 2 > sizeof(f->field))
			continue;
		if (n > 0)
			f->field[n++] = ',';
		memcpy(f->field + n, lacks, len + 1);
		n += len;
	}
	if (n == 0)
		return ERR_OK;
	return era_modern(a->msg->era)
		   ? fault_set(f, ERR_CAPABILITY,
			 "Missing required client capability")
		   : fault_set(f, ERR_PERMISSION_DENIED,
			 "the tool has to ask the user, which this client does not offer");
}

enum err
asking_check(const struct asking *a, struct str ask, json_t **requests,
    struct fault *f)
{
	enum err e = requests_read(a, ask, requests, f);

	return e == ERR_OK ? requests_allowed(a, *requests, f) : e;
}

static void
result_put(const struct asking *a, struct str hidden, struct answer *out)
{
	struct result r;

	result_open(&r, a->msg);
	result_type(&r, "input_required");
	if (json_object_size(a->open) > 0)
		json_tree(&r.out, "inputRequests", a->open);
	json_str(&r.out, "requestState", hidden.p, hidden.len);
	result_close(&r, CACHE_NONE, (struct str){ 0 }, out);
}

static enum err
ask_modern(struct asking *a, struct str state, struct answer *out,
    struct fault *f)
{
	struct str hidden;
	enum err e;

	if (a->round >= ROUNDS)
		return fault_set(f, ERR_CANCELLED,
		    "the user was asked %d times already", ROUNDS);
	e = asking_hide(a, state, &hidden, f);
	if (e != ERR_OK)
		return e;
	a->msg->attempt->code = "ASKED";
	tell_asked(a);
	result_put(a, hidden, out);
	return ERR_OK;
}

/* A client may know what will be asked and reply with its first request.  That
 * is as good as a second round where nothing was kept between the two. */
static bool
replied_early(struct asking *a, struct str state)
{
	const json_t *early = a->early;

	a->early = NULL;
	if (early == NULL || !str_is_empty(state))
		return false;
	take(a, early);
	if (a->open == NULL) {
		a->round++;
		return true;
	}
	a->open = a->asked;
	a->given = a->base.answers = NULL;
	return false;
}

/* Only those without a good reply are asked again. */
static enum err
ask_legacy(struct asking *a, struct str state, struct fault *f)
{
	json_t *replies = NULL;

	if (a->round >= ROUNDS)
		return fault_set(f, ERR_CANCELLED,
		    "the user was asked %d times already", ROUNDS);
	tell_asked(a);
	for (int i = 0; i < TRIES && a->open != NULL; i++) {
		enum err e = legacy_ask(a->msg, a->open, &replies, f);

		if (e != ERR_OK)
			return e;
		take(a, replies);
	}
	if (a->open != NULL)
		return fault_set(f, ERR_CANCELLED,
		    "the user was asked and gave no answer that fits");
	a->base.state = state;
	a->round++;
	return ERR_OK;
}

static void
mark_new(struct asking *a)
{
	unsigned char raw[(sizeof(a->mark) - 1) / 2];

	randombytes_buf(raw, sizeof(raw));
	sodium_bin2hex(a->mark, sizeof(a->mark), raw, sizeof(raw));
}

enum err
asking_go_on(struct message *msg, struct asking *a, struct str ask,
    struct str state, bool *again, struct answer *out, struct fault *f)
{
	json_t *requests = NULL;
	enum err e = asking_check(a, ask, &requests, f);

	*again = false;
	if (e != ERR_OK)
		return e;
	a->asked = a->open = requests;
	a->given = NULL;
	mark_new(a);
	*again = replied_early(a, state);
	if (*again)
		return ERR_OK;
	if (era_modern(msg->era))
		return ask_modern(a, state, out, f);
	e = ask_legacy(a, state, f);
	*again = e == ERR_OK;
	return e;
}

enum err
asking_serve(struct message *msg, asking_run *run, void *arg,
    struct answer *out, struct fault *f)
{
	struct asking a;
	bool again = true;
	enum err e = asking_begin(msg, &a, f);

	if (e == ERR_OK && a.open != NULL)
		return ask_modern(&a, a.base.state, out, f);
	while (e == ERR_OK && again) {
		struct asked asked = { 0 };

		e = run(msg, arg, a.reachable ? &a.base : NULL, &asked, out, f);
		if (e != ERR_OK || str_is_empty(asked.ask))
			return e;
		e = asking_go_on(msg, &a, asked.ask, asked.state, &again, out,
		    f);
	}
	return e;
}
