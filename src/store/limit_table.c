/* SPDX-License-Identifier: ISC */
/* Places and charges; see limit_table.h. */
#include <string.h>

#include "store/limit_table.h"

static const char magic[8] = "mcplim1\n";

void
limit_table_init(struct limit_table *t, uint64_t places,
    const unsigned char key[static 16])
{
	memcpy(t->magic, magic, sizeof(magic));
	memcpy(t->key, key, sizeof(t->key));
	t->places = places;
}

bool
limit_table_valid(const struct limit_table *t, size_t size)
{
	return size > sizeof(*t) &&
	       memcmp(t->magic, magic, sizeof(magic)) == 0 &&
	       t->places >= LIMIT_PLACES_MIN && t->places <= LIMIT_PLACES_MAX &&
	       (t->places & (t->places - 1)) == 0 &&
	       limit_table_size(t->places) == size;
}

/* The place of a bucket, taken now if need be; NULL: half of all are taken. */
static struct limit_place *
place_of(struct limit_table *t, uint64_t who)
{
	for (uint64_t i = 0; i < t->places; i++) {
		struct limit_place *p = &t->at[(who + i) & (t->places - 1)];
		uint64_t is = atomic_load(&p->who);
		if (is == 0) {
			if (atomic_load(&t->taken) >= t->places / 2)
				return NULL;
			if (atomic_compare_exchange_strong(&p->who, &is, who)) {
				atomic_fetch_add(&t->taken, 1);
				return p;
			}
		}
		if (is == who)
			return p;
	}
	return NULL;
}

/* Where a charge counts from: a bucket that is full counts from now, and one
 * of a clock that was set back has room for one more. */
static int64_t
base_of(const struct limit_move *m, int64_t tat)
{
	if (tat > m->latest)
		return m->now + m->room - m->cost;
	return tat > m->now ? tat : m->now;
}

enum limit_verdict
limit_table_charge(struct limit_table *t, const struct limit_move *m,
    int64_t *tat)
{
	struct limit_place *p = place_of(t, m->who);
	int64_t was, next;

	if (p == NULL)
		return LIMIT_FULL;
	was = atomic_load(&p->tat);
	do {
		if (was < 0)
			return LIMIT_FROZEN;
		next = base_of(m, was) + m->cost;
		if (next - m->now > m->room) {
			*tat = was;
			return LIMIT_REFUSED;
		}
	} while (!atomic_compare_exchange_weak(&p->tat, &was, next));
	*tat = next;
	return LIMIT_GRANTED;
}

enum limit_verdict
limit_table_swap(struct limit_table *t, uint64_t who, int64_t *was,
    int64_t next)
{
	struct limit_place *p = place_of(t, who);

	if (p == NULL)
		return LIMIT_FULL;
	if (atomic_compare_exchange_strong(&p->tat, was, next))
		return LIMIT_GRANTED;
	return *was < 0 ? LIMIT_FROZEN : LIMIT_REFUSED;
}

bool
limit_table_freeze(struct limit_table *t, uint64_t i, int64_t now,
    uint64_t *who, int64_t *tat)
{
	struct limit_place *p = &t->at[i];
	int64_t was = atomic_load(&p->tat);

	/* Once it is frozen, by us or by one who died at it, it stays so. */
	while (was >= 0 &&
	       !atomic_compare_exchange_weak(&p->tat, &was, was | INT64_MIN))
		;
	*who = atomic_load(&p->who);
	*tat = was & INT64_MAX;
	return *who != 0 && *tat > now;
}

bool
limit_table_put(struct limit_table *t, uint64_t who, int64_t tat)
{
	struct limit_place *p = place_of(t, who);

	if (p != NULL)
		atomic_store(&p->tat, tat);
	return p != NULL;
}
