/* SPDX-License-Identifier: ISC */
/*
 * Settings of sources: where each is, how it is reached, what may be done
 * there.
 */
#include "conf/settings_int.h"

const struct word conf_tls_words[] = {
	{ "auto", TLS_AUTO },
	{ "off", TLS_OFF },
	{ "prefer", TLS_PREFER },
	{ "require", TLS_REQUIRE },
	{ "verify", TLS_VERIFY },
	{ 0 },
};

static const struct word format_words[] = {
	{ "auto", FORMAT_AUTO },
	{ "csv", FORMAT_CSV },
	{ "tsv", FORMAT_TSV },
	{ "jsonl", FORMAT_JSONL },
	{ 0 },
};

static const struct word on_error_words[] = {
	{ "refuse", ON_ERROR_REFUSE },
	{ "skip", ON_ERROR_SKIP },
	{ 0 },
};

/* clang-format off */
const struct setting conf_source_rows[] = {
	{ "sources.*.driver", .type = SET_TEXT, SOURCE(driver), .need = true,
	    .where = offsetof(struct conf_source, driver_at),
	    .about = "What kind of database it is." },
	{ "sources.*.path", .type = SET_PATH, SOURCE(path),
	    .about = "The database file; of the driver files, a file or a folder of them." },
	{ "sources.*.host", .type = SET_TEXT, SOURCE(host), RANGE(1, 2000),
	    .about = "Name or address of the server; some drivers take several, with commas between, each perhaps with its port." },
	{ "sources.*.port", .type = SET_INT, SOURCE(port), RANGE(1, 65535),
	    .about = "Port of the server; not given: the usual one." },
	{ "sources.*.socket", .type = SET_PATH, SOURCE(socket),
	    .about = "Local socket of the server, or the folder it is in, instead of a host." },
	{ "sources.*.database", .type = SET_TEXT, SOURCE(database), RANGE(1, 255),
	    .about = "Name of the database on the server." },
	{ "sources.*.user", .type = SET_TEXT, SOURCE(user), RANGE(1, 255),
	    .about = "Account on the server, best one that can only read." },
	{ "sources.*.tls", .type = SET_WORD, SOURCE(tls), .words = conf_tls_words, .dflt = "auto",
	    .has = offsetof(struct conf_source, has_tls),
	    .about = "Whether the connection is encrypted and the server's certificate verified; auto: verified, on this machine off." },
	{ "sources.*.tls_ca", .type = SET_PATH, SOURCE(tls_ca),
	    .about = "File with the certificates that a server's is verified by; not given: those of the system." },
	{ "sources.*.options", .type = SET_TEXT, SOURCE(options), RANGE(1, 2000),
	    .about = "Further words for the driver's library." },
	{ "sources.*.dsn", .type = SET_TEXT, SOURCE(dsn), RANGE(1, 2000),
	    .about = "Name of a data source of ODBC, or a connection string." },
	{ "sources.*.trusted_role", .type = SET_BOOL, SOURCE(trusted_role), .dflt = "false",
	    .has = offsetof(struct conf_source, has_trusted_role),
	    .about = "The account may do no more than this source is for, which the driver cannot make sure of by itself." },
	{ "sources.*.format", .type = SET_WORD, SOURCE(format), .words = format_words, .dflt = "auto",
	    .has = offsetof(struct conf_source, has_format),
	    .about = "How files are written; auto: as .csv, .tsv, .tab, .jsonl or .ndjson at the end of the name says." },
	{ "sources.*.delimiter", .type = SET_TEXT, SOURCE(delimiter), RANGE(1, 1),
	    .about = "The character between two values of a CSV or TSV file; not given: a comma, or a tab." },
	{ "sources.*.header", .type = SET_BOOL, SOURCE(header), .dflt = "true",
	    .has = offsetof(struct conf_source, has_header),
	    .about = "The first line of a CSV or TSV file names the columns; false: they are column_1, column_2 and so on." },
	{ "sources.*.null", .type = SET_LIST, SOURCE(nulls),
	    .about = "Values without quotes that stand for nothing, beside the empty one." },
	{ "sources.*.types", .type = SET_LIST, SOURCE(types),
	    .about = "Types of columns of files that are not to be found out from the values, each as column:type or table.column:type." },
	{ "sources.*.on_error", .type = SET_WORD, SOURCE(on_error), .words = on_error_words, .dflt = "refuse",
	    .has = offsetof(struct conf_source, has_on_error),
	    .about = "What becomes of a file with wrong rows: it is refused, or the rows are left out and counted." },
	{ "sources.*.password", .type = SET_SECRET, SOURCE(password),
	    .about = "Password, only in a file that nobody else can read." },
	{ "sources.*.password_file", .type = SET_SECRET_FILE, SOURCE(password),
	    .about = "File with the password and nothing else." },
	{ "sources.*.password_env", .type = SET_SECRET_ENV, SOURCE(password),
	    .about = "Variable of the environment with the password." },
	{ "sources.*.about", .type = SET_TEXT, SOURCE(about), RANGE(1, 1000),
	    .about = "One sentence on what is in it, for models and people." },
	{ "sources.*.instructions", .type = SET_TEXT, SOURCE(instructions), RANGE(1, 65536),
	    .about = "What a model should know before it asks this source." },
	{ "sources.*.data_table", .type = SET_TEXT, SOURCE(data_table), RANGE(1, 255),
	    .about = "Table or view that query_source calls data." },
	{ "sources.*.readonly", .type = SET_BOOL, SOURCE(readonly), .dflt = "true",
	    .about = "Never write, whatever a token may." },
	{ "sources.*.ddl", .type = SET_BOOL, SOURCE(ddl), .dflt = "false",
	    .about = "Allow CREATE, ALTER and DROP to tokens with every right." },
	{ "sources.*.deny", .type = SET_LIST, SOURCE(deny),
	    .about = "Tables, views or table.column that do not exist for anyone; * stands for any text." },
	{ "sources.*.mask", .type = SET_LIST, SOURCE(mask),
	    .about = "Columns (table.column) that are listed but read as ***." },
	{ "sources.*.ops", .type = SET_LIST, SOURCE(ops), .words = conf_op_words,
	    .about = "Operations this source has as tools of its own, of those source_ops allows; none given: all of them." },
	{ "sources.*.timeout", .type = SET_TIME, SOURCE(timeout), RANGE(1, DAY), .dflt = "30s",
	    .about = "Time for one statement." },
	{ "sources.*.connect_timeout", .type = SET_TIME, SOURCE(connect_timeout), RANGE(1, HOUR), .dflt = "5s",
	    .about = "Time to connect." },
	{ "sources.*.max_rows", .type = SET_INT, SOURCE(max_rows), RANGE(1, 1000000), .dflt = "1000",
	    .about = "Rows of one result." },
	{ "sources.*.max_bytes", .type = SET_SIZE, SOURCE(max_bytes), RANGE(KIB, GIB), .dflt = "100000",
	    .about = "Bytes of one result as sent." },
	{ "sources.*.max_cell", .type = SET_INT, SOURCE(max_cell), RANGE(16, GIB), .dflt = "8192",
	    .about = "Characters of one value in a result." },
	{ "sources.*.max_affected", .type = SET_INT, SOURCE(max_affected), RANGE(1, 1000000000), .dflt = "1000",
	    .about = "Rows one write may change before it is taken back." },
	{ "sources.*.max_sql", .type = SET_SIZE, SOURCE(max_sql), RANGE(100, 16 * MIB), .dflt = "64 KiB",
	    .about = "Bytes of one statement." },
	{ "sources.*.rate", .type = SET_RATE, SOURCE(rate),
	    .about = "Requests of one token to this source, beside limits.rate." },
	{ "sources.*.burst", .type = SET_INT, SOURCE(rate.burst), RANGE(1, 1000000),
	    .about = "Such requests that may come at once; not given: as many as the rate counts." },
};
/* clang-format on */

const size_t conf_source_nrows =
    sizeof(conf_source_rows) / sizeof(conf_source_rows[0]);
