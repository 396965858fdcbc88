/* SPDX-License-Identifier: ISC */
/*
 * A seccomp filter by hand: what we never call answers EPERM.  It is a list
 * of refusals, so that a new C library does not break us.  Without configured
 * programs nothing here runs another one, so execve is on it.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cgi-bin/sandbox_int.h"

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#elif defined(__i386__)
#define OUR_ARCH AUDIT_ARCH_I386
#elif defined(__riscv) && __riscv_xlen == 64
#define OUR_ARCH AUDIT_ARCH_RISCV64
#endif

#ifdef OUR_ARCH

/* Not every machine has every one of these. */
static const int refused[] = {
	SYS_ptrace,
	SYS_process_vm_readv,
	SYS_process_vm_writev,
	SYS_bpf,
	SYS_perf_event_open,
	SYS_mount,
	SYS_umount2,
	SYS_pivot_root,
	SYS_chroot,
	SYS_setns,
	SYS_unshare,
	SYS_keyctl,
	SYS_add_key,
	SYS_request_key,
	SYS_init_module,
	SYS_finit_module,
	SYS_delete_module,
	SYS_kexec_load,
	SYS_reboot,
	SYS_swapon,
	SYS_swapoff,
	SYS_userfaultfd,
	SYS_personality,
	SYS_quotactl,
	SYS_acct,
	SYS_io_uring_setup,
	SYS_io_uring_enter,
	SYS_io_uring_register,
	SYS_open_by_handle_at,
};

/* The same where no programs are configured. */
static const int refused_alone[] = { SYS_execve, SYS_execveat };

/* The same where nothing is asked over a network: what was opened before can
 * still be accepted on, read and written. */
static const int refused_sockets[] = { SYS_socket, SYS_connect };

/* And there signals may go to ourselves only: a script's keeper ends its
 * script, and the script what it likes of its own. */
static const int signals[] = { SYS_kill, SYS_tkill, SYS_tgkill };

enum {
	NREFUSED = sizeof(refused) / sizeof(refused[0]),
	NALONE = sizeof(refused_alone) / sizeof(refused_alone[0]),
	NSIGNALS = sizeof(signals) / sizeof(signals[0]),
	NSOCKETS = sizeof(refused_sockets) / sizeof(refused_sockets[0]),
	PROGRAM_MAX = 8 + NREFUSED + 2 * (NALONE + NSOCKETS) + 5 * NSIGNALS
};

struct program {
	struct sock_filter code[PROGRAM_MAX];
	unsigned short n;
};

static void
add(struct program *p, struct sock_filter f)
{
	p->code[p->n++] = f;
}

#define LOAD(field)                                             \
	(struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, \
	    offsetof(struct seccomp_data, field))
#define WHEN(test, value, yes, no) \
	(struct sock_filter) BPF_JUMP(BPF_JMP | (test) | BPF_K, value, yes, no)
#define ANSWER(what) (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, what)
#define REFUSE       ANSWER(SECCOMP_RET_ERRNO | EPERM)

static void
build_each(struct program *p, const int *calls, int n)
{
	for (int i = 0; i < n; i++) {
		add(p, WHEN(BPF_JEQ, (unsigned)calls[i], 0, 1));
		add(p, REFUSE);
	}
}

static void
build_alone(struct program *p, pid_t self)
{
	for (int i = 0; i < NSIGNALS; i++) {
		add(p, WHEN(BPF_JEQ, (unsigned)signals[i], 0, 4));
		add(p, LOAD(args[0]));
		add(p, WHEN(BPF_JEQ, (unsigned)self, 1, 0));
		add(p, REFUSE);
		add(p, ANSWER(SECCOMP_RET_ALLOW));
	}
	build_each(p, refused_alone, NALONE);
}

static void
build(struct program *p, pid_t self, bool programs, bool network)
{
	p->n = 0;
	add(p, LOAD(arch));
	add(p, WHEN(BPF_JEQ, OUR_ARCH, 1, 0));
	add(p, REFUSE);
	add(p, LOAD(nr));
#if defined(__x86_64__)
	/* The x32 numbers are a second door to the same calls. */
	add(p, WHEN(BPF_JGE, 0x40000000u, 0, 1));
	add(p, REFUSE);
#endif
	if (!programs)
		build_alone(p, self);
	if (!programs && !network)
		build_each(p, refused_sockets, NSOCKETS);
	/* Each refused number jumps over what follows to the last answer. */
	for (int i = 0; i < NREFUSED; i++)
		add(p, WHEN(BPF_JEQ, (unsigned)refused[i],
			   (unsigned char)(NREFUSED - i), 0));
	add(p, ANSWER(SECCOMP_RET_ALLOW));
	add(p, REFUSE);
}

bool
seccomp_enter(bool programs, bool network)
{
	struct program p;
	struct sock_fprog prog = { .filter = p.code };

	build(&p, getpid(), programs, network);
	prog.len = p.n;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) == 0;
}

#else

bool
seccomp_enter(bool programs, bool network)
{
	(void)programs;
	(void)network;
	return false;
}

#endif
