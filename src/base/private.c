/* Private files: made, read back, wiped.
 * What stands in them and who changes it is the caller's.
 * Called by the console for the editor. */
#include "base/private.h"
#include "base/file.h"
#include "base/mem.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define TMPFS 0x01021994
#define RAMFS 0x858458f6
#define BLOCK 4096

static bool is_memory(const char *folder)
{
	struct statfs fs;

	return statfs(folder, &fs) == 0 &&
	       ((unsigned)fs.f_type == TMPFS || (unsigned)fs.f_type == RAMFS);
}

static bool make_folder(const char *base, struct str *ret_path)
{
	str_reset(ret_path);
	str_addf(ret_path, "%s/orderly-XXXXXX", base);
	return !ret_path->cut && mkdtemp((char *)(uintptr_t)str_cstr(ret_path));
}

/* Where the session keeps such things, else where memory is shared, else in the user's own state. */
static int find_folder(struct str *ret_path, bool *ret_memory, struct err *err)
{
	const char *const in_memory[] = {getenv("XDG_RUNTIME_DIR"), "/dev/shm"};
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	CLEANUP(str_done)
	struct str own = STR_INIT(4096);
	int r;

	for (size_t i = 0; i < ARRAY_LEN(in_memory); i++) {
		*ret_memory = true;
		if (in_memory[i] && *in_memory[i] == '/' && is_memory(in_memory[i]) &&
			make_folder(in_memory[i], ret_path))
			return 0;
	}
	*ret_memory = false;
	if (state && *state == '/')
		str_addf(&own, "%s/orderly", state);
	else if (home && *home == '/')
		str_addf(&own, "%s/.local/state/orderly", home);
	else
		return err_set(
			err, -ENOENT, "there is no private place for a file: HOME is not set");
	r = file_make_dirs(str_cstr(&own), 0700, err);
	if (r < 0)
		return r;
	return make_folder(str_cstr(&own), ret_path) ? 0 : err_errno(err, "%s", str_cstr(&own));
}

int private_write(struct slice text, const char *name, struct str *ret_path, bool *ret_memory,
	struct err *err)
{
	int fd, r = find_folder(ret_path, ret_memory, err);

	if (r < 0)
		return r;
	str_addf(ret_path, "/%s", name);
	fd = open(str_cstr(ret_path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	while (fd >= 0 && text.len && r == 0) {
		ssize_t n = write(fd, text.at, text.len);

		if (n > 0)
			text = slice_from(text, (size_t)n);
		else if (errno != EINTR)
			r = -1;
	}
	if (fd < 0 || r < 0 || close(fd) < 0) {
		r = err_errno(err, "%s", str_cstr(ret_path));
		private_wipe(str_cstr(ret_path));
		return r;
	}
	return 0;
}

/* An editor may have made it anew, with a mode of its own; the folder was closed all the time. */
int private_read(const char *path, struct str *out, struct err *err)
{
	if (chmod(path, 0600) < 0)
		return err_errno(err, "%s", path);
	return file_read_secret(path, out, err);
}

static void wipe_file(int folder, const char *name)
{
	static const char nothing[BLOCK];
	int fd = openat(folder, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		for (off_t left = st.st_size; left > 0; left -= BLOCK)
			if (write(fd, nothing, left < BLOCK ? (size_t)left : BLOCK) < 0)
				break;
		(void)fsync(fd);
	}
	if (fd >= 0)
		close(fd);
	(void)unlinkat(folder, name, 0);
}

void private_wipe(const char *path)
{
	CLEANUP(str_done)
	struct str folder = STR_INIT(4096);
	struct slice whole = slice_of(path);
	size_t end = whole.len;
	struct dirent *entry;
	DIR *dir;

	while (end && whole.at[end - 1] != '/')
		end--;
	if (end < 2)
		return;
	str_add(&folder, slice_head(whole, end - 1));
	dir = opendir(str_cstr(&folder));
	if (!dir)
		return;
	while ((entry = readdir(dir)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			wipe_file(dirfd(dir), entry->d_name);
	closedir(dir);
	(void)rmdir(str_cstr(&folder));
}
