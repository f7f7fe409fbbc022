/* SPDX-License-Identifier: Apache-2.0 */
/* Treatment orders for API clients, as FHIR's ServiceRequest. A token without regen/all sees those
 * that its own bookings are on. */
#include "mod_regen/clinic/booking/booking.h"
#include "regen/clinic/api.h"
#include "regen/clinic/identity.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/order.h"
#include "regen/store/api.h"
#include "regen/store/store.h"

#include <apr_strings.h>

typedef struct {
    rg_order_filter_t filter;
    apr_array_header_t *found; /* NULL: only counted */
    const char *action;
    int64_t total;
} requests_t;

static rg_outcome_t read_requests(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    requests_t *v = baton;
    bool one = v->filter.uids[0] && !v->filter.uids[1];
    v->found->nelts = 0;
    rg_outcome_t rc = rg_orders_read(db, ctx, &v->filter, v->found);
    if (rc != RG_OK || v->found->nelts == 0) {
        return rc;
    }
    return rg_audit_add(db, ctx, v->action, "order",
                        one ? APR_ARRAY_IDX(v->found, 0, rg_order_t).id : 0,
                        apr_psprintf(ctx->pool, "count:%d", v->found->nelts));
}

static rg_outcome_t count_requests(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    requests_t *v = baton;
    rg_outcome_t rc = rg_orders_count(db, ctx, &v->filter, &v->total);
    return rc == RG_OK ? rg_audit_add(db, ctx, v->action, "order", 0,
                                      apr_psprintf(ctx->pool, "total:%" APR_INT64_T_FMT, v->total))
                       : rc;
}

rg_orders_in_t rg_orders_any(int limit)
{
    return (rg_orders_in_t){.patient_uid = "", .statuses = "", .until = RG_NEVER, .limit = limit};
}

/* What cannot be an id is nobody's. */
static const char *uid_or_none(const char *uid)
{
    return !uid || uid[0] == '\0' || rg_uid_valid(uid) ? uid : "-";
}

static requests_t requests_of(const rg_ctx_t *ctx, const rg_orders_in_t *in, const char *action)
{
    requests_t v = {.filter = {.patient_uid = uid_or_none(in->patient_uid),
                               .statuses = in->statuses,
                               .from = in->from,
                               .until = in->until,
                               .after_id = in->after_id,
                               .limit = in->limit + 1,
                               .made_by = rg_machine_reach(ctx)},
                    .found = apr_array_make(ctx->pool, 16, sizeof(rg_order_t)),
                    .action = action};
    for (int i = 0; i < RG_VISIT_UIDS; i++) {
        v.filter.uids[i] = uid_or_none(in->uids[i]);
    }
    return v;
}

static rg_outcome_t find_requests(rg_order_t **out, int *count, bool *more, const rg_ctx_t *ctx,
                                  const rg_orders_in_t *in, const char *action)
{
    requests_t v = requests_of(ctx, in, action);
    rg_outcome_t rc = rg_store_read(ctx, read_requests, &v);
    *more = v.found->nelts > in->limit;
    *count = *more ? in->limit : v.found->nelts;
    *out = (rg_order_t *)(void *)v.found->elts;
    return rc;
}

rg_outcome_t rg_orders_search(rg_order_t **out, int *count, bool *more, const rg_ctx_t *ctx,
                              const rg_orders_in_t *in)
{
    rg_outcome_t rc = rg_machine_may(ctx, "ServiceRequest", 's');
    return rc == RG_OK ? find_requests(out, count, more, ctx, in, "order.search") : rc;
}

rg_outcome_t rg_orders_total(int64_t *out, const rg_ctx_t *ctx, const rg_orders_in_t *in)
{
    requests_t v = requests_of(ctx, in, "order.search");
    v.filter.after_id = 0;
    rg_outcome_t rc = rg_machine_may(ctx, "ServiceRequest", 's');
    rc = rc == RG_OK ? rg_store_read(ctx, count_requests, &v) : rc;
    *out = v.total;
    return rc;
}

rg_outcome_t rg_order_get(rg_order_t **out, const rg_ctx_t *ctx, const char *uid)
{
    rg_orders_in_t in = rg_orders_any(1);
    int count = 0;
    bool more;
    rg_outcome_t rc = rg_machine_may(ctx, "ServiceRequest", 'r');
    in.uids[0] = uid;
    if (rc == RG_OK) {
        rc = rg_uid_valid(uid) ? find_requests(out, &count, &more, ctx, &in, "order.read")
                               : RG_NOT_FOUND;
    }
    return rc == RG_OK && count == 0 ? RG_NOT_FOUND : rc;
}
