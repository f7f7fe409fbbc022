/* SPDX-License-Identifier: Apache-2.0 */
/* The front desk against a real database: finding patients and times, holding, booking before the
 * forms are signed, new links; and refused roles. */
#include "booking_test.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/desk.h"
#include "regen/clinic/patient.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/store/schema.h"

static rg_ctx_t *with_roles(store_test_t *t, unsigned roles)
{
    rg_ctx_t *ctx = booking_staff(t, 0);
    ctx->who.roles = roles;
    return ctx;
}

static int setup(void **state)
{
    booking_setup(state);
    store_test_exec(
        *state,
        "INSERT INTO patient (id, uid, family, given, birth_date, gender, email, phone,"
        " address_line, city, state, postal_code, created_at) VALUES"
        " (2, '00000000000000000000000052', 'Walk%er', 'Bea', '1961-02-03', 'female', 'b@e.org',"
        " '603-555-0100', '2 Elm', 'B', 'NH', '03801', 0),"
        " (3, '00000000000000000000000053', 'Müller', 'Jörg', '1970-05-06', 'male', 'c@e.org',"
        " '603-555-0101', '3 Elm', 'B', 'NH', '03801', 0)");
    rg_ctx_t *ctx = booking_staff(*state, 0);
    int named = 0;
    assert_int_equal(rg_store_names(&named, ctx), RG_OK);
    assert_int_equal(named, 3);
    store_test_done(ctx);
    store_test_exec(*state,
                    "INSERT INTO payer (id, code, name, payer_id) VALUES (1, 'p', 'Payer', 'X')");
    store_test_exec(*state, "INSERT INTO coverage (id, uid, patient_id, payer_id, member_id,"
                            " created_at) VALUES (1, '00000000000000000000000071', 1, 1, 'M1', 0)");
    store_test_exec(*state,
                    "INSERT INTO service (id, uid, site_id, code, name, summary, audience,"
                    " start_grid, notice_minutes, horizon_days, needs_body_site, price_minor)"
                    " VALUES (9, '00000000000000000000000039', 1, 'inside', 'Inside', '', 'staff',"
                    " 30, 0, 90, 0, 100)");
    store_test_exec(*state, "INSERT INTO service_step (service_id, step_no, kind, name, minutes)"
                            " VALUES (9, 1, 'consult', 'Talk', 30)");
    store_test_exec(*state, "INSERT INTO service_need (service_id, step_no, need_no, capability)"
                            " VALUES (9, 1, 1, 'doctor')");
    booking_prices(*state);
    return 0;
}

/* --- patients --------------------------------------------------------------------------------- */

static int found_by(store_test_t *t, const rg_patient_wish_t *in)
{
    rg_ctx_t *ctx = booking_staff(t, 0);
    rg_patient_hits_t *hits = NULL;
    rg_outcome_t rc = rg_desk_patients(&hits, ctx, in);
    int count = rc == RG_OK ? hits->count : -(int)rc;
    store_test_done(ctx);
    return count;
}

static int found(store_test_t *t, const char *family, const char *given, const char *born)
{
    return found_by(t, &(rg_patient_wish_t){family, given, born, NULL});
}

static int reached(store_test_t *t, const char *reach, const char *family)
{
    return found_by(t, &(rg_patient_wish_t){.family = family, .reach = reach});
}

static void patients_are_found_by_what_people_say(void **state)
{
    store_test_t *t = *state;
    assert_int_equal(found(t, "walk", "", ""), 2);
    assert_int_equal(found(t, "walker", "", ""), 2); /* signs do not count */
    assert_int_equal(found(t, "Walk%", "", ""), 2);
    assert_int_equal(found(t, "%", "", ""), 0);
    assert_int_equal(found(t, "_alk", "", ""), 0);
    assert_int_equal(found(t, "walk", "be", ""), 1);
    assert_int_equal(found(t, "muller", "jorg", ""), 1);
    assert_int_equal(found(t, "Mu\u0308ller", "J\u00f6rg", ""), 1);
    assert_int_equal(found(t, "", "", "1961-02-03"), 2);
    assert_int_equal(found(t, "", "", "2/3/61"), 2);
    assert_int_equal(found(t, "walker", "", "Feb 3, 1961"), 2);
    assert_int_equal(found(t, "walker", "", "1961-02-04"), 0);
    assert_int_equal(found(t, "", "ann", ""), 1);
    assert_int_equal(found(t, "", "%", ""), 0);
    assert_int_equal(found(t, "", "ann", "1961-02-03"), 1);
    assert_int_equal(found(t, "", "", ""), -RG_INVALID);
    assert_int_equal(found(t, "walker", "", "2/30/1961"), -RG_INVALID);
    assert_int_equal(found(t, "walker", "", "2.3.1961"), -RG_INVALID);
    assert_true(store_test_value(t, "SELECT COUNT(*) FROM audit_event WHERE action ="
                                    " 'patient.search' AND detail = 'hits:2'") > 0);
}

static void patients_are_found_by_how_they_are_reached(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_hold(t, "spin", BOOKING_AT(3, 600));
    booking_fill_for(t, id, 3);
    store_test_exec(
        t, apr_psprintf(t->pool, "UPDATE booking SET number = '76RR33X5Y' WHERE id = %d", (int)id));
    assert_int_equal(reached(t, "603-555-0101", ""), 1);
    assert_int_equal(reached(t, "+1 (603) 555 0101", ""), 1);
    assert_int_equal(reached(t, "603 555 0101", "mull"), 1);
    assert_int_equal(reached(t, "603 555 0101", "walk"), 0); /* all that is said counts */
    assert_int_equal(reached(t, "603-555-0777", ""), 0);
    assert_int_equal(reached(t, "C@E.org", ""), 1);
    assert_int_equal(reached(t, "zz@e.org", ""), 0);
    assert_int_equal(reached(t, "76R R33 X5Y", ""), 1);
    assert_int_equal(reached(t, "76rr33x5y", "mull"), 1);
    assert_int_equal(reached(t, "76R R33 X5X", ""), 0);
    assert_int_equal(reached(t, "76R R33", ""), -RG_INVALID);
    assert_int_equal(reached(t, "0101", ""), -RG_INVALID);
    assert_int_equal(reached(t, "c@", "mull"), -RG_INVALID);
}

static void a_patient_has_all_bookings(void **state)
{
    store_test_t *t = *state;
    int64_t held = booking_must_hold(t, "scan", BOOKING_AT(2, 600));
    int64_t later = booking_must_hold(t, "spin", BOOKING_AT(3, 600));
    rg_ctx_t *ctx = booking_staff(t, 60);
    rg_patient_file_t *file;
    booking_fill_for(t, held, 1);
    booking_fill_for(t, later, 1);
    store_test_exec(t, apr_psprintf(t->pool,
                                    "UPDATE booking SET status = 'booked',"
                                    " hold_expires_at = NULL WHERE id = %d",
                                    (int)later));
    assert_int_equal(rg_desk_patient(&file, ctx, "00000000000000000000000051"), RG_OK);
    assert_string_equal(file->patient->family, "Walker");
    assert_int_equal(file->booking_count, 2);
    assert_int_equal(file->bookings[0]->id, later);
    assert_int_equal(file->bookings[0]->status, RG_BOOKING_BOOKED);
    assert_int_equal(file->bookings[1]->status, RG_BOOKING_EXPIRED);
    assert_int_equal(rg_desk_patient(&file, ctx, "00000000000000000000000059"), RG_NOT_FOUND);
    assert_int_equal(rg_desk_patient(&file, ctx, "x'"), RG_NOT_FOUND);
    store_test_done(ctx);
}

/* --- times ------------------------------------------------------------------------------------ */

static rg_desk_times_t *times(const rg_ctx_t *ctx, rg_desk_find_in_t in)
{
    rg_desk_times_t *out;
    assert_int_equal(rg_desk_times(&out, ctx, &in), RG_OK);
    return out;
}

static void the_next_times_are_those_of_the_search(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = booking_staff(t, 0);
    rg_availability_t *a;
    rg_find_in_t whole = {.service_code = "scan", .days = 31};
    rg_desk_times_t *some = times(ctx, (rg_desk_find_in_t){.service_code = "scan"});
    assert_int_equal(rg_availability_find(&a, ctx, &whole), RG_OK);
    assert_int_equal(some->count, RG_DESK_TIMES);
    assert_true(some->more);
    int n = 0;
    for (int d = 0; n < some->count && d < a->day_count; d++) {
        for (int i = 0; n < some->count && i < a->days[d].count; i++) {
            assert_true(some->starts[n++] == a->days[d].starts[i]);
        }
    }
    /* What is asked for next goes on where this ended. */
    apr_time_t last = some->starts[some->count - 1];
    rg_desk_times_t *next = times(
        ctx, (rg_desk_find_in_t){.service_code = "scan", .from = {2026, 12, 2}, .after = last});
    assert_true(next->starts[0] == last + apr_time_from_sec(1800));
    store_test_done(ctx);
}

static void the_part_of_the_day_is_kept(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = booking_staff(t, 0);
    rg_desk_times_t *m =
        times(ctx, (rg_desk_find_in_t){.service_code = "scan", .part = RG_PART_MORNING});
    for (int i = 0; i < m->count; i++) {
        assert_true(rg_zone_local(m->site->zone, m->starts[i]).minute < 720);
    }
    rg_desk_times_t *a =
        times(ctx, (rg_desk_find_in_t){.service_code = "scan", .part = RG_PART_AFTERNOON});
    for (int i = 0; i < a->count; i++) {
        assert_true(rg_zone_local(a->site->zone, a->starts[i]).minute >= 720);
    }
    assert_int_equal(m->count, RG_DESK_TIMES);
    assert_int_equal(a->count, RG_DESK_TIMES);
    /* Nobody works in the evening: looked for to the horizon, and said so. */
    rg_desk_times_t *e =
        times(ctx, (rg_desk_find_in_t){.service_code = "scan", .part = RG_PART_EVENING});
    assert_int_equal(e->count, 0);
    assert_false(e->more);
    store_test_done(ctx);
}

static void only_staff_see_what_only_staff_book(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = booking_staff(t, 0);
    rg_desk_times_t *mine = times(ctx, (rg_desk_find_in_t){.service_code = "inside"});
    assert_int_equal(mine->count, RG_DESK_TIMES);
    assert_int_equal(mine->person_count, 2);
    rg_desk_hold_in_t in = {.wish = {"inside", mine->starts[1], 2},
                            .patient_uid = "00000000000000000000000051"};
    rg_hold_t hold;
    assert_int_equal(rg_desk_hold(&hold, ctx, &in), RG_OK);
    assert_int_equal(hold.booking->resources[0].resource_id, 2);
    store_test_done(ctx);
}

/* --- booking for somebody --------------------------------------------------------------------- */

static int64_t desk_hold(store_test_t *t, const char *service, const char *patient)
{
    rg_ctx_t *ctx = booking_staff(t, 0);
    rg_desk_hold_in_t in = {.wish = {service, BOOKING_AT(2, 600), 0}, .patient_uid = patient};
    rg_hold_t hold;
    assert_int_equal(rg_desk_hold(&hold, ctx, &in), RG_OK);
    int64_t id = hold.booking->id;
    store_test_done(ctx);
    return id;
}

static void held_for_a_patient_from_the_first_moment(void **state)
{
    store_test_t *t = *state;
    int64_t id = desk_hold(t, "chain", "00000000000000000000000053");
    rg_ctx_t *ctx = booking_staff(t, 0);
    rg_booking_t *b;
    assert_int_equal(rg_booking_get(&b, ctx, id), RG_OK);
    assert_int_equal(b->patient_id, 3);
    assert_string_equal(b->source, "staff");
    assert_int_equal(b->self_pay, -1);
    assert_int_equal(booking_wrongs(t), 0);
    rg_desk_hold_in_t in = {.wish = {"chain", BOOKING_AT(2, 600), 0},
                            .patient_uid = "00000000000000000000000059"};
    rg_hold_t hold;
    assert_int_equal(rg_desk_hold(&hold, ctx, &in), RG_NOT_FOUND);
    /* Who comes alone leaves no trace of the front desk. */
    assert_int_equal(rg_booking_get(&b, ctx, booking_must_hold(t, "scan", BOOKING_AT(2, 900))),
                     RG_OK);
    assert_string_equal(b->source, "patient");
    store_test_done(ctx);
}

static void the_form_begins_with_what_is_known(void **state)
{
    store_test_t *t = *state;
    int64_t before = booking_must_hold(t, "scan", BOOKING_AT(4, 600));
    booking_fill_for(t, before, 1);
    store_test_exec(t, apr_psprintf(t->pool,
                                    "UPDATE booking SET coverage_id = 1, self_pay = 0"
                                    " WHERE id = %d",
                                    (int)before));
    int64_t id = desk_hold(t, "chain", "00000000000000000000000051");
    rg_ctx_t *ctx = booking_staff(t, 0);
    rg_details_t *d;
    assert_int_equal(rg_desk_details(&d, ctx, id), RG_OK);
    assert_string_equal(d->patient->family, "Walker");
    assert_string_equal(d->coverage->member_id, "M1");
    store_test_done(ctx);
}

static rg_outcome_t save(store_test_t *t, int64_t id, const char *family)
{
    rg_ctx_t *ctx = booking_staff(t, 0);
    rg_details_in_t in = {.family = family,
                          .given = "Ann",
                          .birth_date = "2/3/1961",
                          .gender = "female",
                          .email = "a@example.org",
                          .phone = "603-555-0199",
                          .address_line = "1 Elm",
                          .city = "B",
                          .state = "NH",
                          .postal_code = "03801",
                          .body_site = "knee",
                          .side = "left",
                          .pay = "self"};
    rg_outcome_t rc = rg_details_save(ctx, id, &in);
    store_test_done(ctx);
    return rc;
}

/* As the patient's page does it: what, why and who first. */
static void move_house(store_test_t *t, const char *from, const char *to)
{
    store_test_exec(t, "INSERT IGNORE INTO staff (id, login, name) VALUES (71, 'mover', 'Mo')");
    store_test_exec(t, apr_psprintf(t->pool,
                                    "INSERT INTO patient_change (patient_id, field, old_value,"
                                    " new_value, reason, at, staff_id) VALUES (1, 'city', '%s',"
                                    " '%s', 'moved', 1, 71)",
                                    from, to));
    store_test_exec(t, apr_psprintf(t->pool, "UPDATE patient SET city = '%s' WHERE id = 1", to));
}

/* Another name for a chosen patient is a mistake, and another address is this booking's alone. */
static void who_is_known_is_not_written(void **state)
{
    store_test_t *t = *state;
    int64_t id = desk_hold(t, "chain", "00000000000000000000000051");
    assert_int_equal(save(t, id, "Byron"), RG_INVALID);
    assert_int_equal(store_test_value(t, "SELECT patient_id FROM booking"), 1);
    assert_string_equal(store_test_text(t, "SELECT family FROM patient WHERE id = 1"), "Walker");
    move_house(t, "B", "Elsewhere");
    const char *before =
        store_test_text(t, "SELECT MD5(CONCAT_WS('|', family, given, birth_date, phone, city,"
                           " version)) FROM patient WHERE id = 1");
    assert_int_equal(save(t, id, "WALKER"), RG_OK);
    assert_string_equal(store_test_text(t, "SELECT MD5(CONCAT_WS('|', family, given, birth_date,"
                                           " phone, city, version)) FROM patient WHERE id = 1"),
                        before);
    assert_string_equal(store_test_text(t, "SELECT CONCAT_WS(' ', p.given, p.family, p.city) FROM"
                                           " booking b JOIN patient p ON p.id = b.patient_id AND"
                                           " p.id > 1"),
                        "Ann Walker B");
    move_house(t, "Elsewhere", "B");
}

/* Who books signs later; nobody else books what staff hold, and no step begins before. */
static void forms_may_be_signed_later(void **state)
{
    store_test_t *t = *state;
    int64_t id = desk_hold(t, "chain", "00000000000000000000000051");
    rg_ctx_t *staff = booking_staff(t, 0);
    rg_ctx_t *patient = booking_patient(t, 0, id);
    const char *link;
    store_test_exec(t, "INSERT IGNORE INTO form (id, code, name) VALUES (1, 'f', 'Form')");
    store_test_exec(t, "INSERT IGNORE INTO service_form (service_id, form_id) VALUES (1, 1)");
    assert_int_equal(rg_booking_confirm(&link, staff, id), RG_PRECONDITION);
    assert_non_null(rg_problem_for(staff->problems, "details"));
    assert_int_equal(save(t, id, "Walker"), RG_OK);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM patient WHERE uid NOT LIKE 'P%'"),
                     3);
    assert_int_equal(rg_booking_confirm(&link, patient, id), RG_NOT_FOUND);
    staff->problems = rg_problems_make(staff->pool);
    assert_int_equal(rg_booking_confirm(&link, staff, id), RG_OK);
    rg_check_in_t in = {"1961-02-03", "clinic-asked", NULL, NULL};
    assert_int_equal(rg_day_check_in(staff, id, &in), RG_PRECONDITION);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM step_event"), 0);
    store_test_done(patient);
    store_test_done(staff);
}

static void a_new_link_ends_the_old_one(void **state)
{
    store_test_t *t = *state;
    int64_t id = desk_hold(t, "scan", "00000000000000000000000051");
    rg_ctx_t *ctx = booking_staff(t, 0);
    const char *first;
    const char *second;
    int64_t who = 0;
    assert_int_equal(rg_desk_link(&second, ctx, id), RG_PRECONDITION);
    booking_fill_for(t, id, 1);
    assert_int_equal(rg_booking_confirm(&first, ctx, id), RG_OK);
    assert_int_equal(rg_desk_link(&second, ctx, id), RG_OK);
    assert_string_not_equal(first, second);
    assert_int_equal(rg_booking_by_link(&who, ctx, first), RG_NOT_FOUND);
    assert_int_equal(rg_booking_by_link(&who, ctx, second), RG_OK);
    assert_int_equal(who, id);
    assert_int_equal(
        store_test_value(t, "SELECT COUNT(*) FROM audit_event WHERE action = 'booking.link'"), 1);
    store_test_done(ctx);
}

/* --- who may not ------------------------------------------------------------------------------ */

static void billing_patients_and_strangers_may_not(void **state)
{
    store_test_t *t = *state;
    static const unsigned roles[] = {RG_ROLE_BILLING, RG_ROLE_PATIENT, RG_ROLE_MACHINE, 0};
    for (size_t i = 0; i < 4; i++) {
        rg_ctx_t *ctx = with_roles(t, roles[i]);
        rg_patient_wish_t seek = {.family = "w"};
        rg_desk_find_in_t find = {.service_code = "scan"};
        rg_desk_hold_in_t hold = {.wish = {"scan", BOOKING_AT(2, 600), 0}, .patient_uid = NULL};
        rg_patient_hits_t *hits;
        rg_patient_file_t *file;
        rg_desk_times_t *list;
        rg_hold_t held;
        const char *link;
        assert_int_equal(rg_desk_patients(&hits, ctx, &seek), RG_FORBIDDEN);
        assert_int_equal(rg_desk_patient(&file, ctx, "00000000000000000000000051"), RG_FORBIDDEN);
        assert_int_equal(rg_desk_times(&list, ctx, &find), RG_FORBIDDEN);
        assert_int_equal(rg_desk_hold(&held, ctx, &hold), RG_FORBIDDEN);
        assert_int_equal(rg_desk_link(&link, ctx, 1), RG_FORBIDDEN);
        store_test_done(ctx);
    }
    assert_int_equal(booking_taken(t), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(patients_are_found_by_what_people_say, booking_clean),
        cmocka_unit_test_setup(patients_are_found_by_how_they_are_reached, booking_clean),
        cmocka_unit_test_setup(a_patient_has_all_bookings, booking_clean),
        cmocka_unit_test_setup(the_next_times_are_those_of_the_search, booking_clean),
        cmocka_unit_test_setup(the_part_of_the_day_is_kept, booking_clean),
        cmocka_unit_test_setup(only_staff_see_what_only_staff_book, booking_clean),
        cmocka_unit_test_setup(held_for_a_patient_from_the_first_moment, booking_clean),
        cmocka_unit_test_setup(the_form_begins_with_what_is_known, booking_clean),
        cmocka_unit_test_setup(forms_may_be_signed_later, booking_clean),
        cmocka_unit_test_setup(who_is_known_is_not_written, booking_clean),
        cmocka_unit_test_setup(a_new_link_ends_the_old_one, booking_clean),
        cmocka_unit_test_setup(billing_patients_and_strangers_may_not, booking_clean),
    };
    return cmocka_run_group_tests(tests, setup, store_test_teardown);
}
