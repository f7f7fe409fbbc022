/* SPDX-License-Identifier: Apache-2.0 */
/* The web room's own header: what a handler gets, and the few ways it may answer. Private to web
 * and module. */
#ifndef RG_WEB_H
#define RG_WEB_H

#include <httpd.h>

#include "bounds.h"
#include "regen/core/ctx.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/core/val.h"
#include "regen/render/template.h"

#define REGEN_ROUTE_ARGS 3

typedef struct regen_req_t regen_req_t;
/* Decode all fields, call one use-case, pick a renderer. Returns what httpd's handler hook wants.
 * About 40 lines at most. */
typedef int (*regen_handler_fn)(regen_req_t *q);

enum { REGEN_FORM = 1, REGEN_JSON = 2, REGEN_XML = 4 }; /* accepted bodies */
enum {
    REGEN_PATIENT_AREA = 1, /* principal from the patient cookie */
    REGEN_STAFF_AREA = 2, /* principal from the staff cookie, or from httpd's own authentication */
    REGEN_FHIR_AREA = 4,  /* principal from Authorization: Bearer; errors as OperationOutcome */
    REGEN_NO_DB = 8,      /* answers without the database */
    REGEN_PERSONAL = 16,  /* Cache-Control: no-store (always for areas with a principal) */
    REGEN_SECRET_PATH = 32, /* the path carries a token: masked from the first star on in
                               r->the_request, r->uri, r->unparsed_uri before anything logs */
    REGEN_NO_IDEM = 64,     /* a POST that is harmless to repeat (login, logout) */
    REGEN_WRITES = 128,     /* FHIR: an operation that changes something */
    REGEN_OF_BOOKING = 256, /* patients: about one booking, which the field or parameter names */
    REGEN_OF_PLACE = 512    /* patients: likewise a place on the waitlist */
};
/* A flag: each address, or for REGEN_LIMIT_PEOPLE each principal, may ask for this only so often;
 * LIMIT is a regen_limit_t. */
#define REGEN_LIMITED(limit) ((unsigned)(limit) << 16)

/* One row a route. Dispatch, role check, CSRF, caps, content type and idempotency happen once,
 * before the handler. */
typedef struct {
    const char *method;  /* "GET" (answers HEAD too) or "POST" */
    const char *pattern; /* a segment that is a lone star captures into q->args */
    unsigned roles;      /* any of these; 0: everybody */
    size_t body_cap;     /* bytes; 0: no body */
    unsigned accepts;    /* REGEN_FORM | … ; 0: none */
    unsigned flags;
    regen_handler_fn fn;
} regen_route_t;
extern const regen_route_t regen_routes[]; /* route.c; ends with a NULL method */

struct regen_req_t {
    request_rec *r;
    rg_ctx_t *ctx; /* pool = r->pool; who is resolved; idem set for state changes */
    const regen_route_t *route;
    const char *args[REGEN_ROUTE_ARGS];
    const rg_form_t *query; /* never NULL; decoded strictly */
    const rg_form_t *form;  /* never NULL; empty unless a form was posted */
    struct json_t *json;    /* NULL unless JSON was posted */
    struct _xmlDoc *xml;    /* NULL unless XML was posted */
    const rg_templates_t *templates;
    const char *base;         /* path of our pages as browsers see it, without a slash at the end */
    const char *csrf;         /* for hidden fields; regen_page adds it to every view */
    bool wants_json;          /* FHIR: negotiated by Accept or _format */
    const char *path;         /* below the mount; the real one, also where logs see a mask */
    const char *this_booking; /* patients: uid of the booking this is about; NULL: none */
    bool several;             /* patients: the browser knows more than this */
    const char *this_place;   /* likewise of a place on the waitlist */
    struct regen_platform_t *own; /* the platform's own business */
};

/* --- respond.c: the only ways to answer ------------------------------------------------------- */

/* Renders template NAME with VIEW (may be NULL) under this outcome's status. Adds what every page
 * needs: base, csrf, idem (a fresh key), staff name and roles, problems (summary, and per field
 * under "errors": {field: text}), has_errors. */
int regen_page(regen_req_t *q, rg_outcome_t outcome, const char *name, rg_val_t *view);
/* 303 to a path of ours: regen_redirect(q, "/staff/bookings/%s", uid). Never put a token in
 * it. */
int regen_redirect(regen_req_t *q, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* For whoever is elsewhere, or comes later: the whole address of a path under the public base. */
const char *regen_address(const regen_req_t *q, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The outcome's own page, or OperationOutcome in the FHIR area, with ctx->problems; Retry-After
 * when unavailable. Logs as the table says. */
int regen_fail(regen_req_t *q, rg_outcome_t outcome);
/* Whether a conflict is that the form came with the key of another request: somebody went back in
 * the browser and changed it. regen_fail says so. */
bool regen_sent_before(const regen_req_t *q);
/* Bytes as they are. FILENAME non-NULL: Content-Disposition: attachment. */
int regen_bytes(regen_req_t *q, const char *content_type, const char *filename, const char *data,
                size_t len);
/* Sets a session cookie: AREA is REGEN_PATIENT_AREA or REGEN_STAFF_AREA; TOKEN NULL clears it. */
void regen_cookie_set(regen_req_t *q, unsigned area, const char *token);
/* Form field as typed (tidied, never NULL). */
const char *regen_field(const regen_req_t *q, const char *name);
/* The version of the booking that the form's page showed; 0: it does not say. What is no number
 * fits no booking. */
int regen_version(const regen_req_t *q);
/* Query parameter or NULL. */
const char *regen_param(const regen_req_t *q, const char *name);

/* --- handlers, by file ------------------------------------------------------------------------ */

/* static.c, status pages [web platform] */
int regen_h_static(regen_req_t *q);
int regen_h_health_live(regen_req_t *q);
int regen_h_health_ready(regen_req_t *q);
int regen_h_metadata(regen_req_t *q);
int regen_h_own_operation(regen_req_t *q);
int regen_h_own_extension(regen_req_t *q);
int regen_h_fhir_validate(regen_req_t *q);
/* staff/login.c [web platform] */
int regen_h_login_alias(regen_req_t *q);
int regen_h_login_page(regen_req_t *q);
int regen_h_login(regen_req_t *q);
int regen_h_logout(regen_req_t *q);
/* patient/catalogue.c, patient/times.c, patient/hold.c, patient/details.c, patient/consent.c,
 * patient/booking.c */
int regen_h_treatments(regen_req_t *q);
int regen_h_service(regen_req_t *q);
int regen_h_times(regen_req_t *q);
int regen_h_hold(regen_req_t *q);
int regen_h_extend(regen_req_t *q);
int regen_h_release(regen_req_t *q);
int regen_h_leave(regen_req_t *q);
int regen_h_leave_page(regen_req_t *q);
int regen_h_bookings(regen_req_t *q);
int regen_h_open_page(regen_req_t *q);
int regen_h_place(regen_req_t *q);
int regen_h_desk_place(regen_req_t *q);
int regen_h_number_page(regen_req_t *q);
int regen_h_number(regen_req_t *q);
int regen_h_open(regen_req_t *q);
int regen_h_back(regen_req_t *q);
int regen_h_link(regen_req_t *q);
int regen_h_details_page(regen_req_t *q);
int regen_h_details(regen_req_t *q);
int regen_h_consents(regen_req_t *q);
int regen_h_consent_page(regen_req_t *q);
int regen_h_consent(regen_req_t *q);
int regen_h_withdraw_page(regen_req_t *q);
int regen_h_withdraw(regen_req_t *q);
int regen_h_check_page(regen_req_t *q);
int regen_h_check(regen_req_t *q);
int regen_h_booking(regen_req_t *q);
int regen_h_calendar(regen_req_t *q);
int regen_h_cancel_page(regen_req_t *q);
int regen_h_cancel(regen_req_t *q);
/* staff/chart.c */
int regen_h_board(regen_req_t *q);
int regen_h_chart(regen_req_t *q);
int regen_h_unit_label(regen_req_t *q);
/* The chart of the booking in args[0] under this outcome's status, with the form that was
 * refused. */
int regen_chart_show(regen_req_t *q, rg_outcome_t outcome);
/* Into VIEW as "birth_said": which day was understood of the form's date of birth. */
void regen_birth_said_put(rg_val_t *view, const regen_req_t *q);
/* staff/step.c */
int regen_h_check_in(regen_req_t *q);
int regen_h_harvest(regen_req_t *q);
int regen_h_process(regen_req_t *q);
int regen_h_inject(regen_req_t *q);
int regen_h_complete(regen_req_t *q);
int regen_h_diagnose(regen_req_t *q);
int regen_h_dispose(regen_req_t *q);
int regen_h_no_show(regen_req_t *q);
int regen_h_staff_cancel(regen_req_t *q);
/* patient/move.c */
int regen_h_move_page(regen_req_t *q);
int regen_h_move_check(regen_req_t *q);
int regen_h_move(regen_req_t *q);
/* admin_*.c: rules */
int regen_h_services(regen_req_t *q);
int regen_h_service_edit(regen_req_t *q);
int regen_h_service_new(regen_req_t *q);
int regen_h_service_save(regen_req_t *q);
int regen_h_service_active(regen_req_t *q);
int regen_h_resources(regen_req_t *q);
int regen_h_resource(regen_req_t *q);
int regen_h_resource_new(regen_req_t *q);
int regen_h_resource_save(regen_req_t *q);
int regen_h_staff_list(regen_req_t *q);
int regen_h_staff_do(regen_req_t *q);
int regen_h_closures(regen_req_t *q);
int regen_h_closure_add(regen_req_t *q);
int regen_h_closure_remove(regen_req_t *q);
int regen_h_conflict_keep(regen_req_t *q);
/* waitlist */
int regen_h_wait_form(regen_req_t *q);
int regen_h_wait_join(regen_req_t *q);
int regen_h_wait_link(regen_req_t *q);
int regen_h_waiting(regen_req_t *q);
int regen_h_wait_accept(regen_req_t *q);
int regen_h_wait_decline(regen_req_t *q);
int regen_h_wait_leave(regen_req_t *q);
int regen_h_waitlist(regen_req_t *q);
int regen_h_waitlist_search(regen_req_t *q);
int regen_h_waitlist_form(regen_req_t *q);
int regen_h_waitlist_join(regen_req_t *q);
int regen_h_waitlist_accept(regen_req_t *q);
int regen_h_waitlist_decline(regen_req_t *q);
int regen_h_waitlist_remove(regen_req_t *q);
int regen_h_waitlist_link(regen_req_t *q);
/* messages, recalls */
int regen_h_recalls(regen_req_t *q);
int regen_h_recall_attempt(regen_req_t *q);
int regen_h_recall_opt_out(regen_req_t *q);
int regen_h_recalls_stop(regen_req_t *q);
int regen_h_recalls_start(regen_req_t *q);
int regen_h_recall_opt_in(regen_req_t *q);
int regen_h_outbox(regen_req_t *q);
/* staff/desk.c, staff/desk_book.c: desk */
int regen_h_desk(regen_req_t *q);
int regen_h_desk_search(regen_req_t *q);
int regen_h_desk_patient(regen_req_t *q);
int regen_h_desk_times(regen_req_t *q);
int regen_h_desk_hold(regen_req_t *q);
int regen_h_desk_move_page(regen_req_t *q);
int regen_h_desk_move(regen_req_t *q);
int regen_h_desk_details_page(regen_req_t *q);
int regen_h_desk_details(regen_req_t *q);
int regen_h_desk_book(regen_req_t *q);
int regen_h_both_right(regen_req_t *q);
int regen_h_desk_link(regen_req_t *q);
int regen_h_desk_release(regen_req_t *q);
int regen_h_week(regen_req_t *q);
int regen_h_block_page(regen_req_t *q);
int regen_h_block(regen_req_t *q);
int regen_h_unblock(regen_req_t *q);
int regen_h_replan_page(regen_req_t *q);
int regen_h_replan(regen_req_t *q);
/* staff/feed.c */
int regen_h_feed(regen_req_t *q);
/* fhir_*.c */
int regen_h_fhir_search(regen_req_t *q);
int regen_h_fhir_read(regen_req_t *q);
int regen_h_bulk_manifest(regen_req_t *q);
int regen_h_bulk_file(regen_req_t *q);
int regen_h_fhir_find(regen_req_t *q);
int regen_h_fhir_hold(regen_req_t *q);
int regen_h_fhir_book(regen_req_t *q);
/* billing/billing.c */
int regen_h_billing(regen_req_t *q);
int regen_h_account(regen_req_t *q);
int regen_h_invoice_make(regen_req_t *q);
int regen_h_invoices_make(regen_req_t *q);
int regen_h_invoice(regen_req_t *q);
int regen_h_claim_make(regen_req_t *q);
int regen_h_claims_make(regen_req_t *q);
int regen_h_claim(regen_req_t *q);
int regen_h_claim_file(regen_req_t *q);
int regen_h_fhir_claim(regen_req_t *q);

#endif
