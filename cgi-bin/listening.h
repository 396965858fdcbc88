/* SPDX-License-Identifier: ISC */
/* What a standing stream sees of the site while it stands. */
#ifndef CGI_BIN_LISTENING_H
#define CGI_BIN_LISTENING_H

#include "cgi-bin/site.h"

/* Let the protocol of this site have listeners, if it may. */
void listening_init(struct site *site);

#endif
