/* SPDX-License-Identifier: Apache-2.0 */
/* What the module room passes to the web room, and the few functions it calls: dispatch, masking,
 * principals. Private to module and web. */
#ifndef REGEN_APP_H
#define REGEN_APP_H

#include <apr_hash.h>
#include <httpd.h>

#include "gate.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/throttle.h"
#include "regen/core/words.h"
#include "regen/render/template.h"

struct rg_store_t;

/* What is counted for each address or person, each with a rate of its own; see throttle.c. */
#define REGEN_LIMITS(X)                                                                            \
    X(REGEN_LIMIT_NONE, "")                                                                        \
    /* free times */                                                                               \
    X(REGEN_LIMIT_SEARCH, "search")                                                                \
    /* private links */                                                                            \
    X(REGEN_LIMIT_LINK, "link")                                                                    \
    /* forms for the waitlist */                                                                   \
    X(REGEN_LIMIT_JOIN, "join")                                                                    \
    /* wrong logins */                                                                             \
    X(REGEN_LIMIT_LOGIN, "login")                                                                  \
    /* wrong passwords for one login */                                                            \
    X(REGEN_LIMIT_ONE, "one")                                                                      \
    /* searches for people, of each token and of each of the staff */                              \
    X(REGEN_LIMIT_PEOPLE, "people")
RG_WORDS(regen_limit, REGEN_LIMIT_COUNT, REGEN_LIMITS);

/* One clinic: everything a request needs besides itself. Made by check_config in the parent, so
 * that children share it; only `store` and `login_gate` are made in child_init. Never changes
 * after. */
typedef struct regen_app_t {
    struct rg_store_t *store; /* NULL when it could not be made: everything answers 503 */
    const rg_policy_t *policy;
    const rg_templates_t *templates;
    const apr_hash_t *statics; /* name -> regen_static_t, see static.c */
    const char *statics_tag;   /* changes with any of them; NULL: there are none */
    regen_gate_t *login_gate;  /* bounds how many passwords are checked at a time */
    rg_throttle_t *throttle;   /* shared by all children; NULL: nothing is limited */
    rg_rate_t rates[REGEN_LIMIT_COUNT];
    const char *clinic_name, *clinic_phone; /* where the database cannot be asked; may be NULL */
    bool cookie_secure;
    bool bulk_publish;        /* free times are for everybody to read */
    const char *fhir_origins; /* separated by spaces, or "*"; NULL: none */
    apr_size_t max_body;
    apr_interval_time_t login_wait; /* how long a login waits for its turn */
    /* RG_OK if the database answers and has this build's schema; otherwise the reason is logged. */
    rg_outcome_t (*ready)(const rg_ctx_t *ctx);
} regen_app_t;

typedef struct regen_routes_t regen_routes_t; /* route.c */

/* Where a clinic is, for httpd and for everybody else: a proxy may show it under another path. Made
 * by check_config; never changes. */
typedef struct {
    const char *mount;         /* path of its <Location>, without a slash at the end; "" for / */
    const char *base;          /* "https://clinic.example/clinic", without a slash at the end */
    const char *path;          /* of the base: "/clinic", or "" */
    const char *origin;        /* of the base: "https://clinic.example" */
    const rg_policy_t *policy; /* the app's, with the addresses of here */
    const regen_routes_t *routes;
} regen_where_t;

/* --- dispatch.c ------------------------------------------------------------------------------- */

/* httpd's content handler below WHERE's mount. */
int regen_dispatch(request_rec *r, const regen_app_t *app, const regen_where_t *where);

/* --- http/secret.c: tokens in paths never reach a log ----------------------------------------- */

/* Call as early as possible, and again after the path was normalized: masks what stands at the star
 * of a REGEN_SECRET_PATH route in everything of R that logs read, and in a Referer. The real path
 * stays with the request, for dispatch. Harmless to repeat. */
void regen_secret_mask(request_rec *r, const regen_where_t *where);
/* Early: server-status and others show the request line, from which the query is removed here. */
void regen_query_hide(request_rec *r);
/* Before the access log is written: cuts the query string, which may hold what people typed. */
void regen_query_mask(request_rec *r);

/* --- principal.c: marks a request as ours, for hooks that run without its <Location> ---------- */

void regen_claim(request_rec *r);
bool regen_claimed(request_rec *r);

/* --- http/send.c ------------------------------------------------------------------------------ */

/* Security headers for every answer of this request, also httpd's own error pages. */
void regen_headers_set(request_rec *r);

/* --- principal.c ------------------------------------------------------------------------------ */

/* The request's one context, made at the first call. */
rg_ctx_t *regen_ctx(request_rec *r, const regen_app_t *app);
/* The staff member of the request: by httpd's own authentication (r->user) or by the staff cookie.
 * Resolved once per request; ctx->who is filled on RG_OK. */
rg_outcome_t regen_staff_principal(request_rec *r, const regen_app_t *app);

/* --- respond.c -------------------------------------------------------------------------------- */

/* The login page's path as browsers see it, with the way back in it, or NULL when this request
 * cannot be repeated by coming back (anything but GET). */
const char *regen_login_path(request_rec *r, const regen_where_t *where);

/* --- static.c --------------------------------------------------------------------------------- */

/* Reads every file of DIR (plain names, known endings, at most 1 MiB each) into P; *TAG is of all
 * of them. NULL with words for the sysadmin in *WHY. */
apr_hash_t *regen_statics_load(const char **tag, const char **why, apr_pool_t *p, const char *dir);

/* --- route.c ---------------------------------------------------------------------------------- */

/* The tables of all areas as one, in P. Made with a server's configuration and never changed. */
const regen_routes_t *regen_routes_make(apr_pool_t *p);
/* How many there are, the same for every clinic; and which one answered R, or their count: none. */
int regen_routes_count(const regen_routes_t *all);
int regen_routes_answered(const regen_routes_t *all, request_rec *r);
/* The pattern and method of the Nth: stars stand where ids and tokens do. */
const char *regen_routes_pattern(const regen_routes_t *all, int n, const char **method);
/* Names of the templates the handlers render, up to a NULL: a missing one fails configtest. */
extern const char *const regen_templates_used[];

#endif
