/* SPDX-License-Identifier: Apache-2.0 */
/* All tables of routes as one, and the look-up. To find any behavior, look for the path's row at
 * the end of the file that has its handler. http/match.c matches one row. */
#include "platform.h"
#include "route.h"
#include "regen/core/ctx.h"

#include <string.h>

#define ROUTE_TABLE(name) regen_routes_##name,
static const regen_route_t *const tables[] = {REGEN_ROUTE_TABLES(ROUTE_TABLE)};
#undef ROUTE_TABLE

/* A guard test compares this with the names in the handlers. */
const char *const regen_templates_used[] = {
    "platform/problem.html", "staff/login.html", "platform/status.html", "platform/status.txt",
    /* patients */
    "patient/treatments.html", "patient/service.html", "patient/times.html", "patient/taken.html",
    "patient/gone.html", "patient/link.html", "patient/details.html", "patient/consents.html",
    "patient/consent.html", "patient/consent_signed.html", "patient/consent_withdraw.html",
    "patient/check.html", "patient/booking.html", "patient/cancel.html", "patient/bookings.html",
    "patient/open.html", "patient/number.html", "patient/leave.html",
    /* staff */
    "staff/board.html", "staff/day.html", "staff/supplies.html", "staff/supply.html",
    "staff/chart.html", "staff/label.html", "billing/queue.html", "billing/account.html",
    "billing/invoice.html", "billing/claim.html", "billing/owes.html", "billing/ledger.html",
    "billing/act.html", "billing/receipt.html", "billing/credit.html", "billing/cash.html",
    "billing/mine.html", "billing/my_invoice.html", "billing/my_receipt.html",
    "billing/my_credit.html", "billing/estimates.html", "billing/estimate.html",
    "billing/my_estimate.html",
    /* what was signed */
    "consent/copy.html", "consent/withdraw.html", "consent/lend.html", "consent/tablet.html",
    "consent/tablet_form.html", "consent/tablet_back.html",
    /* treatment orders */
    "order/form.html", "order/order.html", "order/orders.html", "order/mine.html",
    "order/needed.html",
    /* questions before a visit */
    "question/page.html", "question/read.html", "question/staff.html", "question/staff_page.html",
    "question/reviews.html",
    /* moving a booking */
    "patient/move.html",
    /* rules */
    "admin/closures.html", "admin/staff.html", "admin/resources.html", "admin/resource.html",
    "admin/services.html", "admin/service.html", "admin/audit.html", "admin/fees.html",
    "admin/fee.html",
    /* waitlist, messages, recalls */
    "staff/recalls.html", "patient/waitlist_join.html", "patient/waitlist.html",
    "staff/waitlist.html", "staff/waitlist_join.html", "staff/waitlist_link.html",
    "staff/outbox.html", "mail/confirmation.txt", "mail/change.txt", "mail/cancellation.txt",
    "mail/waitlist_offer.txt", "mail/recall.txt", "mail/forms.txt", "mail/order.txt",
    "mail/prepare.txt", "mail/visit.txt", "mail/lost_link.txt", "mail/estimate.txt",
    "mail/letter.html", "patient/stop.html", "patient/lost.html",
    /* desk */
    "desk/patients.html", "desk/patient.html", "desk/times.html", "desk/details.html",
    "desk/link.html", "desk/move.html", "desk/duplicates.html", "desk/merge.html",
    "desk/change.html", "desk/replan.html", "desk/week.html", "desk/block.html", NULL};

/* --- all rows, made once ---------------------------------------------------------------------- */

/* Patterns and paths that begin with the same letter meet; "" is "/". */
#define LETTERS 128

struct regen_routes_t {
    const regen_route_t *rows;            /* by their first letter; ends with a NULL method */
    const regen_route_t *of[LETTERS + 1]; /* where each letter begins */
    const char *const *secret;            /* patterns that carry a token, up to a NULL */
};

static unsigned letter_of(const regen_route_t *row)
{
    return (unsigned char)row->pattern[1] % LETTERS;
}

static apr_array_header_t *all_rows(apr_pool_t *p)
{
    apr_array_header_t *rows = apr_array_make(p, 256, sizeof(regen_route_t));
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        for (const regen_route_t *row = tables[i]; row->method; row++) {
            APR_ARRAY_PUSH(rows, regen_route_t) = *row;
        }
    }
    regen_fhir_routes(rows);
    return rows;
}

static const char *const *secret_patterns(const apr_array_header_t *rows)
{
    apr_array_header_t *found = apr_array_make(rows->pool, 4, sizeof(const char *));
    for (int i = 0; i < rows->nelts; i++) {
        const regen_route_t *row = &APR_ARRAY_IDX(rows, i, const regen_route_t);
        if ((row->flags & REGEN_SECRET_PATH) != 0) {
            APR_ARRAY_PUSH(found, const char *) = row->pattern;
        }
    }
    APR_ARRAY_PUSH(found, const char *) = NULL;
    return (const char *const *)found->elts;
}

const regen_routes_t *regen_routes_make(apr_pool_t *p)
{
    regen_routes_t *all = apr_pcalloc(p, sizeof(*all));
    const apr_array_header_t *rows = all_rows(p);
    regen_route_t *to = apr_pcalloc(p, ((size_t)rows->nelts + 1) * sizeof(*to));
    all->rows = to;
    for (unsigned letter = 0; letter < LETTERS; letter++) {
        all->of[letter] = to;
        for (int i = 0; i < rows->nelts; i++) {
            const regen_route_t *row = &APR_ARRAY_IDX(rows, i, const regen_route_t);
            if (letter_of(row) == letter) {
                *to++ = *row;
            }
        }
    }
    all->of[LETTERS] = to;
    all->secret = secret_patterns(rows);
    return all;
}

int regen_routes_count(const regen_routes_t *all)
{
    return (int)(all->of[LETTERS] - all->rows);
}

int regen_routes_answered(const regen_routes_t *all, request_rec *r)
{
    const regen_route_t *route = regen_state(r)->route;
    return route ? (int)(route - all->rows) : regen_routes_count(all);
}

const char *regen_routes_pattern(const regen_routes_t *all, int n, const char **method)
{
    *method = all->rows[n].method;
    return all->rows[n].pattern;
}

const regen_route_t *regen_routes_all(const regen_routes_t *all)
{
    return all->rows;
}

const char *regen_routes_mask(const regen_routes_t *all, apr_pool_t *p, const char *path)
{
    const char *out = NULL;
    for (const char *const *s = all->secret; *s && !out; s++) {
        out = regen_pattern_mask(p, *s, path);
    }
    return out;
}

/* --- one row for a path ----------------------------------------------------------------------- */

static void capture(const char *args[REGEN_ROUTE_ARGS], const bool star[REGEN_SEGMENTS],
                    const char *const *segments, int count)
{
    int n = 0;
    int i;
    for (i = 0; i < count; i++) {
        if (star[i] && n < REGEN_ROUTE_ARGS) {
            args[n++] = segments[i];
        }
    }
    while (n < REGEN_ROUTE_ARGS) {
        args[n++] = NULL;
    }
}

const regen_route_t *regen_route_find(const regen_routes_t *all, const char *method,
                                      const char *const *segments, int count,
                                      const char *args[REGEN_ROUTE_ARGS], unsigned *methods)
{
    const regen_route_t *found = NULL;
    const regen_route_t *row;
    unsigned letter = count > 0 ? (unsigned char)segments[0][0] % LETTERS : 0;
    int best = -1;
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    *methods = 0;
    for (row = all->of[letter]; row < all->of[letter + 1]; row++) {
        bool star[REGEN_SEGMENTS] = {false};
        if (!regen_pattern_matches(row->pattern, segments, count, star)) {
            continue;
        }
        *methods |= strcmp(row->method, "GET") == 0 ? 1u << M_GET : 1u << M_POST;
        int literal = regen_pattern_weight(star, count);
        /* "/bookings/new" before "/bookings/" and a star, wherever they stand in the table. */
        if (strcmp(row->method, wanted) == 0 && literal > best) {
            best = literal;
            found = row;
            capture(args, star, segments, count);
        }
    }
    return found;
}
