/* SPDX-License-Identifier: Apache-2.0 */
/* The words of the project as plain structs: filled by store and clinic, read by clinic and render.
 * Part of the core room: no behaviour here. Strings are NUL terminated UTF-8, never NULL unless a
 * field says so; everything lives in the pool of the call that made it. Times are apr_time_t UTC;
 * dates are the site's local days. */
#ifndef REGEN_MODEL_H
#define REGEN_MODEL_H

#include "regen/core.h"

#define RG_GRANULE_SEC 300 /* occupancy is kept in five-minute granules of UTC */
#define RG_STEPS_MAX   16
#define RG_PRICE_MAX   INT64_C(1000000000000) /* minor units: times any quantity it is a sum */
#define RG_YEARS_AHEAD 10 /* farther ahead nobody books, whatever rules are waived */
#define RG_NEEDS_MAX   8
#define RG_VISIT_UIDS  8 /* ids that one search may name */
#define RG_VISIT_WITH  4 /* practitioners that one search may name, each by a list */

/* How a name is searched for; EXACT minds case and accents. */
typedef enum { RG_WORD_STARTS, RG_WORD_CONTAINS, RG_WORD_EXACT } rg_word_how_t;
typedef struct {
    const char *text; /* "": any */
    rg_word_how_t how;
} rg_word_t;

typedef enum {
    RG_SIDE_NONE,
    RG_SIDE_LEFT,
    RG_SIDE_RIGHT,
    RG_SIDE_BILATERAL
} rg_side_t; /* bilateral: only in codes */
typedef enum {
    RG_BOOKING_HELD,
    RG_BOOKING_BOOKED,
    RG_BOOKING_ARRIVED,
    RG_BOOKING_IN_PROGRESS,
    RG_BOOKING_COMPLETED,
    RG_BOOKING_EXPIRED,
    RG_BOOKING_CANCELLED,
    RG_BOOKING_NO_SHOW
} rg_booking_status_t;
typedef enum {
    RG_STEP_CHECK_IN,
    RG_STEP_HARVEST,
    RG_STEP_PROCESS,
    RG_STEP_INJECT,
    RG_STEP_RECOVER,
    RG_STEP_CONSULT
} rg_step_kind_t;
typedef enum { RG_RESOURCE_PRACTITIONER, RG_RESOURCE_ROOM, RG_RESOURCE_DEVICE } rg_resource_kind_t;

/* model.c: the SQL ENUM's words and back; parse gives -1 for an unknown word. */
const char *rg_side_name(rg_side_t s);
int rg_side_parse(const char *s);
const char *rg_booking_status_name(rg_booking_status_t s);
int rg_booking_status_parse(const char *s);
const char *rg_step_kind_name(rg_step_kind_t k);
int rg_step_kind_parse(const char *s);
const char *rg_resource_kind_name(rg_resource_kind_t k);
int rg_resource_kind_parse(const char *s);

typedef struct {
    const char *line, *city, *state, *postal_code, *country;
} rg_address_t;

typedef struct {
    int64_t id;
    const char *uid, *code, *name, *time_zone, *phone, *place_of_service, *notice;
    rg_address_t address;
    rg_zone_t *zone; /* opened from time_zone; never NULL in what the store gives out */
} rg_site_t;

typedef struct {
    int64_t id;
    const char *name, *npi, *tin, *taxonomy, *phone;
    rg_address_t address;
} rg_organization_t;

typedef struct {
    int64_t id;
    const char *uid, *code, *name, *family, *given;
    const char *npi, *taxonomy; /* "" unless a practitioner */
    const char *serial;
    rg_resource_kind_t kind;
    bool active;
} rg_resource_t;

typedef struct {
    int need_no;
    const char *capability;
    int quantity;
    int setup, turnover; /* minutes */
    const char
        *bind; /* "": any of the pool; else the same resource for every need with this word */
    int any_count;
    const char **any; /* capabilities that will do as well */
} rg_need_t;

typedef struct {
    int step_no;
    rg_step_kind_t kind;
    const char *name;
    int minutes;
    int gap_min, gap_max; /* minutes from the end of the step before */
    int gap_days_min,
        gap_days_max; /* instead, unless 0: local days after the one on which it ends */
    int visit_no;
    bool patient_present;
    int need_count;
    rg_need_t *needs;
} rg_step_t;

typedef struct {
    int line_no;
    rg_step_kind_t step_kind;
    const char *code_system, *code, *description;
    int quantity;
    rg_money_t unit;
    bool side_modifier, on_claim;
} rg_service_charge_t;

/* What a patient has to do or stop before the first visit, in local days before it. */
typedef struct {
    int seq;                   /* from 1 */
    const char *code, *words;  /* "nsaid", "Stop ibuprofen …" */
    const char *applies;       /* to whom: "if you take them"; "": everybody */
    int from_days, until_days; /* until 0: until the visit */
    const char *too_late;      /* "warn"; "refuse": a time that leaves fewer days is not offered */
} rg_preparing_t;

/* The same worked out for one start. */
typedef struct {
    const rg_preparing_t *what;
    rg_date_t from, until; /* local days, both included */
    bool late;             /* it should have begun before today */
} rg_prepare_day_t;

typedef struct {
    int64_t id;
    const char *uid, *code, *name, *summary, *not_for, *preparation;
    int64_t site_id;
    int start_grid, notice_minutes, horizon_days, cancel_notice_minutes, unit_hold_minutes;
    int move_notice_minutes;
    int max_per_day; /* bookings that begin on one local day; 0: no limit */
    bool staff_only; /* only the clinic itself books it */
    const char *regulatory_path;
    bool needs_body_site;
    rg_money_t price;
    int64_t fallback_service_id; /* 0: none */
    int step_count;
    rg_step_t *steps;
    int body_site_count;
    const char **body_sites; /* codes: "knee" */
    int preparing_count;
    rg_preparing_t *preparing; /* in the order of the service */
} rg_service_t;

typedef struct {
    int64_t id;
    const char *uid, *family, *given;
    const char *given_lines; /* the given names one a line, where a program said several; or NULL */
    rg_date_t birth_date;
    const char *gender, *email, *phone;
    rg_address_t address;
} rg_patient_t;

typedef struct {
    int64_t id;
    const char *code, *name, *payer_id, *kind;
    int timely_days;
    bool active;
} rg_payer_t;

typedef struct {
    int64_t id;
    const char *uid;
    rg_payer_t payer;
    const char *member_id, *group_no, *plan_name, *relationship;
    const char *subscriber_family, *subscriber_given; /* "" when self */
    rg_date_t subscriber_birth_date;                  /* year 0: none */
} rg_coverage_t;

typedef struct {
    int step_no, need_no;
    int64_t resource_id;
    const char *resource_name;
    rg_resource_kind_t resource_kind;
    apr_time_t busy_from, busy_until; /* with setup and turnover */
} rg_booking_resource_t;

typedef struct {
    int step_no;
    rg_step_kind_t kind;
    const char *name;
    int visit_no;
    apr_time_t starts_at, ends_at;
} rg_booking_step_t;

typedef struct {
    const char *uid;
    int visit_no;
    apr_time_t starts_at, ends_at;
    int sequence;
    bool off; /* cancelled by itself, after the course had begun */
} rg_appointment_t;

/* One reservation, without the steps (lists of bookings) or with them. */
typedef struct {
    int64_t id;
    const char *uid;
    const char *number; /* rg_number_make, as long as it has a private link; "": none */
    int64_t service_id, site_id, patient_id, coverage_id; /* 0: not yet, or self-pay */
    const char *service_code, *service_name;
    rg_booking_status_t status;
    int version;
    apr_time_t starts_at, ends_at;
    apr_time_t hold_expires_at; /* 0 unless held */
    const char *hold_client; /* whom a new hold is counted to; NULL: nobody, and where it is read */
    int hold_extended;       /* how many times */
    bool hold_extends;       /* once more is possible; set by rg_booking_get */
    int self_pay;            /* -1 until chosen */
    const char *body_site;   /* "" until chosen */
    rg_side_t side;
    rg_money_t price;
    apr_time_t created_at, booked_at, changed_at;
    apr_time_t cancel_before; /* a deadline that a move carried along; 0: none */
    const char *source;       /* who made it: "patient", "staff", "machine", "waitlist" */
    int64_t made_by; /* staff, token or place on the waitlist; 0: a patient, or not known */
    rg_date_t day;   /* only where it is planned: local day it begins on, and how many */
    int day_limit;   /* bookings of its service that day may begin with; 0: no limit */
    const char *patient_family, *patient_given; /* "" until known */
    rg_date_t patient_birth_date;
    int step_count;
    rg_booking_step_t *steps; /* NULL in lists */
    int resource_count;
    rg_booking_resource_t *resources;
    int appointment_count;
    rg_appointment_t *appointments;
} rg_booking_t;

/* Until when the patient may do it alone: last instants; 0: not, or not any more. */
typedef struct {
    apr_time_t cancel_until, move_until;
} rg_deadlines_t;

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

/* What a visitor's browser may open. */
#define RG_VISITOR_MAX 100
#define RG_LINK_TRIES  10 /* wrong dates of birth, after which a private link is dead */
typedef struct {
    int64_t id; /* of the booking */
    const char *uid, *service_code, *service_name;
    int64_t service_id;
    rg_booking_status_t status; /* a hold past its time is expired */
    apr_time_t starts_at, hold_expires_at;
    bool was_booked, opened; /* not opened: the date of birth is still to be given */
    rg_zone_t *zone;         /* of its site */
    int others;              /* live ones beside it; only of the one that was chosen */
} rg_visitor_booking_t;
typedef struct {
    int64_t id;
    const char *uid, *service_name;
    bool open; /* neither taken nor closed */
} rg_visitor_place_t;
typedef struct {
    int booking_count, place_count;
    rg_visitor_booking_t *bookings; /* newest first */
    rg_visitor_place_t *places;
} rg_visitor_list_t;

/* One form the booking's service requires, and whether it is in order. */
typedef struct {
    rg_form_version_t form;      /* current version */
    const rg_consent_t *consent; /* the one that counts, or NULL */
    const char *why;             /* NULL when in order; else what is missing, in words */
    bool again;                  /* it was signed, and that does not count */
} rg_consent_state_t;

typedef struct {
    int64_t id;
    const char *label;
    int64_t booking_id, patient_id;
    const char *material, *body_site;
    rg_side_t side;
    int volume_ml;
    apr_time_t harvested_at, expires_at;
    apr_time_t processed_at; /* 0: not yet */
    const char *device_name, *kit_lot;
    int concentrate_ml;
    apr_time_t injected_at; /* 0: not yet */
    apr_time_t disposed_at; /* 0: not */
} rg_unit_t;

typedef struct {
    const char *kind; /* check-in, harvest, process, inject, complete */
    apr_time_t at;
    const char *staff_name;
} rg_step_event_t;

typedef struct {
    const char *code, *title, *body_site;
    rg_side_t side;
    bool billable;
} rg_diagnosis_t;

typedef struct {
    int count;
    rg_consent_state_t *forms;
    bool complete;
} rg_consents_t;

/* What the day asks of one booking beside rg_booking_t. */
typedef struct {
    unsigned kinds; /* of its steps: 1u << rg_step_kind_t */
    unsigned done;  /* steps done, in the order of step_event.kind: 1 check-in, 2 harvest, 4 … */
    bool consent_ok;
    rg_unit_t *unit;     /* NULL: none */
    const char *next;    /* next action: check-in, harvest, process, inject, complete; NULL: none */
    apr_time_t next_due; /* when the plan has it; 0: none */
    apr_time_t
        next_latest; /* when it must have begun, by the gap it may have and the unit; 0: whenever */
    const struct rg_conflict_t *conflict; /* undecided; NULL: none */
    apr_time_t from, until;               /* its visit of this day, one of several perhaps */
    apr_time_t since; /* when the last step was done: the patient waits since then; 0: none was */
} rg_day_state_t;

/* Most urgent first. */
typedef enum {
    RG_ATTENTION_UNIT_EXPIRED,  /* minutes since */
    RG_ATTENTION_UNIT_EXPIRING, /* minutes left */
    RG_ATTENTION_LIMIT,  /* minutes left until the next step must have begun, while it runs late */
    RG_ATTENTION_CLOSED, /* where it stands is closed to it, and nobody decided */
    RG_ATTENTION_CONSENT,
    RG_ATTENTION_LATE /* minutes since the next step was due */
} rg_attention_kind_t;
typedef struct {
    rg_attention_kind_t kind;
    int booking; /* its place in the board */
    int minutes;
} rg_attention_t;

/* When somebody or something is there by its weekly hours, in local days that follow each other. */
typedef struct {
    int resource, day; /* places in the board; day 0 is its first */
    apr_time_t from, until;
} rg_open_t;
/* … and when it is closed all the same: that part of a closure which lies in one day. */
typedef struct {
    int resource, day;
    apr_time_t from, until;
    int64_t closure_id;
    bool whole_site, whole_day;
    const char *kind, *reason; /* for staff: REASON is what somebody typed */
} rg_shut_t;
typedef struct {
    int open_count;
    rg_open_t *opens; /* by day, resource and time */
    int shut_count;
    rg_shut_t *shuts; /* likewise; closures may overlap each other */
} rg_presence_t;

/* A visit of somebody who is at another one then: what it may be called by whoever may know of
 * it. */
typedef struct {
    int64_t booking_id, site_id;
    const char *booking_uid, *uid; /* of the visit: an Appointment */
    const char *service_name;
    const char *family, *given;
    apr_time_t starts_at, ends_at;
    const char *source; /* with MADE_BY: who made the booking */
    int64_t made_by;
    bool opened;   /* the session that asks may open it */
    bool question; /* nobody has said of the two that both are right */
} rg_other_visit_t;
#define RG_OTHERS_MOST 20

typedef struct {
    const rg_site_t *site;
    int site_count;
    const rg_site_t *sites; /* to choose from */
    rg_date_t date;
    bool today; /* at the site */
    apr_time_t now;
    int resource_count;
    rg_resource_t *resources;
    int booking_count;
    rg_booking_t **bookings; /* with steps and resources; in order of their visit of that day */
    rg_day_state_t **states; /* same places */
    rg_presence_t presence;  /* of the resources, on this day */
    int attention_count;
    rg_attention_t *attention;
    int todo_count;
    /* places of bookings whose next action is due within the hour or overdue; first who waits for a
     * unit or a limit, then who waits longest, then who is expected; today only */
    int *todo;
    int question_count;
    rg_other_visit_t *questions; /* second visits at a time: of this day, or from today on */
    bool more_questions;         /* than RG_OTHERS_MOST, which are listed */
} rg_board_t;

/* A rule that somebody broke for a booking. */
typedef struct {
    const char *rule; /* rg_rule_name */
    const char *reason;
    const char *staff_name; /* "": nobody of the staff */
    apr_time_t at;
} rg_override_t;

/* Everything staff see of one booking. */
typedef struct {
    rg_booking_t *booking;
    rg_site_t *site;
    rg_service_t *service;
    rg_patient_t *patient;   /* NULL: a hold without details yet */
    rg_coverage_t *coverage; /* NULL: self-pay */
    rg_consents_t *consents;
    int event_count;
    rg_step_event_t *events;
    rg_unit_t *unit; /* NULL: none yet */
    int diagnosis_count;
    rg_diagnosis_t *diagnoses;
    int likely_count;
    rg_diagnosis_t *likely; /* codes that fit site and side, to choose from */
    int device_count;
    rg_resource_t *devices; /* centrifuges; the booked one first */
    int override_count;
    rg_override_t *overrides; /* oldest first */
    unsigned kinds;           /* as in rg_day_state_t */
    apr_time_t now;
    bool today;       /* the visit is on this local day */
    const char *next; /* next action: check-in, harvest, process, inject, complete; NULL: none */
} rg_chart_t;

typedef struct {
    int64_t id;
    int line_no;
    rg_step_kind_t step_kind;
    const char *code_system, *code, *modifier, *description;
    int quantity;
    rg_money_t unit, total;
    bool on_claim;
    rg_date_t service_date;
    int64_t practitioner_id; /* 0: none */
} rg_charge_t;

typedef struct {
    int64_t id;
    const char *uid, *series;
    int number;
    const char *label; /* "INV-2026-000042" */
    int64_t booking_id;
    const char *booking_uid;
    const char *patient_name, *patient_address, *issuer; /* as on the paper */
    apr_time_t issued_at;
    rg_money_t total;
    int line_count;
    rg_charge_t *lines;
} rg_invoice_t;

typedef struct {
    int64_t id;
    const char *uid, *claim_no;
    int64_t booking_id;
    const char *patient_family, *patient_given, *payer_name;
    apr_time_t created_at;
    rg_date_t service_date;
    rg_money_t total;
} rg_claim_row_t;

/* Everything a claim says, as of emission; render turns it into FHIR XML or JSON. Sources: domain
 * table 3a (CMS-1500, 837P, FHIR). */
/* A line's amounts in a document that somebody else wrote, in millionths: there, quantities may be
 * parts, and prices smaller than a cent. */
typedef struct {
    bool has_net, has_price;
    int64_t net, price, quantity, factor;
} rg_claim_exact_t;

typedef struct {
    int sequence;
    const char *code_system, *code, *description;
    const char *modifiers[4]; /* NULL past the last */
    int quantity;
    rg_money_t unit, net;
    /* NULL in our own, else it counts instead of the four above; their currencies may be "" */
    const rg_claim_exact_t *exact;
    rg_date_t service_date;
    int pointers[4]; /* diagnosis sequences, 0 past the last */
} rg_claim_line_t;

typedef struct {
    const char *uid, *claim_no;
    apr_time_t created_at;
    rg_patient_t patient;
    rg_coverage_t coverage;
    rg_organization_t billing;
    rg_resource_t rendering;
    rg_site_t facility;
    const char *body_site;
    rg_side_t side;
    int diagnosis_count;
    rg_diagnosis_t *diagnoses; /* sequence = index + 1; the first is principal */
    int line_count;
    rg_claim_line_t *lines;
    rg_money_t total;
    const int64_t
        *exact_total; /* likewise in millionths; NULL in our own, and where there is none */
    rg_date_t service_from, service_to;
    int64_t booking_id, patient_id;
    int booking_version; /* as of reading: a change since then makes the claim stale */
} rg_claim_t;

typedef struct {
    int64_t id;
    const char *login, *name, *password_hash;
    int64_t resource_id;
    unsigned roles;
    bool active;
    int failures;
    apr_time_t locked_until;
} rg_staff_t;

/* A line of the list of logins. */
typedef struct {
    rg_staff_t staff;
    int sessions; /* live ones */
} rg_staff_row_t;

/* What a treatment owes, and the papers there are. */
typedef struct {
    rg_booking_t *booking;
    rg_site_t *site;
    int charge_count;
    rg_charge_t *charges;
    rg_money_t total;
    const char *payer_name;  /* "": self-pay */
    const char *invoice_uid; /* "": not issued */
    const char *invoice_label;
    const char *claim_uid; /* "": not made */
    const char *claim_no;
} rg_account_t;
typedef enum { RG_QUEUE_INVOICE, RG_QUEUE_CLAIM, RG_QUEUE_CLAIMED, RG_QUEUE_COUNT } rg_queue_t;
typedef struct { /* one booking or claim in a queue */
    const char *booking_uid, *patient_family, *patient_given, *service_name, *payer_name;
    const char *claim_uid, *claim_no; /* "" unless claimed */
    apr_time_t starts_at;
    rg_money_t total;
    const char *why; /* why it stayed when it was tried; "": not tried yet */
    apr_time_t tried_at;
} rg_work_item_t;
typedef struct {
    rg_queue_t queue;
    int counts[RG_QUEUE_COUNT];
    int page, pages; /* from 1 */
    int count;
    rg_work_item_t *items;
    rg_site_t *site;
} rg_worklist_t;
#define RG_WORKLIST_PAGE 50

/* An emitted claim: its bytes, and the values a person looks at (diagnoses and lines NULL from
 * _each). */
typedef struct {
    rg_claim_row_t row;
    const char *booking_uid;
    const char *xml, *json;
    size_t xml_len, json_len; /* json 0 from _each */
    unsigned char sha256[32]; /* of xml; zeros from _each */
    int diagnosis_count;
    rg_diagnosis_t *diagnoses;
    int line_count;
    rg_claim_line_t *lines;
} rg_claim_doc_t;

/* A bearer token of a machine, without the token. */
typedef struct {
    const char *name, *scopes;
    apr_time_t created_at, expires_at, revoked_at; /* 0: never */
} rg_token_row_t;

/* --- rules ------------------------------------------------------------------------------------ */

/* What a service plans after its completion. */
typedef struct {
    int seq;          /* from 1 */
    const char *kind; /* "follow-up", "maintenance" */
    int after_min_days, after_max_days;
    const char *reason, *title;
} rg_service_recall_t;

/* A service with everything that belongs to it, as one value: what the JSON file of regenctl and
 * the page of the administrators read and write. Ids count nothing in it: numbers of steps, needs
 * and lines are their places. */
typedef struct {
    rg_service_t service;        /* site_id and fallback_service_id are the store's to find */
    const char *site, *fallback; /* codes; "" for no fallback */
    int display_order;
    bool active;
    int charge_count;
    rg_service_charge_t *charges;
    int recall_count;
    rg_service_recall_t *recalls;
    int form_count;
    const char **forms; /* codes of the forms that must be signed */
} rg_service_def_t;
#define RG_SERVICES_FORMAT "mod_regen services 1" /* what a file of definitions begins with */
#define RG_CHARGES_MAX     32
#define RG_PLANS_MAX       32 /* recalls of a service */
#define RG_PREPARING_MAX   16
#define RG_WORDS_MAX       32 /* body sites, forms, other capabilities of a need */

/* definition.c: the fields of such a value by name. One table reads and writes JSON and forms,
 * checks limits and compares; every value has a text. */
typedef enum {
    RG_FIELD_TEXT,     /* const char *: clean text, tidied by whoever read it */
    RG_FIELD_CODE,     /* const char *: a-z, 0-9 and hyphens */
    RG_FIELD_INT,      /* int */
    RG_FIELD_YES,      /* bool */
    RG_FIELD_WORD,     /* const char *: one of `words` */
    RG_FIELD_KIND,     /* rg_step_kind_t */
    RG_FIELD_STAFF,    /* bool: "public" or "staff" */
    RG_FIELD_CURRENCY, /* of an rg_money_t */
    RG_FIELD_MONEY     /* rg_money_t whose currency is known */
} rg_field_kind_t;
typedef struct {
    const char *name;
    rg_field_kind_t kind;
    size_t at;           /* in the struct */
    int64_t least, most; /* of numbers; characters of texts and codes */
    int step;            /* INT: only multiples of it */
    const char *usual;   /* what it is when it is not given; NULL: it must be given */
    const char *words;   /* WORD, KIND, STAFF: separated by blanks */
} rg_field_t;
/* Of rg_service_def_t, rg_step_t, rg_need_t, rg_service_charge_t, rg_service_recall_t,
 * rg_preparing_t; each ends with a NULL name. A currency stands before its sum. */
extern const rg_field_t rg_service_fields[], rg_step_fields[], rg_need_fields[], rg_charge_fields[],
    rg_recall_fields[], rg_preparing_fields[];
/* NULL, or a sentence that says what would be right; OBJECT stays as it was then. Keeps TEXT. */
const char *rg_field_set(apr_pool_t *p, const rg_field_t *f, void *object, const char *text);
const char *rg_field_get(apr_pool_t *p, const rg_field_t *f, const void *object);
/* Sets what has a usual value to it. */
void rg_fields_usual(apr_pool_t *p, const rg_field_t *fields, void *object);
/* NULL when fine, as rg_field_set. */
const char *rg_code_wrong(const char *text);
/* What rg_field_set would say of the value that OBJECT (of SIZE bytes) has. */
const char *rg_field_wrong(apr_pool_t *p, const rg_field_t *f, const void *object, size_t size);
/* 64 characters that are the same for two definitions exactly when these say the same. */
const char *rg_service_def_mark(apr_pool_t *p, const rg_service_def_t *d);

/* Somebody or something that can be booked, as one value. */
typedef struct {
    int weekday, start, end; /* ISO weekday; minutes of the local day */
    rg_date_t from, until;   /* valid, both inclusive; 2000-01-01 and 9999-12-31 stand for always */
} rg_hours_t;
typedef struct {
    rg_resource_t resource;
    const char *site, *site_name;
    int capability_count;
    const char **capabilities;
    int hours_count;
    rg_hours_t *hours;
    const char *mark; /* the same for two values exactly when they say the same */
} rg_resource_def_t;

/* What a definition can name: codes, and names beside those of sites and services. */
typedef struct {
    int site_count;
    const rg_site_t *sites;
    int service_count;
    const char **services, **service_names;
    int capability_count;
    const char **capabilities; /* of active resources, in order */
    int form_count;
    const char **forms;
} rg_service_choices_t;

/* Why a resource that a booking takes is not there for it any more. The words of
 * resource_kept.kind. */
typedef enum {
    RG_CONFLICT_CLOSED,
    RG_CONFLICT_HOURS,
    RG_CONFLICT_INACTIVE,
    RG_CONFLICT_CAPABILITY
} rg_conflict_kind_t;
const char *rg_conflict_kind_name(rg_conflict_kind_t k); /* "closed", "hours", … */
int rg_conflict_kind_parse(const char *s);
/* A booking that stands where the clinic is closed to it, and nobody decided that it may. */
typedef struct rg_conflict_t {
    rg_conflict_kind_t kind;
    int64_t closure_id; /* of RG_CONFLICT_CLOSED */
    int64_t resource_id, booking_id;
    const char *resource_name;
    apr_time_t busy_from, busy_until;
    const rg_booking_t *booking; /* row only, with version and starts_at */
    int nearest_count;           /* other times, when they were asked for */
    const apr_time_t *nearest;
} rg_conflict_t;

/* A closure as people see it. */
typedef struct {
    int64_t id;
    const char *site, *site_name, *resource,
        *resource_name; /* codes and names; "" : the whole site */
    rg_date_t first_day, last_day;
    int start, end; /* minutes of each of these days */
    const char *kind, *reason;
} rg_closure_row_t;

/* --- waitlist, messages, recalls -------------------------------------------------------------- */

/* The words of message.kind. */
typedef enum {
    RG_MESSAGE_CONFIRMATION,
    RG_MESSAGE_CHANGE,
    RG_MESSAGE_CANCELLATION,
    RG_MESSAGE_WAITLIST_OFFER,
    RG_MESSAGE_RECALL,
    RG_MESSAGE_FORMS
} rg_message_kind_t;
#define RG_MESSAGE_KINDS (RG_MESSAGE_FORMS + 1)
const char *rg_message_kind_name(rg_message_kind_t k);
int rg_message_kind_parse(const char *s);
typedef enum {
    RG_OUTBOX_QUEUED,
    RG_OUTBOX_SENT,
    RG_OUTBOX_FAILED,
    RG_OUTBOX_WITHDRAWN
} rg_outbox_status_t;
#define RG_OUTBOX_STATUSES (RG_OUTBOX_WITHDRAWN + 1)
const char *rg_outbox_status_name(rg_outbox_status_t s);
int rg_outbox_status_parse(const char *s);

/* The words of waitlist.status. */
typedef enum {
    RG_WAITER_WAITING,
    RG_WAITER_OFFERED,
    RG_WAITER_TAKEN,
    RG_WAITER_CLOSED
} rg_waiter_status_t;
#define RG_WAITER_STATUSES (RG_WAITER_CLOSED + 1)
const char *rg_waiter_status_name(rg_waiter_status_t s);
int rg_waiter_status_parse(const char *s);

/* Times of day somebody can come: bit 4 * (ISO weekday - 1) + part. */
#define RG_DAY_PARTS 4
int rg_day_part(
    int minute); /* of a local minute: 0 before 10:00, 1 before 12:00, 2 before 15:00, 3 later */

/* Somebody on the waitlist, and the time that is kept for them. */
typedef struct {
    int64_t id;
    const char *uid;
    int64_t service_id, practitioner_id; /* 0: any */
    const char *practitioner_name;       /* "": any */
    rg_date_t first_day, last_day;
    unsigned times; /* bits as above */
    const char *family, *given, *email, *phone;
    const char *source; /* "patient", "staff" */
    const char *client; /* whom a new place is counted to; NULL: nobody, and where it is read */
    rg_waiter_status_t status;
    const char *closed_why; /* "", "expired", "withdrawn", "removed", "unanswered" */
    bool behind;            /* an earlier place of the same person counts */
    int missed;
    apr_time_t created_at;
    int64_t offer_booking_id; /* the open or taken one; 0: none */
    const char *offer_booking_uid;
    apr_time_t offer_starts_at, offer_ends_at;
    apr_time_t offer_until; /* 0 unless it is held */
} rg_waiter_t;

/* The waitlist for staff, by service and state. */
typedef struct {
    int64_t service_id; /* 0: all */
    int status;         /* rg_waiter_status_t shown */
    int counts[RG_WAITER_STATUSES];
    int page, pages;  /* from 1 */
    const char *name; /* looked for; NULL: the list of one state */
    int count;
    rg_waiter_t *waiters; /* first come, first */
    int service_count;
    rg_service_t **services; /* to choose from, and what the waiters wait for */
    rg_site_t *site;
    int site_count;
    rg_site_t **sites; /* of the services */
} rg_waitlist_t;
/* A list of the desk is counted and leafed through up to here: counting years of messages would
 * read them all. */
#define RG_LIST_MOST     5000
#define RG_WAITLIST_PAGE 50

/* The words of recall.status. */
typedef enum {
    RG_RECALL_OPEN,
    RG_RECALL_ATTEMPTED,
    RG_RECALL_BOOKED,
    RG_RECALL_DONE,
    RG_RECALL_CLOSED
} rg_recall_status_t;
const char *rg_recall_status_name(rg_recall_status_t s);
int rg_recall_status_parse(const char *s);
/* The words of recall_attempt.outcome. */
typedef enum {
    RG_ATTEMPT_NO_ANSWER,
    RG_ATTEMPT_LEFT_MESSAGE,
    RG_ATTEMPT_SPOKE,
    RG_ATTEMPT_BOOKED,
    RG_ATTEMPT_DECLINED
} rg_attempt_t;
#define RG_ATTEMPTS (RG_ATTEMPT_DECLINED + 1)
const char *rg_attempt_name(rg_attempt_t s);
int rg_attempt_parse(const char *s);

typedef struct {
    apr_time_t at;
    const char *staff_name;
    rg_attempt_t outcome;
    const char *note;
} rg_recall_attempt_t;
/* One dated reason to see a patient again. */
typedef struct {
    int64_t id, booking_id, patient_id;
    const char *uid, *booking_uid;
    const char *kind, *reason, *title;
    rg_date_t due_from, due_until;
    rg_recall_status_t status;
    const char *closed_why;         /* "", "declined", "opted-out" */
    const char *answer_booking_uid; /* "": none */
    const char *given, *family, *phone, *email, *service_name, *patient_uid;
    int attempt_count;
    rg_recall_attempt_t *attempts; /* oldest first */
} rg_recall_t;
/* Which of them staff look at. */
typedef enum {
    RG_RECALLS_DUE, /* open or attempted, and the time has come */
    RG_RECALLS_LATER,
    RG_RECALLS_BOOKED,
    RG_RECALLS_DONE,
    RG_RECALLS_CLOSED
} rg_recalls_view_t;
#define RG_RECALLS_VIEWS (RG_RECALLS_CLOSED + 1)
const char *rg_recalls_view_name(rg_recalls_view_t s); /* "due", "later", … */
int rg_recalls_view_parse(const char *s);
typedef struct {
    int view;
    int counts[RG_RECALLS_VIEWS]; /* of the service and site */
    int page, pages;              /* from 1 */
    int count;
    rg_recall_t *recalls; /* overdue first */
    rg_date_t today;
    rg_site_t *site;                      /* the one asked for, or the first */
    const char *service_code, *site_code; /* asked for; "": all */
    int service_count, site_count;
    rg_service_t **services; /* to choose from */
    rg_site_t **sites;
} rg_recalls_t;
#define RG_RECALLS_PAGE 50

#define RG_MESSAGE_VISITS_MAX 16
/* One message with the facts as they were; render makes its text. */
typedef struct {
    int64_t id;
    const char *uid;
    rg_message_kind_t kind;
    rg_outbox_status_t status;
    const char *booking_uid;    /* "": of no booking */
    const char *booking_number; /* as it is now; "": none */
    const char *to_name, *to_email;
    apr_time_t starts_at,
        ends_at; /* of the booking; of a recall noon UTC of the days it is due; 0: none */
    apr_time_t old_starts_at; /* change: before */
    apr_time_t
        until_at; /* waitlist-offer: kept until; confirmation, change: cancelled online until */
    apr_time_t prepare_at; /* confirmation, change: the day to begin to prepare; 0: none */
    int visit_count;
    apr_time_t visits[RG_MESSAGE_VISITS_MAX]; /* starts */
    const char *site_name, *site_address, *site_phone;
    const rg_zone_t *zone; /* of the site, as it was */
    apr_time_t created_at, sent_at;
} rg_message_t;

/* What is waiting to leave, and what left. */
typedef struct {
    int status;                     /* rg_outbox_status_t shown */
    int kind;                       /* rg_message_kind_t shown; -1: all */
    int counts[RG_OUTBOX_STATUSES]; /* of that kind */
    int page, pages;                /* from 1 */
    int count;
    rg_message_t *messages; /* newest first */
    rg_site_t *site;
    int site_count;
} rg_outbox_t;
#define RG_OUTBOX_PAGE 50

/* --- desk ------------------------------------------------------------------------------------- */

/* What staff may break with a reason; the words of booking_override.rule. A resource that is taken
 * and a consent that is missing are none of these. */
typedef enum {
    RG_RULE_NOTICE,
    RG_RULE_HORIZON,
    RG_RULE_GRID,
    RG_RULE_OPENING, /* weekly hours; a closure stays closed */
    RG_RULE_MAX_PER_DAY,
    RG_RULE_CANCEL_NOTICE, /* noted where staff do what a patient could not any more */
    RG_RULE_MOVE_NOTICE,
    RG_RULE_SAME_PERSON /* two visits of one person at once */
} rg_rule_t;
#define RG_RULE_COUNT (RG_RULE_SAME_PERSON + 1)
const char *rg_rule_name(rg_rule_t r);
int rg_rule_parse(const char *s); /* -1: unknown */

/* A patient the front desk looked for. */
typedef struct {
    rg_patient_t patient;
    apr_time_t next_visit; /* 0: none is booked */
} rg_patient_hit_t;
typedef struct {
    int count;
    bool more; /* there are others: ask more exactly */
    rg_patient_hit_t *hits;
} rg_patient_hits_t;

/* One patient with every booking that ever was made, newest start first, without steps. */
typedef struct {
    rg_patient_t *patient;
    rg_site_t *site;
    apr_time_t now;
    int booking_count;
    rg_booking_t **bookings; /* a hold past its time reads as expired */
    int recall_count;
    rg_recall_t *recalls;   /* planned, soonest first; without attempts */
    bool reminders_stopped; /* they want none */
} rg_patient_file_t;

/* One booking on one resource on one local day of a week, setup and turnover included; pauses
 * between its steps too. */
typedef struct {
    int resource, day; /* places in the week; day 0 is its Monday */
    apr_time_t from, until;
    const char *booking_uid, *family, *given; /* names "" until known */
    rg_booking_status_t status;
} rg_week_block_t;
typedef struct {
    const rg_site_t *site;
    int site_count;
    const rg_site_t *sites; /* to choose from */
    rg_date_t monday, today;
    int kind;            /* rg_resource_kind_t shown; -1: all */
    int64_t resource_id; /* the one shown; 0: all */
    int resource_count;
    rg_resource_t **resources; /* shown, by kind and id */
    int choice_count;
    rg_resource_t **choices; /* practitioners of the site */
    int block_count;
    rg_week_block_t *blocks; /* by resource, day and time */
    rg_presence_t presence;  /* of the resources; day 0 is Monday */
} rg_week_t;

/* What is left of a visit, begun at START, and who serves: as planned or as it could be. */
typedef struct {
    bool others;    /* with other people or rooms than the steps before had */
    int last_visit; /* the last one that gets another time; those after it stay */
    apr_time_t start;
    int step_count;
    rg_booking_step_t
        *steps; /* those that have not begun, of this visit and of later ones that must move, too */
    int resource_count;
    rg_booking_resource_t *resources;
} rg_replan_option_t;
typedef struct {
    rg_booking_t *booking;
    rg_site_t *site;
    rg_service_t *service;
    rg_service_t *fallback; /* NULL: none */
    rg_patient_t *patient;
    rg_unit_t *unit;        /* NULL: none is open */
    const char *next;       /* the step that is waited for */
    apr_time_t now, latest; /* as rg_day_state_t.next_latest */
    rg_replan_option_t planned;
    int option_count; /* 0: nothing is possible any more */
    rg_replan_option_t options[2];
} rg_replan_t;

/* Why a service cannot start at a certain time. */
typedef enum {
    RG_WHY_PAST,
    RG_WHY_RULE,    /* RULE, of the service */
    RG_WHY_NOBODY,  /* too few can do CAPABILITY at all */
    RG_WHY_NOT_ALL, /* nobody can do all that the same one must do, CAPABILITY in STEP among it */
    RG_WHY_SAME,    /* RESOURCE would have to do it, because of the other steps, and cannot */
    RG_WHY_GAP,     /* STEP would have to begin from FROM until UNTIL */
    RG_WHY_GRID,    /* … and no time on the grid lies there */
    RG_WHY_CLOSED,  /* RESOURCE is not there: weekly hours */
    RG_WHY_CLOSURE, /* RESOURCE is closed for REASON */
    RG_WHY_TAKEN,   /* RESOURCE is taken by a booking */
    RG_WHY_TOGETHER /* each need of STEP could be met, not all at once */
} rg_why_t;
typedef struct {
    rg_why_t kind;
    rg_rule_t rule;
    const char *step, *capability, *resource; /* names; "" where they do not apply */
    apr_time_t from, until;                   /* 0: does not apply */
    const char *reason;                       /* of a closure */
    const char *booking_uid, *family, *given; /* who takes it; names "" until known */
    rg_booking_status_t status;
} rg_reason_t;
typedef struct {
    rg_service_t *service;
    rg_site_t *site;
    apr_time_t start, now;
    bool offered;
    bool can_override; /* rules alone are in the way */
    unsigned over;     /* these: 1u << rg_rule_t */
    int count;         /* 0 exactly when it is offered */
    rg_reason_t *reasons;
} rg_explained_t;

/* The part of the local day somebody can come in. */
typedef enum { RG_PART_ANY, RG_PART_MORNING, RG_PART_AFTERNOON, RG_PART_EVENING } rg_part_t;
/* The next times of a service for somebody who is on the phone. */
typedef struct {
    rg_site_t *site;
    apr_time_t now;
    int service_count;
    rg_service_t **services; /* active ones, those only staff book too; in display order */
    rg_service_t *service;   /* the chosen one; NULL: none yet */
    int person_count;
    rg_resource_t **people; /* practitioners with a part in it */
    rg_patient_t *patient;  /* whom it is for; NULL: nobody yet */
    rg_booking_t
        *moving; /* what is to be moved, with its visits when VISIT is set; NULL: a new time */
    int visit;   /* of it; 0: the whole booking */
    int visit_minutes; /* of what is looked for, at the shortest; 0: nothing was */
    int count;
    apr_time_t *starts; /* ascending */
    bool more;          /* there may be others after the last */
} rg_desk_times_t;

/* --- address ---------------------------------------------------------------------------------- */

/* A public base that an httpd said. */
typedef struct {
    const char *base;
    apr_time_t seen_at;
} rg_base_row_t;

/* --- feeds, directory ------------------------------------------------------------------------- */

/* A private iCalendar feed of one resource, without its token. */
typedef struct {
    int64_t id;
    const char *name; /* whose phone or program; "" */
    const char *resource_code;
    apr_time_t created_at, revoked_at; /* 0: never */
} rg_feed_row_t;
/* One stretch of time a booking takes of the resource, with setup and turnover. */
typedef struct {
    const char *booking_uid;
    rg_booking_status_t status; /* booked to completed; cancelled or no-show: given back lately */
    int version;                /* of the booking */
    apr_time_t changed_at;
    int step_no; /* its first step: tells the stretches of one booking apart */
    apr_time_t from, until;
    const char *room; /* where that is; "" */
} rg_feed_entry_t;
typedef struct {
    rg_resource_t resource; /* id, uid, name, kind */
    const char *site_name;
    int count;
    rg_feed_entry_t *entries;
} rg_feed_t;

/* The clinic's definitions as machines read them: everything, also what is no longer active. */
typedef struct {
    const rg_resource_t *resource;
    const rg_site_t *site;
} rg_directory_resource_t;
/* A stretch in which a site or a resource is closed; why is for staff only. */
typedef struct {
    apr_time_t from, until;
} rg_closed_span_t;
typedef struct {
    const rg_service_t *service;
    const rg_site_t *site;
    bool active;
    int closed_count; /* when all of its site is closed, as rg_directory_closed tells it */
    const rg_closed_span_t *closed;
} rg_directory_service_t;
typedef struct {
    int64_t site_id, resource_id; /* resource 0: the whole site */
    int first_day, last_day;      /* rg_date_days of the site's local days */
    int start, end;               /* minutes of each of these days */
} rg_directory_closure_t;
typedef struct {
    uint64_t version;
    apr_time_t changed_at; /* when any definition last changed; 0: not known */
    const char *names;     /* under which identifiers are named; NULL: none are kept yet */
    int site_count;
    const rg_site_t *sites;
    int resource_count;
    rg_directory_resource_t *resources; /* ascending id */
    int service_count;
    rg_directory_service_t *services;
    int closure_count;
    rg_directory_closure_t *closures; /* by id */
} rg_directory_t;

/* The status of a visit in FHIR's words, each visit of a booking by itself. */
typedef enum {
    RG_VISIT_PROPOSED, /* not stored: what a search found */
    RG_VISIT_PENDING,
    RG_VISIT_BOOKED,
    RG_VISIT_ARRIVED,
    RG_VISIT_CHECKED_IN,
    RG_VISIT_FULFILLED,
    RG_VISIT_CANCELLED,
    RG_VISIT_NO_SHOW
} rg_visit_status_t;
#define RG_VISIT_STATUS_COUNT (RG_VISIT_NO_SHOW + 1)
const char *rg_visit_status_name(rg_visit_status_t s); /* "checked-in"; static */
int rg_visit_status_parse(const char *s);              /* -1: unknown */

/* A patient as machines read them. */
typedef struct {
    rg_patient_t patient; /* uid "" when there is none */
    int version;
    apr_time_t changed_at;
} rg_person_t;

/* What a program says of a booking in words. NULL or "": nothing. At most so many characters. */
#define RG_COMMENT_MOST     500
#define RG_CANCEL_TEXT_MOST 255
typedef struct {
    const char *comment, *cancel_system, *cancel_code, *cancel_text;
} rg_booking_note_t;

/* One visit of one booking. */
typedef struct {
    int64_t id, booking_id, service_id;
    const char *uid, *booking_uid;
    int visit_no;
    rg_visit_status_t status;
    bool expired; /* cancelled because a hold ran out */
    int version;  /* of the booking */
    apr_time_t created_at, changed_at, starts_at, ends_at;
    apr_time_t hold_expires_at; /* 0 unless held */
    const char *body_site;
    rg_side_t side;
    rg_booking_note_t note;   /* all NULL of a proposal */
    apr_time_t cancel_before; /* a deadline that a move carried along; 0: none */
    apr_time_t cancel_until;  /* set by rg_visit_ahead of a first visit that is booked; 0: none */
    int preparing_count;
    const rg_prepare_day_t *preparing; /* likewise */
    int resource_count;
    int64_t *resources; /* ids, ascending */
    rg_person_t person;
} rg_visit_t;

/* A resource is taken, as one step of one booking asks for it. */
typedef struct {
    int64_t resource_id;
    apr_time_t from, until;
    bool held; /* not booked yet */
    int version;
    apr_time_t changed_at;
} rg_busy_t;

#endif
