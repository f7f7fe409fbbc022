/* SPDX-License-Identifier: Apache-2.0 */
/* Fee schedules, and what a booking costs.
 *
 * A version of a schedule is uploaded as a draft, published from a day on, and never changes again;
 * one that is not in force yet can be withdrawn. */
#ifndef REGEN_CLINIC_FEES_H
#define REGEN_CLINIC_FEES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/buf.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/fees.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"

/* --- quote.c ---------------------------------------------------------------------------------- */

/* What B costs, line by line: frozen once it is booked. B comes from rg_booking_get or the like,
 * which checked whose it is. */
rg_outcome_t rg_quote_get(rg_quote_t *out, const rg_ctx_t *ctx, const rg_booking_t *b);

/* --- file.c ----------------------------------------------------------------------------------- */

/* The first line of a file: the names of its columns. */
const char *rg_fee_file_head(void);
/* The lines of a version as a file. RG_TOO_LARGE. */
rg_outcome_t rg_fee_file_write(rg_buf_t *out, const rg_fee_entry_t *entries, int count);

/* --- schedule.c: admin ------------------------------------------------------------------------ */

typedef struct {
    int count;
    rg_fee_schedule_t *schedules;
    int payer_count; /* whom a new one may be for */
    rg_payer_t *payers;
    int site_count;
    const rg_site_t *sites;
} rg_fees_t;
/* Every schedule. */
rg_outcome_t rg_fees_list(rg_fees_t *out, const rg_ctx_t *ctx);

typedef struct {
    const rg_fee_schedule_t *schedule;
    const char *head;      /* rg_fee_file_head */
    const rg_zone_t *zone; /* of its site, or of the clinic's first one */
    apr_time_t now;
    rg_date_t today; /* there */
    int version_count;
    rg_fee_version_t *versions;    /* the newest first */
    const rg_fee_version_t *shown; /* NULL: there is none */
    int entry_count;
    rg_fee_entry_t *entries; /* of it */
    int change_count;
    rg_fee_change_t *changes; /* of it against what is in force */
} rg_fee_page_t;
/* One schedule and one version of it; VERSION 0: the one in force, or else the newest.
 * RG_NOT_FOUND. */
rg_outcome_t rg_fees_get(rg_fee_page_t *out, const rg_ctx_t *ctx, const char *code,
                         int64_t version);

typedef struct {
    const char *code, *name;
    const char *payer, *site; /* codes; "": who pays themselves, every site */
} rg_fee_schedule_in_t;
/* RG_INVALID by field, RG_CONFLICT if there is one for the same. */
rg_outcome_t rg_fees_schedule_add(const rg_ctx_t *ctx, const rg_fee_schedule_in_t *in);

typedef struct {
    const char *schedule; /* its code */
    const char *bytes;    /* the file */
    size_t n;
    bool keep;        /* false: only checked */
    const char *from; /* the day from which it is published; NULL: it stays a draft */
} rg_fees_import_in_t;
typedef struct {
    int64_t version; /* 0: nothing was stored, because it is the same or was only checked */
    bool same;       /* as what is in force then; for a draft: and nothing begins later */
    int entry_count, change_count;
    const rg_fee_change_t *changes;
} rg_fees_imported_t;
/* All lines of the file as a new version, or nothing. RG_INVALID with what is wrong, line by
 * line. */
rg_outcome_t rg_fees_import(rg_fees_imported_t *out, const rg_ctx_t *ctx,
                            const rg_fees_import_in_t *in);
/* Publishes a draft from a local day on; from today: in a moment. RG_INVALID for the day,
 * RG_PRECONDITION with the reason. */
rg_outcome_t rg_fees_publish(const rg_ctx_t *ctx, const char *code, int64_t version,
                             const char *from);
/* Withdraws what is not in force yet. RG_INVALID for the reason, RG_PRECONDITION. */
rg_outcome_t rg_fees_withdraw(const rg_ctx_t *ctx, const char *code, int64_t version,
                              const char *reason);

#endif
