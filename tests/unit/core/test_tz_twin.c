/* SPDX-License-Identifier: Apache-2.0 */
/* core/tz.c against Python's zoneinfo (tz_twin.py): both must agree around every change of offset
 * in the zones that are hardest, and after the last change that zone files list (2037). */
#include <stdio.h>
#include <stdlib.h>

#include "core_test.h"
#include "regen/core/time.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>

static const char *const hard[] = {"America/New_York",
                                   "America/Los_Angeles",
                                   "America/Sao_Paulo",
                                   "America/St_Johns",
                                   "America/Caracas",
                                   "America/Havana",
                                   "America/Scoresbysund",
                                   "America/Nuuk",
                                   "Europe/Berlin",
                                   "Europe/London",
                                   "Europe/Dublin",
                                   "Europe/Moscow",
                                   "Europe/Istanbul",
                                   "Africa/Cairo",
                                   "Africa/Casablanca",
                                   "Africa/Monrovia",
                                   "Asia/Kathmandu",
                                   "Asia/Tehran",
                                   "Asia/Gaza",
                                   "Asia/Pyongyang",
                                   "Australia/Lord_Howe",
                                   "Australia/Adelaide",
                                   "Antarctica/Troll",
                                   "Pacific/Apia",
                                   "Pacific/Chatham",
                                   "Pacific/Kiritimati",
                                   "Etc/GMT+12",
                                   "UTC"};
enum { HARD = sizeof(hard) / sizeof(hard[0]) };

static rg_date_t date_of(int64_t local)
{
    int64_t days = local / 86400 - (local % 86400 < 0);
    return rg_date_add((rg_date_t){1970, 1, 1}, (int)days);
}

static int minute_of(int64_t local)
{
    return (int)(((local % 86400) + 86400) % 86400 / 60);
}

static void check_utc(const rg_zone_t *z, const char *line)
{
    char *end = NULL;
    int64_t local = strtoll(line + 2, &end, 10);
    int64_t want = strtoll(end, NULL, 10);
    int64_t got = apr_time_sec(rg_zone_utc(z, date_of(local), minute_of(local)));
    if (got != want) {
        fail_msg("%s: %s but %lld", rg_zone_name(z), line, (long long)got);
    }
}

static void check_local(apr_pool_t *p, const rg_zone_t *z, const char *line)
{
    char *end = NULL;
    int64_t utc = strtoll(line + 2, &end, 10);
    int64_t local = strtoll(end, &end, 10);
    int offset = (int)strtoll(end, &end, 10);
    rg_local_t got = rg_zone_local(z, apr_time_from_sec(utc));
    const char *want = apr_psprintf(p, "%c%02d:%02d", offset < 0 ? '-' : '+', abs(offset) / 3600,
                                    abs(offset) / 60 % 60);
    if (rg_date_compare(got.date, date_of(local)) != 0 || got.minute != minute_of(local) ||
        strcmp(rg_zone_offset(p, z, apr_time_from_sec(utc)), want) != 0 ||
        strcmp(rg_zone_abbrev(p, z, apr_time_from_sec(utc)), end + 1) != 0) {
        fail_msg("%s: %s but %s %02d:%02d %s %s", rg_zone_name(z), line, rg_date_iso(p, got.date),
                 got.minute / 60, got.minute % 60, rg_zone_offset(p, z, apr_time_from_sec(utc)),
                 rg_zone_abbrev(p, z, apr_time_from_sec(utc)));
    }
}

/* Starts the twin for COUNT zones; its output, or NULL when there is no Python to ask. */
static apr_file_t *start_twin(apr_proc_t *proc, apr_pool_t *p, const char *first, const char *last,
                              const char *const *names, int count)
{
    const char *root = getenv("REGEN_TEST_ROOT");
    const char *python = getenv("PYTHON");
    apr_procattr_t *attr = NULL;
    const char **argv = apr_pcalloc(p, sizeof(char *) * (size_t)(count + 6));
    int n = 0;
    argv[n++] = python ? python : "/usr/bin/python3";
    argv[n++] = apr_pstrcat(p, root ? root : ".", "/tests/unit/core/tz_twin.py", NULL);
    argv[n++] = first;
    argv[n++] = last;
    for (int i = 0; i < count; i++) {
        argv[n++] = names[i];
    }
    apr_procattr_create(&attr, p);
    apr_procattr_io_set(attr, APR_NO_PIPE, APR_FULL_BLOCK, APR_NO_PIPE);
    apr_procattr_cmdtype_set(attr, APR_PROGRAM_ENV);
    apr_procattr_error_check_set(attr, 1);
    return apr_proc_create(proc, argv[0], argv, NULL, attr, p) == APR_SUCCESS ? proc->out : NULL;
}

static void compare(void **state, const char *first, const char *last, const char *const *names,
                    int count, int least)
{
    apr_proc_t proc;
    apr_file_t *out = start_twin(&proc, *state, first, last, names, count);
    if (!out) {
        print_message("skipped: no Python to compare with\n");
        skip();
    }
    char line[200];
    apr_pool_t *scratch = NULL;
    apr_pool_create(&scratch, *state);
    const rg_zone_t *z = NULL;
    int checked = 0;
    while (apr_file_gets(line, sizeof(line), out) == APR_SUCCESS) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == 'Z') {
            z = rg_zone_open(*state, line + 2);
            assert_non_null(z);
        }
        else if (line[0] == 'U') {
            check_utc(z, line);
        }
        else {
            check_local(scratch, z, line);
        }
        checked++;
        apr_pool_clear(scratch);
    }
    int code = -1;
    apr_exit_why_e why = APR_PROC_EXIT;
    apr_proc_wait(&proc, &code, &why, APR_WAIT);
    assert_int_equal(code, 0);
    assert_true(checked > least);
}

static void the_years_of_the_zone_files(void **state)
{
    compare(state, "1950", "2037", hard, HARD, 100000);
}

static void the_years_after(void **state)
{
    static const char *const names[] = {"America/New_York", "Europe/Berlin", "Australia/Lord_Howe",
                                        "America/Nuuk", "Asia/Tokyo"};
    compare(state, "2038", "2190", names, 5, 40000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pool_test(the_years_of_the_zone_files),
        pool_test(the_years_after),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
