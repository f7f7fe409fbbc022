/* SPDX-License-Identifier: Apache-2.0 */
/* The items of a time-out: each has its wording, and a label only where a unit is injected. */
#include "core_test.h"

#include <string.h>

#include "regen/model/time_out.h"
#include "regen/model/unit.h"

static void a_label_only_where_a_unit_is_injected(void **state)
{
    unsigned label = 1u << RG_SAID_LABEL;
    unsigned all = (1u << RG_SAID_COUNT) - 1;

    (void)state;
    assert_int_equal(rg_said_asked(RG_EVENT_HARVEST, false), all & ~label);
    assert_int_equal(rg_said_asked(RG_EVENT_HARVEST, true), all & ~label);
    assert_int_equal(rg_said_asked(RG_EVENT_INJECT, true), all);
    assert_int_equal(rg_said_asked(RG_EVENT_INJECT, false), all & ~label);
    assert_int_equal(rg_said_asked(RG_EVENT_CHECK_IN, true), 0);
    assert_int_equal(rg_said_asked(RG_EVENT_PROCESS, true), 0);
    assert_int_equal(rg_said_asked(RG_EVENT_COMPLETE, true), 0);
}

static void everything_is_worded(void **state)
{
    (void)state;
    for (int i = 0; i < RG_SAID_COUNT; i++) {
        const rg_said_wording_t *w = rg_said_wording((rg_said_t)i);
        bool harvest = (rg_said_asked(RG_EVENT_HARVEST, true) >> i) & 1u;

        assert_int_equal(w->harvest != NULL, harvest);
        assert_true(w->inject && *w->inject != '\0' && *w->name != '\0');
        assert_int_equal(w->advice[strlen(w->advice) - 1], '.');
        assert_int_equal(rg_said_parse(rg_said_name((rg_said_t)i)), i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_label_only_where_a_unit_is_injected),
                                       cmocka_unit_test(everything_is_worded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
