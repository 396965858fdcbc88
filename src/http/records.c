/* SPDX-License-Identifier: ISC */
/*
 * Our side of the FastCGI protocol on the way out: STDOUT records of up to
 * 64 KiB gathered from the pieces where they lie, and the two records that
 * end a request.  (FastCGI specification 1.0, sections 3.3, 5.3 and 5.5.)
 */
#include "http/http_int.h"

enum { FCGI_VERSION = 1, FCGI_END = 3, FCGI_STDOUT = 6 };

static void
header_put(unsigned char to[static 8], int type, uint16_t id, size_t len)
{
	to[0] = FCGI_VERSION;
	to[1] = (unsigned char)type;
	to[2] = (unsigned char)(id >> 8);
	to[3] = (unsigned char)id;
	to[4] = (unsigned char)(len >> 8);
	to[5] = (unsigned char)len;
	to[6] = 0;
	to[7] = 0;
}

void
records_init(struct records *r, uint16_t id, const struct iovec *in, int n,
    bool last)
{
	r->id = id;
	r->in = in;
	r->nin = n;
	r->skip = 0;
	r->last = last;
	r->n = 0;
}

/* Gather slices of the input into r->v; returns how many bytes. */
static size_t
gather(struct records *r)
{
	size_t len = 0;

	/* Two places stay free: the next header and the end records. */
	while (r->nin > 0 && len < RECORD_BODY && r->n < RECORD_PIECES - 2) {
		size_t left = r->in->iov_len - r->skip;
		size_t take =
		    left < RECORD_BODY - len ? left : RECORD_BODY - len;
		if (take > 0)
			r->v[r->n++] =
			    (struct iovec){ (char *)r->in->iov_base + r->skip,
				    take };
		len += take;
		r->skip += take;
		if (r->skip == r->in->iov_len) {
			r->in++;
			r->nin--;
			r->skip = 0;
		}
	}
	return len;
}

static void
end_put(struct records *r)
{
	/* An empty STDOUT record, then END_REQUEST: status 0, complete. */
	header_put(r->end, FCGI_STDOUT, r->id, 0);
	header_put(r->end + 8, FCGI_END, r->id, 8);
	memset(r->end + 16, 0, 8);
	r->v[r->n++] = (struct iovec){ r->end, sizeof(r->end) };
	r->last = false;
}

bool
records_next(struct records *r)
{
	r->n = 0;
	for (int i = 0; i < RECORDS_MAX && r->nin > 0; i++) {
		if (r->n >= RECORD_PIECES - 2)
			break;
		int at = r->n++;
		r->v[at] = (struct iovec){ r->head[i], 8 };
		size_t len = gather(r);
		if (len == 0) { /* an empty record would end the stream */
			r->n = at;
			break;
		}
		header_put(r->head[i], FCGI_STDOUT, r->id, len);
	}
	if (r->nin == 0 && r->last)
		end_put(r);
	return r->n > 0;
}
