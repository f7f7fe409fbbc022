/* SPDX-License-Identifier: Apache-2.0 */
/* See booking_test.h. */
#include "booking_test.h"

#include <stdio.h>

#include "booking_clinic.h"
#include "regen/clinic/booking.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"

/* Definitions are stamped by the database's clock, which may be ahead of BOOKING_NOW, and what was
 * booked before they changed is not held against them. */
static void make_definitions_old(store_test_t *t)
{
    store_test_exec(t, "UPDATE catalogue_version SET changed_at = 0");
}

void booking_prices(store_test_t *t)
{
    const size_t count = sizeof(booking_clinic) / sizeof(booking_clinic[0]);
    for (size_t i = count - BOOKING_CLINIC_PRICES; i < count; i++) {
        store_test_exec(t, booking_clinic[i]);
    }
}

int booking_setup(void **state)
{
    store_test_setup(state);
    for (size_t i = 0; i < sizeof(booking_clinic) / sizeof(booking_clinic[0]); i++) {
        store_test_exec(*state, booking_clinic[i]);
    }
    /* Signed consents stay for ever, but a test wants to begin with nothing. */
    store_test_exec(*state, "DROP TRIGGER consent_stays");
    store_test_exec(*state, "DROP TRIGGER withdrawal_stays");
    store_test_exec(*state, "DROP TRIGGER booking_quote_stays");
    store_test_exec(*state, "DROP TRIGGER booking_charge_stays");
    store_test_exec(*state, "DROP TRIGGER estimate_given_stays");
    store_test_exec(*state, "DROP TRIGGER estimate_stays");
    store_test_exec(*state, "DROP TRIGGER estimate_line_stays");
    make_definitions_old(*state);
    return 0;
}

int booking_clean(void **state)
{
    static const char *const tables[] = {"person_time",      "booking_override",
                                         "service_day",      "message",
                                         "recall_attempt",   "recall",
                                         "recall_opt_out",   "waitlist_offer",
                                         "waitlist",         "consent_withdrawal",
                                         "consent",          "appointment",
                                         "booking_resource", "booking_step",
                                         "occupancy",        "day_bitmap",
                                         "service_form",     "idempotency",
                                         "estimate_to_give", "estimate_given",
                                         "estimate_line",    "estimate ORDER BY id DESC",
                                         "booking_charge",   "booking_quote",
                                         "booking"};
    store_test_t *t = *state;
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        store_test_exec(t, apr_pstrcat(t->pool, "DELETE FROM ", tables[i], NULL));
    }
    make_definitions_old(t);
    store_test_log_clear();
    return 0;
}

/* --- who asks ------------------------------------------------------------------------------------------ */

rg_ctx_t *booking_ctx(store_test_t *t, int minutes)
{
    rg_ctx_t *ctx = store_test_ctx(t);
    ctx->now = apr_time_from_sec(BOOKING_NOW + minutes * 60);
    return ctx;
}

rg_ctx_t *booking_patient(store_test_t *t, int minutes, int64_t booking_id)
{
    rg_ctx_t *ctx = booking_ctx(t, minutes);
    ctx->who.roles = RG_ROLE_PATIENT;
    ctx->who.booking_id = booking_id;
    return ctx;
}

rg_ctx_t *booking_staff(store_test_t *t, int minutes)
{
    rg_ctx_t *ctx = booking_ctx(t, minutes);
    ctx->who.roles = RG_ROLE_FRONT_DESK;
    ctx->who.staff_id = 1;
    return ctx;
}

/* --- what every test does -------------------------------------------------------------------------------- */

rg_outcome_t booking_hold(store_test_t *t, const char *service, apr_time_t start, int64_t *id)
{
    rg_ctx_t *ctx = booking_ctx(t, 0);
    rg_hold_in_t in = {service, start, 0};
    rg_hold_t out;
    rg_outcome_t rc = rg_booking_hold(&out, ctx, &in);
    *id = rc == RG_OK ? out.booking->id : 0;
    store_test_done(ctx);
    return rc;
}

int64_t booking_must_hold(store_test_t *t, const char *service, apr_time_t start)
{
    int64_t id;
    assert_int_equal(booking_hold(t, service, start, &id), RG_OK);
    return id;
}

/* Somebody new as the hold's form would have it: the same name, which tests read, but another key of it. */
void booking_fill(store_test_t *t, int64_t id)
{
    store_test_exec(t, apr_psprintf(t->pool,
                                    "INSERT IGNORE INTO patient (uid, family, given, birth_date,"
                                    " gender, email, phone, address_line, city, state, postal_code,"
                                    " created_at, family_key) SELECT LPAD('%d', 26, 'P'), family,"
                                    " given, birth_date, gender, email, phone, address_line, city,"
                                    " state, postal_code, (SELECT created_at FROM booking WHERE"
                                    " id = %d), '#%d' FROM patient WHERE id = 1",
                                    (int)id, (int)id, (int)id));
    store_test_exec(t,
                    apr_psprintf(t->pool,
                                 "UPDATE booking b JOIN patient p ON p.uid = LPAD('%d', 26, 'P')"
                                 " SET b.patient_id = p.id, b.self_pay = 1, b.body_site = 'knee',"
                                 " b.laterality = 'left' WHERE b.id = %d",
                                 (int)id, (int)id));
}

void booking_fill_for(store_test_t *t, int64_t id, int64_t patient)
{
    booking_fill(t, id);
    store_test_exec(t, apr_psprintf(t->pool, "UPDATE booking SET patient_id = %d WHERE id = %d",
                                    (int)patient, (int)id));
}

int64_t booking_must_book(store_test_t *t, const char *service, apr_time_t start)
{
    int64_t id = booking_must_hold(t, service, start);
    rg_ctx_t *ctx = booking_patient(t, 1, id);
    const char *link;
    booking_fill(t, id);
    assert_int_equal(rg_booking_confirm(&link, ctx, id), RG_OK);
    store_test_done(ctx);
    return id;
}

static void print_wrong(void *baton, const char *line)
{
    (void)baton;
    fprintf(stderr, "# %s\n", line);
}

int booking_wrongs(store_test_t *t)
{
    rg_ctx_t *ctx = booking_ctx(t, 0);
    int count = -1;
    rg_outcome_t rc = rg_booking_check(&count, ctx, print_wrong, NULL);
    /* After a storm that killed connections the pool may hold the database for gone, for a second. */
    for (int i = 0; rc == RG_UNAVAILABLE && i < 100; i++) {
        apr_sleep(100000);
        rc = rg_booking_check(&count, ctx, print_wrong, NULL);
    }
    assert_int_equal(rc, RG_OK);
    store_test_done(ctx);
    return count;
}

int64_t booking_taken(store_test_t *t)
{
    return store_test_value(t, "SELECT COUNT(*) FROM occupancy");
}
