/* SPDX-License-Identifier: Apache-2.0 */
/* Checks everything typed to join the waitlist; and the practitioners to choose from. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/patient/typed.h"
#include "mod_regen/clinic/waitlist/waitlist.h"
#include "regen/clinic/waitlist.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/waitlist.h"
#include "regen/store/definitions.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/schedule/input.h"
#include "mod_regen/clinic/schedule/lookup.h"

#include <string.h>

#include <apr_strings.h>

/* --- practitioners ---------------------------------------------------------------------------- */

/* The same practitioners that the page of times offers. */
static rg_outcome_t people_of_service(rg_offer_t **o, const rg_ctx_t *ctx, const rg_clinic_t *k,
                                      const rg_clinic_service_t *s)
{
    return rg_offer_make(o, ctx, k, s, 1, 0, ctx->now, ctx->now + RG_DAY);
}

static rg_outcome_t find_service(const rg_clinic_service_t **s, const rg_clinic_t **k,
                                 const rg_ctx_t *ctx, const char *code)
{
    rg_outcome_t rc = rg_clinic_look(k, ctx);
    if (rc != RG_OK) {
        return rc;
    }
    *s = code ? rg_clinic_service_by_code(*k, code) : NULL;
    return *s && rg_clinic_offers(ctx, *s) ? RG_OK : rg_clinic_missing(*k, RG_NOT_FOUND);
}

rg_outcome_t rg_waitlist_practitioners(const rg_resource_t ***out, int *count, const rg_ctx_t *ctx,
                                       const char *service_code)
{
    const rg_clinic_service_t *s;
    const rg_clinic_t *k;
    *count = 0;
    rg_outcome_t rc = find_service(&s, &k, ctx, service_code);
    if (rc != RG_OK) {
        return rc;
    }
    rg_offer_t *o;
    rc = people_of_service(&o, ctx, k, s);
    if (rc != RG_OK) {
        return rc;
    }
    *out = o->practitioners;
    *count = o->practitioner_count;
    return RG_OK;
}

/* --- the fields ------------------------------------------------------------------------------- */

static void check_contact(rg_waiter_t *w, const rg_ctx_t *ctx, const rg_join_in_t *in)
{
    const rg_typed_t k = {ctx->pool, ctx->problems, ctx->who.roles};
    const rg_typed_name_t name = {
        .given_field = "given",
        .given_name = "first name",
        .given = in->given,
        .family_field = "family",
        .family_name = "last name",
        .family = in->family,
        .missing = "Enter the name. If there is only one name, leave the other field empty."};
    rg_typed_name(&k, &w->given, &w->family, &name);
    w->email = rg_typed_email(&k, "email", in->email);
    w->phone = rg_typed_phone(&k, "phone", in->phone);
}

static bool read_day_wanted(rg_date_t *out, const rg_ctx_t *ctx, const char *field,
                            const char *typed, rg_date_t otherwise)
{
    *out = otherwise;
    if (!typed || !*typed || rg_date_parse(out, typed)) {
        return true;
    }
    rg_problem_add(ctx->problems, field, "Enter a day as year-month-day, like %s.",
                   rg_date_iso(ctx->pool, otherwise));
    return false;
}

static void check_days_wanted(rg_waiter_t *w, const rg_ctx_t *ctx, const rg_join_in_t *in,
                              rg_date_t today, rg_date_t last)
{
    bool fine = read_day_wanted(&w->first_day, ctx, "first_day", in->first_day, today);
    fine = read_day_wanted(&w->last_day, ctx, "last_day", in->last_day, last) && fine;
    if (!fine) {
        return;
    }
    if (rg_date_compare(w->first_day, today) < 0) {
        w->first_day = today;
    }
    if (rg_date_compare(w->last_day, today) < 0) {
        rg_problem_add(ctx->problems, "last_day", "Choose a last day in the future.");
    }
    else if (rg_date_compare(w->last_day, w->first_day) < 0) {
        rg_problem_add(ctx->problems, "last_day",
                       "Choose a last day that is not before the first day.");
    }
    else if (rg_date_compare(w->first_day, last) > 0) {
        rg_problem_add(ctx->problems, "first_day", "Times can be booked until %s.",
                       rg_date_long(ctx->pool, last));
    }
    else if (rg_date_compare(w->last_day, last) > 0) {
        w->last_day = last;
    }
}

static void check_parts_of_day(rg_waiter_t *w, const rg_ctx_t *ctx, const rg_join_in_t *in)
{
    unsigned parts = in->parts & ((1u << RG_DAY_PARTS) - 1u);
    for (int day = 0; day < 7; day++) {
        if ((in->days >> day) & 1u) {
            w->times |= parts << (RG_DAY_PARTS * day);
        }
    }
    if ((in->days & 0x7fu) == 0) {
        rg_problem_add(ctx->problems, "day", "Choose at least one day of the week.");
    }
    if (parts == 0) {
        rg_problem_add(ctx->problems, "part", "Choose at least one time of day.");
    }
}

static rg_outcome_t check_practitioner(rg_waiter_t *w, const rg_ctx_t *ctx, const rg_join_in_t *in,
                                       const rg_clinic_t *k, const rg_clinic_service_t *s)
{
    rg_offer_t *o;
    int64_t id = 0;
    rg_outcome_t rc = people_of_service(&o, ctx, k, s);
    if (rc != RG_OK || !in->practitioner || !*in->practitioner) {
        return rc;
    }
    (void)rg_text_i64(&id, in->practitioner, 1, 4294967295LL);
    for (int i = 0; i < o->practitioner_count; i++) {
        if (o->practitioners[i]->id == id) {
            w->practitioner_id = id;
        }
    }
    if (w->practitioner_id == 0) {
        rg_problem_add(ctx->problems, "practitioner", "Choose a practitioner of this treatment.");
    }
    return RG_OK;
}

rg_outcome_t rg_waitlist_check(rg_waiter_t *w, const rg_ctx_t *ctx, const rg_join_in_t *in)
{
    const rg_clinic_service_t *s;
    const rg_clinic_t *k;
    bool staff = rg_is_staff(ctx);
    rg_outcome_t rc = find_service(&s, &k, ctx, in->service_code);
    if (rc != RG_OK) {
        return rc;
    }
    const rg_site_t *site = rg_clinic_site(k, s->service.site_id);
    if (!site) {
        return rg_clinic_missing(k, RG_NOT_FOUND);
    }
    rg_date_t today = rg_zone_local(site->zone, ctx->now).date;
    w->service_id = s->service.id;
    w->source = rg_source_name(staff ? RG_SOURCE_STAFF : RG_SOURCE_PATIENT);
    check_contact(w, ctx, in);
    check_days_wanted(w, ctx, in, today, rg_window_last_day(&s->service, today));
    check_parts_of_day(w, ctx, in);
    rc = check_practitioner(w, ctx, in, k, s);
    if (rc != RG_OK) {
        return rc;
    }
    return rg_problems_any(ctx->problems) ? RG_INVALID : RG_OK;
}
