/* Small files read and written whole. Does not parse them. Configuration, secrets and exports go
 * through here; what is large or streams does not. */
#include "base/file.h"
#include "base/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_fdp(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* Neither a pipe that nobody writes to nor a terminal may hold the program up. */
static int open_regular(const char *path, struct stat *ret_st, struct err *err)
{
	CLEANUP(close_fdp)
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int taken = fd;

	if (fd < 0)
		return err_errno(err, "%s", path);
	if (fstat(fd, ret_st) < 0)
		return err_errno(err, "%s", path);
	if (S_ISDIR(ret_st->st_mode))
		return err_set(err, -EISDIR, "%s: is a folder", path);
	if (!S_ISREG(ret_st->st_mode))
		return err_set(err, -EINVAL, "%s: is not a regular file", path);
	fd = -1;
	return taken;
}

static ssize_t read_some(int fd, char *at, size_t size)
{
	ssize_t n;

	do
		n = read(fd, at, size);
	while (n < 0 && errno == EINTR);
	return n;
}

static int read_all(int fd, const char *path, struct str *out, struct err *err)
{
	const size_t step = 64 * 1024;
	CLEANUP(mem_freep)
	char *buffer = mem_alloc(step);
	size_t before = out->len;

	for (;;) {
		ssize_t n = read_some(fd, buffer, step);

		if (n < 0) {
			str_truncate(out, before);
			return err_errno(err, "%s", path);
		}
		if (n == 0)
			return 0;
		if ((size_t)n > out->cap - out->len) {
			str_truncate(out, before);
			return err_set(err, -EFBIG, "%s: is larger than %zu bytes", path, out->cap);
		}
		str_add(out, (struct slice){buffer, (size_t)n});
	}
}

int file_read(const char *path, struct str *out, struct err *err)
{
	struct stat st;
	CLEANUP(close_fdp)
	int fd = open_regular(path, &st, err);

	return fd < 0 ? fd : read_all(fd, path, out, err);
}

static int check_secret(const char *path, const struct stat *st, struct err *err)
{
	if (st->st_uid != geteuid() && st->st_uid != 0)
		return err_set(err, -EPERM, "%s: belongs neither to you nor to root", path);
	if (st->st_mode & 077)
		return err_set(err, -EPERM,
			"%s: is open to others (mode %04o); close it with chmod 600", path,
			(unsigned)(st->st_mode & 07777));
	return 0;
}

/* In one piece of memory that is wiped, not in one that grew and left copies behind. */
static int read_secret(int fd, const char *path, struct str *out, struct err *err)
{
	size_t size = out->cap - out->len + 1, len = 0;
	CLEANUP(mem_freep)
	char *buffer = mem_alloc(size);
	ssize_t n;

	do {
		n = read_some(fd, buffer + len, size - len);
		len += n > 0 ? (size_t)n : 0;
	} while (n > 0 && len < size);
	if (n < 0)
		n = err_errno(err, "%s", path);
	else if (len == size)
		n = err_set(err, -EFBIG, "%s: is larger than %zu bytes", path, out->cap);
	if (n >= 0) {
		if (len && buffer[len - 1] == '\n')
			len--;
		if (len && buffer[len - 1] == '\r')
			len--;
		str_add(out, (struct slice){buffer, len});
	}
	mem_wipe(buffer, size);
	return n < 0 ? (int)n : 0;
}

int file_read_secret(const char *path, struct str *out, struct err *err)
{
	struct stat st;
	CLEANUP(close_fdp)
	int fd = open_regular(path, &st, err);
	int r = fd < 0 ? fd : check_secret(path, &st, err);

	return r < 0 ? r : read_secret(fd, path, out, err);
}

static int write_all(int fd, struct slice text)
{
	while (text.len) {
		ssize_t n = write(fd, text.at, text.len);

		if (n < 0 && errno != EINTR)
			return -errno;
		text = slice_from(text, n > 0 ? (size_t)n : 0);
	}
	return 0;
}

/* The folder's entry must reach the disk too. Not every file system can; that is no failure. */
static void sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	CLEANUP(mem_freep)
	char *folder = slash ? mem_dup(path, (size_t)(slash - path) + 1) : mem_dup_str(".");
	CLEANUP(close_fdp)
	int fd = open(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY);

	if (fd >= 0)
		(void)fsync(fd);
}

static int fill_and_rename(int fd, const char *temporary, const char *path, struct slice text,
	unsigned mode, struct err *err)
{
	int r = write_all(fd, text);

	if (r < 0)
		errno = -r;
	if (r < 0 || fchmod(fd, (mode_t)mode) < 0 || fsync(fd) < 0 || rename(temporary, path) < 0) {
		r = err_errno(err, "%s", path);
		(void)unlink(temporary);
		return r;
	}
	sync_folder(path);
	return 0;
}

int file_write(const char *path, struct slice text, unsigned mode, struct err *err)
{
	/* A link is kept; what it points to is replaced. */
	CLEANUP(mem_freep)
	char *target = realpath(path, NULL);
	CLEANUP(str_done)
	struct str temporary = STR_INIT(PATH_MAX);
	CLEANUP(close_fdp)
	int fd = -1;

	if (!target)
		target = mem_dup_str(path);
	str_addf(&temporary, "%s.XXXXXX", target);
	if (temporary.cut)
		return err_set(err, -ENAMETOOLONG, "%s: the path is too long", path);
	fd = mkostemp(temporary.at, O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "%s", path);
	return fill_and_rename(fd, temporary.at, target, text, mode, err);
}

static int make_dir(const char *path, unsigned mode, struct err *err)
{
	struct stat st;

	if (mkdir(path, (mode_t)mode) == 0)
		return 0;
	/* Some file systems refuse even for what is there, so that is looked at first. */
	int saved = errno;

	if (stat(path, &st) == 0)
		return S_ISDIR(st.st_mode) ? 0
					   : err_set(err, -ENOTDIR, "%s: is not a folder", path);
	errno = saved;
	return err_errno(err, "%s", path);
}

int file_make_dirs(const char *path, unsigned mode, struct err *err)
{
	CLEANUP(mem_freep)
	char *part = mem_dup_str(path);

	for (char *at = part; *at; at++) {
		int r = 0;

		if (*at != '/' || at == part)
			continue;
		*at = '\0';
		r = make_dir(part, mode, err);
		*at = '/';
		if (r < 0)
			return r;
	}
	return make_dir(part, mode, err);
}
