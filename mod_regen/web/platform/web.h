/* SPDX-License-Identifier: Apache-2.0 */
/* The web room's own header: what a handler gets, and how it may answer. Private to web and
 * module. */
#ifndef RG_WEB_H
#define RG_WEB_H

#include <httpd.h>

#include "bounds.h"
#include "regen/clinic/identity.h"
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

/* Accepted bodies. MULTIPART: taken, and not read, where the address says it all (RFC 8058). */
enum { REGEN_FORM = 1, REGEN_JSON = 2, REGEN_XML = 4, REGEN_MULTIPART = 8 };
enum {
    REGEN_PATIENT_AREA = 1, /* principal from the patient cookie */
    REGEN_STAFF_AREA = 2, /* principal from the staff cookie, or from httpd's own authentication */
    REGEN_FHIR_AREA = 4,  /* principal from Authorization: Bearer; errors as OperationOutcome */
    REGEN_NO_DB = 8,      /* answers without the database */
    REGEN_PERSONAL = 16,  /* Cache-Control: no-store (always for areas with a principal) */
    REGEN_SECRET_PATH = 32,    /* the path carries a token: masked from the first star on in
                               r->the_request, r->uri, r->unparsed_uri before anything logs */
    REGEN_NO_IDEM = 64,        /* a POST that is harmless to repeat (login, logout) */
    REGEN_WRITES = 128,        /* FHIR: an operation that changes something */
    REGEN_OF_BOOKING = 256,    /* patients: about one booking, which the field or parameter names */
    REGEN_OF_PLACE = 512,      /* patients: likewise a waitlist entry */
    REGEN_SHOWS_NOBODY = 1024, /* staff: no person's record is on it, so no look is audited */
    /* The token in the path is the authority, and programs post to it without having seen a page
     * (RFC 8058): no form token is asked for. */
    REGEN_BY_TOKEN = 2048
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

struct regen_req_t {
    request_rec *r;
    rg_ctx_t *ctx; /* pool = r->pool; who is resolved; idem set for state changes */
    const regen_route_t *route;
    const regen_route_t *routes; /* all there are; ends with a NULL method */
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
    const char *this_place;   /* likewise of a waitlist entry */
    bool looked; /* staff: the use-case wrote into the audit log whose record this is */
    struct regen_platform_t *own; /* the platform's own business */
};

/* --- respond.c, http/send.c: the only ways to answer ------------------------------------------ */

/* Renders template NAME with VIEW (may be NULL) under this outcome's status. Adds what every page
 * needs: base, csrf, idem (a fresh key), staff name and roles, problems (summary, and per field
 * under "errors": {field: text}), has_errors. */
int regen_page(regen_req_t *q, rg_outcome_t outcome, const char *name, rg_val_t *view);
/* 303 to a path of ours: regen_redirect(q, "/staff/bookings/%s", uid). Never put a token in
 * it. */
int regen_redirect(regen_req_t *q, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* For use outside: the full address of a path under the public base. */
const char *regen_address(const regen_req_t *q, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The outcome's own page, or OperationOutcome in the FHIR area, with ctx->problems; Retry-After
 * when unavailable. Logs as the table says. */
int regen_fail(regen_req_t *q, rg_outcome_t outcome);
/* Whether a conflict means that the form has the key of a different request: somebody went back in
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

/* --- staff/login.c: a second person ----------------------------------------------------------- */

/* Who confirms with second_login and second_password of the form; *OUT is zeroed if the form names
 * nobody. Wrong passwords count as those of a login. RG_INVALID or RG_TOO_MANY with a problem at
 * "second_login". */
rg_outcome_t regen_second(rg_second_t *out, regen_req_t *q);

/* --- staff/record.c: for the forms on a patient's page ---------------------------------------- */

/* The page of the patient in args[0] under this outcome's status. */
int regen_patient_file_page(regen_req_t *q, rg_outcome_t outcome);

/* --- staff/chart.c: for the forms on the chart ------------------------------------------------ */

/* The chart of the booking in args[0] under this outcome's status, with the form that was
 * refused. */
int regen_chart_show(regen_req_t *q, rg_outcome_t outcome);
/* Into VIEW as "birth_said": which day was understood of the form's date of birth. */
void regen_birth_said_put(rg_val_t *view, const regen_req_t *q);

#endif
