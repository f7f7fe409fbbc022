/* SPDX-License-Identifier: Apache-2.0 */
/* Opening hours and the grid of starts against Python's zoneinfo (layout_twin.py): every clock
 * change of 2020 to 2037 in forty zones, by hours, half hours and at midnight, and plain days
 * between. */
#include <stdio.h>
#include <stdlib.h>

#include "core_test.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>

#include "mod_regen/clinic/schedule/local_days.h"
#include "regen/core/time.h"
#include "regen/store/definitions.h"

static const char *const zones[] = {
    "America/New_York",    "America/Chicago",      "America/Denver",   "America/Phoenix",
    "America/Los_Angeles", "America/Anchorage",    "America/Halifax",  "America/St_Johns",
    "America/Sao_Paulo",   "America/Havana",       "America/Santiago", "America/Asuncion",
    "America/Caracas",     "America/Scoresbysund", "America/Nuuk",     "Atlantic/Azores",
    "Europe/London",       "Europe/Dublin",        "Europe/Berlin",    "Europe/Athens",
    "Europe/Moscow",       "Europe/Istanbul",      "Europe/Chisinau",  "Africa/Cairo",
    "Africa/Casablanca",   "Africa/El_Aaiun",      "Asia/Beirut",      "Asia/Gaza",
    "Asia/Jerusalem",      "Asia/Tehran",          "Asia/Kolkata",     "Asia/Kathmandu",
    "Asia/Tokyo",          "Australia/Adelaide",   "Australia/Sydney", "Australia/Lord_Howe",
    "Antarctica/Troll",    "Pacific/Apia",         "Pacific/Auckland", "Pacific/Chatham"};
enum { ZONES = sizeof(zones) / sizeof(zones[0]), WINDOW = 3 * 288, LINE = 8192 };

typedef struct {
    const rg_zone_t *zone;
    int day, from, until, grid;
} case_t;

static const char *opening_text(apr_pool_t *p, const case_t *c)
{
    rg_opening_t o = {rg_date_weekday(rg_date_add((rg_date_t){1970, 1, 1}, c->day)), c->from,
                      c->until, c->day, c->day};
    rg_clinic_resource_t r = {.site_id = 1, .opening_count = 1, .openings = &o};
    rg_clinic_t k = {.closure_count = 0};
    int64_t base = ((int64_t)c->day - 1) * 288;
    rg_bits_t open = rg_layout_open(p, &k, &r, c->zone, base, WINDOW);
    char *text = apr_pstrdup(p, "O ");
    for (int at = rg_bits_next(&open, 0); at >= 0;) {
        int end = at;
        while (rg_bits_get(&open, end + 1)) {
            end++;
        }
        text = apr_psprintf(p, "%s%s%d-%d", text, text[2] ? " " : "", at, end);
        at = rg_bits_next(&open, end + 1);
    }
    return text;
}

static const char *grid_text(apr_pool_t *p, const case_t *c)
{
    int64_t base = ((int64_t)c->day - 1) * 288;
    rg_bits_t grid = rg_layout_grid(p, c->zone, c->grid, base, WINDOW);
    char *text = apr_palloc(p, LINE);
    char *end = text;
    *end++ = 'G';
    for (int at = rg_bits_next(&grid, 0); at >= 0; at = rg_bits_next(&grid, (int64_t)at + 1)) {
        end += apr_snprintf(end, (apr_size_t)(text + LINE - end), " %d", at);
    }
    *end = '\0';
    return text;
}

static void read_case(case_t *c, const char *line)
{
    char *end = NULL;
    c->day = (int)strtol(line + 2, &end, 10);
    c->from = (int)strtol(end, &end, 10);
    c->until = (int)strtol(end, &end, 10);
    c->grid = (int)strtol(end, &end, 10);
}

static void check(apr_pool_t *p, const case_t *c, const char *got, const char *line)
{
    if (strcmp(got, line) != 0) {
        fail_msg("%s, %s, %d to %d, grid %d:\n%s but\n%s", rg_zone_name(c->zone),
                 rg_date_iso(p, rg_date_add((rg_date_t){1970, 1, 1}, c->day)), c->from, c->until,
                 c->grid, line, got);
    }
}

static apr_file_t *start_twin(apr_proc_t *proc, apr_pool_t *p)
{
    const char *root = getenv("REGEN_TEST_ROOT");
    const char *python = getenv("PYTHON");
    apr_procattr_t *attr = NULL;
    const char *argv[ZONES + 5] = {
        python ? python : "/usr/bin/python3",
        apr_pstrcat(p, root ? root : ".", "/tests/unit/schedule/layout_twin.py", NULL), "2020",
        "2037"};
    for (int i = 0; i < ZONES; i++) {
        argv[4 + i] = zones[i];
    }
    apr_procattr_create(&attr, p);
    apr_procattr_io_set(attr, APR_NO_PIPE, APR_FULL_BLOCK, APR_NO_PIPE);
    apr_procattr_cmdtype_set(attr, APR_PROGRAM_ENV);
    apr_procattr_error_check_set(attr, 1);
    return apr_proc_create(proc, argv[0], argv, NULL, attr, p) == APR_SUCCESS ? proc->out : NULL;
}

static void doors_open_by_the_clock(void **state)
{
    apr_proc_t proc;
    apr_file_t *out = start_twin(&proc, *state);
    if (!out) {
        print_message("skipped: no Python to compare with\n");
        skip();
    }
    static char line[LINE];
    apr_pool_t *scratch = NULL;
    apr_pool_create(&scratch, *state);
    case_t c = {NULL, 0, 0, 0, 1};
    int zone_count = 0;
    int checked = 0;
    while (apr_file_gets(line, sizeof(line), out) == APR_SUCCESS) {
        line[strcspn(line, "\n")] = '\0';
        switch (line[0]) {
        case 'Z':
            c.zone = rg_zone_open(*state, line + 2);
            assert_non_null(c.zone);
            zone_count++;
            break;
        case 'D': read_case(&c, line); break;
        case 'O': check(scratch, &c, opening_text(scratch, &c), line); break;
        default: check(scratch, &c, grid_text(scratch, &c), line); checked++;
        }
        apr_pool_clear(scratch);
    }
    int code = -1;
    apr_exit_why_e why = APR_PROC_EXIT;
    apr_proc_wait(&proc, &code, &why, APR_WAIT);
    assert_int_equal(code, 0);
    assert_int_equal(zone_count, ZONES);
    print_message("%d days in %d zones\n", checked, zone_count);
    assert_true(checked > 4500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pool_test(doors_open_by_the_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
