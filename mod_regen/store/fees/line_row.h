/* SPDX-License-Identifier: Apache-2.0 */
/* The columns of a line, which fee_line and booking_charge have alike. */
#ifndef RG_STORE_FEES_LINE_ROW_H
#define RG_STORE_FEES_LINE_ROW_H

#include "mod_regen/store/engine/row.h"
#include "regen/model/fees.h"

/* rg_fee_line_t TO, a field of the row, from the table OF ("c."). */
#define RG_FEE_LINE_COLS(FIRST, COL, to, of)                                                       \
    FIRST(INT, to.line_no, of "line_no")                                                           \
    COL(ENUM, to.step_kind, of "step_kind", rg_step_kind_parse)                                    \
    COL(STR, to.code_system, of "code_system")                                                     \
    COL(STR, to.code, of "code")                                                                   \
    COL(STR, to.description, of "description")                                                     \
    COL(STR, to.modifiers, of "modifiers")                                                         \
    COL(INT, to.units, of "units")                                                                 \
    COL(STR, to.applies, of "applies")                                                             \
    COL(MONEY, to.unit, of "unit_minor, " of "currency")                                           \
    COL(BOOL, to.side_modifier, of "side_modifier")                                                \
    COL(BOOL, to.on_claim, of "on_claim")

#endif
