/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the FHIR API share: the table of types, a search in progress, and answers.
 * Private to the web room. */
#ifndef REGEN_FHIR_H
#define REGEN_FHIR_H

#include "mod_regen/web/fhir/read/args.h"
#include "mod_regen/web/fhir/read/in.h"
#include "mod_regen/web/fhir/read/param.h"
#include "mod_regen/web/fhir/read/proposal.h"
#include "mod_regen/web/platform/platform.h"
#include "regen/clinic/api.h"
#include "regen/core/buf.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/core/words.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/visit.h"
#include "regen/render/fhir.h"
#include "regen/render/writer.h"

/* --- the table -------------------------------------------------------------------------------- */

/* Kinds of search parameters. */
#define REGEN_FHIR_KINDS(X)                                                                        \
    X(REGEN_TOKEN, "token")                                                                        \
    X(REGEN_STRING, "string")                                                                      \
    X(REGEN_REFERENCE, "reference")                                                                \
    X(REGEN_DATE, "date")
RG_WORDS(regen_fhir_kind, REGEN_FHIR_KIND_COUNT, REGEN_FHIR_KINDS);

#define REGEN_CAN(how) (1u << (how))

typedef struct {
    const char *name; /* "patient.identifier" is chained to "patient" */
    regen_fhir_kind_t kind;
    unsigned modifiers; /* REGEN_CAN of each that may stand after the name */
    const char *types;  /* of a reference: "Practitioner Location", modifiers too; else NULL */
    const char *words;  /* for the CapabilityStatement; may be NULL */
} regen_fhir_def_t;

typedef struct regen_fhir_search_t regen_fhir_search_t;

/* Parameters of every type that are not about content. */
typedef struct {
    const char *name;
    const char *kind; /* for the CapabilityStatement; NULL: not told there */
    bool repeated;    /* in the self link */
    rg_outcome_t (*read)(regen_fhir_search_t *s, const char *value);
    const char *words;
} regen_fhir_control_t;
extern const regen_fhir_control_t regen_fhir_controls[]; /* query.c; ends with a NULL name */

/* One resource of an answer. */
typedef struct {
    const char *type, *id, *version;
    apr_time_t changed;
    void (*write)(rg_writer_t *w, const rg_fhir_t *e, const char *as, const void *value);
    const void *value;
} regen_fhir_entry_t;

typedef enum { REGEN_ITEM_END, REGEN_ITEM_OTHER, REGEN_ITEM_FITS } regen_item_t;

typedef struct {
    const char *name;
    bool people;                    /* shows who comes: what is not understood is refused */
    const regen_fhir_def_t *params; /* ends with a NULL name */
    const char *const *includes;    /* ends with NULL */
    /* Pushes one page of entries, from s->key and s->after on; sets s->more and s->next_*. */
    rg_outcome_t (*find)(regen_fhir_search_t *s);
    rg_outcome_t (*total)(regen_fhir_search_t *s); /* sets s->total to how many fit on all pages */
    rg_outcome_t (*get)(regen_fhir_entry_t *out, regen_fhir_search_t *s, const char *id);
    /* Adds what ENTRY points at by the include WHAT ("Slot:schedule"). */
    void (*include)(regen_fhir_search_t *s, const regen_fhir_entry_t *entry, const char *what);
    /* For regen_find_definition: the I-th record that may be one of this type. */
    regen_item_t (*item)(regen_fhir_entry_t *out, const regen_fhir_search_t *s, int i);
} regen_fhir_type_t;
extern const regen_fhir_type_t regen_fhir_types[]; /* type.c; ends with a NULL name */

/* --- a search --------------------------------------------------------------------------------- */

typedef struct {
    const regen_fhir_def_t *def;
    regen_fhir_how_t how;
    const char *type;           /* "Patient" after "actor:Patient"; NULL: any */
    apr_array_header_t *values; /* const char *: any of them */
} regen_fhir_given_t;

struct regen_fhir_search_t {
    regen_req_t *q;
    const regen_fhir_type_t *type;
    rg_directory_t *dir;
    rg_fhir_t env;
    const rg_zone_t *zone;        /* of the first site: days without an offset are its days */
    apr_array_header_t *given;    /* regen_fhir_given_t: all of them */
    apr_array_header_t *includes; /* const char * */
    apr_array_header_t *used;     /* rg_pair_t: what the self link repeats */
    const char *refusal;          /* FHIR's code of why RG_INVALID; NULL: "invalid" */
    bool strict;                  /* Prefer: handling=strict */
    bool only_count, total_too;   /* _summary=count, _total */
    int total;                    /* -1: not known */
    regen_span_t changed;         /* _lastUpdated */
    int count;                    /* of a page */
    int64_t key, after;           /* where the page begins; 0, 0: at the beginning */
    bool more;
    int64_t next_key, next_after;
    rg_problems_t *notes;       /* what was ignored */
    apr_array_header_t *found;  /* regen_fhir_entry_t */
    apr_array_header_t *others; /* regen_fhir_entry_t: included */
};

/* --- search.c --------------------------------------------------------------------------------- */

/* S for TYPE with the definitions read. */
rg_outcome_t regen_fhir_open(regen_fhir_search_t *s, regen_req_t *q, const regen_fhir_type_t *type);
const regen_fhir_type_t *regen_fhir_type(const char *name, size_t n);

/* --- found.c ---------------------------------------------------------------------------------- */

/* s->total of a type that is not read page by page from the database. */
rg_outcome_t regen_total_by_walking(regen_fhir_search_t *s);
/* Adds an included resource once, when the token may read its type. */
void regen_fhir_other(regen_fhir_search_t *s, const regen_fhir_entry_t *entry);

/* --- query.c ---------------------------------------------------------------------------------- */

/* What came with the request into s->given, s->includes and the rest. RG_INVALID with a problem. */
rg_outcome_t regen_fhir_read_query(regen_fhir_search_t *s);
/* RG_INVALID, with a problem that names the parameter. */
rg_outcome_t regen_fhir_wrong(regen_fhir_search_t *s, const char *name, const char *text);
/* The next one given of that name, from *AT (0: the first) on; NULL: no more. */
const regen_fhir_given_t *regen_fhir_next(const regen_fhir_search_t *s, const char *name, int *at);
/* Whether every parameter NAME that was given has a value that one of these has. SYSTEM is of
 * tokens (may be NULL), or the type of references. The list ends with a NULL value; a value "" is
 * none. */
typedef struct {
    const char *system, *value;
} regen_fhir_fact_t;
bool regen_fhir_fits(const regen_fhir_search_t *s, const char *name,
                     const regen_fhir_fact_t *facts);
bool regen_fhir_given_fits(const regen_fhir_search_t *s, const regen_fhir_given_t *g,
                           const regen_fhir_fact_t *facts);          /* the same of one */
bool regen_fhir_has(const regen_fhir_search_t *s, const char *name); /* was it given */
/* Every value of date parameter NAME narrows *WITHIN. RG_INVALID with a problem. */
rg_outcome_t regen_fhir_dates(regen_span_t *within, regen_fhir_search_t *s, const char *name);
/* The values of _id, at most RG_VISIT_UIDS. */
rg_outcome_t regen_fhir_uids(const char *uids[RG_VISIT_UIDS], regen_fhir_search_t *s);
/* The one value of NAME for the database: an id, the code of a token whose system is SYSTEM ("-"
 * for another system's, or no id), or text; "" when it was not given. RG_INVALID for several. */
rg_outcome_t regen_fhir_single(const char **out, regen_fhir_search_t *s, const char *name,
                               const char *system);

/* --- query.c, fhir/read/args.h: what comes with an operation ---------------------------------- */

/* The operations on types, for the CapabilityStatement. */
typedef struct {
    const char *type, *name;
    const char *definition;  /* whose it is */
    const regen_arg_t *args; /* of ours, which is served and told (own.c); NULL: none */
    const char *words;
} regen_fhir_operation_t;
extern const regen_fhir_operation_t regen_fhir_operations[]; /* ends with a NULL type */

/* What came with the request. */
regen_asked_t regen_fhir_asked(const regen_req_t *q);

/* --- answer.c --------------------------------------------------------------------------------- */

#define REGEN_FHIR_MAX (8 * 1024 * 1024)

/* A writer over a fresh buffer in the negotiated format, and the answer of it. */
rg_writer_t *regen_fhir_writer(regen_req_t *q, rg_buf_t **out);
/* rg_fhir_visit with what is to be done before it. */
void regen_fhir_visit(rg_writer_t *w, const rg_fhir_t *e, const char *as, const rg_visit_t *v,
                      apr_time_t from, apr_time_t until);
int regen_fhir_send(regen_req_t *q, int status, rg_writer_t *w, rg_buf_t *out);
/* ETag and Last-Modified; OK, or what httpd answers instead (304). */
int regen_fhir_conditions(regen_req_t *q, const char *version, apr_time_t changed);
/* An OperationOutcome with this status and FHIR code; ctx->problems or WORDS. */
int regen_fhir_refuse(regen_req_t *q, int status, const char *code, const char *words);

/* --- define.c, appointment.c, slot.c: the types ----------------------------------------------- */

regen_item_t regen_item_location(regen_fhir_entry_t *out, const regen_fhir_search_t *s, int i);
regen_item_t regen_item_service(regen_fhir_entry_t *out, const regen_fhir_search_t *s, int i);
regen_item_t regen_item_practitioner(regen_fhir_entry_t *out, const regen_fhir_search_t *s, int i);
regen_item_t regen_item_role(regen_fhir_entry_t *out, const regen_fhir_search_t *s, int i);
regen_item_t regen_item_device(regen_fhir_entry_t *out, const regen_fhir_search_t *s, int i);
regen_item_t regen_item_schedule(regen_fhir_entry_t *out, const regen_fhir_search_t *s, int i);
/* A page of what the clinic defines: a walk over s->type->item. */
rg_outcome_t regen_find_definition(regen_fhir_search_t *s);
/* One of the definitions by id. */
rg_outcome_t regen_get_definition(regen_fhir_entry_t *out, regen_fhir_search_t *s, const char *id);
void regen_include_definition(regen_fhir_search_t *s, const regen_fhir_entry_t *entry,
                              const char *what);
/* Entries of single records. */
regen_fhir_entry_t regen_entry_site(const regen_fhir_search_t *s, const rg_site_t *site);
regen_fhir_entry_t regen_entry_service(const regen_fhir_search_t *s,
                                       const rg_directory_service_t *service);
/* As Practitioner, Location or Device. */
regen_fhir_entry_t regen_entry_resource(const regen_fhir_search_t *s,
                                        const rg_directory_resource_t *r);
/* Of a service, or, where SERVICE is NULL, of a resource. */
regen_fhir_entry_t regen_entry_schedule(const regen_fhir_search_t *s,
                                        const rg_directory_service_t *service,
                                        const rg_directory_resource_t *r);
/* Whether machines and the public may book it. */
bool regen_fhir_bookable(const rg_directory_service_t *s);

rg_outcome_t regen_find_visit(regen_fhir_search_t *s);
rg_outcome_t regen_total_visits(regen_fhir_search_t *s);
rg_outcome_t regen_total_people(regen_fhir_search_t *s);
rg_outcome_t regen_get_visit(regen_fhir_entry_t *out, regen_fhir_search_t *s, const char *id);
void regen_include_visit(regen_fhir_search_t *s, const regen_fhir_entry_t *entry, const char *what);
rg_outcome_t regen_find_person(regen_fhir_search_t *s);
rg_outcome_t regen_get_person(regen_fhir_entry_t *out, regen_fhir_search_t *s, const char *id);

/* request.c */
rg_outcome_t regen_find_request(regen_fhir_search_t *s);
rg_outcome_t regen_total_requests(regen_fhir_search_t *s);
rg_outcome_t regen_get_request(regen_fhir_entry_t *out, regen_fhir_search_t *s, const char *id);

rg_outcome_t regen_find_slot(regen_fhir_search_t *s);
rg_outcome_t regen_get_slot(regen_fhir_entry_t *out, regen_fhir_search_t *s, const char *id);
void regen_include_slot(regen_fhir_search_t *s, const regen_fhir_entry_t *entry, const char *what);
/* Free starts of a service in [from, until), each to EACH until it says no. */
typedef bool (*regen_start_fn)(void *baton, apr_time_t start);
rg_outcome_t regen_free_starts(regen_req_t *q, const rg_directory_service_t *s, apr_time_t from,
                               apr_time_t until, regen_start_fn each, void *baton);
rg_fhir_slot_t regen_free_slot(const rg_fhir_t *e, const rg_directory_service_t *s,
                               apr_time_t start);

#endif
