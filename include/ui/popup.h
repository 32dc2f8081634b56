/* A box over the screen: for what must be answered before anything else. */
#ifndef UI_POPUP_H
#define UI_POPUP_H

#include "ui/canvas.h"

/* Clears and frames a box in the middle, as large as asked for or as there is room; returns its
 * inside. A canvas too small for a frame is used whole. */
struct canvas popup_open(
	const struct canvas *screen, int width, int height, struct slice title, enum role role);

#endif
