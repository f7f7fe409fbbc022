/* SPDX-License-Identifier: Apache-2.0 */
/* What the module's account may do with each table. Tables of evidence are insert-only for it: the
 * server refuses UPDATE and DELETE whatever a session sets, which a trigger of this schema cannot
 * promise to somebody who may drop it. Triggers work with the rights of their maker. */
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/evidence.h"

#include <string.h>

#include <apr_strings.h>

typedef enum { EVIDENCE, ORDINARY, READ_ONLY } class_t;

/* A table that is missing here cannot be used by the module; tests/store/evidence/test_grants.py
 * compares the list with the schema. */
static const struct {
    class_t class;
    const char *names; /* separated by spaces */
} TABLES[] = {
    {EVIDENCE,
     "account act audit_anchor audit_anchor_head audit_event booking_ending cash_count charge_off "
     "claim claim_batch claim_batch_claim claim_batch_file "
     "claim_diagnosis claim_line collection consent consent_explained consent_withdrawal "
     "correction "
     "credit_note credit_note_line estimate estimate_excess estimate_given fee_line "
     "fee_publication fee_schedule "
     "fee_schedule_version "
     "fee_withdrawal "
     "form_version injection invoice invoice_charge invoice_line ledger_entry "
     "message_try "
     "patient_change patient_distinct patient_merge patient_unmerge "
     "questionnaire questionnaire_decision questionnaire_request questionnaire_response "
     "questionnaire_version recall_attempt receipt "
     "step_event supply_lot supply_recall target_left time_out transfer treatment_order "
     "treatment_order_revocation treatment_order_target unit "
     "unit_disposal unit_manipulation unit_parent unit_processing"},
    {ORDINARY,
     "api_token appointment billing_work booking booking_diagnosis booking_link booking_override "
     "booking_resource booking_step calendar_feed calendar_version catalogue_version charge_item "
     "closure closure_kept counter counting coverage day_bitmap duplicate_rule form icd10cm "
     "idempotency "
     "invoice_series message message_link naming occupancy opening organization patient payer "
     "person_settled "
     "person_time public_base questionnaire_draft recall recall_opt_out resource "
     "resource_capability "
     "resource_kept "
     "service service_body_site service_charge service_day service_form service_need "
     "service_need_any service_preparing service_product service_recall service_screening "
     "service_step session site "
     "staff "
     "staff_device staff_role treatment_order_number visitor_booking visitor_order visitor_place "
     "visitor_session waitlist "
     "waitlist_client waitlist_offer"},
    /* Triggers write these. */
    {READ_ONLY,
     "account_balance booking_charge booking_quote booking_target capability_ended claim_receiver "
     "capability_given charge_balance device_calibration device_runs estimate_line "
     "estimate_to_give "
     "schema_migration "
     "questionnaire_review questionnaire_stop treatment_order_use unit_end unit_ready unit_source"},
};

typedef struct {
    const rg_ctx_t *ctx;
    const char *database, *account;
    void (*print)(void *baton, const char *line);
    void *baton;
} grants_t;

/* What it may have had before this table said otherwise. REVOKE refuses what is not there. */
static void grant_table(const grants_t *g, class_t class, const char *table)
{
    apr_pool_t *p = g->ctx->pool;
    const char *what = class == READ_ONLY ? "SELECT" : "INSERT, UPDATE, DELETE";
    g->print(g->baton,
             apr_psprintf(p, "GRANT %s ON `%s`.`%s` TO %s;", what, g->database, table, g->account));
    if (class == EVIDENCE) {
        g->print(g->baton, apr_psprintf(p, "REVOKE UPDATE, DELETE ON `%s`.`%s` FROM %s;",
                                        g->database, table, g->account));
    }
}

const char *rg_store_account(apr_pool_t *p, const char *account)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "_.%:-";
    const char *at = strrchr(account, '@');
    size_t n = at ? (size_t)(at - account) : 0;
    if (n == 0 || strspn(account, letters) != n || at[1] == '\0' ||
        strspn(at + 1, letters) != strlen(at + 1)) {
        return NULL;
    }
    return apr_psprintf(p, "'%s'@'%s'", apr_pstrmemdup(p, account, n), at + 1);
}

/* Rights for single tables first, then away with those for all: a module that runs meanwhile always
 * has what it needs. */
rg_outcome_t rg_store_grants(const rg_ctx_t *ctx, const char *database, const char *account,
                             void (*print)(void *baton, const char *line), void *baton)
{
    grants_t g = {ctx, database, rg_store_account(ctx->pool, account), print, baton};
    char *rest = NULL;
    if (!g.account || strchr(database, '`')) {
        return RG_INVALID;
    }
    for (size_t i = 0; i < sizeof(TABLES) / sizeof(*TABLES); i++) {
        char *names = apr_pstrdup(ctx->pool, TABLES[i].names);
        for (char *t = apr_strtok(names, " ", &rest); t; t = apr_strtok(NULL, " ", &rest)) {
            grant_table(&g, TABLES[i].class, t);
        }
    }
    print(baton,
          apr_psprintf(ctx->pool, "GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE ON `%s`.* TO %s;",
                       database, g.account));
    print(baton,
          apr_psprintf(ctx->pool, "REVOKE INSERT, UPDATE, DELETE, EXECUTE ON `%s`.* FROM %s;",
                       database, g.account));
    return RG_OK;
}
