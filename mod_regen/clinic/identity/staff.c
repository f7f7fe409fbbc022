/* SPDX-License-Identifier: Apache-2.0 */
/* Staff for administrators: the list, and changes of one login. Adding staff is in admin.c,
 * passwords in login.c. */
#include "mod_regen/clinic/access.h"
#include "regen/clinic/identity.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/model/staff.h"
#include "regen/store/identity.h"
#include "regen/store/store.h"

#include <string.h>

static rg_outcome_t list_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    return rg_staff_rows(db, ctx, baton);
}

rg_outcome_t rg_staff_list(rg_staff_row_t **out, int *count, const rg_ctx_t *ctx)
{
    apr_array_header_t *rows = apr_array_make(ctx->pool, 16, sizeof(rg_staff_row_t));
    if (!rg_may(ctx, RG_DEED_STAFF)) {
        return RG_FORBIDDEN;
    }
    rg_outcome_t rc = rg_store_read(ctx, list_work, rows);
    *out = (rg_staff_row_t *)rows->elts;
    *count = rows->nelts;
    return rc;
}

typedef struct {
    const char *login;
    int deed;
    rg_staff_t *staff;
} deed_work_t;

static rg_outcome_t do_unlock(rg_db_t *db, const rg_ctx_t *ctx, const rg_staff_t *s)
{
    return rg_staff_cleared(db, ctx, s->id);
}

static rg_outcome_t do_end_sessions(rg_db_t *db, const rg_ctx_t *ctx, const rg_staff_t *s)
{
    return rg_session_drop_staff(db, ctx, s->id);
}

/* A clinic without an administrator could not be opened again from its pages. */
static rg_outcome_t not_the_last(rg_db_t *db, const rg_ctx_t *ctx, const rg_staff_t *s)
{
    int64_t others = 0;
    if ((s->roles & RG_ROLE_ADMIN) == 0) {
        return RG_OK;
    }
    rg_outcome_t rc = rg_staff_other_admins(db, ctx, &others, s->id);
    if (rc == RG_OK && others == 0) {
        rg_problem_add(ctx->problems, NULL,
                       "This is the last administrator. Give somebody else that role first.");
        return RG_PRECONDITION;
    }
    return rc;
}

static rg_outcome_t do_disable(rg_db_t *db, const rg_ctx_t *ctx, const rg_staff_t *s)
{
    if (s->id == ctx->who.staff_id) {
        rg_problem_add(ctx->problems, NULL, "You cannot disable your own login.");
        return RG_PRECONDITION;
    }
    rg_outcome_t rc = not_the_last(db, ctx, s);
    if (rc == RG_OK) {
        rc = rg_staff_active_put(db, ctx, s->id, false);
    }
    if (rc == RG_OK) {
        rc = rg_session_drop_staff(db, ctx, s->id);
    }
    return rc == RG_OK ? rg_device_drop_staff(db, ctx, s->id) : rc;
}

static rg_outcome_t do_enable(rg_db_t *db, const rg_ctx_t *ctx, const rg_staff_t *s)
{
    return rg_staff_active_put(db, ctx, s->id, true);
}

typedef struct {
    const char *name, *audit;
    rg_outcome_t (*run)(rg_db_t *db, const rg_ctx_t *ctx, const rg_staff_t *s);
} deed_t;

static const deed_t deeds[] = {
    {"unlock", "staff-unlock", do_unlock},
    {"end-sessions", "staff-end-sessions", do_end_sessions},
    {"disable", "staff-disable", do_disable},
    {"enable", "staff-enable", do_enable},
};

static rg_outcome_t deed_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    deed_work_t *w = baton;
    const deed_t *d = &deeds[w->deed];
    rg_outcome_t rc = rg_staff_find(db, ctx, &w->staff, w->login);
    if (rc == RG_OK &&
        strcmp(rg_fold_case(ctx->pool, w->staff->login), rg_fold_case(ctx->pool, w->login)) != 0) {
        rc = RG_NOT_FOUND;
    }
    if (rc == RG_OK) {
        rc = d->run(db, ctx, w->staff);
    }
    return rc == RG_OK ? rg_audit_add(db, ctx, d->audit, "staff", w->staff->id, NULL) : rc;
}

rg_outcome_t rg_staff_do(const rg_ctx_t *ctx, const char *login, const char *deed)
{
    deed_work_t w = {.login = login, .deed = -1};
    for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
        if (strcmp(deeds[i].name, deed) == 0) {
            w.deed = (int)i;
        }
    }
    if (!rg_may(ctx, RG_DEED_STAFF)) {
        return RG_FORBIDDEN;
    }
    if (w.deed < 0 || !rg_text_clean(login, strlen(login))) {
        return RG_NOT_FOUND;
    }
    return rg_store_once(ctx, deed_work, &w);
}
