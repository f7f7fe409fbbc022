/* SPDX-License-Identifier: Apache-2.0 */
/* What was charged becomes the lines of a claim: sides as the payer takes them, and the diagnoses
 * each line is for. Pure. */
#include <string.h>
#include "regen/clinic/billing.h"
#include "regen/core/money.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/money.h"
#include "regen/model/patient.h"

#include <apr_strings.h>

enum { MODIFIERS = 4, POINTERS = 4 };

/* Where the modifier is; -1: nowhere. */
static int modifier_at(const rg_claim_line_t *l, const char *m)
{
    for (int i = 0; i < MODIFIERS && l->modifiers[i]; i++) {
        if (strcmp(l->modifiers[i], m) == 0) {
            return i;
        }
    }
    return -1;
}

static int side_at(const rg_claim_line_t *l)
{
    int right = modifier_at(l, "RT");
    return right >= 0 ? right : modifier_at(l, "LT");
}

/* Whether all modifiers are the same, that at place BUT left out on both sides (-1: none is). */
static bool modifiers_alike(const rg_claim_line_t *a, int but_a, const rg_claim_line_t *b,
                            int but_b)
{
    for (int i = 0; i < MODIFIERS; i++) {
        if ((a->modifiers[i] && i != but_a && modifier_at(b, a->modifiers[i]) < 0) ||
            (b->modifiers[i] && i != but_b && modifier_at(a, b->modifiers[i]) < 0)) {
            return false;
        }
    }
    return true;
}

static bool same_code(const rg_claim_line_t *a, const rg_claim_line_t *b)
{
    return strcmp(a->code, b->code) == 0 && strcmp(a->code_system, b->code_system) == 0 &&
           rg_date_compare(a->service_date, b->service_date) == 0;
}

/* --- sides ------------------------------------------------------------------------------------ */

/* Ordered were several, and it turned out to be one after the line was charged. */
static void say_side(const rg_claim_t *c, rg_claim_line_t *l)
{
    bool one = c->ordered > 1 && !c->further && l->sided && l->target_no == 0;
    bool has_side = side_at(l) >= 0 || modifier_at(l, "50") >= 0;
    if (one && !has_side && l->side != RG_SIDE_NONE && !l->modifiers[MODIFIERS - 1]) {
        for (int i = MODIFIERS - 1; i > 0; i--) {
            l->modifiers[i] = l->modifiers[i - 1];
        }
        l->modifiers[0] = l->side == RG_SIDE_RIGHT ? "RT" : "LT";
    }
}

/* The other side of the same, once: what one line with 50 can stand for. */
static bool is_other_side(const rg_claim_line_t *a, const rg_claim_line_t *b)
{
    return a->side != b->side && *a->body_site && strcmp(a->body_site, b->body_site) == 0 &&
           side_at(a) >= 0 && side_at(b) >= 0 && a->quantity == 1 && b->quantity == 1 &&
           a->unit.minor == b->unit.minor && same_code(a, b) &&
           a->practitioner_id == b->practitioner_id &&
           modifiers_alike(a, side_at(a), b, side_at(b));
}

/* Into one of the COUNT lines before it. */
static bool join_sides(rg_claim_line_t *lines, int count, const rg_claim_line_t *l)
{
    for (int i = 0; i < count; i++) {
        rg_claim_line_t *to = &lines[i];
        if (is_other_side(to, l) && rg_money_add(&to->net, l->net)) {
            to->modifiers[side_at(to)] = "50";
            to->side = RG_SIDE_BILATERAL;
            to->unit = to->net;
            return true;
        }
    }
    return false;
}

static rg_claim_line_t one_side(const rg_claim_line_t *l, rg_side_t side, int64_t minor)
{
    rg_claim_line_t out = *l;
    out.side = side;
    out.modifiers[modifier_at(l, "50")] = side == RG_SIDE_RIGHT ? "RT" : "LT";
    out.net.minor = minor;
    out.unit = out.net;
    return out;
}

/* How many lines L became behind the COUNT that there are. */
static int lay_sides(rg_claim_line_t *lines, int count, const rg_claim_line_t *l, rg_bilateral_t as)
{
    if (as == RG_BILATERAL_ONE && join_sides(lines, count, l)) {
        return 0;
    }
    if (as == RG_BILATERAL_TWO && l->side == RG_SIDE_BILATERAL && modifier_at(l, "50") >= 0) {
        lines[count] = one_side(l, RG_SIDE_RIGHT, l->net.minor - l->net.minor / 2);
        lines[count + 1] = one_side(l, RG_SIDE_LEFT, l->net.minor / 2);
        return 2;
    }
    lines[count] = *l;
    return 1;
}

/* The same code on the same side is a slip for a payer, unless it is said that the part of the body
 * is another one. */
static void say_separate(rg_claim_line_t *lines, int i)
{
    rg_claim_line_t *l = &lines[i];
    int free_at = 0;
    bool again = false;
    for (int j = 0; j < i; j++) {
        again = again || (same_code(&lines[j], l) && *l->body_site && *lines[j].body_site &&
                          strcmp(lines[j].body_site, l->body_site) != 0 &&
                          modifiers_alike(&lines[j], modifier_at(&lines[j], "XS"), l, -1));
    }
    while (free_at < MODIFIERS && l->modifiers[free_at]) {
        free_at++;
    }
    if (again && free_at < MODIFIERS && modifier_at(l, "XS") < 0) {
        l->modifiers[free_at] = "XS";
    }
}

/* --- diagnoses -------------------------------------------------------------------------------- */

/* Not one of the other side, nor of another part of the body that was a target, too. */
static bool is_for(const rg_diagnosis_t *d, const rg_claim_line_t *l, const rg_targets_t *targets)
{
    bool sided = d->side == RG_SIDE_LEFT || d->side == RG_SIDE_RIGHT;
    if (targets->count < 2 || !*l->body_site || !*d->body_site) {
        return true;
    }
    if (strcmp(d->body_site, l->body_site) != 0) {
        return !rg_targets_at(targets, d->body_site);
    }
    return !sided || l->side == RG_SIDE_NONE || l->side == RG_SIDE_BILATERAL || l->side == d->side;
}

/* The principal one first, as CMS-1500 box 24E has them. */
static void point(const rg_claim_t *c, rg_claim_line_t *l, const rg_targets_t *targets)
{
    int n = 0;
    memset(l->pointers, 0, sizeof(l->pointers));
    for (int i = 0; i < c->diagnosis_count && n < POINTERS; i++) {
        if (is_for(&c->diagnoses[i], l, targets)) {
            l->pointers[n++] = i + 1;
        }
    }
}

/* --- one line --------------------------------------------------------------------------------- */

static bool is_alike(const rg_claim_line_t *a, const rg_claim_line_t *b)
{
    return a->target_no > 0 && b->target_no > 0 && same_code(a, b) && a->side == b->side &&
           a->unit.minor == b->unit.minor && a->practitioner_id == b->practitioner_id &&
           modifiers_alike(a, -1, b, -1) && modifier_at(a, "50") < 0;
}

static void add_pointers(rg_claim_line_t *to, const rg_claim_line_t *from)
{
    for (int i = 0; i < POINTERS && from->pointers[i]; i++) {
        int k = 0;
        while (k < POINTERS && to->pointers[k] && to->pointers[k] != from->pointers[i]) {
            k++;
        }
        if (k < POINTERS) {
            to->pointers[k] = from->pointers[i];
        }
    }
}

/* What no modifier tells apart, as a third part of the body on one side, is a higher quantity. */
static bool join_alike(apr_pool_t *p, rg_claim_line_t *lines, int count, const rg_claim_line_t *l)
{
    for (int i = 0; i < count; i++) {
        rg_claim_line_t *to = &lines[i];
        if (is_alike(to, l) && rg_money_add(&to->net, l->net)) {
            to->quantity += l->quantity;
            to->body_site = strcmp(to->body_site, l->body_site) == 0
                                ? to->body_site
                                : apr_pstrcat(p, to->body_site, " and ", l->body_site, NULL);
            add_pointers(to, l);
            return true;
        }
    }
    return false;
}

void rg_claim_lay_out(apr_pool_t *p, rg_claim_t *c)
{
    rg_targets_t targets = rg_targets_of(p, c->body_site, c->side, c->further);
    rg_claim_line_t *out = apr_palloc(p, sizeof(*out) * (size_t)(2 * c->line_count + 1));
    int count = 0;
    for (int i = 0; i < c->line_count; i++) {
        say_side(c, &c->lines[i]);
        count += lay_sides(out, count, &c->lines[i], c->coverage.payer.bilateral);
    }
    int kept = 0;
    for (int i = 0; i < count; i++) {
        say_separate(out, i);
        point(c, &out[i], &targets);
    }
    for (int i = 0; i < count; i++) {
        if (!join_alike(p, out, kept, &out[i])) {
            out[kept++] = out[i];
            out[kept - 1].sequence = kept;
        }
    }
    c->lines = out;
    c->line_count = kept;
}
