/* SPDX-License-Identifier: ISC */
/* A line of the audit: does it fit, and how is it shown? */
#ifndef CTL_LOG_ROW_H
#define CTL_LOG_ROW_H

#include "ctl/ctl.h"

struct log_filter;

/* What --key, --tool, --failed and --all ask for; never NULL.  A key is taken
 * by name when there is one of it, else as an id. */
struct log_filter *log_filter_new(struct ctl *c);

/* Say that nothing fitted. */
void log_nothing(const struct log_filter *filter);

/* Does this line of the file fit?  One that is no JSON fits nothing. */
bool log_fits(const struct log_filter *filter, struct str line);

/* A table of lines; with --json an array of them as they are. */
struct log_rows;
struct log_rows *log_rows_new(struct ctl *c);
void log_row(struct log_rows *r, struct str line);
void log_rows_done(struct log_rows *r);

/* One line by itself, for --follow; with --json as it is. */
void log_line_out(struct ctl *c, struct str line);

#endif
