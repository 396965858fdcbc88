/* SPDX-License-Identifier: ISC */
/*
 * The SQL gate (tools.md 1.9): reads the text of one statement for its
 * dialect and says what it is.  It gives the good message; the engine gives
 * the guarantee.
 */
#ifndef SOURCE_GATE_H
#define SOURCE_GATE_H

#include "base/arena.h"
#include "base/fault.h"
#include "base/str.h"
#include "base/verb.h"

enum sql_dialect {
	DIALECT_SQLITE,
	DIALECT_PGSQL,
	DIALECT_MARIADB,
	DIALECT_CLICKHOUSE,
	DIALECT_ODBC
};

enum sql_class {
	SQL_SELECT,
	SQL_INSERT,
	SQL_UPDATE,
	SQL_DELETE,
	SQL_MERGE,
	SQL_DDL,
	SQL_CALL,
	SQL_TRANSACTION,
	SQL_SESSION,
	SQL_EXPLAIN,
	SQL_OTHER
};

#define SQL_BIT(class) (1u << (class))

#define GATE_NAMES 16

/* A placeholder @name, as the driver finds it. */
struct gate_mark {
	size_t at, len; /* of the whole, '@' included */
	struct str name;
};

struct gate {
	enum sql_class class;
	struct str verb;  /* the deciding verb as written */
	struct str first; /* the first word as written */
	struct str text;  /* the one statement, without the trailing ';' */
	bool has_where;   /* the outer UPDATE or DELETE has one */
	bool has_order;   /* the outer SELECT has ORDER BY */
	bool has_returning;
	struct str source; /* of a three-part name, or empty */
	unsigned verbs;    /* VERB_ bits, also of data verbs inside of WITH */
	bool two_sources;  /* three-part names of different sources */
	struct gate_mark *marks;
	size_t nmarks;
	/* Table-like names after FROM, JOIN, INTO, UPDATE (last part), for
	 * hints; not for security. */
	struct str tables[GATE_NAMES];
	size_t ntables;
};

/*
 * Read "text".  Faults: ERR_SQL_SYNTAX (nothing there; unterminated string,
 * comment or quote), ERR_MULTIPLE_STATEMENTS.  "known" (may be NULL) tells
 * whether a name is a source this caller sees: only then the first part of a
 * three-part name is taken as one, and gate.text is a copy in which that part
 * and its dot are blanks, so that positions stay.
 */
enum err gate_read(struct arena *a, enum sql_dialect d, struct str text,
    bool (*known)(const void *, struct str), const void *arg, struct gate *g,
    struct fault *f) FAULT_MUST_CHECK;

/*
 * Bind the name "data" to a table (tools.md 4.1): *g gets a text with a WITH
 * entry in front of all others, its marks moved along.  *at and *len get
 * where the entry stands, so that positions can be told in the caller's text.
 * "quoted" is the table's name as the dialect quotes it.  Nothing is replaced.
 */
void gate_bind_data(struct arena *a, enum sql_dialect d, struct gate *g,
    struct str quoted, size_t *at, size_t *len);

/* Does the statement name "data" as a table, other than one of its own WITH
 * entries? */
bool gate_wants_data(const struct gate *g);

/* The first name or word of a text that is "name" with letters folded, as
 * written there; p NULL when there is none. */
struct str gate_spelling(struct arena *a, enum sql_dialect d, struct str text,
    struct str name);

/* The table that the text calls by that name; else the name. */
struct str gate_table(struct arena *a, enum sql_dialect d, struct str text,
    const struct gate *g, struct str name);

/* Is this word in the text as a word, outside of quotes and comments? */
bool gate_has_word(struct arena *a, enum sql_dialect d, struct str text,
    struct str word);

/* "select", "insert", … as tools.md 1.9 names the classes. */
const char *sql_class_name(enum sql_class c);

/* The verbs a token must hold for a class; 0 for classes never allowed. */
unsigned sql_class_verbs(enum sql_class c);

#endif
