/* How busy a process is at a time of the day and of the month; 1 is its mean. */
#ifndef SIM_RHYTHM_H
#define SIM_RHYTHM_H

#include "estate.h"

double rhythm_at(enum sim_rhythm rhythm, int64_t at_us);

#endif
