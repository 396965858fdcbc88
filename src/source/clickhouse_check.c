/* SPDX-License-Identifier: ISC */
/* What the settings of a ClickHouse source say together. */
#include "net/fetch.h"
#include "net/reach.h"
#include "source/driver_check.h"

static bool
is_near(struct str host)
{
	struct address a;

	return str_ieq(host, STR("localhost")) ||
	       (address_parse(host, &a) &&
		   (address_match(STR("127.0.0.0/8"), &a) ||
		       address_match(STR("::1"), &a)));
}

/* Do url and tls agree?  Words to another machine are encrypted, unless the
 * configuration says that they need not be. */
void
clickhouse_check(const struct conf_source *s, struct driver_said *said)
{
	struct str url = str_of(s->url);

	if (str_starts(url, STR("https://"))) {
		if (s->tls == TLS_OFF)
			driver_wrong(said, "tls",
			    "cannot be \"off\" with an https:// url");
	} else if (s->tls == TLS_REQUIRE || s->tls == TLS_VERIFY) {
		driver_wrong(said, "tls",
		    "needs an https:// url with \"require\" and \"verify\"");
	} else if (url.len > 0 && s->tls == TLS_AUTO &&
		   !is_near(net_host(url))) {
		driver_wrong(said, "url",
		    "is sent to another machine unencrypted; use https:// or say tls = \"off\"");
	}
}
