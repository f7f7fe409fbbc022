/* SPDX-License-Identifier: Apache-2.0 */
/* 64-bit minor units and an ISO 4217 code. */
#ifndef REGEN_CORE_MONEY_H
#define REGEN_CORE_MONEY_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_pools.h>

typedef struct {
    int64_t minor;
    char currency[4];
} rg_money_t;

/* Digits after the point for this currency (USD 2, JPY 0, BHD 3); -1 for an unknown code. */
int rg_money_exponent(const char *currency);
/* "12.50": what FHIR and people read; never localised. NULL for an unknown currency, here and in
 * display: an amount of unknown scale must not be shown. */
const char *rg_money_decimal(apr_pool_t *p, rg_money_t m);
/* "$1,250.00" for USD, "1,250.00 EUR" otherwise. */
const char *rg_money_display(apr_pool_t *p, rg_money_t m);
/* Strict decimal with at most the currency's digits, as FHIR writes it: "0.5", "-12.50"; no plus,
 * no leading zero, no separators. The caller must refuse negative amounts. */
bool rg_money_parse(rg_money_t *out, const char *decimal, const char *currency);
/* False on overflow or different currencies; the sum is unchanged then. */
bool rg_money_add(rg_money_t *sum, rg_money_t b);
bool rg_money_times(rg_money_t *out, rg_money_t unit, int64_t quantity);

#endif
