/* SPDX-License-Identifier: ISC */
/* The address of --url: what goes into files and shells is looked at first. */
#include "ctl/ctl.h"

#define QUERY                                                  \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
	"0123456789-._~!$&'()*+,;=:@/?%"

enum ctl_exit
ctl_url(struct ctl *c, enum ctl_url kind, const char **out)
{
	const char *url = ctl_opt(c, OPT_URL), *wrong;
	struct str rest = str_of(url), plain;

	*out = url;
	if (url == NULL)
		return CTL_DONE;
	if (kind == URL_QUERY)
		(void)str_cut(&rest, '?', &plain);
	else
		plain = rest;
	wrong = conf_url_wrong(arena_z(c->arena, plain));
	if (wrong == NULL && kind == URL_QUERY && rest.p != NULL &&
	    strspn(rest.p, QUERY) != rest.len)
		wrong =
		    "must have a query of letters, digits and signs that need no quotes";
	return wrong == NULL ? CTL_DONE
			     : ctl_usage(c, "--url %s, not '%s'", wrong, url);
}
