/* SPDX-License-Identifier: Apache-2.0 */
/* A Claim that somebody else wrote, as the value that the scrubber judges. Pure and without httpd:
 * unit tests include this file directly. */
#include "check.h"
#include "regen/core/money.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/money.h"
#include "regen/model/unit.h"

#include <apr_strings.h>
#include <string.h>

#define HCPCS       "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
#define CPT         "http://www.ama-assn.org/go/cpt"
#define ICD10CM     "http://hl7.org/fhir/sid/icd-10-cm"
#define CLAIM_TYPE  "http://terminology.hl7.org/CodeSystem/claim-type"
#define MILLION     INT64_C(1000000) /* six decimals of an amount */
#define FACTOR_MOST (1000 * MILLION)
enum { DIGITS_MOST = 11, DECIMALS_MOST = 6, CODE_MOST = 16 };

typedef struct {
    apr_pool_t *p;
    rg_problems_t *problems;
} reading_t;

static int count_of(const regen_node_t *claim, const char *name)
{
    int n = 0;
    for (const regen_node_t *e = regen_node_child(claim, name); e; e = regen_node_again(e)) {
        n++;
    }
    return n;
}

/* --- amounts ---------------------------------------------------------------------------------- */

static int64_t digits_of(const char *s, size_t have, size_t want)
{
    int64_t n = 0;
    for (size_t i = 0; i < want; i++) {
        n = n * 10 + (i < have ? s[i] - '0' : 0);
    }
    return n;
}

/* In millionths; false for what is too long or no plain decimal. */
static bool decimal(int64_t *out, const char *s)
{
    bool minus = *s == '-';
    s += minus ? 1 : 0;
    size_t whole = strspn(s, "0123456789");
    const char *rest = s + whole + (s[whole] == '.' ? 1 : 0);
    size_t parts = s[whole] == '.' ? strspn(rest, "0123456789") : 0;
    if (whole == 0 || whole > DIGITS_MOST || parts > DECIMALS_MOST || rest[parts] != '\0') {
        return false;
    }
    int64_t n = digits_of(s, whole, whole) * MILLION + digits_of(rest, parts, DECIMALS_MOST);
    *out = minus ? -n : n;
    return true;
}

/* The amount at PATH of E, which is there and readable; else *OUT stays as it is. */
static bool amount_at(int64_t *out, const reading_t *r, const regen_node_t *e, const char *path,
                      const char *where)
{
    const char *text = regen_node_text(e, path);
    if (!text || decimal(out, text)) {
        return text != NULL;
    }
    rg_problem_add(r->problems, where,
                   "This amount cannot be read: at most 11 digits and 6 decimals.");
    return false;
}

static void read_currency(rg_money_t *out, const regen_node_t *e, const char *path)
{
    const char *code = regen_node_text(e, path);
    if (code && strlen(code) < sizeof(out->currency)) {
        memcpy(out->currency, code, strlen(code) + 1);
    }
}

static void read_amounts(rg_claim_line_t *out, const reading_t *r, const regen_node_t *item, int i)
{
    rg_claim_exact_t *x = apr_pcalloc(r->p, sizeof(*x));
    const char *at = apr_psprintf(r->p, "Claim.item[%d].", i);
    *x = (rg_claim_exact_t){.quantity = MILLION, .factor = MILLION};
    x->has_net = amount_at(&x->net, r, item, "net/value", apr_pstrcat(r->p, at, "net", NULL));
    x->has_price =
        amount_at(&x->price, r, item, "unitPrice/value", apr_pstrcat(r->p, at, "unitPrice", NULL));
    bool has_quantity =
        amount_at(&x->quantity, r, item, "quantity/value", apr_pstrcat(r->p, at, "quantity", NULL));
    bool has_factor =
        amount_at(&x->factor, r, item, "factor", apr_pstrcat(r->p, at, "factor", NULL));
    bool unread = (!has_quantity && regen_node_text(item, "quantity/value")) ||
                  (!has_factor && regen_node_text(item, "factor"));
    bool wild = x->factor > FACTOR_MOST || x->factor < -FACTOR_MOST;
    x->has_price = x->has_price && !unread && !wild;
    read_currency(&out->net, item, "net/currency");
    read_currency(&out->unit, item, "unitPrice/currency");
    out->exact = x;
}

/* --- codes and dates -------------------------------------------------------------------------- */

/* Short enough to be said again, and cut between characters. */
static const char *brief(apr_pool_t *p, const char *code)
{
    size_t n = strlen(code);
    if (n <= CODE_MOST) {
        return code;
    }
    n = CODE_MOST;
    while (n > 0 && ((unsigned char)code[n] & 0xc0) == 0x80) {
        n--;
    }
    return apr_pstrcat(p, apr_pstrmemdup(p, code, n), "...", NULL);
}

/* The code of SYSTEM in a CodeableConcept; NULL: there is none. */
static const char *code_in(apr_pool_t *p, const regen_node_t *concept, const char *system)
{
    const regen_node_t *c = concept ? regen_node_child(concept, "coding") : NULL;
    for (; c; c = regen_node_again(c)) {
        const char *mine = regen_node_text(c, "system");
        const char *code = regen_node_text(c, "code");
        if (mine && code && strcmp(mine, system) == 0) {
            return brief(p, code);
        }
    }
    return NULL;
}

/* The day of a date or a time as it is written; of a month or a year none. */
static rg_date_t day_at(const reading_t *r, const regen_node_t *e, const char *path)
{
    const char *text = regen_node_text(e, path);
    rg_date_t day = {0, 0, 0};
    if (!text || strlen(text) < 10 || !rg_date_parse(&day, apr_pstrmemdup(r->p, text, 10))) {
        return (rg_date_t){0, 0, 0};
    }
    return day;
}

static void read_item_service(rg_claim_line_t *out, const regen_node_t *item)
{
    const regen_node_t *concept = regen_node_child(item, "productOrService");
    const regen_node_t *coding = concept ? regen_node_child(concept, "coding") : NULL;
    const char *system = coding ? regen_node_text(coding, "system") : NULL;
    const char *code = coding ? regen_node_text(coding, "code") : NULL;
    out->code_system = system ? system : "";
    out->code = code ? code : "";
    out->description = "";
}

static void read_modifiers(rg_claim_line_t *out, const reading_t *r, const regen_node_t *item)
{
    int n = 0;
    const regen_node_t *e = regen_node_child(item, "modifier");
    for (; e && n < 4; e = regen_node_again(e)) {
        const char *code = code_in(r->p, e, HCPCS);
        code = code ? code : code_in(r->p, e, CPT);
        if (code) {
            out->modifiers[n++] = code;
        }
    }
}

/* --- the claim -------------------------------------------------------------------------------- */

static void read_items(rg_claim_t *out, const reading_t *r, const regen_node_t *claim)
{
    int i = 0;
    const regen_node_t *e = regen_node_child(claim, "item");
    out->line_count = count_of(claim, "item");
    out->lines = apr_pcalloc(r->p, sizeof(*out->lines) * (size_t)(out->line_count + 1));
    for (; e; e = regen_node_again(e), i++) {
        rg_claim_line_t *l = &out->lines[i];
        l->sequence = i + 1;
        l->service_date = day_at(r, e, "servicedDate");
        if (l->service_date.year == 0) {
            l->service_date = day_at(r, e, "servicedPeriod/start");
        }
        read_item_service(l, e);
        read_modifiers(l, r, e);
        read_amounts(l, r, e, i);
    }
}

static void read_diagnoses(rg_claim_t *out, const reading_t *r, const regen_node_t *claim)
{
    int i = 0;
    const regen_node_t *e = regen_node_child(claim, "diagnosis");
    out->diagnosis_count = count_of(claim, "diagnosis");
    out->diagnoses =
        apr_pcalloc(r->p, sizeof(*out->diagnoses) * (size_t)(out->diagnosis_count + 1));
    for (; e; e = regen_node_again(e), i++) {
        const char *code = code_in(r->p, regen_node_child(e, "diagnosisCodeableConcept"), ICD10CM);
        out->diagnoses[i] = (rg_diagnosis_t){.code = code ? code : "",
                                             .title = "",
                                             .body_site = "",
                                             .side = RG_SIDE_NONE,
                                             .billable = true};
    }
}

/* The patient is read where the claim carries it. */
static void read_claim_patient(rg_claim_t *out, const reading_t *r, const regen_node_t *claim)
{
    const char *to = regen_node_text(claim, "patient/reference");
    const regen_node_t *e = regen_node_child(claim, "contained");
    for (; to && to[0] == '#' && e; e = regen_node_again(e)) {
        const char *id = regen_node_text(e, "id");
        if (id && strcmp(id, to + 1) == 0) {
            out->patient.birth_date = day_at(r, e, "birthDate");
            return;
        }
    }
}

static void read_period(rg_claim_t *out, const reading_t *r, const regen_node_t *claim)
{
    rg_date_t from = day_at(r, claim, "billablePeriod/start");
    rg_date_t to = day_at(r, claim, "billablePeriod/end");
    if (from.year != 0 && to.year != 0) {
        out->service_from = from;
        out->service_to = to;
    }
}

void regen_claim_read(rg_claim_t *out, bool *professional, const regen_node_t *claim, apr_pool_t *p,
                      rg_problems_t *problems)
{
    const reading_t r = {p, problems};
    int64_t *total = apr_pcalloc(p, sizeof(*total));
    const char *type = code_in(p, regen_node_child(claim, "type"), CLAIM_TYPE);
    *out = (rg_claim_t){.body_site = "", .side = RG_SIDE_NONE};
    *professional = type && strcmp(type, "professional") == 0;
    read_claim_patient(out, &r, claim);
    read_period(out, &r, claim);
    read_diagnoses(out, &r, claim);
    read_items(out, &r, claim);
    read_currency(&out->total, claim, "total/currency");
    if (amount_at(total, &r, claim, "total/value", "Claim.total")) {
        out->exact_total = total;
    }
}
