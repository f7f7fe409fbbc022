/* SPDX-License-Identifier: Apache-2.0 */
/* The part of the body and the side, as sent by an API client. Nothing is guessed or chosen here:
 * two values, a code of a foreign system and contradicting text are refused, because a wrong choice
 * would mean treating the wrong place. Pure: unit tests include this file directly. */
#include "place.h"

#include <string.h>
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/model/booking.h"
#include "regen/render/view.h"

#define REASON "Appointment.reasonCode"

static rg_outcome_t refuse_coded_place(const regen_place_in_t *in, const char *where,
                                       const char *text)
{
    rg_problem_add(in->problems, where, "%s", text);
    return RG_INVALID;
}

/* The one code of a Coding or CodeableConcept; SYSTEM NULL: it has none of ours. */
static rg_outcome_t read_coded(const char **code, const regen_place_in_t *in, const char *where,
                               const regen_node_t *v, const char *system)
{
    const regen_node_t *inner = regen_node_child(v, "coding");
    const regen_node_t *coding = inner ? inner : v;
    const char *said = regen_node_text(coding, "system");
    *code = regen_node_text(coding, "code");
    if (inner && regen_node_again(inner)) {
        return refuse_coded_place(in, where,
                                  "Send one coding, because several may contradict each other.");
    }
    if (said && (!system || strcmp(said, system) != 0)) {
        return refuse_coded_place(in, where, "This server does not know this code system.");
    }
    return *code ? RG_OK
                 : refuse_coded_place(
                       in, where,
                       "This server needs a code here, not text alone; send other reasons "
                       "as the comment.");
}

static rg_outcome_t read_parameter(const char **code, const regen_place_in_t *in, const char *name,
                                   const regen_node_t *v, const char *system)
{
    if (v->value) {
        *code = v->value;
        return RG_OK;
    }
    if (strcmp(v->name, "valueCoding") == 0 || strcmp(v->name, "valueCodeableConcept") == 0) {
        return read_coded(code, in, name, v, system);
    }
    return refuse_coded_place(in, name, "Send a code here.");
}

static rg_outcome_t read_reason(regen_place_t *out, const regen_place_in_t *in)
{
    const char *code;
    rg_outcome_t rc = read_coded(&code, in, REASON, out->by_reason, in->system);
    if (rc != RG_OK) {
        return rc;
    }
    if (out->body_site && strcmp(out->body_site, code) != 0) {
        (void)refuse_coded_place(in, "body-site",
                                 "The reasonCode names a different part of the body.");
        return refuse_coded_place(in, REASON,
                                  "The parameter body-site names a different part of the body.");
    }
    out->body_site = code;
    return RG_OK;
}

rg_outcome_t regen_place_read(regen_place_t *out, const regen_place_in_t *in,
                              const regen_args_t *args, const regen_node_t *appointment)
{
    rg_outcome_t rc = RG_OK;
    *out = (regen_place_t){.by_site = regen_args_value(args, "body-site"),
                           .by_side = regen_args_value(args, "side"),
                           .by_reason = regen_node_child(appointment, "reasonCode")};
    if (out->by_site) {
        rc = read_parameter(&out->body_site, in, "body-site", out->by_site, in->system);
    }
    if (rc == RG_OK && out->by_side) {
        rc = read_parameter(&out->side, in, "side", out->by_side, NULL);
    }
    if (rc == RG_OK && out->by_reason && regen_node_again(out->by_reason)) {
        return refuse_coded_place(in, REASON,
                                  "Send one reason, because several may contradict each other.");
    }
    return rc == RG_OK && out->by_reason ? read_reason(out, in) : rc;
}

const char *regen_place_where(const regen_place_t *place)
{
    return place->by_site ? "body-site" : REASON;
}

/* --- words beside codes ----------------------------------------------------------------------- */

static bool is_said(const regen_place_in_t *in, const char *words, const char *by_us)
{
    return strcmp(rg_fold_text(in->p, words), rg_fold_text(in->p, by_us)) == 0;
}

/* What a person would read there, each in N allowed ways. */
static rg_outcome_t check_place_words(const regen_place_in_t *in, const char *where,
                                      const regen_node_t *v, const char *const *allowed)
{
    const char *words[] = {regen_node_text(v, "text"), regen_node_text(v, "display"),
                           regen_node_text(v, "coding/display")};
    bool fine = true;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        bool same = !words[i];
        for (int k = 0; !same && allowed[k]; k++) {
            same = is_said(in, words[i], allowed[k]);
        }
        fine = fine && same;
    }
    return fine ? RG_OK
                : refuse_coded_place(
                      in, where,
                      "The text here does not match the part of the body and the side of "
                      "this booking. Send the code without text.");
}

rg_outcome_t regen_place_words(const regen_place_t *place, const regen_place_in_t *in,
                               const char *body_site, rg_side_t side)
{
    const char *const of_site[] = {rg_view_place(in->p, body_site, side),
                                   rg_view_place(in->p, body_site, RG_SIDE_NONE), body_site, NULL};
    const char *const of_side[] = {rg_side_name(side), NULL};
    rg_outcome_t rc = RG_OK;
    if (place->by_site) {
        rc = check_place_words(in, "body-site", place->by_site, of_site);
    }
    if (rc == RG_OK && place->by_side) {
        rc = check_place_words(in, "side", place->by_side, of_side);
    }
    if (rc == RG_OK && place->by_reason) {
        rc = check_place_words(in, REASON, place->by_reason, of_site);
    }
    return rc;
}
