/* A surface as a picture: SVG that looks the same wherever it is shown. */
#ifndef TESTS_LIB_PICTURE_H
#define TESTS_LIB_PICTURE_H

#include "base/str.h"
#include "term/surface.h"

/* What a cell without a colour of its own has, as 0xRRGGBB. */
struct picture_look {
	uint32_t ink, ground;
	const char *title; /* for who cannot see it */
};

void picture_svg(const struct surface *surface, const struct picture_look *look, struct str *out);

#endif
