/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a questionnaire: what is refused names the linkId and says what to do; every cap. Answers
 * page by page, numbers without rounding. */
#include <stdlib.h>

#include "core_test.h"
#include "regen/core/buf.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/model/questionnaire.h"

#include <apr_strings.h>

#define HEAD                                                                                       \
    "{\"format\": \"mod_regen questionnaire 1\", \"questionnaire\": {\"resourceType\": "           \
    "\"Questionnaire\", \"name\": \"t\", \"title\": \"T\", \"status\": \"active\", \"item\": ["
#define TAIL "]}}"
#define YES  "{\"linkId\": \"yes\", \"text\": \"Yes?\", \"type\": \"boolean\"}"
#define NUMBER                                                                                     \
    "{\"linkId\": \"n\", \"text\": \"How much?\", \"type\": \"integer\", \"extension\": ["         \
    "{\"url\": \"http://hl7.org/fhir/StructureDefinition/minValue\", \"valueInteger\": 0}, "       \
    "{\"url\": \"http://hl7.org/fhir/StructureDefinition/maxValue\", \"valueInteger\": 10}]}"

static rg_problems_t *problems;

static rg_questionnaire_t *read_quest(apr_pool_t *p, const char *file)
{
    rg_questionnaire_t *q = NULL;

    problems = rg_problems_make(p);
    rg_outcome_t rc = rg_quest_read(&q, p, file, strlen(file), problems);
    assert_int_equal(rc == RG_OK, q != NULL);
    assert_int_equal(rc != RG_OK, rg_problems_any(problems));
    return q;
}

static const struct {
    const char *items, *about, *says;
} refused[] = {
    {"", "questionnaire", "Add at least one question."},
    {"{\"linkId\": \"a\", \"type\": \"boolean\"}", "a", "Add \"text\"."},
    {"{\"linkId\": \"a b\", \"text\": \"A\", \"type\": \"boolean\"}", "questionnaire",
     "Write \"linkId\" with letters"},
    {"{\"linkId\": \"a\", \"text\": \"A\", \"type\": \"reference\"}", "a", "\"type\" is one of"},
    {YES ", " YES, "yes", "This linkId is there twice."},
    {"{\"linkId\": \"a\", \"text\": \"A\", \"type\": \"boolean\", \"initial\": []}", "a",
     "\"initial\" is not supported here; leave it out."},
    {"{\"linkId\": \"a\", \"text\": \"A\", \"type\": \"boolean\", \"repeats\": true}", "a",
     "\"repeats\" is supported for a choice"},
    {"{\"linkId\": \"a\", \"text\": \"A\", \"type\": \"choice\"}", "a", "Add an \"answerOption\""},
    {"{\"linkId\": \"a\", \"text\": \"A\", \"type\": \"choice\", \"answerOption\": "
     "[{\"valueInteger\": 1}, {\"valueInteger\": 1}]}",
     "a", "The option \"1\" is there twice."},
    {"{\"linkId\": \"a\", \"text\": \"A\", \"type\": \"choice\", \"answerOption\": "
     "[{\"valueInteger\": 1}, {\"valueString\": \"b\"}]}",
     "a", "all of one kind"},
    {"{\"linkId\": \"a\", \"text\": \"A\", \"type\": \"group\"}", "a", "A group has items in it."},
    {"{\"linkId\": \"a\", \"text\": \"A\", \"type\": \"boolean\", \"item\": [" YES "]}", "a",
     "Only a group has items in it."},
    {"{\"linkId\": \"a\", \"text\": \"A\", \"type\": \"string\", \"maxLength\": 201}", "a",
     "\"maxLength\" is a number from 1 to 200"},
    {"{\"linkId\": \"a\", \"text\": \"A\", \"type\": \"integer\", \"extension\": [{\"url\": "
     "\"http://hl7.org/fhir/StructureDefinition/minValue\", \"valueInteger\": 2}, {\"url\": "
     "\"http://hl7.org/fhir/StructureDefinition/maxValue\", \"valueInteger\": 1}]}",
     "a", "minValue is not greater"},
    {"{\"linkId\": \"a\", \"text\": \"A\", \"type\": \"boolean\", \"extension\": [{\"url\": "
     "\"http://example.org/x\", \"valueInteger\": 2}]}",
     "a", "Its extensions are minValue and maxValue"},
    {"{\"linkId\": \"a\", \"text\": \"A\", \"type\": \"boolean\", \"enableWhen\": [{\"question\": "
     "\"yes\", \"operator\": \"=\", \"answerBoolean\": true}]}, " YES,
     "a", "that comes before it; \"yes\" is none."},
    {YES ", {\"linkId\": \"a\", \"text\": \"A\", \"type\": \"boolean\", \"enableWhen\": "
         "[{\"question\": \"yes\", \"operator\": \">\", \"answerBoolean\": true}]}",
     "a", "Only numbers and dates are compared"},
    {YES ", {\"linkId\": \"a\", \"text\": \"A\", \"type\": \"boolean\", \"enableWhen\": "
         "[{\"question\": \"yes\", \"operator\": \"=\", \"answerInteger\": 1}]}",
     "a", "needs \"answerBoolean\""},
    {YES ", {\"linkId\": \"a\", \"text\": \"A\", \"type\": \"boolean\", \"enableWhen\": "
         "[{\"question\": \"yes\", \"operator\": \"exists\", \"answerBoolean\": true},"
         " {\"question\": \"yes\", \"operator\": \"=\", \"answerBoolean\": true}]}",
     "a", "Say in \"enableBehavior\" whether"},
};

static void what_is_not_understood_is_refused(void **state)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        const char *file = apr_pstrcat(*state, HEAD, refused[i].items, TAIL, NULL);
        assert_null(read_quest(*state, file));
        const char *said = rg_problem_for(problems, refused[i].about);
        if (!said || !strstr(said, refused[i].says)) {
            fail_msg("%s: %s", file, said ? said : rg_problem_first(problems));
        }
    }
}

static const struct {
    const char *rest, *about, *says;
} refused_rules[] = {
    {"\"scores\": [{\"code\": \"s\", \"title\": \"S\", \"better\": \"lower\", \"method\": \"sum\", "
     "\"items\": [\"free\"]}]",
     "score s", "\"free\" cannot be scored"},
    {"\"scores\": [{\"code\": \"s\", \"title\": \"S\", \"better\": \"lower\", \"method\": "
     "\"table\","
     " \"items\": [\"yes\"], \"table\": [{\"raw\": 0, \"score\": 100}]}]",
     "score s", "for every sum from 0 to 1"},
    {"\"scores\": [{\"code\": \"s\", \"title\": \"S\", \"method\": \"sum\", \"items\": [\"n\"]}]",
     "score s", "\"better\" is \"lower\" or \"higher\"."},
    {"\"scores\": [{\"code\": \"s\", \"title\": \"S\", \"better\": \"lower\", \"method\": \"mean\","
     " \"items\": [\"n\"], \"missing\": 1}]",
     "score s", "fewer than there are"},
    {"\"rules\": [{\"result\": \"stop\", \"words\": \"No.\"}]", "rule 1", "Say in \"when\""},
    {"\"rules\": [{\"when\": [{\"question\": \"yes\", \"operator\": \"=\", \"answerBoolean\": "
     "true}],"
     " \"result\": \"stop\"}]",
     "rule 1", "Add \"words\"."},
    {"\"rules\": [{\"when\": [{\"question\": \"yes\", \"operator\": \"=\", \"answerBoolean\": "
     "true}],"
     " \"result\": \"ok\", \"words\": \"W.\"}]",
     "rule 1", "\"result\" is review or stop."},
    {"\"rules\": [{\"when\": [{\"score\": \"s\", \"operator\": \">\", \"answerDecimal\": 1}],"
     " \"result\": \"stop\", \"words\": \"W.\"}]",
     "rule 1", "names the code of a score"},
};

static void scores_and_rules_are_checked(void **state)
{
    for (size_t i = 0; i < sizeof(refused_rules) / sizeof(refused_rules[0]); i++) {
        const char *file = apr_pstrcat(
            *state,
            HEAD YES ", " NUMBER
                     ", {\"linkId\": \"free\", \"text\": \"F\", \"type\": \"string\"}]}, ",
            refused_rules[i].rest, "}", NULL);
        assert_null(read_quest(*state, file));
        const char *said = rg_problem_for(problems, refused_rules[i].about);
        if (!said || !strstr(said, refused_rules[i].says)) {
            fail_msg("%s: %s", file, said ? said : rg_problem_first(problems));
        }
    }
}

/* COUNT questions, in groups of DEPTH. */
static const char *big(apr_pool_t *p, int count, int depth, int words)
{
    rg_buf_t *b = rg_buf_make(p, 1024 * 1024);

    rg_buf_puts(b, HEAD);
    for (int i = 0; i < depth; i++) {
        rg_buf_printf(b, "{\"linkId\": \"g%d\", \"text\": \"G\", \"type\": \"group\", \"item\": [",
                      i);
    }
    for (int i = 0; i < count; i++) {
        rg_buf_printf(b, "%s{\"linkId\": \"q%d\", \"text\": \"", i > 0 ? ", " : "", i);
        for (int k = 0; k < words; k++) {
            rg_buf_puts(b, "\xc3\xa9");
        }
        rg_buf_puts(b, "\", \"type\": \"boolean\"}");
    }
    for (int i = 0; i < depth; i++) {
        rg_buf_puts(b, "]}");
    }
    rg_buf_puts(b, TAIL);
    return b->data;
}

static void everything_has_a_cap(void **state)
{
    apr_pool_t *p = *state;

    assert_non_null(read_quest(p, big(p, RG_QUEST_ITEMS_MOST, 0, 1)));
    assert_null(read_quest(p, big(p, RG_QUEST_ITEMS_MOST + 1, 0, 1)));
    assert_non_null(read_quest(p, big(p, RG_QUEST_ITEMS_MOST - 4, RG_QUEST_DEPTH_MOST, 1)));
    assert_null(read_quest(p, big(p, RG_QUEST_ITEMS_MOST - 3, RG_QUEST_DEPTH_MOST, 1)));
    assert_null(read_quest(p, big(p, 1, RG_QUEST_DEPTH_MOST + 1, 1)));
    assert_non_null(read_quest(p, big(p, 1, 0, RG_QUEST_WORDS_MOST)));
    assert_null(read_quest(p, big(p, 1, 0, RG_QUEST_WORDS_MOST + 1)));
    char *large = apr_palloc(p, RG_QUEST_FILE_MOST + 2);
    memset(large, ' ', RG_QUEST_FILE_MOST + 1);
    rg_questionnaire_t *q = NULL;
    assert_int_equal(rg_quest_read(&q, p, large, RG_QUEST_FILE_MOST + 1, problems), RG_TOO_LARGE);
}

static void a_page_has_only_its_own_problems(void **state)
{
    apr_pool_t *p = *state;
    rg_questionnaire_t *q = read_quest(
        p, HEAD "{\"linkId\": \"a\", \"text\": \"A\", \"type\": \"boolean\", \"required\": true}, "
                "{\"linkId\": \"b\", \"text\": \"B\", \"type\": \"boolean\", \"required\": true, "
                "\"enableWhen\": [{\"question\": \"a\", \"operator\": \"=\", \"answerBoolean\": "
                "true}]}" TAIL);
    rg_quest_typed_t typed[2] = {{0}, {0}};

    rg_quest_fill(p, q, typed, 1, 2, problems);
    assert_false(rg_problems_any(problems));
    rg_quest_filled_t *f = rg_quest_fill(p, q, typed, 0, 1, problems);
    assert_string_equal(rg_problem_for(problems, "q.a"), "Answer this question.");
    assert_false(f->answers[1].enabled);
    typed[0] = (rg_quest_typed_t){.count = 1, .values = {"true"}};
    f = rg_quest_fill(p, q, typed, 0, 1, problems);
    assert_true(f->answers[1].enabled && f->answers[1].wrong);
    assert_null(rg_problem_for(problems, "q.b"));
    /* What is typed for a question that is not asked does not count. */
    typed[0].values[0] = "false";
    typed[1] = (rg_quest_typed_t){.count = 1, .values = {"true"}};
    f = rg_quest_fill(p, q, typed, 0, 2, rg_problems_make(p));
    assert_string_equal(rg_quest_keep(p, q, f), "[{\"linkId\":\"a\",\"value\":[\"false\"]}]");
}

static void numbers_are_exact(void **state)
{
    static const struct {
        const char *text;
        int64_t n;
        const char *again;
    } right[] = {{"0", 0, "0"},           {"-0", 0, "0"},
                 {"7", 7000, "7"},        {"6.5", 6500, "6.5"},
                 {"0.125", 125, "0.125"}, {"-1.05", -1050, "-1.05"},
                 {"007", 7000, "7"},      {"1000000000", INT64_C(1000000000000), "1000000000"}};
    static const char *const wrong[] = {
        "",      "-",   "+1",         ".5",          "1.",  "1.2345", "1e3",   "0x1",  "1 ",
        "1.2.3", "--1", "1000000001", "99999999999", "inf", "NaN",    "0,125", "1,000"};
    int64_t n = 42;

    for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        assert_true(rg_quest_number_read(&n, right[i].text, 3));
        assert_int_equal(n, right[i].n);
        assert_string_equal(rg_quest_number(*state, n), right[i].again);
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(rg_quest_number_read(&n, wrong[i], 3));
    }
    assert_false(rg_quest_number_read(&n, "1.5", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pool_test(what_is_not_understood_is_refused), pool_test(scores_and_rules_are_checked),
        pool_test(everything_has_a_cap), pool_test(a_page_has_only_its_own_problems),
        pool_test(numbers_are_exact)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
