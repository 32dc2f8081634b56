/* A store for the estate: database, schema, people, machines, catalogue. */
#ifndef SIM_SETUP_H
#define SIM_SETUP_H

#include "base/err.h"

#define SIM_STORE "demo"

/* As a superuser. Whatever is there already stays; an older store is brought up to date. */
int sim_setup(const char *conninfo, struct err *err);

#endif
