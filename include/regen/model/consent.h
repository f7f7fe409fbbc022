/* SPDX-License-Identifier: Apache-2.0 */
/* Forms and signatures. */
#ifndef REGEN_MODEL_CONSENT_H
#define REGEN_MODEL_CONSENT_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/model/booking.h"

typedef struct {
    int64_t id, form_id;
    const char *form_code;
    int version;
    const char *title, *body;
    bool material;
    bool names_side; /* false: about no part of the body, and signed for any */
    int validity_days;
} rg_form_version_t;

typedef struct {
    int64_t id;
    const char *uid;
    int64_t booking_id, form_version_id;
    int64_t patient_id; /* in whose name; counts while the booking is that patient's */
    const char *form_code, *title;
    int version;
    const char *body_site;
    rg_side_t side;
    const char *text; /* NULL in lists */
    unsigned char sha256[32];
    const char *signer_name, *signer_role;
    apr_time_t signed_at, expires_at;
    apr_time_t withdrawn_at; /* 0: stands */
} rg_consent_t;

#endif
