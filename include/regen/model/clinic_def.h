/* SPDX-License-Identifier: Apache-2.0 */
/* What a clinic is, apart from its services and people, as one value: who bills, where it is, and
 * whose claims it sends. A file of regenctl. */
#ifndef REGEN_MODEL_CLINIC_DEF_H
#define REGEN_MODEL_CLINIC_DEF_H

#include <apr_time.h>

#include "regen/model/definition.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"

typedef struct {
    int organization_count; /* 0: it is left as it is; 1 */
    rg_organization_t *organization;
    int site_count;
    rg_site_t *sites; /* by code; without id, uid and zone */
    int payer_count;
    rg_payer_t *payers; /* by code; without id */
} rg_clinic_def_t;
#define RG_CLINIC_FORMAT "mod_regen clinic 1" /* the first entry of such a file */
#define RG_SITES_MOST    100
#define RG_PAYERS_MOST   2000

/* A consent form as it is published: a version never changes. */
typedef struct {
    int64_t id, form_id;
    const char *code, *name; /* the form's */
    bool names_side;         /* a signature counts for the named part of the body only */
    int version;
    const char *title, *body; /* "## Heading", then paragraphs */
    bool material;            /* signatures on older versions no longer count */
    int valid_days;
    bool needs_clinician; /* counts once a clinician confirmed to have explained it */
    apr_time_t published_at;
    unsigned char sha256[32]; /* of the body */
    unsigned said;            /* of a file: bit I for the field I of its head */
} rg_form_text_t;
#define RG_FORM_BODY_MOST (256 * 1024)
/* core/definition.c: the fields of its head, as in definition.h. */
extern const rg_field_t rg_form_fields[];

/* core/definition.c: the fields of rg_organization_t, rg_site_t and rg_payer_t, as in
 * definition.h. */
extern const rg_field_t rg_organization_fields[], rg_site_fields[], rg_payer_fields[];

#endif
