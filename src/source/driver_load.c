/* SPDX-License-Identifier: ISC */
/*
 * Opening the module of a driver.  It stays open until the process ends: the
 * libraries behind it do not bear being unloaded.
 */
#include "source/driver_core.h"

static enum err
fault_text(struct fault *f, enum err code, const char *text)
{
	return fault_set(f, code, "%s", text);
}

static void
hint_text(struct fault *f, const char *text)
{
	fault_hint(f, "%s", text);
}

static void
log_text(struct fault *f, const char *text)
{
	fault_log(f, "%s", text);
}

static enum err
field_text(struct fault *f, struct str field, const char *text)
{
	return fault_field(f, field, "%s", text);
}

static void
line_text(const char *text)
{
	log_line("%s", text);
}

#define ROW(result, name, params, args) .name = name,

static const struct driver_core core = {
	DRIVER_CORE(ROW).fault_text = fault_text,
	.hint_text = hint_text,
	.log_text = log_text,
	.field_text = field_text,
	.line_text = line_text,
};

const struct driver_work *
driver_load(const struct source_driver *d, struct fault *f)
{
	const struct driver_module *offers;
	struct module m = { 0 };

	if (d->work != NULL)
		return d->work;
	if (module_open(&m, d->name, d->package, f) != ERR_OK) {
		f->code = ERR_SOURCE_UNREACHABLE;
		return NULL;
	}
	offers = m.offers;
	if (offers->version == DRIVER_MODULE_VERSION)
		return offers->begin(&core);
	module_close(&m);
	(void)fault_set(f, ERR_SOURCE_UNREACHABLE,
	    "the module %s is of another version; install %s", d->name,
	    d->package);
	return NULL;
}
