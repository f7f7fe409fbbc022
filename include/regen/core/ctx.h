/* SPDX-License-Identifier: Apache-2.0 */
/* What a use-case gets in addition to its input: caller, time, request. */
#ifndef REGEN_CORE_CTX_H
#define REGEN_CORE_CTX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <apr_pools.h>
#include <apr_time.h>

#include "regen/core/outcome.h"

/* PATIENT: a visitor's browser, whose session may open some bookings and waitlist entries. MACHINE:
 * a bearer token; see scopes. TABLET: the browser of a member of the staff, handed to a patient: it
 * opens the forms of booking_id and nothing else. Some are the words of staff_role.role. */
#define RG_ROLES(X)                                                                                \
    X(RG_ROLE_PATIENT, 0, "patient")                                                               \
    X(RG_ROLE_FRONT_DESK, 1, "front-desk")                                                         \
    X(RG_ROLE_CLINICIAN, 2, "clinician")                                                           \
    X(RG_ROLE_BILLING, 3, "billing")                                                               \
    X(RG_ROLE_ADMIN, 4, "admin")                                                                   \
    X(RG_ROLE_MACHINE, 5, "machine")                                                               \
    X(RG_ROLE_TABLET, 6, "tablet")
#define RG_ROLE_BIT_(role, bit, name) role = 1 << (bit),
typedef enum { RG_ROLE_NONE = 0, RG_ROLES(RG_ROLE_BIT_) } rg_role_t;
/* Who meets patients. */
#define RG_ROLE_DESK  (RG_ROLE_FRONT_DESK | RG_ROLE_CLINICIAN | RG_ROLE_ADMIN)
#define RG_ROLE_STAFF (RG_ROLE_FRONT_DESK | RG_ROLE_CLINICIAN | RG_ROLE_BILLING | RG_ROLE_ADMIN)

/* "front-desk" -> RG_ROLE_FRONT_DESK; 0 if there is no such role. */
unsigned rg_role_parse(const char *name);
/* The name of one role; "none" for 0, "several" for more than one. Static string. */
const char *rg_role_name(unsigned role);

/* The caller. Zeroed = an anonymous visitor. */
typedef struct {
    unsigned roles;      /* rg_role_t bits */
    int64_t staff_id;    /* > 0 for staff */
    int64_t resource_id; /* > 0 when this staff member is a practitioner that can be booked */
    int64_t visitor_id;  /* > 0 for the session of a visitor's browser */
    int64_t booking_id;  /* > 0: the booking that a visitor's request names and may open; of a
                         * tablet: whose forms it opens */
    int64_t waiter_id;   /* > 0: likewise a waitlist entry; booking_id is 0 then */
    int64_t token_id;    /* > 0 for an API client */
    bool others;         /* an API client that may see and change what others made */
    const char *name;    /* display name of staff or token; NULL otherwise */
    const char *scopes;  /* space separated, API clients only */
} rg_principal_t;

/* One state-changing request that may arrive twice. The row is written in the transaction of its
 * effect (store: rg_store_once), so the effect and its record live and die together. */
typedef struct {
    /* SHA-256 over the caller, the route and the key from the form or header: identifies the
     * request, independently of the installation's secret. Opens nothing. */
    unsigned char key[32];
    /* SHA-256 of the content (body, query, If-Match): the same key with different content is
     * refused */
    unsigned char request[32];
    /* The same at every repetition and never stored. Others may know it: together with the
     * installation's key it gives a secret that can be answered again. All zero: there is none. */
    unsigned char seed[32];
    /* Which of the installation's keys was used (rg_key_t.id), stored with the request. 0: none. */
    uint32_t seed_key;
    /* What is needed to answer again, said inside the transaction (rg_once_result; an id, never
     * personal data; at most 255 bytes); given back on replay. */
    const char *result;
    /* The same, known before the work (rg_once_known): it is stored with the row. */
    const char *known;
    bool replayed; /* true: nothing was done now, `result` is that of the first request */
    bool other;    /* true: nothing was done now; the key is another request's (RG_CONFLICT) */
    /* The key was derived from the content, because none was sent: it identifies the same request
     * only as long as its effect lasts. */
    bool natural;
} rg_idem_t;

struct rg_store_t;
typedef struct rg_policy_t rg_policy_t; /* core/policy.h: include it only where it is read */

/* Whoever is handed one gets it const: its maker (a handler, a tool, the sweeper, a test) alone
 * changes it, and who wants another further down takes a copy. What it points to is shared by all
 * copies: problems are added to the list, and the store says in idem how the request went.
 *
 * IDEM is read by the calls that are the request's effect (rg_store_once, and rg_transact_once of
 * the clinic room), by those that answer a request again, and by nothing else: other transactions
 * of the same request do not use its key up. */
typedef struct {
    apr_pool_t *pool; /* lives as long as the request; all results are allocated here */
    apr_time_t now;   /* UTC; the only clock a use-case knows */
    void (*random)(void *buf, size_t n);
    struct rg_store_t *store;
    const rg_policy_t *policy;
    rg_principal_t who;
    /* SHA-256 of a new session's token, stored in the transaction of the first thing it opens,
     * unless WHO has a session: see rg_visitor_begin. NULL: do not create one. */
    const unsigned char *visitor_new;
    rg_problems_t *problems; /* what a person can mend; NULL: nobody hears of it */
    rg_idem_t *idem;         /* NULL: reads, and background work */
    bool quiet;              /* an automatic refresh: it does not extend a session */
    int64_t staff_beside;    /* > 0: a patient's page, in a browser in which they are logged in */
    const char *client_ip;   /* for consent proof; NULL in tools */
    const char *user_agent;  /* likewise; capped and cleaned */
    void *log_baton;
} rg_ctx_t;

/* The request was done before, and nothing was done now. */
bool rg_replayed(const rg_ctx_t *ctx);
/* The same request with problems discarded: for secondary reads. */
rg_ctx_t rg_silent_ctx(const rg_ctx_t *ctx);

#endif
