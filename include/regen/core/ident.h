/* SPDX-License-Identifier: Apache-2.0 */
/* Public ids, booking numbers, identifiers with check digits, phone numbers and email addresses. */
#ifndef REGEN_CORE_IDENT_H
#define REGEN_CORE_IDENT_H

#include <stdbool.h>

#include <apr_pools.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"

/* --- uid.c ------------------------------------------------------------------------------------ */

/* 128 random bits as 26 lower-case Crockford base-32 digits: the public id of a record (fits FHIR's
 * id). */
const char *rg_uid_make(const rg_ctx_t *ctx);
bool rg_uid_valid(const char *s);

enum { RG_NUMBER_DIGITS = 9 };
/* A booking number that can be told on the phone: 36 random bits as 9 letters and digits that
 * neither look nor sound alike. With the patient's date of birth it opens the booking, so guesses
 * must be rate limited; clinic/patient/visitor.c has the calculation. */
const char *rg_number_make(const rg_ctx_t *ctx);
/* Accepts it as people type and paste it, with spaces, dashes, lowercase letters; NULL if it cannot
 * be one. */
const char *rg_number_read(apr_pool_t *p, const char *typed);
/* "K7M 4QX 9RY"; NULL for none. */
const char *rg_number_people(apr_pool_t *p, const char *number);

/* --- ident.c: identifiers with check digits --------------------------------------------------- */

/* 10 digits, first 1 or 2, Luhn over 80840 and them (CMS NPI standard). */
bool rg_npi_valid(const char *s);
/* Has the form of an ICD-10-CM code ("M17.11"); whether it exists is a matter of the list. */
bool rg_icd10cm_valid(const char *s);
bool rg_place_of_service_valid(const char *s); /* one of CMS's */
bool rg_tin_valid(const char *s);              /* 9 digits, not all equal */
bool rg_taxonomy_valid(const char *s);         /* 10 letters and digits, ends with X as NUCC's do */
bool rg_mbi_valid(const char *s);              /* CMS MBI format, 11 characters */
/* Adds a problem of the field WHERE for what would keep a claim with these modifiers of one line
 * (at most four, NULL past the last) from being sent: unknown, twice, pairs that no payer takes,
 * and 50 unless it is ONE_UNIT. */
void rg_modifiers_check(const char *const modifiers[4], bool one_unit, const char *where,
                        rg_problems_t *problems);
/* ASCII, one @, a domain with a dot, nothing that could break a mail header; at most 254 bytes. */
bool rg_email_plausible(const char *s);

/* --- text/reach.c: phone numbers and email addresses as people have them ---------------------- */

/* The number as stored: "603-555-0142" in North America, "+44 20 7946 0958" elsewhere, followed by
 * "ext. 12". Accepts characters that phones paste, all kinds of dashes, "tel:", "(0)", "011",
 * extensions in any form, and the kind of phone ("cell"). NULL if it cannot be a number. */
const char *rg_phone_read(apr_pool_t *p, const char *typed);
/* The digits for finding a number, with the country code first: the same however the number is
 * written. "" if there are none. At most 20. */
const char *rg_phone_key(apr_pool_t *p, const char *phone);
/* The address as stored: without "mailto:" and <>, its domain in ASCII and lower case. NULL if it
 * cannot be one. */
const char *rg_email_read(apr_pool_t *p, const char *typed);

/* An ICD-10-CM code of the N characters at WORD: "m1711" and "M17.11" are the same; NULL for what
 * cannot be one. */
const char *rg_icd10_read(apr_pool_t *p, const char *word, size_t n);

#endif
