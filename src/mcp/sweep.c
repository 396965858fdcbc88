/* SPDX-License-Identifier: ISC */
/* What requests left behind that were ended before their time. */
#include "mcp/bus_int.h"
#include "mcp/mcp.h"

int64_t
mcp_sweep(const struct conf *conf)
{
	return bus_sweep(conf);
}
