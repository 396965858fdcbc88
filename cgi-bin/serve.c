/* SPDX-License-Identifier: ISC */
#include "cgi-bin/serve.h"
