/* SPDX-License-Identifier: ISC */
/*
 * The promise of a driver as cases, and what runs them.  A new driver gives a
 * struct contract with a fixture of its own dialect and calls contract_run;
 * it is finished when all cases pass.
 */
#ifndef TESTS_CONTRACT_H
#define TESTS_CONTRACT_H

#include "source/source.h"

/*
 * The fixture, in every engine with the same names and rows:
 *   customers(id key, name not null, email unique, phone, active boolean)
 *     1 Ann a@x 111 true; 2 Bob b@x 222 false; 3 Eve NULL NULL NULL
 *   orders(id key, customer -> customers.id, total decimal(10,2), day date)
 *     1 1 9.50 2026-01-01; 2 2 7.00 2026-01-02; 3 1 0.25 2026-01-03
 *   many(n) without a key: 1 to 2000
 *   numbers(id key, big, real): the ends of the ranges
 *   hidden_pay(id key, amount): 1 12345
 *   view mails: id, email, phone of customers; view pay: all of hidden_pay
 * and where the driver has SOURCE_CAN_CALL
 *   add_up(a, b default 1), a function or a procedure with one result
 *   take_order(of in, total in/out, label out): sets the total of an order,
 *     label becomes "order N"
 *   two_sets(): id and name of customers; how many orders there are
 */
struct contract {
	const char *driver;
	/* Fill in the source (name, driver and limits are set) and make the
	 * fixture anew; called before each group of cases. */
	void (*set_up)(struct conf_source *spec);
	void (*tear_down)(void);
	/* Run a script as the owner of it all. */
	void (*script)(const char *sql);
	/* Runs for minutes without an index or a sleep; NULL: such a one
	 * cannot be stopped. */
	const char *slow_sql;
	const char *wide_type;  /* declared type of orders.total */
	enum data_type decimal; /* of orders.total */
	const char *constant;   /* the column of SELECT 1, "name:dataType" */
	bool returning;         /* RETURNING is known */
	bool no_update_returns; /* but not for UPDATE */
	bool no_rules;          /* it takes no deny and mask */
	/* INSERT is the only write, nothing is unique, refers to another table
	 * or has a size, rows have no order of their own, WITH has no tables
	 * and a dry run is refused. */
	bool only_inserts;
	bool heap; /* a primary key gives rows no order */
	/* customers.active in rows and its dataType; NULL and 0: true and
	 * false, boolean. */
	const char *booleans;
	enum data_type boolean;
	/* numbers, as rows_text prints them, ordered by id */
	const char *numbers;
	/* SOURCE_CAN_CALL: what take_order gives back for order 1 and 77.5;
	 * NULL: the database has no procedures. */
	const char *outs;
	const char *sets; /* what two_sets gives, NULL: both sets */
	/* A text that is no SQL for this engine. */
	const char *wrong_sql;
};

/* Runs all; the number of failed cases. */
int contract_run(const struct contract *c);

/* What one statement gave, as text: rows "1|'a'|null\n", or "CODE". */
struct outcome {
	struct arena *a;
	struct fault f;
	struct gate g;
	struct sql_done done;
	enum err e;
	struct str rows;
	struct str columns; /* "name:dataType,..." */
	struct str outs;    /* "name=value direction\n" */
	int64_t nrows;
};

/* Run with the defaults of "ask" (text set here), then finish by "commit". */
void contract_ask(struct sources *s, struct sql_ask *ask, const char *sql,
    bool commit, struct outcome *out);
void contract_meta(struct sources *s, const struct meta_ask *m,
    struct outcome *out);

/* Run a procedure of the engine's. */
void contract_call(struct sources *s, struct sql_ask *ask,
    const char *procedure, bool commit, struct outcome *out);

/* What a case works on. */
struct contract_case {
	const struct contract *contract;
	struct conf *conf;
	struct sources *sources;
	struct outcome *out;
};

/* The cases of driver_contract_meta.c. */
void contract_tables(void **state);
void contract_columns(void **state);
void contract_procedures(void **state);
void contract_calls(void **state);
void contract_stamp(void **state);

/* The one row of this column holds both texts. */
void contract_column_is(struct contract_case *c, struct str table,
    struct str column, const char *a, const char *b);

/* Kilobytes of this process that were ever in use. */
int64_t contract_high_water(void);

/* Limits as the configuration would have them. */
struct conf_limits contract_limits(void);

/* In the sanitizers' builds memory is not what it is elsewhere. */
#if defined(__SANITIZE_ADDRESS__)
#define contract_measures_memory() skip()
#else
#define contract_measures_memory() ((void)0)
#endif

#endif
