/* SPDX-License-Identifier: Apache-2.0 */
/* core/questionnaire against quest_twin.py: which questions are asked, what is wrong, scores and
 * rules of random questionnaires with random answers; and answers stored and read again mean the
 * same. */
#include <stdlib.h>

#include "core_test.h"
#include "regen/core/buf.h"
#include "regen/core/outcome.h"
#include "regen/model/questionnaire.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>

enum { LINE_MOST = 400000, FORMS = 600 };

static apr_file_t *start_quest_twin(apr_proc_t *proc, apr_pool_t *p)
{
    const char *root = getenv("REGEN_TEST_ROOT");
    const char *python = getenv("PYTHON");
    const char *seed = getenv("REGEN_SEED");
    apr_procattr_t *attr = NULL;
    const char *argv[] = {
        python ? python : "/usr/bin/python3",
        apr_pstrcat(p, root ? root : ".", "/tests/unit/core/questionnaire/quest_twin.py", NULL),
        seed ? seed : "1", apr_itoa(p, FORMS), NULL};

    apr_procattr_create(&attr, p);
    apr_procattr_io_set(attr, APR_NO_PIPE, APR_FULL_BLOCK, APR_NO_PIPE);
    apr_procattr_cmdtype_set(attr, APR_PROGRAM_ENV);
    apr_procattr_error_check_set(attr, 1);
    return apr_proc_create(proc, argv[0], argv, NULL, attr, p) == APR_SUCCESS ? proc->out : NULL;
}

static int hex_digit(char c)
{
    return c >= 'a' ? c - 'a' + 10 : c - '0';
}

static const char *hex_word(apr_pool_t *p, char **line)
{
    const char *hex = *line;
    size_t n = strcspn(hex, " \n");
    char *out = apr_pcalloc(p, n / 2 + 1);

    *line += n + (hex[n] != '\0');
    for (size_t i = 0; i + 1 < n; i += 2) {
        out[i / 2] = (char)(hex_digit(hex[i]) * 16 + hex_digit(hex[i + 1]));
    }
    return out;
}

static void put(rg_buf_t *b, const char *word, const char *text, bool *first)
{
    rg_buf_printf(b, "%s%s%s", *first ? "" : " ", word, text);
    *first = false;
}

static const char *verdict(apr_pool_t *p, const rg_questionnaire_t *q, const rg_quest_filled_t *f)
{
    rg_buf_t *b = rg_buf_make(p, 65536);
    bool first = true;

    rg_buf_puts(b, "asked ");
    for (int i = 0; i < q->item_count; i++) {
        if (f->answers[i].enabled) {
            put(b, q->items[i].link, "", &first);
        }
    }
    rg_buf_puts(b, "; wrong ");
    first = true;
    for (int i = 0; i < q->item_count; i++) {
        if (f->answers[i].wrong) {
            put(b, q->items[i].link, "", &first);
        }
    }
    rg_buf_puts(b, "; scores ");
    first = true;
    for (int i = 0; i < q->score_count; i++) {
        put(b, apr_pstrcat(p, q->scores[i].code, "=", NULL),
            f->scores[i].any ? rg_quest_number(p, f->scores[i].value) : "-", &first);
    }
    rg_buf_puts(b, "; rules ");
    first = true;
    for (int i = 0; i < f->match_count; i++) {
        put(b, apr_itoa(p, f->matches[i] + 1), "", &first);
    }
    rg_buf_printf(b, "; result %s", rg_quest_result_name(f->result));
    return b->data;
}

/* What is stored of right answers, read again: the same questions, values, scores and rules. */
static void check_kept(apr_pool_t *p, const rg_questionnaire_t *q, const rg_quest_filled_t *f,
                       const char *said)
{
    const char *kept = rg_quest_keep(p, q, f);
    rg_problems_t *problems = rg_problems_make(p);

    assert_non_null(kept);
    rg_quest_filled_t *again =
        rg_quest_fill(p, q, rg_quest_kept(p, q, kept), 0, q->item_count, problems);
    for (int i = 0; i < q->item_count; i++) {
        if (f->answers[i].wrong) {
            return; /* it is refused, and never stored */
        }
    }
    assert_string_equal(verdict(p, q, again), said);
    assert_string_equal(rg_quest_keep(p, q, again), kept);
    assert_false(rg_problems_any(problems));
}

static void check_case(apr_pool_t *p, char *line)
{
    const char *file = hex_word(p, &line);
    const char *typed = hex_word(p, &line);
    const char *want = hex_word(p, &line);
    rg_problems_t *problems = rg_problems_make(p);
    rg_questionnaire_t *q = NULL;

    if (rg_quest_read(&q, p, file, strlen(file), problems) != RG_OK) {
        fail_msg("refused: %s: %s", rg_problem_first(problems), file);
    }
    rg_quest_filled_t *f =
        rg_quest_fill(p, q, rg_quest_kept(p, q, typed), 0, q->item_count, problems);
    const char *got = verdict(p, q, f);
    if (strcmp(got, want) != 0) {
        fail_msg("%s\nbut: %s\nof %s\nwith %s", got, want, file, typed);
    }
    for (int i = 0; i < q->item_count; i++) {
        const char *field = apr_pstrcat(p, "q.", q->items[i].link, NULL);
        assert_int_equal(rg_problem_for(problems, field) != NULL, f->answers[i].wrong);
    }
    check_kept(p, q, f, got);
}

static void test_quest_twin(void **state)
{
    apr_proc_t proc;
    apr_file_t *out = start_quest_twin(&proc, *state);
    apr_pool_t *scratch = NULL;
    char *line = apr_palloc(*state, LINE_MOST);
    int checked = 0;

    if (!out) {
        print_message("skipped: no Python to compare with\n");
        skip();
    }
    apr_pool_create(&scratch, *state);
    while (apr_file_gets(line, LINE_MOST, out) == APR_SUCCESS) {
        check_case(scratch, line);
        apr_pool_clear(scratch);
        checked++;
    }
    apr_file_close(out);
    int code = -1;
    apr_exit_why_e why;
    apr_proc_wait(&proc, &code, &why, APR_WAIT);
    assert_int_equal(code, 0);
    assert_int_equal(checked, FORMS * 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {pool_test(test_quest_twin)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
