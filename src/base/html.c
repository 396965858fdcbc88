/* SPDX-License-Identifier: ISC */
/* Text inside HTML, also inside a quoted attribute. */
#include "base/html.h"

void
html_text(struct buf *to, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		switch (s.p[i]) {
		case '&':
			buf_lit(to, "&amp;");
			break;
		case '<':
			buf_lit(to, "&lt;");
			break;
		case '>':
			buf_lit(to, "&gt;");
			break;
		case '"':
			buf_lit(to, "&quot;");
			break;
		case '\'':
			buf_lit(to, "&#39;");
			break;
		default:
			buf_char(to, s.p[i]);
		}
	}
}
