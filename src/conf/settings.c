/* SPDX-License-Identifier: ISC */
/*
 * The table of settings.  One row reads a setting, gives its default, explains
 * it in "config --example", and words the complaint when it is wrong; the lint
 * wants a paragraph in mcp.conf(5) for each.  The rows of one group stand
 * together.
 */
#include "conf/conf_int.h"

#define KIB    ((int64_t)1 << 10)
#define MIB    ((int64_t)1 << 20)
#define GIB    ((int64_t)1 << 30)
#define MINUTE 60
#define HOUR   3600
#define DAY    86400

#define IN(g, s, m)                                \
	.group = (g), .at = offsetof(struct s, m), \
	.size = sizeof(((struct s *)0)->m)
#define TOP(m)        IN(GROUP_TOP, conf, m)
#define LIMIT(m)      IN(GROUP_LIMITS, conf, limits.m)
#define SOURCE(m)     IN(GROUP_SOURCE, conf_source, m)
#define ENV(m)        IN(GROUP_ENVIRONMENT, conf_environment, m)
#define TOOL(m)       IN(GROUP_TOOL, conf_tool, m)
#define PARAM(m)      IN(GROUP_PARAM, conf_param, m)
#define TOOLKIT(m)    IN(GROUP_TOOLKIT, conf_toolkit, m)
#define RANGE(lo, hi) .min = (lo), .max = (hi)

static const struct word sandbox_words[] = {
	{ "off", CONF_OFF },
	{ "on", CONF_ON },
	{ "required", CONF_REQUIRED },
	{ 0 },
};

static const struct word confirm_words[] = {
	{ "allow", CONFIRM_ALLOW },
	{ "ask", CONFIRM_ASK },
	{ "refuse", CONFIRM_REFUSE },
	{ 0 },
};

static const struct word tdb_words[] = {
	{ "code", false },
	{ "doc", true },
	{ 0 },
};

static const struct word type_words[] = {
	{ "string", CONF_STRING },
	{ "integer", CONF_INTEGER },
	{ "number", CONF_NUMBER },
	{ "boolean", CONF_BOOLEAN },
	{ 0 },
};

static const struct word group_words[] = {
	{ "core", 0 },
	{ "tdb", 0 },
	{ "analysis", 0 },
	{ "catalog", 0 },
	{ "workbench", 0 },
	{ 0 },
};

/* The operations that become tools of a source (tools.md 3). */
static const struct word op_words[] = {
	{ "get_schemas", 0 },
	{ "get_tables", 0 },
	{ "get_columns", 0 },
	{ "get_procedures", 0 },
	{ "get_procedure_parameters", 0 },
	{ "get_instructions", 0 },
	{ "execute_sql", 0 },
	{ "execute_select", 0 },
	{ "execute_insert", 0 },
	{ "execute_update", 0 },
	{ "execute_procedure", 0 },
	{ 0 },
};

/* clang-format off */
const struct setting conf_table[] = {
	{ "state", .type = SET_PATH, TOP(state),
	    .about = "Folder with the keys, limits, pepper and audit." },
	{ "base_url", .type = SET_TEXT, TOP(base_url), .check = check_url,
	    .about = "Public URL of the endpoint; its path is what we answer." },
	{ "title", .type = SET_TEXT, TOP(title), RANGE(1, 200), .dflt = "mcp-fcgi",
	    .about = "Name of this site as clients and people see it." },
	{ "instructions", .type = SET_TEXT, TOP(instructions), RANGE(1, 65536),
	    .about = "What a model should know about this site as a whole." },
	{ "origins", .type = SET_LIST, TOP(origins), .check = check_origin,
	    .about = "Further browser origins that may call us." },
	{ "hosts", .type = SET_LIST, TOP(hosts), .check = check_host,
	    .about = "Host names we answer under; none given: any, but on the loopback only loopback names." },
	{ "proxies", .type = SET_LIST, TOP(proxies), .check = check_address,
	    .about = "Addresses whose X-Forwarded-For is believed." },
	{ "groups", .type = SET_LIST, TOP(groups), .words = group_words,
	    .dflt = "core, tdb, analysis",
	    .about = "Groups of tools that are offered." },
	{ "source_ops", .type = SET_LIST, TOP(source_ops), .words = op_words,
	    .about = "Operations that each source has as tools of its own; none given: all." },
	{ "sandbox", .type = SET_WORD, TOP(sandbox), .words = sandbox_words, .dflt = "on",
	    .about = "Landlock and seccomp: not at all, as far as the kernel can, or refuse to start without." },
	{ "confirm_writes", .type = SET_WORD, TOP(confirm_writes), .words = confirm_words, .dflt = "allow",
	    .about = "Whether a write runs at once, after asking the user, or never." },
	{ "audit_required", .type = SET_BOOL, TOP(audit_required), .dflt = "true",
	    .about = "Refuse a call that cannot be written to the audit." },
	{ "aliases", .type = SET_BOOL, TOP(aliases), .dflt = "true",
	    .about = "Accept the unlisted other names of the operations." },
	{ "filter_calls", .type = SET_BOOL, TOP(filter_calls), .dflt = "false",
	    .about = "Let the query parameters tools and ops narrow calls too, not only the list." },
	{ "source_header", .type = SET_BOOL, TOP(source_header), .dflt = "false",
	    .about = "Ask clients to repeat the source in the header Mcp-Param-Source." },
	{ "streams", .type = SET_BOOL, TOP(streams), .dflt = "false",
	    .about = "Allow streams that hold a worker for as long as they last." },
	{ "basic", .type = SET_BOOL, TOP(basic), .dflt = "true",
	    .about = "Accept a token as the password of HTTP Basic." },
	{ "api_key_header", .type = SET_BOOL, TOP(api_key_header), .dflt = "true",
	    .about = "Accept a token in X-API-Key where no Authorization came." },
	{ "key_env", .type = SET_TEXT, TOP(key_env), .check = check_variable,
	    .about = "Variable of the environment that holds one fixed token." },
	{ "tdb_texts", .type = SET_WORD, TOP(tdb_doc_texts), .words = tdb_words, .dflt = "code",
	    .about = "Which published words query_source refuses a write with." },
	{ "list_page_size", .type = SET_INT, TOP(list_page_size), RANGE(1, 10000), .dflt = "100",
	    .about = "Entries of one page of a list." },
	{ "list_ttl", .type = SET_MILLIS, TOP(list_ttl_ms), RANGE(0, DAY), .dflt = "5m",
	    .about = "How long a client may keep a list." },
	{ "limits", .type = SET_GROUP, .group = GROUP_TOP, .child = GROUP_LIMITS,
	    .about = "Ceilings of the whole site." },
	{ "sources", .type = SET_GROUP, .group = GROUP_TOP, .child = GROUP_SOURCE,
	    .about = "The databases, each a group under its name." },
	{ "environments", .type = SET_GROUP, .group = GROUP_TOP, .child = GROUP_ENVIRONMENT,
	    .about = "Named sets of sources that a token can be bound to." },
	{ "tools", .type = SET_GROUP, .group = GROUP_TOP, .child = GROUP_TOOL,
	    .about = "Tools of your own, each an SQL statement or a command under its name." },
	{ "tools_dir", .type = SET_PATH, TOP(tools_dir),
	    .about = "Folder whose programs are tools; not given: tools.d beside this file, if there is one." },
	{ "toolkits", .type = SET_GROUP, .group = GROUP_TOP, .child = GROUP_TOOLKIT,
	    .about = "Named lists of tools, served under MOUNT/toolkits/NAME." },

	{ "limits.rate", .type = SET_RATE, LIMIT(rate), .dflt = "120/min",
	    .about = "Requests of one token." },
	{ "limits.burst", .type = SET_INT, LIMIT(rate.burst), RANGE(1, 1000000), .dflt = "30",
	    .about = "Requests of one token that may come at once." },
	{ "limits.auth_fails", .type = SET_RATE, LIMIT(auth_fails), .dflt = "20/min",
	    .about = "Bad credentials from one address." },
	{ "limits.body", .type = SET_SIZE, LIMIT(body), RANGE(KIB, GIB), .dflt = "1 MiB",
	    .about = "Bytes of one request." },
	{ "limits.body_time", .type = SET_TIME, LIMIT(body_time), RANGE(1, HOUR), .dflt = "15s",
	    .about = "Time for the request to arrive." },
	{ "limits.header", .type = SET_SIZE, LIMIT(header), RANGE(256, MIB), .dflt = "8 KiB",
	    .about = "Bytes of one header that is used." },
	{ "limits.authorization", .type = SET_SIZE, LIMIT(authorization), RANGE(256, 64 * KIB), .dflt = "8 KiB",
	    .about = "Bytes of the Authorization header." },
	{ "limits.json_depth", .type = SET_INT, LIMIT(json_depth), RANGE(4, 2000), .dflt = "64",
	    .about = "Arrays and objects inside each other." },
	{ "limits.json_elements", .type = SET_INT, LIMIT(json_elements), RANGE(100, 10000000), .dflt = "20000",
	    .about = "Values in one request." },
	{ "limits.json_string", .type = SET_SIZE, LIMIT(json_string), RANGE(KIB, GIB), .dflt = "1 MiB",
	    .about = "Bytes of one string." },
	{ "limits.json_number", .type = SET_INT, LIMIT(json_number), RANGE(20, 1000), .dflt = "64",
	    .about = "Characters of one number." },
	{ "limits.batch", .type = SET_INT, LIMIT(batch), RANGE(1, 1000), .dflt = "20",
	    .about = "Messages of one batch (revision 2025-03-26 only)." },
	{ "limits.params", .type = SET_INT, LIMIT(params), RANGE(1, 32766), .dflt = "100",
	    .about = "Parameters bound to one statement." },
	{ "limits.sources_in_flight", .type = SET_INT, LIMIT(sources_in_flight), RANGE(1, 1000), .dflt = "4",
	    .about = "Statements of one token that run at the same time." },
	{ "limits.hard_extra", .type = SET_TIME, LIMIT(hard_extra), RANGE(1, HOUR), .dflt = "2s",
	    .about = "After its timeout a statement that cannot be stopped has this long before its worker is ended." },
	{ "limits.heap", .type = SET_SIZE, LIMIT(heap), RANGE(4 * MIB, 64 * GIB), .dflt = "64 MiB",
	    .about = "Memory that SQLite may use in one worker." },
	{ "limits.value", .type = SET_SIZE, LIMIT(value), RANGE(KIB, GIB), .dflt = "1000000",
	    .about = "Bytes of one value inside SQLite." },
	{ "limits.sqlite_expr_depth", .type = SET_INT, LIMIT(sqlite_expr_depth), RANGE(1, 1000), .dflt = "100",
	    .about = "Depth of an expression in SQLite." },
	{ "limits.sqlite_compound", .type = SET_INT, LIMIT(sqlite_compound), RANGE(1, 500), .dflt = "50",
	    .about = "SELECTs joined by UNION and the like in SQLite." },
	{ "limits.sqlite_columns", .type = SET_INT, LIMIT(sqlite_columns), RANGE(1, 2000), .dflt = "500",
	    .about = "Columns of a table or result in SQLite." },
	{ "limits.sqlite_ops", .type = SET_INT, LIMIT(sqlite_ops), RANGE(1000, 250000000), .dflt = "250000",
	    .about = "Instructions of one statement compiled by SQLite." },
	{ "limits.sqlite_attached", .type = SET_INT, LIMIT(sqlite_attached), RANGE(0, 10), .dflt = "0",
	    .about = "Databases attached to a connection of SQLite." },
	{ "limits.sqlite_like", .type = SET_INT, LIMIT(sqlite_like), RANGE(1, 50000), .dflt = "256",
	    .about = "Bytes of a pattern for LIKE and GLOB in SQLite." },
	{ "limits.sqlite_threads", .type = SET_INT, LIMIT(sqlite_threads), RANGE(0, 8), .dflt = "0",
	    .about = "Helper threads of one statement in SQLite." },
	{ "limits.sqlite_triggers", .type = SET_INT, LIMIT(sqlite_triggers), RANGE(1, 1000), .dflt = "10",
	    .about = "Triggers that start each other in SQLite." },
	{ "limits.memory", .type = SET_SIZE, LIMIT(memory), RANGE(64 * MIB, 1024 * GIB), .dflt = "512 MiB",
	    .about = "Address space of one process." },
	{ "limits.cpu", .type = SET_TIME, LIMIT(cpu), RANGE(0, DAY), .dflt = "60s",
	    .about = "Processor time of one call under plain CGI; 0 for no limit." },
	{ "limits.core", .type = SET_SIZE, LIMIT(core), RANGE(0, 64 * GIB), .dflt = "0",
	    .about = "Bytes of a core dump, which would hold secrets." },
	{ "limits.open_files", .type = SET_INT, LIMIT(open_files), RANGE(16, 65536), .dflt = "64",
	    .about = "Files and connections a process may have open." },
	{ "limits.requests", .type = SET_INT, LIMIT(requests), RANGE(1, 1000000000), .dflt = "10000",
	    .about = "Requests after which a worker makes way for a fresh one." },
	{ "limits.audit_line", .type = SET_SIZE, LIMIT(audit_line), RANGE(2 * KIB, MIB), .dflt = "8 KiB",
	    .about = "Bytes of one line of the audit." },
	{ "limits.audit_sql", .type = SET_SIZE, LIMIT(audit_sql), RANGE(0, MIB), .dflt = "4 KiB",
	    .about = "Bytes of SQL text in one line of the audit." },

	{ "sources.*.driver", .type = SET_TEXT, SOURCE(driver), .need = true,
	    .where = offsetof(struct conf_source, driver_at),
	    .about = "What kind of database it is." },
	{ "sources.*.path", .type = SET_PATH, SOURCE(path),
	    .about = "The database file." },
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
	{ "sources.*.ops", .type = SET_LIST, SOURCE(ops), .words = op_words,
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

	{ "environments.*.sources", .type = SET_LIST, ENV(sources), .need = true, .source = true,
	    .about = "Names of its sources." },

	{ "tools.*.title", .type = SET_TEXT, TOOL(title), RANGE(1, 200),
	    .about = "Name for people." },
	{ "tools.*.about", .type = SET_TEXT, TOOL(about), RANGE(1, 2000),
	    .about = "What it does, for the model." },
	{ "tools.*.source", .type = SET_TEXT, TOOL(source), .source = true,
	    .about = "Source it runs on." },
	{ "tools.*.sql", .type = SET_TEXT, TOOL(sql), RANGE(1, 16 * MIB),
	    .about = "The statement, with @name where a parameter is bound." },
	{ "tools.*.procedure", .type = SET_BOOL, TOOL(procedure), .dflt = "false",
	    .about = "Also list it with get_procedures and run it with execute_procedure." },
	{ "tools.*.command", .type = SET_LIST, TOOL(command), .again = true,
	    .about = "Or the program to run, an absolute path, and its arguments; never a shell." },
	{ "tools.*.schema_file", .type = SET_PATH, TOOL(schema_file),
	    .about = "JSON file that describes a command: title, description, inputSchema and more." },
	{ "tools.*.timeout", .type = SET_TIME, TOOL(timeout), RANGE(1, DAY), .dflt = "30s",
	    .about = "Time for one run of a command." },
	{ "tools.*.writable", .type = SET_LIST, TOOL(writable), .check = check_folder,
	    .about = "Folders that a command may write to, beside /tmp." },
	{ "tools.*.read_only", .type = SET_BOOL, TOOL(read_only), .dflt = "false",
	    .about = "The command changes nothing, so that a token that may only read can run it." },
	{ "tools.*.params", .type = SET_GROUP, .group = GROUP_TOOL, .child = GROUP_PARAM,
	    .about = "Its parameters, each a group under its name." },

	{ "tools.*.params.*.type", .type = SET_WORD, PARAM(type), .words = type_words, .dflt = "string",
	    .about = "What kind of value it takes." },
	{ "tools.*.params.*.about", .type = SET_TEXT, PARAM(about), RANGE(1, 1000), .need = true,
	    .about = "What it means, for the model." },
	{ "tools.*.params.*.required", .type = SET_BOOL, PARAM(required), .dflt = "false",
	    .about = "Refuse a call without it." },
	{ "tools.*.params.*.default", .type = SET_VALUE, PARAM(dflt),
	    .has = offsetof(struct conf_param, has_default),
	    .about = "Value where the call gives none; otherwise NULL is bound." },
	{ "tools.*.params.*.min", .type = SET_NUMBER, PARAM(min),
	    .has = offsetof(struct conf_param, has_min),
	    .about = "Smallest integer or number." },
	{ "tools.*.params.*.max", .type = SET_NUMBER, PARAM(max),
	    .has = offsetof(struct conf_param, has_max),
	    .about = "Largest integer or number." },
	{ "tools.*.params.*.enum", .type = SET_LIST, PARAM(values),
	    .about = "The only strings it takes." },

	{ "toolkits.*.tools", .type = SET_LIST, TOOLKIT(tools), .need = true,
	    .about = "Names of its tools, as tools/list shows them." },
};
/* clang-format on */

const size_t conf_table_len = sizeof(conf_table) / sizeof(conf_table[0]);

#define HELD(p, items_, count_, s)                                     \
	.items = offsetof(struct p, items_),                           \
	.count = offsetof(struct p, count_), .size = sizeof(struct s), \
	.at = offsetof(struct s, at)

#define ID_RULE "a small letter, then up to 30 small letters, digits and _"

const struct group_def conf_groups[GROUP_COUNT] = {
	[GROUP_TOP] = { .path = "" },
	[GROUP_LIMITS] = { .path = "limits" },
	[GROUP_SOURCE] = { .path = "sources.*",
	    .about = "a source",
	    .rule = ID_RULE,
	    .named = named_source,
	    .most = 10000,
	    .done = source_done,
	    HELD(conf, sources, nsources, conf_source) },
	[GROUP_ENVIRONMENT] = { .path = "environments.*",
	    .about = "an environment",
	    .rule = ID_RULE,
	    .named = named_source,
	    .most = 1000,
	    HELD(conf, environments, nenvironments, conf_environment) },
	[GROUP_TOOL] = { .path = "tools.*",
	    .about = "a tool",
	    .rule = "1 to 64 letters, digits, _ and -",
	    .named = named_tool,
	    .most = 10000,
	    .done = tool_done,
	    HELD(conf, tools, ntools, conf_tool) },
	[GROUP_PARAM] = { .path = "tools.*.params.*",
	    .about = "a parameter",
	    .rule = "a letter, then up to 63 letters, digits and _",
	    .named = named_param,
	    .most = 100,
	    .done = param_done,
	    HELD(conf_tool, params, nparams, conf_param) },
	[GROUP_TOOLKIT] = { .path = "toolkits.*",
	    .about = "a toolkit",
	    .rule = ID_RULE,
	    .named = named_source,
	    .most = 1000,
	    HELD(conf, toolkits, ntoolkits, conf_toolkit) },
};

/* A name stands first in each, so the walk can set it. */
_Static_assert(offsetof(struct conf_source, name) == 0, "name first");
_Static_assert(offsetof(struct conf_environment, name) == 0, "name first");
_Static_assert(offsetof(struct conf_tool, name) == 0, "name first");
_Static_assert(offsetof(struct conf_param, name) == 0, "name first");
_Static_assert(offsetof(struct conf_toolkit, name) == 0, "name first");

struct span
group_rows(enum group g)
{
	struct span s = { NULL, 0 };

	for (size_t i = 0; i < conf_table_len; i++) {
		if (conf_table[i].group != g)
			continue;
		if (s.row == NULL)
			s.row = &conf_table[i];
		s.n++;
	}
	return s;
}

const char *
setting_name(const struct setting *s)
{
	size_t skip = strlen(conf_groups[s->group].path);

	return s->path + skip + (skip > 0);
}
