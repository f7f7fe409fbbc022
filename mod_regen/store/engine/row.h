/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that several aggregates read: their columns as SQL names them (list.h). Private to the store
 * room. */
#ifndef RG_STORE_ROW_H
#define RG_STORE_ROW_H

#include "mod_regen/store/engine/list.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/store/definitions.h"
#include "regen/store/store.h"

/* The columns of an address in table OF ("s."), into field TO. */
#define RG_ADDRESS_COLS(COL, to, of)                                                               \
    COL(STR, to.line, of "address_line")                                                           \
    COL(STR, to.city, of "city")                                                                   \
    COL(STR, to.state, of "state")                                                                 \
    COL(STR, to.postal_code, of "postal_code")                                                     \
    COL(STR, to.country, of "country")

/* rg_patient_t of patient p. */
#define RG_PATIENT_ROW(FIRST, COL)                                                                 \
    FIRST(I64, id, "p.id")                                                                         \
    COL(STR, uid, "p.uid")                                                                         \
    COL(STR, family, "p.family")                                                                   \
    COL(STR, given, "p.given")                                                                     \
    COL(DATE, birth_date, "p.birth_date")                                                          \
    COL(STR, gender, "p.gender")                                                                   \
    COL(STR, email, "p.email")                                                                     \
    COL(STR, phone, "p.phone")                                                                     \
    RG_ADDRESS_COLS(COL, address, "p.")                                                            \
    COL(STR_OR_NULL, given_lines, "p.given_lines")

/* rg_payer_t of payer y. */
#define RG_PAYER_ROW(FIRST, COL)                                                                   \
    FIRST(I64, id, "y.id")                                                                         \
    COL(STR, code, "y.code")                                                                       \
    COL(STR, name, "y.name")                                                                       \
    COL(STR, payer_id, "y.payer_id")                                                               \
    COL(STR, kind, "y.kind")                                                                       \
    COL(INT, timely_days, "y.timely_days")                                                         \
    COL(BOOL, active, "y.active")

/* rg_coverage_t of coverage c and payer y; takes a payer_row. */
#define RG_COVERAGE_ROW(FIRST, COL)                                                                \
    FIRST(I64, id, "c.id")                                                                         \
    COL(STR, uid, "c.uid")                                                                         \
    COL(STR, member_id, "c.member_id")                                                             \
    COL(STR, group_no, "c.group_no")                                                               \
    COL(STR, plan_name, "c.plan_name")                                                             \
    COL(STR, relationship, "c.relationship")                                                       \
    COL(STR, subscriber_family, "c.subscriber_family")                                             \
    COL(STR, subscriber_given, "c.subscriber_given")                                               \
    COL(DATE, subscriber_birth_date, "c.subscriber_birth_date")                                    \
    COL(PART, payer, RG_PART(RG_PAYER_ROW), payer_row)

/* How many rows there are of what WORD names, for rg_row_counts. */
#define RG_COUNT_ROW(FIRST, COL, word_is)                                                          \
    FIRST(STR, word, "'" word_is "'")                                                              \
    COL(INT, count, "COUNT(*)")
#define RG_COUNT_COLS(word_is) RG_COUNT_ROW(RG_COLUMN_FIRST_, RG_COLUMN_NEXT_, word_is)
/* Rows of RG_COUNT_COLS into COUNTS, each in the place that PARSE gives its word; the other ones of
 * MANY are 0. */
rg_outcome_t rg_row_counts(rg_db_t *db, rg_ctx_t *ctx, int *counts, int many,
                           int (*parse)(const char *word), const char *sql, const rg_bind_t *in,
                           int n);

/* Sites by id, with the time zone that is stored. */
typedef struct {
    const char *code, *time_zone;
} rg_site_zone_t;
rg_outcome_t rg_row_zones(rg_db_t *db, rg_ctx_t *ctx, rg_site_zone_t **out, int *count);
/* RG_UNAVAILABLE, with a line, when the zone of a site could not be opened. */
rg_outcome_t rg_row_zone(rg_ctx_t *ctx, const rg_zone_t *zone, int64_t site_id);
/* definitions/service_usable.c: takes out of K what cannot be worked with, as rg_clinic_t tells.
 * RG_UNAVAILABLE, with a line, when that cannot be known now. */
rg_outcome_t rg_clinic_keep_usable(rg_clinic_t *k, rg_ctx_t *ctx);

#endif
