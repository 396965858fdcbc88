/* SPDX-License-Identifier: ISC */
/* Inside the room page. */
#ifndef PAGE_PAGE_INT_H
#define PAGE_PAGE_INT_H

/* The one style sheet, inline, and the hash that the policy names for it
 * (CSP 3, "sha256-" and base64). */
extern const char page_style[];
extern const char page_style_hash[];

#endif
