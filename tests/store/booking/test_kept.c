/* SPDX-License-Identifier: Apache-2.0 */
/* Cached search results are never shown when they are outdated: whoever occupies or releases time,
 * in whatever order transactions commit or roll back. */
#include "booking_test.h"

#include <apr_thread_cond.h>

#include "mod_regen/store/engine/sql.h"
#include "regen/clinic/booking.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/place.h"
#include "regen/store/calendar.h"
#include "regen/store/store.h"

static const rg_date_t wednesday = {2026, 12, 2};

/* Another process's store: its own connections to the same database. */
static rg_store_t *other;
static rg_store_t *one;

static int setup(void **state)
{
    booking_setup(state);
    store_test_t *t = *state;
    apr_pool_t *pool;
    rg_store_conf_t *conf = apr_pmemdup(t->pool, &t->conf, sizeof(t->conf));
    other = store_test_open(t, &pool, conf);
    rg_store_conf_t *single = apr_pmemdup(t->pool, &t->conf, sizeof(t->conf));
    single->max = 1;
    one = store_test_open(t, &pool, single);
    return 0;
}

/* --- asking ----------------------------------------------------------------------------------- */

static rg_availability_t *ask(const rg_ctx_t *ctx, const char *service, int days)
{
    rg_find_in_t in = {.service_code = service, .from = wednesday, .days = days};
    rg_availability_t *a = NULL;
    assert_int_equal(rg_availability_find(&a, ctx, &in), RG_OK);
    return a;
}

static int count_at(store_test_t *t, int seconds, const char *service)
{
    rg_ctx_t *ctx = booking_ctx(t, 0);
    ctx->now += apr_time_from_sec(seconds);
    int count = ask(ctx, service, 1)->days[0].count;
    store_test_done(ctx);
    return count;
}

static int count(store_test_t *t, const char *service)
{
    return count_at(t, 0, service);
}

static int count_two_days(store_test_t *t, const char *service)
{
    rg_ctx_t *ctx = booking_ctx(t, 0);
    rg_availability_t *a = ask(ctx, service, 2);
    int sum = a->days[0].count + a->days[1].count;
    store_test_done(ctx);
    return sum;
}

static rg_outcome_t executed_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
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

/* Statements of a search: 1 when what was kept is shown, or nothing was kept; 2 when it was old. */
static int cost(store_test_t *t, const char *service)
{
    int64_t before;
    int64_t after;
    rg_ctx_t *ctx = booking_ctx(t, 0);
    ctx->store = one;
    assert_int_equal(rg_store_read(ctx, executed_work, &before), RG_OK);
    ask(ctx, service, 1);
    assert_int_equal(rg_store_read(ctx, executed_work, &after), RG_OK);
    store_test_done(ctx);
    return (int)(after - before) - 1;
}

static int64_t hold_elsewhere(store_test_t *t, const char *service, apr_time_t start)
{
    rg_ctx_t *ctx = booking_ctx(t, 0);
    rg_hold_in_t in = {service, start, 0};
    rg_hold_t out;
    ctx->store = other;
    assert_int_equal(rg_booking_hold(&out, ctx, &in), RG_OK);
    int64_t id = out.booking->id;
    store_test_done(ctx);
    return id;
}

/* --- what others do shows at once ------------------------------------------------------------- */

static void kept_while_nothing_changes(void **state)
{
    store_test_t *t = *state;
    assert_true(cost(t, "scan") > 1); /* what is kept belongs to the store: nothing yet */
    assert_int_equal(cost(t, "scan"), 1);
    int64_t id = hold_elsewhere(t, "scan", BOOKING_AT(2, 480));
    assert_int_equal(cost(t, "scan"), 2);
    assert_int_equal(cost(t, "scan"), 1);
    /* Who the patient is moves no time. */
    booking_fill(t, id);
    assert_int_equal(cost(t, "scan"), 1);
    store_test_exec(t, "UPDATE service SET name = 'Scan!' WHERE code = 'scan'");
    assert_true(cost(t, "scan") > 1);
}

static void what_others_do_shows_at_once(void **state)
{
    store_test_t *t = *state;
    assert_int_equal(count(t, "scan"), 18);
    int64_t id = hold_elsewhere(t, "scan", BOOKING_AT(2, 480));
    assert_int_equal(count(t, "scan"), 17);
    rg_ctx_t *holder = booking_patient(t, 0, id);
    rg_move_in_t in = {.start = BOOKING_AT(3, 480)};
    rg_hold_t out;
    holder->store = other;
    assert_int_equal(rg_booking_move(&out, holder, id, &in), RG_OK);
    assert_int_equal(count(t, "scan"), 18);
    in.start = BOOKING_AT(2, 600);
    assert_int_equal(rg_booking_move(&out, holder, id, &in), RG_OK);
    assert_int_equal(count(t, "scan"), 17);
    assert_int_equal(rg_booking_cancel(holder, id, "test"), RG_OK);
    assert_int_equal(count(t, "scan"), 18);
    store_test_done(holder);
}

static void a_hold_that_is_over_shows(void **state)
{
    store_test_t *t = *state;
    hold_elsewhere(t, "scan", BOOKING_AT(2, 480));
    assert_int_equal(count_at(t, 0, "scan"), 17);
    assert_int_equal(count_at(t, 0, "scan"), 17);
    store_test_exec(t, "UPDATE booking SET hold_expires_at = 1796137230"); /* half a minute on */
    assert_int_equal(count_at(t, 0, "scan"), 17);
    assert_int_equal(count_at(t, 40, "scan"), 18);
}

/* Notice is of the moment: what was found earlier is answered by the clock of now. */
static void notice_is_not_kept(void **state)
{
    store_test_t *t = *state;
    rg_find_in_t in = {.service_code = "scan", .from = {2026, 12, 1}, .days = 1};
    for (int i = 0; i < 2; i++) {
        for (int second = -20; second <= 20; second += 20) {
            rg_ctx_t *ctx = booking_ctx(t, 0);
            rg_availability_t *a;
            ctx->now = BOOKING_AT(1, 630) + apr_time_from_sec(second);
            assert_int_equal(rg_availability_find(&a, ctx, &in), RG_OK);
            assert_true(a->next_free == BOOKING_AT(1, second >= 0 ? 660 : 630));
            store_test_done(ctx);
        }
    }
}

static void the_read_model_made_anew_shows(void **state)
{
    store_test_t *t = *state;
    hold_elsewhere(t, "scan", BOOKING_AT(2, 480));
    assert_int_equal(count(t, "scan"), 17);
    store_test_exec(t, "UPDATE day_bitmap SET w2 = w2 | (1 << 63) WHERE resource_id = 11");
    rg_ctx_t *ctx = booking_ctx(t, 0);
    int repaired = 0;
    ctx->store = other;
    assert_int_equal(rg_booking_rebuild(&repaired, ctx), RG_OK);
    assert_int_equal(repaired, 1);
    store_test_done(ctx);
    assert_int_equal(cost(t, "scan"), 2);
    assert_int_equal(count(t, "scan"), 17);
}

/* --- transactions that take their time -------------------------------------------------------- */

/* Takes the C-arm for the booking and waits to be told to commit or to give up. */
typedef struct {
    store_test_t *t;
    apr_thread_mutex_t *lock;
    apr_thread_cond_t *moved;
    int64_t booking;
    int64_t granule;
    int stage; /* 1: taken, not committed; 2: may end */
    rg_outcome_t how;
} slow_t;

static void await(slow_t *s, int stage)
{
    apr_thread_mutex_lock(s->lock);
    while (s->stage < stage) {
        apr_thread_cond_wait(s->moved, s->lock);
    }
    apr_thread_mutex_unlock(s->lock);
}

static void reach(slow_t *s, int stage)
{
    apr_thread_mutex_lock(s->lock);
    s->stage = stage;
    apr_thread_cond_broadcast(s->moved);
    apr_thread_mutex_unlock(s->lock);
}

static rg_outcome_t slow_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    slow_t *s = baton;
    rg_span_t span = {11, s->granule, s->granule + 6};
    rg_outcome_t rc = rg_calendar_take(db, ctx, s->booking, &span, 1);
    assert_int_equal(rc, RG_OK);
    reach(s, 1);
    await(s, 2);
    return s->how;
}

static void *APR_THREAD_FUNC slow_thread(apr_thread_t *thread, void *baton)
{
    slow_t *s = baton;
    rg_ctx_t *ctx = booking_ctx(s->t, 0);
    ctx->store = other;
    assert_int_equal(rg_store_transact(ctx, slow_work, s), s->how);
    store_test_done(ctx);
    (void)thread;
    return NULL;
}

static void late_commit(store_test_t *t, rg_outcome_t how, int expected)
{
    apr_thread_t *thread;
    apr_status_t status;
    slow_t s = {.t = t, .how = how};
    s.booking = hold_elsewhere(t, "spin", BOOKING_AT(2, 480));
    s.granule = apr_time_sec(BOOKING_AT(2, 480)) / RG_GRANULE_SEC;
    apr_thread_mutex_create(&s.lock, APR_THREAD_MUTEX_DEFAULT, t->pool);
    apr_thread_cond_create(&s.moved, t->pool);
    assert_int_equal(count_two_days(t, "scan"), 34);
    apr_thread_create(&thread, NULL, slow_thread, &s, t->pool);
    await(&s, 1);
    /* Not committed: still offered. Somebody who came later commits first. */
    assert_int_equal(count_two_days(t, "scan"), 34);
    hold_elsewhere(t, "scan", BOOKING_AT(3, 480));
    assert_int_equal(count_two_days(t, "scan"), 33);
    assert_int_equal(count_two_days(t, "scan"), 33);
    reach(&s, 2);
    apr_thread_join(&status, thread);
    assert_int_equal(count_two_days(t, "scan"), expected);
}

static void the_order_of_commits_does_not_matter(void **state)
{
    late_commit(*state, RG_OK, 32);
}

static void what_is_rolled_back_changes_nothing(void **state)
{
    late_commit(*state, RG_INVALID, 33);
}

/* --- everything against everything ------------------------------------------------------------ */

static uint64_t seed = 4711;

static int pick(int n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int)((seed >> 33) % (uint64_t)n);
}

static void change_something(store_test_t *t, int64_t *ids, int *n)
{
    static const char *const services[] = {"chain", "scan", "spin", "days", "pair"};
    rg_ctx_t *ctx = booking_staff(t, 0);
    rg_hold_in_t in = {services[pick(5)], BOOKING_AT(2 + pick(2), 480 + 30 * pick(18)), 0};
    rg_move_in_t to = {.start = BOOKING_AT(2 + pick(2), 480 + 30 * pick(18))};
    rg_hold_t out;
    ctx->store = pick(2) ? other : t->store;
    int what = *n == 0 ? 0 : pick(4);
    int which = *n > 0 ? pick(*n) : 0;
    if (what <= 1 && *n < 40) {
        ids[*n] = rg_booking_hold(&out, ctx, &in) == RG_OK ? out.booking->id : 0;
        *n += ids[*n] != 0;
    }
    else if (what == 2) {
        (void)rg_booking_move(&out, ctx, ids[which], &to);
    }
    else {
        (void)rg_booking_cancel(ctx, ids[which], "test");
        ids[which] = ids[--*n];
    }
    store_test_done(ctx);
}

/* The same days by a question that was asked before and by one that never was. */
static void kept_answers_are_true_answers(void **state)
{
    store_test_t *t = *state;
    static const char *const services[] = {"chain", "scan", "days"};
    int64_t ids[41];
    int n = 0;
    for (int round = 0; round < 50; round++) {
        change_something(t, ids, &n);
        for (int i = 0; i < 3; i++) {
            rg_ctx_t *ctx = booking_ctx(t, 0);
            rg_availability_t *kept = ask(ctx, services[i], 4);
            rg_availability_t *fresh = ask(ctx, services[i], 5 + round);
            for (int day = 0; day < 4; day++) {
                assert_int_equal(kept->days[day].count, fresh->days[day].count);
                assert_memory_equal(kept->days[day].starts, fresh->days[day].starts,
                                    sizeof(apr_time_t) * (size_t)kept->days[day].count);
            }
            assert_int_equal(kept->practitioner_count, fresh->practitioner_count);
            assert_true(kept->last_bookable.day == fresh->last_bookable.day);
            store_test_done(ctx);
        }
    }
    assert_int_equal(booking_wrongs(t), 0);
}

/* More questions than there is room for: the oldest give way, the answers stay right. */
static void room_is_bounded(void **state)
{
    store_test_t *t = *state;
    int expected = count(t, "scan");
    for (int i = 0; i < 300; i++) {
        rg_ctx_t *ctx = booking_ctx(t, 0);
        rg_find_in_t in = {.service_code = i % 2 ? "scan" : "spin",
                           .from = rg_date_add(wednesday, i / 4),
                           .days = 1 + i % 4};
        rg_availability_t *a;
        assert_int_equal(rg_availability_find(&a, ctx, &in), RG_OK);
        store_test_done(ctx);
    }
    assert_int_equal(count(t, "scan"), expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(kept_while_nothing_changes, booking_clean),
        cmocka_unit_test_setup(what_others_do_shows_at_once, booking_clean),
        cmocka_unit_test_setup(a_hold_that_is_over_shows, booking_clean),
        cmocka_unit_test_setup(notice_is_not_kept, booking_clean),
        cmocka_unit_test_setup(the_read_model_made_anew_shows, booking_clean),
        cmocka_unit_test_setup(the_order_of_commits_does_not_matter, booking_clean),
        cmocka_unit_test_setup(what_is_rolled_back_changes_nothing, booking_clean),
        cmocka_unit_test_setup(kept_answers_are_true_answers, booking_clean),
        cmocka_unit_test_setup(room_is_bounded, booking_clean),
    };
    return cmocka_run_group_tests(tests, setup, store_test_teardown);
}
