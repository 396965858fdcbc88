/* SPDX-License-Identifier: ISC */
/*
 * Attacks on an engine: the cases of tests/cases/attacks, a statement a line,
 * "= NAME" before those of a test, and how each is tried and looked at.
 */
#ifndef TESTS_ATTACK_H
#define TESTS_ATTACK_H

#include "rig.h"

/* The engine whose attacks are tried. */
struct attacked {
	const char *cases;        /* file of tests/cases/attacks */
	const char *folder;       /* stands for {folder}, and in no message */
	const char *(*sum)(void); /* all that an attack could have changed */
	void (*also)(const char *sql); /* looked at after each, or NULL */
	void (*after)(void);           /* after those of a test, or NULL */
	/* Only the gate refuses: without it nothing may be changed. */
	bool gate_only;
};
extern struct attacked attacked;

/* rig_open, for questions that may only read. */
void attack_open(const struct conf_source *as);

/* "check" with each statement of a section of a file, of which there must be
 * one; the source still works after them. */
void attack_each(const char *file, const char *section,
    void (*check)(const char *sql));

/* Whatever comes of it, nothing is changed and no path told. */
void changes_nothing(const char *sql);

/* And it is not answered, unless only the gate would refuse it. */
void stopped(const char *sql);

/* The table t has its two rows, a and b. */
void alive(void);

/* The test of the cases with its name, each of which is stopped. */
#define ATTACK(name)                                         \
	static void name(void **state)                       \
	{                                                    \
		(void)state;                                 \
		attack_each(attacked.cases, #name, stopped); \
	}

#endif
