/* SPDX-License-Identifier: Apache-2.0 */
/* What the platform files of the web room share: the steps of a dispatch and their state. Handlers
 * do not include this; web.h is theirs. */
#ifndef REGEN_PLATFORM_H
#define REGEN_PLATFORM_H

#include <httpd.h>
#include <http_config.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>

#include "app.h"
#include "mod_regen/web/http/header.h"
#include "mod_regen/web/http/match.h"
#include "mod_regen/web/http/negotiate.h"
#include "web.h"
#include "regen/core/buf.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/patient.h"
#include "regen/core/val.h"

extern module AP_MODULE_DECLARE_DATA regen_module;
APLOG_USE_MODULE(regen);

/* What one httpd request carries from hook to hook (r->request_config). */
typedef struct {
    bool claimed;            /* set by mount.c: there is no file behind it */
    const char *secret_path; /* r->uri as it was before masking; NULL: nothing was masked */
    rg_ctx_t *ctx;
    bool staff_known;
    rg_outcome_t staff;
    const regen_route_t *route; /* NULL: none, or not looked for yet */
} regen_state_t;
regen_state_t *regen_state(request_rec *r);

/* A cookie of ours, taken apart: regen_p is VISITOR[.SESSION], regen_s is SESSION. */
typedef struct {
    const char *visitor; /* random, names nobody; NULL: none yet */
    const char *session; /* NULL: none */
} regen_cookie_t;

struct regen_platform_t {
    const regen_app_t *app;
    const regen_where_t *where;
    regen_state_t *state;
    regen_cookie_t patient, staff;
    const char *device;      /* regen_d: a device on which staff logged in; NULL: none */
    const char *staff_mark;  /* of staff whom httpd knows; see principal.c */
    const char *visitor_new; /* to be set with the next page that has a form */
    const char *session_new; /* of a visitor, to be set once it is stored */
    rg_visitor_list_t *mine; /* what a visitor's session may open; NULL: there is none */
    bool fhir;               /* below /fhir: errors are OperationOutcomes */
    rg_buf_t *body;          /* as read; NULL: none was */
};

/* A step of the dispatch answers with an httpd status, or with this: go on. */
#define REGEN_NEXT (-1000)

/* --- route.c ---------------------------------------------------------------------------------- */

/* Every row; ends with a NULL method. */
const regen_route_t *regen_routes_all(const regen_routes_t *all);
/* PATH as the pattern of a secret route masks it; NULL when it begins like none of them. */
const char *regen_routes_mask(const regen_routes_t *all, apr_pool_t *p, const char *path);
/* The row for METHOD (HEAD finds GET), or NULL with every method that this path knows in *METHODS
 * (0: no such path). ARGS gets what the stars captured. */
const regen_route_t *regen_route_find(const regen_routes_t *all, const char *method,
                                      const char *const *segments, int count,
                                      const char *args[REGEN_ROUTE_ARGS], unsigned *methods);

/* --- request.c -------------------------------------------------------------------------------- */

int regen_query_read(regen_req_t *q);
int regen_body_read(regen_req_t *q);

/* --- principal.c, csrf.c, idem.c -------------------------------------------------------------- */

int regen_principal_step(regen_req_t *q);
int regen_csrf_step(regen_req_t *q);
int regen_idem_step(regen_req_t *q);
/* For an API client that sent no key: the key is derived from WHAT (NULL: the body as sent). */
void regen_idem_natural(regen_req_t *q, const char *what);

/* --- http/token.c ----------------------------------------------------------------------------- */

/* The token that forms of this page carry. */
const char *regen_csrf_token(regen_req_t *q);
/* Whether the form that was sent carries it, by any of the installation's keys. */
bool regen_csrf_right(regen_req_t *q);

/* --- which.c ---------------------------------------------------------------------------------- */

/* Which booking or waitlist entry the request is about; sets ctx->who and q->this_booking,
 * q->this_place. */
int regen_which_step(regen_req_t *q);

/* --- throttle.c ------------------------------------------------------------------------------- */

int regen_throttle_step(regen_req_t *q);
int regen_throttle_people_step(regen_req_t *q);
/* Counts one try of WHO. 0: go on; else how long to wait. */
apr_interval_time_t regen_throttle_take(regen_req_t *q, regen_limit_t limit, const char *who);
/* TRIES of them (0: all) were honest and do not count. */
void regen_throttle_give_back(regen_req_t *q, regen_limit_t limit, const char *who, int tries);
/* Of a route that is limited by address: TOKEN is known, so the try counts for it instead, and
 * people behind one address do not lock each other out. REGEN_NEXT, or what was answered. */
int regen_throttle_by_token(regen_req_t *q, const char *token);
/* The address that is counted, as set by mod_remoteip. */
const char *regen_throttle_client(const regen_req_t *q);
/* Retry-After for the answer. */
void regen_throttle_retry(regen_req_t *q, apr_interval_time_t wait);

/* --- http/cookie.c ---------------------------------------------------------------------------- */

void regen_cookies_read(regen_req_t *q);
const char *regen_cookie_name(const regen_app_t *app, unsigned area);
void regen_visitor_send(regen_req_t *q);
/* The device keeps TOKEN for half a year. */
void regen_device_send(regen_req_t *q, const char *token);
/* Until the browser ends. */
void regen_staff_mark_send(regen_req_t *q, const char *mark);

/* --- outcome.c -------------------------------------------------------------------------------- */

/* How an outcome, or a refusal of the platform itself, looks from outside. */
typedef struct {
    int status;
    const char *fhir; /* FHIR issue type */
    const char *title;
    const char *words; /* for the person in front of the screen */
} regen_words_t;
/* STAFF: on staff pages; staff are not told to call the clinic. */
const regen_words_t *regen_outcome_words(rg_outcome_t o, bool staff);
int regen_outcome_level(rg_outcome_t o);
/* By HTTP status, for what the platform refuses itself: 400, 404, 405, 406, 413, 415, … */
const regen_words_t *regen_status_words(int status);

/* --- respond.c, fhir/error.c ------------------------------------------------------------------ */

/* The problem page, or OperationOutcome, with these words and ctx->problems. MORE (may be NULL)
 * adds to the page's view. */
int regen_problem(regen_req_t *q, const regen_words_t *w, rg_val_t *more);
/* The same by status. */
int regen_refuse(regen_req_t *q, int status);
int regen_fhir_problem(regen_req_t *q, const regen_words_t *w);

/* --- staff/look.c ----------------------------------------------------------------------------- */

/* Before a page of staff is sent: writes who looks at whose record. What cannot be written is not
 * shown. */
rg_outcome_t regen_look(regen_req_t *q);

/* --- http/send.c ------------------------------------------------------------------------------ */

/* This page may use the camera; no page may otherwise. */
void regen_camera_allow(regen_req_t *q);
/* Sends STATUS with these bytes; headers must be set. */
int regen_send(regen_req_t *q, int status, const char *type, const char *data, size_t n);

/* --- http/cors.c ------------------------------------------------------------------------------ */

/* The headers that let a page of another origin read this answer, when it may. */
void regen_cors(regen_req_t *q);

#endif
