/* SPDX-License-Identifier: ISC */
/* Text that goes into HTML. */
#ifndef BASE_HTML_H
#define BASE_HTML_H

#include "base/buf.h"

/* Append it escaped, good between tags and inside of a quoted attribute. */
void html_text(struct buf *to, struct str s);

#endif
