/* SPDX-License-Identifier: Apache-2.0 */
/* A Claim's inner agreement: sequences, references and amounts. Pure and without httpd: unit tests
 * take this file as it is. */
#include "fhir_claim_check.h"

#include <apr_strings.h>
#include <string.h>

#define SCALE       INT64_C(1000000) /* six decimals of an amount */
#define HALF_CENT   (SCALE / 200)
#define FACTOR_MOST (1000 * SCALE)
__extension__ typedef __int128 wide_t; /* of a product */
enum { DIGITS_MOST = 11, ITEMS_MOST = 2000 };

typedef struct {
    apr_pool_t *p;
    rg_problems_t *problems;
    const regen_node_t *claim;
} check_t;

static void say(const check_t *c, const char *path, const char *text)
{
    rg_problem_add(c->problems, path, "%s", text);
}

static const char *at(const check_t *c, const char *name, int i, const char *rest)
{
    return apr_psprintf(c->p, "Claim.%s[%d]%s", name, i, rest);
}

/* --- sequences -------------------------------------------------------------------------------- */

/* How many elements NAME have that sequence. */
static int count_of(const check_t *c, const char *name, const char *sequence)
{
    int n = 0;
    const regen_node_t *e = regen_node_child(c->claim, name);
    for (; e != NULL; e = regen_node_again(e)) {
        const char *mine = regen_node_text(e, "sequence");
        n += mine != NULL && strcmp(mine, sequence) == 0;
    }
    return n;
}

static void check_own_sequences(const check_t *c, const char *name)
{
    const regen_node_t *e = regen_node_child(c->claim, name);
    for (int i = 0; e != NULL; e = regen_node_again(e), i++) {
        const char *mine = regen_node_text(e, "sequence");
        if (mine != NULL && count_of(c, name, mine) > 1) {
            say(c, at(c, name, i, ".sequence"), "This sequence is there twice.");
        }
    }
}

/* What an item points at. */
static const struct {
    const char *pointer, *target;
} pointers[] = {{"careTeamSequence", "careTeam"},
                {"diagnosisSequence", "diagnosis"},
                {"procedureSequence", "procedure"},
                {"informationSequence", "supportingInfo"}};

static void check_pointers(const check_t *c, const regen_node_t *item, int i)
{
    for (size_t k = 0; k < sizeof(pointers) / sizeof(pointers[0]); k++) {
        const regen_node_t *e = regen_node_child(item, pointers[k].pointer);
        for (; e != NULL; e = regen_node_again(e)) {
            if (e->value != NULL && count_of(c, pointers[k].target, e->value) == 0) {
                say(c, at(c, "item", i, apr_pstrcat(c->p, ".", pointers[k].pointer, NULL)),
                    apr_psprintf(c->p, "There is no %s of this sequence.", pointers[k].target));
            }
        }
    }
}

/* --- references ------------------------------------------------------------------------------- */

static bool contained(const check_t *c, const char *id)
{
    const regen_node_t *e = regen_node_child(c->claim, "contained");
    for (; e != NULL; e = regen_node_again(e)) {
        const char *mine = regen_node_text(e, "id");
        if (mine != NULL && strcmp(mine, id) == 0) {
            return true;
        }
    }
    return false;
}

static void check_references(const check_t *c, const regen_node_t *n, const char *path)
{
    for (const regen_node_t *e = n->child; e != NULL; e = e->next) {
        const char *here = apr_pstrcat(c->p, path, ".", e->name, NULL);
        bool local = strcmp(e->name, "reference") == 0 && e->value != NULL && e->value[0] == '#';
        if (local && e->value[1] != '\0' && !contained(c, e->value + 1)) {
            say(c, here, "Nothing of this id is contained.");
        }
        check_references(c, e, here);
    }
}

/* --- amounts ---------------------------------------------------------------------------------- */

/* In millionths; false for what is too long or no plain decimal. */
static bool amount(int64_t *out, const char *s)
{
    bool minus = *s == '-';
    int64_t n = 0;
    s += minus ? 1 : 0;
    size_t whole = strspn(s, "0123456789");
    size_t rest = s[whole] == '.' ? strspn(s + whole + 1, "0123456789") : 0;
    size_t len = whole + (s[whole] == '.' ? 1 + rest : 0);
    if (whole == 0 || whole > DIGITS_MOST || rest > 6 || s[len] != '\0') {
        return false;
    }
    for (size_t i = 0; i < whole; i++) {
        n = n * 10 + (s[i] - '0');
    }
    for (size_t i = 0; i < 6; i++) {
        n = n * 10 + (i < rest ? s[whole + 1 + i] - '0' : 0);
    }
    *out = minus ? -n : n;
    return true;
}

/* The amount at PATH of E; OTHERWISE when there is none. */
static bool amount_at(int64_t *out, const check_t *c, const regen_node_t *e, const char *path,
                      int64_t otherwise, const char *where)
{
    const char *text = regen_node_text(e, path);
    *out = otherwise;
    if (text == NULL || amount(out, text)) {
        return true;
    }
    say(c, where, "This amount cannot be read: at most 11 digits and 6 decimals.");
    return false;
}

/* Net is quantity times price times factor, to the half of a cent. */
static void check_net(const check_t *c, const regen_node_t *item, int i)
{
    int64_t net, price, quantity, factor;
    const char *where = at(c, "item", i, ".net");
    if (regen_node_text(item, "net/value") == NULL ||
        regen_node_text(item, "unitPrice/value") == NULL) {
        return;
    }
    if (!amount_at(&factor, c, item, "factor", SCALE, where) || factor > FACTOR_MOST ||
        !amount_at(&net, c, item, "net/value", 0, where) ||
        !amount_at(&price, c, item, "unitPrice/value", 0, where) ||
        !amount_at(&quantity, c, item, "quantity/value", SCALE, where)) {
        return;
    }
    wide_t off = (wide_t)price * quantity / SCALE * factor / SCALE - net;
    if (off > HALF_CENT || off < -HALF_CENT) {
        say(c, where, "The net amount is not the unit price times the quantity.");
    }
}

static bool same_currency(const check_t *c, const regen_node_t *item)
{
    const char *mine = regen_node_text(item, "net/currency");
    const char *total = regen_node_text(c->claim, "total/currency");
    return mine == NULL || total == NULL || strcmp(mine, total) == 0;
}

static void check_total(const check_t *c)
{
    int64_t total, sum = 0;
    bool all = true;
    const regen_node_t *e = regen_node_child(c->claim, "item");
    if (regen_node_text(c->claim, "total/value") == NULL || e == NULL ||
        !amount_at(&total, c, c->claim, "total/value", 0, "Claim.total")) {
        return;
    }
    for (int i = 0; e != NULL; e = regen_node_again(e), i++) {
        int64_t net = 0;
        all = all && regen_node_text(e, "net/value") != NULL &&
              amount_at(&net, c, e, "net/value", 0, at(c, "item", i, ".net"));
        sum += net;
        if (!same_currency(c, e)) {
            say(c, at(c, "item", i, ".net"), "This currency is not the total's.");
        }
    }
    if (all && sum != total) {
        say(c, "Claim.total", "The total is not the sum of the items.");
    }
}

/* --- all -------------------------------------------------------------------------------------- */

void regen_claim_check(const regen_node_t *claim, apr_pool_t *p, rg_problems_t *problems)
{
    check_t c = {p, problems, claim};
    static const char *const numbered[] = {"careTeam",  "diagnosis",      "procedure",
                                           "insurance", "supportingInfo", "item"};
    const regen_node_t *item = regen_node_child(claim, "item");
    int n = 0;
    for (const regen_node_t *e = claim->child; e != NULL; e = e->next) {
        n++;
    }
    if (n > ITEMS_MOST) { /* each is compared with all */
        say(&c, "Claim", "There are more than 2000 elements: this claim was not looked at.");
        return;
    }
    for (size_t i = 0; i < sizeof(numbered) / sizeof(numbered[0]); i++) {
        check_own_sequences(&c, numbered[i]);
    }
    for (int i = 0; item != NULL; item = regen_node_again(item), i++) {
        check_pointers(&c, item, i);
        check_net(&c, item, i);
    }
    check_references(&c, claim, "Claim");
    check_total(&c);
}
