/* SPDX-License-Identifier: Apache-2.0 */
/* The label of a container: for people, and for a scanner. */
#include "regen/clinic/visit.h"
#include "regen/core/text.h"
#include "regen/core/val.h"
#include "regen/core/words.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/unit.h"
#include "regen/render/barcode.h"
#include "regen/render/view.h"
#include "regen/render/view_staff.h"

#include <string.h>

#include <apr_strings.h>

/* Two inches by one, and twice as large: rolls of labels are sold so. */
static const char *const SIZES[] = {
    [RG_LABEL_LARGE] = "4 × 2 inches", [RG_LABEL_SMALL] = "2 × 1 inches"};
RG_WORDS_ALL(SIZES, RG_LABEL_SIZE_COUNT);
static const char *const CODES[] = {[RG_LABEL_QR] = "QR Code",
                                    [RG_LABEL_DATAMATRIX] = "Data Matrix",
                                    [RG_LABEL_CODE128] = "Code 128"};
RG_WORDS_ALL(CODES, RG_LABEL_CODE_COUNT);

/* As large as it is for one target. */
#define PLACE_MOST 22

static void put_scan(rg_val_t *page, apr_pool_t *p, rg_label_code_t code, const char *label)
{
    rg_barcode_t drawn;

    if (rg_barcode_make(&drawn, p, code, label)) {
        rg_val_t *v = rg_val_object(p);

        rg_val_str(v, "name", rg_label_code_name(code));
        rg_val_int(v, "width", drawn.width);
        rg_val_int(v, "height", drawn.height);
        rg_val_str(v, "path", drawn.path);
        rg_val_bool(v, "stretched", code == RG_LABEL_CODE128); /* bars may be of any height */
        rg_val_set(page, "scan", v);
    }
}

/* The same label in another size, with another code. */
static void put_choice(rg_val_t *list, apr_pool_t *p, const char *words, rg_label_size_t size,
                       rg_label_code_t code, bool chosen)
{
    rg_val_t *item = rg_val_add(list);

    rg_val_str(item, "words", words);
    rg_val_str(
        item, "query",
        apr_psprintf(p, "?size=%s&code=%s", rg_label_size_name(size), rg_label_code_name(code)));
    rg_val_bool(item, "chosen", chosen);
}

/* What is long is set smaller, or said shorter, so that nothing is cut off: side, both identifiers
 * and times always fit. */
static void put_fit(rg_val_t *page, const rg_chart_t *c, const char *places, rg_label_size_t size)
{
    const rg_unit_t *u = c->unit;
    size_t name =
        c->patient ? rg_text_length(c->patient->given) + rg_text_length(c->patient->family) : 0;
    int parents = *u->parents == '\0' ? 0 : 1;

    for (const char *s = u->parents; *s != '\0'; s++) {
        parents += *s == ',' ? 1 : 0;
    }
    rg_val_str(page, "name_fit", name > 90 ? "longest" : name > 40 ? "long" : NULL);
    rg_val_str(page, "place_fit", rg_text_length(places) > PLACE_MOST ? "long" : NULL);
    rg_val_bool(page, "names_product",
                *u->product != '\0' &&
                    rg_text_length(u->product) <= (size == RG_LABEL_SMALL ? 24 : 40));
    rg_val_bool(page, "names_parents", parents > 0 && parents <= 2);
    if (parents > 2) {
        rg_val_int(page, "parents", parents);
    }
}

rg_val_t *rg_view_unit_label(apr_pool_t *p, const rg_chart_t *c, rg_label_size_t size,
                             rg_label_code_t code)
{
    const rg_booking_t *b = c->booking;
    const rg_unit_t *u = c->unit;
    rg_val_t *page = rg_view_page(p, apr_psprintf(p, "Label %s", u->label), c->site);
    rg_val_t *sizes = rg_val_set_list(page, "sizes");
    rg_val_t *codes = rg_val_set_list(page, "codes");

    rg_val_set(page, "booking", rg_view_booking(p, b, c->site->zone));
    if (c->patient) {
        rg_val_set(page, "patient", rg_view_patient(p, c->patient));
    }
    bool one = rg_targets_count(b->further) == 1;
    const char *places = rg_view_places(p, u->body_site, u->side, b->further);
    bool both = !one && strncmp(places, "both ", 5) == 0;
    bool sided = one && (u->side == RG_SIDE_LEFT || u->side == RG_SIDE_RIGHT);
    rg_val_str(page, "side", both ? "both" : sided ? rg_side_name(u->side) : NULL);
    rg_val_str(page, "body_site", one ? u->body_site : both ? places + 5 : places);
    rg_view_units(page, p, c, NULL);
    put_scan(page, p, code, u->label);
    put_fit(page, c, places, size);
    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "staff_area", true);
    rg_val_str(page, "size", rg_label_size_name(size));
    rg_val_str(page, "print_as", apr_pstrcat(p, "label-", rg_label_size_name(size), NULL));
    for (int i = 0; i < RG_LABEL_SIZE_COUNT; i++) {
        put_choice(sizes, p, SIZES[i], (rg_label_size_t)i, code, i == (int)size);
    }
    for (int i = 0; i < RG_LABEL_CODE_COUNT; i++) {
        put_choice(codes, p, CODES[i], size, (rg_label_code_t)i, i == (int)code);
    }
    return page;
}
