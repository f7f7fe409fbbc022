/* SPDX-License-Identifier: Apache-2.0 */
/* Treatment orders: signed by a clinician, opened by their patient, revoked.
 *
 * Each function is one business transaction. It takes the context first after its results, checks
 * that the caller may access the record (a patient's session only orders that it opened; anything
 * else is RG_NOT_FOUND), adds problems that a person can fix to ctx->problems, and writes an audit
 * event for every change in the same transaction. Results are allocated in ctx->pool. Holding a
 * time on an order is in regen/clinic/booking.h. */
#ifndef REGEN_CLINIC_ORDER_H
#define REGEN_CLINIC_ORDER_H

#include <stdbool.h>

#include "regen/clinic/patient.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/order.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/unit.h"

/* --- sign.c ----------------------------------------------------------------------------------- */

/* What the form needs: the patient, what can be ordered, and for the chosen service the codes that
 * fit the chosen target. */
typedef struct {
    rg_patient_t *patient;
    rg_service_t **services; /* offered, and booked on an order */
    int service_count;
    rg_service_t *service; /* the chosen one, or the only one; NULL: choose first */
    rg_site_t *site;
    bool may_sign;          /* the caller's login may; otherwise the form says who can */
    rg_date_t today, until; /* at the site; the last day that is proposed */
    int likely_count;
    rg_diagnosis_t *likely; /* for the parts of the body of the service */
} rg_order_form_t;
/* For clinicians and administrators. RG_NOT_FOUND for an unknown patient or service. */
rg_outcome_t rg_order_form(rg_order_form_t **out, const rg_ctx_t *ctx, const char *patient_uid,
                           const char *service_code);

/* As typed; NULL = not sent. */
typedef struct {
    const char *service_code;
    const char *body_site, *side;
    struct {
        const char *body_site, *side;
    } further[RG_TARGETS_MOST - 1]; /* more targets; both empty: no more */
    const char *diagnosis;          /* one ICD-10-CM code */
    const char *severity, *tried, *imaging, *weighed, *note;
    const char *valid_until; /* ISO local day, the last one */
    const char *confirmed;   /* "yes" */
} rg_order_in_t;
/* Signs an order with the caller's name, gives it a number and tells the patient that a time can be
 * chosen. A booking of the patient on a revoked order for the same goes on under this one.
 * RG_INVALID by field; RG_FORBIDDEN for a login that is no practitioner with the capability
 * "order". *UID is also the idempotency result. */
rg_outcome_t rg_order_sign(const char **uid, const rg_ctx_t *ctx, const char *patient_uid,
                           const rg_order_in_t *in);

/* --- orders.c --------------------------------------------------------------------------------- */

typedef struct {
    rg_order_t *order;
    rg_site_t *site;
    bool may_revoke; /* a clinician, and nothing began */
} rg_order_look_t;
/* For the front desk, clinicians and administrators. */
rg_outcome_t rg_order_look(rg_order_look_t **out, const rg_ctx_t *ctx, const char *uid);
typedef struct {
    int state; /* rg_order_state_t shown */
    int count;
    rg_order_t *orders; /* newest first */
    int64_t before;     /* where the next page begins; 0: there is none */
    const rg_site_t *site;
} rg_orders_t;
rg_outcome_t rg_orders_list(rg_orders_t **out, const rg_ctx_t *ctx, rg_order_state_t state,
                            int64_t before);
/* Of one patient and of the records that were merged into theirs, newest first. */
rg_outcome_t rg_orders_of(rg_order_t **out, int *count, const rg_ctx_t *ctx, int64_t patient_id);
/* The one that a booking is made on; NULL: none. No statement then. */
rg_outcome_t rg_order_of_booking(rg_order_t **out, const rg_ctx_t *ctx, const rg_booking_t *b);
/* By a clinician, with a reason, until the treatment began; what is booked on it stays in the
 * calendar, and no step begins. RG_CONFLICT: it was revoked before; RG_PRECONDITION: too late. */
rg_outcome_t rg_order_revoke(const rg_ctx_t *ctx, const char *uid, const char *reason);
/* Another number, for a patient who lost it or tried wrong dates too often, and the message again.
 * RG_PRECONDITION unless the order can be booked. */
rg_outcome_t rg_order_renumber(const rg_ctx_t *ctx, const char *uid);

/* --- open.c ----------------------------------------------------------------------------------- */

/* Opens an order in a visitor's browser by its number and the date of birth. RG_NOT_FOUND, without
 * a problem, if no order has that number: it may be a booking's. RG_INVALID with problems as
 * rg_visitor_open_number has them. */
rg_outcome_t rg_order_open(rg_principal_t *who, const char **uid, const rg_ctx_t *ctx,
                           const char *number, const char *birth_date, const rg_day_typed_t *born);
/* The order of that uid if this browser opened it. */
rg_outcome_t rg_order_mine(rg_order_t **out, const rg_ctx_t *ctx, const char *uid);

/* Which orders of a service this browser opened that can still be booked; none for anybody else. */
rg_outcome_t rg_orders_mine(rg_order_t **out, int *count, const rg_ctx_t *ctx, int64_t service_id);

#endif
