/* SPDX-License-Identifier: ISC */
/* Between the writer's structure (json_out.c) and its text (json_text.c). */
#ifndef JSON_JSON_OUT_INT_H
#define JSON_JSON_OUT_INT_H

#include "json/json_out.h"

/* Bytes that mean themselves in a JSON string: to the buffer and its twin. */
void json_both(struct json_out *o, const char *p, size_t n);

/* The quote at either end of a string. */
void json_quote(struct json_out *o);

/* A whole string with its quotes. */
void json_quoted(struct json_out *o, const char *p, size_t n);

/* A name with its quotes and its colon; "next": with a comma before it. */
void json_name(struct json_out *o, bool next, const char *p, size_t n);

/* Finished JSON: as it is to the buffer, escaped to the twin. */
void json_finished(struct json_out *o, struct str json);

#endif
