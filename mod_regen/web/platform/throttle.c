/* SPDX-License-Identifier: Apache-2.0 */
/* Rate limits for what a program could exhaust, guess or copy from one address, and for searches of
 * people by those who may see them. The rows of the route table say which routes are limited, and
 * how. */
#include "platform.h"
#include "regen/core/ctx.h"
#include "regen/core/net.h"
#include "regen/core/policy.h"
#include "regen/core/throttle.h"
#include "regen/core/words.h"

#include <apr_strings.h>

RG_WORDS_MADE(regen_limit, REGEN_LIMITS);

static const regen_words_t words = {
    429, "throttled", "Too many requests",
    "Too many requests came from your internet connection in a short time. Nothing is lost. Wait a "
    "little and try again, or call the clinic."};

static const regen_words_t searches = {
    429, "throttled", "Too many searches",
    "There were more patient searches in a short time than anybody does by hand. Nothing is lost. "
    "Wait a little and try again. The system administrator sets this limit."};

void regen_throttle_retry(regen_req_t *q, apr_interval_time_t wait)
{
    apr_table_setn(q->r->err_headers_out, "Retry-After",
                   apr_psprintf(q->r->pool, "%" APR_TIME_T_FMT, apr_time_sec(wait) + 1));
}

const char *regen_throttle_client(const regen_req_t *q)
{
    return q->ctx->client_ip ? rg_net_client(q->r->pool, q->ctx->client_ip) : "";
}

apr_interval_time_t regen_throttle_take(regen_req_t *q, regen_limit_t limit, const char *who)
{
    const regen_app_t *app = q->own->app;
    return rg_throttle_take(app->throttle, q->ctx->now, &app->rates[limit], regen_limit_name(limit),
                            who);
}

void regen_throttle_give_back(regen_req_t *q, regen_limit_t limit, const char *who, int tries)
{
    const regen_app_t *app = q->own->app;
    rg_throttle_give_back(app->throttle, q->ctx->now, &app->rates[limit], regen_limit_name(limit),
                          who, tries);
}

static regen_limit_t limit_of(const regen_req_t *q)
{
    return (regen_limit_t)((q->route->flags / REGEN_LIMITED(1)) % REGEN_LIMIT_COUNT);
}

static int counted(regen_req_t *q, const char *who, const regen_words_t *refusal)
{
    apr_interval_time_t wait = regen_throttle_take(q, limit_of(q), who);
    if (wait == 0) {
        return REGEN_NEXT;
    }
    regen_throttle_retry(q, wait);
    return regen_problem(q, refusal, NULL);
}

int regen_throttle_by_token(regen_req_t *q, const char *token)
{
    regen_throttle_give_back(q, limit_of(q), regen_throttle_client(q), 1);
    return counted(q, token, &words);
}

int regen_throttle_step(regen_req_t *q)
{
    regen_limit_t limit = limit_of(q);
    return limit == REGEN_LIMIT_NONE || limit == REGEN_LIMIT_PEOPLE
               ? REGEN_NEXT
               : counted(q, regen_throttle_client(q), &words);
}

/* By caller, from any address: a token may be used from many addresses. Clinics of several virtual
 * hosts share the table, and their tokens may have the same number. */
int regen_throttle_people_step(regen_req_t *q)
{
    const rg_principal_t *who = &q->ctx->who;
    bool machine = (who->roles & RG_ROLE_MACHINE) != 0;
    if (limit_of(q) != REGEN_LIMIT_PEOPLE) {
        return REGEN_NEXT;
    }
    return counted(q,
                   apr_psprintf(q->r->pool, "%s %s %" APR_INT64_T_FMT, q->ctx->policy->fhir_base,
                                machine ? "token" : "staff",
                                (apr_int64_t)(machine ? who->token_id : who->staff_id)),
                   &searches);
}
