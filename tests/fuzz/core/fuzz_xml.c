/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as XML, and against a small schema. Beyond not crashing: what is accepted has no DTD,
 * keeps the limits of text/xml_scan.c and reads back after it is written out, and what is refused comes
 * with clean words. */
#include "target.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/xml.h"

#include <apr_file_io.h>

#include <libxml/parser.h>
#include <libxml/tree.h>

static const char schema_text[] =
    "<s:schema xmlns:s=\"http://www.w3.org/2001/XMLSchema\"><s:element name=\"a\"><s:complexType>"
    "<s:sequence><s:element name=\"b\" type=\"s:date\" minOccurs=\"0\" maxOccurs=\"9\"/>"
    "</s:sequence><s:attribute name=\"c\" type=\"s:decimal\"/></s:complexType></s:element>"
    "</s:schema>";

static rg_schema_t *schema;

void fuzz_begin(apr_pool_t *forever)
{
    const char *tmp = NULL;
    const char *why = NULL;
    apr_file_t *f = NULL;
    rg_xml_init();
    apr_temp_dir_get(&tmp, forever);
    char *path = apr_pstrcat(forever, tmp, "/regen-fuzz-xml-XXXXXX", NULL);
    must(apr_file_mktemp(&f, path, 0, forever) == APR_SUCCESS);
    apr_file_write_full(f, schema_text, strlen(schema_text), NULL);
    schema = rg_schema_load(forever, path, &why);
    apr_file_close(f);
    must(schema != NULL);
}

static void check_again(apr_pool_t *p, xmlDocPtr doc)
{
    xmlChar *text = NULL;
    int n = 0;
    xmlDocPtr again = NULL;
    must(!doc->intSubset && !doc->extSubset && xmlDocGetRootElement(doc));
    xmlDocDumpMemoryEnc(doc, &text, &n, "UTF-8");
    must(text && rg_xml_parse(&again, p, (const char *)text, (size_t)n, NULL) == RG_OK);
    xmlFree(text);
}

/* What text/xml_scan.c promises about a document that gets through, counted in the tree. */
static void within_limits(const xmlNode *n, int depth, int *elements)
{
    int attributes = 0;
    must(depth <= 100 && ++*elements <= 50000);
    must(xmlStrlen(n->name) <= 256);
    for (const xmlAttr *a = n->properties; a; a = a->next) {
        must(!a->children || !a->children->content ||
             rg_text_clean((const char *)a->children->content,
                           strlen((const char *)a->children->content)));
        attributes++;
    }
    must(attributes <= 64);
    for (const xmlNode *c = n->children; c; c = c->next) {
        if (c->type == XML_ELEMENT_NODE) {
            within_limits(c, depth + 1, elements);
        }
    }
}

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    xmlDocPtr doc = NULL;
    int elements = 0;
    rg_problems_t *problems = rg_problems_make(p);
    rg_outcome_t outcome = rg_xml_parse(&doc, p, text, size, problems);
    if (outcome == RG_OK) {
        within_limits(xmlDocGetRootElement(doc), 1, &elements);
        check_again(p, doc);
    }
    must(outcome == RG_OK || (!doc && rg_problems_any(problems)));
    rg_problems_t *more = rg_problems_make(p);
    must(rg_schema_validate(schema, text, size, more) != RG_OK || outcome == RG_OK);
    must_be_clean(problems);
    must_be_clean(more);
}
