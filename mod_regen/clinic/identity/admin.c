/* SPDX-License-Identifier: Apache-2.0 */
/* For administrators at the command line: new staff, and the list of API tokens. */
#include "mod_regen/clinic/access.h"
#include "regen/clinic/identity.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/model/staff.h"
#include "regen/store/identity.h"
#include "regen/store/store.h"

#include <string.h>

#include <apr_strings.h>

typedef struct {
    const char *login, *name, *practitioner;
    unsigned roles;
    int64_t id;
} new_staff_t;

static rg_outcome_t add_roles(rg_db_t *db, const rg_ctx_t *ctx, const new_staff_t *s)
{
    rg_outcome_t rc = RG_OK;
    for (unsigned role = 1; rc == RG_OK && role <= s->roles; role <<= 1) {
        if (s->roles & role) {
            rc = rg_staff_role_add(db, ctx, s->id, role);
        }
    }
    return rc;
}

static rg_outcome_t add_staff(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    new_staff_t *s = baton;
    int64_t resource_id = 0;
    rg_outcome_t rc = RG_OK;
    if (s->practitioner) {
        rc = rg_practitioner_find(db, ctx, &resource_id, s->practitioner);
        if (rc == RG_NOT_FOUND) {
            rg_problem_add(ctx->problems, "practitioner",
                           "There is no practitioner with this code.");
        }
    }
    if (rc == RG_OK) {
        rc = rg_staff_row_add(db, ctx, &s->id, s->login, s->name, resource_id);
        if (rc == RG_CONFLICT) {
            rg_problem_add(ctx->problems, "login", "This login already exists.");
        }
    }
    rc = rc == RG_OK ? add_roles(db, ctx, s) : rc;
    return rc == RG_OK ? rg_audit_add(db, ctx, "staff-add", "staff", s->id, "") : rc;
}

/* A login is typed at every start of work and shown in logs as staff:id only. */
static bool login_fits(const char *s)
{
    size_t n = strlen(s);
    return n > 0 && n <= 64 &&
           strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@-") == n;
}

rg_outcome_t rg_staff_add(int64_t *id, const rg_ctx_t *ctx, const char *login, const char *name,
                          unsigned roles, const char *practitioner)
{
    name = rg_text_clean(name, strlen(name)) ? rg_text_tidy(ctx->pool, name) : "";
    new_staff_t s = {login, name, practitioner, roles & RG_ROLE_STAFF, 0};
    if (!rg_may(ctx, RG_DEED_STAFF)) {
        return RG_FORBIDDEN;
    }
    if (!login_fits(login)) {
        rg_problem_add(ctx->problems, "login",
                       "Use 1 to 64 letters, digits and the characters . _ @ and -.");
    }
    if (name[0] == '\0' || rg_text_length(name) > 120) {
        rg_problem_add(ctx->problems, "name", "Use 1 to 120 characters.");
    }
    if (s.roles == 0) {
        rg_problem_add(ctx->problems, "role", "Give at least one role.");
    }
    if (rg_problems_any(ctx->problems)) {
        return RG_INVALID;
    }
    rg_outcome_t rc = rg_store_transact(ctx, add_staff, &s);
    *id = s.id;
    return rc;
}

typedef struct {
    const char *login, *code;
} link_t;

static rg_outcome_t link_practitioner(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const link_t *l = baton;
    rg_staff_t *staff = NULL;
    int64_t resource_id = 0;
    rg_outcome_t rc = rg_staff_find(db, ctx, &staff, l->login);
    if (rc == RG_OK && strcmp(staff->login, l->login) != 0) {
        return RG_NOT_FOUND;
    }
    if (rc == RG_OK && strcmp(l->code, "none") != 0) {
        rc = rg_practitioner_find(db, ctx, &resource_id, l->code);
        if (rc == RG_NOT_FOUND) {
            rg_problem_add(ctx->problems, "practitioner",
                           "There is no practitioner with this code.");
        }
    }
    rc = rc == RG_OK ? rg_staff_practitioner_put(db, ctx, staff->id, resource_id) : rc;
    return rc == RG_OK ? rg_audit_add(db, ctx, "staff-practitioner", "staff", staff->id, l->code)
                       : rc;
}

rg_outcome_t rg_staff_practitioner(const rg_ctx_t *ctx, const char *login, const char *code)
{
    link_t l = {login, code};
    return rg_may(ctx, RG_DEED_STAFF) ? rg_store_transact(ctx, link_practitioner, &l)
                                      : RG_FORBIDDEN;
}

static rg_outcome_t token_rows(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    return rg_token_rows(db, ctx, baton);
}

rg_outcome_t rg_token_list(rg_token_row_t **out, int *count, const rg_ctx_t *ctx)
{
    apr_array_header_t *rows = apr_array_make(ctx->pool, 16, sizeof(rg_token_row_t));
    if (!rg_may(ctx, RG_DEED_STAFF)) {
        return RG_FORBIDDEN;
    }
    rg_outcome_t rc = rg_store_read(ctx, token_rows, rows);
    *out = (rg_token_row_t *)rows->elts;
    *count = rows->nelts;
    return rc;
}
