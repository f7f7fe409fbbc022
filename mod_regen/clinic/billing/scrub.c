/* SPDX-License-Identifier: Apache-2.0 */
/* The rules a claim must meet before it is sent: those that payers reject for most often, and those
 * that protect the patient. A table of small rules; each adds its own problem. The same rules apply
 * to our claims and to foreign ones, as far as a document allows. Pure. */
#include <string.h>
#include "regen/clinic/billing.h"
#include "regen/core/buf.h"
#include "regen/core/ident.h"
#include "regen/core/money.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/money.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/unit.h"

typedef struct {
    const rg_claim_t *c;
    rg_date_t today;
    bool foreign;      /* missing values are not checked */
    bool professional; /* what a CMS-1500 can hold binds it */
    rg_problems_t *problems;
} scrub_t;

__extension__ typedef __int128 wide_t; /* of products and sums of millionths */

#define MILLION   INT64_C(1000000)
#define HALF_CENT (MILLION / 200)

/* Each is compared with those before it, up to PAIRED: more are none of ours. */
enum { DIAGNOSES_MOST = 12, DIAGNOSES_PAIRED = 100, LINES_MOST = 50 };

static bool is_digits(const char *s, size_t n)
{
    return strspn(s, "0123456789") == n && s[n] == '\0';
}

/* E1 to E3: billing and rendering provider. */
static void check_providers(const scrub_t *s)
{
    const rg_claim_t *c = s->c;
    if (!rg_npi_valid(c->billing.npi)) {
        rg_problem_add(s->problems, "Claim.provider",
                       "The clinic's NPI has a wrong check digit or length.");
    }
    if (!rg_tin_valid(c->billing.tin)) {
        rg_problem_add(s->problems, "Claim.provider",
                       "The clinic's tax number must have 9 digits.");
    }
    if (!rg_taxonomy_valid(c->billing.taxonomy)) {
        rg_problem_add(s->problems, "Claim.provider",
                       "The clinic's taxonomy code must have 10 characters.");
    }
    if (c->rendering.id == 0) {
        rg_problem_add(s->problems, "Claim.careTeam",
                       "No practitioner is recorded for the treatment.");
        return;
    }
    if (!rg_npi_valid(c->rendering.npi)) {
        rg_problem_add(s->problems, "Claim.careTeam",
                       "%s's NPI is missing or has a wrong check digit.", c->rendering.name);
    }
    if (!rg_taxonomy_valid(c->rendering.taxonomy)) {
        rg_problem_add(s->problems, "Claim.careTeam", "%s's taxonomy code must have 10 characters.",
                       c->rendering.name);
    }
}

/* The claim names one person for all of its lines. */
static void check_injected_by(const scrub_t *s)
{
    const rg_claim_t *c = s->c;
    for (int i = 0; c->ordered > 1 && i < c->line_count; i++) {
        if (c->lines[i].target_no > 0 && c->lines[i].practitioner_id != c->rendering.id) {
            rg_problem_add(s->problems, "Claim.careTeam",
                           "Not everything was done by %s, the only one whom this claim can name. "
                           "Bill it by hand.",
                           c->rendering.name);
            return;
        }
    }
}

/* E4, E5: payer and member ID. */
static void scrub_coverage(const scrub_t *s)
{
    const rg_coverage_t *v = &s->c->coverage;
    if (!*v->payer.payer_id || !v->payer.active) {
        rg_problem_add(s->problems, "Claim.insurer", "%s has no payer ID or is no longer active.",
                       v->payer.name);
    }
    if (!*v->member_id) {
        rg_problem_add(s->problems, "Claim.insurance", "The member ID is missing.");
    }
    else if (rg_payer_kind_parse(v->payer.kind) == RG_PAYER_MEDICARE &&
             !rg_mbi_valid(v->member_id)) {
        rg_problem_add(s->problems, "Claim.insurance",
                       "The member ID is not a Medicare number (11 letters and digits).");
    }
    if (rg_relationship_parse(v->relationship) != RG_RELATIONSHIP_SELF && !*v->subscriber_family) {
        rg_problem_add(s->problems, "Claim.insurance", "The subscriber's name is missing.");
    }
    if (rg_relationship_parse(v->relationship) != RG_RELATIONSHIP_SELF &&
        v->subscriber_birth_date.year == 0) {
        rg_problem_add(s->problems, "Claim.insurance",
                       "The subscriber's date of birth is missing.");
    }
}

/* E11, E12: addresses. Nine digits for the clinic, because payers route by them. */
static void check_addresses(const scrub_t *s)
{
    const rg_address_t *b = &s->c->billing.address;
    const rg_address_t *p = &s->c->patient.address;
    char zip[16];
    size_t n = 0;
    for (const char *q = b->postal_code; *q && n < sizeof(zip) - 1; q++) {
        if (*q != '-') {
            zip[n++] = *q;
        }
    }
    zip[n] = '\0';
    if (!*b->line || !*b->city || !*b->state) {
        rg_problem_add(s->problems, "Claim.provider",
                       "The clinic's address needs street, city and state.");
    }
    if (!is_digits(zip, 9)) {
        rg_problem_add(s->problems, "Claim.provider", "The clinic's ZIP code needs all 9 digits.");
    }
    bool abroad = strcmp(p->country, "US") != 0; /* state and postal code may be missing */
    if (!*p->line || !*p->city || (!abroad && (!*p->state || !*p->postal_code))) {
        rg_problem_add(s->problems, "Claim.patient",
                       "The patient's address needs street, city, state and ZIP code.");
    }
    if (!*s->c->patient.family) {
        rg_problem_add(s->problems, "Claim.patient", "The patient's name is incomplete.");
    }
}

/* E6, E15: dates in order, and not too late to send. */
static void check_dates(const scrub_t *s)
{
    const rg_claim_t *c = s->c;
    if (c->service_from.year == 0) {
        return;
    }
    if (rg_date_compare(c->patient.birth_date, c->service_from) > 0) {
        rg_problem_add(s->problems, "Claim.patient",
                       "The patient's date of birth is after the treatment.");
    }
    if (rg_date_compare(c->service_to, s->today) > 0) {
        rg_problem_add(s->problems, "Claim.billablePeriod", "The treatment is in the future.");
    }
    if (!s->foreign &&
        rg_date_days(s->today) - rg_date_days(c->service_from) > c->coverage.payer.timely_days) {
        rg_problem_add(
            s->problems, "Claim.created",
            "%s accepts claims for only %d days after the treatment; this one is too late.",
            c->coverage.payer.name, c->coverage.payer.timely_days);
    }
}

static const char *field(const scrub_t *s, const char *what, int index)
{
    rg_buf_t *b = rg_buf_make(s->problems->pool, 80);
    rg_buf_printf(b, "Claim.%s[%d]", what, index);
    return b->data;
}

/* Of several targets a diagnosis is for one of them, or for another part of the body. */
static void check_diagnosed_targets(const scrub_t *s, int i, const rg_targets_t *targets)
{
    const rg_diagnosis_t *d = &s->c->diagnoses[i];
    bool sided = d->side == RG_SIDE_LEFT || d->side == RG_SIDE_RIGHT;
    if (!*d->body_site) {
        return;
    }
    if (!rg_targets_at(targets, d->body_site)) {
        if (i == 0) {
            rg_problem_add(s->problems, field(s, "diagnosis", i),
                           "%s is for the %s, which was not treated.", d->code, d->body_site);
        }
    }
    else if (sided && !rg_targets_on(targets, d->body_site, d->side)) {
        rg_problem_add(s->problems, field(s, "diagnosis", i),
                       "%s is for the %s side, but the other side was treated.", d->code,
                       rg_side_name(d->side));
    }
}

/* E7, E21: codes a payer accepts, on the side and joint that were treated. */
static void check_diagnosis(const scrub_t *s, int i)
{
    const rg_claim_t *c = s->c;
    const rg_diagnosis_t *d = &c->diagnoses[i];
    if (s->foreign && !*d->code) { /* of another system */
        return;
    }
    if (!rg_icd10cm_valid(d->code)) {
        rg_problem_add(s->problems, field(s, "diagnosis", i),
                       "%s does not look like an ICD-10-CM code, such as M17.11.", d->code);
    }
    if (!d->billable) {
        rg_problem_add(s->problems, field(s, "diagnosis", i),
                       "%s is a category, not a billable code.", d->code);
    }
    for (int j = 0; j < i && i < DIAGNOSES_PAIRED; j++) {
        if (strcmp(c->diagnoses[j].code, d->code) == 0) {
            rg_problem_add(s->problems, field(s, "diagnosis", i), "%s is listed twice.", d->code);
        }
    }
    rg_targets_t targets = rg_targets_of(s->problems->pool, c->body_site, c->side, c->further);
    if (targets.count > 1) {
        check_diagnosed_targets(s, i, &targets);
        return;
    }
    bool same_site = strcmp(d->body_site, c->body_site) == 0;
    bool sided = d->side == RG_SIDE_LEFT || d->side == RG_SIDE_RIGHT;
    if (i == 0 && *d->body_site && !same_site) {
        rg_problem_add(s->problems, field(s, "diagnosis", i),
                       "%s is for the %s, but the %s was treated.", d->code, d->body_site,
                       c->body_site);
    }
    if (same_site && sided && c->side != RG_SIDE_NONE && d->side != c->side) {
        rg_problem_add(s->problems, field(s, "diagnosis", i),
                       "%s is for the %s side, but the %s side was treated.", d->code,
                       rg_side_name(d->side), rg_side_name(c->side));
    }
}

static void check_diagnoses(const scrub_t *s)
{
    int count = s->c->diagnosis_count;
    if (!s->foreign && count == 0) {
        rg_problem_add(s->problems, "Claim.diagnosis", "At least one diagnosis is needed.");
    }
    if (s->professional && count > DIAGNOSES_MOST) {
        rg_problem_add(s->problems, "Claim.diagnosis", "A claim can have at most 12 diagnoses.");
    }
    for (int i = 0; i < count; i++) {
        check_diagnosis(s, i);
    }
}

static bool has_modifier(const rg_claim_line_t *l, const char *m)
{
    for (int i = 0; i < 4 && l->modifiers[i]; i++) {
        if (strcmp(l->modifiers[i], m) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether both sides of a part of the body were treated. */
static bool both_sides(const scrub_t *s)
{
    const rg_claim_t *c = s->c;
    const rg_targets_t t = rg_targets_of(s->problems->pool, c->body_site, c->side, c->further);
    for (int i = 0; i < t.count; i++) {
        for (int k = 0; k < i; k++) {
            if (t.at[i].side != t.at[k].side && strcmp(t.at[i].body_site, t.at[k].body_site) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* A line of the visit has the side of none of several targets. */
static bool lacks_side(const scrub_t *s, const rg_claim_line_t *l)
{
    const rg_claim_t *c = s->c;
    if (!l->sided || has_modifier(l, "RT") || has_modifier(l, "LT") || has_modifier(l, "50")) {
        return false;
    }
    if (l->target_no > 0 || !c->further) {
        return l->side != RG_SIDE_NONE;
    }
    return c->side != RG_SIDE_NONE || strstr(c->further, " left") || strstr(c->further, " right");
}

/* E9, E21: modifiers by themselves, and on the side that was treated. */
static void check_modifiers(const scrub_t *s, int i)
{
    const rg_claim_line_t *l = &s->c->lines[i];
    bool one = l->exact ? l->exact->quantity == MILLION : l->quantity == 1;
    rg_modifiers_check(l->modifiers, one, field(s, "item", i), s->problems);
    if (s->foreign) {
        return;
    }
    bool one_side = l->side == RG_SIDE_LEFT || l->side == RG_SIDE_RIGHT;
    if ((has_modifier(l, "RT") && l->side != RG_SIDE_RIGHT) ||
        (has_modifier(l, "LT") && l->side != RG_SIDE_LEFT) ||
        (s->c->ordered > 1 && has_modifier(l, "50") && (one_side || !both_sides(s)))) {
        rg_problem_add(s->problems, field(s, "item", i),
                       "The modifier names a different side than the one treated (%s).",
                       rg_side_name(l->side));
    }
    if (s->c->ordered > 1 && lacks_side(s, l)) {
        rg_problem_add(s->problems, field(s, "item", i),
                       "The line must say the side, but it is charged once for several targets. "
                       "Bill it by hand; the fee schedule can charge it for each target.");
    }
}

static const char *pointer_field(const scrub_t *s, int i)
{
    rg_buf_t *b = rg_buf_make(s->problems->pool, 80);
    rg_buf_printf(b, "Claim.item[%d].diagnosisSequence", i);
    return b->data;
}

/* E21 of a line: the diagnoses it points to are not of the other side. */
static void check_line_side(const scrub_t *s, int i)
{
    const rg_claim_t *c = s->c;
    const rg_claim_line_t *l = &c->lines[i];
    for (int k = 0; k < 4 && l->pointers[k] >= 1 && l->pointers[k] <= c->diagnosis_count; k++) {
        const rg_diagnosis_t *d = &c->diagnoses[l->pointers[k] - 1];
        bool other = (l->side == RG_SIDE_LEFT && d->side == RG_SIDE_RIGHT) ||
                     (l->side == RG_SIDE_RIGHT && d->side == RG_SIDE_LEFT);
        if (other && c->further && *d->body_site && strcmp(d->body_site, l->body_site) == 0) {
            rg_problem_add(s->problems, pointer_field(s, i),
                           "The line is for the %s side, but %s is for the %s side.",
                           rg_side_name(l->side), d->code, rg_side_name(d->side));
        }
    }
}

static void scrub_pointers(const scrub_t *s, int i)
{
    const rg_claim_line_t *l = &s->c->lines[i];
    if (l->pointers[0] == 0 && s->c->diagnosis_count > 0) { /* otherwise one problem covers all */
        rg_problem_add(s->problems, pointer_field(s, i), "The line points to no diagnosis.");
    }
    for (int k = 0; k < 4 && l->pointers[k]; k++) {
        if (l->pointers[k] < 1 || l->pointers[k] > s->c->diagnosis_count) {
            rg_problem_add(s->problems, pointer_field(s, i),
                           "The line points to diagnosis %d, which is missing.", l->pointers[k]);
        }
        for (int j = 0; j < k; j++) {
            if (l->pointers[j] == l->pointers[k]) {
                rg_problem_add(s->problems, pointer_field(s, i),
                               "The line points to diagnosis %d twice.", l->pointers[k]);
            }
        }
    }
}

static bool same_modifiers(const rg_claim_line_t *a, const rg_claim_line_t *b)
{
    for (int i = 0; i < 4; i++) {
        if ((a->modifiers[i] && !has_modifier(b, a->modifiers[i])) ||
            (b->modifiers[i] && !has_modifier(a, b->modifiers[i]))) {
            return false;
        }
    }
    return true;
}

/* E14: payers take the same code twice on one day for a slip (CO-18). */
static void check_twice(const scrub_t *s, int i)
{
    const rg_claim_line_t *l = &s->c->lines[i];
    for (int j = 0; j < i && !(s->foreign && !*l->code); j++) {
        const rg_claim_line_t *m = &s->c->lines[j];
        if (strcmp(m->code, l->code) == 0 && strcmp(m->code_system, l->code_system) == 0 &&
            rg_date_compare(m->service_date, l->service_date) == 0 && same_modifiers(m, l)) {
            rg_problem_add(s->problems, field(s, "item", i),
                           "This repeats line %d. Use one line with a higher quantity.",
                           m->sequence);
        }
    }
}

/* Every line lies within the days the claim is for. */
static void check_line_date(const scrub_t *s, int i)
{
    const rg_claim_t *c = s->c;
    rg_date_t d = c->lines[i].service_date;
    if (s->foreign && d.year == 0) {
        return;
    }
    if (c->service_from.year == 0 && rg_date_compare(d, s->today) > 0) {
        rg_problem_add(s->problems, field(s, "item", i),
                       "The line's date of service is in the future.");
    }
    if (s->foreign && c->service_from.year == 0) {
        return;
    }
    if (d.year == 0 || rg_date_compare(d, c->service_from) < 0 ||
        rg_date_compare(d, c->service_to) > 0) {
        rg_problem_add(s->problems, field(s, "item", i),
                       "The line's date of service is missing or outside the dates of the claim.");
    }
}

/* Ours to the cent; of decimals, what is rounded is off by half of one at most. */
static bool net_right(const rg_claim_line_t *l)
{
    const rg_claim_exact_t *e = l->exact;
    rg_money_t net;
    if (!e) {
        return rg_money_times(&net, l->unit, l->quantity) && net.minor == l->net.minor;
    }
    if (!e->has_net || !e->has_price) {
        return true;
    }
    wide_t off = (wide_t)e->price * e->quantity / MILLION * e->factor / MILLION - e->net;
    return off <= HALF_CENT && off >= -HALF_CENT;
}

static bool same_currency(const rg_money_t *a, const rg_money_t *b)
{
    return !*a->currency || !*b->currency || strcmp(a->currency, b->currency) == 0;
}

/* E8: quantities and sums. */
static void check_amounts(const scrub_t *s, int i)
{
    const rg_claim_line_t *l = &s->c->lines[i];
    if (!net_right(l)) {
        rg_problem_add(s->problems, field(s, "item", i),
                       "The line's amount is not its price times its quantity.");
    }
    if (!same_currency(&l->net, &s->c->total) || !same_currency(&l->net, &l->unit)) {
        rg_problem_add(s->problems, field(s, "item", i), "The line is in a different currency.");
    }
    if (s->foreign) {
        return;
    }
    if (l->quantity < 1) {
        rg_problem_add(s->problems, field(s, "item", i), "The quantity must be 1 or more.");
    }
    if (l->unit.minor <= 0) {
        rg_problem_add(s->problems, field(s, "item", i), "The charge must be more than zero.");
    }
    if (!*l->code) {
        rg_problem_add(s->problems, field(s, "item", i), "The line has no service code.");
    }
}

/* Lines in a different currency are reported separately. */
static void check_sum(const scrub_t *s)
{
    const rg_claim_t *c = s->c;
    wide_t total = c->exact_total ? *c->exact_total : c->total.minor;
    wide_t sum = 0;
    bool all = c->exact_total || !s->foreign;
    for (int i = 0; i < c->line_count; i++) {
        const rg_claim_line_t *l = &c->lines[i];
        sum += l->exact ? l->exact->net : l->net.minor;
        all = all && same_currency(&l->net, &c->total) && !(l->exact && !l->exact->has_net);
    }
    if (all && sum != total) {
        rg_problem_add(s->problems, "Claim.total", "The total is not the sum of the lines.");
    }
}

static void check_line(const scrub_t *s, int i)
{
    check_amounts(s, i);
    check_line_date(s, i);
    if (!s->foreign) {
        scrub_pointers(s, i);
        check_line_side(s, i);
    }
    if (s->professional) {
        check_modifiers(s, i);
    }
    if (s->professional && i < LINES_MOST) {
        check_twice(s, i);
    }
}

static void check_lines(const scrub_t *s)
{
    const rg_claim_t *c = s->c;
    if (!s->foreign && c->line_count == 0) {
        rg_problem_add(s->problems, "Claim.item", "There are no charges to claim.");
    }
    if (s->professional && c->line_count > LINES_MOST) {
        rg_problem_add(s->problems, "Claim.item", "A claim can have at most 50 lines.");
    }
    for (int i = 0; i < c->line_count; i++) {
        check_line(s, i);
    }
    if (!s->foreign || c->line_count > 0) {
        check_sum(s);
    }
}

/* E10. */
static void check_place_of_service(const scrub_t *s)
{
    const char *pos = s->c->facility.place_of_service;
    if (!rg_place_of_service_valid(pos)) {
        rg_problem_add(s->problems, "Claim.item",
                       "The site's place of service \"%s\" is not a CMS code.", pos);
    }
}

void rg_claim_scrub(const rg_claim_t *c, apr_time_t now, const rg_zone_t *zone,
                    rg_problems_t *problems)
{
    static void (*const rules[])(const scrub_t *) = {
        check_providers, check_injected_by, scrub_coverage, check_addresses,
        check_dates,     check_diagnoses,   check_lines,    check_place_of_service};
    const scrub_t s = {c, rg_zone_local(zone, now).date, false, true, problems};
    for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
        rules[i](&s);
    }
}

void rg_claim_scrub_foreign(const rg_claim_t *c, bool professional, rg_date_t today,
                            rg_problems_t *problems)
{
    static void (*const rules[])(const scrub_t *) = {check_dates, check_diagnoses, check_lines};
    const scrub_t s = {c, today, true, professional, problems};
    for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
        rules[i](&s);
    }
}
