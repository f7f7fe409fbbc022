/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of messages: one row for each. A new kind is a word in model/followup.h and in a
 * migration, a row here, and its template; see clinic/followup/README.md. */
#include "regen/core/words.h"
#include "regen/model/followup.h"

#include <stddef.h>

#define NO_LINK (-1)

static const rg_letter_kind_t kinds[] = {
    [RG_MESSAGE_CONFIRMATION] = {.title = "Confirmation",
                                 .template = "mail/confirmation.txt",
                                 .link = RG_LINK_BOOKING,
                                 .calendar = true,
                                 .ahead = true},
    [RG_MESSAGE_CHANGE] = {.title = "New time",
                           .template = "mail/change.txt",
                           .link = RG_LINK_BOOKING,
                           .calendar = true,
                           .ahead = true},
    [RG_MESSAGE_CANCELLATION] = {.title = "Cancellation",
                                 .template = "mail/cancellation.txt",
                                 .link = NO_LINK,
                                 .calendar = true},
    [RG_MESSAGE_WAITLIST_OFFER] = {.title = "Waitlist offer",
                                   .template = "mail/waitlist_offer.txt",
                                   .link = RG_LINK_WAITLIST,
                                   .urgent = true},
    [RG_MESSAGE_RECALL] = {.title = "Recall",
                           .template = "mail/recall.txt",
                           .link = NO_LINK,
                           .stops = true},
    [RG_MESSAGE_FORMS] = {.title = "Forms to sign",
                          .template = "mail/forms.txt",
                          .link = RG_LINK_BOOKING,
                          .ahead = true},
    [RG_MESSAGE_ORDER] = {.title = "Ready to book", .template = "mail/order.txt", .link = NO_LINK},
    [RG_MESSAGE_PREPARE] = {.title = "How to prepare",
                            .template = "mail/prepare.txt",
                            .link = RG_LINK_BOOKING,
                            .ahead = true},
    [RG_MESSAGE_VISIT] = {.title = "Reminder of a visit",
                          .template = "mail/visit.txt",
                          .link = RG_LINK_BOOKING,
                          .ahead = true},
    [RG_MESSAGE_LOST_LINK] = {.title = "Link asked for again",
                              .template = "mail/lost_link.txt",
                              .link = RG_LINK_BOOKING,
                              .urgent = true},
    [RG_MESSAGE_ESTIMATE] = {.title = "Estimate",
                             .template = "mail/estimate.txt",
                             .link = RG_LINK_BOOKING,
                             .ahead = true}};
RG_WORDS_ALL(kinds, RG_MESSAGE_KIND_COUNT);

const rg_letter_kind_t *rg_letter_kind(rg_message_kind_t kind)
{
    return (int)kind >= 0 && (int)kind < RG_MESSAGE_KIND_COUNT ? &kinds[kind] : NULL;
}
