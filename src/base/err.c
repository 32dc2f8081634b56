/* Carrying the reason of a failure upwards. Decides nothing and prints nothing: the programs at the
 * top show it. Called by whichever layer first knows why something failed. */
#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Whole characters of it, as many as there is room for. */
static void keep(struct err *err, struct slice text)
{
	size_t len = text.len < sizeof(err->text) ? text.len : sizeof(err->text) - 1;

	while (len < text.len && len > 0 && ((unsigned char)text.at[len] & 0xc0) == 0x80)
		len--;
	memcpy(err->text, text.at, len);
	err->text[len] = '\0';
}

/* A reason quotes servers, partners and files, and may be written when the screen is closed already:
 * nothing in it acts on a terminal. Its line ends stay. */
static void make_inert(struct err *err)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(8 * sizeof(err->text));
	struct slice rest = slice_of(err->text), line;
	size_t i = 0;

	while (i < rest.len && rest.at[i] >= ' ' && rest.at[i] < 0x7f)
		i++;
	if (i == rest.len)
		return;
	while (slice_cut(&rest, '\n', &line)) {
		text_add_inert(&text, line);
		if (rest.len)
			str_addc(&text, '\n');
	}
	keep(err, str_slice(&text));
}

int err_set(struct err *err, int code, const char *fmt, ...)
{
	va_list args;

	if (err) {
		err->code = code;
		va_start(args, fmt);
		(void)vsnprintf(err->text, sizeof(err->text), fmt, args);
		va_end(args);
		make_inert(err);
	}
	return code;
}

void err_prefix(struct err *err, const char *fmt, ...)
{
	char old[sizeof(err->text)];
	va_list args;
	size_t len;

	if (!err)
		return;
	memcpy(old, err->text, sizeof(old));
	va_start(args, fmt);
	(void)vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	len = strlen(err->text);
	(void)snprintf(err->text + len, sizeof(err->text) - len, ": %s", old);
	make_inert(err);
}

int err_errno(struct err *err, const char *fmt, ...)
{
	int code = errno > 0 ? errno : EIO;
	va_list args;
	size_t len;

	if (!err)
		return -code;
	err->code = -code;
	va_start(args, fmt);
	(void)vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	len = strlen(err->text);
	(void)snprintf(err->text + len, sizeof(err->text) - len, ": %s", strerrordesc_np(code));
	make_inert(err);
	return -code;
}
