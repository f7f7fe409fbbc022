/* SPDX-License-Identifier: Apache-2.0 */
/* See waitlist_test.h. */
#include "waitlist_test.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/waitlist.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"

int64_t wait_join(store_test_t *t, int minutes, const char *name, int day, unsigned parts)
{
    static int people = 0; /* each is somebody else */
    rg_ctx_t *ctx = booking_ctx(t, minutes);
    const char *email = apr_psprintf(t->pool, "w%d@example.org", ++people);
    const char *phone = apr_psprintf(t->pool, "603-555-%04d", people);
    const char *date = day > 0 ? apr_psprintf(t->pool, "2026-12-%02d", day) : NULL;
    rg_join_in_t in = {.service_code = "scan",
                       .given = name,
                       .family = "Waits",
                       .email = email,
                       .phone = phone,
                       .first_day = date,
                       .last_day = date,
                       .days = WAIT_ALL_DAYS,
                       .parts = parts};
    const char *uid;
    const char *link;
    assert_int_equal(rg_waitlist_join(&uid, &link, ctx, &in), RG_OK);
    assert_int_equal(strlen(link), 43);
    int64_t id =
        store_test_value(t, apr_psprintf(t->pool, "SELECT id FROM waitlist WHERE uid = '%s'", uid));
    store_test_done(ctx);
    return id;
}

rg_ctx_t *wait_ctx(store_test_t *t, int minutes, int64_t id)
{
    rg_ctx_t *ctx = booking_ctx(t, minutes);
    ctx->who.roles = RG_ROLE_PATIENT;
    ctx->who.waiter_id = id;
    return ctx;
}

int64_t wait_booked(store_test_t *t, apr_time_t start)
{
    int64_t id = booking_must_hold(t, "scan", start);
    rg_ctx_t *ctx = booking_patient(t, 0, id);
    const char *link;
    booking_fill(t, id);
    assert_int_equal(rg_booking_confirm(&link, ctx, id), RG_OK);
    store_test_done(ctx);
    return id;
}

void wait_cancel(store_test_t *t, int minutes, int64_t booking)
{
    rg_ctx_t *ctx = booking_staff(t, minutes);
    assert_int_equal(rg_booking_cancel(ctx, booking, "clinic"), RG_OK);
    store_test_done(ctx);
}

const char *wait_status(store_test_t *t, int64_t id)
{
    return store_test_text(
        t, apr_psprintf(t->pool, "SELECT CONCAT(status, closed_why) FROM waitlist WHERE id = %d",
                        (int)id));
}

int64_t wait_offer(store_test_t *t, int64_t id)
{
    return store_test_value(
        t, apr_psprintf(t->pool,
                        "SELECT COALESCE(MAX(b.starts_at), 0) FROM waitlist_offer o JOIN booking b"
                        " ON b.id = o.booking_id WHERE o.outcome = 'open' AND o.waitlist_id = %d",
                        (int)id));
}

void wait_sweep(store_test_t *t, int minutes)
{
    rg_ctx_t *ctx = booking_ctx(t, minutes);
    int n;
    assert_int_equal(rg_booking_sweep(&n, ctx, 100), RG_OK);
    assert_int_equal(rg_waitlist_sweep(&n, ctx, 100), RG_OK);
    store_test_done(ctx);
}

int64_t wait_wrongs(store_test_t *t)
{
    return store_test_value(
        t, "SELECT (SELECT COUNT(*) FROM waitlist_offer o JOIN booking b ON b.id = o.booking_id"
           "  WHERE (o.outcome = 'open') <> (b.status = 'held') OR b.source <> 'waitlist')"
           " + (SELECT COUNT(*) FROM waitlist w WHERE (w.status = 'offered') <> EXISTS"
           "  (SELECT 1 FROM waitlist_offer o WHERE o.waitlist_id = w.id AND o.outcome = 'open'))"
           " + (SELECT COUNT(*) FROM booking b WHERE b.source = 'waitlist' AND NOT EXISTS"
           "  (SELECT 1 FROM waitlist_offer o WHERE o.booking_id = b.id))"
           " + (SELECT COUNT(*) FROM waitlist_offer o WHERE NOT EXISTS (SELECT 1 FROM message m"
           "  WHERE m.kind = 'waitlist-offer' AND m.about_id = o.booking_id))");
}
