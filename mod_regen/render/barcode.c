/* SPDX-License-Identifier: Apache-2.0 */
/* Codes that scanners read. Nothing but the text is in them: whose unit it is stays on the label
 * for people, and in the database. */
#include "regen/render/barcode.h"
#include "regen/core/buf.h"
#include "regen/core/words.h"
#include "regen/model/unit.h"

#include <string.h>

#include <zint.h>

#define PATH_MOST 65536 /* a square code of 40 characters has less than 600 rectangles */

/* ISO/IEC 18004, 16022 and 15417: what stays white around a code, in modules. */
static const struct {
    int symbology;
    int across, above; /* the quiet zone at each side, and above and below */
    int tall;          /* a row of the code is as high as so many modules are wide */
    int option_1, option_3;
} CODES[] = {[RG_LABEL_QR] = {BARCODE_QRCODE, 4, 4, 1, 2, 0}, /* 15 % may be unreadable */
             [RG_LABEL_DATAMATRIX] = {BARCODE_DATAMATRIX, 2, 2, 1, -1, DM_SQUARE},
             [RG_LABEL_CODE128] = {BARCODE_CODE128, 10, 0, 30, -1, 0}};
RG_WORDS_ALL(CODES, RG_LABEL_CODE_COUNT);

static bool is_black(const struct zint_symbol *s, int row, int column)
{
    return row < s->rows && column < s->width &&
           ((s->encoded_data[row][column >> 3] >> (column & 7)) & 1) != 0;
}

/* One rectangle for each run of black modules in a row. */
static void draw_row(rg_buf_t *path, const struct zint_symbol *s, rg_label_code_t code, int row)
{
    int tall = CODES[code].tall;

    for (int from = 0; from < s->width; from++) {
        int until = from;
        while (is_black(s, row, until)) {
            until++;
        }
        if (until > from) {
            rg_buf_printf(path, "M%d %dh%dv%dh-%dz", from + CODES[code].across,
                          row * tall + CODES[code].above, until - from, tall, until - from);
            from = until;
        }
    }
}

bool rg_barcode_make(rg_barcode_t *out, apr_pool_t *p, rg_label_code_t code, const char *text)
{
    struct zint_symbol *s = strlen(text) <= RG_BARCODE_MOST ? ZBarcode_Create() : NULL;

    if (!s) {
        return false;
    }
    s->symbology = CODES[code].symbology;
    s->option_1 = CODES[code].option_1;
    s->option_3 = CODES[code].option_3;
    s->show_hrt = 0;
    int failed = ZBarcode_Encode(s, (const unsigned char *)text, (int)strlen(text));
    bool drawn = failed < ZINT_ERROR && s->rows > 0 && s->width > 0;
    if (drawn) {
        rg_buf_t *path = rg_buf_make(p, PATH_MOST);
        for (int row = 0; row < s->rows; row++) {
            draw_row(path, s, code, row);
        }
        out->width = s->width + 2 * CODES[code].across;
        out->height = s->rows * CODES[code].tall + 2 * CODES[code].above;
        out->path = path->data;
        drawn = !path->overflow;
    }
    ZBarcode_Delete(s);
    return drawn;
}
