/* SPDX-License-Identifier: ISC */
/* What the tests of the tools share around a site. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/tool_case.h"

struct site site;

const char case_configured[] =
    "tools = {\n"
    "  orders_over = { source = \"shop\"; title = \"Big orders\";\n"
    "    about = \"Orders over a total.\";\n"
    "    sql = \"SELECT id FROM orders WHERE total > @min AND"
    " (@note IS NULL OR note = @note) AND paid = @paid ORDER BY id LIMIT @n\";\n"
    "    params = { min = { type = \"number\"; about = \"Least total.\";"
    " required = true; min = 0.0; max = 100.0; };\n"
    "      note = { type = \"string\"; about = \"Its note.\";"
    " enum = [ \"first\", \"second\" ]; };\n"
    "      paid = { type = \"boolean\"; about = \"Paid.\"; default = true; };\n"
    "      n = { type = \"integer\"; about = \"How many.\"; min = 1; max = 9;"
    " default = 5; }; }; };\n"
    "  add_customer = { source = \"shop\"; about = \"Adds a customer.\";\n"
    "    sql = \"INSERT INTO customers(name) VALUES(@name)\";"
    " procedure = true;\n"
    "    params = { name = { type = \"string\"; about = \"Name.\";"
    " required = true; }; }; };\n"
    "  count_orders = { source = \"shop\"; about = \"Counts orders.\";\n"
    "    sql = \"SELECT count(*) AS n FROM orders WHERE id >= @from\";"
    " procedure = true;\n"
    "    params = { from = { type = \"integer\"; about = \"First id.\";"
    " default = 1; min = 1; max = 50; }; }; };\n"
    "  drop_order = { source = \"shop\"; about = \"Deletes an order.\";\n"
    "    sql = \"DELETE FROM orders WHERE id = @id\";\n"
    "    params = { id = { type = \"integer\"; about = \"Id.\";"
    " required = true; }; }; };\n"
    "};\n";

int
case_open(void **state)
{
	(void)state;
	site_open(&site, site_usual);
	return 0;
}

int
case_close(void **state)
{
	(void)state;
	site_close(&site);
	return 0;
}

void
case_again(const char *settings)
{
	site_close(&site);
	site_open(&site, settings);
}

void
case_more(const char *more)
{
	char settings[8192];

	snprintf(settings, sizeof(settings), "%s%s", site_usual, more);
	case_again(settings);
}

const char *
shop(const char *sql, const char *more)
{
	struct json_out out;
	struct buf b;

	buf_init(&b, site.arena, 1 << 20);
	json_out_init(&out, &b, NULL);
	json_obj(&out, NULL);
	json_z(&out, "query", sql);
	json_z(&out, "defaultCatalog", "shop");
	json_end(&out);
	buf_cut(&b, b.len - 1);
	buf_fmt(&b, "%s%s}", more[0] != '\0' ? "," : "", more);
	return arena_z(site.arena, buf_text(&b));
}

const char *
text_of(json_t *o, const char *key)
{
	struct str s = json_text(json_member(o, key));

	return s.p == NULL ? "" : s.p;
}

int
number_of(json_t *o, const char *key)
{
	return (int)json_integer_value(json_member(o, key));
}

int
affected(json_t *o)
{
	return number_of(json_array_get(json_member(o, "results"), 0),
	    "affectedRows");
}

bool
notice(json_t *o, const char *word)
{
	json_t *all = json_member(o, "notices");

	for (size_t i = 0; i < json_array_size(all); i++)
		if (strstr(json_text(json_array_get(all, i)).p, word) != NULL)
			return true;
	return false;
}
