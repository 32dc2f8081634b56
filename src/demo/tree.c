/* Makes private folders and removes whole ones.
 * Knows nothing of what is in them.
 * Called by the private cluster, the demo's supervisor and the tests. */
#include "demo/tree.h"
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path) < 0 && errno != ENOENT ? -1 : 0;
}

int tree_remove(const char *path, struct err *err)
{
	if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) < 0 && errno != ENOENT)
		return err_errno(err, "%s: cannot be removed", path);
	return 0;
}

int tree_make_private(const char *path, const struct account *account, struct err *err)
{
	struct stat st;

	if (mkdir(path, 0700) == 0) {
		if (account->other && lchown(path, account->uid, account->gid) < 0)
			return err_errno(err, "%s", path);
		return 0;
	}
	if (errno != EEXIST)
		return err_errno(err, "%s", path);
	if (lstat(path, &st) < 0)
		return err_errno(err, "%s", path);
	if (!S_ISDIR(st.st_mode) || st.st_uid != account->uid || (st.st_mode & 077) != 0)
		return err_set(err, -EPERM,
			"%s: is there already, and is not a private folder of user %u", path,
			(unsigned)account->uid);
	return 0;
}
