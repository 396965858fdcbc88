/* SPDX-License-Identifier: ISC */
/*
 * What a driver in a module gets of the program, which exports no symbols: a
 * const struct of functions, handed over when the module is opened.  Its
 * sources call these functions by their usual names: source/driver_side.c,
 * compiled into every module, passes each call on.  So the same sources can
 * be linked into the program too.
 *
 * A function that a driver needs is one row here.
 */
#ifndef SOURCE_DRIVER_CORE_H
#define SOURCE_DRIVER_CORE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/module.h"
#include "base/utf8.h"
#include "net/fetch.h"
#include "source/driver.h"
#include "source/gate_int.h"
#include "source/heading.h"
#include "source/near.h"
#include "source/running.h"
#include "source/source.h"
#include "json/json.h"

/* X(result, name, parameters, arguments) */
/* clang-format off */
#define DRIVER_CORE(X) \
	X(struct arena *, arena_new, (size_t max), (max)) \
	X(void, arena_free, (struct arena *a), (a)) \
	X(void, arena_reset, (struct arena *a), (a)) \
	X(void *, arena_get, (struct arena *a, size_t size), (a, size)) \
	X(void *, arena_zero, (struct arena *a, size_t n, size_t size), (a, n, size)) \
	X(void *, arena_grow, (struct arena *a, void *p, size_t old, size_t new), (a, p, old, new)) \
	X(struct str, arena_dup, (struct arena *a, struct str s), (a, s)) \
	X(char *, arena_z, (struct arena *a, struct str s), (a, s)) \
	X(void, arena_defer, (struct arena *a, void (*fn)(void *), void *arg), (a, fn, arg)) \
	X(size_t, arena_used, (const struct arena *a), (a)) \
	X(void, buf_init, (struct buf *b, struct arena *a, size_t max), (b, a, max)) \
	X(bool, buf_more, (struct buf *b, size_t n), (b, n)) \
	X(void, buf_int, (struct buf *b, int64_t v), (b, v)) \
	X(void, buf_cut, (struct buf *b, size_t len), (b, len)) \
	X(size_t, buf_decimal, (char *p, int64_t v), (p, v)) \
	X(bool, str_ieq, (struct str a, struct str b), (a, b)) \
	X(int, str_cmp, (struct str a, struct str b), (a, b)) \
	X(bool, str_starts, (struct str s, struct str with), (s, with)) \
	X(bool, str_ends, (struct str s, struct str with), (s, with)) \
	X(bool, str_has, (struct str s, char c), (s, c)) \
	X(struct str, str_trim, (struct str s), (s)) \
	X(struct str, str_behind_last, (struct str s, char c), (s, c)) \
	X(struct str, str_from, (struct str s, size_t from), (s, from)) \
	X(bool, str_cut, (struct str *rest, char sep, struct str *piece), (rest, sep, piece)) \
	X(bool, str_int, (struct str s, int64_t min, int64_t max, int64_t *out), (s, min, max, out)) \
	X(bool, str_glob, (struct str pattern, struct str s), (pattern, s)) \
	X(bool, str_like, (struct str pattern, struct str s), (pattern, s)) \
	X(size_t, str_distance, (struct str a, struct str b), (a, b)) \
	X(uint64_t, str_hash, (struct str s), (s)) \
	X(int64_t, clock_wall_us, (void), ()) \
	X(int64_t, clock_mono_ms, (void), ()) \
	X(bool, clock_parse, (const char *text, size_t len, int64_t *wall_s), (text, len, wall_s)) \
	X(struct deadline, deadline_in, (int64_t ms), (ms)) \
	X(struct deadline, deadline_min, (struct deadline a, struct deadline b), (a, b)) \
	X(int64_t, deadline_left, (struct deadline d), (d)) \
	X(bool, utf8_valid, (struct str s), (s)) \
	X(size_t, utf8_step, (const char *p, size_t left), (p, left)) \
	X(size_t, utf8_bad, (const char *p, size_t left), (p, left)) \
	X(struct str, utf8_cut, (struct str s, size_t max), (s, max)) \
	X(const char *, err_name, (enum err code), (code)) \
	X(enum err, module_open, (struct module *m, const char *name, const char *package, struct fault *f), (m, name, package, f)) \
	X(void, module_close, (struct module *m), (m)) \
	X(enum err, json_parse, (struct arena *a, struct str text, const struct json_limits *limits, json_t **root, struct fault *f), (a, text, limits, root, f)) \
	X(struct str, json_text, (const json_t *v), (v)) \
	X(json_t *, json_member, (const json_t *o, const char *name), (o, name)) \
	X(struct str, gate_spelling, (struct arena *a, enum sql_dialect d, struct str text, struct str name), (a, d, text, name)) \
	X(struct str, gate_table, (struct arena *a, enum sql_dialect d, struct str text, const struct gate *g, struct str name), (a, d, text, g, name)) \
	X(bool, gate_has_word, (struct arena *a, enum sql_dialect d, struct str text, struct str word), (a, d, text, word)) \
	X(const char *, sql_class_name, (enum sql_class c), (c)) \
	X(unsigned, sql_class_verbs, (enum sql_class c), (c)) \
	X(enum err, tokens_read, (struct arena *a, enum sql_dialect d, struct str text, struct tokens *t, struct fault *f), (a, d, text, t, f)) \
	X(struct str, token_text, (const struct tokens *t, size_t i), (t, i)) \
	X(bool, token_is_name, (const struct tokens *t, size_t i), (t, i)) \
	X(bool, token_is, (const struct tokens *t, size_t i, char c), (t, i, c)) \
	X(enum word, token_word, (const struct tokens *t, size_t i), (t, i)) \
	X(struct str, token_name, (struct arena *a, const struct tokens *t, size_t i), (a, t, i)) \
	X(size_t, token_behind, (const struct tokens *t, size_t i), (t, i)) \
	X(bool, rules_denies, (const struct conf_source *spec, struct str table, struct str column), (spec, table, column)) \
	X(bool, rules_masks, (const struct conf_source *spec, struct str table, struct str column), (spec, table, column)) \
	X(enum err, rules_not_here, (struct str word, struct fault *f), (word, f)) \
	X(enum err, rules_no_table, (struct str name, struct fault *f), (name, f)) \
	X(enum err, rules_no_procedures, (struct fault *f), (f)) \
	X(bool, rules_tells, (const struct conf_source *spec, enum sql_dialect d, struct str text), (spec, d, text)) \
	X(void, rules_make, (const struct conf_source *spec, enum sql_dialect d, struct rules_made *m), (spec, d, m)) \
	X(bool, rules_made_hides, (const struct rules_made *m, struct str schema, struct str table, struct str column), (m, schema, table, column)) \
	X(bool, rules_columns, (const struct conf_source *spec, struct str table), (spec, table)) \
	X(bool, heading_send, (enum meta_what what, struct row_sink *to), (what, to)) \
	X(bool, heading_plan, (struct row_sink *to), (to)) \
	X(size_t, heading_count, (enum meta_what what), (what)) \
	X(void, running_start, (struct running *r, struct deadline d, const struct source_pulse *p), (r, d, p)) \
	X(enum err, running_look, (struct running *r), (r)) \
	X(int, running_nap, (const struct running *r), (r)) \
	X(enum err, running_fault, (enum err why, int64_t limit_ms, struct fault *f), (why, limit_ms, f)) \
	X(bool, sql_writes, (const struct sql *q), (q)) \
	X(enum err, sql_too_many, (int64_t affected, int64_t limit, struct fault *f), (affected, limit, f)) \
	X(void, near_offer, (struct near *k, struct str name), (k, name)) \
	X(enum err, net_open, (struct net **n, struct fault *f), (n, f)) \
	X(void, net_close, (struct net *n), (n)) \
	X(enum err, net_fetch, (struct net *n, const struct net_ask *q, struct net_answer *out, struct fault *f), (n, q, out, f)) \
	X(void, near_say, (const struct near *k, const char *what, struct fault *f), (k, what, f))
/* clang-format on */

#define DRIVER_CORE_MEMBER(result, name, params, args) result(*name) params;

struct driver_core {
	DRIVER_CORE(DRIVER_CORE_MEMBER)
	/* Those that take a format get finished text from a module. */
	enum err (
	    *fault_text)(struct fault *f, enum err code, const char *text);
	void (*hint_text)(struct fault *f, const char *text);
	void (*log_text)(struct fault *f, const char *text);
	enum err (
	    *field_text)(struct fault *f, struct str field, const char *text);
	void (*line_text)(const char *text);
};

/* Modules and programs are of one build: what they share has the same shape. */
#define DRIVER_MODULE_VERSION                                               \
	((int)(sizeof(struct driver_core) * 31 +                            \
	       sizeof(struct driver_work) * 29 + sizeof(struct conf) * 23 + \
	       sizeof(struct conf_source) * 19 + sizeof(struct sql) * 17 +  \
	       sizeof(struct net_ask) * 37 + sizeof(struct fault) * 13 +    \
	       (size_t)ERR_COUNT * 7))

/* What a module exports as mcp_module_NAME. */
struct driver_module {
	int version;
	const struct driver_work *(*begin)(const struct driver_core *core);
};

/* source/driver_side.c: keep the core for the functions above. */
void driver_side_begin(const struct driver_core *core);

/* The whole of a module's own file: MODULE(pgsql). */
#define DRIVER_MODULE(name)                                                    \
	extern const struct driver_work name##_work;                           \
	extern const struct driver_module mcp_module_##name                    \
	    __attribute__((visibility("default")));                            \
	static const struct driver_work *begin(const struct driver_core *core) \
	{                                                                      \
		driver_side_begin(core);                                       \
		return &name##_work;                                           \
	}                                                                      \
	const struct driver_module mcp_module_##name = {                       \
		DRIVER_MODULE_VERSION, begin                                   \
	}

#endif
