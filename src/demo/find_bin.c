/* Finds the programs of a PostgreSQL server.
 * `pg_config --bindir` is of no use: where clients and servers are packaged apart, it names the
 * clients' folder. Called by the private cluster. */
#include "base/mem.h"
#include "base/str.h"
#include "demo/cluster.h"
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <unistd.h>

static bool has_server(const char *dir)
{
	static const char *const programs[] = {"postgres", "initdb"};

	for (size_t i = 0; i < ARRAY_LEN(programs); i++) {
		CLEANUP(str_done)
		struct str path = STR_INIT(4096);

		str_addf(&path, "%s/%s", dir, programs[i]);
		if (path.cut || access(path.at, X_OK) < 0)
			return false;
	}
	return true;
}

/* The first run of digits in the path: /usr/lib/postgresql/15/bin, /usr/pgsql-16/bin. */
static int64_t version_of(const char *path)
{
	const char *digit = path;
	size_t n = 0;
	int64_t version;

	while (*digit && (*digit < '0' || *digit > '9'))
		digit++;
	while (digit[n] >= '0' && digit[n] <= '9')
		n++;
	return slice_to_i64((struct slice){digit, n}, 0, 999, &version) == 0 ? version : 0;
}

static char *newest_of(const char *pattern)
{
	char *best = NULL;
	int64_t best_version = CLUSTER_OLDEST_VERSION - 1;
	glob_t found;

	if (glob(pattern, 0, NULL, &found) != 0)
		return NULL;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		int64_t version = version_of(found.gl_pathv[i]);

		if (version <= best_version || !has_server(found.gl_pathv[i]))
			continue;
		free(best);
		best = mem_dup_str(found.gl_pathv[i]);
		best_version = version;
	}
	globfree(&found);
	return best;
}

static char *in_path(void)
{
	struct slice rest = slice_of(getenv("PATH")), part;

	while (slice_cut(&rest, ':', &part)) {
		char *dir = mem_dup(part.at, part.len);

		if (part.len && *dir == '/' && has_server(dir))
			return dir;
		free(dir);
	}
	return NULL;
}

int cluster_find_bin(char **ret_dir, struct err *err)
{
	static const char *const usual[] = {"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin",
		"/usr/lib64/pgsql*/bin", "/usr/local/pgsql/bin"};
	const char *told = getenv("ORDERLY_PG_BIN");
	char *dir = NULL;

	if (told && *told) {
		if (!has_server(told))
			return err_set(err, -ENOENT,
				"ORDERLY_PG_BIN=%s: no postgres and initdb there", told);
		dir = mem_dup_str(told);
	}
	for (size_t i = 0; !dir && i < ARRAY_LEN(usual); i++)
		dir = newest_of(usual[i]);
	if (!dir)
		dir = in_path();
	if (!dir)
		return err_set(err, -ENOENT,
			"no PostgreSQL server of version %d or later was found; install it "
			"(Debian: postgresql) or set ORDERLY_PG_BIN to the folder of its programs",
			CLUSTER_OLDEST_VERSION);
	*ret_dir = dir;
	return 0;
}
