/* SPDX-License-Identifier: Apache-2.0 */
/* Codes that scanners read, drawn by libzint as one path of squares. */
#ifndef REGEN_RENDER_BARCODE_H
#define REGEN_RENDER_BARCODE_H

#include <stdbool.h>

#include <apr_pools.h>

#include "regen/model/unit.h"

/* WIDTH and HEIGHT in modules, with the quiet zone that the code's standard asks for around it;
 * PATH is SVG path data of what is black, of digits and the letters M, h, v, z alone. */
typedef struct {
    int width, height;
    const char *path;
} rg_barcode_t;

/* False if TEXT (ASCII, at most RG_BARCODE_MOST characters) cannot be drawn. */
#define RG_BARCODE_MOST 40
bool rg_barcode_make(rg_barcode_t *out, apr_pool_t *p, rg_label_code_t code, const char *text);

#endif
