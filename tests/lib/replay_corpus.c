/* The main() of a fuzz target inside the suite: gives it every file of its corpus as it is, cut off
 * at each of many places, and with bytes changed, the same in every run. Crashes and failed asserts
 * are the verdict. Left out where the target is linked with libFuzzer, which has its own main(). */
#include "base/file.h"
#include "base/mem.h"
#include "random.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MUTANTS 400
#define INPUT_MAX ((size_t)1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* From memory of exactly its size, so that reading beyond it is seen. */
static void give(struct slice input)
{
	CLEANUP(mem_freep)
	char *copy = malloc(input.len ? input.len : 1);

	if (!copy)
		abort();
	if (input.len)
		memcpy(copy, input.at, input.len);
	(void)LLVMFuzzerTestOneInput((const uint8_t *)copy, input.len);
}

static void give_mutant(struct slice input, struct random *random)
{
	CLEANUP(mem_freep)
	char *bytes = mem_dup(input.at, input.len);
	size_t changes = 1 + random_below(random, 4);
	size_t from = random_below(random, 4) ? 0 : random_below(random, input.len);
	size_t len = random_below(random, 4) ? input.len : random_below(random, input.len) + 1;

	for (size_t i = 0; i < changes; i++) {
		size_t at = random_below(random, input.len);

		switch (random_below(random, 3)) {
		case 0:
			bytes[at] = (char)random_below(random, 256);
			break;
		case 1:
			bytes[at] = (char)(bytes[at] ^ (1 << random_below(random, 8)));
			break;
		default:
			bytes[at] = bytes[random_below(random, input.len)];
		}
	}
	give(slice_from((struct slice){bytes, len}, from));
}

static int replay(const char *folder, const char *name)
{
	CLEANUP(str_done)
	struct str path = STR_INIT(4096), input = STR_INIT(INPUT_MAX);
	struct random random = {1};
	struct err err = ERR_INIT;

	str_addf(&path, "%s/%s", folder, name);
	if (file_read(path.at, &input, &err) < 0) {
		(void)fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	/* Seen only when the program then dies. */
	(void)fprintf(stderr, "replaying %s\n", name);
	give(str_slice(&input));
	for (int i = 0; input.len && i < MUTANTS; i++)
		give_mutant(str_slice(&input), &random);
	return 0;
}

int main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : CORPUS;
	DIR *folder = opendir(path);
	int n = 0, failed = 0;

	if (!folder) {
		(void)fprintf(stderr, "%s: no corpus there\n", path);
		return 1;
	}
	for (struct dirent *entry; (entry = readdir(folder));) {
		if (entry->d_name[0] == '.')
			continue;
		failed += replay(path, entry->d_name) < 0;
		n++;
	}
	(void)closedir(folder);
	(void)fprintf(stderr, "%d inputs, %d could not be read\n", n, failed);
	return n == 0 || failed > 0;
}
