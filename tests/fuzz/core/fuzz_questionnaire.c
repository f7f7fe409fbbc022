/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a questionnaire. Beyond not crashing: what is refused says why in clean words; what
 * is accepted is within all caps, and whatever is answered to it is stored and read again alike. */
#include "target.h"

#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/model/questionnaire.h"

static void within(const rg_questionnaire_t *q)
{
    must(q->item_count > 0 && q->item_count <= RG_QUEST_ITEMS_MOST);
    must(q->score_count <= RG_QUEST_SCORES_MOST && q->rule_count <= RG_QUEST_RULES_MOST);
    for (int i = 0; i < q->item_count; i++) {
        const rg_quest_item_t *it = &q->items[i];
        must(*it->link && rg_quest_find(q, it->link) == i);
        must(it->parent < i && it->end > i && it->end <= q->item_count);
        must(it->depth <= RG_QUEST_DEPTH_MOST && it->option_count <= RG_QUEST_OPTIONS_MOST);
        must(rg_text_length(it->text) <= RG_QUEST_WORDS_MOST);
        must((it->type == RG_QUEST_GROUP) == (it->end > i + 1));
        for (int k = 0; k < it->when_count; k++) {
            must(it->whens[k].item >= 0 && it->whens[k].item < i);
        }
    }
}

/* The first option of each question, or a word that may fit. */
static void answer_all(apr_pool_t *p, const rg_questionnaire_t *q, const char *word)
{
    rg_quest_typed_t *typed = apr_pcalloc(p, sizeof(*typed) * (size_t)(q->item_count + 1));

    for (int i = 0; i < q->item_count; i++) {
        const rg_quest_item_t *it = &q->items[i];
        typed[i].count = 1;
        typed[i].values[0] = it->option_count > 0 ? it->options[0].code : word;
    }
    rg_problems_t *problems = rg_problems_make(p);
    rg_quest_filled_t *f = rg_quest_fill(p, q, typed, 0, q->item_count, problems);
    const char *kept = rg_quest_keep(p, q, f);
    must_be_clean(problems);
    must(kept && (int)f->result < RG_QUEST_RESULT_COUNT && f->match_count <= q->rule_count);
    rg_quest_filled_t *again =
        rg_quest_fill(p, q, rg_quest_kept(p, q, kept), 0, q->item_count, NULL);
    must_be_same(rg_quest_keep(p, q, again), kept);
}

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    static const char *const words[] = {"true", "3", "2026-03-01", "word"};
    rg_questionnaire_t *q = NULL;
    rg_problems_t *problems = rg_problems_make(p);

    if (rg_quest_read(&q, p, text, size, problems) != RG_OK) {
        must(!q && rg_problems_any(problems));
        must_be_clean(problems);
        return;
    }
    within(q);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        answer_all(p, q, words[i]);
    }
}
