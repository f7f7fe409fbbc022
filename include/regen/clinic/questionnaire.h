/* SPDX-License-Identifier: Apache-2.0 */
/* Questionnaires: published as versions, answered by patients, read by clinicians. Results are
 * allocated in ctx->pool; problems that a person can fix are in ctx->problems. */
#ifndef REGEN_CLINIC_QUESTIONNAIRE_H
#define REGEN_CLINIC_QUESTIONNAIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "regen/core/ctx.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/questionnaire.h"
#include "regen/model/service.h"

/* --- publish.c -------------------------------------------------------------------------------- */

/* Publishes a file as the next version of its code, for administrators. *SAME: it is the newest
 * version already, and nothing was done. RG_INVALID with every mistake by linkId. */
rg_outcome_t rg_quest_publish(rg_quest_version_t **out, bool *same, const rg_ctx_t *ctx,
                              const char *bytes, size_t n);
/* The file of a version; VERSION 0: the newest. Its digest is verified. RG_NOT_FOUND. */
rg_outcome_t rg_quest_export(rg_quest_version_t **out, const rg_ctx_t *ctx, const char *code,
                             int version);
/* The newest versions by code, without their text. */
rg_outcome_t rg_quest_list(rg_quest_version_t **out, int *count, const rg_ctx_t *ctx);
/* --- sheet.c ---------------------------------------------------------------------------------- */

/* A booking's request with its questions and answers. */
typedef struct {
    rg_booking_t *booking;
    const rg_service_t *service;
    const rg_site_t *site;
    rg_quest_asked_t *asked;
    rg_quest_version_t *version;
    rg_questionnaire_t *q;
    rg_quest_typed_t *typed;   /* what is in the fields */
    rg_quest_filled_t *filled; /* NULL: nothing is answered */
    bool open;                 /* it may be answered now */
    bool changed;         /* what is in the fields was typed for another version of the questions */
    int64_t writer;       /* of the draft */
    const char *digest;   /* of the answers as they are in the fields */
    int page, page_count; /* from 1; PAGE_COUNT + 1: check and send, unless there is one page */
    int from, until;      /* the items of the page */
    bool may_decide, may_override, may_close;
} rg_quest_sheet_t;
typedef struct {
    int64_t booking_id;      /* of a patient's session; 0: by uid */
    const char *booking_uid; /* for staff */
    int64_t request_id;
    int page;              /* 0: the last answers, to be read */
    int version;           /* of the questions that were shown */
    const char *digest;    /* of the answers that were shown to be checked; NULL: none were */
    const rg_form_t *form; /* of a page that was sent: fields "q.", "o." and the linkId, "seen" */
    const char *who;       /* "patient" or "representative"; staff answer as staff */
    const char *answerer;  /* the representative's name */
    const char *decision;  /* "ok", "stop", "override" or "closed" */
    const char *note;
    const char *response;   /* the uid of the answers that were seen; "": there were none */
    const char *stopped_by; /* the id of the request whose stop was seen; "": there was none */
} rg_quest_in_t;
/* The last answers (page 0), or a page of questions with what was typed. Answers whose digest
 * does not fit are RG_INTERNAL. RG_NOT_FOUND: not the caller's. */
rg_outcome_t rg_quest_sheet(rg_quest_sheet_t **out, const rg_ctx_t *ctx, const rg_quest_in_t *in);
/* What a booking's patient is asked. For the patient's session and for staff. */
rg_outcome_t rg_quest_mine(rg_quest_asked_t **out, int *count, const rg_ctx_t *ctx,
                           int64_t booking_id);

/* --- answer.c --------------------------------------------------------------------------------- */

/* Takes a page. What was typed is kept as a draft. *NEXT: the page that comes, maybe the
 * same one with questions that the answers led to; 0: all is sent. RG_INVALID with *OUT to show
 * again; RG_PRECONDITION: the treatment began, or the visit is over; RG_CONFLICT: other questions
 * were published since the page was opened, or other answers entered than were shown to be checked.
 * What was typed for those that are the same is kept, and *OUT is to be shown if *NEXT is not 0. */
rg_outcome_t rg_quest_send(int *next, rg_quest_sheet_t **out, const rg_ctx_t *ctx,
                           const rg_quest_in_t *in);

/* --- decide.c --------------------------------------------------------------------------------- */

/* A clinician decides about the answers that were seen, also once the visit is over, or closes them
 * then without a decision; or staff let the visit go on without, and the answers still wait for a
 * clinician. With the reason; a later one counts instead. RG_INVALID by field; RG_CONFLICT: there
 * are other answers by now; RG_PRECONDITION: a stop is not overridden. */
rg_outcome_t rg_quest_decide(const rg_ctx_t *ctx, const rg_quest_in_t *in);
/* Answers to look at; *MORE than listed. */
typedef struct {
    const rg_site_t *site; /* the first */
    int count;
    rg_quest_asked_t *asked;
    bool more;
} rg_quest_reviews_t;
rg_outcome_t rg_quest_reviews(rg_quest_reviews_t **out, const rg_ctx_t *ctx);

#endif
