/* SPDX-License-Identifier: Apache-2.0 */
/* Incoming XML, and schemas that validate outgoing XML: libxml2 without entities, DTDs, network or
 * standard error. Web parses bodies with it; claims are validated before they are stored. */
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/xml.h"

#include <limits.h>
#include <pthread.h>
#include <string.h>

#include <apr_strings.h>
#include <apr_thread_mutex.h>

#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlschemas.h>

enum { MAX_PROBLEMS = 20, MAX_WORDS = 500 };

/* Where libxml2's words go. */
typedef struct {
    rg_problems_t *problems;
    int count;
    bool doctype, network;
} listener_t;

static void add_error_words(listener_t *l, const xmlError *error)
{
    l->count++;
    l->network = l->network || error->code == XML_IO_NETWORK_ATTEMPT;
    if (l->count > MAX_PROBLEMS) {
        return;
    }
    const char *words = error->message ? error->message : "";
    size_t n = strcspn(words, "\r\n");
    if (n > MAX_WORDS) {
        n = MAX_WORDS;
        while ((words[n] & 0xc0) == 0x80) { /* not in the middle of a letter */
            n--;
        }
    }
    if (n == 0 || !rg_text_clean(words, n)) {
        words = "not as it must be";
        n = strlen(words);
    }
    rg_problem_add(l->problems, NULL, "Line %d: %.*s", error->line, (int)n, words);
}

static void on_error(void *listener, xmlErrorPtr error)
{
    add_error_words(listener, error);
}

/* The parser hands its own context to its error handler. */
static void on_parser_error(void *context, xmlErrorPtr error)
{
    xmlParserCtxtPtr ctxt = context;
    add_error_words(ctxt->_private, error);
}

/* Called at "<!DOCTYPE name": nothing of it is read. */
static void refuse_doctype(void *context, const xmlChar *name, const xmlChar *external,
                           const xmlChar *system)
{
    (void)name;
    (void)external;
    (void)system;
    xmlParserCtxtPtr ctxt = context;
    listener_t *l = ctxt->_private;
    l->doctype = true;
    xmlStopParser(ctxt);
}

static xmlDocPtr read_document(listener_t *l, const char *bytes, size_t n)
{
    xmlParserCtxtPtr ctxt = xmlNewParserCtxt();
    if (!ctxt) {
        return NULL;
    }
    ctxt->_private = l;
    ctxt->sax->serror = on_parser_error;
    ctxt->sax->internalSubset = refuse_doctype;
    /* Any other encoding would hide from rg_xml_excess what the parser sees. */
    xmlDocPtr doc = xmlCtxtReadMemory(ctxt, bytes, (int)n, NULL, "UTF-8", XML_PARSE_NONET);
    if (doc && (!ctxt->nsWellFormed || l->doctype || doc->intSubset || doc->extSubset)) {
        xmlFreeDoc(doc);
        doc = NULL;
    }
    xmlFreeParserCtxt(ctxt);
    return doc;
}

static bool is_clean_node(const xmlNode *n)
{
    const char *text = (const char *)n->content;
    bool is_text = n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE;
    return !is_text || !text || rg_text_clean(text, strlen(text));
}

/* XML 1.0 lets DEL and the controls above it through, which no text here may have. Depth and
 * attributes are bounded by rg_xml_excess. */
static bool is_clean_xml(const xmlNode *n)
{
    const xmlAttr *a = n->type == XML_ELEMENT_NODE ? n->properties : NULL;
    bool clean = is_clean_node(n);
    for (; clean && a; a = a->next) {
        for (const xmlNode *c = a->children; clean && c; c = c->next) {
            clean = is_clean_node(c);
        }
    }
    for (n = n->type == XML_ELEMENT_NODE ? n->children : NULL; clean && n; n = n->next) {
        clean = is_clean_xml(n);
    }
    return clean;
}

static rg_outcome_t parse_xml(xmlDocPtr *doc, const char *bytes, size_t n, rg_problems_t *problems)
{
    if (n > INT_MAX) {
        return RG_TOO_LARGE;
    }
    listener_t l = {.problems = problems};
    const char *excess = rg_xml_excess(bytes, n);
    if (excess) {
        rg_problem_add(problems, NULL, "%s", excess);
        return RG_INVALID;
    }
    *doc = read_document(&l, n > 0 ? bytes : "", n);
    if (*doc && is_clean_xml(xmlDocGetRootElement(*doc))) {
        return RG_OK;
    }
    if (*doc) {
        rg_problem_add(problems, NULL, "Text must not contain control characters.");
        xmlFreeDoc(*doc);
        *doc = NULL;
    }
    else if (l.doctype) {
        rg_problem_add(problems, NULL, "The document must not have a DOCTYPE.");
    }
    else if (l.count == 0) {
        rg_problem_add(problems, NULL, "The document is not well-formed XML.");
    }
    return RG_INVALID;
}

void rg_xml_init(void)
{
    xmlInitParser();
}

static apr_status_t release_doc(void *doc)
{
    xmlFreeDoc(doc);
    return APR_SUCCESS;
}

rg_outcome_t rg_xml_parse(struct _xmlDoc **out, apr_pool_t *p, const char *bytes, size_t n,
                          rg_problems_t *problems)
{
    xmlDocPtr doc = NULL;
    rg_outcome_t outcome = parse_xml(&doc, bytes, n, problems);
    if (outcome == RG_OK) {
        apr_pool_cleanup_register(p, doc, release_doc, apr_pool_cleanup_null);
        *out = doc;
    }
    return outcome;
}

/* --- schemas ---------------------------------------------------------------------------------- */

struct rg_schema_t {
    xmlSchemaPtr schema;
    /* Whether a schema may be used by two threads at once is not documented. */
    apr_thread_mutex_t *lock;
};

/* libxml2 reads the documents of a schema with contexts of its own, which report to the thread's
 * handler; without one they would write to standard error. */
typedef struct {
    xmlStructuredErrorFunc function;
    void *context;
} thread_handler_t;

static thread_handler_t listen_to_thread(listener_t *l)
{
    thread_handler_t old = {xmlStructuredError, xmlStructuredErrorContext};
    xmlSetStructuredErrorFunc(l, on_error);
    return old;
}

static void unlisten(thread_handler_t old)
{
    xmlSetStructuredErrorFunc(old.context, old.function);
}

/* The only way to keep a schema's imports off the network is the process-wide loader, which is
 * restored at once; the lock prevents two loads from restoring each other's. */
static pthread_mutex_t loader_lock = PTHREAD_MUTEX_INITIALIZER;

/* Two patterns of HL7's schema match one text in many ways, and libxml2 tries them all before it
 * says no: a value of 300 bytes keeps it busy for seconds. The same languages, each text in one
 * way. */
static const char *const patterns[][2] = {
    {"(\\s*([0-9a-zA-Z\\+/=]){4}\\s*)+", "\\s*(([0-9a-zA-Z\\+/=]){4}\\s*)+"},
    {"((-{0,1}\\d*\\.{0,1}\\d+)|[EUL])( ((-{0,1}\\d*\\.{0,1}\\d+)|[EUL]))*",
     "((-{0,1}(\\d+(\\.\\d+){0,1}|\\.\\d+))|[EUL])"
     "( ((-{0,1}(\\d+(\\.\\d+){0,1}|\\.\\d+))|[EUL]))*"}};

static void untangle(xmlNodePtr pattern)
{
    xmlChar *value = xmlGetProp(pattern, BAD_CAST "value");
    for (size_t i = 0; value && i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        if (xmlStrEqual(value, BAD_CAST patterns[i][0])) {
            xmlSetProp(pattern, BAD_CAST "value", BAD_CAST patterns[i][1]);
        }
    }
    xmlFree(value);
}

static void untangle_all(xmlNodePtr node)
{
    for (; node; node = node->next) {
        if (node->type == XML_ELEMENT_NODE && xmlStrEqual(node->name, BAD_CAST "pattern")) {
            untangle(node);
        }
        untangle_all(node->children);
    }
}

static xmlSchemaPtr parse_schema(listener_t *l, xmlDocPtr doc)
{
    xmlSchemaParserCtxtPtr ctxt = xmlSchemaNewDocParserCtxt(doc);
    if (!ctxt) {
        return NULL;
    }
    untangle_all(doc->children);
    xmlSchemaSetParserStructuredErrors(ctxt, on_error, l);
    xmlSchemaPtr schema = xmlSchemaParse(ctxt);
    xmlSchemaFreeParserCtxt(ctxt);
    return schema;
}

/* *DOC is the schema's as long as it lives, and its owner's to free after it. */
static xmlSchemaPtr read_schema(xmlDocPtr *doc, listener_t *l, const char *path)
{
    pthread_mutex_lock(&loader_lock);
    xmlExternalEntityLoader old = xmlGetExternalEntityLoader();
    xmlSetExternalEntityLoader(xmlNoNetExternalEntityLoader);
    *doc = xmlReadFile(path, NULL, XML_PARSE_NONET);
    xmlSchemaPtr schema = *doc ? parse_schema(l, *doc) : NULL;
    xmlSetExternalEntityLoader(old);
    pthread_mutex_unlock(&loader_lock);
    return schema;
}

static apr_status_t release_schema(void *schema)
{
    xmlSchemaFree(schema);
    return APR_SUCCESS;
}

rg_schema_t *rg_schema_load(apr_pool_t *p, const char *path, const char **why)
{
    listener_t l = {.problems = rg_problems_make(p)};
    thread_handler_t old = listen_to_thread(&l);
    xmlDocPtr doc = NULL;
    xmlSchemaPtr schema = read_schema(&doc, &l, path);
    unlisten(old);
    if (!schema || l.network) {
        xmlSchemaFree(schema);
        xmlFreeDoc(doc);
        const char *words = rg_problem_for(l.problems, NULL);
        *why = l.network ? "it refers to a schema on the network; keep a copy beside it"
               : words   ? words
                         : "it cannot be read";
        return NULL;
    }
    apr_pool_cleanup_register(p, doc, release_doc, apr_pool_cleanup_null);
    apr_pool_cleanup_register(p, schema, release_schema, apr_pool_cleanup_null);
    rg_schema_t *s = apr_pcalloc(p, sizeof(*s));
    s->schema = schema;
    if (apr_thread_mutex_create(&s->lock, APR_THREAD_MUTEX_DEFAULT, p) != APR_SUCCESS) {
        *why = "no mutex could be made";
        return NULL;
    }
    return s;
}

/* What xmlSchemaValidateDoc says: 0 is valid, above is invalid, below is trouble. */
static int validate_doc(rg_schema_t *s, xmlDocPtr doc, listener_t *l)
{
    xmlSchemaValidCtxtPtr ctxt = xmlSchemaNewValidCtxt(s->schema);
    if (!ctxt) {
        return -1;
    }
    xmlSchemaSetValidStructuredErrors(ctxt, on_error, l);
    int rc = xmlSchemaValidateDoc(ctxt, doc);
    xmlSchemaFreeValidCtxt(ctxt);
    return rc;
}

rg_outcome_t rg_schema_validate(rg_schema_t *s, const char *xml, size_t n, rg_problems_t *problems)
{
    xmlDocPtr doc = NULL;
    rg_outcome_t outcome = parse_xml(&doc, xml, n, problems);
    if (outcome != RG_OK) {
        return outcome;
    }
    listener_t l = {.problems = problems};
    thread_handler_t old = listen_to_thread(&l);
    apr_thread_mutex_lock(s->lock);
    int rc = validate_doc(s, doc, &l);
    apr_thread_mutex_unlock(s->lock);
    unlisten(old);
    xmlFreeDoc(doc);
    if (rc < 0) {
        return RG_INTERNAL;
    }
    return rc == 0 ? RG_OK : RG_INVALID;
}
