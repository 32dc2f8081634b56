/* Looks into the worker's folder of secrets: which files there are, and how old they are.
 * What stands in them is the relay's to read; whether one is due is the store's to say.
 * Called by worker.c each time that it reads its list of duties. */
#include "secrets.h"
#include "odoo/value.h"
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#define FILES_MAX 1000

bool secrets_list(const char *folder, struct str *out)
{
	DIR *dir = folder ? opendir(folder) : NULL;
	const struct dirent *entry;
	struct stat st;
	size_t n = 0;

	if (!dir)
		return false;
	str_addc(out, '{');
	while (n < FILES_MAX && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' ||
			fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
			!S_ISREG(st.st_mode))
			continue;
		str_adds(out, n++ ? "," : "");
		if (!value_put_text(out, slice_of(entry->d_name)))
			str_adds(out, "\"(a name that is no text)\"");
		str_addf(out, ":%lld", (long long)st.st_mtime);
	}
	str_addc(out, '}');
	(void)closedir(dir);
	return true;
}
