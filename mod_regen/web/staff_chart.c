/* SPDX-License-Identifier: Apache-2.0 */
/* What staff look at: the board of a day, the chart of a booking, the label of a unit. Rows in
 * route.c. */
#include "messages.h"

int regen_h_board(regen_req_t *q)
{
    const char *day = regen_param(q, "date");
    rg_date_t date = {0, 0, 0};
    rg_board_t *board = NULL;
    rg_outcome_t rc;

    if (day != NULL && *day != '\0' && !rg_date_parse(&date, day)) {
        return regen_fail(q, RG_NOT_FOUND);
    }
    rc = rg_day_board(&board, q->ctx, regen_param(q, "site"), date);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    return regen_page(q, RG_OK, "staff_board", rg_view_board(q->ctx->pool, board));
}

int regen_chart_show(regen_req_t *q, rg_outcome_t outcome)
{
    rg_chart_t *chart = NULL;
    rg_outcome_t rc = rg_day_chart(&chart, q->ctx, q->args[0]);
    rg_val_t *view;

    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    view = rg_view_chart(q->ctx->pool, chart, q->ctx->who.roles, q->form);
    rc = regen_messages_put(view, q, chart->booking->id);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    return regen_page(q, outcome, "staff_chart", view);
}

int regen_h_chart(regen_req_t *q)
{
    return regen_chart_show(q, RG_OK);
}

int regen_h_unit_label(regen_req_t *q)
{
    rg_chart_t *chart = NULL;
    rg_outcome_t rc = rg_day_unit(&chart, q->ctx, q->args[0]);

    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    return regen_page(q, RG_OK, "staff_label", rg_view_unit_label(q->ctx->pool, chart));
}
