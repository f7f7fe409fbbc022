/* SPDX-License-Identifier: Apache-2.0 */
/* Consistency of time: every kind of contradiction is detected, the read model can be rebuilt,
 * edits of the clinic take effect at once, and a search costs the same number of statements however
 * much is booked. */
#include "booking_test.h"

#include <stdio.h>

#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/store/engine/sql.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/definitions.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/store/store.h"

/* --- contradictions --------------------------------------------------------------------------- */

static char last_line[200];

static void keep_line(void *baton, const char *line)
{
    (void)baton;
    apr_cpystrn(last_line, line, sizeof(last_line));
}

static int wrongs(store_test_t *t)
{
    rg_ctx_t *ctx = booking_ctx(t, 0);
    int count = -1;
    last_line[0] = '\0';
    assert_int_equal(rg_booking_check(&count, ctx, keep_line, NULL), RG_OK);
    store_test_done(ctx);
    return count;
}

/* Breaks one thing, expects it to be named, and mends it. */
static void breaks(store_test_t *t, const char *harm, const char *mend)
{
    store_test_exec(t, harm);
    if (wrongs(t) == 0 || !last_line[0]) {
        fail_msg("nobody noticed: %s", harm);
    }
    store_test_exec(t, mend);
    if (wrongs(t) != 0) {
        fail_msg("still wrong after %s: %s", mend, last_line);
    }
}

static void every_harm_is_noticed(void **state)
{
    store_test_t *t = *state;
    booking_must_hold(t, "chain", BOOKING_AT(2, 600));
    booking_must_hold(t, "days", BOOKING_AT(2, 660));
    assert_int_equal(wrongs(t), 0);
    breaks(t,
           "UPDATE booking SET status = 'cancelled', hold_expires_at = NULL WHERE service_id = 1",
           "UPDATE booking SET status = 'held', hold_expires_at = 1796137800 WHERE service_id = 1");
    breaks(t, "INSERT INTO occupancy VALUES (13, 100, 999999)",
           "DELETE FROM occupancy WHERE booking_id = 999999");
    breaks(t, "INSERT INTO occupancy SELECT 14, 100, id FROM booking WHERE service_id = 1",
           "DELETE FROM occupancy WHERE resource_id = 14");
    breaks(t, "UPDATE occupancy SET granule = granule + 100 WHERE resource_id = 11",
           "UPDATE occupancy SET granule = granule - 100 WHERE resource_id = 11");
    breaks(t, "UPDATE day_bitmap SET w3 = w3 ^ 1 WHERE resource_id = 11",
           "UPDATE day_bitmap SET w3 = w3 ^ 1 WHERE resource_id = 11");
    breaks(t, "INSERT INTO day_bitmap (resource_id, day, w4) VALUES (14, 5, 1)",
           "DELETE FROM day_bitmap WHERE resource_id = 14");
    breaks(t, "UPDATE booking_step SET ends_at = ends_at + 300 WHERE kind = 'process'",
           "UPDATE booking_step SET ends_at = ends_at - 300 WHERE kind = 'process'");
    breaks(t, "UPDATE booking SET ends_at = ends_at + 300",
           "UPDATE booking SET ends_at = ends_at - 300");
    breaks(t, "UPDATE appointment SET starts_at = starts_at - 300 WHERE visit_no = 2",
           "UPDATE appointment SET starts_at = starts_at + 300 WHERE visit_no = 2");
    breaks(t, "UPDATE booking_resource SET need_no = need_no + 6 WHERE step_no = 1",
           "UPDATE booking_resource SET need_no = need_no - 6 WHERE step_no = 1");
    breaks(t, "UPDATE booking_step SET visit_no = 3 WHERE step_no = 2",
           "UPDATE booking_step s JOIN booking b ON b.id = s.booking_id SET s.visit_no ="
           " IF(b.service_id = 4, 2, 1) WHERE s.step_no = 2");
}

/* A clinic may change its mind about future bookings. */
static void edited_definitions_are_no_contradiction(void **state)
{
    store_test_t *t = *state;
    booking_must_hold(t, "chain", BOOKING_AT(2, 600));
    store_test_exec(t, "UPDATE booking SET created_at = 1000");
    store_test_exec(t, "UPDATE service_step SET minutes = 35 WHERE service_id = 1 AND step_no = 2");
    assert_int_equal(wrongs(t), 0);
    store_test_exec(t, "UPDATE service_step SET minutes = 30 WHERE service_id = 1 AND step_no = 2");
}

static void rebuild_repairs(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = booking_ctx(t, 0);
    int repaired = -1;
    booking_must_hold(t, "chain", BOOKING_AT(2, 600));
    booking_must_hold(t, "scan", BOOKING_AT(3, 480));
    int64_t before = store_test_value(t, "SELECT SUM(CRC32(CONCAT_WS(',', resource_id, day, w0, w1,"
                                         " w2, w3, w4))) FROM day_bitmap");
    assert_int_equal(rg_booking_rebuild(&repaired, ctx), RG_OK);
    assert_int_equal(repaired, 0);
    store_test_exec(t, "DELETE FROM day_bitmap WHERE resource_id = 11");
    store_test_exec(t, "UPDATE day_bitmap SET w0 = ~0 WHERE resource_id = 5");
    assert_true(wrongs(t) >= 3);
    assert_int_equal(rg_booking_rebuild(&repaired, ctx), RG_OK);
    assert_int_equal(repaired, 3);
    assert_int_equal(wrongs(t), 0);
    assert_int_equal(store_test_value(t, "SELECT SUM(CRC32(CONCAT_WS(',', resource_id, day, w0, w1,"
                                         " w2, w3, w4))) FROM day_bitmap"),
                     before);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM audit_event WHERE action ="
                                         " 'calendar.repair'"),
                     3);
    store_test_done(ctx);
}

/* --- the process's copy of the definitions ---------------------------------------------------- */

static void edits_show_at_once(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = booking_ctx(t, 0);
    rg_ctx_t *later = booking_ctx(t, 0);
    rg_service_t *old;
    rg_service_t *new;
    rg_site_t *site;
    assert_int_equal(rg_catalogue_service(&old, &site, ctx, "scan"), RG_OK);
    assert_string_equal(old->name, "Scan");
    assert_string_equal(rg_zone_name(site->zone), "America/New_York");
    store_test_exec(t, "UPDATE service SET name = 'Picture' WHERE code = 'scan'");
    assert_int_equal(rg_catalogue_service(&new, &site, later, "scan"), RG_OK);
    assert_string_equal(new->name, "Picture");
    /* Whoever borrowed the old copy still reads it. */
    assert_string_equal(old->name, "Scan");
    store_test_exec(t, "UPDATE service SET name = 'Scan' WHERE code = 'scan'");
    store_test_done(ctx);
    store_test_done(later);
}

static int offers(store_test_t *t, const char *service)
{
    rg_ctx_t *ctx = booking_ctx(t, 0);
    rg_find_in_t in = {service, {2026, 12, 2}, 1, 0, 0, 0};
    rg_availability_t *a;
    rg_outcome_t rc = rg_availability_find(&a, ctx, &in);
    int count = rc == RG_OK ? a->days[0].count : -(int)rc;
    assert_true(rc == RG_OK || !rg_problems_any(ctx->problems));
    store_test_done(ctx);
    return count;
}

/* Searches and holds start from the kept definitions and must notice that they are old: when they
 * offer, and when they refuse. */
static void old_definitions_are_never_answered(void **state)
{
    store_test_t *t = *state;
    int64_t id;
    assert_int_equal(offers(t, "scan"), 18);
    store_test_exec(t, "INSERT INTO closure (site_id, resource_id, first_day, last_day,"
                       " start_minute, end_minute, reason) VALUES (1, 11, '2026-12-02',"
                       " '2026-12-02', 480, 720, 'test')");
    assert_int_equal(offers(t, "scan"), 10);
    store_test_exec(t, "UPDATE closure SET end_minute = 540 WHERE reason = 'test'");
    assert_int_equal(booking_hold(t, "scan", BOOKING_AT(2, 480), &id), RG_INVALID);
    assert_int_equal(booking_hold(t, "scan", BOOKING_AT(2, 540), &id), RG_OK);
    store_test_exec(t, "DELETE FROM closure WHERE reason = 'test'");
    assert_int_equal(booking_hold(t, "scan", BOOKING_AT(2, 480), &id), RG_OK);
    assert_int_equal(offers(t, "closed"), -RG_NOT_FOUND);
    store_test_exec(t, "UPDATE service SET active = 1 WHERE code = 'closed'");
    assert_int_equal(offers(t, "closed"), 18);
    store_test_exec(t, "UPDATE service SET active = 0 WHERE code = 'closed'");
    assert_int_equal(offers(t, "closed"), -RG_NOT_FOUND);
    store_test_exec(t, "UPDATE service SET horizon_days = 1 WHERE code = 'scan'");
    assert_int_equal(booking_hold(t, "scan", BOOKING_AT(3, 480), &id), RG_INVALID);
    store_test_exec(t, "UPDATE service SET horizon_days = 90 WHERE code = 'scan'");
    assert_int_equal(booking_hold(t, "scan", BOOKING_AT(3, 480), &id), RG_OK);
}

/* Every table of definitions moves the version, with every kind of edit. */
static void every_edit_is_news(void **state)
{
    static const char *const tables[] = {"site",         "resource",     "resource_capability",
                                         "opening",      "closure",      "service",
                                         "service_step", "service_need", "service_body_site"};
    store_test_t *t = *state;
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        assert_int_equal(
            store_test_value(
                t, apr_psprintf(t->pool,
                                "SELECT COUNT(*) FROM information_schema.triggers WHERE"
                                " event_object_schema = DATABASE() AND event_object_table = '%s'"
                                " AND action_statement LIKE '%%catalogue_version%%'",
                                tables[i])),
            3);
    }
    const char *version = "SELECT version FROM catalogue_version";
    int64_t before = store_test_value(t, version);
    store_test_exec(t, "INSERT INTO closure (site_id, first_day, last_day, reason) VALUES"
                       " (1, '2026-12-09', '2026-12-09', 'x')");
    int64_t after = store_test_value(t, version);
    assert_true(after != before);
    store_test_exec(t, "DELETE FROM closure WHERE reason = 'x'");
    assert_true(store_test_value(t, version) != after);
}

static void catalogue_is_complete(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = booking_ctx(t, 0);
    rg_catalogue_t *list;
    rg_service_t *s;
    rg_site_t *site;
    assert_int_equal(rg_catalogue_list(&list, ctx), RG_OK);
    assert_int_equal(list->count, 5);
    assert_string_equal(list->services[0]->code, "chain");
    assert_string_equal(list->site->code, "main");
    assert_int_equal(rg_catalogue_service(&s, &site, ctx, "closed"), RG_NOT_FOUND);
    assert_int_equal(rg_catalogue_by_id(&s, &site, ctx, 6), RG_OK);
    assert_string_equal(s->code, "closed");
    assert_int_equal(rg_catalogue_service(&s, &site, ctx, "chain"), RG_OK);
    assert_int_equal(s->step_count, 5);
    assert_int_equal(s->steps[1].need_count, 3);
    assert_string_equal(s->steps[1].needs[1].capability, "room");
    assert_string_equal(s->steps[1].needs[1].bind, "room");
    assert_int_equal(s->steps[1].needs[1].turnover, 15);
    assert_false(s->steps[2].patient_present);
    assert_int_equal(s->steps[3].gap_max, 60);
    assert_int_equal(s->body_site_count, 2);
    assert_int_equal(s->price.minor, 460000);
    store_test_done(ctx);
}

/* --- statements ------------------------------------------------------------------------------- */

static rg_outcome_t count_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    static const char SQL[] = "SELECT CAST(variable_value AS SIGNED) FROM"
                              " information_schema.session_status WHERE variable_name ="
                              " 'COM_STMT_EXECUTE'";
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, SQL, RG_IN_NONE);
    if (rc == RG_OK) {
        *(int64_t *)baton = rg_cur_next(c) ? rg_cur_i64(c, 0) : -1;
        rc = rg_cur_end(c);
    }
    return rc;
}

static int64_t executed(const rg_ctx_t *ctx)
{
    int64_t count = -1;
    assert_int_equal(rg_store_read(ctx, count_work, &count), RG_OK);
    return count;
}

static int64_t statements_of_find(const rg_ctx_t *ctx, int days)
{
    rg_find_in_t in = {"chain", {2026, 12, 2}, days, 0, 0, 0};
    rg_availability_t *a;
    int64_t before = executed(ctx);
    assert_int_equal(rg_availability_find(&a, ctx, &in), RG_OK);
    return executed(ctx) - before - 1;
}

static void search_costs_one_statement(void **state)
{
    store_test_t *t = *state;
    apr_pool_t *pool;
    rg_store_conf_t one = t->conf;
    one.max = 1;
    rg_ctx_t *ctx = booking_ctx(t, 0);
    ctx->store = store_test_open(t, &pool, &one);
    statements_of_find(ctx, 1); /* reads the definitions */
    assert_int_equal(statements_of_find(ctx, 1), 1);
    for (int i = 0; i < 15; i++) {
        booking_must_hold(t, "spin", BOOKING_AT(2, 480 + 30 * i));
    }
    /* The first learns that what was kept is not true anymore, and reads; then it is kept again. */
    assert_int_equal(statements_of_find(ctx, 1), 2);
    assert_int_equal(statements_of_find(ctx, 1), 1);
    assert_int_equal(statements_of_find(ctx, 62), 1);
    store_test_done(ctx);
    apr_pool_destroy(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_harm_is_noticed, booking_clean),
        cmocka_unit_test_setup(edited_definitions_are_no_contradiction, booking_clean),
        cmocka_unit_test_setup(rebuild_repairs, booking_clean),
        cmocka_unit_test_setup(edits_show_at_once, booking_clean),
        cmocka_unit_test_setup(old_definitions_are_never_answered, booking_clean),
        cmocka_unit_test_setup(every_edit_is_news, booking_clean),
        cmocka_unit_test_setup(catalogue_is_complete, booking_clean),
        cmocka_unit_test_setup(search_costs_one_statement, booking_clean),
    };
    return cmocka_run_group_tests(tests, booking_setup, store_test_teardown);
}
