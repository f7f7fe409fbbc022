/* SPDX-License-Identifier: Apache-2.0 */
/* What a use-case gets beside its input: who asks, when, with which request. */
#ifndef REGEN_CORE_CTX_H
#define REGEN_CORE_CTX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <apr_pools.h>
#include <apr_time.h>

#include "regen/core/outcome.h"

typedef enum {
    RG_ROLE_NONE = 0,
    RG_ROLE_PATIENT =
        1 << 0, /* a visitor's browser, whose session opens some bookings and places */
    RG_ROLE_FRONT_DESK = 1 << 1,
    RG_ROLE_CLINICIAN = 1 << 2,
    RG_ROLE_BILLING = 1 << 3,
    RG_ROLE_ADMIN = 1 << 4,
    RG_ROLE_MACHINE = 1 << 5 /* a bearer token; see scopes */
} rg_role_t;
/* Who meets patients. */
#define RG_ROLE_DESK  (RG_ROLE_FRONT_DESK | RG_ROLE_CLINICIAN | RG_ROLE_ADMIN)
#define RG_ROLE_STAFF (RG_ROLE_FRONT_DESK | RG_ROLE_CLINICIAN | RG_ROLE_BILLING | RG_ROLE_ADMIN)

/* "front-desk" -> RG_ROLE_FRONT_DESK; 0 when there is no such role. */
unsigned rg_role_parse(const char *name);
/* The name of one role; "none" for 0, "several" for anything else. Static string. */
const char *rg_role_name(unsigned role);

/* Who asks. Zeroed = an anonymous visitor. */
typedef struct {
    unsigned roles;      /* rg_role_t bits */
    int64_t staff_id;    /* > 0 for staff */
    int64_t resource_id; /* > 0 when this staff member is a practitioner that can be booked */
    int64_t visitor_id;  /* > 0 for the session of a visitor's browser */
    int64_t booking_id;  /* > 0: the booking that a visitor's request names and may open */
    int64_t waiter_id;   /* > 0: likewise a place on the waitlist; booking_id is 0 then */
    int64_t token_id;    /* > 0 for a machine */
    bool others;         /* a machine that may see and change what others made */
    const char *name;    /* display name of staff or token; NULL otherwise */
    const char *scopes;  /* space separated, machines only */
} rg_principal_t;

/* One state-changing request that may arrive twice. The row is written in the transaction of its
 * effect (store: rg_store_transact), so the effect and its record live and die together. */
typedef struct {
    /* SHA-256 over who asks, the route and the key that came with the form or header: a name to
     * find the request by, the same whatever the installation's secret is. Opens nothing. */
    unsigned char key[32];
    /* SHA-256 of what is asked (body, query, If-Match): the same key with anything else is
     * refused */
    unsigned char request[32];
    /* The same at every repetition and never stored. Others may know it: a secret is made from it
     * and the installation's key together, and can then be answered again. All zero: there is
     * none. */
    unsigned char seed[32];
    /* Which of the installation's keys that was (rg_key_t.id); the store keeps it with the
     * request. 0: none. */
    uint32_t seed_key;
    /* The use-case stores here, inside its transaction, what is needed to answer again (an id,
     * never personal data; at most 255 bytes); given back on replay. */
    const char *result;
    bool replayed; /* true: nothing was done now, `result` is the first answer's */
    bool other; /* true: nothing was done now, the key belongs to another request (RG_CONFLICT) */
    /* The key was made from what is asked, because none was sent: it names the same request only
     * as long as its effect lasts. */
    bool natural;
} rg_idem_t;

struct rg_store_t;
typedef struct rg_policy_t rg_policy_t; /* core/policy.h: only who reads it includes that */

typedef struct {
    apr_pool_t *pool; /* lives as long as the request; all results are allocated here */
    apr_time_t now;   /* UTC; the only clock a use-case knows */
    void (*random)(void *buf, size_t n);
    struct rg_store_t *store;
    const rg_policy_t *policy;
    rg_principal_t who;
    /* SHA-256 of a session's token, which is stored in the transaction of the first thing that it
     * opens: see rg_visitor_begin; NULL: none is to be made. */
    const unsigned char *visitor_new;
    rg_problems_t *problems;
    rg_idem_t *idem;        /* NULL: reads, and background work */
    bool quiet;             /* a page asks by itself: that keeps nobody logged in */
    int64_t staff_beside;   /* > 0: a patient's page, in a browser in which they are logged in */
    const char *client_ip;  /* for consent proof; NULL in tools */
    const char *user_agent; /* likewise; capped and cleaned */
    void *log_baton;
} rg_ctx_t;

#endif
