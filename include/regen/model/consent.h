/* SPDX-License-Identifier: Apache-2.0 */
/* Forms and signatures. */
#ifndef REGEN_MODEL_CONSENT_H
#define REGEN_MODEL_CONSENT_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/words.h"
#include "regen/model/booking.h"

typedef struct {
    int64_t id, form_id;
    const char *form_code;
    int version;
    const char *title, *body;
    bool material;
    bool names_side; /* false: not about a part of the body, valid for any */
    int validity_days;
} rg_form_version_t;

/* How a withdrawal reached the clinic: the words of consent_withdrawal.channel. */
#define RG_CHANNELS(X)                                                                             \
    X(RG_CHANNEL_ONLINE, "online")                                                                 \
    X(RG_CHANNEL_IN_PERSON, "in-person")                                                           \
    X(RG_CHANNEL_PHONE, "phone")                                                                   \
    X(RG_CHANNEL_WRITING, "writing")
RG_WORDS(rg_channel, RG_CHANNEL_COUNT, RG_CHANNELS);

/* Where it was signed: the words of consent.method. */
#define RG_SIGN_METHODS(X)                                                                         \
    X(RG_SIGN_ONLINE, "online")                                                                    \
    X(RG_SIGN_DESK, "desk")
RG_WORDS(rg_sign_method, RG_SIGN_METHOD_COUNT, RG_SIGN_METHODS);

/* Who signed: the words of consent.signer_role. */
#define RG_SIGNERS(X)                                                                              \
    X(RG_SIGNER_PATIENT, "patient")                                                                \
    X(RG_SIGNER_OTHER, "representative")                                                           \
    X(RG_SIGNER_PARENT, "parent")                                                                  \
    X(RG_SIGNER_GUARDIAN, "guardian")                                                              \
    X(RG_SIGNER_PROXY, "health-care-proxy")
RG_WORDS(rg_signer, RG_SIGNER_COUNT, RG_SIGNERS);

typedef struct {
    rg_channel_t channel;
    const char *reason; /* what the patient said; "" if nothing */
    const char *by;     /* the name of who was told; "" online */
} rg_withdrawal_t;

typedef struct {
    int64_t id;
    const char *uid;
    int64_t booking_id, form_version_id;
    const char *booking_uid;
    int64_t patient_id; /* the patient; valid only while the booking is that patient's */
    const char *form_code, *title;
    int version;
    const char *body_site;
    rg_side_t side;
    const char *further; /* targets after this one, as signed: rg_targets_of */
    const char *text;    /* NULL in lists */
    unsigned char sha256[32];
    const char *signer_name;
    rg_signer_t signer;
    rg_sign_method_t method;
    int64_t witness_id;      /* at the desk: of the staff */
    bool needs_clinician;    /* counts only once a clinician confirmed to have explained it */
    apr_time_t explained_at; /* when that was; 0: not yet */
    const char *explained_by;
    const char *witness;     /* their name; "" online */
    const char *entitlement; /* of a representative, in their own words; "" for the patient */
    apr_time_t signed_at, expires_at;
    const char *client_ip;   /* where it was signed from; "" if not known */
    apr_time_t withdrawn_at; /* 0: stands */
    rg_withdrawal_t withdrawal;
} rg_consent_t;

/* A visit that cannot go on as planned: a form was withdrawn and not signed again. */
typedef struct {
    const char *booking_uid, *family, *given, *service_name, *form_name;
    apr_time_t starts_at, withdrawn_at;
    rg_channel_t channel;
} rg_withdrawn_t;

#endif
