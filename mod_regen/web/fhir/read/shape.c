/* SPDX-License-Identifier: Apache-2.0 */
/* The accepted parts of R4 as tables, and one walk that checks a tree against them. Typos and
 * modifiers are refused, because the sender believes that they were understood. Pure: unit tests
 * include this file directly. */
#include "shape.h"
#include "primitive.h"
#include "regen/core/outcome.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

enum { PROBLEMS_MOST = 20 };

/* --- the tables ------------------------------------------------------------------------------- */

enum { ONE = 0, MANY = 1, UNKEPT = 2 }; /* UNKEPT: known, and not stored here */

/* TYPE: a primitive's (primitive.h), another table's name, "Resource", "[x]" for a choice
 * whose type is part of the element's name, or "*" for what nobody here reads. CODES: what the
 * value (or the resource's type, or the type of a choice) may be, between blanks; NULL:
 * anything. */
typedef struct {
    const char *name, *type;
    unsigned flags;
    const char *codes;
} element_t;

typedef struct {
    const char *name;
    const element_t *elements; /* beside id and extension; ends with a NULL name */
    bool resource;             /* has meta, language and text, too */
} shape_t;

#define END                                                                                        \
    {                                                                                              \
        NULL, NULL, 0, NULL                                                                        \
    }

/* What value[x] may be in R4. */
#define ANY_TYPE                                                                                   \
    " Base64Binary Boolean Canonical Code Date DateTime Decimal Id Instant Integer Markdown Oid "  \
    "PositiveInt String Time UnsignedInt Uri Url Uuid Address Age Annotation Attachment "          \
    "CodeableConcept Coding ContactPoint Count Distance Duration HumanName Identifier Money "      \
    "Period Quantity Range Ratio Reference SampledData Signature Timing ContactDetail "            \
    "Contributor DataRequirement Expression ParameterDefinition RelatedArtifact "                  \
    "TriggerDefinition UsageContext Dosage Meta "

static const element_t id_of_resource = {"id", "id", ONE, NULL};
static const element_t id_of_element = {"id", "string", ONE, NULL};
static const element_t of_resource[] = {
    {"meta", "*", ONE, NULL}, {"language", "code", ONE, NULL}, {"text", "*", ONE, NULL}, END};
static const element_t of_patient[] = {
    {"contained", "*", MANY | UNKEPT, NULL},
    {"identifier", "Identifier", MANY | UNKEPT, NULL},
    {"active", "boolean", ONE, NULL},
    {"name", "HumanName", MANY, NULL},
    {"telecom", "ContactPoint", MANY, NULL},
    {"gender", "code", ONE, " male female other unknown "},
    {"birthDate", "date", ONE, NULL},
    {"deceased", "[x]", ONE, " Boolean DateTime "},
    {"address", "Address", MANY, NULL},
    {"maritalStatus", "CodeableConcept", ONE | UNKEPT, NULL},
    {"multipleBirth", "[x]", ONE | UNKEPT, " Boolean Integer "},
    {"photo", "*", MANY | UNKEPT, NULL},
    {"contact", "PatientContact", MANY | UNKEPT, NULL},
    {"communication", "PatientCommunication", MANY | UNKEPT, NULL},
    {"generalPractitioner", "Reference", MANY | UNKEPT, NULL},
    {"managingOrganization", "Reference", ONE | UNKEPT, NULL},
    {"link", "PatientLink", MANY, NULL},
    END};
static const element_t of_contact[] = {{"relationship", "CodeableConcept", MANY, NULL},
                                       {"name", "HumanName", ONE, NULL},
                                       {"telecom", "ContactPoint", MANY, NULL},
                                       {"address", "Address", ONE, NULL},
                                       {"gender", "code", ONE, " male female other unknown "},
                                       {"organization", "Reference", ONE, NULL},
                                       {"period", "Period", ONE, NULL},
                                       END};
static const element_t of_communication[] = {
    {"language", "CodeableConcept", ONE, NULL}, {"preferred", "boolean", ONE, NULL}, END};
static const element_t of_link[] = {{"other", "Reference", ONE, NULL},
                                    {"type", "code", ONE, " replaced-by replaces refer seealso "},
                                    END};
static const element_t of_appointment[] = {
    {"contained", "Resource", MANY, " Patient "},
    {"identifier", "Identifier", MANY, NULL},
    {"status", "code", ONE,
     " proposed pending booked arrived fulfilled cancelled noshow entered-in-error checked-in "
     "waitlist "},
    {"cancelationReason", "CodeableConcept", ONE, NULL},
    {"serviceCategory", "CodeableConcept", MANY, NULL},
    {"serviceType", "CodeableConcept", MANY, NULL},
    {"specialty", "CodeableConcept", MANY, NULL},
    {"appointmentType", "CodeableConcept", ONE, NULL},
    {"reasonCode", "CodeableConcept", MANY, NULL},
    {"reasonReference", "Reference", MANY, NULL},
    {"priority", "unsignedInt", ONE, NULL},
    {"description", "string", ONE, NULL},
    {"supportingInformation", "Reference", MANY, NULL},
    {"start", "instant", ONE, NULL},
    {"end", "instant", ONE, NULL},
    {"minutesDuration", "positiveInt", ONE, NULL},
    {"slot", "Reference", MANY, NULL},
    {"created", "dateTime", ONE, NULL},
    {"comment", "string", ONE, NULL},
    {"patientInstruction", "string", ONE, NULL},
    {"basedOn", "Reference", MANY, NULL},
    {"participant", "AppointmentParticipant", MANY, NULL},
    {"requestedPeriod", "Period", MANY, NULL},
    END};
static const element_t of_participant[] = {
    {"type", "CodeableConcept", MANY, NULL},
    {"actor", "Reference", ONE, NULL},
    {"required", "code", ONE, " required optional information-only "},
    {"status", "code", ONE, " accepted declined tentative needs-action "},
    {"period", "Period", ONE, NULL},
    END};
static const element_t of_parameters[] = {{"parameter", "Parameter", MANY, NULL}, END};
static const element_t of_parameter[] = {{"name", "string", ONE, NULL},
                                         {"value", "[x]", ONE, ANY_TYPE},
                                         {"resource", "Resource", ONE, " Patient Appointment "},
                                         END};
static const element_t of_name[] = {
    {"use", "code", ONE, " usual official temp nickname anonymous old maiden "},
    {"text", "string", ONE, NULL},
    {"family", "string", ONE, NULL},
    {"given", "string", MANY, NULL},
    {"prefix", "string", MANY | UNKEPT, NULL},
    {"suffix", "string", MANY | UNKEPT, NULL},
    {"period", "Period", ONE, NULL},
    END};
static const element_t of_point[] = {
    {"system", "code", ONE, " phone fax email pager url sms other "},
    {"value", "string", ONE, NULL},
    {"use", "code", ONE, " home work temp old mobile "},
    {"rank", "positiveInt", ONE, NULL},
    {"period", "Period", ONE, NULL},
    END};
static const element_t of_address[] = {{"use", "code", ONE, " home work temp old billing "},
                                       {"type", "code", ONE, " postal physical both "},
                                       {"text", "string", ONE, NULL},
                                       {"line", "string", MANY, NULL},
                                       {"city", "string", ONE, NULL},
                                       {"district", "string", ONE | UNKEPT, NULL},
                                       {"state", "string", ONE, NULL},
                                       {"postalCode", "string", ONE, NULL},
                                       {"country", "string", ONE, NULL},
                                       {"period", "Period", ONE, NULL},
                                       END};
static const element_t of_identifier[] = {
    {"use", "code", ONE, " usual official temp secondary old "},
    {"type", "CodeableConcept", ONE, NULL},
    {"system", "uri", ONE, NULL},
    {"value", "string", ONE, NULL},
    {"period", "Period", ONE, NULL},
    {"assigner", "Reference", ONE, NULL},
    END};
static const element_t of_concept[] = {
    {"coding", "Coding", MANY, NULL}, {"text", "string", ONE, NULL}, END};
static const element_t of_coding[] = {{"system", "uri", ONE, NULL},
                                      {"version", "string", ONE, NULL},
                                      {"code", "code", ONE, NULL},
                                      {"display", "string", ONE, NULL},
                                      {"userSelected", "boolean", ONE, NULL},
                                      END};
static const element_t of_reference[] = {{"reference", "string", ONE, NULL},
                                         {"type", "uri", ONE, NULL},
                                         {"identifier", "Identifier", ONE, NULL},
                                         {"display", "string", ONE, NULL},
                                         END};
static const element_t of_period[] = {
    {"start", "dateTime", ONE, NULL}, {"end", "dateTime", ONE, NULL}, END};

static const shape_t shapes[] = {{"Patient", of_patient, true},
                                 {"Appointment", of_appointment, true},
                                 {"Parameters", of_parameters, true},
                                 {"PatientContact", of_contact, false},
                                 {"PatientCommunication", of_communication, false},
                                 {"PatientLink", of_link, false},
                                 {"AppointmentParticipant", of_participant, false},
                                 {"Parameter", of_parameter, false},
                                 {"HumanName", of_name, false},
                                 {"ContactPoint", of_point, false},
                                 {"Address", of_address, false},
                                 {"Identifier", of_identifier, false},
                                 {"CodeableConcept", of_concept, false},
                                 {"Coding", of_coding, false},
                                 {"Reference", of_reference, false},
                                 {"Period", of_period, false}};

/* --- looking up ------------------------------------------------------------------------------- */

static const shape_t *shape_named(const char *name)
{
    for (size_t i = 0; name && i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        if (strcmp(shapes[i].name, name) == 0) {
            return &shapes[i];
        }
    }
    return NULL;
}

/* WORD in a list between blanks. */
static bool is_listed(const char *list, const char *word)
{
    size_t n = strlen(word);
    bool fine = list && n > 0 && !strchr(word, ' ');
    const char *at = fine ? strstr(list, word) : NULL;
    for (; at; at = strstr(at + 1, word)) {
        if (at > list && at[-1] == ' ' && at[n] == ' ') {
            return true;
        }
    }
    return false;
}

/* Whether E is what NAME says: "valueCode" is a value[x]. */
static bool is_called(const element_t *e, const char *name)
{
    size_t n = strlen(e->name);
    if (strcmp(e->type, "[x]") != 0) {
        return strcmp(e->name, name) == 0;
    }
    return strncmp(e->name, name, n) == 0 && is_listed(e->codes, name + n);
}

static const element_t *element_in(const element_t *list, const char *name)
{
    for (; list->name; list++) {
        if (is_called(list, name)) {
            return list;
        }
    }
    return NULL;
}

static const element_t *element_of(const shape_t *s, const char *name)
{
    if (strcmp(name, "id") == 0) {
        return s->resource ? &id_of_resource : &id_of_element;
    }
    const element_t *e = s->resource ? element_in(of_resource, name) : NULL;
    return e ? e : element_in(s->elements, name);
}

/* --- the walk --------------------------------------------------------------------------------- */

typedef struct {
    rg_problems_t *problems, *notes;
    apr_pool_t *p;
} walk_t;

static void refuse(const walk_t *k, const char *path, const char *text)
{
    if (k->problems->list->nelts < PROBLEMS_MOST) {
        rg_problem_add(k->problems, path, "%s", text);
    }
}

static void note_path(const walk_t *k, const char *path)
{
    if (k->notes && k->notes->list->nelts < PROBLEMS_MOST) {
        rg_problem_add(k->notes, path, "This is not stored.");
    }
}

static void look_inside(const walk_t *k, const regen_node_t *n, const char *path);
static void hold_against(const walk_t *k, const regen_node_t *n, const shape_t *s,
                         const char *path);

/* A name as part of a path: what no element can be called is not repeated. */
static const char *path_below(const walk_t *k, const char *path, const char *name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789_-#@";
    size_t n = strlen(name);
    bool fine = n > 0 && n <= 64 && strspn(name, letters) == n;
    return apr_pstrcat(k->p, path, ".", fine ? name : "?", NULL);
}

/* True for what changes the meaning of everything around it. */
static bool is_modifier(const char *name)
{
    return strcmp(name, "modifierExtension") == 0 || strcmp(name, "implicitRules") == 0;
}

static void refuse_modifier(const walk_t *k, const char *path)
{
    refuse(k, path,
           "This may change the meaning of the resource, and this server does not understand it.");
}

/* Nobody reads what is in there; only what would change its meaning counts. */
static void look_inside(const walk_t *k, const regen_node_t *n, const char *path)
{
    for (const regen_node_t *c = n->child; c; c = c->next) {
        const char *at = path_below(k, path, c->name);
        if (is_modifier(c->name)) {
            refuse_modifier(k, at);
        }
        else {
            look_inside(k, c, at);
        }
    }
}

static bool code_fits(const char *codes, const char *value)
{
    return !codes || is_listed(codes, value);
}

/* CODES: NULL, or what it may be. */
static void hold_primitive(const walk_t *k, const regen_node_t *n, const char *type,
                           const char *codes, const char *path)
{
    bool only_extended = !n->value && regen_node_child(n, "extension");
    for (const regen_node_t *c = n->child; c; c = c->next) {
        if (strcmp(c->name, "id") != 0 && strcmp(c->name, "extension") != 0) {
            refuse(k, path, "This must be a single value, not an object.");
            return;
        }
    }
    look_inside(k, n, path);
    if (!n->value && !only_extended) {
        refuse(k, path, "This has no value.");
    }
    else if (n->value && !regen_fhir_primitive_fits(type, n->value)) {
        refuse(k, path, apr_pstrcat(k->p, "This must be ", regen_fhir_primitive(type), ".", NULL));
    }
    else if (n->value && !code_fits(codes, n->value)) {
        refuse(k, path, apr_pstrcat(k->p, "This must be one of:", codes, NULL));
    }
}

static void hold_resource(const walk_t *k, const regen_node_t *n, const element_t *e,
                          const char *path)
{
    const shape_t *s = n->type && code_fits(e->codes, n->type) ? shape_named(n->type) : NULL;
    if (!s) {
        refuse(k, path, apr_pstrcat(k->p, "Only these are accepted here:", e->codes, NULL));
        return;
    }
    hold_against(k, n, s, n->type);
}

/* What the element's table says; of "valueDateTime" what its name does: "dateTime". */
static const char *type_of(const walk_t *k, const regen_node_t *n, const element_t *e)
{
    if (strcmp(e->type, "[x]") != 0) {
        return e->type;
    }
    const char *said = n->name + strlen(e->name);
    char *small = apr_pstrdup(k->p, said);
    small[0] = (char)apr_tolower(small[0]);
    return regen_fhir_primitive(small) ? small : said;
}

static void hold_value(const walk_t *k, const regen_node_t *n, const element_t *e, const char *path)
{
    const char *type = type_of(k, n, e);
    const shape_t *s = shape_named(type);
    bool resource = strcmp(type, "Resource") == 0;
    if (n->type && !resource && strcmp(type, "*") != 0) {
        refuse(k, path, "A resource is not accepted here.");
    }
    else if (apr_isupper(type[0]) && n->value) {
        refuse(k, path, "This must be an object, not a single value.");
    }
    else if (resource) {
        hold_resource(k, n, e, path);
    }
    else if (s && !s->resource) {
        hold_against(k, n, s, path);
    }
    else if (apr_islower(type[0])) {
        hold_primitive(k, n, type, type == e->type ? e->codes : NULL, path);
    }
    else {
        look_inside(k, n, path);
    }
}

/* Of a choice every type counts: valueCode beside valueString is a second value. */
static int count_before(const regen_node_t *first, const regen_node_t *n, const element_t *e)
{
    bool choice = strcmp(e->type, "[x]") == 0;
    int count = 0;
    for (; first != n; first = first->next) {
        count += choice ? is_called(e, first->name) : strcmp(first->name, n->name) == 0;
    }
    return count;
}

/* "_birthDate" of JSON carries id and extensions of the primitive beside it. */
static bool is_companion(const walk_t *k, const shape_t *s, const regen_node_t *c)
{
    const element_t *e = c->name[0] == '_' ? element_of(s, c->name + 1) : NULL;
    for (const regen_node_t *in = c->child; e && in; in = in->next) {
        e = strcmp(in->name, "id") == 0 || strcmp(in->name, "extension") == 0 ? e : NULL;
    }
    if (!e || c->value) {
        return false;
    }
    regen_node_t beside = {.name = c->name + 1};
    return regen_fhir_primitive(type_of(k, &beside, e)) != NULL;
}

static void hold_child(const walk_t *k, const regen_node_t *n, const regen_node_t *c,
                       const shape_t *s, const char *path)
{
    const element_t *e = element_of(s, c->name);
    const char *at = path_below(k, path, c->name);
    int before = e ? count_before(n->child, c, e) : 0;
    if (is_modifier(c->name)) {
        refuse_modifier(k, at);
    }
    else if (strcmp(c->name, "extension") == 0 || is_companion(k, s, c)) {
        look_inside(k, c, at);
    }
    else if (!e) {
        refuse(k, at, "R4 has no such element here, or this server does not accept it.");
    }
    else if (before > 0 && (e->flags & MANY) == 0) {
        refuse(k, at, "This may be sent only once.");
    }
    else {
        at = (e->flags & MANY) != 0 ? apr_psprintf(k->p, "%s[%d]", at, before) : at;
        hold_value(k, c, e, at);
        if ((e->flags & UNKEPT) != 0) {
            note_path(k, at);
        }
    }
}

static void hold_against(const walk_t *k, const regen_node_t *n, const shape_t *s, const char *path)
{
    if (!n->child) {
        refuse(k, path, "This is empty.");
    }
    for (const regen_node_t *c = n->child; c && k->problems->list->nelts < PROBLEMS_MOST;
         c = c->next) {
        hold_child(k, n, c, s, path);
    }
}

bool regen_fhir_shape(rg_problems_t *problems, rg_problems_t *notes, apr_pool_t *p,
                      const regen_node_t *resource)
{
    walk_t k = {rg_problems_make(p), notes, p};
    const shape_t *s = shape_named(resource->type);
    if (!s || !s->resource) {
        refuse(&k, resource->type, "A resource of this type is not used here.");
    }
    else {
        hold_against(&k, resource, s, resource->type);
    }
    for (int i = 0; i < k.problems->list->nelts; i++) {
        const rg_problem_t *one = &APR_ARRAY_IDX(k.problems->list, i, rg_problem_t);
        rg_problem_add(problems, one->field, "%s", one->text);
    }
    return k.problems->list->nelts == 0;
}
