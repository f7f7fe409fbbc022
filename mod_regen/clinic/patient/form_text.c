/* SPDX-License-Identifier: Apache-2.0 */
/* Consent forms: what patients sign is published as a version that never changes. The way back is
 * the older text as the next version. */
#include "mod_regen/clinic/access.h"
#include "regen/clinic/clinic_def.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/model/clinic_def.h"
#include "regen/store/clinic_def.h"
#include "regen/store/store.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

/* --- the file --------------------------------------------------------------------------------- */

static const rg_field_t *field_named(const char *name)
{
    for (const rg_field_t *f = rg_form_fields; f->name; f++) {
        if (strcmp(f->name, name) == 0) {
            return f;
        }
    }
    return NULL;
}

static char *without_edges(char *s)
{
    while (apr_isspace(*s)) {
        s++;
    }
    size_t n = strlen(s);
    while (n > 0 && apr_isspace(s[n - 1])) {
        s[--n] = '\0';
    }
    return s;
}

/* One line of the head; the names that were there are collected in SEEN. */
static void read_head_line(rg_form_text_t *v, apr_table_t *seen, char *line, int at,
                           rg_problems_t *problems)
{
    apr_pool_t *p = problems->list->pool;
    const char *where = apr_psprintf(p, "line %d", at);
    char *name = without_edges(line);
    size_t n = strcspn(name, " \t");
    char *value = name + n;
    if (name[0] == '#') {
        return;
    }
    if (*value) {
        *value++ = '\0';
    }
    const rg_field_t *f = field_named(name);
    const char *why = !f                          ? "There is no such name here."
                      : apr_table_get(seen, name) ? "This was said before."
                                                  : rg_field_set(p, f, v, without_edges(value));
    if (why) {
        rg_problem_add(problems, where, "%s", why);
    }
    apr_table_set(seen, name, "");
}

static void read_body(rg_form_text_t *v, char *text, rg_problems_t *problems)
{
    v->body = without_edges(text);
    if (strncmp(v->body, "## ", 3) != 0) {
        rg_problem_add(problems, "text",
                       "Begin with a heading, a line like \"## What will be done\", after an empty "
                       "line.");
    }
    if (strlen(v->body) > RG_FORM_BODY_MOST) {
        rg_problem_add(problems, "text", "Use at most %d bytes.", RG_FORM_BODY_MOST);
    }
}

static void check_head_whole(rg_form_text_t *v, const apr_table_t *seen, rg_problems_t *problems)
{
    for (int i = 0; rg_form_fields[i].name; i++) {
        const rg_field_t *f = &rg_form_fields[i];
        if (apr_table_get(seen, f->name)) {
            v->said |= 1U << i;
        }
        else if (!f->usual) {
            rg_problem_add(problems, f->name, "This is missing.");
        }
    }
}

/* The same text from a machine that ends lines with CR LF is the same text. */
static void end_lines_with_lf(char *text)
{
    char *to = text;
    for (const char *c = text; *c; c++) {
        if (*c != '\r' || c[1] != '\n') {
            *to++ = *c;
        }
    }
    *to = '\0';
}

rg_outcome_t rg_form_text_read(rg_form_text_t **out, apr_pool_t *p, const char *bytes, size_t n,
                               rg_problems_t *problems)
{
    rg_form_text_t *v = apr_pcalloc(p, sizeof(*v));
    apr_table_t *seen = apr_table_make(p, 8);
    char *at = apr_pstrmemdup(p, bytes, n);
    if (strlen(at) != n || !rg_text_clean(at, n)) {
        rg_problem_add(problems, NULL, "The file is not plain text in UTF-8.");
        return RG_INVALID;
    }
    end_lines_with_lf(at);
    rg_fields_usual(p, rg_form_fields, v);
    for (int line = 1; at[0] != '\0' && at[0] != '\n'; line++) {
        size_t len = strcspn(at, "\n");
        char *next = at + len + (at[len] == '\n');
        read_head_line(v, seen, apr_pstrmemdup(p, at, len), line, problems);
        at = next;
    }
    check_head_whole(v, seen, problems);
    read_body(v, at, problems);
    rg_crypto_sha256(v->sha256, v->body, strlen(v->body));
    *out = v;
    return rg_problems_any(problems) ? RG_INVALID : RG_OK;
}

/* --- publishing ------------------------------------------------------------------------------- */

typedef struct {
    rg_form_text_t *v, *found, *last;
    const char *code;
    int version, count;
    bool same;
} form_work_t;

static bool is_same(apr_pool_t *p, const rg_form_text_t *a, const rg_form_text_t *b)
{
    bool same = strcmp(a->body, b->body) == 0;
    for (const rg_field_t *f = rg_form_fields; same && f->name; f++) {
        same = strcmp(rg_field_get(p, f, a), rg_field_get(p, f, b)) == 0;
    }
    return same;
}

/* A key that is left out must not take a rule away that patients signed under. */
static void keep_unsaid(apr_pool_t *p, rg_form_text_t *v, const rg_form_text_t *last)
{
    for (int i = 0; rg_form_fields[i].name; i++) {
        const rg_field_t *f = &rg_form_fields[i];
        if (!(v->said & 1U << i)) {
            (void)rg_field_set(p, f, v, rg_field_get(p, f, last));
        }
    }
}

static rg_outcome_t publish_form(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    form_work_t *w = baton;
    rg_form_text_t *last = NULL;
    rg_outcome_t rc = rg_form_version_get(db, ctx, &last, w->v->code, 0);
    if (rc != RG_OK && rc != RG_NOT_FOUND) {
        return rc;
    }
    w->last = last;
    if (last) {
        keep_unsaid(ctx->pool, w->v, last);
    }
    w->same = last && is_same(ctx->pool, last, w->v);
    if (w->same) {
        w->v->version = last->version;
        return RG_OK;
    }
    if (last && last->names_side != w->v->names_side) {
        rg_problem_add(ctx->problems, "names_side",
                       "Versions of one form have one answer. Publish this as another form.");
        return RG_PRECONDITION;
    }
    rc = rg_form_version_add(db, ctx, w->v);
    if (rc == RG_CONFLICT) {
        rg_problem_add(ctx->problems, NULL,
                       "Somebody published a version of it at the same time. Try again.");
    }
    return rc == RG_OK ? rg_audit_add(db, ctx, "form-publish", "form_version", w->v->id,
                                      apr_psprintf(ctx->pool, "%s %d", w->v->code, w->v->version))
                       : rc;
}

rg_outcome_t rg_form_text_publish(rg_form_text_t *v, const rg_form_text_t **last, bool *same,
                                  const rg_ctx_t *ctx)
{
    form_work_t w = {.v = v};
    RG_TRY(rg_must(ctx, RG_DEED_DEFINE));
    RG_TRY(rg_store_once(ctx, publish_form, &w));
    *same = w.same;
    *last = w.last;
    return RG_OK;
}

/* --- reading what was published --------------------------------------------------------------- */

static rg_outcome_t get_form(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    form_work_t *w = baton;
    return rg_form_version_get(db, ctx, &w->found, w->code, w->version);
}

rg_outcome_t rg_form_text_get(rg_form_text_t **out, const rg_ctx_t *ctx, const char *code,
                              int version)
{
    form_work_t w = {.code = code, .version = version};
    RG_TRY(rg_must(ctx, RG_DEED_DEFINE));
    RG_TRY(rg_store_read(ctx, get_form, &w));
    *out = w.found;
    return RG_OK;
}

static rg_outcome_t list_forms(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    form_work_t *w = baton;
    return rg_form_versions(db, ctx, &w->found, &w->count);
}

rg_outcome_t rg_form_texts(rg_form_text_t **out, int *count, const rg_ctx_t *ctx)
{
    form_work_t w = {0};
    RG_TRY(rg_must(ctx, RG_DEED_DEFINE));
    RG_TRY(rg_store_read(ctx, list_forms, &w));
    *out = w.found;
    *count = w.count;
    return RG_OK;
}
