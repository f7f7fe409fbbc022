/* SPDX-License-Identifier: Apache-2.0 */
/* Questionnaires as values: questions in the order of the document, what is scored, and which
 * answers a clinician must see. */
#ifndef REGEN_MODEL_QUESTIONNAIRE_H
#define REGEN_MODEL_QUESTIONNAIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <apr_pools.h>
#include <apr_time.h>

#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/core/words.h"
#include "regen/model/booking.h"

#define RG_QUEST_FORMAT       "mod_regen questionnaire 1" /* the first entry of a file */
#define RG_QUEST_FILE_MOST    (256 * 1024)                /* bytes of a file */
#define RG_QUEST_ITEMS_MOST   200
#define RG_QUEST_DEPTH_MOST   4  /* groups in groups */
#define RG_QUEST_OPTIONS_MOST 40 /* of one question */
#define RG_QUEST_WHENS_MOST   16 /* conditions of one question or rule */
#define RG_QUEST_SCORES_MOST  8
#define RG_QUEST_TABLE_MOST   400 /* rows of a conversion table */
#define RG_QUEST_RULES_MOST   60
#define RG_QUEST_LINK_MOST    40   /* characters of a linkId */
#define RG_QUEST_WORDS_MOST   2000 /* characters of a text */
#define RG_QUEST_TITLE_MOST   120
#define RG_QUEST_STRING_MOST  200  /* of an answer that is a string, unless maxLength says less */
#define RG_QUEST_TEXT_MOST    2000 /* likewise of a text */
#define RG_QUEST_NUMBER_MOST  INT64_C(1000000000)
#define RG_QUEST_UNIT         1000 /* numbers are thousandths: decimals without floating point */
#define RG_QUEST_DECIMALS     3

/* FHIR's item types; the others are refused. */
#define RG_QUEST_TYPES(X)                                                                          \
    X(RG_QUEST_GROUP, "group")                                                                     \
    X(RG_QUEST_DISPLAY, "display")                                                                 \
    X(RG_QUEST_BOOLEAN, "boolean")                                                                 \
    X(RG_QUEST_CHOICE, "choice")                                                                   \
    X(RG_QUEST_OPEN_CHOICE, "open-choice")                                                         \
    X(RG_QUEST_INTEGER, "integer")                                                                 \
    X(RG_QUEST_DECIMAL, "decimal")                                                                 \
    X(RG_QUEST_DATE, "date")                                                                       \
    X(RG_QUEST_STRING, "string")                                                                   \
    X(RG_QUEST_TEXT, "text")
RG_WORDS(rg_quest_type, RG_QUEST_TYPE_COUNT, RG_QUEST_TYPES);

#define RG_QUEST_OPS(X)                                                                            \
    X(RG_QUEST_EXISTS, "exists")                                                                   \
    X(RG_QUEST_EQ, "=")                                                                            \
    X(RG_QUEST_NE, "!=")                                                                           \
    X(RG_QUEST_GT, ">")                                                                            \
    X(RG_QUEST_LT, "<")                                                                            \
    X(RG_QUEST_GE, ">=")                                                                           \
    X(RG_QUEST_LE, "<=")
RG_WORDS(rg_quest_op, RG_QUEST_OP_COUNT, RG_QUEST_OPS);

#define RG_QUEST_METHODS(X)                                                                        \
    X(RG_QUEST_SUM, "sum")                                                                         \
    X(RG_QUEST_MEAN, "mean")                                                                       \
    /* the sum, converted by a table that the clinic imports */                                    \
    X(RG_QUEST_TABLE, "table")
RG_WORDS(rg_quest_method, RG_QUEST_METHOD_COUNT, RG_QUEST_METHODS);

/* What answers mean for the treatment, the worst last. The words of
 * questionnaire_response.result. */
#define RG_QUEST_RESULTS(X)                                                                        \
    X(RG_QUEST_OK, "ok")                                                                           \
    X(RG_QUEST_REVIEW, "review")                                                                   \
    X(RG_QUEST_STOP, "stop")
RG_WORDS(rg_quest_result, RG_QUEST_RESULT_COUNT, RG_QUEST_RESULTS);

/* One value: an answer, or what an answer is compared with. */
typedef struct {
    int option;       /* of a choice; -1: none of the options, TEXT was typed */
    int64_t number;   /* BOOLEAN 0 or 1; INTEGER, DECIMAL thousandths; DATE days since 1970 */
    const char *text; /* STRING, TEXT, and what was typed instead of an option */
} rg_quest_value_t;

typedef struct {
    const char *code, *text; /* as sent, as read by people */
    const char *kind;        /* "valueCoding", "valueString", "valueInteger" */
    bool scored;
    int64_t score; /* thousandths; FHIR's extension ordinalValue */
} rg_quest_option_t;

/* A condition about an earlier question, or in a rule about a score. */
typedef struct {
    int item;  /* -1: a score */
    int score; /* -1: a question */
    rg_quest_op_t op;
    bool exists; /* for EXISTS: whether there must be an answer */
    rg_quest_value_t value;
} rg_quest_when_t;

typedef struct {
    const char *link, *text;
    rg_quest_type_t type;
    int parent; /* -1: none */
    int end;    /* behind its last descendant */
    int depth;  /* from 0 */
    bool required, repeats;
    bool any; /* one condition is enough */
    int when_count;
    rg_quest_when_t *whens;
    int option_count;
    rg_quest_option_t *options;
    int max_length; /* characters */
    bool has_min, has_max;
    int64_t min, max; /* as rg_quest_value_t.number */
    int decimals;     /* of DECIMAL */
} rg_quest_item_t;

typedef struct {
    const char *code, *title;
    rg_quest_method_t method;
    bool lower_is_better;
    int missing; /* MEAN: how many may be without an answer */
    int item_count;
    int *items;
    int row_count; /* TABLE */
    int64_t *raw, *converted;
    int64_t min, max; /* the least and the most that it can be */
} rg_quest_score_t;

typedef struct {
    bool any;
    int when_count;
    rg_quest_when_t *whens;
    rg_quest_result_t result;
    const char *words; /* for the patient */
    const char *note;  /* for the clinician; "" for none */
} rg_quest_rule_t;

typedef struct {
    const char *code, *title;
    const char *description, *copyright; /* "" for none */
    int item_count;
    rg_quest_item_t *items; /* a group comes right before what is in it */
    int score_count;
    rg_quest_score_t *scores;
    int rule_count;
    rg_quest_rule_t *rules;
} rg_questionnaire_t;

/* --- what is published ------------------------------------------------------------------------ */

typedef struct {
    int64_t id, questionnaire_id;
    const char *code, *title;
    int version;
    const char *body; /* the file */
    unsigned char sha256[32];
    apr_time_t published_at;
} rg_quest_version_t;

/* --- what a patient is asked, and what became of it ------------------------------------------- */

#define RG_QUEST_REVIEWS_MOST 100 /* in one list */
#define RG_QUEST_NOTE_MOST    500
#define RG_QUEST_NAME_MOST    160

/* Who answered. The words of questionnaire_response.answered_by. */
#define RG_QUEST_WHOS(X)                                                                           \
    X(RG_QUEST_PATIENT, "patient")                                                                 \
    X(RG_QUEST_REPRESENTATIVE, "representative")                                                   \
    X(RG_QUEST_STAFF, "staff")
RG_WORDS(rg_quest_who, RG_QUEST_WHO_COUNT, RG_QUEST_WHOS);

/* What staff decided. The words of questionnaire_decision.decision. */
#define RG_QUEST_DECISIONS(X)                                                                      \
    X(RG_QUEST_DECIDED_OK, "ok")                                                                   \
    X(RG_QUEST_DECIDED_STOP, "stop")                                                               \
    X(RG_QUEST_OVERRIDE, "override")                                                               \
    X(RG_QUEST_CLOSED, "closed")
RG_WORDS(rg_quest_decision, RG_QUEST_DECISION_COUNT, RG_QUEST_DECISIONS);

/* Where a screening stands: the result of the last answers, unless somebody decided about them. */
#define RG_QUEST_STATES(X)                                                                         \
    X(RG_QUEST_STATE_MISSING, "missing")                                                           \
    X(RG_QUEST_STATE_OK, "ok")                                                                     \
    X(RG_QUEST_STATE_REVIEW, "review")                                                             \
    X(RG_QUEST_STATE_STOP, "stop")                                                                 \
    X(RG_QUEST_STATE_OVERRIDE, "override")
RG_WORDS(rg_quest_state, RG_QUEST_STATE_COUNT, RG_QUEST_STATES);

/* One request with its last response and the decision that counts. */
typedef struct {
    int64_t id, booking_id, patient_id, questionnaire_id;
    const char *code, *title; /* of the newest version */
    bool refuse;              /* the check-in is refused unless it is in order */
    bool draft;               /* the patient typed something and did not send it */
    bool waits;               /* for a clinician */
    rg_quest_state_t state;
    int64_t response_id; /* 0: not answered */
    const char *response_uid;
    rg_quest_result_t result; /* of the response */
    rg_quest_who_t answered_by;
    const char *answerer; /* the representative, or the member of the staff */
    apr_time_t answered_at;
    int answered_times;
    int64_t decision_id; /* 0: none that counts */
    rg_quest_decision_t decision;
    const char *note, *decided_by;
    apr_time_t decided_at;
    int64_t stopped_by; /* another request of this person, whose stop counts; 0: none */
    const char *stopped_booking;
    apr_time_t stopped_starts_at;
    const char *closed_note, *closed_by; /* NULL: it was not closed */
    apr_time_t closed_at;
    rg_booking_status_t booking_status;
    /* in lists of several bookings */
    const char *booking_uid, *patient_uid, *given, *family, *service_name;
    apr_time_t starts_at;
} rg_quest_asked_t;

/* A response as it is stored. */
typedef struct {
    int64_t id, request_id, booking_id, patient_id, version_id;
    const char *uid, *answers;
    unsigned char sha256[32];
    rg_quest_result_t result;
    rg_quest_who_t who;
    const char *answerer;
} rg_quest_response_t;

/* What was typed and not sent; it belongs to who typed it. */
#define RG_QUEST_WRITER_PATIENT 0 /* whoever has the patient's link; else an id of the staff */
typedef struct {
    int64_t request_id, writer;
    int64_t version_id; /* the questions as they were shown */
    const char *answers;
    apr_time_t saved_at;
} rg_quest_draft_t;

/* What people are told of a screening that is not in order; "": it is. Static. */
const char *rg_quest_state_says(rg_quest_state_t state);
/* Whether the check-in may go on. */
bool rg_quest_in_order(const rg_quest_asked_t *a);

/* --- questionnaire/read.c, value.c ------------------------------------------------------------ */

/* Strict: whatever is not understood is a problem that names its linkId and what to do; all of them
 * at once. RG_INVALID, RG_TOO_LARGE. */
rg_outcome_t rg_quest_read(rg_questionnaire_t **out, apr_pool_t *p, const char *bytes, size_t n,
                           rg_problems_t *problems);
/* The item with this linkId, or -1. */
int rg_quest_find(const rg_questionnaire_t *q, const char *link);
bool rg_quest_asks(const rg_quest_item_t *item); /* neither a group nor a display */

/* --- questionnaire/number.c ------------------------------------------------------------------- */

/* "7", "6.5", "-1": thousandths as people read them. */
const char *rg_quest_number(apr_pool_t *p, int64_t thousandths);
/* At most DECIMALS places; a comma is a point. */
bool rg_quest_number_read(int64_t *out, const char *text, int decimals);

/* --- questionnaire/answer.c ------------------------------------------------------------------- */

/* What was typed for one question: several values only of a choice that repeats. */
typedef struct {
    int count;
    const char *values[RG_QUEST_OPTIONS_MOST]; /* codes of options, or as typed */
    const char *other;                         /* OPEN_CHOICE: typed instead, or beside; or NULL */
} rg_quest_typed_t;

typedef struct {
    bool enabled;
    bool wrong; /* there is a problem at its linkId */
    int count;
    rg_quest_value_t *values;
} rg_quest_answer_t;

typedef struct {
    bool any; /* it could be computed */
    int64_t value;
} rg_quest_scored_t;

typedef struct {
    rg_quest_answer_t *answers; /* of each item */
    rg_quest_scored_t scores[RG_QUEST_SCORES_MOST];
    rg_quest_result_t result;
    int match_count;
    int matches[RG_QUEST_RULES_MOST]; /* the rules that apply, in their order */
} rg_quest_filled_t;

/* Reads TYPED (one of each item) in the order of the document: which questions are asked at all,
 * what was answered, what is wrong or missing (problems at "q." and the linkId), scores and rules.
 * What was typed for a question that is not asked does not count. Items before FROM and from UNTIL
 * on are read without problems: the page that is sent is one of several. */
rg_quest_filled_t *rg_quest_fill(apr_pool_t *p, const rg_questionnaire_t *q,
                                 const rg_quest_typed_t *typed, int from, int until,
                                 rg_problems_t *problems);
/* "“Do you take aspirin?”: ", cut where it is long: what begins a problem in the summary. */
const char *rg_quest_named(apr_pool_t *p, const rg_quest_item_t *item);
/* An answer as people read it. */
const char *rg_quest_words(apr_pool_t *p, const rg_quest_item_t *item, const rg_quest_value_t *v);

/* --- questionnaire/keep.c: what is stored ----------------------------------------------------- */

#define RG_QUEST_KEPT_MOST (512 * 1024)
/* The answers to the questions that are asked, as JSON; the same answers give the same bytes. NULL
 * if there is too much. */
const char *rg_quest_keep(apr_pool_t *p, const rg_questionnaire_t *q, const rg_quest_filled_t *f);
/* Likewise what was typed, right or wrong: a draft. */
const char *rg_quest_keep_typed(apr_pool_t *p, const rg_questionnaire_t *q,
                                const rg_quest_typed_t *typed);
/* The way back; what does not fit Q is left out. Never NULL; one of each item. */
rg_quest_typed_t *rg_quest_kept(apr_pool_t *p, const rg_questionnaire_t *q, const char *json);
/* Forgets what was typed for questions that OLD (NULL: no questions) asked otherwise. True: Q asks
 * something that OLD did not ask in the same words, with the same choices. */
bool rg_quest_carry(const rg_questionnaire_t *q, const rg_questionnaire_t *old,
                    rg_quest_typed_t *typed);

#endif
