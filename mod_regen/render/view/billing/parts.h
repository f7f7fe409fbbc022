/* SPDX-License-Identifier: Apache-2.0 */
/* What the pages of the ledger share. Private to this folder. */
#ifndef RG_VIEW_BILLING_PARTS_H
#define RG_VIEW_BILLING_PARTS_H

#include <stdint.h>

#include "regen/clinic/ledger.h"
#include "regen/core/val.h"
#include "regen/core/words.h"
#include "regen/model/ledger.h"

extern const char *const rg_means_words[RG_MEANS_COUNT];
extern const char *const rg_reason_words[RG_LEDGER_REASON_COUNT];
/* NULL for a word that is none. */
const char *rg_view_means(const char *word);
const char *rg_view_reason(const char *word);
/* What happened, in words of people. */
const char *rg_view_deed(const char *kind);

const char *rg_val_or_nil(const char *s);
const char *rg_view_id(apr_pool_t *p, int64_t id);
void rg_view_minor(rg_val_t *v, const char *key, apr_pool_t *p, int64_t minor,
                   const char *currency);
/* Nothing at all where there is nothing. */
void rg_view_some(rg_val_t *v, const char *key, apr_pool_t *p, int64_t minor, const char *currency);
rg_val_t *rg_view_ledger_page(apr_pool_t *p, const rg_ledger_account_t *a, const char *title);
void rg_view_ledger_sums(rg_val_t *page, apr_pool_t *p, const rg_ledger_account_t *a);
/* One charge and what became of it. */
void rg_view_ledger_charge(rg_val_t *v, apr_pool_t *p, const rg_ledger_line_t *l);
/* The same with what the caller may do. */
void rg_view_ledger_line(rg_val_t *v, apr_pool_t *p, const rg_ledger_account_t *a,
                         const rg_ledger_line_t *l);

#endif
