/* Finds and reads orderly.conf.
 * The grammar and the meaning of settings are profile.c's.
 * Called by each program before anything is opened. */
#include "model/profile_file.h"
#include "base/file.h"
#include "base/mem.h"
#include <stdlib.h>
#include <unistd.h>

#define FILE_MAX (1024 * 1024)
#define PATH_TEXT_MAX 4096

/* The user's own, else the host's; empty when there is neither. */
static void find_file(struct str *path)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (config && *config)
		str_addf(path, "%s/orderly/orderly.conf", config);
	else if (home && *home)
		str_addf(path, "%s/.config/orderly/orderly.conf", home);
	if (path->len && access(str_cstr(path), F_OK) == 0)
		return;
	str_reset(path);
	if (access("/etc/orderly/orderly.conf", F_OK) == 0)
		str_adds(path, "/etc/orderly/orderly.conf");
}

int profiles_load(
	struct profiles *profiles, const char *file, struct problems *problems, struct err *err)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(FILE_MAX), path = STR_INIT(PATH_TEXT_MAX);
	int r;

	if (file)
		str_adds(&path, file);
	else
		find_file(&path);
	if (!path.len)
		return 0;
	r = file_read(str_cstr(&path), &text, err);
	if (r < 0)
		return r;
	r = profiles_parse(profiles, str_cstr(&path), str_slice(&text), problems);
	if (r < 0)
		return err_set(err, r, "%s", problems->n ? problems->texts[0] : str_cstr(&path));
	return 0;
}
