/* SPDX-License-Identifier: ISC */
/* A file of any bytes, read as CSV, TSV or JSON lines: every reading ends,
 * a second one gives the same, and what is taken for text is text. */
#define _GNU_SOURCE /* memfd_create */
#include <sys/mman.h>
#include <unistd.h>

#include "base/utf8.h"
#include "fuzz.h"
#include "source/files_int.h"

static int64_t
count(struct files_reader *r)
{
	int64_t good = 0;
	enum files_step s;

	while ((s = files_next(r)) != STEP_END) {
		FUZZ_PROMISE(s == STEP_RECORD || r->why.len > 0);
		if (s != STEP_RECORD)
			continue;
		good++;
		for (size_t i = 0; i < r->nnames; i++)
			FUZZ_PROMISE(r->cells[i].is_null ||
				     utf8_valid(r->cells[i].text));
	}
	return good;
}

static void
read_as(int fd, enum conf_format format)
{
	static const struct conf conf = { .limits = { .value = 4096,
					      .sqlite_columns = 20 } };
	const struct conf_source spec = { .header = true };
	const struct files_one file = { .format = format };
	struct arena *a = arena_new((size_t)64 << 20);
	struct fault f = { 0 };
	struct files_reader r;
	int64_t first;

	if (files_reader_open(&r, a, &conf, &spec, &file, fd, &f) == ERR_OK) {
		first = count(&r);
		FUZZ_PROMISE(files_reader_again(&r, &f) == ERR_OK);
		FUZZ_PROMISE(count(&r) == first);
	}
	files_reader_close(&r);
	arena_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("files", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	read_as(fd, FORMAT_CSV);
	read_as(fd, FORMAT_TSV);
	read_as(fd, FORMAT_JSONL);
	(void)close(fd);
	return 0;
}
