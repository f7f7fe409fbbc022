/* SPDX-License-Identifier: Apache-2.0 */
/* A service that only the clinic books does not exist for anybody else: not in the list, not by its
 * code, not among the free times, and it cannot be held. */
#include "booking_test.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/definitions.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/place.h"
#include "regen/model/service.h"

static int setup(void **state)
{
    booking_setup(state);
    store_test_exec(*state, "UPDATE service SET audience = 'staff' WHERE code = 'scan'");
    return 0;
}

static bool listed(const rg_ctx_t *ctx)
{
    rg_catalogue_t *list;
    assert_int_equal(rg_catalogue_list(&list, ctx), RG_OK);
    for (int i = 0; i < list->count; i++) {
        if (strcmp(list->services[i]->code, "scan") == 0) {
            return true;
        }
    }
    return false;
}

static rg_outcome_t found(const rg_ctx_t *ctx)
{
    rg_availability_t *a;
    rg_find_in_t in = {.service_code = "scan", .days = 7};
    return rg_availability_find(&a, ctx, &in);
}

static rg_outcome_t by_code(const rg_ctx_t *ctx)
{
    rg_service_t *s;
    rg_site_t *site;
    return rg_catalogue_service(&s, &site, ctx, "scan");
}

static rg_outcome_t held(const rg_ctx_t *ctx)
{
    rg_hold_in_t in = {"scan", BOOKING_AT(2, 600), 0};
    rg_hold_t out;
    return rg_booking_hold(&out, ctx, &in);
}

static void expect(const rg_ctx_t *ctx, bool there)
{
    rg_outcome_t rc = there ? RG_OK : RG_NOT_FOUND;
    assert_int_equal(listed(ctx), there);
    assert_int_equal(by_code(ctx), rc);
    assert_int_equal(found(ctx), rc);
    assert_int_equal(held(ctx), rc);
    store_test_done(ctx);
}

static void others_never_see_it(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *machine = booking_ctx(t, 0);
    machine->who.roles = RG_ROLE_MACHINE;
    machine->who.scopes = "system/*.*";
    expect(booking_ctx(t, 0), false);
    expect(booking_patient(t, 0, 1), false);
    expect(machine, false);
    assert_int_equal(booking_taken(t), 0);
}

static void staff_book_it(void **state)
{
    expect(booking_staff(*state, 0), true);
    assert_int_equal(booking_taken(*state), 6);
}

/* The same service, public again, is everybody's. */
static void audience_is_what_decides(void **state)
{
    store_test_t *t = *state;
    store_test_exec(t, "UPDATE service SET audience = 'public' WHERE code = 'scan'");
    expect(booking_ctx(t, 0), true);
    store_test_exec(t, "UPDATE service SET audience = 'staff' WHERE code = 'scan'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(others_never_see_it, booking_clean),
        cmocka_unit_test_setup(staff_book_it, booking_clean),
        cmocka_unit_test_setup(audience_is_what_decides, booking_clean),
    };
    return cmocka_run_group_tests(tests, setup, store_test_teardown);
}
