/* SPDX-License-Identifier: ISC */
/* Inside the gate: tokens of one statement and the words it knows. */
#ifndef SOURCE_GATE_INT_H
#define SOURCE_GATE_INT_H

#include "source/gate.h"

enum lex_kind {
	LEX_END,
	LEX_WORD, /* keyword or plain name */
	LEX_NAME, /* quoted identifier */
	LEX_TEXT, /* string, also dollar-quoted, also x'..' */
	LEX_NUMBER,
	LEX_MARK, /* @name */
	LEX_OP,   /* one byte of anything else */
	LEX_BAD   /* lex.why says what is wrong */
};

/* Words the gate tells apart; WORD_NONE for all others. */
enum word {
	WORD_NONE,
	WORD_ABORT,
	WORD_ALTER,
	WORD_ANALYZE,
	WORD_AS,
	WORD_ATTACH,
	WORD_BEGIN,
	WORD_BY,
	WORD_CALL,
	WORD_COMMENT,
	WORD_COMMIT,
	WORD_CONFLICT,
	WORD_COPY,
	WORD_CREATE,
	WORD_CYCLE,
	WORD_DELETE,
	WORD_DESC,
	WORD_DESCRIBE,
	WORD_DETACH,
	WORD_DISCARD,
	WORD_DISTINCT,
	WORD_DO,
	WORD_DROP,
	WORD_DUPLICATE,
	WORD_END,
	WORD_EXCEPT,
	WORD_EXEC,
	WORD_EXECUTE,
	WORD_EXPLAIN,
	WORD_FOR,
	WORD_FROM,
	WORD_FULL,
	WORD_GROUP,
	WORD_HAVING,
	WORD_IGNORE,
	WORD_IN,
	WORD_INSERT,
	WORD_INTERSECT,
	WORD_INTO,
	WORD_JOIN,
	WORD_KEY,
	WORD_LATERAL,
	WORD_LIMIT,
	WORD_LOAD,
	WORD_LOCK,
	WORD_MATERIALIZED,
	WORD_MERGE,
	WORD_NATURAL,
	WORD_NO,
	WORD_NOT,
	WORD_ON,
	WORD_ONLY,
	WORD_OR,
	WORD_ORDER,
	WORD_PRAGMA,
	WORD_RECURSIVE,
	WORD_RELEASE,
	WORD_RENAME,
	WORD_REPLACE,
	WORD_RESET,
	WORD_RETURNING,
	WORD_ROLLBACK,
	WORD_SAVEPOINT,
	WORD_SEARCH,
	WORD_SELECT,
	WORD_SET,
	WORD_SHARE,
	WORD_START,
	WORD_TABLE,
	WORD_TEMP,
	WORD_TEMPORARY,
	WORD_TRIGGER,
	WORD_TRUNCATE,
	WORD_UNION,
	WORD_UNLOCK,
	WORD_UPDATE,
	WORD_USE,
	WORD_USING,
	WORD_VALUES,
	WORD_VIEW,
	WORD_WHERE,
	WORD_WINDOW,
	WORD_WITH,
	WORD_XA
};

struct token {
	uint32_t at, len;
	uint16_t depth; /* open parentheses before it, 65535 at most */
	uint8_t kind;
	uint8_t word;
	bool code;  /* inside of a comment that holds code */
	bool maybe; /* and only some versions read it */
};

struct lex {
	enum sql_dialect d;
	struct str text;
	size_t at;
	size_t code_end; /* where the open code comment ends, or 0 */
	bool maybe;      /* that comment names a version */
	const char *why;
};

void lex_init(struct lex *l, enum sql_dialect d, struct str text);

/* The next token; comments and blanks are passed over. */
struct token lex_next(struct lex *l);

/* The word of a text. */
enum word word_of(struct str s);

/* All tokens of a text. */
struct tokens {
	struct str text;
	struct token *v;
	size_t n;
};

/* Cut a text into tokens; ERR_SQL_SYNTAX where something is not closed. */
enum err tokens_read(struct arena *a, enum sql_dialect d, struct str text,
    struct tokens *t, struct fault *f) FAULT_MUST_CHECK;

/* The bytes of token i as written; empty past the end. */
struct str token_text(const struct tokens *t, size_t i);
/* A word or a quoted name. */
bool token_is_name(const struct tokens *t, size_t i);

/* Is token i this byte? */
bool token_is(const struct tokens *t, size_t i, char c);

/* Word of token i, WORD_NONE past the end. */
enum word token_word(const struct tokens *t, size_t i);

/* The name a token stands for, without its quotes; empty when it is no name.
 * A string counts as one: SQLite and MariaDB take it so in places. */
struct str token_name(struct arena *a, const struct tokens *t, size_t i);

/* The token behind the ')' that closes the '(' at i. */
size_t token_behind(const struct tokens *t, size_t i);

/* The verb behind the definitions of the WITH at i, t->n when there is none. */
size_t gate_with(const struct tokens *t, enum sql_dialect d, size_t i);

/* Where the table names are; parts of names that name the source. */
void gate_names(struct arena *a, enum sql_dialect d, const struct tokens *t,
    bool (*known)(const void *, struct str), const void *arg, struct gate *g);

#endif
