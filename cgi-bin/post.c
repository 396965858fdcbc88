/* SPDX-License-Identifier: ISC */
/*
 * A POST to the endpoint: who asks (mcp.md 3.3 step 4), then the protocol, and
 * a line in the audit for every attempt, refused ones included.
 */
#include "cgi-bin/post.h"

#include "base/log.h"

static void
refuse(struct http_res *res, const struct fault *f)
{
	if (f->log[0] != '\0')
		log_line("%s", f->log);
	http_res_fault(res, f);
}

/* Bytes of the body as they stand now. */
static int64_t
answer_bytes(const struct http_res *res)
{
	int64_t n = (int64_t)res->sent;

	for (size_t i = 0; i < res->nbody; i++)
		n += (int64_t)res->body[i].len;
	return n;
}

/*
 * The line of the attempt.  An answer that nobody could account for is not
 * given, except where its statement has run: that had its own line before.
 */
static void
put_line(const struct conf *conf, struct attempt *t, const char *event,
    struct http_res *res)
{
	struct fault f = { 0 };

	t->status = res->status;
	if (t->bytes < 0)
		t->bytes = answer_bytes(res);
	if (t->put(t, event, &f) == ERR_OK)
		return;
	log_line("%s", f.log[0] != '\0' ? f.log : f.msg);
	if (conf->audit_required && !t->began && !res->streaming)
		http_res_fault(res, &f);
}

/* Who asks?  No store is opened for a request that shows no credential. */
static enum err
admit(struct site *site, const struct http_req *req, struct attempt *t,
    struct caller *who, struct fault *f)
{
	struct credential c = {
		.authorization = req->field[HTTP_F_AUTHORIZATION],
		.api_key = req->field[HTTP_F_API_KEY],
		.twice = req->twice & 1ull << HTTP_F_AUTHORIZATION,
		.address = t->address,
	};

	bool came = c.authorization.p != NULL || c.api_key.p != NULL;
	enum err e;

	if (came && site_store(site, f) != ERR_OK)
		return f->code;
	e = auth_check(site->store, site->conf, site->arena, &c, t->start_us,
	    who, f);
	auth_wipe(&c);
	return e;
}

static void
refuse_caller(struct site *site, struct attempt *t, struct http_res *res,
    const struct fault *f)
{
	t->code = err_name(f->code);
	if (f->code != ERR_UNAUTHORIZED && f->code != ERR_RATE) {
		refuse(res, f);
		return;
	}
	mcp_res_fault(res, ERA_2025_11_25, STR(""), f, t);
	if (f->code == ERR_UNAUTHORIZED)
		mcp_challenge(res, site->conf, true);
	if (t->who->limited)
		mcp_limit_headers(res, &t->who->limit);
}

/* What a source with a rate of its own charges beside the token's. */
struct bill {
	struct site *site;
	struct caller *who;
	int64_t now_us;
	struct tool_places places;
};

static enum err
charge(void *arg, int source, struct fault *f)
{
	struct bill *b = arg;

	return auth_charge_source(b->site->store, b->site->conf, b->site->arena,
	    b->who, source, b->now_us, f);
}

/* The request is charged already: with it, the first message of a batch. */
static enum err
charge_more(void *arg, struct fault *f)
{
	struct bill *b = arg;

	return auth_charge_more(b->site->store, b->site->conf, b->who,
	    b->now_us, f);
}

static struct bill *
bill_of(struct tool_places *p)
{
	return (struct bill *)((char *)p - offsetof(struct bill, places));
}

static enum err
enter(struct tool_places *p, struct fault *f)
{
	const struct bill *b = bill_of(p);

	return auth_enter(b->site->store, b->site->conf, b->who, f);
}

static void
leave(struct tool_places *p)
{
	const struct bill *b = bill_of(p);

	if (b->site->store != NULL)
		store_place_leave(b->site->store);
}

static void
apart(struct tool_places *p)
{
	const struct bill *b = bill_of(p);

	if (b->site->store != NULL)
		store_place_apart(b->site->store);
}

static enum err
once(void *arg, struct str mark, int64_t until_s, struct fault *f)
{
	const struct bill *b = arg;

	return store_once(b->site->store, mark, until_s, b->now_us / 1000000,
	    f);
}

/*
 * The protocol, with the limits in the header of its answer.  They stand
 * there before it begins, for a stream; a source that charged has the last
 * word where nothing has left yet.
 */
static void
speak(struct site *site, struct http_req *req, struct tool_filter *filter,
    struct attempt *t, struct caller *who, struct http_res *res)
{
	struct bill bill = { site, who, t->start_us, { enter, leave, apart } };
	size_t mark = res->head.len;
	struct str later;
	size_t end;

	if (who->limited)
		mcp_limit_headers(res, &who->limit);
	end = res->head.len;
	site->mcp.charge = charge;
	site->mcp.charge_more = charge_more;
	site->mcp.charge_arg = &bill;
	site->mcp.places = &bill.places;
	site->mcp.once = once;
	site->mcp.once_arg = &bill;
	mcp_post(&site->mcp, req, filter, t, res);
	site->mcp.charge_arg = NULL;
	site->mcp.once_arg = NULL;
	site->mcp.places = NULL;
	if (!who->limited || res->streaming)
		return;
	later = arena_dup(site->arena, str_from(buf_text(&res->head), end));
	buf_cut(&res->head, mark);
	mcp_limit_headers(res, &who->limit);
	buf_str(&res->head, later);
}

/* The attempt with what is known before anybody was asked who he is.  Without
 * an audit file it cannot be told; may that be? */
static enum err
attempt_begin(struct site *site, const struct http_req *req, struct attempt *t,
    struct caller *who, struct fault *f)
{
	const struct conf *conf = site->conf;
	enum err e = site_audit(site, f);

	if (e != ERR_OK && conf->audit_required)
		return e;
	attempt_init(t, site->audit, site->hash_key, conf->audit_required,
	    clock_wall_us());
	t->sql_max = (size_t)conf->limits.audit_sql;
	t->line_max = (size_t)conf->limits.audit_line;
	t->who = who;
	t->address = auth_address(conf, req->field[HTTP_F_REMOTE_ADDR],
	    req->field[HTTP_F_FORWARDED_FOR]);
	return ERR_OK;
}

void
post_answer(struct site *site, struct http_req *req, struct tool_filter *filter,
    struct http_res *res)
{
	struct caller who = { 0 };
	struct fault f = { 0 };
	struct attempt t = { 0 };
	enum err e;

	if (attempt_begin(site, req, &t, &who, &f) != ERR_OK) {
		refuse(res, &f);
		return;
	}
	e = admit(site, req, &t, &who, &f);
	if (e == ERR_OK && filter->nowhere && who.known)
		e = fault_set(&f, ERR_NOT_FOUND, "not found");
	if (e == ERR_OK)
		speak(site, req, filter, &t, &who, res);
	else
		refuse_caller(site, &t, res, &f);
	put_line(site->conf, &t, mcp_event(&t), res);
}

void
post_refuse(struct site *site, const struct http_req *req, struct http_res *res,
    const struct fault *why)
{
	struct caller who = { 0 };
	struct fault f = { 0 };
	struct attempt t = { 0 };

	refuse(res, why);
	if (attempt_begin(site, req, &t, &who, &f) != ERR_OK) {
		log_line("%s", f.log[0] != '\0' ? f.log : f.msg);
		return;
	}
	t.code = err_name(why->code);
	put_line(site->conf, &t, "denied", res);
}
