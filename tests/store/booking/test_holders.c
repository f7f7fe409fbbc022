/* SPDX-License-Identifier: Apache-2.0 */
/* A hold belongs to its maker: attempts of all others to book, move, extend, describe or release it
 * change nothing, for every pair of maker and caller. */
#include "waitlist_test.h"

#include "mod_regen/clinic/booking/booking.h"
#include "regen/clinic/api.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/patient.h"
#include "regen/clinic/waitlist.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"
#include "regen/model/visit.h"

enum { MINE = 31, OTHER = 32 };

typedef enum { VISITOR, DESK, MACHINE, WAITER, HOLDERS } holder_t;

typedef struct {
    int64_t booking, waiter;
} held_t;

static const struct {
    const char *name;
    unsigned mays; /* 1u << holder_t: whose holds they may change */
} askers[] = {
    {"the visitor", 1u << VISITOR | 1u << WAITER},
    {"another visitor", 0},
    {"the desk", 1u << DESK | 1u << WAITER},
    {"the machine", 1u << MACHINE},
    {"another machine", 0},
    {"a machine that sees all", 0},
    {"nobody", 0},
};
enum { ASKERS = sizeof(askers) / sizeof(askers[0]) };

static rg_ctx_t *machine(store_test_t *t, int64_t token, bool others)
{
    rg_ctx_t *ctx = booking_ctx(t, 1);
    ctx->who = (rg_principal_t){.roles = RG_ROLE_MACHINE,
                                .token_id = token,
                                .others = others,
                                .scopes = "system/Appointment.cruds"};
    return ctx;
}

/* The visitor's session names the booking, as that of who accepted an offer does. */
static rg_ctx_t *asker(store_test_t *t, int who, int64_t booking)
{
    switch (who) {
    case 0: return booking_patient(t, 1, booking);
    case 1: return booking_patient(t, 1, booking + 1000);
    case 2: return booking_staff(t, 1);
    case 3: return machine(t, MINE, false);
    case 4: return machine(t, OTHER, false);
    case 5: return machine(t, OTHER, true);
    default: return booking_ctx(t, 1);
    }
}

static int64_t hold_as(store_test_t *t, const rg_ctx_t *ctx)
{
    rg_hold_in_t in = {"scan", BOOKING_AT(2, 600), 0};
    rg_hold_t out;
    assert_int_equal(rg_booking_hold(&out, ctx, &in), RG_OK);
    int64_t id = out.booking->id;
    store_test_done(ctx);
    (void)t;
    return id;
}

/* What was booked before becomes free, and is offered to waitlist entries. */
static held_t offered(store_test_t *t)
{
    held_t h = {0, 0};
    int64_t before = wait_booked(t, BOOKING_AT(2, 600));
    store_test_exec(t,
                    "INSERT INTO closure (site_id, first_day, last_day, start_minute, end_minute,"
                    " reason) VALUES (1, '2026-12-02', '2026-12-02', 0, 600, 'before'),"
                    " (1, '2026-12-02', '2026-12-02', 630, 1440, 'after')");
    h.waiter = wait_join(t, 0, "Ann", 2, WAIT_ALL_PARTS);
    wait_cancel(t, 0, before);
    store_test_exec(t, "DELETE FROM closure WHERE reason IN ('before', 'after')");
    h.booking = store_test_value(t, "SELECT id FROM booking WHERE source = 'waitlist'"
                                    " AND status = 'held'");
    assert_true(h.booking > 0);
    return h;
}

static held_t held_by(store_test_t *t, holder_t holder)
{
    switch (holder) {
    case VISITOR: return (held_t){hold_as(t, booking_ctx(t, 0)), 0};
    case DESK: return (held_t){hold_as(t, booking_staff(t, 0)), 0};
    case MACHINE: return (held_t){hold_as(t, machine(t, MINE, false)), 0};
    default: return offered(t);
    }
}

/* --- what can be tried ------------------------------------------------------------------------ */

static rg_outcome_t try_extend(const rg_ctx_t *ctx, int64_t id)
{
    return rg_booking_extend(ctx, id);
}

static rg_outcome_t try_move(const rg_ctx_t *ctx, int64_t id)
{
    rg_move_in_t in = {.start = BOOKING_AT(4, 600)};
    rg_hold_t out;
    return rg_booking_move(&out, ctx, id, &in);
}

static rg_outcome_t try_give_back(const rg_ctx_t *ctx, int64_t id)
{
    return rg_booking_give_back(ctx, id, "test");
}

static rg_outcome_t try_cancel(const rg_ctx_t *ctx, int64_t id)
{
    return rg_booking_cancel(ctx, id, "test");
}

static rg_outcome_t try_confirm(const rg_ctx_t *ctx, int64_t id)
{
    const char *link;
    return rg_booking_confirm(&link, ctx, id);
}

static rg_outcome_t try_details(const rg_ctx_t *ctx, int64_t id)
{
    rg_details_in_t in = {.family = "Thief",
                          .given = "Tom",
                          .birth_date = "1970-01-31",
                          .gender = "male",
                          .email = "thief@example.org",
                          .phone = "603-555-0199",
                          .address_line = "1 Side Street",
                          .city = "Dover",
                          .state = "NH",
                          .postal_code = "03820",
                          .body_site = "knee",
                          .side = "left",
                          .pay = "self"};
    return rg_details_save(ctx, id, &in);
}

static rg_outcome_t try_machine_book(const rg_ctx_t *ctx, int64_t id)
{
    rg_machine_book_in_t in = {.whom = {"", ""}};
    rg_machine_booked_t out;
    rg_ctx_t own = *ctx;
    rg_booking_t *b;
    own.who = (rg_principal_t){.roles = RG_ROLE_ADMIN, .staff_id = 1};
    assert_int_equal(rg_booking_get(&b, &own, id), RG_OK);
    in.booking_uid = b->uid;
    in.details = (rg_details_in_t){.family = "Walker",
                                   .given = "Ann",
                                   .birth_date = "1961-02-03",
                                   .gender = "female",
                                   .email = "ann@example.org",
                                   .phone = "603-555-0199",
                                   .address_line = "1 Side Street",
                                   .city = "Dover",
                                   .state = "NH",
                                   .postal_code = "03820",
                                   .body_site = "",
                                   .side = "",
                                   .pay = "self"};
    return rg_machine_book(&out, ctx, &in);
}

static const struct {
    const char *name;
    rg_outcome_t (*work)(const rg_ctx_t *ctx, int64_t id);
    bool filled; /* begins with a patient */
} tries[] = {
    {"extend", try_extend, false},       {"move", try_move, false},
    {"give back", try_give_back, false}, {"cancel", try_cancel, false},
    {"confirm", try_confirm, true},      {"details", try_details, true},
    {"$book", try_machine_book, true},
};
enum { TRIES = sizeof(tries) / sizeof(tries[0]) };

/* Everything that somebody could have changed, as one text. */
static const char *picture(store_test_t *t, int64_t id)
{
    return store_test_text(
        t, apr_psprintf(t->pool,
                        "SELECT CONCAT_WS('|', b.status, b.version, b.starts_at,"
                        " COALESCE(b.hold_expires_at, 0), COALESCE(b.patient_id, 0), b.body_site,"
                        " COALESCE(HEX(b.link_hash), ''), (SELECT GROUP_CONCAT(p.family, p.email"
                        " ORDER BY p.id) FROM patient p), (SELECT COUNT(*) FROM occupancy))"
                        " FROM booking b WHERE b.id = %d",
                        (int)id));
}

/* Only machines $book; nobody else's details are a machine's to write by the form. */
static bool allowed(int who, holder_t holder, int what)
{
    bool is_machine = who >= 3 && who <= 5;
    if (tries[what].work == try_machine_book && !is_machine) {
        return false;
    }
    if (tries[what].work == try_details && is_machine) {
        return false;
    }
    return (askers[who].mays & (1u << holder)) != 0;
}

static void judge(store_test_t *t, int who, holder_t holder, int what)
{
    held_t h = held_by(t, holder);
    if (tries[what].filled) {
        booking_fill(t, h.booking);
        store_test_exec(t, "UPDATE patient SET family = 'Walker', given = 'Ann',"
                           " birth_date = '1961-02-03' WHERE id = 1");
    }
    const char *before = picture(t, h.booking);
    rg_ctx_t *ctx = asker(t, who, h.booking);
    rg_outcome_t rc = tries[what].work(ctx, h.booking);
    bool fine = allowed(who, holder, what)
                    ? rc == RG_OK && strcmp(before, picture(t, h.booking)) != 0
                    : (rc == RG_NOT_FOUND || rc == RG_FORBIDDEN || rc == RG_PRECONDITION) &&
                          strcmp(before, picture(t, h.booking)) == 0;
    if (!fine) {
        for (int i = 0; i < ctx->problems->list->nelts; i++) {
            const rg_problem_t *x = &APR_ARRAY_IDX(ctx->problems->list, i, rg_problem_t);
            fprintf(stderr, "# %s: %s\n", x->field ? x->field : "-", x->text);
        }
        fail_msg("%s tries to %s the hold of %d: %s\n%s\n%s", askers[who].name, tries[what].name,
                 holder, rg_outcome_name(rc), before, picture(t, h.booking));
    }
    store_test_done(ctx);
    booking_clean((void **)&t);
}

static void only_the_holder_changes_it(void **state)
{
    for (int holder = 0; holder < HOLDERS; holder++) {
        for (int who = 0; who < ASKERS; who++) {
            for (int what = 0; what < TRIES; what++) {
                judge(*state, who, (holder_t)holder, what);
            }
        }
    }
}

/* --- the waitlist ------------------------------------------------------------------------- */

static void an_offer_is_one_persons(void **state)
{
    store_test_t *t = *state;
    held_t h = offered(t);
    int64_t other = wait_join(t, 1, "Bob", 3, WAIT_ALL_PARTS);
    int64_t booking;
    rg_ctx_t *ctx = wait_ctx(t, 2, other);
    assert_int_equal(rg_waitlist_accept(&booking, ctx, h.waiter, NULL), RG_NOT_FOUND);
    assert_int_equal(rg_waitlist_decline(ctx, h.waiter, NULL), RG_NOT_FOUND);
    store_test_done(ctx);
    ctx = wait_ctx(t, 2, h.waiter);
    assert_int_equal(rg_waitlist_accept(&booking, ctx, h.waiter, NULL), RG_OK);
    assert_int_equal(booking, h.booking);
    store_test_done(ctx);
}

/* However a stranger's booking came behind the offer, accepting opens no session for it. */
static void accepting_opens_only_ones_own(void **state)
{
    store_test_t *t = *state;
    held_t h = offered(t);
    int64_t booking = 0;
    store_test_exec(t, "DROP TRIGGER booking_keeps_its_maker");
    booking_fill(t, h.booking);
    store_test_exec(t, apr_psprintf(t->pool,
                                    "UPDATE booking SET source = 'machine', made_by = %d, status ="
                                    " 'booked', hold_expires_at = NULL WHERE id = %d",
                                    MINE, (int)h.booking));
    assert_string_equal(wait_status(t, h.waiter), "taken");
    rg_ctx_t *ctx = wait_ctx(t, 2, h.waiter);
    assert_int_equal(rg_waitlist_accept(&booking, ctx, h.waiter, NULL), RG_GONE);
    assert_int_equal(booking, 0);
    store_test_done(ctx);
    store_test_exec(t, "CREATE TRIGGER booking_keeps_its_maker BEFORE UPDATE ON booking FOR EACH"
                       " ROW BEGIN IF NEW.source <> OLD.source OR NEW.made_by <> OLD.made_by THEN"
                       " SIGNAL SQLSTATE '45000'; END IF; END");
}

/* --- the schema itself ------------------------------------------------------------------------ */

static void the_maker_never_changes(void **state)
{
    store_test_t *t = *state;
    int64_t id = hold_as(t, machine(t, MINE, false));
    assert_int_not_equal(mysql_query(t->sql, "UPDATE booking SET made_by = 1"), 0);
    assert_int_not_equal(mysql_query(t->sql, "UPDATE booking SET source = 'patient'"), 0);
    assert_int_not_equal(
        mysql_query(t->sql, "INSERT INTO booking (uid, service_id, site_id, status, source,"
                            " starts_at, ends_at, hold_expires_at, price_minor, currency,"
                            " created_at) SELECT 'x', service_id, site_id, 'held', 'machine',"
                            " starts_at, ends_at, hold_expires_at, price_minor, currency,"
                            " created_at FROM booking LIMIT 1"),
        0);
    assert_int_equal(
        store_test_value(
            t, apr_psprintf(t->pool, "SELECT made_by FROM booking WHERE id = %d", (int)id)),
        MINE);
}

/* --- what a machine may know ------------------------------------------------------------------ */

static void machines_see_what_they_made(void **state)
{
    store_test_t *t = *state;
    int64_t mine = hold_as(t, machine(t, MINE, false));
    int64_t yours = booking_must_hold(t, "scan", BOOKING_AT(2, 660));
    rg_ctx_t *ctx = machine(t, MINE, false);
    rg_ctx_t *other = machine(t, OTHER, false);
    rg_ctx_t *all = machine(t, OTHER, true);
    rg_visits_in_t in = rg_visits_any(50);
    rg_visit_t *visits;
    rg_booking_t *b;
    int count;
    bool more;
    assert_int_equal(rg_booking_get(&b, ctx, mine), RG_OK);
    assert_int_equal(rg_booking_get(&b, ctx, yours), RG_NOT_FOUND);
    assert_int_equal(rg_booking_get(&b, other, mine), RG_NOT_FOUND);
    assert_int_equal(rg_booking_get(&b, all, yours), RG_OK);
    assert_int_equal(rg_visits_search(&visits, &count, &more, ctx, &in), RG_OK);
    assert_int_equal(count, 1);
    assert_int_equal(visits[0].booking_id, mine);
    assert_int_equal(rg_visits_search(&visits, &count, &more, other, &in), RG_OK);
    assert_int_equal(count, 0);
    assert_int_equal(rg_visits_search(&visits, &count, &more, all, &in), RG_OK);
    assert_int_equal(count, 2);
    store_test_done(ctx);
    store_test_done(other);
    store_test_done(all);
}

/* What somebody else booked, a machine that sees all may change, others may not. */
static void booked_is_the_patients(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_book(t, "scan", BOOKING_AT(4, 600));
    rg_ctx_t *other = machine(t, OTHER, false);
    rg_ctx_t *all = machine(t, OTHER, true);
    rg_move_in_t in = {.start = BOOKING_AT(4, 660)};
    rg_hold_t out;
    assert_int_equal(rg_booking_move(&out, other, id, &in), RG_NOT_FOUND);
    assert_int_equal(rg_booking_cancel(other, id, "x"), RG_NOT_FOUND);
    assert_int_equal(rg_booking_move(&out, all, id, &in), RG_OK);
    assert_int_equal(rg_booking_cancel(all, id, "x"), RG_OK);
    store_test_done(other);
    store_test_done(all);
}

/* A program that asks for the time a visit has: it is told so only when the visit has it under the
 * lock, whatever it read before. */
static void a_visit_stays_only_where_it_is(void **state)
{
    store_test_t *t = *state;
    int64_t id = hold_as(t, machine(t, MINE, false));
    rg_ctx_t *ctx = machine(t, MINE, false);
    const char *uid =
        store_test_text(t, apr_psprintf(t->pool, "SELECT uid FROM booking WHERE id = %d", (int)id));
    const char *visit = store_test_text(
        t, apr_psprintf(t->pool, "SELECT uid FROM appointment WHERE booking_id = %d", (int)id));
    apr_time_t start = apr_time_from_sec(store_test_value(
        t, apr_psprintf(t->pool, "SELECT starts_at FROM booking WHERE id = %d", (int)id)));
    rg_booking_note_t note = {.comment = "by the window"};
    rg_machine_stay_in_t in = {uid, visit, start, 0, &note};
    const char *said = apr_psprintf(
        t->pool, "SELECT COUNT(*) FROM booking WHERE id = %d AND comment <> ''", (int)id);
    bool stays = false;
    in.start = start + apr_time_from_sec(900); /* it was there when it was read */
    assert_int_equal(rg_machine_stay(&stays, ctx, &in), RG_OK);
    assert_false(stays);
    assert_int_equal(store_test_value(t, said), 0);
    in.start = start;
    assert_int_equal(rg_machine_stay(&stays, ctx, &in), RG_OK);
    assert_true(stays);
    assert_int_equal(store_test_value(t, said), 1);
    in.version = 1; /* the comment raised it */
    assert_int_equal(rg_machine_stay(&stays, ctx, &in), RG_CONFLICT);
    assert_int_equal(rg_machine_stay(&stays, machine(t, OTHER, false), &in), RG_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(only_the_holder_changes_it, booking_clean),
        cmocka_unit_test_setup(an_offer_is_one_persons, booking_clean),
        cmocka_unit_test_setup(accepting_opens_only_ones_own, booking_clean),
        cmocka_unit_test_setup(the_maker_never_changes, booking_clean),
        cmocka_unit_test_setup(machines_see_what_they_made, booking_clean),
        cmocka_unit_test_setup(a_visit_stays_only_where_it_is, booking_clean),
        cmocka_unit_test_setup(booked_is_the_patients, booking_clean),
    };
    return cmocka_run_group_tests(tests, booking_setup, store_test_teardown);
}
