/* SPDX-License-Identifier: ISC */
#ifndef CGI_BIN_SERVE_H
#define CGI_BIN_SERVE_H
#endif
