/* SPDX-License-Identifier: Apache-2.0 */
/* What the module's account may do with each table. Tables of evidence are insert-only for it: the
 * server refuses UPDATE and DELETE whatever a session sets, which a trigger of this schema cannot
 * promise to somebody who may drop it. Triggers work with the rights of their maker. */
#include "mod_regen/store/evidence/grants.h"
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

/* What it may have had before this table said otherwise goes. REVOKE refuses a table of which the
 * account has nothing, so it comes second. */
static void grant_table(const grants_t *g, class_t class, const char *table)
{
    static const struct {
        const char *grant, *revoke;
    } words[] = {
        [EVIDENCE] = {"INSERT", "UPDATE, DELETE"},
        [ORDINARY] = {"INSERT, UPDATE, DELETE", NULL},
        [READ_ONLY] = {"SELECT", "INSERT, UPDATE, DELETE"},
    };
    apr_pool_t *p = g->ctx->pool;
    g->print(g->baton, apr_psprintf(p, "GRANT %s ON `%s`.`%s` TO %s;", words[class].grant,
                                    g->database, table, g->account));
    if (words[class].revoke) {
        g->print(g->baton, apr_psprintf(p, "REVOKE %s ON `%s`.`%s` FROM %s;", words[class].revoke,
                                        g->database, table, g->account));
    }
}

static bool find_class(class_t *out, const char *table)
{
    size_t n = strlen(table);
    for (size_t i = 0; i < sizeof(TABLES) / sizeof(*TABLES); i++) {
        const char *at = TABLES[i].names;
        while (*at) {
            size_t len = strcspn(at, " ");
            if (len == n && strncmp(at, table, n) == 0) {
                *out = TABLES[i].class;
                return true;
            }
            at += len + (at[len] == ' ');
        }
    }
    return false;
}

bool rg_grants_need(const char *table, const char *privilege)
{
    class_t class = READ_ONLY;
    if (strcmp(privilege, "SELECT") == 0) {
        return true;
    }
    if (!find_class(&class, table) || class == READ_ONLY) {
        return false;
    }
    return strcmp(privilege, "INSERT") == 0 ||
           (class == ORDINARY &&
            (strcmp(privilege, "UPDATE") == 0 || strcmp(privilege, "DELETE") == 0));
}

const char *rg_grants_pattern(apr_pool_t *p, const char *database)
{
    char *to = apr_palloc(p, 2 * strlen(database) + 1);
    char *at = to;
    for (const char *c = database; *c; c++) {
        if (*c == '_' || *c == '%') {
            *at++ = '\\';
        }
        *at++ = *c;
    }
    *at = '\0';
    return to;
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

/* Whatever else a database can be given; of 10.6, so that every server that will do knows them. */
#define ALL_BUT_SELECT                                                                             \
    "INSERT, UPDATE, DELETE, CREATE, DROP, REFERENCES, INDEX, ALTER, CREATE TEMPORARY TABLES, "    \
    "LOCK TABLES, EXECUTE, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, EVENT, "         \
    "TRIGGER, DELETE HISTORY, GRANT OPTION"

/* Nothing is given that is taken away later: killed anywhere, the account has at most what it had
 * and what it should have. Rights for all tables go last: a module that runs meanwhile always has
 * what it needs. */
rg_outcome_t rg_store_grants(const rg_ctx_t *ctx, const char *database, const char *account,
                             void (*print)(void *baton, const char *line), void *baton)
{
    apr_pool_t *p = ctx->pool;
    grants_t g = {ctx, database, rg_store_account(p, account), print, baton};
    const char *all = rg_grants_pattern(p, database);
    char *rest = NULL;
    if (!g.account || strchr(database, '`')) {
        return RG_INVALID;
    }
    print(baton, apr_psprintf(p, "GRANT SELECT ON `%s`.* TO %s;", all, g.account));
    for (size_t i = 0; i < sizeof(TABLES) / sizeof(*TABLES); i++) {
        char *names = apr_pstrdup(p, TABLES[i].names);
        for (char *t = apr_strtok(names, " ", &rest); t; t = apr_strtok(NULL, " ", &rest)) {
            grant_table(&g, TABLES[i].class, t);
        }
    }
    print(baton, apr_psprintf(p, "REVOKE " ALL_BUT_SELECT " ON `%s`.* FROM %s;", all, g.account));
    return RG_OK;
}
