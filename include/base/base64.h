/* Base64 with padding (RFC 4648). */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/arena.h"
#include "base/slice.h"

struct slice base64(struct arena *arena, struct slice bytes);

#endif
