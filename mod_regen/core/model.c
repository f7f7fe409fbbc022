/* SPDX-License-Identifier: Apache-2.0 */
/* The words of enums shared by store and clinic, and back: the lists are in the model's headers. */
#include "regen/core/words.h"
#include "regen/model/backlog.h"
#include "regen/model/booking.h"
#include "regen/model/consent.h"
#include "regen/model/definition.h"
#include "regen/model/fees.h"
#include "regen/model/followup.h"
#include "regen/model/money.h"
#include "regen/model/order.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/time_out.h"
#include "regen/model/unit.h"
#include "regen/model/visit.h"
#include "regen/model/waitlist.h"

RG_WORDS_MADE(rg_backlog_kind, RG_BACKLOGS);
RG_WORDS_MADE(rg_side, RG_SIDES);
RG_WORDS_MADE(rg_label_size, RG_LABEL_SIZES);
RG_WORDS_MADE(rg_label_code, RG_LABEL_CODES);
RG_WORDS_MADE(rg_sign_method, RG_SIGN_METHODS);
RG_WORDS_MADE(rg_signer, RG_SIGNERS);
RG_WORDS_MADE(rg_channel, RG_CHANNELS);
RG_WORDS_MADE(rg_booking_status, RG_BOOKING_STATUSES);
RG_WORDS_MADE(rg_conflict_kind, RG_CONFLICT_KINDS);
RG_WORDS_MADE(rg_rule, RG_RULES);
RG_WORDS_MADE(rg_step_kind, RG_STEP_KINDS);
RG_WORDS_MADE(rg_visit_status, RG_VISIT_STATUSES);
RG_WORDS_MADE(rg_resource_kind, RG_RESOURCE_KINDS);
RG_WORDS_MADE(rg_closure_kind, RG_CLOSURE_KINDS);
RG_WORDS_MADE(rg_message_kind, RG_MESSAGE_KINDS);
RG_WORDS_MADE(rg_outbox_status, RG_OUTBOX_STATUSES);
RG_WORDS_MADE(rg_try, RG_TRIES);
RG_WORDS_MADE(rg_link, RG_LINK_PURPOSES);
RG_WORDS_MADE(rg_recall_status, RG_RECALL_STATUSES);
RG_WORDS_MADE(rg_attempt, RG_ATTEMPTS);
RG_WORDS_MADE(rg_recalls_view, RG_RECALLS_VIEWS);
RG_WORDS_MADE(rg_waiter_status, RG_WAITER_STATUSES);
RG_WORDS_MADE(rg_queue, RG_QUEUES);
RG_WORDS_MADE(rg_material, RG_MATERIALS);
RG_WORDS_MADE(rg_method, RG_METHODS);
RG_WORDS_MADE(rg_additives, RG_ADDITIVES);
RG_WORDS_MADE(rg_source, RG_SOURCES);
RG_WORDS_MADE(rg_payer_kind, RG_PAYER_KINDS);
RG_WORDS_MADE(rg_bilateral, RG_BILATERALS);
RG_WORDS_MADE(rg_fee_applies, RG_FEE_APPLIES);
RG_WORDS_MADE(rg_regulatory_path, RG_REGULATORY_PATHS);
RG_WORDS_MADE(rg_booked_by, RG_BOOKED_BYS);
RG_WORDS_MADE(rg_too_late, RG_TOO_LATES);
RG_WORDS_MADE(rg_screen_check, RG_SCREEN_CHECKS);
RG_WORDS_MADE(rg_recall_kind, RG_RECALL_KINDS);
RG_WORDS_MADE(rg_recall_why, RG_RECALL_WHYS);
RG_WORDS_MADE(rg_waiter_why, RG_WAITER_WHYS);
RG_WORDS_MADE(rg_taken_from, RG_TAKEN_FROMS);
RG_WORDS_MADE(rg_unit_end, RG_UNIT_ENDS);
RG_WORDS_MADE(rg_event, RG_EVENTS);
RG_WORDS_MADE(rg_ending, RG_ENDINGS);
RG_WORDS_MADE(rg_correct, RG_CORRECTIONS);
RG_WORDS_MADE(rg_said, RG_TIME_OUT_ITEMS);
RG_WORDS_MADE(rg_decide, RG_DECISIONS);
RG_WORDS_MADE(rg_part, RG_DAY_HALVES);
RG_WORDS_MADE(rg_change_why, RG_CHANGE_WHYS);
RG_WORDS_MADE(rg_pay, RG_PAYS);
RG_WORDS_MADE(rg_gender, RG_GENDERS);
RG_WORDS_MADE(rg_relationship, RG_RELATIONSHIPS);
RG_WORDS_MADE(rg_severity, RG_SEVERITIES);
RG_WORDS_MADE(rg_order_state, RG_ORDER_STATES);

int rg_day_part(int minute)
{
    static const int ends[RG_DAY_PARTS - 1] = {600, 720, 900};
    int part = 0;
    while (part < RG_DAY_PARTS - 1 && minute >= ends[part]) {
        part++;
    }
    return part;
}

bool rg_taken_from_fits(rg_taken_from_t from, const char *material)
{
    switch (rg_material_parse(material)) {
    case RG_MATERIAL_BONE_MARROW:
        return from >= RG_TAKEN_LEFT_POSTERIOR && from <= RG_TAKEN_RIGHT_TIBIA;
    case RG_MATERIAL_BLOOD: return from >= RG_TAKEN_LEFT_ARM && from <= RG_TAKEN_OTHER_VEIN;
    case RG_MATERIAL_ADIPOSE: return from >= RG_TAKEN_ABDOMEN && from <= RG_TAKEN_BOTH_THIGHS;
    default: return false;
    }
}

rg_unit_count_t rg_unit_count(const rg_unit_t *units, int count)
{
    rg_unit_count_t n = {.made = count};

    for (int i = 0; i < count; i++) {
        bool open = units[i].ended_at == 0;

        n.raw += open && units[i].processed_at == 0 ? 1 : 0;
        n.ready += open && units[i].processed_at != 0 ? 1 : 0;
    }
    return n;
}
