/* SPDX-License-Identifier: ISC */
/* The rendered pages of tools/list, kept in the catalogue. */
#ifndef TOOL_LIST_INT_H
#define TOOL_LIST_INT_H

#include "tool/tool_int.h"

/* Give the rendered pages back. */
void list_forget(struct catalogue *c);

#endif
