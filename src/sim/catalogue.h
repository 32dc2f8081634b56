/* The estate as a catalogue document, for orderly.catalogue_import(). */
#ifndef SIM_CATALOGUE_H
#define SIM_CATALOGUE_H

#include "base/str.h"

void sim_catalogue(struct str *out);

/* The part of it that says what is masked. */
void sim_put_masks(struct str *out);

#endif
