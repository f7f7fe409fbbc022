/* SPDX-License-Identifier: Apache-2.0 */
/* Tunables from directives, so that use-cases never see httpd's configuration. */
#ifndef REGEN_CORE_POLICY_H
#define REGEN_CORE_POLICY_H

#include <stdbool.h>

#include <apr_pools.h>
#include <apr_time.h>

#include "regen/core/ctx.h"
#include "regen/core/keys.h"
#include "regen/model/unit.h"

/* Tunables from directives; one struct so that use-cases never see httpd's configuration. */
struct rg_policy_t {
    apr_interval_time_t hold_time;    /* how long a time is held */
    apr_interval_time_t offer_time;   /* how long a time is held for a waitlist entry */
    apr_interval_time_t session_idle; /* staff */
    apr_interval_time_t session_max;  /* staff */
    apr_interval_time_t patient_session_max;
    apr_interval_time_t forms_reminder; /* before a visit, if forms are unsigned; 0: none */
    bool sends_letters;                 /* a letter that is written leaves within seconds */
    int hold_extensions;                /* how often a hold may be extended by hold_time */
    apr_interval_time_t link_lifetime;  /* validity of a private link after the last visit */
    int login_failures;                 /* from all addresses: locks the login when in a row */
    apr_interval_time_t login_lock;
    /* The most that the front desk, and the billing staff, refund, discount or write off at once,
     * and on one account in a day, in whole units of the currency. */
    int64_t desk_adjusts, billing_adjusts;
    rg_label_size_t label_size; /* of labels of units, unless somebody asks for another one */
    rg_label_code_t label_code;
    /* How far a count of the cash desk may be off before somebody else must count, likewise. */
    int64_t cash_difference;
    int search_days;         /* longest window one search may ask for */
    int places_per_client;   /* waitlist entries of one address a day; 0: no limit */
    int holds_per_client;    /* live holds of one address; 0: no limit */
    const char *public_base; /* absolute URL of the pages, no trailing slash */
    const char *fhir_base;   /* absolute URL of the FHIR API, no trailing slash: links */
    const char *names;       /* URI under which the clinic's own identifiers are: /sid/… */
    const char *code_system; /* URI of the clinic's own service codes; NULL: under names */
    const rg_keys_t *keys;   /* NULL: no secret, so nothing can be derived from it */
    struct rg_schema_t *fhir_schema; /* NULL: emitted claims are not validated against a schema */
};

/* Y with the stored names (NULL: its own), and the code system that belongs to them. */
const rg_policy_t *rg_policy_named(apr_pool_t *p, const rg_policy_t *y, const char *names);

#endif
