/* SPDX-License-Identifier: ISC */
/* mcpctl: the administrator's command. */
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/secret.h"
#include "ctl/ctl.h"

/* Enough for any answer of ours; a bigger one fails and says so. */
#define CTL_ARENA (256u << 20)
#define CTL_OUT   (64u << 20)

static enum ctl_exit
run(struct ctl *c, int argc, char **argv)
{
	struct fault f = { 0 };
	enum ctl_exit e = ctl_read(c, argc, argv);

	if (e == CTL_DONE && secret_start(&f) != ERR_OK)
		e = ctl_fault(c, &f);
	else if (e == CTL_DONE)
		e = c->command->run(c);
	if (buf_failed(&c->out)) {
		ctl_say("the answer is larger than %u MiB", CTL_OUT >> 20);
		return CTL_FAILED;
	}
	if (!ctl_flush(c)) {
		ctl_say("standard output cannot be written: %s",
		    strerror(errno));
		return CTL_FAILED;
	}
	return e;
}

int
main(int argc, char **argv)
{
	struct ctl c = { 0 };
	enum ctl_exit e;

	log_name("mcpctl");
	/* Names are UTF-8 whatever the terminal's locale says of it. */
	if (setlocale(LC_CTYPE, "") == NULL || MB_CUR_MAX == 1)
		(void)setlocale(LC_CTYPE, "C.UTF-8");
	(void)umask(077);
	(void)signal(SIGPIPE, SIG_IGN);
	c.arena = arena_new(CTL_ARENA);
	buf_init(&c.out, c.arena, CTL_OUT);
	json_out_init(&c.json, &c.out, NULL);
	e = run(&c, argc, argv);
	store_close(c.store);
	conf_free(c.conf);
	arena_free(c.arena);
	return (int)e;
}
