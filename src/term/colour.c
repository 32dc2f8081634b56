/* From RGB to 256 to 16 colours: the nearest one by distance in RGB.
 * Leaves to themes which colours those should be, and to paint.c how they are told.
 * Called by the painter, and by the tests of contrast. */
#include "term/colour.h"
#include "base/mem.h"
#include "term/surface.h"
#include <stdlib.h>

/* xterm's own sixteen. */
static const uint32_t basic[16] = {0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd,
	0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff,
	0xffffff};

static const uint8_t levels[6] = {0, 95, 135, 175, 215, 255};

static int distance(uint32_t a, uint32_t b)
{
	int red = (int)(a >> 16 & 255) - (int)(b >> 16 & 255);
	int green = (int)(a >> 8 & 255) - (int)(b >> 8 & 255);
	int blue = (int)(a & 255) - (int)(b & 255);

	return 2 * red * red + 4 * green * green + 3 * blue * blue;
}

static uint32_t rgb_of_256(uint32_t index)
{
	uint32_t grey = 8 + 10 * (index - 232), cube = index - 16;

	if (index < 16)
		return basic[index];
	if (index >= 232)
		return grey << 16 | grey << 8 | grey;
	return (uint32_t)levels[cube / 36] << 16 | (uint32_t)levels[cube / 6 % 6] << 8 |
	       levels[cube % 6];
}

uint32_t colour_rgb(uint32_t colour, uint32_t fallback)
{
	switch (colour & ~0xffffffu) {
	case COLOUR_16:
		return basic[colour & 15];
	case COLOUR_256:
		return rgb_of_256(colour & 255);
	case COLOUR_RGB:
		return colour & 0xffffff;
	default:
		return fallback;
	}
}

static uint32_t nearest_level(uint32_t value)
{
	uint32_t best = 0;

	for (uint32_t i = 1; i < ARRAY_LEN(levels); i++)
		if (abs((int)levels[i] - (int)value) < abs((int)levels[best] - (int)value))
			best = i;
	return best;
}

static uint32_t to_256(uint32_t rgb)
{
	uint32_t red = rgb >> 16 & 255, green = rgb >> 8 & 255, blue = rgb & 255;
	uint32_t cube =
		16 + 36 * nearest_level(red) + 6 * nearest_level(green) + nearest_level(blue);
	uint32_t mean = (red + green + blue) / 3;
	uint32_t grey = mean < 3 ? 16 : mean > 243 ? 231 : 232 + (mean < 8 ? 0 : (mean - 3) / 10);

	return distance(rgb, rgb_of_256(grey)) < distance(rgb, rgb_of_256(cube)) ? grey : cube;
}

static uint32_t to_16(uint32_t rgb)
{
	uint32_t best = 0;

	for (uint32_t i = 1; i < ARRAY_LEN(basic); i++)
		if (distance(rgb, basic[i]) < distance(rgb, basic[best]))
			best = i;
	return best;
}

uint32_t colour_reduce(uint32_t colour, int depth)
{
	uint32_t kind = colour & ~0xffffffu;

	if (depth <= 0 || kind == COLOUR_DEFAULT)
		return COLOUR_DEFAULT;
	if (kind == COLOUR_16)
		return COLOUR_16 | (colour & 15);
	if (kind == COLOUR_256 && (colour & 255) < 16)
		return COLOUR_16 | (colour & 15);
	if (depth < 256)
		return COLOUR_16 | to_16(colour_rgb(colour, 0));
	if (kind == COLOUR_RGB && depth == 256)
		return COLOUR_256 | to_256(colour & 0xffffff);
	return colour;
}
