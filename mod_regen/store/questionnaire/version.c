/* SPDX-License-Identifier: Apache-2.0 */
/* Questionnaires and their published versions, which never change. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/questionnaire.h"
#include "regen/store/questionnaire.h"
#include "regen/store/store.h"

#define HEAD_ROW(FIRST, COL)                                                                       \
    FIRST(I64, id, "v.id")                                                                         \
    COL(I64, questionnaire_id, "v.questionnaire_id")                                               \
    COL(STR, code, "q.code")                                                                       \
    COL(STR, title, "v.title")                                                                     \
    COL(INT, version, "v.version")                                                                 \
    COL(HASH, sha256, "v.sha256")                                                                  \
    COL(TIME, published_at, "v.published_at")
#define VERSION_ROW(FIRST, COL)                                                                    \
    HEAD_ROW(FIRST, COL)                                                                           \
    COL(STR, body, "v.body")
RG_ROW(quest_head_row, rg_quest_version_t, HEAD_ROW);
RG_ROW(quest_version_row, rg_quest_version_t, VERSION_ROW);

rg_outcome_t rg_quest_version(rg_db_t *db, const rg_ctx_t *ctx, rg_quest_version_t **out,
                              const char *code, int version)
{
    RG_SQL(ONE, "SELECT " RG_COLUMNS(VERSION_ROW)
                " FROM questionnaire q"
                " JOIN questionnaire_version v ON v.questionnaire_id = q.id"
                " WHERE q.code = ? AND v.version = IF(? > 0, ?, (SELECT MAX(m.version)"
                " FROM questionnaire_version m WHERE m.questionnaire_id = q.id))");
    return rg_sql_new(db, ctx, out, quest_version_row, ONE,
                      RG_IN(RG_S(code), RG_I(version), RG_I(version)));
}

rg_outcome_t rg_quest_version_by_id(rg_db_t *db, const rg_ctx_t *ctx, rg_quest_version_t **out,
                                    int64_t id)
{
    RG_SQL(ONE, "SELECT " RG_COLUMNS(VERSION_ROW)
                " FROM questionnaire_version v"
                " JOIN questionnaire q ON q.id = v.questionnaire_id"
                " WHERE v.id = ?");
    return rg_sql_new(db, ctx, out, quest_version_row, ONE, RG_IN(RG_I(id)));
}

rg_outcome_t rg_quest_versions(rg_db_t *db, const rg_ctx_t *ctx, rg_quest_version_t **out,
                               int *count)
{
    RG_SQL(ALL, "SELECT " RG_COLUMNS(HEAD_ROW)
                " FROM questionnaire q"
                " JOIN questionnaire_version v ON v.questionnaire_id = q.id"
                " AND v.version = (SELECT MAX(m.version) FROM questionnaire_version m"
                " WHERE m.questionnaire_id = q.id)"
                " ORDER BY q.code");
    return rg_sql_list(db, ctx, out, count, quest_head_row, ALL, RG_IN_NONE);
}

#define VERSION_NEW(FIRST, COL)                                                                    \
    FIRST(questionnaire_id, RG_I(v->questionnaire_id))                                             \
    COL(version, RG_I(v->version))                                                                 \
    COL(title, RG_S(v->title))                                                                     \
    COL(body, RG_S(v->body))                                                                       \
    COL(sha256, RG_B(v->sha256, sizeof(v->sha256)))                                                \
    COL(published_at, RG_T(ctx->now))

rg_outcome_t rg_quest_version_add(rg_db_t *db, const rg_ctx_t *ctx, rg_quest_version_t *v)
{
    RG_SQL(CODE, "INSERT IGNORE INTO questionnaire (code) VALUES (?)");
    RG_SQL(ID, "SELECT id FROM questionnaire WHERE code = ?");
    RG_SQL(LAST, "SELECT COALESCE(MAX(version), 0) FROM questionnaire_version"
                 " WHERE questionnaire_id = ?");
    RG_SQL(ADD, RG_INSERT("questionnaire_version", VERSION_NEW));
    int64_t last = 0;

    RG_TRY(rg_sql_exec(db, ctx, CODE, RG_IN(RG_S(v->code)), NULL));
    RG_TRY(rg_sql_number(db, ctx, &v->questionnaire_id, ID, RG_IN(RG_S(v->code))));
    RG_TRY(rg_sql_number(db, ctx, &last, LAST, RG_IN(RG_I(v->questionnaire_id))));
    v->version = (int)last + 1;
    RG_TRY(rg_sql_exec(db, ctx, ADD, RG_BINDS(VERSION_NEW), NULL));
    v->id = rg_sql_insert_id(db);
    return RG_OK;
}
