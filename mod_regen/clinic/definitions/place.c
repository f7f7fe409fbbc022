/* SPDX-License-Identifier: Apache-2.0 */
/* Who bills, sites and payers: a file is compared with what is stored, and what differs is
 * written and audited. The old values are handed back: who imports sees the way back. */
#include "mod_regen/clinic/access.h"
#include "regen/clinic/clinic_def.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/clinic_def.h"
#include "regen/store/clinic_def.h"
#include "regen/store/store.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

/* --- reading ---------------------------------------------------------------------------------- */

static rg_outcome_t read_def(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    return rg_clinic_def_read(db, ctx, baton);
}

rg_outcome_t rg_clinic_def_get(rg_clinic_def_t *out, const rg_ctx_t *ctx)
{
    *out = (rg_clinic_def_t){0};
    RG_TRY(rg_must(ctx, RG_DEED_DEFINE));
    return rg_store_read(ctx, read_def, out);
}

/* --- what fits -------------------------------------------------------------------------------- */

static void say_wrong(const rg_ctx_t *ctx, bool right, const char *path, const char *field,
                      const char *text)
{
    if (!right) {
        rg_problem_add(ctx->problems, apr_pstrcat(ctx->pool, path, ".", field, NULL), "%s", text);
    }
}

static void check_country_code(const rg_ctx_t *ctx, const char *path, const rg_address_t *a)
{
    say_wrong(ctx, apr_isupper(a->country[0]) && apr_isupper(a->country[1]), path, "country",
              "Use the two capital letters of ISO 3166, like US.");
}

static void check_biller(const rg_ctx_t *ctx, const rg_organization_t *o)
{
    static const char path[] = "organization[0]";
    say_wrong(ctx, rg_npi_valid(o->npi), path, "npi",
              "This is not an NPI: 10 digits whose last one is a check digit.");
    say_wrong(ctx, rg_tin_valid(o->tin), path, "tin",
              "Use the 9 digits of the EIN, without a dash.");
    say_wrong(ctx, rg_taxonomy_valid(o->taxonomy), path, "taxonomy",
              "Use a code of NUCC's taxonomy, like 261QM1300X.");
    check_country_code(ctx, path, &o->address);
}

/* Of the system's zone data, those that are no place: what this machine has, and counts of seconds
 * that no clock shows. */
static bool is_place_zone(const char *name)
{
    return strcmp(name, "posixrules") != 0 && strcmp(name, "localtime") != 0 &&
           strcmp(name, "Factory") != 0 && strncmp(name, "posix/", 6) != 0 &&
           strncmp(name, "right/", 6) != 0;
}

static void check_site(const rg_ctx_t *ctx, const rg_clinic_def_t *def, int at)
{
    const rg_site_t *s = &def->sites[at];
    const char *path = apr_psprintf(ctx->pool, "sites[%d]", at);
    bool zone =
        strspn(s->time_zone, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                             "_+/-") == strlen(s->time_zone) &&
        strlen(s->time_zone) > 1 && apr_isalpha(s->time_zone[0]) && is_place_zone(s->time_zone);
    say_wrong(ctx, zone && rg_zone_open(ctx->pool, s->time_zone), path, "time_zone",
              "Use a time zone that this system knows, like America/New_York.");
    say_wrong(ctx, rg_place_of_service_valid(s->place_of_service), path, "place_of_service",
              "Use a place of service code of CMS, like 11 for an office.");
    check_country_code(ctx, path, &s->address);
    for (int i = 0; i < at; i++) {
        say_wrong(ctx, strcmp(def->sites[i].code, s->code) != 0, path, "code",
                  "Another site of this file has this code.");
    }
}

static void check_payer_line(const rg_ctx_t *ctx, const rg_clinic_def_t *def, int at)
{
    for (int i = 0; i < at; i++) {
        say_wrong(ctx, strcmp(def->payers[i].code, def->payers[at].code) != 0,
                  apr_psprintf(ctx->pool, "payers[%d]", at), "code",
                  "Another payer of this file has this code.");
    }
}

static rg_outcome_t check_clinic_def(const rg_ctx_t *ctx, const rg_clinic_def_t *def)
{
    for (int i = 0; i < def->organization_count; i++) {
        check_biller(ctx, &def->organization[i]);
    }
    for (int i = 0; i < def->site_count; i++) {
        check_site(ctx, def, i);
    }
    for (int i = 0; i < def->payer_count; i++) {
        check_payer_line(ctx, def, i);
    }
    return rg_problems_any(ctx->problems) ? RG_INVALID : RG_OK;
}

/* --- comparing -------------------------------------------------------------------------------- */

typedef struct {
    const rg_clinic_def_t *def;
    bool dry;
    rg_clinic_def_t old;
    apr_array_header_t *changes; /* of rg_clinic_change_t */
} saving_t;

/* The names of the fields that differ, separated by blanks; "": none. What there was goes to the
 * list of changes. */
static const char *compare_fields(saving_t *w, const rg_ctx_t *ctx, const char *what,
                                  const rg_field_t *fields, const void *was, const void *is)
{
    apr_pool_t *p = ctx->pool;
    const char *names = "";
    for (const rg_field_t *f = fields; f->name; f++) {
        const char *old = rg_field_get(p, f, was);
        const char *new = rg_field_get(p, f, is);
        if (strcmp(old, new) != 0) {
            rg_clinic_change_t *c = apr_array_push(w->changes);
            *c = (rg_clinic_change_t){what, f->name, old, new};
            names = apr_pstrcat(p, names, names[0] ? " " : "", f->name, NULL);
        }
    }
    return names;
}

static void note_new(saving_t *w, const char *what)
{
    rg_clinic_change_t *c = apr_array_push(w->changes);
    *c = (rg_clinic_change_t){.what = what};
}

/* --- storing ---------------------------------------------------------------------------------- */

static rg_outcome_t save_biller(saving_t *w, rg_db_t *db, const rg_ctx_t *ctx)
{
    rg_organization_t o = *w->def->organization;
    const rg_organization_t *old = w->old.organization_count ? w->old.organization : NULL;
    const char *names = "new";
    if (old) {
        names = compare_fields(w, ctx, "organization", rg_organization_fields, old, &o);
        o.id = old->id;
    }
    else {
        note_new(w, "organization");
    }
    if (w->dry || !names[0]) {
        return RG_OK;
    }
    RG_TRY(rg_organization_put(db, ctx, &o));
    return rg_audit_add(db, ctx, "organization-set", "organization", o.id, names);
}

/* A booking refers to its service: with those of the site locked, none is added until this is
 * committed. */
static rg_outcome_t keep_zone(rg_db_t *db, const rg_ctx_t *ctx, const rg_site_t *old,
                              const rg_site_t *s)
{
    bool used = false;
    if (strcmp(old->time_zone, s->time_zone) == 0) {
        return RG_OK;
    }
    RG_TRY(rg_site_lock(db, ctx, old->id));
    RG_TRY(rg_site_in_use(db, ctx, &used, old->id));
    if (used) {
        rg_problem_add(ctx->problems, s->code,
                       "Bookings at this site are not over yet: another time zone would move them "
                       "to other hours.");
    }
    return used ? RG_PRECONDITION : RG_OK;
}

static rg_outcome_t save_site(saving_t *w, rg_db_t *db, const rg_ctx_t *ctx, const rg_site_t *is)
{
    rg_site_t s = *is;
    const char *what = apr_pstrcat(ctx->pool, "site ", s.code, NULL);
    const char *names = "new";
    const rg_site_t *old = NULL;
    for (int i = 0; i < w->old.site_count; i++) {
        old = strcmp(w->old.sites[i].code, s.code) == 0 ? &w->old.sites[i] : old;
    }
    if (old) {
        names = compare_fields(w, ctx, what, rg_site_fields, old, &s);
        s.id = old->id;
        s.uid = old->uid;
        RG_TRY(keep_zone(db, ctx, old, &s));
    }
    else {
        note_new(w, what);
        s.uid = rg_uid_make(ctx);
    }
    if (w->dry || !names[0]) {
        return RG_OK;
    }
    RG_TRY(rg_site_put(db, ctx, &s));
    return rg_audit_add(db, ctx, "site-set", "site", s.id,
                        apr_pstrcat(ctx->pool, s.code, " ", names, NULL));
}

static rg_outcome_t save_payer(saving_t *w, rg_db_t *db, const rg_ctx_t *ctx, const rg_payer_t *is)
{
    rg_payer_t y = *is;
    const char *what = apr_pstrcat(ctx->pool, "payer ", y.code, NULL);
    const char *names = "new";
    const rg_payer_t *old = NULL;
    for (int i = 0; i < w->old.payer_count; i++) {
        old = strcmp(w->old.payers[i].code, y.code) == 0 ? &w->old.payers[i] : old;
    }
    if (old) {
        names = compare_fields(w, ctx, what, rg_payer_fields, old, &y);
        y.id = old->id;
    }
    else {
        note_new(w, what);
    }
    if (w->dry || !names[0]) {
        return RG_OK;
    }
    RG_TRY(rg_payer_put(db, ctx, &y));
    return rg_audit_add(db, ctx, "payer-set", "payer", y.id,
                        apr_pstrcat(ctx->pool, y.code, " ", names, NULL));
}

/* Run again after a conflict, it begins anew. */
static rg_outcome_t save_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    saving_t *w = baton;
    rg_outcome_t rc = rg_clinic_def_read(db, ctx, &w->old);
    apr_array_clear(w->changes);
    if (rc == RG_OK && w->def->organization_count > 0) {
        rc = save_biller(w, db, ctx);
    }
    for (int i = 0; rc == RG_OK && i < w->def->site_count; i++) {
        rc = save_site(w, db, ctx, &w->def->sites[i]);
    }
    for (int i = 0; rc == RG_OK && i < w->def->payer_count; i++) {
        rc = save_payer(w, db, ctx, &w->def->payers[i]);
    }
    return rc;
}

rg_outcome_t rg_clinic_def_save(rg_clinic_saved_t *out, const rg_ctx_t *ctx,
                                const rg_clinic_def_t *def, bool dry)
{
    saving_t w = {.def = def, .dry = dry};
    w.changes = apr_array_make(ctx->pool, 16, sizeof(rg_clinic_change_t));
    RG_TRY(rg_must(ctx, RG_DEED_DEFINE));
    RG_TRY(check_clinic_def(ctx, def));
    rg_outcome_t rc =
        dry ? rg_store_read(ctx, save_work, &w) : rg_store_transact(ctx, save_work, &w);
    *out = (rg_clinic_saved_t){w.changes->nelts, (rg_clinic_change_t *)w.changes->elts};
    return rc;
}
