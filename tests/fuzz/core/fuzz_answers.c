/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as stored answers to one questionnaire with every type of question. Beyond not crashing:
 * what is stored of them is read again alike, and every problem is in clean words at its field. */
#include "target.h"

#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/model/questionnaire.h"

static const char FORM[] =
    "{\"format\": \"mod_regen questionnaire 1\", \"questionnaire\": {\"resourceType\": "
    "\"Questionnaire\", \"name\": \"all\", \"title\": \"All\", \"status\": \"active\", \"item\": ["
    "{\"linkId\": \"b\", \"text\": \"B\", \"type\": \"boolean\", \"required\": true},"
    "{\"linkId\": \"g\", \"text\": \"G\", \"type\": \"group\", \"enableWhen\": [{\"question\": "
    "\"b\", \"operator\": \"=\", \"answerBoolean\": true}], \"item\": ["
    "{\"linkId\": \"c\", \"text\": \"C\", \"type\": \"choice\", \"answerOption\": "
    "[{\"valueCoding\": "
    "{\"code\": \"x\", \"display\": \"X\"}}, {\"valueCoding\": {\"code\": \"y\", \"display\": "
    "\"Y\"}}]},"
    "{\"linkId\": \"o\", \"text\": \"O\", \"type\": \"open-choice\", \"repeats\": true, "
    "\"answerOption\": [{\"valueString\": \"one\"}, {\"valueString\": \"two\"}]}]},"
    "{\"linkId\": \"i\", \"text\": \"I\", \"type\": \"integer\", \"extension\": [{\"url\": "
    "\"http://hl7.org/fhir/StructureDefinition/minValue\", \"valueInteger\": 0}, {\"url\": "
    "\"http://hl7.org/fhir/StructureDefinition/maxValue\", \"valueInteger\": 10}]},"
    "{\"linkId\": \"d\", \"text\": \"D\", \"type\": \"decimal\"},"
    "{\"linkId\": \"t\", \"text\": \"T\", \"type\": \"date\"},"
    "{\"linkId\": \"s\", \"text\": \"S\", \"type\": \"string\", \"maxLength\": 5},"
    "{\"linkId\": \"x\", \"text\": \"X\", \"type\": \"text\"}]},"
    "\"scores\": [{\"code\": \"p\", \"title\": \"P\", \"better\": \"lower\", \"method\": \"mean\", "
    "\"items\": [\"i\", \"b\"], \"missing\": 1}],"
    "\"rules\": [{\"when\": [{\"score\": \"p\", \"operator\": \">\", \"answerDecimal\": 2.5}], "
    "\"result\": \"review\", \"words\": \"W\"}]}";

static rg_questionnaire_t *form;

void fuzz_begin(apr_pool_t *forever)
{
    must(rg_quest_read(&form, forever, FORM, sizeof(FORM) - 1, NULL) == RG_OK);
}

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    rg_problems_t *problems = rg_problems_make(p);
    rg_quest_typed_t *typed = rg_quest_kept(p, form, apr_pstrmemdup(p, text, size));
    rg_quest_filled_t *f = rg_quest_fill(p, form, typed, 0, form->item_count, problems);
    const char *kept = rg_quest_keep(p, form, f);

    must_be_clean(problems);
    const char *draft = rg_quest_keep_typed(p, form, typed);
    must(kept && draft);
    must_be_same(rg_quest_keep_typed(p, form, rg_quest_kept(p, form, draft)), draft);
    rg_quest_filled_t *again =
        rg_quest_fill(p, form, rg_quest_kept(p, form, kept), 0, form->item_count, NULL);
    must_be_same(rg_quest_keep(p, form, again), kept);
    must(again->result == f->result && again->scores[0].any == f->scores[0].any);
    must(again->scores[0].value == f->scores[0].value);
    for (int i = 0; i < form->item_count; i++) {
        const char *field = apr_pstrcat(p, "q.", form->items[i].link, NULL);
        must((rg_problem_for(problems, field) != NULL) == f->answers[i].wrong);
    }
}
