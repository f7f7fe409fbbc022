/* SPDX-License-Identifier: Apache-2.0 */
/* Public ids, booking numbers, identifiers with check digits, phone numbers and email addresses. */
#ifndef REGEN_CORE_IDENT_H
#define REGEN_CORE_IDENT_H

#include <stdbool.h>

#include <apr_pools.h>

#include "regen/core/ctx.h"

/* --- uid.c ------------------------------------------------------------------------------------ */

/* 128 random bits as 26 lower-case Crockford base-32 digits: the public id of a record (fits FHIR's
 * id). */
const char *rg_uid_make(rg_ctx_t *ctx);
bool rg_uid_valid(const char *s);

enum { RG_NUMBER_DIGITS = 9 };
/* A booking's number to be told on the phone: 36 random bits as 9 letters and digits that neither
 * look nor sound like each other. With the patient's date of birth it opens the booking, so that
 * what guesses it must be throttled; clinic/patient/visitor.c has the sum. */
const char *rg_number_make(rg_ctx_t *ctx);
/* As people type and paste it, with blanks, dashes, small letters; NULL when it cannot be one. */
const char *rg_number_read(apr_pool_t *p, const char *typed);
/* "K7M 4QX 9RY"; NULL for none. */
const char *rg_number_people(apr_pool_t *p, const char *number);

/* --- ident.c: identifiers with check digits --------------------------------------------------- */

/* 10 digits, first 1 or 2, Luhn over 80840 and them (CMS NPI standard). */
bool rg_npi_valid(const char *s);
/* In the form of a code of ICD-10-CM ("M17.11"); whether there is one is for its list. */
bool rg_icd10cm_valid(const char *s);
bool rg_place_of_service_valid(const char *s); /* one of CMS's */
bool rg_tin_valid(const char *s);              /* 9 digits, not all equal */
bool rg_taxonomy_valid(const char *s);         /* 10 letters and digits, ends with X as NUCC's do */
bool rg_mbi_valid(const char *s);              /* CMS MBI format, 11 characters */
/* ASCII, one @, a domain with a dot, nothing that could break a mail header; at most 254 bytes. */
bool rg_email_plausible(const char *s);

/* --- text/reach.c: phone numbers and email addresses as people have them ---------------------- */

/* The number as it is stored: "603-555-0142" in North America, "+44 20 7946 0958" elsewhere, "ext.
 * 12" behind it. Takes marks that phones paste, all kinds of dashes, "tel:", "(0)", "011", an
 * extension in any writing, and what kind it is ("cell"). NULL when it cannot be a number. */
const char *rg_phone_read(apr_pool_t *p, const char *typed);
/* The digits by which a number is found, those of its country in front: however it is written, it
 * has the same. "" when there are none. At most 20. */
const char *rg_phone_key(apr_pool_t *p, const char *phone);
/* The address as it is stored: out of "mailto:" and <>, its domain in ASCII and lower case. NULL
 * when it cannot be one. */
const char *rg_email_read(apr_pool_t *p, const char *typed);

#endif
