/* SPDX-License-Identifier: ISC */
/* What the settings of a ClickHouse source say together. */
#include "conf/conf.h"
#include "net/fetch.h"
#include "net/reach.h"
#include "source/clickhouse.h"

static bool
is_near(struct str host)
{
	struct address a;

	return str_ieq(host, STR("localhost")) ||
	       (address_parse(host, &a) &&
		   (address_match(STR("127.0.0.0/8"), &a) ||
		       address_match(STR("::1"), &a)));
}

enum err
clickhouse_check(const struct conf_source *s, struct fault *f)
{
	struct str url = str_of(s->url);

	if (str_starts(url, STR("https://")))
		return s->tls == TLS_OFF
			   ? fault_field(f, STR("tls"),
				 "cannot be \"off\" with an https:// url")
			   : ERR_OK;
	if (s->tls == TLS_REQUIRE || s->tls == TLS_VERIFY)
		return fault_field(f, STR("tls"),
		    "needs an https:// url with \"require\" and \"verify\"");
	if (s->tls == TLS_AUTO && !is_near(net_host(url)))
		return fault_field(f, STR("url"),
		    "is sent to another machine unencrypted; use https:// or say tls = \"off\"");
	return ERR_OK;
}
