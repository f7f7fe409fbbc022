/* SPDX-License-Identifier: Apache-2.0 */
/* Tunables from directives, so that use-cases never see httpd's configuration. */
#ifndef REGEN_CORE_POLICY_H
#define REGEN_CORE_POLICY_H

#include <apr_pools.h>
#include <apr_time.h>

#include "regen/core/ctx.h"
#include "regen/core/keys.h"

/* Tunables from directives; one struct so that use-cases never see httpd's configuration. */
struct rg_policy_t {
    apr_interval_time_t hold_time;    /* how long a held time is kept */
    apr_interval_time_t offer_time;   /* how long one is kept for somebody on the waitlist */
    apr_interval_time_t session_idle; /* staff */
    apr_interval_time_t session_max;  /* staff */
    apr_interval_time_t patient_session_max;
    apr_interval_time_t forms_reminder; /* before a visit, when forms are to be signed; 0: none */
    int hold_extensions;                /* how often a hold may be extended by hold_time */
    apr_interval_time_t link_lifetime;  /* of a private link, after the last visit */
    int login_failures;                 /* from everywhere: lock the login after so many in a row */
    apr_interval_time_t login_lock;
    int search_days;         /* longest window one search may ask for */
    int places_per_client;   /* on the waitlist, of one address from outside, a day; 0: any */
    int holds_per_client;    /* live holds of one address from outside; 0: any number */
    const char *public_base; /* absolute URL of the pages, no trailing slash */
    const char *fhir_base;   /* absolute URL of the FHIR API, no trailing slash: links */
    const char *names;       /* URI under which the clinic's own identifiers are named: /sid/… */
    const char *code_system; /* URI of the clinic's own service codes; NULL: under names */
    const rg_keys_t *keys;   /* NULL: there is no secret, and nothing is derived from one */
    struct rg_schema_t *fhir_schema; /* NULL: emitted claims are not validated against a schema */
};

/* Y with the names that are kept (NULL: its own), and the code system that goes with them. */
const rg_policy_t *rg_policy_named(apr_pool_t *p, const rg_policy_t *y, const char *names);

#endif
