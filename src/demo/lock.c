/* The lock that keeps two demos out of one folder.
 * A lock of the kernel's goes with its holder, so none is ever stale.
 * Called by the supervisor. */
#include "demo/lock.h"
#include "base/mem.h"
#include "base/slice.h"
#include "base/str.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

static int busy(const char *dir, int fd, struct err *err)
{
	char text[32];
	ssize_t n = pread(fd, text, sizeof(text), 0);
	int64_t pid = 0;

	if (n > 0)
		slice_to_i64(slice_trim((struct slice){text, (size_t)n}), 1, INT32_MAX, &pid);
	close(fd);
	return err_set(err, -EBUSY,
		"another demo (process %d) runs in %s; sit down beside it with orderly --conninfo "
		"\"host=%s/cluster dbname=orderly user=LOGIN\", quit it first, or give this one a "
		"folder of its own with --dir",
		(int)pid, dir, dir);
}

int lock_take(const char *dir, int *ret_fd, struct err *err)
{
	CLEANUP(str_done)
	struct str path = STR_INIT(4096);
	int fd;

	str_addf(&path, "%s/lock", dir);
	fd = open(str_cstr(&path), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_errno(err, "%s", str_cstr(&path));
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? busy(dir, fd, err)
					    : err_errno(err, "%s", str_cstr(&path));
	if (ftruncate(fd, 0) < 0 || dprintf(fd, "%d\n", (int)getpid()) < 0) {
		close(fd);
		return err_errno(err, "%s", str_cstr(&path));
	}
	*ret_fd = fd;
	return 0;
}
