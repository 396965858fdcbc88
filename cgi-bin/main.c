/* SPDX-License-Identifier: ISC */
#include "cgi-bin/serve.h"
int
main(void)
{
	return 0;
}
