/* SPDX-License-Identifier: Apache-2.0 */
/* The log bridge: what is enabled arrives once, completely, on one line; everything else costs
 * nothing. */
#include "core_test.h"
#include "regen/core/ctx.h"
#include "regen/core/log.h"

static struct {
    int calls, asked;
    void *baton;
    rg_log_level_t level;
    char text[2000];
    int line;
    const char *file;
} seen;

static void sink(void *baton, rg_log_level_t level, const char *file, int line, const char *text)
{
    seen.calls++;
    seen.baton = baton;
    seen.level = level;
    seen.file = file;
    seen.line = line;
    assert_true(strlen(text) < sizeof(seen.text));
    memcpy(seen.text, text, strlen(text) + 1);
}

static bool only_errors(void *baton, rg_log_level_t level)
{
    (void)baton;
    seen.asked++;
    return level <= RG_LOG_ERR;
}

static int log_setup(void **state)
{
    (void)state;
    memset(&seen, 0, sizeof(seen));
    rg_log_set(sink, NULL);
    return 0;
}

#define log_test(f) cmocka_unit_test_setup(f, log_setup)

static void a_message_arrives_with_its_place(void **state)
{
    (void)state;
    int baton = 0;
    rg_ctx_t ctx = {.log_baton = &baton};
    int here = __LINE__ + 1;
    rg_log(&ctx, RG_LOG_WARNING, RGNO(00000) "booking %s: %lld", "7abc", 5LL);
    assert_int_equal(seen.calls, 1);
    assert_string_equal(seen.text, "RG00000: booking 7abc: 5");
    assert_ptr_equal(seen.baton, &baton);
    assert_int_equal(seen.level, RG_LOG_WARNING);
    assert_int_equal(seen.line, here);
    assert_non_null(strstr(seen.file, "test_log.c"));
}

static void unwanted_levels_are_not_written(void **state)
{
    (void)state;
    rg_log_set(sink, only_errors);
    rg_log_write(NULL, RG_LOG_INFO, "f", 1, "no");
    assert_int_equal(seen.calls, 0);
    rg_log_write(NULL, RG_LOG_ERR, "f", 1, "yes");
    assert_int_equal(seen.calls, 1);
    assert_int_equal(seen.asked, 2);
}

static void without_a_sink_nothing_happens(void **state)
{
    (void)state;
    rg_log_set(NULL, only_errors);
    rg_log_write(NULL, RG_LOG_EMERG, "f", 1, "lost");
    assert_int_equal(seen.calls, 0);
    assert_int_equal(seen.asked, 0);
}

static void nothing_can_forge_a_line(void **state)
{
    (void)state;
    rg_log_write(NULL, RG_LOG_ERR, "f", 1, "id %s", "a\r\nRG00001: all is well\x1b[1m\x7f\xc3\xab");
    assert_string_equal(seen.text, "id a??RG00001: all is well?[1m?\xc3\xab");
}

static void long_messages_are_cut(void **state)
{
    (void)state;
    rg_log_write(NULL, RG_LOG_ERR, "f", 1, "%1500d", 1);
    assert_int_equal(strlen(seen.text), 1023);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        log_test(a_message_arrives_with_its_place),
        log_test(unwanted_levels_are_not_written),
        log_test(without_a_sink_nothing_happens),
        log_test(nothing_can_forge_a_line),
        log_test(long_messages_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
