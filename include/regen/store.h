/* SPDX-License-Identifier: Apache-2.0 */
/* The store room: SQL. The only room that includes <mysql.h>. Use-cases borrow a connection for
 * one read or one transaction and give it back before anything is rendered. */
#ifndef REGEN_STORE_H
#define REGEN_STORE_H

#include "regen/core.h"
#include "regen/model.h"

typedef struct rg_store_t rg_store_t; /* a pool of connection slots; one per process */
typedef struct rg_db_t rg_db_t;       /* one borrowed connection; used by one thread at a time */

typedef struct {
    const char *socket; /* path, or NULL for TCP */
    const char *host;   /* TCP: TLS with verification unless loopback */
    int port;
    const char *user, *password, *database;
    const char *tls_ca; /* PEM file; NULL: the system's */
    int max;            /* connections per process */
    apr_interval_time_t acquire_timeout, connect_timeout, io_timeout;
    apr_interval_time_t idle_check; /* ping a connection that was idle longer */
} rg_store_conf_t;

/* --- engine/pool.c ---------------------------------------------------------------------------- */

/* Once per process before threads: Connector/C's own initialisation (it touches signals). */
bool rg_store_init(void);
/* Never connects: the database may be down. Everything is closed when P goes. CONF is kept by
 * pointer. */
rg_outcome_t rg_store_open(rg_store_t **out, apr_pool_t *p, const rg_store_conf_t *conf);
/* What a use-case remembers of one database from request to request. It belongs to the store,
 * because virtual hosts of one process may serve several clinics. */
typedef struct {
    void *(*make)(apr_pool_t *p); /* P is for it alone, and ends after DROP */
    void (*drop)(void *memory);   /* the store closes; NULL: nothing to do */
} rg_memory_t;
/* The same at each call, made at the first; never NULL. KIND is kept by pointer; at most
 * RG_MEMORIES kinds. Guarding what is in it is its maker's business. */
#define RG_MEMORIES 4
void *rg_store_memory(rg_store_t *store, const rg_memory_t *kind);

/* --- engine/pool_stats.c ---------------------------------------------------------------------- */

typedef struct {
    int slots, open, busy; /* most connections; those that are open; those that are lent now */
    bool down;             /* the last try to connect failed */
    bool schema_ok;        /* rg_store_schema_check said yes once */
} rg_store_stats_t;
rg_store_stats_t rg_store_stats(rg_store_t *store);

/* --- engine/tx.c: the two ways to the database ------------------------------------------------ */

/* Returns RG_OK to commit (transact) or finish (read); anything else rolls back and is handed to
 * the caller. May run more than once: it must not change anything but the database and *BATON's
 * results. */
typedef rg_outcome_t (*rg_work_fn)(rg_db_t *db, rg_ctx_t *ctx, void *baton);

/* Borrows a connection for reads in autocommit. RG_UNAVAILABLE when none is to be had in time. A
 * connection lost before the first answer is replaced once. */
rg_outcome_t rg_store_read(rg_ctx_t *ctx, rg_work_fn work, void *baton);
/* One READ COMMITTED transaction, run again (bounded, with jitter) after a deadlock or lock timeout
 * (1213, 1205) and after a connection lost before COMMIT was sent. With ctx->idem set, its row is
 * inserted first and its result written before COMMIT; a repeated key answers RG_OK with
 * idem->replayed and runs nothing; the same key with another request is RG_CONFLICT with
 * idem->other. When the connection is lost while COMMIT is in flight the outcome is RG_UNAVAILABLE;
 * with an idempotency key the caller's retry finds out. */
rg_outcome_t rg_store_transact(rg_ctx_t *ctx, rg_work_fn work, void *baton);
/* Whether ctx->idem (NULL: no) names a request that was done before; sets idem->other, too.
 * rg_store_transact decides. */
rg_outcome_t rg_store_repeats(bool *out, rg_db_t *db, rg_ctx_t *ctx);

/* Part of a transaction that may fail by itself: anything but RG_OK from WORK undoes what it wrote,
 * and the transaction goes on. RG_UNAVAILABLE is handed up (the whole transaction is to be run
 * again). */
rg_outcome_t rg_store_attempt(rg_db_t *db, rg_ctx_t *ctx, rg_work_fn work, void *baton);

/* Schema version this build was made for, and whether the database has it: RG_OK, or
 * RG_UNAVAILABLE with *found set (0: none; -1: the database did not say). Cached per process once
 * it matched. */
#define RG_SCHEMA_VERSION 35
rg_outcome_t rg_store_schema_check(rg_ctx_t *ctx, int *found);

/* --- engine/migrate.c (regenctl) -------------------------------------------------------------- */

/* Makes the keys by which people are found anew for everybody, in bites; *COUNT is how many. For a
 * newer ICU, and for rows that something else wrote. */
rg_outcome_t rg_store_names(int *count, rg_ctx_t *ctx);
/* Makes anew when people with a booking are at the clinic (person_time), in bites; *REPAIRED counts
 * the rows that were wrong. */
rg_outcome_t rg_store_persons(int *repaired, rg_ctx_t *ctx);

/* Applies the numbered files of DIR that are missing, statement by statement, each noted with the
 * file's checksum once it ran; resumes after a kill; refuses a file that changed after it was
 * applied. One line per step to SAY. */
rg_outcome_t rg_store_migrate(rg_ctx_t *ctx, const char *dir,
                              void (*say)(void *baton, const char *line), void *baton);
/* Runs a file of statements about rows in one transaction (the sample clinic). RG_INVALID, with a
 * problem and nothing changed, when one changes tables, when a site then had a time zone that this
 * system does not know, or when it would change who may log in where somebody may already (unless
 * FORCE). */
rg_outcome_t rg_store_load(rg_ctx_t *ctx, const char *file, bool force);

/* Prepared statements that a connection keeps at most. */
#define RG_STATEMENTS_KEPT 128

/* --- engine/look.c ---------------------------------------------------------------------------- */

/* What of the server, the schema and the definitions would fail somebody later: each as one line to
 * SAY, without values that patients typed; counts them. With CHILDREN processes of CONNECTIONS each
 * (0: not known) it is worked out whether the server lets them. */
typedef struct {
    int children, connections;
} rg_sizes_t;
rg_outcome_t rg_store_look(rg_ctx_t *ctx, const rg_sizes_t *sizes, int *found,
                           void (*say)(void *baton, const char *line), void *baton);

/* Writes as a booking does, triggers and all, and undoes it. RG_UNAVAILABLE when nothing can be
 * written now: read-only, no room, no rights, or the account is gone that made the triggers. */
rg_outcome_t rg_store_try_write(rg_ctx_t *ctx);

/* --- engine/audit.c --------------------------------------------------------------------------- */

/* One audit event in the caller's transaction; DETAIL holds ids and codes only. */
rg_outcome_t rg_audit_add(rg_db_t *db, rg_ctx_t *ctx, const char *action, const char *entity,
                          int64_t entity_id, const char *detail);

/* --- engine/counter.c ------------------------------------------------------------------------- */

/* Next number of a gapless counter, in the caller's transaction; made when absent. */
rg_outcome_t rg_counter_next(rg_db_t *db, rg_ctx_t *ctx, const char *name, int64_t *out);

/* --- identity/admin.c: for clinic/identity/admin.c -------------------------------------------- */

/* RG_CONFLICT: the login is taken. RESOURCE_ID 0: no practitioner. */
rg_outcome_t rg_staff_row_add(rg_db_t *db, rg_ctx_t *ctx, int64_t *id, const char *login,
                              const char *name, int64_t resource_id);
rg_outcome_t rg_staff_role_add(rg_db_t *db, rg_ctx_t *ctx, int64_t staff_id, unsigned role);
/* RG_NOT_FOUND for another kind of resource, too. */
rg_outcome_t rg_practitioner_find(rg_db_t *db, rg_ctx_t *ctx, int64_t *id, const char *code);
/* Pushes rg_token_row_t, oldest first. */
rg_outcome_t rg_token_rows(rg_db_t *db, rg_ctx_t *ctx, apr_array_header_t *out);

/* --- definitions/service.c: the catalogue ----------------------------------------------------- */

/* The clinic's definitions as one value. Days are rg_date_days of the site's local days. */
typedef struct {
    int weekday, start, end; /* ISO weekday; minutes of the local day */
    int first_day, last_day; /* valid, both inclusive */
} rg_opening_t;
typedef struct {
    int64_t site_id, resource_id; /* resource 0: the whole site */
    int first_day, last_day;
    int start, end; /* minutes of each of these days */
} rg_closure_t;
typedef struct {
    rg_resource_t resource;
    int64_t site_id;
    int capability_count;
    const char **capabilities;
    int opening_count;
    rg_opening_t *openings;
} rg_clinic_resource_t;
typedef struct {
    rg_service_t service;
    bool active;
} rg_clinic_service_t;
typedef struct {
    uint64_t version;
    int unusable;   /* sites that are left out with all they have: no clock is known for them */
    int site_count; /* each has a zone */
    rg_site_t *sites;
    int service_count;
    rg_clinic_service_t *services; /* in display order, inactive ones too: old bookings need them */
    int resource_count;
    rg_clinic_resource_t *resources; /* ascending id, inactive ones too */
    int closure_count;
    rg_closure_t *closures;
    int64_t *closure_ids;         /* same places */
    const char **closure_kinds;   /* same places; NULL where closures are only tried */
    const char **closure_reasons; /* likewise */
} rg_clinic_t;

/* Changes whenever a definition does (triggers see to it), and is never the same for two
 * databases. */
rg_outcome_t rg_clinic_version(rg_db_t *db, rg_ctx_t *ctx, uint64_t *version);
/* Reads all definitions into P in a constant number of statements. The clinic room keeps the
 * result for the process: use-cases ask rg_clinic_get of
 * mod_regen/clinic/definitions/catalogue.h, never this. */
rg_outcome_t rg_clinic_load(rg_db_t *db, rg_ctx_t *ctx, rg_clinic_t **out, apr_pool_t *p);

/* --- booking/calendar.c, booking/booking.c ---------------------------------------------------- */

/* One resource's taken granules of one UTC day; bit g of the day is bit g % 64 of w[g / 64]. */
typedef struct {
    int64_t resource_id;
    int day; /* unix seconds / 86400 */
    uint64_t w[5];
} rg_day_bits_t;
/* What every search must know beside: the version of the definitions, whether holds are past their
 * time, and how often the calendar changed. While CHANGES is the same, so is what is taken, seats
 * included: the number rises in the transaction of every change, and both are read
 * from one snapshot. */
typedef struct {
    uint64_t clinic_version;
    bool expired_holds;
    uint64_t changes;
} rg_look_t;
/* That alone: one statement, whose cost depends on nothing. */
rg_outcome_t rg_calendar_look(rg_db_t *db, rg_ctx_t *ctx, rg_look_t *out);
/* What a search asks for: RESOURCES (ascending) on UTC days first..last, and, for a service with a
 * limit a day, its seats on local days (SERVICE_ID 0: no limit). */
typedef struct {
    const int64_t *resources;
    int resource_count;
    int first_day, last_day;
    int64_t service_id;
    rg_date_t first_local, last_local;
} rg_calendar_ask_t;
typedef struct {
    int day; /* rg_date_days of the site's local day */
    int taken;
} rg_seats_t;
typedef struct {
    rg_look_t look;
    rg_day_bits_t *days; /* in no order; days without occupancy are not there */
    int day_count;
    rg_seats_t *seats; /* likewise */
    int seat_count;
} rg_calendar_t;
/* All of it in one statement. */
rg_outcome_t rg_calendar_taken(rg_db_t *db, rg_ctx_t *ctx, rg_calendar_t *out,
                               const rg_calendar_ask_t *ask);

/* A resource is taken for granules [from, until). */
typedef struct {
    int64_t resource_id;
    int64_t from, until;
} rg_span_t;
/* Sorts by resource and time, joins what touches or overlaps; returns how many are left. */
int rg_spans_merge(rg_span_t *spans, int count);
/* Takes the spans for the booking in occupancy and read model. RG_CONFLICT when a granule is
 * taken. SPANS must be merged. */
rg_outcome_t rg_calendar_take(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id,
                              const rg_span_t *spans, int count);
/* Gives OLD (all that the booking takes) back and takes NEW, in this order for the keys but in one
 * pass over the read model: a granule of both never looks free to anybody. RG_CONFLICT when a
 * granule is taken. Both must be merged. */
rg_outcome_t rg_calendar_shift(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, const rg_span_t *old,
                               int old_count, const rg_span_t *spans, int count);
/* Gives everything the booking takes back, in occupancy and read model, and its seat. */
rg_outcome_t rg_calendar_free(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id);
/* One of LIMIT seats of the local DAY on which a booking of the service begins, to be taken in the
 * transaction that takes its time (rg_booking_insert does, from the booking's day and day_limit).
 * LIMIT 0: nothing to take. RG_CONFLICT when the day is full. */
rg_outcome_t rg_calendar_seat(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, int64_t service_id,
                              rg_date_t day, int limit);
/* The same for a booking that moves: its seat of another day is given back; one of DAY it keeps. */
rg_outcome_t rg_calendar_seat_shift(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id,
                                    int64_t service_id, rg_date_t day, int limit);
/* Seats for live bookings of the service that start from now on and have none, because it had no
 * limit when they were made: beyond any limit, if need be. *FILLED counts. */
rg_outcome_t rg_calendar_seats_fill(rg_db_t *db, rg_ctx_t *ctx, int64_t service_id,
                                    const rg_zone_t *zone, int *filled);
/* Resource and day where read model and occupancy differ (the words are unset), at most LIMIT;
 * some may be right again already. */
rg_outcome_t rg_calendar_differences(rg_db_t *db, rg_ctx_t *ctx, rg_day_bits_t **out, int *count,
                                     int limit);
/* Makes one day of one resource anew from occupancy, in a transaction; *WRONG tells whether it
 * had to. */
rg_outcome_t rg_calendar_repair(rg_db_t *db, rg_ctx_t *ctx, int64_t resource_id, int day,
                                bool *wrong);

/* Who changes a booking. KIND is "patient", "staff", "machine" or "waitlist", as booking.source
 * knows them, with the id that booking.made_by has; "clinic" for what the clinic does to
 * everybody's (a closure), "nobody". What is not theirs is not found by any statement below that
 * takes one. */
typedef struct {
    const char *kind;
    int64_t id;
    bool others; /* a machine that reaches what others booked */
} rg_owner_t;

/* The booking's row without steps. LOCK: FOR UPDATE, in a transaction. RG_NOT_FOUND. Status is as
 * stored: ask rg_booking_expired. */
rg_outcome_t rg_booking_row(rg_db_t *db, rg_ctx_t *ctx, rg_booking_t **out, int64_t id, bool lock);
rg_outcome_t rg_booking_row_by_uid(rg_db_t *db, rg_ctx_t *ctx, rg_booking_t **out, const char *uid);
/* Fills steps, resources and appointments: three statements. */
rg_outcome_t rg_booking_parts(rg_db_t *db, rg_ctx_t *ctx, rg_booking_t *b);
/* A hold whose time is over, though nobody has swept it yet. */
bool rg_booking_expired(const rg_booking_t *b, apr_time_t now);
/* Inserts booking, steps, resources and appointments, and takes the time and the seat (b->day and
 * b->day_limit); sets b->id. RG_CONFLICT as rg_calendar_take and rg_calendar_seat. */
rg_outcome_t rg_booking_insert(rg_db_t *db, rg_ctx_t *ctx, rg_booking_t *b, const rg_span_t *spans,
                               int span_count);
/* How many live holds CLIENT (rg_net_client) has. */
rg_outcome_t rg_booking_holds_of(rg_db_t *db, rg_ctx_t *ctx, int64_t *count, const char *client);
/* What follows changes a booking as it was read: B's id, status and version, and who may, are named
 * by the statement, and whoever was first leaves nothing to change (RG_CONFLICT).
 *
 * Writes the booking's new times, steps, resources and appointments (matched by visit) and shifts
 * its time from OLD to SPANS. B->version is the new one: RG_CONFLICT when the stored one is not the
 * one before, the booking is over, or a granule is taken. B->day year 0: it begins when it began,
 * and its seat stays. */
rg_outcome_t rg_booking_shift(rg_db_t *db, rg_ctx_t *ctx, const rg_owner_t *by,
                              const rg_booking_t *b, const rg_span_t *old, int old_count,
                              const rg_span_t *spans, int count);
/* Keeps what is said of a booking that is locked here; what is NULL or "" stays as it is. CHANGES:
 * it is all that changes, so the version goes up. */
rg_outcome_t rg_booking_note(rg_db_t *db, rg_ctx_t *ctx, int64_t id, const rg_booking_note_t *note,
                             bool changes);
/* held or booked or … -> TO, time given back; for cancelled, no-show. */
rg_outcome_t rg_booking_leave(rg_db_t *db, rg_ctx_t *ctx, const rg_owner_t *by,
                              const rg_booking_t *b, rg_booking_status_t to);
/* The visits of B, which began, from VISIT_NO on take nothing any more: shifts OLD (all it takes)
 * to KEPT. Their steps and appointments stay, with a raised SEQUENCE. RG_CONFLICT when it changed
 * or is over. */
rg_outcome_t rg_booking_call_off(rg_db_t *db, rg_ctx_t *ctx, const rg_booking_t *b, int visit_no,
                                 const rg_span_t *old, int old_count, const rg_span_t *kept,
                                 int kept_count);
/* held -> booked while the hold lasts, with a number of its own; this takes the person's time (see
 * booking/person.c). LINK_HASH are 32 bytes. RG_CONFLICT where the hold is over or changed;
 * RG_PRECONDITION where the person has another visit then: rg_person_in_the_way tells which. */
rg_outcome_t rg_booking_book(rg_db_t *db, rg_ctx_t *ctx, const rg_owner_t *by,
                             const rg_booking_t *b, const unsigned char *link_hash);
/* Sets a new end of the hold, once (RG_CONFLICT otherwise). */
rg_outcome_t rg_booking_hold_until(rg_db_t *db, rg_ctx_t *ctx, const rg_owner_t *by,
                                   const rg_booking_t *b, apr_time_t until);
/* Forms of the booking's service without a consent that counts now: same words as the trigger
 * step_event_needs_consent. */
rg_outcome_t rg_booking_forms_missing(rg_db_t *db, rg_ctx_t *ctx, int64_t id, int *missing);
/* RG_NOT_FOUND for an unknown hash, and RegenLinkLifetime after the last visit. */
rg_outcome_t rg_booking_id_by_link(rg_db_t *db, rg_ctx_t *ctx, int64_t *id,
                                   const unsigned char *link_hash);
/* Likewise by the number, as rg_number_read gives it. */
rg_outcome_t rg_booking_id_by_number(rg_db_t *db, rg_ctx_t *ctx, int64_t *id, const char *number);
/* Whether RC says that the number just drawn is another booking's, and another one is to be
 * drawn. */
bool rg_booking_number_taken(rg_db_t *db, rg_outcome_t rc, int *tries);
/* Ids of expired holds, ascending, at most LIMIT. */
rg_outcome_t rg_booking_expired_ids(rg_db_t *db, rg_ctx_t *ctx, int64_t *ids, int *count,
                                    int limit);
/* held -> expired with its time given back, if its hold is really over; *DID tells. */
rg_outcome_t rg_booking_expire(rg_db_t *db, rg_ctx_t *ctx, int64_t id, bool *did);
/* Every contradiction as one line to SAY; counts them. */
rg_outcome_t rg_booking_contradictions(rg_db_t *db, rg_ctx_t *ctx, int *count,
                                       void (*say)(void *baton, const char *line), void *baton);

/* --- booking/person.c: nobody is at two visits at once ---------------------------------------- */

/* Rows of person_time, which triggers make when a booking becomes booked and remove when it is over
 * (sql/0032_persons.sql). A booking that is beside others takes what is free of its person's time,
 * and stands beside who has the rest.
 *
 * Other visits of the same person at the time of BOOKING, which may be held. At most
 * RG_OTHERS_MOST, those that are a question first, by time. */
rg_outcome_t rg_person_others(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id,
                              rg_other_visit_t **out, int *count);
/* Those of them at time that BOOKING needs and has not taken: all of them while it is held, and of
 * a booking that moves what its new time meets. OPENED of each tells whether the session VISITOR
 * may open it. */
rg_outcome_t rg_person_in_the_way(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id,
                                  int64_t visitor_id, rg_other_visit_t **out, int *count);
/* Takes what BOOKING's visits need as they are now and it has not yet; what it has stays as it is,
 * with what was said of it. RG_CONFLICT: its person has another visit then, and nothing was
 * taken. */
rg_outcome_t rg_person_take(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id);
/* The same beside what is there, which is a question to staff; MEANT: somebody said that it is
 * right, with all who are in the way. */
rg_outcome_t rg_person_take_beside(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, bool meant);
/* Gives back what BOOKING has and its visits do not need any more; who stood beside it then moves
 * up. */
rg_outcome_t rg_person_give_back(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id);
/* Somebody said of two bookings that both are right; of a third that is no answer. */
rg_outcome_t rg_person_settle(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, int64_t other_id);
/* Visits of a site within [from, until) that stand beside one of which that was not said, by time;
 * RG_OTHERS_MOST, and one more where there are more. */
rg_outcome_t rg_person_questions(rg_db_t *db, rg_ctx_t *ctx, int64_t site_id, apr_time_t from,
                                 apr_time_t until, rg_other_visit_t **out, int *count);

/* --- patient/people.c: patients, coverages, payers -------------------------------------------- */

rg_outcome_t rg_patient_read(rg_db_t *db, rg_ctx_t *ctx, rg_patient_t **out,
                             int64_t id); /* RG_NOT_FOUND */
/* Insert makes uid and id; created_at is ctx->now. */
rg_outcome_t rg_patient_insert(rg_db_t *db, rg_ctx_t *ctx, rg_patient_t *p);
/* Of a row that rg_patient_use says is nobody's but the hold's: what was booked or signed keeps its
 * name (trigger patient_keeps_its_name). */
rg_outcome_t rg_patient_update(rg_db_t *db, rg_ctx_t *ctx, const rg_patient_t *p);
typedef struct {
    bool known;      /* another booking has this row, or it was there before the hold */
    bool has_signed; /* a consent was signed in its name */
} rg_patient_use_t;
/* What else goes by the row PATIENT_ID of the held BOOKING_ID; the rule of trigger
 * patient_keeps_its_name (sql/0035). */
rg_outcome_t rg_patient_use(rg_db_t *db, rg_ctx_t *ctx, rg_patient_use_t *out, int64_t patient_id,
                            int64_t booking_id);
rg_outcome_t rg_coverage_read(rg_db_t *db, rg_ctx_t *ctx, rg_coverage_t **out,
                              int64_t id); /* with its payer; RG_NOT_FOUND */
/* Only payer.id of the payer is read. Insert makes uid and id. */
rg_outcome_t rg_coverage_insert(rg_db_t *db, rg_ctx_t *ctx, rg_coverage_t *c, int64_t patient_id);
rg_outcome_t rg_coverage_update(rg_db_t *db, rg_ctx_t *ctx, const rg_coverage_t *c);
/* For a coverage no booking points at any more. */
rg_outcome_t rg_coverage_delete(rg_db_t *db, rg_ctx_t *ctx, int64_t id);
rg_outcome_t rg_payers_read(rg_db_t *db, rg_ctx_t *ctx, rg_payer_t **out,
                            int *count); /* active ones, by name */
/* Who, what joint and who pays, on a booking that is held or whose hold is over (RG_CONFLICT
 * otherwise); COVERAGE_ID 0 is self-pay. */
rg_outcome_t rg_booking_set_details(rg_db_t *db, rg_ctx_t *ctx, const rg_owner_t *by,
                                    const rg_booking_t *b, int64_t patient_id, int64_t coverage_id,
                                    const char *body_site, rg_side_t side);
/* What is treated, of a booked booking that does not say it yet, as B was read (RG_CONFLICT
 * otherwise). */
rg_outcome_t rg_booking_set_place(rg_db_t *db, rg_ctx_t *ctx, const rg_booking_t *b,
                                  const char *body_site, rg_side_t side);

/* --- patient/consent.c ------------------------------------------------------------------------ */

/* A form a service requires: its newest version, and the oldest version whose signatures still
 * count. */
typedef struct {
    rg_form_version_t form;
    int least_version;
} rg_required_form_t;
rg_outcome_t rg_forms_required(rg_db_t *db, rg_ctx_t *ctx, rg_required_form_t **out, int *count,
                               int64_t service_id);
/* Every signature of the booking, newest first, without texts. */
rg_outcome_t rg_consents_read(rg_db_t *db, rg_ctx_t *ctx, rg_consent_t **out, int *count,
                              int64_t booking_id);
/* One with its text. RG_NOT_FOUND. */
rg_outcome_t rg_consent_read(rg_db_t *db, rg_ctx_t *ctx, rg_consent_t **out, const char *uid);
/* Makes uid and id. */
rg_outcome_t rg_consent_insert(rg_db_t *db, rg_ctx_t *ctx, rg_consent_t *c, int64_t patient_id);
/* RG_CONFLICT when it was withdrawn before. Raises the booking's version, so that a step of the
 * day that goes on at the same moment comes before or after, on any node. */
rg_outcome_t rg_consent_withdrawal_insert(rg_db_t *db, rg_ctx_t *ctx, const rg_consent_t *c,
                                          const char *reason);

/* --- identity/staff.c, identity/session.c, identity/token.c ----------------------------------- */

/* RG_NOT_FOUND for an unknown login. The database compares without case and accents: the caller
 * compares again. */
rg_outcome_t rg_staff_find(rg_db_t *db, rg_ctx_t *ctx, rg_staff_t **out, const char *login);
/* --- identity/device.c: devices on which staff logged in -------------------------------------- */

/* Whether this person logged in there, SINCE or later. */
rg_outcome_t rg_device_find(rg_db_t *db, rg_ctx_t *ctx, bool *known, int64_t staff_id,
                            const unsigned char hash[32], apr_time_t since);
/* They did, now. */
rg_outcome_t rg_device_put(rg_db_t *db, rg_ctx_t *ctx, int64_t staff_id,
                           const unsigned char hash[32]);
rg_outcome_t rg_device_drop_staff(rg_db_t *db, rg_ctx_t *ctx, int64_t staff_id);
/* Forgets at most LIMIT of those last used BEFORE. */
rg_outcome_t rg_device_sweep(rg_db_t *db, rg_ctx_t *ctx, apr_time_t before, int limit);

/* Counts one wrong password; the MAX-th in a row locks until LOCK and starts the count anew;
 * *LOCKS: this was it. */
rg_outcome_t rg_staff_failed(rg_db_t *db, rg_ctx_t *ctx, int64_t id, int max, apr_time_t lock,
                             bool *locks);
/* Pushes rg_staff_row_t, by name. */
rg_outcome_t rg_staff_rows(rg_db_t *db, rg_ctx_t *ctx, apr_array_header_t *out);
rg_outcome_t rg_staff_active_put(rg_db_t *db, rg_ctx_t *ctx, int64_t id, bool active);
/* How many other people are administrators; their rows are locked until the transaction ends. */
rg_outcome_t rg_staff_other_admins(rg_db_t *db, rg_ctx_t *ctx, int64_t *count, int64_t id);
rg_outcome_t rg_staff_cleared(rg_db_t *db, rg_ctx_t *ctx, int64_t id);
rg_outcome_t rg_staff_password_put(rg_db_t *db, rg_ctx_t *ctx, int64_t id, const char *hash);

/* A session as stored, with who is behind it: RG_NOT_FOUND when there is none, whatever its times
 * say. */
typedef struct {
    rg_principal_t who;
    bool active; /* false: the staff member may not work here any more */
    apr_time_t seen_at, expires_at;
} rg_session_t;
rg_outcome_t rg_session_put(rg_db_t *db, rg_ctx_t *ctx, const unsigned char hash[32],
                            int64_t staff_id, apr_time_t expires);
rg_outcome_t rg_session_find(rg_db_t *db, rg_ctx_t *ctx, rg_session_t **out,
                             const unsigned char hash[32]);
rg_outcome_t rg_session_touch(rg_db_t *db, rg_ctx_t *ctx, const unsigned char hash[32]);
rg_outcome_t rg_session_drop(rg_db_t *db, rg_ctx_t *ctx, const unsigned char hash[32]);
rg_outcome_t rg_session_drop_staff(rg_db_t *db, rg_ctx_t *ctx, int64_t staff_id);
/* Removes at most LIMIT sessions past their times (of staff and of visitors each), and at most
 * LIMIT request keys older than KEYS_BEFORE; *GONE counts both. */
rg_outcome_t rg_session_sweep(rg_db_t *db, rg_ctx_t *ctx, apr_time_t keys_before, int limit,
                              int *gone);

/* --- identity/visitor.c: visitors' browsers and what they may open ---------------------------- */

rg_outcome_t rg_visitor_put(rg_db_t *db, rg_ctx_t *ctx, int64_t *id, const unsigned char hash[32],
                            apr_time_t expires);
/* RG_NOT_FOUND when there is none, or its time is over. */
rg_outcome_t rg_visitor_find(rg_db_t *db, rg_ctx_t *ctx, int64_t *id, const unsigned char hash[32]);
rg_outcome_t rg_visitor_drop(rg_db_t *db, rg_ctx_t *ctx, int64_t id);
/* Lets session ID open the booking (not OPENED: once the date of birth was given) or the place, and
 * live until EXPIRES at least. What is open stays so. */
rg_outcome_t rg_visitor_add_booking(rg_db_t *db, rg_ctx_t *ctx, int64_t id, int64_t booking_id,
                                    bool opened, apr_time_t expires);
rg_outcome_t rg_visitor_add_place(rg_db_t *db, rg_ctx_t *ctx, int64_t id, int64_t waiter_id,
                                  apr_time_t expires);
/* Newest first, at most RG_VISITOR_MAX of each. */
rg_outcome_t rg_visitor_bookings(rg_db_t *db, rg_ctx_t *ctx, rg_visitor_booking_t **out, int *count,
                                 int64_t id);
rg_outcome_t rg_visitor_places(rg_db_t *db, rg_ctx_t *ctx, rg_visitor_place_t **out, int *count,
                               int64_t id);
/* How many wrong dates of birth were given for the booking's link; one more; none any more. */
rg_outcome_t rg_booking_link_tries(rg_db_t *db, rg_ctx_t *ctx, int *wrong, int64_t booking_id);
rg_outcome_t rg_booking_link_wrong(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id);
rg_outcome_t rg_booking_link_right(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id);
/* No browser may open it any more. */
rg_outcome_t rg_visitor_shut_booking(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id);
rg_outcome_t rg_visitor_shut_place(rg_db_t *db, rg_ctx_t *ctx, int64_t waiter_id);

rg_outcome_t rg_token_put(rg_db_t *db, rg_ctx_t *ctx, const unsigned char hash[32],
                          const char *name, const char *scopes, apr_time_t expires, int64_t *id);
/* A token that is neither revoked nor expired, or RG_NOT_FOUND. */
rg_outcome_t rg_token_find(rg_db_t *db, rg_ctx_t *ctx, rg_principal_t *who,
                           const unsigned char hash[32]);
/* The live token of that name: RG_NOT_FOUND without one. */
rg_outcome_t rg_token_named(rg_db_t *db, rg_ctx_t *ctx, const char *name, int64_t *id);
rg_outcome_t rg_token_end(rg_db_t *db, rg_ctx_t *ctx, int64_t id);

/* --- visit/care.c: the steps of the day; visit/unit.c: units and diagnoses -------------------- */

/* The words of step_event.kind, in the order in which they happen. */
typedef enum {
    RG_EVENT_CHECK_IN,
    RG_EVENT_HARVEST,
    RG_EVENT_PROCESS,
    RG_EVENT_INJECT,
    RG_EVENT_COMPLETE
} rg_event_t;
#define RG_EVENT_COUNT (RG_EVENT_COMPLETE + 1)
const char *rg_event_name(rg_event_t e); /* "check-in"; static */

/* What a step of the day must know of its booking. */
typedef struct {
    int64_t id, service_id, site_id, patient_id;
    const char *uid;
    rg_booking_status_t status;
    apr_time_t starts_at;
    const char *body_site;
    rg_side_t side;
    rg_date_t birth_date;
    const rg_zone_t *zone; /* of the site; never NULL */
    int unit_hold_minutes;
    bool needs_place; /* body_site must be said before anything is done */
    unsigned kinds;   /* of the booking's steps: 1u << rg_step_kind_t */
    unsigned done;    /* 1u << rg_event_t */
} rg_care_t;

/* All of these run in the caller's transaction (or read, where nothing is written).  Takes the
 * booking for this transaction by raising its version, then reads it: nobody else moves it before
 * COMMIT, and a cluster node that tried at the same time is told to run again. RG_NOT_FOUND. */
rg_outcome_t rg_care_lock(rg_db_t *db, rg_ctx_t *ctx, rg_care_t *out, int64_t booking_id);
/* The same without taking it, for pages. */
rg_outcome_t rg_care_get(rg_db_t *db, rg_ctx_t *ctx, rg_care_t *out, int64_t booking_id);
/* Moves the status if it still is FROM; RG_CONFLICT otherwise. */
rg_outcome_t rg_care_move(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, rg_booking_status_t from,
                          rg_booking_status_t to);
/* Names of the forms the service requires that have no consent that counts at AT (the rule of
 * trigger step_event_needs_consent). After rg_care_lock: a withdrawal raises the booking's
 * version too, so it comes before or after the step, never in between. */
rg_outcome_t rg_care_consents_missing(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, apr_time_t at,
                                      int *count, const char ***names);
/* Stamps a step with ctx->now and who. RG_CONFLICT when it was done before; RG_PRECONDITION when
 * the schema sees a consent missing. */
rg_outcome_t rg_care_event_add(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, rg_event_t e);
rg_outcome_t rg_care_events(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, int *count,
                            rg_step_event_t **out);

/* Lines of the service's fees for steps of these kinds (1u << rg_step_kind_t) that the booking
 * was not charged yet, with the practitioner booked on a step of the line's kind (0: nobody is).
 * Amounts and modifiers are the caller's to fill in. */
rg_outcome_t rg_care_fees(rg_db_t *db, rg_ctx_t *ctx, const rg_care_t *care, unsigned kinds,
                          int *count, rg_service_charge_t **fees, int64_t **practitioners);
rg_outcome_t rg_care_charge_add(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id,
                                const rg_charge_t *c);

/* ctx->now and who are stamped on everything a unit goes through. RG_CONFLICT: it happened
 * before. RG_PRECONDITION: a key of the schema forbids it (another patient, another side,
 * unprocessed, expired). */
rg_outcome_t rg_unit_add(rg_db_t *db, rg_ctx_t *ctx, rg_unit_t *u); /* sets u->id */
rg_outcome_t rg_unit_processing_add(rg_db_t *db, rg_ctx_t *ctx, int64_t unit_id, int64_t device_id,
                                    const char *kit_lot, int volume_ml);
/* BODY_SITE and SIDE as the clinician said them: the keys compare them with the unit's. */
rg_outcome_t rg_unit_injection_add(rg_db_t *db, rg_ctx_t *ctx, const rg_unit_t *u,
                                   const rg_care_t *care, const char *body_site, rg_side_t side);
rg_outcome_t rg_unit_disposal_add(rg_db_t *db, rg_ctx_t *ctx, int64_t unit_id, const char *reason);
/* RG_NOT_FOUND when there is none. A booking has one unit at most, because it is harvested once. */
rg_outcome_t rg_unit_by_label(rg_db_t *db, rg_ctx_t *ctx, rg_unit_t **out, const char *label);
rg_outcome_t rg_unit_of_booking(rg_db_t *db, rg_ctx_t *ctx, rg_unit_t **out, int64_t booking_id);
/* Active devices that can do what the booking's processing step needs; the booked one first. */
rg_outcome_t rg_unit_devices(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, int *count,
                             rg_resource_t **out);

/* RG_NOT_FOUND for a code that is not in the table. */
rg_outcome_t rg_diagnosis_find(rg_db_t *db, rg_ctx_t *ctx, rg_diagnosis_t **out, const char *code);
rg_outcome_t rg_diagnosis_add(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, int seq,
                              const char *code);
/* Takes them off again, to be written anew. RG_PRECONDITION once a claim was emitted. */
rg_outcome_t rg_diagnoses_clear(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id);
rg_outcome_t rg_diagnoses_of(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, int *count,
                             rg_diagnosis_t **out);
/* Billable codes that say this body site and no other side, to choose from; at most 60. */
rg_outcome_t rg_diagnoses_likely(rg_db_t *db, rg_ctx_t *ctx, const char *body_site, rg_side_t side,
                                 int *count, rg_diagnosis_t **out);

/* --- visit/day.c: one day of a site, in a fixed number of statements -------------------------- */

/* Resources of the site that are active, or were taken on that day. */
rg_outcome_t rg_day_resources(rg_db_t *db, rg_ctx_t *ctx, int64_t site_id, apr_time_t from,
                              apr_time_t until, int *count, rg_resource_t **out);
/* Bookings that touch [from, until) with steps, resources and states (but for what is next), by
 * start: live holds, booked to completed, no-shows. Beside them, when OPEN is set, earlier ones
 * whose unit is neither used nor disposed of. */
rg_outcome_t rg_day_bookings(rg_db_t *db, rg_ctx_t *ctx, int64_t site_id, apr_time_t from,
                             apr_time_t until, bool open, int *count, rg_booking_t ***bookings,
                             rg_day_state_t ***states);

/* --- billing/money.c: charges, invoices, queues ----------------------------------------------- */

rg_outcome_t rg_charges_read(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, rg_charge_t **out,
                             int *count);
/* Fills the payer, invoice and claim fields of an account; RG_NOT_FOUND without such a booking. */
struct rg_account_sql_t {
    const char *payer_name, *invoice_uid, *invoice_label, *claim_uid, *claim_no;
};
rg_outcome_t rg_account_read(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id,
                             struct rg_account_sql_t *out);
/* Next number of SERIES in the caller's transaction, which alone holds the series until it ends. */
rg_outcome_t rg_invoice_next(rg_db_t *db, rg_ctx_t *ctx, const char *series, int *number);
/* RG_CONFLICT when the booking has one. Sets inv->id. */
rg_outcome_t rg_invoice_insert(rg_db_t *db, rg_ctx_t *ctx, rg_invoice_t *inv, int64_t patient_id);
/* inv->booking_id lets the use-case decide whose it is. */
rg_outcome_t rg_invoice_read(rg_db_t *db, rg_ctx_t *ctx, const char *uid, rg_invoice_t **out,
                             int64_t *service_id);
/* Counts of the three queues, in the order of rg_queue_t. */
rg_outcome_t rg_queue_counts(rg_db_t *db, rg_ctx_t *ctx, int counts[3]);
/* One row of queue number QUEUE; the use-case gets a row at a time and copies what it needs. */
typedef struct {
    const char *booking_uid, *family, *given, *service_name, *payer_name, *claim_uid, *claim_no;
    apr_time_t starts_at;
    rg_money_t total;
    const char *why; /* it stayed when it was tried; "": not tried yet */
    apr_time_t tried_at;
} rg_queue_row_t;
/* QUEUE 0 or 1: it could not be billed just now, and WHY; it goes behind what was not tried. */
rg_outcome_t rg_queue_tried(rg_db_t *db, rg_ctx_t *ctx, int queue, const char *booking_uid,
                            const char *why);
rg_outcome_t rg_queue_read(rg_db_t *db, rg_ctx_t *ctx, int queue, int limit, int offset,
                           rg_queue_row_t **out, int *count);

/* --- billing/claim.c: what a claim is made of, and what was emitted --------------------------- */

/* Takes the booking for this transaction if nobody changed it since rg_claim_facts; RG_GONE
 * otherwise. */
rg_outcome_t rg_claim_pin(rg_db_t *db, rg_ctx_t *ctx, const rg_claim_t *c);

/* Everything a claim for this booking would say, except uid, number and creation. The site's zone
 * is opened. *STATUS is the booking's. RG_NOT_FOUND: no such booking. coverage.id 0: self-pay. */
rg_outcome_t rg_claim_facts(rg_db_t *db, rg_ctx_t *ctx, const char *booking_uid, rg_claim_t *out,
                            rg_booking_status_t *status);
typedef struct {
    const char *xml, *json;
    size_t xml_len, json_len;
} rg_claim_bytes_t;
/* Inserts claim, diagnoses and lines. RG_CONFLICT when the booking has its original claim. */
rg_outcome_t rg_claim_insert(rg_db_t *db, rg_ctx_t *ctx, const rg_claim_t *c,
                             const rg_claim_bytes_t *bytes, int64_t *id);
typedef struct {
    rg_claim_row_t row;
    const char *booking_uid;
    rg_claim_bytes_t bytes;
    unsigned char sha256[32]; /* of the XML, as stored; not from _stream */
    rg_diagnosis_t *diagnoses;
    int diagnosis_count;
    rg_claim_line_t *lines;
    int line_count;
} rg_claim_stored_t;
rg_outcome_t rg_claim_read(rg_db_t *db, rg_ctx_t *ctx, const char *uid, rg_claim_stored_t *out);
/* Streams row and XML; ROW_POOL is cleared after each. */
rg_outcome_t rg_claim_stream(rg_db_t *db, rg_ctx_t *ctx, rg_date_t from, rg_date_t to,
                             rg_outcome_t (*fn)(void *baton, const rg_claim_stored_t *c),
                             void *baton);

/* --- rules: definitions written --------------------------------------------------------------- */

/* definitions/service_write.c. All in the caller's transaction. Makes other editors of
 * definitions wait for the end of it. */
rg_outcome_t rg_clinic_lock(rg_db_t *db, rg_ctx_t *ctx);
/* Display order, charges (by line), recalls (by seq) and forms of definitions whose service.id is
 * set: four statements. */
rg_outcome_t rg_service_extras(rg_db_t *db, rg_ctx_t *ctx, rg_service_def_t *defs, int count);
typedef struct {
    int64_t id;
    const char *code;
} rg_form_code_t;
/* Every consent form, by code. */
rg_outcome_t rg_form_codes(rg_db_t *db, rg_ctx_t *ctx, rg_form_code_t **out, int *count);
/* Bookings of the service that are not over: how many, and how many have longer than HOLD_MINUTES
 * planned from harvest to injection. */
typedef struct {
    int live, too_late;
} rg_service_use_t;
rg_outcome_t rg_service_use(rg_db_t *db, rg_ctx_t *ctx, rg_service_use_t *out, int64_t service_id,
                            int hold_minutes);
/* Line numbers that some booking of the service was charged under: another line must not take
 * one. */
rg_outcome_t rg_service_lines_used(rg_db_t *db, rg_ctx_t *ctx, int64_t service_id, bool used[256]);
/* Writes the definition whole, but for its fallback and code: service.id 0 inserts (with the code)
 * and sets it. service.site_id, the charges' line numbers and the recalls' seqs are the
 * caller's. RG_CONFLICT: the code is taken. */
rg_outcome_t rg_service_put(rg_db_t *db, rg_ctx_t *ctx, rg_service_def_t *d);
rg_outcome_t rg_service_put_fallback(rg_db_t *db, rg_ctx_t *ctx, int64_t id, int64_t fallback_id);

/* definitions/closure.c. One resource taken by one step of a booking that is not over. */
typedef struct {
    int64_t booking_id, service_id, resource_id;
    int booking_version, step_no, need_no;
    rg_step_kind_t step_kind;
    apr_time_t starts_at, busy_from, busy_until; /* the booking's start; the span */
    bool outside_meant; /* booked outside opening hours on purpose (booking_override) */
} rg_taken_t;
typedef struct {
    int64_t site_id, resource_id; /* 0: all */
    apr_time_t from, until;       /* spans that touch it; never before ctx->now; 0: no limit */
} rg_taken_ask_t;
/* Every such span, by start of the booking: one statement. */
rg_outcome_t rg_taken_read(rg_db_t *db, rg_ctx_t *ctx, rg_taken_t **out, int *count,
                           const rg_taken_ask_t *ask);
/* A booking that stays although somebody closed its time. */
typedef struct {
    int64_t closure_id;  /* 0: by resource and kind */
    int64_t resource_id; /* 0: by closure */
    rg_conflict_kind_t kind;
    int64_t booking_id;
    int booking_version;
    apr_time_t starts_at;
    const char *reason; /* written only */
} rg_kept_t;
/* Decisions about bookings that are not over: one statement. */
rg_outcome_t rg_kept_read(rg_db_t *db, rg_ctx_t *ctx, rg_kept_t **out, int *count);
/* Stamped with ctx->now and who; a new decision replaces the old. */
rg_outcome_t rg_kept_put(rg_db_t *db, rg_ctx_t *ctx, const rg_kept_t *kept);
/* Sets row->id; site_id and resource_id are the caller's. RG_CONFLICT: the same closure is
 * there. */
rg_outcome_t rg_closure_insert(rg_db_t *db, rg_ctx_t *ctx, rg_closure_row_t *row, int64_t site_id,
                               int64_t resource_id);
/* With its decisions. RG_NOT_FOUND. */
rg_outcome_t rg_closure_delete(rg_db_t *db, rg_ctx_t *ctx, int64_t id);
/* Those whose last day is DAY or later, in order of time. */
rg_outcome_t rg_closure_rows(rg_db_t *db, rg_ctx_t *ctx, rg_closure_row_t **out, int *count,
                             rg_date_t day);
/* Writes the resource with capabilities and hours whole; resource.id 0 inserts (with code and
 * site) and sets it. RG_CONFLICT: the code is taken. */
rg_outcome_t rg_resource_put(rg_db_t *db, rg_ctx_t *ctx, rg_clinic_resource_t *r);

/* --- waitlist/waitlist.c ---------------------------------------------------------------------- */

/* Makes uid and id. LINK_HASH are 32 bytes. RG_CONFLICT: this person has an open place for the
 * treatment; with W->behind the new one stands behind that. */
rg_outcome_t rg_waiter_insert(rg_db_t *db, rg_ctx_t *ctx, rg_waiter_t *w,
                              const unsigned char *link_hash);
/* How many places CLIENT (rg_net_client) took after SINCE; and that nobody knows it any more of
 * those before BEFORE. */
rg_outcome_t rg_waiters_of_client(rg_db_t *db, rg_ctx_t *ctx, int64_t *count, const char *client,
                                  apr_time_t since);
rg_outcome_t rg_waiters_forget(rg_db_t *db, rg_ctx_t *ctx, apr_time_t before);
/* Another link; the one before opens nothing, and who came in by it is out. RG_CONFLICT when the
 * place is closed. */
rg_outcome_t rg_waiter_relink(rg_db_t *db, rg_ctx_t *ctx, int64_t id,
                              const unsigned char link_hash[32]);
/* With the open or taken offer. RG_NOT_FOUND. */
rg_outcome_t rg_waiter_read(rg_db_t *db, rg_ctx_t *ctx, rg_waiter_t **out, int64_t id);
rg_outcome_t rg_waiter_by_uid(rg_db_t *db, rg_ctx_t *ctx, rg_waiter_t **out, const char *uid);
/* Whose held or booked time this was offered as. RG_NOT_FOUND. */
rg_outcome_t rg_waiter_of_booking(rg_db_t *db, rg_ctx_t *ctx, rg_waiter_t **out,
                                  int64_t booking_id);
rg_outcome_t rg_waiter_id_by_link(rg_db_t *db, rg_ctx_t *ctx, int64_t *id,
                                  const unsigned char *link_hash);
/* Who waits, first come first, from AFTER (NULL: the first) on; at most LIMIT. */
rg_outcome_t rg_waiters_waiting(rg_db_t *db, rg_ctx_t *ctx, rg_waiter_t **out, int *count,
                                const rg_waiter_t *after, int limit);
/* Whether anybody waits: the usual answer is no, and costs one row. */
rg_outcome_t rg_waiters_any(rg_db_t *db, rg_ctx_t *ctx, bool *any);
/* Starts this one was offered before, ascending. */
rg_outcome_t rg_waiter_offered(rg_db_t *db, rg_ctx_t *ctx, apr_time_t **out, int *count,
                               int64_t id);
/* One page of a state, of one service (0: all). */
rg_outcome_t rg_waiters_page(rg_db_t *db, rg_ctx_t *ctx, rg_waiter_t **out, int *count,
                             int64_t service_id, rg_waiter_status_t status, int limit, int offset);
/* Those whose first or last name begins like this, or both one after the other, however it is
 * written; the newest first. */
rg_outcome_t rg_waiters_named(rg_db_t *db, rg_ctx_t *ctx, rg_waiter_t **out, int *count,
                              int64_t service_id, const char *name, int limit);
rg_outcome_t rg_waiters_count(rg_db_t *db, rg_ctx_t *ctx, int counts[RG_WAITER_STATUSES],
                              int64_t service_id);
/* waiting -> closed; RG_CONFLICT from any other state. */
rg_outcome_t rg_waiter_close(rg_db_t *db, rg_ctx_t *ctx, int64_t id, const char *why);
/* Closes who waits until a day before DAY; *COUNT tells how many. */
rg_outcome_t rg_waiters_expire(rg_db_t *db, rg_ctx_t *ctx, rg_date_t day, int *count);
/* waiting -> offered, with this held booking. RG_CONFLICT when somebody else offered them something
 * meanwhile, or this time before. */
rg_outcome_t rg_waiter_offer(rg_db_t *db, rg_ctx_t *ctx, int64_t id, const rg_booking_t *b);
/* Who waits at place ID goes on with the open offer: the hold lasts until UNTIL at least.
 * RG_CONFLICT when it is over, or not theirs. */
rg_outcome_t rg_waiter_accept(rg_db_t *db, rg_ctx_t *ctx, int64_t id, int64_t booking_id,
                              apr_time_t until);

/* --- followup/message.c ----------------------------------------------------------------------- */

/* What a message tells; who and where is read from the booking or recall itself. */
typedef struct {
    rg_message_kind_t kind;
    int64_t about_id; /* booking; RG_MESSAGE_RECALL: recall */
    /* RG_MESSAGE_CHANGE; RG_MESSAGE_CANCELLATION of what is left of a course: its first visit;
     * else 0 */
    apr_time_t old_starts_at;
    apr_time_t prepare_at; /* begin of the day on which there is something to do or stop; 0: none */
    /* last instant to cancel online; 0: none, or not told. Of an offer the hold's end is taken */
    apr_time_t until_at;
} rg_message_fact_t;
/* Queues a message in the caller's transaction, after the change it tells of. One for one version
 * of the booking: telling again does nothing. Nothing either for a booking nobody's details are
 * known of, or a recall whose patient wants none. */
rg_outcome_t rg_message_add(rg_db_t *db, rg_ctx_t *ctx, const rg_message_fact_t *fact);
/* Ids of bookings that begin until UNTIL, were booked until BEFORE and lack signatures, and were
 * not written to for the time that they have; at most LIMIT. */
rg_outcome_t rg_forms_to_tell(rg_db_t *db, rg_ctx_t *ctx, int64_t *ids, int *count,
                              apr_time_t until, apr_time_t before, int limit);
/* Of one booking, oldest first. */
rg_outcome_t rg_messages_read(rg_db_t *db, rg_ctx_t *ctx, rg_message_t **out, int *count,
                              int64_t booking_id);
/* Offers to one who waits, oldest first. */
rg_outcome_t rg_messages_of_waiter(rg_db_t *db, rg_ctx_t *ctx, rg_message_t **out, int *count,
                                   int64_t waiter_id);
/* Of one status and kind (-1: any), newest first. */
rg_outcome_t rg_messages_page(rg_db_t *db, rg_ctx_t *ctx, rg_message_t **out, int *count,
                              rg_outbox_status_t status, int kind, int limit, int offset);
/* By status, of one kind (-1: any). */
rg_outcome_t rg_messages_count(rg_db_t *db, rg_ctx_t *ctx, int counts[RG_OUTBOX_STATUSES],
                               int kind);

/* --- followup/recall.c ------------------------------------------------------------------------ */

/* What a service plans, by seq. */
rg_outcome_t rg_service_recalls_read(rg_db_t *db, rg_ctx_t *ctx, rg_service_recall_t **out,
                                     int *count, int64_t service_id);
/* Replaces it, in the caller's transaction: for rg_service_put. RG_PRECONDITION: the schema's
 * check. */
rg_outcome_t rg_service_recalls_write(rg_db_t *db, rg_ctx_t *ctx, int64_t service_id,
                                      const rg_service_recall_t *recalls, int count);
/* One recall of the completed booking, from its local day on; closed from the beginning when its
 * patient wants none. RG_OK also when it is there already. */
rg_outcome_t rg_recall_add(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, rg_date_t day,
                           const rg_service_recall_t *plan);
rg_outcome_t rg_recall_by_uid(rg_db_t *db, rg_ctx_t *ctx, rg_recall_t **out, const char *uid);
/* Of a booking's patient, what is open, by when it is due; without attempts. */
rg_outcome_t rg_recalls_of_patient(rg_db_t *db, rg_ctx_t *ctx, rg_recall_t **out, int *count,
                                   int64_t patient_id);
typedef struct {
    rg_recalls_view_t view;
    int64_t service_id, site_id; /* of the treatment; 0: all */
    rg_date_t today;             /* tells due from later and overdue */
} rg_recalls_filter_t;
/* One page with attempts: overdue ones first, then by when they are due; what is settled newest
 * first. */
rg_outcome_t rg_recalls_page(rg_db_t *db, rg_ctx_t *ctx, rg_recall_t **out, int *count,
                             const rg_recalls_filter_t *f, int limit, int offset);
/* By view; the filter's own counts nothing. */
rg_outcome_t rg_recalls_count(rg_db_t *db, rg_ctx_t *ctx, int counts[RG_RECALLS_VIEWS],
                              const rg_recalls_filter_t *f);
/* By ctx->who, now. */
rg_outcome_t rg_recall_attempt_add(rg_db_t *db, rg_ctx_t *ctx, int64_t recall_id,
                                   rg_attempt_t outcome, const char *note);
/* From FROM only; RG_CONFLICT otherwise. WHY: closed_why, "" unless TO is closed. */
rg_outcome_t rg_recall_set(rg_db_t *db, rg_ctx_t *ctx, int64_t id, rg_recall_status_t from,
                           rg_recall_status_t to, const char *why);
/* Stops all of a patient's; again is fine. */
rg_outcome_t rg_recall_stop(rg_db_t *db, rg_ctx_t *ctx, int64_t patient_id);
rg_outcome_t rg_recall_stopped(rg_db_t *db, rg_ctx_t *ctx, bool *stopped, int64_t patient_id);
/* The patient wants them again: what opting out closed is open again, if it was not over before
 * SINCE. *DID is false when nothing was stopped. */
rg_outcome_t rg_recall_allow(rg_db_t *db, rg_ctx_t *ctx, bool *did, int64_t patient_id,
                             rg_date_t since);
/* Open recalls of a patient who has a visit booked for about then are answered by it. */
rg_outcome_t rg_recalls_answer(rg_db_t *db, rg_ctx_t *ctx, int64_t patient_id);
/* One open recall is answered by the patient's next visit, whenever that is. RG_NOT_FOUND without
 * one. */
rg_outcome_t rg_recall_answer_next(rg_db_t *db, rg_ctx_t *ctx, int64_t id);
/* A hold made for a recall: booked, it answers it; given back or expired, it is forgotten. Nothing
 * when it is settled or another patient's. */
rg_outcome_t rg_recall_hold(rg_db_t *db, rg_ctx_t *ctx, int64_t id, int64_t patient_id,
                            int64_t booking_id);
/* Ids of recalls that are due on TODAY and were not written about; at most LIMIT. */
rg_outcome_t rg_recalls_to_tell(rg_db_t *db, rg_ctx_t *ctx, int64_t *ids, int *count,
                                rg_date_t today, int limit);

/* --- desk/desk.c ------------------------------------------------------------------------------ */

/* Once more for a rule of a booking, at ctx->now and in who's name. */
rg_outcome_t rg_override_add(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, rg_rule_t rule,
                             const char *reason);
/* What was overridden for a booking, oldest first. */
rg_outcome_t rg_overrides_of(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, int *count,
                             rg_override_t **out);
/* Who takes the resources of a site: one row for each resource of a booking in [from, until), also
 * of holds that are over. */
typedef struct {
    int64_t resource_id;
    apr_time_t from, until;
    const char *booking_uid, *family, *given; /* names "" until known */
    rg_booking_status_t status;
} rg_taker_t;
rg_outcome_t rg_desk_takers(rg_db_t *db, rg_ctx_t *ctx, int64_t site_id, apr_time_t from,
                            apr_time_t until, rg_taker_t **out, int *count);
/* Closures of the site and its resources that touch local days first..last (rg_date_days). */
typedef struct {
    rg_closure_t when;
    int64_t id;
    const char *kind, *reason;
} rg_desk_closure_t;
rg_outcome_t rg_desk_closures(rg_db_t *db, rg_ctx_t *ctx, int64_t site_id, int first_day,
                              int last_day, rg_desk_closure_t **out, int *count);

/* Names are how they begin, in any spelling, "" for any. Of email, phone and number each that is
 * not NULL counts, and one of them is enough. */
typedef struct {
    const char *family, *given;
    const char *email, *phone; /* as rg_email_read and rg_phone_read give them */
    const char *number;        /* of a booking, as rg_number_read gives it */
    rg_date_t born;            /* year 0: any */
} rg_patient_seek_t;
/* Whom all of it fits, by name; at most LIMIT. Something must be said. */
rg_outcome_t rg_patients_find(rg_db_t *db, rg_ctx_t *ctx, const rg_patient_seek_t *seek, int limit,
                              rg_patient_hit_t **out, int *count);
rg_outcome_t rg_patient_by_uid(rg_db_t *db, rg_ctx_t *ctx, rg_patient_t **out,
                               const char *uid); /* RG_NOT_FOUND */
/* Newest start first, without steps, at most 500. */
rg_outcome_t rg_patient_bookings(rg_db_t *db, rg_ctx_t *ctx, int64_t patient_id,
                                 rg_booking_t ***out, int *count);
/* The coverage of the patient's newest booking that had one; 0: none. */
rg_outcome_t rg_coverage_last(rg_db_t *db, rg_ctx_t *ctx, int64_t patient_id, int64_t *id);
/* Another link and another number for a booking that was ever booked; RG_CONFLICT otherwise.
 * Whoever came in by the old ones is out. */
rg_outcome_t rg_booking_relink(rg_db_t *db, rg_ctx_t *ctx, int64_t id,
                               const unsigned char link_hash[32]);

/* --- definitions/address.c -------------------------------------------------------------------- */

/* Under what the clinic's own identifiers are named; NULL: nothing is written yet. */
rg_outcome_t rg_names_read(rg_db_t *db, rg_ctx_t *ctx, const char **names);
/* Writes it unless it is there. */
rg_outcome_t rg_names_keep(rg_db_t *db, rg_ctx_t *ctx, const char *names);
rg_outcome_t rg_names_change(rg_db_t *db, rg_ctx_t *ctx, const char *names);
/* Pushes rg_base_row_t, the last one said first. */
rg_outcome_t rg_bases_read(rg_db_t *db, rg_ctx_t *ctx, apr_array_header_t *out);
rg_outcome_t rg_base_seen(rg_db_t *db, rg_ctx_t *ctx, const char *base);
rg_outcome_t rg_bases_forget(rg_db_t *db, rg_ctx_t *ctx, apr_time_t before);

/* --- definitions/feed.c ----------------------------------------------------------------------- */

/* RG_NOT_FOUND for an unknown resource. */
rg_outcome_t rg_feed_put(rg_db_t *db, rg_ctx_t *ctx, int64_t *id, const unsigned char hash[32],
                         const char *resource_code, const char *name);
/* Pushes rg_feed_row_t, oldest first. */
rg_outcome_t rg_feed_rows(rg_db_t *db, rg_ctx_t *ctx, apr_array_header_t *out);
/* RG_NOT_FOUND when there is none, or it was revoked. */
rg_outcome_t rg_feed_end(rg_db_t *db, rg_ctx_t *ctx, int64_t id);
/* The live feed with its resource, without entries. RG_NOT_FOUND. */
rg_outcome_t rg_feed_find(rg_db_t *db, rg_ctx_t *ctx, rg_feed_t **out,
                          const unsigned char hash[32]);
/* Pushes rg_feed_entry_t of bookings that touch [from, until): live ones, and those given back
 * after SINCE; by booking and time, at most LIMIT. One row a step. */
rg_outcome_t rg_feed_entries(rg_db_t *db, rg_ctx_t *ctx, apr_array_header_t *out,
                             int64_t resource_id, apr_time_t from, apr_time_t until,
                             apr_time_t since, int limit);

/* --- api/directory.c: lists for machines ---------------------------------------------- */

/* Version of the definitions, when they last changed, and rg_names_read's answer. */
rg_outcome_t rg_directory_version(rg_db_t *db, rg_ctx_t *ctx, uint64_t *version,
                                  apr_time_t *changed, const char **names);

/* What a list of visits is narrowed to, and where the last page ended. Lists are ids or words
 * separated by commas; "" is no limit. */
typedef struct {
    const char *uids[RG_VISIT_UIDS];      /* [0] NULL: any */
    const char *booking_uid;              /* "": any */
    const char *patient_uid;              /* "": any */
    const char *statuses;                 /* names of rg_visit_status_t */
    const char *services, *sites, *rooms; /* sites and rooms: either will do */
    const char *with[RG_VISIT_WITH];      /* one of each list takes part */
    apr_time_t from, until;               /* of the start: [from, until) */
    apr_time_t changed_from, changed_until;
    bool by_change;              /* in order of change, not of start; AFTER_ID is a booking then */
    int64_t after_key, after_id; /* unix seconds and id; a first page has 0, 0 */
    int limit;
    int64_t made_by; /* only what this token made; 0: anybody's */
} rg_visit_filter_t;
/* Pushes rg_visit_t in the order of the filter, at most LIMIT. One statement. */
rg_outcome_t rg_visits_read(rg_db_t *db, rg_ctx_t *ctx, const rg_visit_filter_t *f,
                            apr_array_header_t *out);
/* How many fit, whatever page and limit. One statement. */
rg_outcome_t rg_visits_count(rg_db_t *db, rg_ctx_t *ctx, const rg_visit_filter_t *f, int64_t *out);

typedef struct {
    const char *uids[RG_VISIT_UIDS];
    rg_word_t family, given, name; /* as typed, "": any; NAME fits either */
    const char *email, *phone;     /* whole; "": any */
    rg_date_t born_from, born_to;  /* both inclusive */
    apr_time_t changed_from, changed_until;
    int64_t after_id;
    int limit;
    int64_t made_by; /* only whom this token made a booking for; 0: everybody */
} rg_person_filter_t;
/* Pushes rg_person_t by id. One statement; two when only the time of change was asked for. */
rg_outcome_t rg_people_read(rg_db_t *db, rg_ctx_t *ctx, const rg_person_filter_t *f,
                            apr_array_header_t *out);

rg_outcome_t rg_people_count(rg_db_t *db, rg_ctx_t *ctx, const rg_person_filter_t *f, int64_t *out);

/* Pushes rg_busy_t of one resource that begin in [from, until), by begin. One statement. */
rg_outcome_t rg_busy_read(rg_db_t *db, rg_ctx_t *ctx, int64_t resource_id, apr_time_t from,
                          apr_time_t until, int limit, apr_array_header_t *out);

#endif
