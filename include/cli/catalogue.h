/* `orderly catalogue COMMAND`: the catalogue as a file, and a file as the catalogue. */
#ifndef CLI_CATALOGUE_H
#define CLI_CATALOGUE_H

/* What the shell is told. */
enum {
	CATALOGUE_OK = 0, /* done; a dry run: nothing differs */
	CATALOGUE_FAILED = 1, /* the file, or the store */
	CATALOGUE_USAGE = 2,
	CATALOGUE_REFUSED = 3, /* refused, or the catalogue would not hold together with this */
	CATALOGUE_DIFFERS = 4, /* a dry run: this would be changed */
};

/* argv[0] is "catalogue". */
int cli_catalogue(int argc, char **argv);

#endif
