/* SPDX-License-Identifier: Apache-2.0 */
/* How often one address may ask for something that a program could use up, guess or copy. Which
 * routes count, and as what, stands in their rows of the route table. */
#include "platform.h"

#include <apr_strings.h>

static const char *const purposes[REGEN_LIMIT_COUNT] = {
    [REGEN_LIMIT_SEARCH] = "search", [REGEN_LIMIT_LINK] = "link", [REGEN_LIMIT_JOIN] = "join",
    [REGEN_LIMIT_LOGIN] = "login",   [REGEN_LIMIT_ONE] = "one",
};

static const regen_words_t words = {
    429, "throttled", "Too many requests",
    "Too many requests came from your internet connection in a short time. Nothing is lost: wait "
    "a little, then try again, or call the clinic."};

void regen_throttle_retry(regen_req_t *q, apr_interval_time_t wait)
{
    apr_table_setn(q->r->err_headers_out, "Retry-After",
                   apr_psprintf(q->r->pool, "%" APR_TIME_T_FMT, apr_time_sec(wait) + 1));
}

const char *regen_throttle_client(const regen_req_t *q)
{
    return q->ctx->client_ip != NULL ? rg_net_client(q->r->pool, q->ctx->client_ip) : "";
}

apr_interval_time_t regen_throttle_take(regen_req_t *q, regen_limit_t limit, const char *who)
{
    const regen_app_t *app = q->own->app;
    return rg_throttle_take(app->throttle, q->ctx->now, &app->rates[limit], purposes[limit], who);
}

void regen_throttle_give_back(regen_req_t *q, regen_limit_t limit, const char *who, int tries)
{
    const regen_app_t *app = q->own->app;
    rg_throttle_give_back(app->throttle, q->ctx->now, &app->rates[limit], purposes[limit], who,
                          tries);
}

int regen_throttle_step(regen_req_t *q)
{
    unsigned limit = (q->route->flags / REGEN_LIMITED(1)) % REGEN_LIMIT_COUNT;
    apr_interval_time_t wait;
    if (limit == REGEN_LIMIT_NONE) {
        return REGEN_NEXT;
    }
    wait = regen_throttle_take(q, (regen_limit_t)limit, regen_throttle_client(q));
    if (wait == 0) {
        return REGEN_NEXT;
    }
    regen_throttle_retry(q, wait);
    return regen_problem(q, &words, NULL);
}
