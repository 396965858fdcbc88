/* SPDX-License-Identifier: ISC */
/* Completion for shells, made from the tables of words and options. */
#ifndef CTL_COMPLETE_H
#define CTL_COMPLETE_H

#include "ctl/ctl.h"

/* The completion file of a shell, "bash" or "zsh". */
enum ctl_exit complete_write(struct buf *to, const char *shell);

/* Every sentence and every option, one a line, for the lint of the page. */
enum ctl_exit complete_words(struct buf *to);

#endif
