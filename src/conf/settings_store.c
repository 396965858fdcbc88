/* SPDX-License-Identifier: ISC */
/* Settings of the store: where keys and limits lie. */
#include "conf/settings_int.h"

/* clang-format off */
const struct setting conf_store_rows[] = {
	{ "store.driver", .type = SET_TEXT, STORE(driver), .dflt = "sqlite",
	    .where = offsetof(struct conf, store.driver_at),
	    .about = "What keys and limits are kept by: sqlite is the state folder, pgsql a server that several machines share." },
	{ "store.host", .type = SET_TEXT, STORE(host), RANGE(1, 2000),
	    .about = "Name or address of the server; of several, with commas between and each perhaps with its port, the one that can be written." },
	{ "store.port", .type = SET_INT, STORE(port), RANGE(1, 65535),
	    .about = "Port of the server; not given: the usual one." },
	{ "store.socket", .type = SET_PATH, STORE(socket),
	    .about = "Folder with the local socket of the server, instead of a host." },
	{ "store.database", .type = SET_TEXT, STORE(database), RANGE(1, 255),
	    .about = "Name of the database on the server, best one of its own." },
	{ "store.user", .type = SET_TEXT, STORE(user), RANGE(1, 255),
	    .about = "Account on the server." },
	{ "store.tls", .type = SET_WORD, STORE(tls), .words = conf_tls_words, .dflt = "auto",
	    .has = offsetof(struct conf, store.has_tls),
	    .about = "Whether the connection is encrypted and the server's certificate verified; auto: verified, on this machine off." },
	{ "store.tls_ca", .type = SET_PATH, STORE(tls_ca),
	    .about = "File with the certificates that the server's is verified by; not given: those of the system." },
	{ "store.options", .type = SET_TEXT, STORE(options), RANGE(1, 2000),
	    .about = "Further words for the driver's library." },
	{ "store.password", .type = SET_SECRET, STORE(password),
	    .about = "Password, only in a file that nobody else can read." },
	{ "store.password_file", .type = SET_SECRET_FILE, STORE(password),
	    .about = "File with the password and nothing else." },
	{ "store.password_env", .type = SET_SECRET_ENV, STORE(password),
	    .about = "Variable of the environment with the password." },
	{ "store.timeout", .type = SET_TIME, STORE(timeout), RANGE(1, 60), .dflt = "2s",
	    .about = "Time for one statement; a request that waits longer for the store is refused." },
	{ "store.connect_timeout", .type = SET_TIME, STORE(connect_timeout), RANGE(1, 60), .dflt = "2s",
	    .about = "Time to connect, for all hosts together." },
};
/* clang-format on */

const size_t conf_store_nrows =
    sizeof(conf_store_rows) / sizeof(conf_store_rows[0]);
