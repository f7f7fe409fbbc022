/* SPDX-License-Identifier: Apache-2.0 */
/* FHIR's two formats read into one tree. Pure and without httpd: unit tests include this file
 * directly. */
#include "in.h"
#include "regen/core/text.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <jansson.h>
#include <libxml/tree.h>
#include <string.h>

#define FHIR_NS   "http://hl7.org/fhir"
#define XHTML_NS  "http://www.w3.org/1999/xhtml"
#define XSI_NS    "http://www.w3.org/2001/XMLSchema-instance"
#define DEPTH_MAX 32

static regen_node_t *make_node(apr_pool_t *p, const char *name)
{
    regen_node_t *n = apr_pcalloc(p, sizeof(*n));
    n->name = apr_pstrdup(p, name);
    return n;
}

/* --- XML -------------------------------------------------------------------------------------- */

static bool is_fhir(const xmlNode *x)
{
    return x->type == XML_ELEMENT_NODE && x->ns && strcmp((const char *)x->ns->href, FHIR_NS) == 0;
}

static const char *attribute_of(apr_pool_t *p, xmlNode *x, const char *name)
{
    xmlChar *value = xmlGetNoNsProp(x, (const xmlChar *)name);
    const char *copy = value ? rg_text_plain(p, apr_pstrdup(p, (const char *)value)) : NULL;
    xmlFree(value);
    return copy;
}

static bool fill_xml(apr_pool_t *p, regen_node_t *to, xmlNode *x, regen_node_t **at, int depth);

static regen_node_t *append(apr_pool_t *p, regen_node_t ***at, const char *name, const char *value)
{
    regen_node_t *n = make_node(p, name);
    n->value = value;
    **at = n;
    *at = &n->next;
    return n;
}

/* "resource" and "contained" wrap one element that is named by its type. */
static bool add_xml(apr_pool_t *p, regen_node_t *to, xmlNode *x, regen_node_t ***at, int depth)
{
    if (apr_isupper(x->name[0])) {
        bool first = !to->type && !to->child;
        to->type = apr_pstrdup(p, (const char *)x->name);
        return first && fill_xml(p, to, x, &to->child, depth);
    }
    regen_node_t *n = append(p, at, (const char *)x->name, attribute_of(p, x, "value"));
    return fill_xml(p, n, x, &n->child, depth);
}

/* What stands beside FHIR's own elements, by names that no element has: who checks what came sees
 * it. Comments are nothing; a narrative's markup is one value. */
static void add_other(apr_pool_t *p, xmlNode *x, regen_node_t ***at)
{
    bool text = x->type == XML_TEXT_NODE || x->type == XML_CDATA_SECTION_NODE;
    if (text && !xmlIsBlankNode(x)) {
        append(p, at, "#text", "");
    }
    else if (x->type == XML_ELEMENT_NODE) {
        bool markup = x->ns && strcmp((const char *)x->ns->href, XHTML_NS) == 0;
        append(p, at, markup ? (const char *)x->name : "#foreign", "");
    }
}

static void add_attributes(apr_pool_t *p, xmlNode *x, regen_node_t ***at)
{
    for (const xmlAttr *a = x->properties; a; a = a->next) {
        const char *name = (const char *)a->name;
        bool schema = a->ns && strcmp((const char *)a->ns->href, XSI_NS) == 0;
        if (!a->ns && (strcmp(name, "url") == 0 || strcmp(name, "id") == 0)) {
            append(p, at, apr_pstrdup(p, name), attribute_of(p, x, name));
        }
        else if (!schema && (a->ns || strcmp(name, "value") != 0)) {
            append(p, at, apr_pstrcat(p, "@", name, NULL), "");
        }
    }
}

static bool fill_xml(apr_pool_t *p, regen_node_t *to, xmlNode *x, regen_node_t **at, int depth)
{
    bool fine = depth < DEPTH_MAX;
    bool wrapped = false; /* what wraps a resource has nothing else in it */
    add_attributes(p, x, &at);
    for (x = x->children; fine && x; x = x->next) {
        if (is_fhir(x)) {
            fine = !wrapped && add_xml(p, to, x, &at, depth + 1);
            wrapped = wrapped || apr_isupper(x->name[0]);
        }
        else {
            add_other(p, x, &at);
        }
    }
    return fine;
}

const regen_node_t *regen_node_of_xml(apr_pool_t *p, struct _xmlDoc *doc)
{
    xmlNode *root = xmlDocGetRootElement(doc);
    regen_node_t *n = make_node(p, "");
    if (!root || !is_fhir(root) || !apr_isupper(root->name[0])) {
        return NULL;
    }
    n->type = apr_pstrdup(p, (const char *)root->name);
    return fill_xml(p, n, root, &n->child, 0) ? n : NULL;
}

/* --- JSON ------------------------------------------------------------------------------------- */

static bool fill_json(apr_pool_t *p, regen_node_t *to, const json_t *object, int depth);

static const char *text_of(apr_pool_t *p, const json_t *j)
{
    switch (json_typeof(j)) {
    case JSON_STRING: return rg_text_plain(p, apr_pstrdup(p, json_string_value(j)));
    case JSON_TRUE: return "true";
    case JSON_FALSE: return "false";
    case JSON_INTEGER:
        return apr_psprintf(p, "%" APR_INT64_T_FMT, (apr_int64_t)json_integer_value(j));
    case JSON_REAL: return apr_psprintf(p, "%f", json_real_value(j));
    default: return NULL;
    }
}

static bool add_json(apr_pool_t *p, const char *name, const json_t *j, regen_node_t ***at,
                     int depth)
{
    bool fine = depth < DEPTH_MAX;
    if (json_is_array(j)) {
        for (size_t i = 0; fine && i < json_array_size(j); i++) {
            const json_t *one = json_array_get(j, i); /* null: all there is stands in "_name" */
            fine = json_is_null(one) || add_json(p, name, one, at, depth + 1);
        }
        return fine;
    }
    regen_node_t *n = make_node(p, name);
    n->value = text_of(p, j);
    **at = n;
    *at = &n->next;
    return fine && (!json_is_object(j) || fill_json(p, n, j, depth + 1));
}

static bool fill_json(apr_pool_t *p, regen_node_t *to, const json_t *object, int depth)
{
    regen_node_t **at = &to->child;
    bool fine = depth < DEPTH_MAX;
    json_t *own = (json_t *)(uintptr_t)object; /* jansson's iterator takes no const */
    for (void *i = json_object_iter(own); fine && i; i = json_object_iter_next(own, i)) {
        const char *key = json_object_iter_key(i);
        const json_t *value = json_object_iter_value(i);
        if (strcmp(key, "resourceType") == 0) {
            to->type = json_is_string(value) ? apr_pstrdup(p, json_string_value(value)) : NULL;
        }
        else {
            fine = add_json(p, key, value, &at, depth);
        }
    }
    return fine;
}

const regen_node_t *regen_node_of_json(apr_pool_t *p, struct json_t *json)
{
    regen_node_t *n = make_node(p, "");
    return json_is_object(json) && fill_json(p, n, json, 0) && n->type ? n : NULL;
}

bool regen_node_has_text(const regen_node_t *n)
{
    for (const regen_node_t *c = n->child; c; c = c->next) {
        if (strcmp(c->name, "#text") == 0 || regen_node_has_text(c)) {
            return true;
        }
    }
    return false;
}

/* --- looking ---------------------------------------------------------------------------------- */

const regen_node_t *regen_node_child(const regen_node_t *n, const char *name)
{
    const regen_node_t *c = n ? n->child : NULL;
    while (c && strcmp(c->name, name) != 0) {
        c = c->next;
    }
    return c;
}

const regen_node_t *regen_node_again(const regen_node_t *at)
{
    const regen_node_t *c = at->next;
    while (c && strcmp(c->name, at->name) != 0) {
        c = c->next;
    }
    return c;
}

const char *regen_node_text(const regen_node_t *n, const char *path)
{
    char step[64];
    while (n && *path != '\0') {
        size_t len = strcspn(path, "/");
        if (len >= sizeof(step)) {
            return NULL;
        }
        memcpy(step, path, len);
        step[len] = '\0';
        n = regen_node_child(n, step);
        path += len + (path[len] == '/' ? 1 : 0);
    }
    return n ? n->value : NULL;
}
