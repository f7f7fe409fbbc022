/* SPDX-License-Identifier: Apache-2.0 */
/* Values that several aggregates read from a row: their columns as SQL names them, and the reader
 * that takes them from column COL on. A literal is put together by the compiler, so that it stays
 * one literal with one address. Private to the store room. */
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

/* For rg_row_patient: columns of patient p, this many. */
enum { RG_PATIENT_COUNT = 14 };
#define RG_PATIENT_COLS                                                                            \
    " p.id, p.uid, p.family, p.given, p.birth_date, p.gender, p.email, p.phone, p.address_line,"   \
    " p.city, p.state, p.postal_code, p.country, p.given_lines"

/* For rg_row_coverage: 16 columns of coverage c and payer y. */
#define RG_COVERAGE_COLS                                                                           \
    " c.id, c.uid, c.member_id, c.group_no, c.plan_name, c.relationship, c.subscriber_family,"     \
    " c.subscriber_given, c.subscriber_birth_date, y.id, y.code, y.name, y.payer_id, y.kind,"      \
    " y.timely_days, y.active"

/* address_line, city, state, postal_code, country */
rg_address_t rg_row_address(rg_cur_t *c, int col);
void rg_row_patient(rg_cur_t *c, int col, rg_patient_t *out);
/* id, code, name, payer_id, kind, timely_days, active */
void rg_row_payer(rg_cur_t *c, int col, rg_payer_t *out);
void rg_row_coverage(rg_cur_t *c, int col, rg_coverage_t *out);

/* Ends a cursor of at most one row: RG_NOT_FOUND when there was none. */
rg_outcome_t rg_row_end(rg_cur_t *c, bool found);
/* RG_UNAVAILABLE, with a line, when the zone of a site could not be opened. */
rg_outcome_t rg_row_zone(rg_ctx_t *ctx, const rg_zone_t *zone, int64_t site_id);
/* definitions/service_usable.c: takes out of K what cannot be worked with, as rg_clinic_t tells.
 * RG_UNAVAILABLE, with a line, when that cannot be known now. */
rg_outcome_t rg_clinic_keep_usable(rg_clinic_t *k, rg_ctx_t *ctx);

#endif
