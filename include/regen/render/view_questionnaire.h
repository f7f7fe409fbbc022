/* SPDX-License-Identifier: Apache-2.0 */
/* Questionnaires as templates read them. */
#ifndef REGEN_RENDER_VIEW_QUESTIONNAIRE_H
#define REGEN_RENDER_VIEW_QUESTIONNAIRE_H

#include <apr_pools.h>

#include "regen/clinic/questionnaire.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/questionnaire.h"

/* The questions of the sheet's page that are asked as things stand, for question/fields.html:
 * "questions", "page", "page_count", "checking" (the page to check and send). */
void rg_view_quest_page(rg_val_t *view, apr_pool_t *p, const rg_quest_sheet_t *s,
                        const rg_problems_t *problems);
/* What is answered, for question/answers.html: "answers" with the page of each; "scores"; and what
 * follows from it: "words" for the patient, "notes" for clinicians. */
void rg_view_quest_answers(rg_val_t *view, apr_pool_t *p, const rg_quest_sheet_t *s);
/* One request: {id, title, state …, answered, answered_by, decision, note}. Under KEY of VIEW. */
void rg_view_quest_asked(rg_val_t *view, const char *key, apr_pool_t *p, const rg_quest_asked_t *a,
                         const rg_zone_t *zone);
/* A list of them under "asked", with "any_asked" and "asked_open": some are not answered. */
void rg_view_quest_list(rg_val_t *view, apr_pool_t *p, const rg_quest_asked_t *list, int count,
                        const rg_zone_t *zone);
/* The list of answers to look at. */
rg_val_t *rg_view_quest_reviews(apr_pool_t *p, const rg_quest_reviews_t *r);

#endif
