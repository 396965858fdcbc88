/* SPDX-License-Identifier: ISC */
/*
 * Memory of one request: small pieces are cut from blocks, large ones have a
 * block of their own, which realloc can move.  Whether a piece is large
 * follows from its size alone, so arena_grow needs no search.
 */
#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n)   ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

#include "base/arena.h"
#include "base/log.h"

#define BLOCK ((size_t)64 * 1024)
#define BIG   ((size_t)16 * 1024) /* larger pieces get their own block */
#define ALIGN ((size_t)16)

#if defined(__SANITIZE_ADDRESS__)
#define REDZONE ALIGN
#else
#define REDZONE 0
#endif

struct block {
	struct block *prev;
	struct block *next;
	size_t size; /* bytes behind the header */
	size_t used;
};
_Static_assert(sizeof(struct block) % ALIGN == 0,
    "what stands behind the header is aligned like the header");

struct later {
	struct later *next;
	void (*fn)(void *);
	void *arg;
};

struct arena {
	struct block *first; /* kept by a reset */
	struct block *small; /* where small pieces come from now */
	struct block *tail;  /* newest of all blocks */
	char *newest;        /* newest small piece, or NULL */
	struct later *later;
	size_t used;
	size_t max;
};

static char *
block_data(struct block *b)
{
	return (char *)(b + 1);
}

static struct block *
block_new(struct arena *a, size_t size)
{
	struct block *b = NULL;

	if (size <= SIZE_MAX - sizeof(*b))
		b = malloc(sizeof(*b) + size);
	if (b == NULL)
		log_die("no memory for %zu bytes", size);
	b->prev = a->tail;
	b->next = NULL;
	b->size = size;
	b->used = 0;
	if (a->tail != NULL)
		a->tail->next = b;
	a->tail = b;
	return b;
}

struct arena *
arena_new(size_t max)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (a == NULL)
		log_die("no memory for an arena");
	a->max = max;
	a->first = block_new(a, BLOCK);
	a->small = a->first;
	ASAN_POISON_MEMORY_REGION(block_data(a->first), BLOCK);
	return a;
}

/* A deferred function may still use the arena, and even defer again. */
static void
run_deferred(struct arena *a)
{
	while (a->later != NULL) {
		struct later *l = a->later;

		a->later = l->next;
		l->fn(l->arg);
	}
}

static void
free_after(struct block *b)
{
	while (b != NULL) {
		struct block *next = b->next;

		ASAN_UNPOISON_MEMORY_REGION(block_data(b), b->size);
		free(b);
		b = next;
	}
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	run_deferred(a);
	free_after(a->first);
	free(a);
}

void
arena_reset(struct arena *a)
{
	run_deferred(a);
	free_after(a->first->next);
	a->first->next = NULL;
	a->first->used = 0;
	a->small = a->first;
	a->tail = a->first;
	a->newest = NULL;
	a->used = 0;
	ASAN_POISON_MEMORY_REGION(block_data(a->first), a->first->size);
}

static void
charge(struct arena *a, size_t n)
{
	if (n > a->max - a->used)
		log_die("arena: %zu bytes more than the ceiling of %zu",
		    n - (a->max - a->used), a->max);
	a->used += n;
}

static size_t
rounded(size_t n)
{
	return (n + ALIGN - 1) / ALIGN * ALIGN + REDZONE;
}

static void *
get_big(struct arena *a, size_t size)
{
	struct block *b = block_new(a, size);

	b->used = size;
	return block_data(b);
}

void *
arena_get(struct arena *a, size_t size)
{
	size_t need;

	charge(a, size);
	if (size > BIG)
		return get_big(a, size);
	need = rounded(size);
	if (need > a->small->size - a->small->used) {
		a->small = block_new(a, BLOCK);
		ASAN_POISON_MEMORY_REGION(block_data(a->small), BLOCK);
	}
	a->newest = block_data(a->small) + a->small->used;
	a->small->used += need;
	ASAN_UNPOISON_MEMORY_REGION(a->newest, size);
	return a->newest;
}

void *
arena_zero(struct arena *a, size_t n, size_t size)
{
	void *p;

	if (size != 0 && n > SIZE_MAX / size)
		log_die("arena: %zu times %zu is too much", n, size);
	p = arena_get(a, n * size);
	memset(p, 0, n * size);
	return p;
}

static void *
grow_big(struct arena *a, void *p, size_t new)
{
	struct block *b = (struct block *)p - 1;
	struct block *moved = NULL;

	if (new <= SIZE_MAX - sizeof(*b))
		moved = realloc(b, sizeof(*b) + new);
	if (moved == NULL)
		log_die("no memory for %zu bytes", new);
	moved->size = new;
	moved->used = new;
	moved->prev->next = moved; /* the first block is never a big one */
	if (moved->next != NULL)
		moved->next->prev = moved;
	else
		a->tail = moved;
	return block_data(moved);
}

/* The newest small piece grows where it is, when there is room. */
static bool
grow_newest(struct arena *a, char *p, size_t new)
{
	size_t at = (size_t)(p - block_data(a->small));

	if (new > BIG || rounded(new) > a->small->size - at)
		return false;
	a->small->used = at + rounded(new);
	ASAN_UNPOISON_MEMORY_REGION(p, new);
	return true;
}

void *
arena_grow(struct arena *a, void *p, size_t old, size_t new)
{
	size_t kept;
	void *moved;

	if (p == NULL)
		return arena_get(a, new);
	if (new <= old)
		return p;
	if (old > BIG) {
		charge(a, new - old);
		return grow_big(a, p, new);
	}
	if (p == a->newest && grow_newest(a, p, new)) {
		charge(a, new - old);
		return p;
	}
	kept = p == a->newest ? (size_t)((char *)p - block_data(a->small)) : 0;
	if (p == a->newest && new > BIG) {
		/* It leaves for a block of its own: its room is free again. */
		a->used -= old;
		moved = arena_get(a, new);
		memcpy(moved, p, old);
		a->small->used = kept;
		a->newest = NULL;
		ASAN_POISON_MEMORY_REGION(p, a->small->size - kept);
		return moved;
	}
	moved = arena_get(a, new);
	memcpy(moved, p, old);
	return moved;
}

struct str
arena_dup(struct arena *a, struct str s)
{
	return (struct str){ arena_z(a, s), s.len };
}

char *
arena_z(struct arena *a, struct str s)
{
	char *p;

	if (s.len == SIZE_MAX)
		log_die("arena: a text without an end");
	p = arena_get(a, s.len + 1);
	if (s.len != 0)
		memcpy(p, s.p, s.len);
	p[s.len] = '\0';
	return p;
}

struct str
arena_fmt(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	assert(n >= 0);
	p = arena_get(a, (size_t)n + 1);
	va_start(ap, fmt);
	(void)vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return (struct str){ p, (size_t)n };
}

void
arena_defer(struct arena *a, void (*fn)(void *), void *arg)
{
	struct later *l = arena_get(a, sizeof(*l));

	l->next = a->later;
	l->fn = fn;
	l->arg = arg;
	a->later = l;
}

size_t
arena_used(const struct arena *a)
{
	return a->used;
}
