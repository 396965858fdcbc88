/* SPDX-License-Identifier: ISC */
/*
 * The rate limit (SECURITY_MODEL A7): the generic cell rate algorithm in one
 * atomic statement.  "tat" is when the bucket would be full again; a charge
 * moves it by T, the time one request costs, and is granted while it stays
 * within burst * T from now.
 */
#include "store/store_int.h"

#define SWEEP_EVERY 4093 /* microseconds, a prime: no beat of a client fits */

/*
 * ?1 bucket, ?2 now, ?3 T, ?4 burst * T, ?5 the latest believable tat.  One
 * later than ?5 comes from a clock that was set back: it counts as a bucket
 * with room for one more.
 */
#define TAT                                       \
	"CASE WHEN rl.tat > ?5 THEN ?2 + ?4 - ?3" \
	" WHEN rl.tat > ?2 THEN rl.tat ELSE ?2 END"

static const char sql_charge[] =
    "INSERT INTO rl (k, tat) VALUES (?1, ?2 + ?3)"
    " ON CONFLICT (k) DO UPDATE SET tat = (" TAT ") + ?3"
    " WHERE (" TAT ") + ?3 - ?2 <= ?4"
    " RETURNING tat";
static const char sql_look[] = "SELECT tat FROM rl WHERE k = ?1";
static const char sql_sweep[] = "DELETE FROM rl WHERE tat < ?1";

struct tat {
	bool there;
	int64_t at;
};

static bool
take_tat(void *arg, const struct value *v, size_t n)
{
	struct tat *t = arg;

	if (n == 1 && v[0].kind == VALUE_INT)
		*t = (struct tat){ true, v[0].i };
	return true;
}

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

static enum err
charge(struct store *s, const char *sql, const struct value *v, size_t n,
    struct tat *tat, struct fault *f)
{
	if (s->counts != NULL)
		s->counts->writes++;
	return store_run(s, &s->limits, sql, v, n, take_tat, tat, NULL, f);
}

/* Now and then, so that addresses seen once do not stay for ever. */
static void
sweep(struct store *s, int64_t now_us)
{
	const struct value v = value_int(now_us);
	struct fault f = { 0 };

	if (now_us % SWEEP_EVERY == 0)
		(void)!store_run(s, &s->limits, sql_sweep, &v, 1, NULL, NULL,
		    NULL, &f);
}

enum err
limit_charge(struct store *s, struct str bucket, const struct conf_rate *rate,
    int64_t now_us, struct limit_answer *out, struct fault *f)
{
	int64_t count = rate->count == 0 ? 1 : rate->count;
	int64_t window = (int64_t)rate->window_s * 1000000;
	int64_t t = (window + count - 1) / count;
	int64_t burst = rate->burst == 0 ? count : rate->burst;
	const struct value v[] = { value_text(bucket), value_int(now_us),
		value_int(t), value_int(burst * t),
		value_int(now_us + window + burst * t) };
	struct tat tat = { 0 };
	enum err err;

	*out = (struct limit_answer){ 0 };
	s->now_s = now_us / 1000000;
	err = charge(s, sql_charge, v, 5, &tat, f);
	if (err != ERR_OK)
		return err;
	out->granted = tat.there;
	if (!out->granted)
		err = charge(s, sql_look, v, 1, &tat, f);
	if (err != ERR_OK)
		return err;
	fill(out, tat.there ? tat.at : now_us + burst * t, now_us, t, burst);
	sweep(s, now_us);
	return ERR_OK;
}
