/* SPDX-License-Identifier: Apache-2.0 */
/* Treatments of several targets: which one is meant, that none is injected twice unnoticed, that
 * none is forgotten at the end, and which one it was after all. The triggers of
 * sql/0061_targets.sql and sql/0063_injected_where.sql keep the same rules. */
#include "mod_regen/clinic/visit/visit_int.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/time_out.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

#include <string.h>

#include <apr_strings.h>

#define WHY_MOST 200 /* target_left.reason */

static rg_targets_t targets_of(const rg_ctx_t *ctx, const rg_care_t *care)
{
    return rg_targets_of(ctx->pool, care->body_site, care->side, care->further);
}

const char *rg_day_target_words(const rg_ctx_t *ctx, const rg_target_t *t)
{
    char *words = apr_pstrdup(ctx->pool, t->body_site);

    for (char *c = words; *c != '\0'; c++) {
        *c = *c == '-' ? ' ' : *c;
    }
    return t->side == RG_SIDE_NONE
               ? words
               : apr_pstrcat(ctx->pool, rg_side_name(t->side), " ", words, NULL);
}

/* "left knee and right hip", of those in SET (1u << number). */
static const char *targets_in_words(const rg_ctx_t *ctx, const rg_targets_t *t, unsigned set)
{
    const char *words = "";

    for (int i = 0; i < t->count; i++) {
        if ((set >> (i + 1)) & 1u) {
            bool last = (set >> (i + 2)) == 0;

            words = apr_pstrcat(ctx->pool, words,
                                *words == '\0' ? ""
                                : last         ? " and "
                                               : ", ",
                                rg_day_target_words(ctx, &t->at[i]), NULL);
        }
    }
    return words;
}

static unsigned all_of(const rg_targets_t *t)
{
    return ((1u << t->count) - 1) << 1;
}

rg_outcome_t rg_day_target(const rg_ctx_t *ctx, rg_day_step_t *step, const char *body_site,
                           rg_side_t side)
{
    const rg_targets_t t = targets_of(ctx, &step->care);

    step->target = (rg_target_t){NULL, RG_SIDE_NONE};
    if (t.count == 1) {
        return RG_OK;
    }
    int no = rg_target_no(&t, body_site, side);
    if (no > 0) {
        step->target = t.at[no - 1];
        return RG_OK;
    }
    bool at = *body_site != '\0' && rg_targets_at(&t, body_site);
    return rg_day_refuse(ctx, step, at ? "wrong-side" : "wrong-body-site", RG_PRECONDITION,
                         "target",
                         apr_psprintf(ctx->pool,
                                      "Stop: the %s were booked and consented to. Nothing was "
                                      "recorded.",
                                      targets_in_words(ctx, &t, all_of(&t))));
}

bool rg_day_target_read(const rg_ctx_t *ctx, rg_target_t *out, const char *code,
                        const char *body_site, const char *side)
{
    const char *typed = rg_text_tidy(ctx->pool, code ? code : "");
    int apart = rg_side_parse(side ? side : "");

    *out = (rg_target_t){"", RG_SIDE_NONE};
    if (*typed == '\0') {
        *out =
            (rg_target_t){body_site ? body_site : "", apart < 0 ? RG_SIDE_NONE : (rg_side_t)apart};
        return body_site && apart >= 0 && apart != RG_SIDE_BILATERAL;
    }
    return rg_target_read(ctx->pool, out, typed) &&
           (!body_site || *body_site == '\0' || strcmp(body_site, out->body_site) == 0) &&
           (!side || *side == '\0' || apart == (int)out->side);
}

void rg_day_target_of_stop(const rg_ctx_t *ctx, rg_day_step_t *step, const char *code,
                           const char *body_site, const char *side)
{
    const rg_targets_t t = targets_of(ctx, &step->care);
    rg_target_t named;
    int no = rg_day_target_read(ctx, &named, code, body_site, side)
                 ? rg_target_no(&t, named.body_site, named.side)
                 : 0;

    for (int i = 1; no == 0 && i <= t.count; i++) {
        no = ((step->care.injected >> i) & 1u) == 0 ? i : 0;
    }
    step->target = t.count == 1 ? (rg_target_t){NULL, RG_SIDE_NONE} : t.at[no > 0 ? no - 1 : 0];
}

rg_outcome_t rg_day_target_again(const rg_ctx_t *ctx, rg_day_step_t *step, const char **why)
{
    const rg_care_t *care = &step->care;
    const rg_targets_t t = targets_of(ctx, care);
    int no =
        step->target.body_site ? rg_target_no(&t, step->target.body_site, step->target.side) : 0;
    bool injected = ((care->injected >> no) & 1u) != 0;

    if (no == 0 || (!injected && !((care->left_out >> no) & 1u))) {
        *why = "";
        return RG_OK;
    }
    if (**why != '\0') {
        return RG_OK;
    }
    return rg_day_refuse(
        ctx, step, "target-again", RG_PRECONDITION, "target_why",
        apr_psprintf(ctx->pool,
                     injected ? "Stop: the %s was injected already. Nothing was recorded. If it is "
                                "injected once more, enter why."
                              : "The %s was left, with a reason. Enter why it is injected after "
                                "all.",
                     rg_day_target_words(ctx, &step->target)));
}

rg_outcome_t rg_day_targets_left(rg_db_t *db, const rg_ctx_t *ctx, const rg_day_step_t *step,
                                 const char *why)
{
    const rg_care_t *care = &step->care;
    const rg_targets_t t = targets_of(ctx, care);
    unsigned left = all_of(&t) & ~care->injected & ~care->left_out;
    const char *reason = rg_text_tidy(ctx->pool, why ? why : "");
    rg_outcome_t rc = RG_OK;

    if (t.count == 1 || left == 0 || !rg_day_wants(care->kinds, RG_EVENT_INJECT)) {
        return RG_OK;
    }
    if (*reason == '\0' || rg_text_length(reason) > WHY_MOST) {
        rg_problem_add(ctx->problems, "left_why",
                       "Not injected yet: %s. Inject it first, or enter why it is not, in at most "
                       "%d characters.",
                       targets_in_words(ctx, &t, left), WHY_MOST);
        return RG_PRECONDITION;
    }
    for (int i = 1; rc == RG_OK && i <= t.count; i++) {
        if ((left >> i) & 1u) {
            rc = rg_target_leave(db, ctx, step->booking_id, i, reason, step->at);
        }
    }
    return rc;
}

/* --- recorded at the wrong one ---------------------------------------------------------------- */

typedef struct {
    const rg_care_t *care;
    rg_targets_t t;
    const rg_unit_t *unit;
    int goes;               /* the number of the target that it was */
    const rg_unit_t *other; /* one that is recorded there; NULL: none */
    int others;             /* how many are */
    bool kept;              /* another one is recorded where this one was */
    int said_count;         /* time-outs that count: of the unit and of the one it swaps with */
    const char *said_at;    /* when they were held; NULL: there is none */
} move_t;

static rg_outcome_t refuse_move(const rg_ctx_t *ctx, const char *field, const char *text)
{
    rg_problem_add(ctx->problems, field, "%s", text);
    return RG_PRECONDITION;
}

static const char *moved_words(const rg_ctx_t *ctx, const move_t *m, int no)
{
    return rg_day_target_words(ctx, &m->t.at[no - 1]);
}

static rg_outcome_t find_target(const rg_ctx_t *ctx, move_t *m, const char *code)
{
    m->goes = rg_target_coded(&m->t, rg_text_tidy(ctx->pool, code ? code : ""));
    if (m->t.count == 1 || m->unit->given_no == 0) {
        return refuse_move(ctx, "correct_what",
                           "This treatment has one target: nothing else was agreed to.");
    }
    if (m->goes == 0) {
        return refuse_move(ctx, "correct_target", "Choose the target that was injected.");
    }
    if (m->goes == m->unit->given_no) {
        return refuse_move(ctx, "correct_target", "This is what is recorded already.");
    }
    if ((m->care->left_out >> m->goes) & 1u) {
        return refuse_move(ctx, "correct_target",
                           apr_psprintf(ctx->pool,
                                        "The %s is on record as not injected, with a reason. Take "
                                        "back the completion first.",
                                        moved_words(ctx, m, m->goes)));
    }
    return RG_OK;
}

static rg_outcome_t find_others(rg_db_t *db, const rg_ctx_t *ctx, move_t *m)
{
    int count = 0;
    rg_unit_t *units = NULL;
    rg_outcome_t rc = rg_units_of_booking(db, ctx, m->care->id, &count, &units);

    for (int i = 0; rc == RG_OK && i < count; i++) {
        bool same = units[i].id == m->unit->id;

        if (!same && units[i].given_no == m->goes) {
            m->other = &units[i];
            m->others++;
        }
        m->kept = m->kept || (!same && units[i].given_no == m->unit->given_no);
    }
    return rc;
}

/* Two that change places, or both at one target. */
static rg_outcome_t take_places(const rg_ctx_t *ctx, const move_t *m, const char *also,
                                rg_correction_t *row)
{
    if (!m->other) {
        return RG_OK;
    }
    row->again = strcmp(also, "again") == 0;
    row->with_unit = strcmp(also, "swap") == 0 && m->others == 1 ? m->other->id : 0;
    return row->again || row->with_unit != 0
               ? RG_OK
               : refuse_move(ctx, "correct_also",
                             apr_psprintf(ctx->pool,
                                          "Unit %s is recorded for the %s. Say whether %s.",
                                          m->other->label, moved_words(ctx, m, m->goes),
                                          m->others > 1 ? "all of them were injected there"
                                                        : "the two changed places, or both were "
                                                          "injected there"));
}

const rg_time_out_t *rg_day_said_with(const rg_time_out_t *list, int count, const char *label)
{
    for (int i = count - 1; i >= 0; i--) {
        if (list[i].event == RG_EVENT_INJECT && strcmp(list[i].unit_label, label) == 0) {
            return list[i].taken_back ? NULL : &list[i];
        }
    }
    return NULL;
}

static void note_said_before(const rg_ctx_t *ctx, move_t *m, const rg_time_out_t *list, int count,
                             const char *label)
{
    const rg_time_out_t *t = rg_day_said_with(list, count, label);

    if (t && t->used) {
        const char *at = rg_time_people(ctx->pool, m->care->zone, t->at);

        m->said_at = m->said_at ? apr_pstrcat(ctx->pool, m->said_at, " and ", at, NULL) : at;
        m->said_count++;
    }
}

/* A time-out that counts is of the target that was injected. */
static rg_outcome_t take_time_out(rg_db_t *db, const rg_ctx_t *ctx, move_t *m, bool yes,
                                  rg_correction_t *row)
{
    int count = 0;
    rg_time_out_t *list = NULL;
    rg_outcome_t rc = rg_time_outs_of(db, ctx, m->care->id, &count, &list);

    if (rc != RG_OK) {
        return rc;
    }
    note_said_before(ctx, m, list, count, m->unit->label);
    if (m->other && row->with_unit == m->other->id) {
        note_said_before(ctx, m, list, count, m->other->label);
    }
    row->with_time_out = m->said_at != NULL;
    return yes || !m->said_at
               ? RG_OK
               : refuse_move(ctx, "correct_time_out",
                             apr_psprintf(ctx->pool,
                                          m->said_count > 1
                                              ? "The time-outs of %s are recorded for the wrong "
                                                "targets, too. If both were said for the right "
                                                "ones, check this. If not, take back the one that "
                                                "was not first, and say why."
                                              : "The time-out of %s is recorded for the wrong "
                                                "target, too. If it was said for the right one, "
                                                "check this. If not, take back the time-out first, "
                                                "and say why.",
                                          m->said_at));
}

rg_outcome_t rg_day_target_correct(rg_db_t *db, const rg_ctx_t *ctx, const rg_care_t *care,
                                   const rg_unit_t *u, const rg_correct_in_t *in,
                                   rg_correction_t *row)
{
    move_t m = {.care = care, .t = targets_of(ctx, care), .unit = u};
    rg_outcome_t rc = find_target(ctx, &m, in->target);

    rc = rc == RG_OK ? find_others(db, ctx, &m) : rc;
    rc = rc == RG_OK ? take_places(ctx, &m, in->also ? in->also : "", row) : rc;
    if (rc == RG_OK && care->status == RG_BOOKING_COMPLETED && row->with_unit == 0 && !m.kept) {
        rc = refuse_move(ctx, "correct_target",
                         apr_psprintf(ctx->pool,
                                      "Then the %s was never injected, and nobody said why. Take "
                                      "back the completion first, and say it when you complete "
                                      "the treatment again.",
                                      moved_words(ctx, &m, u->given_no)));
    }
    rc = rc == RG_OK
             ? take_time_out(db, ctx, &m, in->time_out && strcmp(in->time_out, "yes") == 0, row)
             : rc;
    if (rc == RG_OK) {
        row->row_id = u->id;
        row->old_value = rg_target_code(ctx->pool, &m.t.at[u->given_no - 1]);
        row->new_value = rg_target_code(ctx->pool, &m.t.at[m.goes - 1]);
    }
    return rc;
}
