/* SPDX-License-Identifier: Apache-2.0 */
/* Which of a Patient's names, contacts and addresses are valid now. Pure: unit tests include this
 * file directly. */
#include "patient.h"

#include <apr_strings.h>
#include <string.h>

#include "param.h"
#include "regen/clinic/patient.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/patient.h"

typedef struct {
    apr_pool_t *p;
    rg_problems_t *problems;
    apr_time_t now;
} read_t;

/* --- which of several ------------------------------------------------------------------------- */

/* Uses from the best on, "" for none said; what is not in the list does not count: former names,
 * nicknames, pseudonyms. Ends with NULL. */
static const char *const name_uses[] = {"official", "usual", "", "temp", NULL};
static const char *const phone_uses[] = {"mobile", "home", "", "temp", "work", NULL};
static const char *const email_uses[] = {"home", "", "work", "mobile", "temp", NULL};
static const char *const address_uses[] = {"home", "", "temp", "work", "billing", NULL};

static int place_in(const char *const *uses, const char *use)
{
    for (int i = 0; uses[i]; i++) {
        if (strcmp(uses[i], use ? use : "") == 0) {
            return i;
        }
    }
    return -1;
}

/* Years that our calendar does not have are before or after all that it has. */
static bool read_bound(regen_span_t *out, const read_t *k, const char *said)
{
    int64_t year = 0;
    bool four = strspn(said, "0123456789") == 4 && (said[4] == '\0' || said[4] == '-') &&
                rg_text_i64(&year, apr_pstrmemdup(k->p, said, 4), 1, 9999);
    if (four && (year < 1900 || year > 2199)) {
        out->from = year < 1900 ? 0 : INT64_MAX;
        out->until = out->from;
        return true;
    }
    return regen_fhir_instant(out, k->p, said, NULL);
}

/* An end in days, months or years is in it as a whole. */
static bool is_current(const read_t *k, const regen_node_t *n, const char *path)
{
    const char *start = regen_node_text(n, "period/start");
    const char *end = regen_node_text(n, "period/end");
    regen_span_t a = {0, 0};
    regen_span_t b = {0, 0};
    if ((start && !read_bound(&a, k, start)) || (end && !read_bound(&b, k, end))) {
        rg_problem_add(k->problems, apr_pstrcat(k->p, path, ".period", NULL),
                       "A period needs dates like 2026-12-01.");
        return false;
    }
    return (!start || a.from <= k->now) && (!end || k->now < b.until);
}

/* Lower is better; -1: does not count. RANK is 1 for the first; what has none comes last. */
static int64_t worth(const read_t *k, const regen_node_t *n, const char *const *uses,
                     const char *path)
{
    const char *rank = regen_node_text(n, "rank");
    const char *type = regen_node_text(n, "type");
    int64_t place = place_in(uses, regen_node_text(n, "use"));
    int64_t order = INT32_MAX;
    if (place < 0 || !is_current(k, n, path)) {
        return -1;
    }
    if (rank) {
        (void)rg_text_i64(&order, rank + (*rank == '+'), 1, INT32_MAX - 1);
    }
    return (order * 8 + place) * 2 + (type && strcmp(type, "postal") == 0);
}

/* The best of the elements NAME, whose system is SYSTEM (NULL: any); of equals the first. */
static const regen_node_t *best(const read_t *k, const regen_node_t *patient, const char *name,
                                const char *system, const char *const *uses)
{
    const regen_node_t *found = NULL;
    int64_t least = -1;
    int i = 0;
    for (const regen_node_t *c = regen_node_child(patient, name); c; c = regen_node_again(c), i++) {
        const char *said = regen_node_text(c, "system");
        const char *path = apr_psprintf(k->p, "Patient.%s[%d]", name, i);
        bool fits = !system || (said && strcmp(said, system) == 0 && regen_node_text(c, "value"));
        int64_t here = fits ? worth(k, c, uses, path) : -1;
        if (here >= 0 && (!found || here < least)) {
            found = c;
            least = here;
        }
    }
    return found;
}

/* All texts of that name, one after the other. */
static const char *joined(apr_pool_t *p, const regen_node_t *n, const char *name, const char *sep)
{
    const char *all = NULL;
    for (const regen_node_t *c = regen_node_child(n, name); c; c = regen_node_again(c)) {
        if (c->value) {
            all = all ? apr_pstrcat(p, all, sep, c->value, NULL) : c->value;
        }
    }
    return all;
}

/* --- who is not to be booked ------------------------------------------------------------------ */

static void refuse_if(const read_t *k, bool so, const char *path, const char *text)
{
    if (so) {
        rg_problem_add(k->problems, path, "%s", text);
    }
}

static bool says(const regen_node_t *n, const char *path, const char *value)
{
    const char *text = regen_node_text(n, path);
    return text && strcmp(text, value) == 0;
}

static void check_record(const read_t *k, const regen_node_t *patient)
{
    int i = 0;
    refuse_if(k, says(patient, "active", "false"), "Patient.active",
              "This record is no longer in use.");
    refuse_if(k,
              says(patient, "deceasedBoolean", "true") ||
                  regen_node_child(patient, "deceasedDateTime"),
              "Patient.deceased", "This patient is deceased.");
    for (const regen_node_t *c = regen_node_child(patient, "link"); c;
         c = regen_node_again(c), i++) {
        refuse_if(k, says(c, "type", "replaced-by"), apr_psprintf(k->p, "Patient.link[%d]", i),
                  "This record was replaced by another one. Send that one.");
    }
}

/* R4 lets a birthDate be a year or a month; nobody can be told from others by these. */
static const char *birth_date_of(const read_t *k, const regen_node_t *patient)
{
    const char *said = regen_node_text(patient, "birthDate");
    rg_date_t d;
    if (said && strlen(said) < strlen("1970-03-04")) {
        rg_problem_add(k->problems, "Patient.birthDate",
                       "The full date of birth is needed, like 1970-03-04.");
    }
    else if (said && !rg_date_parse(&d, said)) {
        rg_problem_add(k->problems, "Patient.birthDate",
                       "This must be a valid date from 1900-01-01 on.");
    }
    return said;
}

bool regen_patient_read(rg_details_in_t *to, rg_problems_t *problems, apr_pool_t *p,
                        const regen_node_t *patient, apr_time_t now)
{
    read_t k = {p, problems, now};
    int before = problems->list->nelts;
    const regen_node_t *name = best(&k, patient, "name", NULL, name_uses);
    const regen_node_t *address = best(&k, patient, "address", NULL, address_uses);
    const char *gender = regen_node_text(patient, "gender");
    check_record(&k, patient);
    to->family = regen_node_text(name, "family");
    to->given = joined(p, name, "given", " ");
    to->given_lines = joined(p, name, "given", "\n");
    to->birth_date = birth_date_of(&k, patient);
    to->gender = gender ? gender : rg_gender_name(RG_GENDER_UNKNOWN); /* R4: 0..1 */
    to->email = regen_node_text(best(&k, patient, "telecom", "email", email_uses), "value");
    to->phone = regen_node_text(best(&k, patient, "telecom", "phone", phone_uses), "value");
    to->address_line = joined(p, address, "line", ", ");
    to->city = regen_node_text(address, "city");
    to->state = regen_node_text(address, "state");
    to->postal_code = regen_node_text(address, "postalCode");
    to->country = regen_node_text(address, "country");
    return problems->list->nelts == before;
}
