/* SPDX-License-Identifier: Apache-2.0 */
/* A Claim's inner agreement: sequences, references, and the form of identifiers and codes. Pure and
 * without httpd: unit tests include this file directly. */
#include "check.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <string.h>

enum { PATH_MOST = 400 }; /* no path of FHIR's is longer: deeper nothing is looked at */

typedef struct {
    apr_pool_t *p;
    rg_problems_t *problems;
    const regen_node_t *claim;
    apr_hash_t *contained;
} claim_check_t;

static void say_at(const claim_check_t *c, const char *path, const char *text)
{
    rg_problem_add(c->problems, path, "%s", text);
}

static const char *at(const claim_check_t *c, const char *name, int i, const char *rest)
{
    return apr_psprintf(c->p, "Claim.%s[%d]%s", name, i, rest);
}

/* The texts at PATH of each element NAME: which there are, each with where it came first. */
static apr_hash_t *texts_of(const claim_check_t *c, const char *name, const char *path)
{
    apr_hash_t *set = apr_hash_make(c->p);
    const regen_node_t *e = regen_node_child(c->claim, name);
    for (; e; e = regen_node_again(e)) {
        const char *text = regen_node_text(e, path);
        if (text && !apr_hash_get(set, text, APR_HASH_KEY_STRING)) {
            apr_hash_set(set, text, APR_HASH_KEY_STRING, e);
        }
    }
    return set;
}

/* --- sequences -------------------------------------------------------------------------------- */

static void check_own_sequences(const claim_check_t *c, const char *name)
{
    apr_hash_t *first = texts_of(c, name, "sequence");
    const regen_node_t *e = regen_node_child(c->claim, name);
    for (int i = 0; e; e = regen_node_again(e), i++) {
        const char *mine = regen_node_text(e, "sequence");
        if (mine && apr_hash_get(first, mine, APR_HASH_KEY_STRING) != e) {
            say_at(c, at(c, name, i, ".sequence"), "This sequence is used twice.");
        }
    }
}

/* What an item points at. */
static void check_targets(const claim_check_t *c, const char *pointer, const char *target)
{
    apr_hash_t *there = texts_of(c, target, "sequence");
    const regen_node_t *item = regen_node_child(c->claim, "item");
    for (int i = 0; item; item = regen_node_again(item), i++) {
        const regen_node_t *e = regen_node_child(item, pointer);
        for (; e; e = regen_node_again(e)) {
            if (e->value && !apr_hash_get(there, e->value, APR_HASH_KEY_STRING)) {
                say_at(c, at(c, "item", i, apr_pstrcat(c->p, ".", pointer, NULL)),
                       apr_psprintf(c->p, "There is no %s with this sequence.", target));
            }
        }
    }
}

static void check_focal(const claim_check_t *c)
{
    int focal = 0;
    const regen_node_t *first = regen_node_child(c->claim, "insurance");
    for (const regen_node_t *e = first; e; e = regen_node_again(e)) {
        const char *value = regen_node_text(e, "focal");
        focal += value && strcmp(value, "true") == 0;
    }
    if (first && focal != 1) {
        say_at(c, "Claim.insurance",
               "Exactly one insurance must be focal: the one that this claim is for.");
    }
}

/* --- references, identifiers, codes ----------------------------------------------------------- */

/* The rules are those of what is typed here and of what leaves (core/ident.c). */
static const struct {
    const char *system, *element;
    bool (*valid)(const char *s);
    const char *words;
} forms[] = {
    {"http://hl7.org/fhir/sid/us-npi", "value", rg_npi_valid,
     "This NPI has a wrong check digit or length."},
    {"urn:oid:2.16.840.1.113883.4.4", "value", rg_tin_valid,
     "A tax number (EIN) must have 9 digits, without a hyphen."},
    {"http://hl7.org/fhir/sid/us-mbi", "value", rg_mbi_valid,
     "This is not a Medicare number (11 letters and digits)."},
    {"http://nucc.org/provider-taxonomy", "code", rg_taxonomy_valid,
     "A taxonomy code must have 10 characters and end with X."},
    {"https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set", "code",
     rg_place_of_service_valid, "This is not a CMS place of service code."}};

static void check_form(const claim_check_t *c, const regen_node_t *e, const char *path)
{
    const char *system = regen_node_text(e, "system");
    for (size_t i = 0; system && i < sizeof(forms) / sizeof(forms[0]); i++) {
        const char *text = regen_node_text(e, forms[i].element);
        if (strcmp(system, forms[i].system) == 0 && text && !forms[i].valid(text)) {
            say_at(c, apr_pstrcat(c->p, path, ".", forms[i].element, NULL), forms[i].words);
        }
    }
}

static void check_reference(const claim_check_t *c, const regen_node_t *e, const char *path)
{
    bool local = strcmp(e->name, "reference") == 0 && e->value && e->value[0] == '#';
    if (local && e->value[1] != '\0' &&
        !apr_hash_get(c->contained, e->value + 1, APR_HASH_KEY_STRING)) {
        say_at(c, path, "No resource with this id is contained.");
    }
}

/* PATH is written over, and is again as it was afterwards. */
static void check_below(const claim_check_t *c, const regen_node_t *n, char *path)
{
    size_t len = strlen(path);
    for (const regen_node_t *e = n->child; e; e = e->next) {
        size_t more = strlen(e->name);
        if (len + more + 1 < PATH_MOST) {
            path[len] = '.';
            memcpy(path + len + 1, e->name, more + 1);
            check_reference(c, e, path);
            check_form(c, e, path);
            check_below(c, e, path);
        }
    }
    path[len] = '\0';
}

/* --- all -------------------------------------------------------------------------------------- */

void regen_claim_check(const regen_node_t *claim, apr_pool_t *p, rg_problems_t *problems)
{
    static const char *const numbered[] = {"careTeam",  "diagnosis",      "procedure",
                                           "insurance", "supportingInfo", "item"};
    static const char *const pointers[][2] = {{"careTeamSequence", "careTeam"},
                                              {"diagnosisSequence", "diagnosis"},
                                              {"procedureSequence", "procedure"},
                                              {"informationSequence", "supportingInfo"}};
    char path[PATH_MOST] = "Claim";
    claim_check_t c = {p, problems, claim, NULL};
    c.contained = texts_of(&c, "contained", "id");
    for (size_t i = 0; i < sizeof(numbered) / sizeof(numbered[0]); i++) {
        check_own_sequences(&c, numbered[i]);
    }
    for (size_t i = 0; i < sizeof(pointers) / sizeof(pointers[0]); i++) {
        check_targets(&c, pointers[i][0], pointers[i][1]);
    }
    check_focal(&c);
    check_below(&c, claim, path);
}
