/* SPDX-License-Identifier: ISC */
/*
 * The rate limit (SECURITY_MODEL A7): the generic cell rate algorithm.  "tat"
 * is when the bucket would be full again; a charge moves it by the time that
 * one request costs, and is granted while it stays within the bucket's room
 * from now.  Where processes can share memory a table of it does that with
 * one atomic operation (limit_file.c), elsewhere one atomic statement
 * (limit_sql.c).
 */
#include "base/clock.h"
#include "store/store_int.h"

static int
seconds_up(int64_t us)
{
	int64_t s = us <= 0 ? 0 : (us - 1) / 1000000 + 1;

	return s > 1000000000 ? 1000000000 : (int)s;
}

/* What the headers say, from the tat after the charge. */
static void
fill(struct limit_answer *out, int64_t tat, int64_t now, int64_t t,
    int64_t burst)
{
	int64_t free_us = now + burst * t - tat;

	out->limit = (int)burst;
	out->remaining = free_us < t ? 0 : (int)(free_us / t);
	out->reset_s = seconds_up(tat - now);
	out->retry_s = 0;
	if (!out->granted) {
		out->remaining = 0;
		out->retry_s = seconds_up(tat + t - now - burst * t);
		if (out->retry_s < 1)
			out->retry_s = 1;
	}
}

/* How the buckets are kept; found out once. */
static bool
has_table(struct store *s)
{
	if (s->buckets == BUCKETS_UNKNOWN)
		s->buckets = LIMIT_TABLE_WORKS && db_shares_memory(s->state)
				 ? BUCKETS_TABLE
				 : BUCKETS_SQL;
	return s->buckets == BUCKETS_TABLE;
}

static int64_t
at_least_one(int64_t n, int64_t otherwise)
{
	return n != 0 ? n : otherwise;
}

enum err
limit_charge(struct store *s, struct str bucket, const struct conf_rate *rate,
    int64_t now_us, struct limit_answer *out, struct fault *f)
{
	int64_t count = at_least_one(rate->count, 1);
	int64_t burst = at_least_one(rate->burst, count);
	int64_t window = (int64_t)rate->window_s * 1000000;
	struct limit_move m = { .now = now_us,
		.cost = (window + count - 1) / count };
	int64_t tat = 0;
	enum err err;

	m.room = burst * m.cost;
	m.latest = now_us + window + m.room;
	*out = (struct limit_answer){ 0 };
	s->now_s = now_us / 1000000;
	if (s->counts != NULL)
		s->counts->writes++;
	err = has_table(s)
		  ? limit_file_charge(&s->table, bucket, &m, &out->granted,
			&tat, f)
		  : limit_sql_charge(s, bucket, &m, &out->granted, &tat, f);
	if (err == ERR_OK)
		fill(out, tat, now_us, m.cost, burst);
	return err;
}

enum err
limit_ready(struct store *s, int64_t now_us, struct fault *f)
{
	return has_table(s) ? limit_file_ready(&s->table, now_us, f)
			    : store_db_ready(s, s->limits, f);
}

enum err
limit_look(struct store *s, struct fault *f)
{
	return limit_ready(s, clock_wall_us(), f);
}

enum err
limit_gc(struct store *s, int64_t now_us, int64_t *removed, struct fault *f)
{
	return has_table(s) ? limit_file_gc(&s->table, now_us, removed, f)
			    : limit_sql_gc(s, now_us, removed, f);
}
