/* SPDX-License-Identifier: Apache-2.0 */
/* The chain of audit events of a connection: whatever becomes of a transaction, the events that are
 * stored are numbered without gaps, and a connection whose last COMMIT nobody knows begins another
 * chain. */
#include "mod_regen/store/engine/row.h"
#include "mod_regen/store/engine/store_int.h"
#include "mod_regen/store/evidence/chain.h"
#include "regen/core/ctx.h"
#include "regen/core/keys.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/store/evidence.h"
#include "regen/store/store.h"
#include "store_test.h"

#include <string.h>

static store_test_t *t;
static apr_pool_t *own;
static rg_store_t *one; /* with one connection */

static int alone(void **state)
{
    static rg_store_conf_t conf;
    t = *state;
    store_test_log_clear();
    store_test_exec(t, "DROP TRIGGER IF EXISTS audit_event_stays");
    store_test_exec(t, "DELETE FROM audit_event");
    conf = t->conf;
    conf.max = 1;
    one = store_test_open(t, &own, &conf);
    return 0;
}

static int done(void **state)
{
    (void)state;
    apr_pool_destroy(own);
    return 0;
}

typedef struct {
    int events, attempts, doom, kill;
    rg_outcome_t ends;
    bool part_fails;
} job_t;

static rg_outcome_t some_events(rg_db_t *db, const rg_ctx_t *ctx, int count)
{
    rg_outcome_t rc = RG_OK;
    for (int i = 0; rc == RG_OK && i < count; i++) {
        rc = rg_audit_add(db, ctx, "test", "thing", i, "detail");
    }
    return rc;
}

static rg_outcome_t a_part(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    (void)baton;
    rg_outcome_t rc = some_events(db, ctx, 3);
    return rc == RG_OK ? RG_CONFLICT : rc;
}

static rg_outcome_t work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    job_t *job = baton;
    rg_outcome_t rc = some_events(db, ctx, job->events);
    job->attempts++;
    if (rc == RG_OK && job->part_fails) {
        assert_int_equal(rg_store_attempt(db, ctx, a_part, NULL), RG_CONFLICT);
        rc = some_events(db, ctx, 1);
    }
    if (rc == RG_OK && job->attempts <= job->doom) {
        db->doomed = true;
        return RG_UNAVAILABLE;
    }
    if (rc == RG_OK && job->attempts <= job->kill) {
        store_test_exec(t,
                        apr_psprintf(t->pool, "KILL CONNECTION %lu", mysql_thread_id(db->mysql)));
    }
    return rc == RG_OK ? job->ends : rc;
}

static rg_outcome_t run(job_t job)
{
    rg_ctx_t *ctx = store_test_ctx(t);
    ctx->store = one;
    rg_outcome_t rc = rg_store_transact(ctx, work, &job);
    store_test_done(ctx);
    return rc;
}

static void stored(int events, int chains)
{
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM audit_event"), events);
    assert_int_equal(store_test_value(t, "SELECT COUNT(DISTINCT writer) FROM audit_event"), chains);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM (SELECT COUNT(*) n, MAX(seq) m FROM "
                                         "audit_event GROUP BY writer HAVING n <> m) wrong"),
                     0);
}

static void one_connection_writes_one_chain(void **state)
{
    (void)state;
    assert_int_equal(run((job_t){.events = 2}), RG_OK);
    assert_int_equal(run((job_t){.events = 1}), RG_OK);
    stored(3, 1);
    assert_int_equal(store_test_value(t, "SELECT MAX(mac_key) FROM audit_event"), 7);
    assert_int_equal(store_test_value(t, "SELECT COUNT(DISTINCT mac) FROM audit_event"), 3);
}

static void what_is_rolled_back_leaves_no_gap(void **state)
{
    (void)state;
    assert_int_equal(run((job_t){.events = 2, .ends = RG_INVALID}), RG_INVALID);
    assert_int_equal(run((job_t){.events = 2}), RG_OK);
    assert_int_equal(run((job_t){.events = 4, .ends = RG_CONFLICT}), RG_CONFLICT);
    assert_int_equal(run((job_t){.events = 1}), RG_OK);
    stored(3, 1);
}

static void a_transaction_that_runs_again_numbers_again(void **state)
{
    (void)state;
    assert_int_equal(run((job_t){.events = 1}), RG_OK);
    assert_int_equal(run((job_t){.events = 2, .doom = 2}), RG_OK);
    assert_int_equal(run((job_t){.events = 1}), RG_OK);
    stored(4, 1);
}

static void a_part_that_fails_takes_its_events_along(void **state)
{
    (void)state;
    assert_int_equal(run((job_t){.events = 1, .part_fails = true}), RG_OK);
    assert_int_equal(run((job_t){.events = 1}), RG_OK);
    stored(3, 1);
}

static void an_unknown_outcome_ends_the_chain(void **state)
{
    (void)state;
    assert_int_equal(run((job_t){.events = 2}), RG_OK);
    assert_int_equal(run((job_t){.events = 1, .kill = 1}), RG_UNAVAILABLE);
    assert_int_equal(run((job_t){.events = 1}), RG_OK);
    stored(3, 2);
}

static void a_number_that_is_taken_ends_the_chain_too(void **state)
{
    (void)state;
    assert_int_equal(run((job_t){.events = 1}), RG_OK);
    store_test_exec(t,
                    "INSERT INTO audit_event (at, actor, action, entity, entity_id, writer, seq, "
                    "mac, mac_key) SELECT at, actor, action, entity, entity_id, writer, 2, mac, "
                    "mac_key FROM audit_event");
    assert_int_equal(run((job_t){.events = 2}), RG_OK);
    stored(4, 2);
}

static void no_event_without_a_chain(void **state)
{
    (void)state;
    assert_int_equal(mysql_query(t->sql, "INSERT INTO audit_event (at, actor, action, entity, "
                                         "entity_id) VALUES (0, 'x', 'x', 'x', 1)"),
                     1);
    rg_policy_t without = t->policy;
    without.keys = NULL;
    rg_ctx_t *ctx = store_test_ctx(t);
    ctx->policy = &without;
    assert_int_equal(rg_store_transact(ctx, work, &(job_t){.events = 1}), RG_INTERNAL);
    assert_int_equal(store_test_log_count("RG01043"), 1);
    store_test_done(ctx);
    stored(0, 0);
}

/* --- what a MAC covers ------------------------------------------------------------------------ */

static void every_field_counts(void **state)
{
    static const unsigned char writers[2][RG_WRITER_BYTES] = {{1}, {2}};
    static const unsigned char keys[2][RG_MAC_BYTES] = {{3}, {4}};
    const rg_audit_event_t e = {writers[0], 1, 2, "ab", "c", "", 5, "d"};
    rg_audit_event_t other[] = {e, e, e, e, e, e, e, e};
    unsigned char mac[RG_MAC_BYTES];
    unsigned char changed[RG_MAC_BYTES];
    (void)state;
    other[0].writer = writers[1];
    other[1].seq = 3;
    other[2].at = 3;
    other[3].actor = "a";
    other[3].action = "bc";
    other[4].action = "";
    other[4].entity = "c";
    other[5].entity_id = 6;
    other[6].detail = "";
    other[7].entity = "x";
    assert_true(rg_audit_mac(mac, keys[0], keys[0], &e));
    for (int i = 0; i < 8; i++) {
        assert_true(rg_audit_mac(changed, keys[0], keys[0], &other[i]));
        assert_memory_not_equal(mac, changed, sizeof(mac));
    }
    assert_true(rg_audit_mac(changed, keys[1], keys[0], &e));
    assert_memory_not_equal(mac, changed, sizeof(mac));
    assert_true(rg_audit_mac(changed, keys[0], keys[1], &e));
    assert_memory_not_equal(mac, changed, sizeof(mac));
    char *text = apr_pcalloc(t->pool, 3000);
    memset(text, 'x', 2999);
    other[0].detail = text;
    assert_false(rg_audit_mac(mac, keys[0], keys[0], &other[0]));
}

/* --- anchors ---------------------------------------------------------------------------------- */

static bool anchor(apr_interval_time_t every, int later)
{
    bool made;
    rg_ctx_t *ctx = store_test_ctx(t);
    ctx->now += apr_time_from_sec(later);
    assert_int_equal(rg_store_anchor(&made, ctx, every), RG_OK);
    store_test_done(ctx);
    return made;
}

static void an_anchor_has_what_went_on(void **state)
{
    (void)state;
    assert_int_equal(run((job_t){.events = 2}), RG_OK);
    assert_true(anchor(RG_ANCHOR_EVERY, 0));
    assert_false(anchor(RG_ANCHOR_EVERY, 60));
    assert_false(anchor(0, 60)); /* nothing new */
    assert_int_equal(run((job_t){.events = 3}), RG_OK);
    assert_false(anchor(RG_ANCHOR_EVERY, 60));
    assert_true(anchor(RG_ANCHOR_EVERY, 600));
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM audit_anchor"), 2);
    assert_int_equal(store_test_value(t, "SELECT events FROM audit_anchor WHERE seq = 2"), 5);
    assert_int_equal(store_test_value(t, "SELECT MAX(seq) FROM audit_anchor_head WHERE anchor = 2"),
                     5);
    assert_int_equal(mysql_query(t->sql, "UPDATE audit_anchor SET events = 0"), 1);
    assert_int_equal(mysql_query(t->sql, "DELETE FROM audit_anchor_head"), 1);
}

#define test(f) cmocka_unit_test_setup_teardown(f, alone, done)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(one_connection_writes_one_chain),
        test(what_is_rolled_back_leaves_no_gap),
        test(a_transaction_that_runs_again_numbers_again),
        test(a_part_that_fails_takes_its_events_along),
        test(an_unknown_outcome_ends_the_chain),
        test(a_number_that_is_taken_ends_the_chain_too),
        test(no_event_without_a_chain),
        test(every_field_counts),
        test(an_anchor_has_what_went_on),
    };
    return cmocka_run_group_tests(tests, store_test_setup, store_test_teardown);
}
