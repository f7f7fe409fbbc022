/* SPDX-License-Identifier: Apache-2.0 */
/* Days on which offices of the United States work, and until when an estimate is to be given. */
#include "regen/core/time.h"

#include <stddef.h>

enum { MONDAY = 1, THURSDAY = 4, FRIDAY = 5, SATURDAY = 6 };

/* A day of the month, or the NTH weekday of it (-1: the last one). SINCE: first year. */
static const struct {
    int month, day, weekday, nth, since;
} HOLIDAYS[] = {
    {1, 1, 0, 0, 0},     {1, 0, MONDAY, 3, 1986}, {2, 0, MONDAY, 3, 0}, {5, 0, MONDAY, -1, 0},
    {6, 19, 0, 0, 2021}, {7, 4, 0, 0, 0},         {9, 0, MONDAY, 1, 0}, {10, 0, MONDAY, 2, 0},
    {11, 11, 0, 0, 0},   {11, 0, THURSDAY, 4, 0}, {12, 25, 0, 0, 0},
};

static bool is_nth(rg_date_t d, int nth)
{
    return nth > 0 ? (d.day - 1) / 7 + 1 == nth : rg_date_add(d, 7).month != d.month;
}

static bool is_holiday(rg_date_t d)
{
    for (size_t i = 0; i < sizeof(HOLIDAYS) / sizeof(*HOLIDAYS); i++) {
        bool fits = HOLIDAYS[i].nth != 0
                        ? rg_date_weekday(d) == HOLIDAYS[i].weekday && is_nth(d, HOLIDAYS[i].nth)
                        : d.day == HOLIDAYS[i].day;
        if (d.month == HOLIDAYS[i].month && d.year >= HOLIDAYS[i].since && fits) {
            return true;
        }
    }
    return false;
}

/* On a Saturday it is observed on the Friday before, on a Sunday on the Monday after. */
bool rg_date_federal_holiday(rg_date_t d)
{
    int weekday = rg_date_weekday(d);
    return is_holiday(d) || (weekday == FRIDAY && is_holiday(rg_date_add(d, 1))) ||
           (weekday == MONDAY && is_holiday(rg_date_add(d, -1)));
}

bool rg_date_business(rg_date_t d, const rg_closed_days_t *closed, int count)
{
    for (int i = 0; i < count; i++) {
        if (rg_date_compare(closed[i].first, d) <= 0 && rg_date_compare(d, closed[i].last) <= 0) {
            return false;
        }
    }
    return rg_date_weekday(d) < SATURDAY && !rg_date_federal_holiday(d);
}

bool rg_estimate_due(rg_date_t *due, rg_date_t scheduled, rg_date_t service,
                     const rg_closed_days_t *closed, int count)
{
    enum { FAR = 10, NEAR = 3, DAYS_OF_FAR = 3, DAYS_OF_NEAR = 1 };
    rg_date_t after[DAYS_OF_FAR];
    int ahead = 0;
    rg_date_t d = scheduled;
    while (ahead < FAR && rg_date_compare(d, service) < 0) {
        d = rg_date_add(d, 1);
        bool business = rg_date_business(d, closed, count);
        if (business && ahead < DAYS_OF_FAR) {
            after[ahead] = d;
        }
        /* Back from a service on a Saturday, Friday is the first business day before it. */
        ahead += business || rg_date_compare(d, service) == 0;
    }
    if (ahead < NEAR) {
        return false;
    }
    *due = after[(ahead >= FAR ? DAYS_OF_FAR : DAYS_OF_NEAR) - 1];
    return true;
}

bool rg_estimate_due_changed(rg_date_t *due, rg_date_t changed, rg_date_t service,
                             const rg_closed_days_t *closed, int count)
{
    for (rg_date_t d = rg_date_add(service, -1); rg_date_compare(d, changed) >= 0;
         d = rg_date_add(d, -1)) {
        if (rg_date_business(d, closed, count)) {
            *due = d;
            return true;
        }
    }
    return false;
}

rg_date_t rg_estimate_due_asked(rg_date_t asked, const rg_closed_days_t *closed, int count)
{
    enum { DAYS = 3, MOST = 365 };
    rg_date_t d = asked;
    int after = 0;
    for (int i = 0; after < DAYS && i < MOST; i++) {
        d = rg_date_add(d, 1);
        after += rg_date_business(d, closed, count);
    }
    return d;
}
