/* SPDX-License-Identifier: Apache-2.0 */
/* Targets of a booking as one text and back. Pure. */
#include "regen/model/booking.h"

#include <string.h>

#include <apr_strings.h>

/* "knee right"; a word that is not a side is none. */
static rg_target_t take_target(char *text)
{
    char *side = strchr(text, ' ');
    if (side) {
        *side++ = '\0';
    }
    int found = side ? rg_side_parse(side) : -1;
    return (rg_target_t){text, found < 0 ? RG_SIDE_NONE : (rg_side_t)found};
}

rg_targets_t rg_targets_of(apr_pool_t *p, const char *body_site, rg_side_t side,
                           const char *further)
{
    rg_targets_t t = {1, {{body_site ? body_site : "", side}}};
    char *rest = NULL;
    for (char *one = apr_strtok(apr_pstrdup(p, further ? further : ""), ",", &rest);
         one && t.count < RG_TARGETS_MOST; one = apr_strtok(NULL, ",", &rest)) {
        t.at[t.count++] = take_target(one);
    }
    return t;
}

rg_targets_t rg_targets_injected(apr_pool_t *p, const char *body_site, rg_side_t side,
                                 const char *further, unsigned injected)
{
    const rg_targets_t all = rg_targets_of(p, body_site, side, further);
    rg_targets_t out = {0};
    for (int i = 0; i < all.count; i++) {
        if ((injected >> (i + 1)) & 1u) {
            out.at[out.count++] = all.at[i];
        }
    }
    return all.count > 1 && out.count > 0 ? out : all;
}

const char *rg_target_code(apr_pool_t *p, const rg_target_t *t)
{
    return apr_pstrcat(p, t->body_site, " ", rg_side_name(t->side), NULL);
}

const char *rg_targets_further(apr_pool_t *p, const rg_targets_t *t)
{
    const char *text = "";
    for (int i = 1; i < t->count; i++) {
        text = apr_pstrcat(p, text, i > 1 ? "," : "", rg_target_code(p, &t->at[i]), NULL);
    }
    return text;
}

int rg_targets_count(const char *further)
{
    int count = further && *further ? 2 : 1;
    for (const char *c = further; c && (c = strchr(c, ',')); c++) {
        count++;
    }
    return count;
}

bool rg_targets_at(const rg_targets_t *t, const char *body_site)
{
    return rg_targets_on(t, body_site, RG_SIDE_NONE);
}

bool rg_targets_on(const rg_targets_t *t, const char *body_site, rg_side_t side)
{
    for (int i = 0; i < t->count; i++) {
        bool there = *body_site == '\0' || *t->at[i].body_site == '\0' ||
                     strcmp(t->at[i].body_site, body_site) == 0;
        bool same = side == RG_SIDE_NONE || t->at[i].side == RG_SIDE_NONE || t->at[i].side == side;
        if (there && same) {
            return true;
        }
    }
    return false;
}

int rg_target_no(const rg_targets_t *t, const char *body_site, rg_side_t side)
{
    for (int i = 0; i < t->count; i++) {
        if (t->at[i].side == side && strcmp(t->at[i].body_site, body_site) == 0) {
            return i + 1;
        }
    }
    return 0;
}

bool rg_target_has(const rg_target_t *t, const char *body_site, rg_side_t side)
{
    bool there = *body_site == '\0' || strcmp(t->body_site, body_site) == 0;
    bool sided = side == RG_SIDE_LEFT || side == RG_SIDE_RIGHT;
    return there && (!sided || t->side == RG_SIDE_NONE || t->side == side);
}

bool rg_target_read(apr_pool_t *p, rg_target_t *out, const char *code)
{
    char *site = apr_pstrdup(p, code);
    char *word = strchr(site, ' ');
    int side = word ? rg_side_parse(word + 1) : -1;
    if (side < 0 || side == RG_SIDE_BILATERAL || word == site) {
        return false;
    }
    *word = '\0';
    *out = (rg_target_t){site, (rg_side_t)side};
    return true;
}

int rg_target_coded(const rg_targets_t *t, const char *code)
{
    for (int i = 0; i < t->count; i++) {
        size_t n = strlen(t->at[i].body_site);
        if (strncmp(code, t->at[i].body_site, n) == 0 && code[n] == ' ' &&
            strcmp(code + n + 1, rg_side_name(t->at[i].side)) == 0) {
            return i + 1;
        }
    }
    return 0;
}
