/* SPDX-License-Identifier: ISC */
/* See store_case.h. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/store_case.h"

struct site site;
int64_t at_s;
const struct key plain = { .label = STR("x"), .scopes = SCOPE_READ };

int
case_set_up(void **state)
{
	(void)state;
	(void)umask(0);
	site_make(&site);
	at_s = NOW;
	return 0;
}

int
case_tear_down(void **state)
{
	(void)state;
	(void)unsetenv("TEST_KEY");
	(void)unsetenv("DOCUMENT_ROOT");
	site_remove(&site);
	return 0;
}

void
make_key(char token[static KEY_TEXT_LEN + 1])
{
	struct fault f = { 0 };
	struct key k;

	assert_int_equal(key_create(site.store, &plain, NOW, token, &k,
			     site.arena, &f),
	    ERR_OK);
}

enum err
check(const char *token, struct fault *f)
{
	char seen[KEY_ID_LEN + 1];
	struct key k;

	*f = (struct fault){ 0 };
	return key_check(site.store, site.arena, str_of(token), at_s, &k, seen,
	    f);
}

enum err
charge(struct fault *f)
{
	const struct conf_rate rate = { true, 60, 60, 5 };
	struct limit_answer l;

	*f = (struct fault){ 0 };
	return limit_charge(site.store, STR("k"), &rate, NOW * 1000000ll, &l,
	    f);
}

void
says(enum err err, const struct fault *f, const char *sentence)
{
	assert_int_equal(err, ERR_UNAVAILABLE);
	assert_int_equal(f->code, ERR_UNAVAILABLE);
	assert_string_equal(f->msg, sentence);
	assert_null(strstr(f->msg, site.folder));
	assert_true(f->log[0] != '\0');
}

void
opens_with(const char *sentence)
{
	struct fault f = { 0 };

	says(site_reopen(&site, &f), &f, sentence);
	assert_int_equal(f.retry_s, 1);
	assert_null(site.store);
}

void
write_file(const char *name, const char *p, size_t n, mode_t mode)
{
	const char *path = site_path(&site, name);
	int fd;

	(void)unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, n), n);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
}
