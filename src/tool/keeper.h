/* SPDX-License-Identifier: ISC */
/*
 * The process between us and a script: it is the reaper of all that comes from
 * the script, and outlives none of it.
 */
#ifndef TOOL_KEEPER_H
#define TOOL_KEEPER_H

#include "tool/child.h"

/* A script that got SIGTERM has so long before SIGKILL. */
enum { KEEPER_GRACE_MS = 500 };

/*
 * In a fresh fork: run the script on these descriptors, wait for its end, or
 * end it on SIGTERM and at the death of "parent"; then end what it left
 * behind, write its status as an int to "report", and exit.
 */
void keeper_main(const struct child_spec *spec, const int io[static 3],
    int report, int parent) __attribute__((noreturn));

#endif
