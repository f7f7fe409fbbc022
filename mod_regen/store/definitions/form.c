/* SPDX-License-Identifier: Apache-2.0 */
/* Consent forms as they are published. Who signs one reads it with the consents
 * (patient/consent.c). */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/clinic_def.h"
#include "regen/store/store.h"

#define FORM_HEAD_ROW(FIRST, COL)                                                                  \
    FIRST(I64, id, "v.id")                                                                         \
    COL(I64, form_id, "f.id")                                                                      \
    COL(STR, code, "f.code")                                                                       \
    COL(STR, name, "f.name")                                                                       \
    COL(BOOL, names_side, "f.names_side")                                                          \
    COL(INT, version, "v.version")                                                                 \
    COL(STR, title, "v.title")                                                                     \
    COL(BOOL, material, "v.material")                                                              \
    COL(INT, valid_days, "v.validity_days")                                                        \
    COL(BOOL, needs_clinician, "v.needs_clinician")                                                \
    COL(TIME, published_at, "v.published_at")                                                      \
    COL(HASH, sha256, "v.sha256")
#define FORM_WHOLE_ROW(FIRST, COL)                                                                 \
    FORM_HEAD_ROW(FIRST, COL)                                                                      \
    COL(STR, body, "v.body")
RG_ROW(form_head_row, rg_form_text_t, FORM_HEAD_ROW);
RG_ROW(form_whole_row, rg_form_text_t, FORM_WHOLE_ROW);

rg_outcome_t rg_form_version_get(rg_db_t *db, const rg_ctx_t *ctx, rg_form_text_t **out,
                                 const char *code, int version)
{
    RG_SQL(ONE, "SELECT " RG_COLUMNS(FORM_WHOLE_ROW)
                " FROM form f"
                " JOIN form_version v ON v.form_id = f.id"
                " WHERE f.code = ? AND v.version = IF(? > 0, ?, (SELECT MAX(m.version)"
                " FROM form_version m WHERE m.form_id = f.id))");
    return rg_sql_new(db, ctx, out, form_whole_row, ONE,
                      RG_IN(RG_S(code), RG_I(version), RG_I(version)));
}

rg_outcome_t rg_form_versions(rg_db_t *db, const rg_ctx_t *ctx, rg_form_text_t **out, int *count)
{
    RG_SQL(ALL, "SELECT " RG_COLUMNS(FORM_HEAD_ROW)
                " FROM form f"
                " JOIN form_version v ON v.form_id = f.id"
                " AND v.version = (SELECT MAX(m.version) FROM form_version m"
                " WHERE m.form_id = f.id)"
                " ORDER BY f.code");
    return rg_sql_list(db, ctx, out, count, form_head_row, ALL, RG_IN_NONE);
}

#define FORM_VERSION_NEW(FIRST, COL)                                                               \
    FIRST(form_id, RG_I(v->form_id))                                                               \
    COL(version, RG_I(v->version))                                                                 \
    COL(title, RG_S(v->title))                                                                     \
    COL(body, RG_S(v->body))                                                                       \
    COL(sha256, RG_B(v->sha256, sizeof(v->sha256)))                                                \
    COL(material, RG_I(v->material))                                                               \
    COL(validity_days, RG_I(v->valid_days))                                                        \
    COL(needs_clinician, RG_I(v->needs_clinician))                                                 \
    COL(published_at, RG_T(ctx->now))

rg_outcome_t rg_form_version_add(rg_db_t *db, const rg_ctx_t *ctx, rg_form_text_t *v)
{
    RG_SQL(FORM, "INSERT INTO form (code, name, names_side) VALUES (?, ?, ?)"
                 " ON DUPLICATE KEY UPDATE name = VALUES(name)");
    RG_SQL(ID, "SELECT id FROM form WHERE code = ?");
    RG_SQL(LAST, "SELECT COALESCE(MAX(version), 0) FROM form_version WHERE form_id = ?");
    RG_SQL(ADD, RG_INSERT("form_version", FORM_VERSION_NEW));
    int64_t last = 0;
    RG_TRY(
        rg_sql_exec(db, ctx, FORM, RG_IN(RG_S(v->code), RG_S(v->name), RG_I(v->names_side)), NULL));
    RG_TRY(rg_sql_number(db, ctx, &v->form_id, ID, RG_IN(RG_S(v->code))));
    RG_TRY(rg_sql_number(db, ctx, &last, LAST, RG_IN(RG_I(v->form_id))));
    v->version = (int)last + 1;
    RG_TRY(rg_sql_exec(db, ctx, ADD, RG_BINDS(FORM_VERSION_NEW), NULL));
    v->id = rg_sql_insert_id(db);
    return RG_OK;
}
