/* SPDX-License-Identifier: Apache-2.0 */
/* The set of all templates of a directory: read, parsed and linked once at configuration time,
 * read-only and shared by all threads from then on. */
#include <stdlib.h>
#include <string.h>

#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_strings.h>

#include "template_int.h"
#include "regen/core/file.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/render/template.h"

#define FILE_MAX_BYTES (1024 * 1024)

static bool has_ending(const char *name, const char *ending)
{
    size_t n = strlen(name);
    size_t m = strlen(ending);

    return n > m && strcmp(name + n - m, ending) == 0;
}

static bool is_template(const char *name)
{
    return name[0] != '.' && (has_ending(name, ".html") || has_ending(name, ".txt"));
}

/* --- from memory ---------------------------------------------------------------------------- */

rg_templates_t *rg_templates_make(apr_pool_t *p)
{
    rg_templates_t *set = apr_pcalloc(p, sizeof(*set));

    set->pool = p;
    set->list = apr_array_make(p, 32, sizeof(rg_template_t));
    set->wants = apr_array_make(p, 32, sizeof(const char *));
    set->index = apr_hash_make(p);
    return set;
}

/* The first line that is not clean text, so that a sysadmin finds the byte. */
static unsigned dirty_line(const char *text, size_t n)
{
    unsigned line = 1;
    const char *end = text + n;

    while (text < end) {
        const char *nl = memchr(text, '\n', (size_t)(end - text));
        size_t length = nl ? (size_t)(nl - text) : (size_t)(end - text);

        if (!rg_text_clean(text, length) || !nl) {
            break;
        }
        line++;
        text = nl + 1;
    }
    return line;
}

static const char *check_bytes(apr_pool_t *p, const char *where, const char *text, size_t n)
{
    if (n > FILE_MAX_BYTES) {
        return apr_psprintf(p, "%s: a template may have at most %d bytes", where, FILE_MAX_BYTES);
    }
    if (!rg_text_clean(text, n)) {
        return apr_psprintf(p, "%s:%u: not UTF-8, or control characters; save the file as UTF-8",
                            where, dirty_line(text, n));
    }
    return NULL;
}

static const char *add(rg_templates_t *set, const char *name, const char *where, const char *text,
                       size_t n)
{
    const char *why = check_bytes(set->pool, where, text, n);
    rg_template_t t = {.name = name, .where = where, .html = has_ending(name, ".html")};

    if (!why) {
        why = rg_template_parse(&t, set->pool, set->wants, text, n);
    }
    if (!why) {
        APR_ARRAY_PUSH(set->list, rg_template_t) = t;
    }
    return why;
}

rg_outcome_t rg_templates_add(rg_templates_t *set, const char *name, const char *text, size_t n,
                              const char **why)
{
    if (set->sealed || !is_template(name)) {
        *why = apr_psprintf(
            set->pool, "%s: the set is sealed, or the name does not end in .html or .txt", name);
        return RG_INTERNAL;
    }
    name = apr_pstrdup(set->pool, name);
    *why = add(set, name, name, apr_pstrmemdup(set->pool, text, n), n);
    return *why ? RG_INVALID : RG_OK;
}

/* --- the seal: names become places ---------------------------------------------------------- */

static void add_line(apr_pool_t *p, const char **all, const char *line)
{
    if (line) {
        *all = *all ? apr_pstrcat(p, *all, "\n", line, NULL) : line;
    }
}

static void resolve_target(rg_templates_t *set, const rg_template_t *t, rg_node_t *node,
                           const char **why)
{
    const char *name = APR_ARRAY_IDX(set->wants, node->target, const char *);
    const rg_template_t *part = apr_hash_get(set->index, name, APR_HASH_KEY_STRING);

    if (part) {
        node->target = (uint32_t)(part - (const rg_template_t *)set->list->elts);
        return;
    }
    node->target = RG_NO_TEMPLATE;
    add_line(set->pool, why,
             apr_psprintf(set->pool, "%s:%u: {{> %.*s}}: there is no %s", t->where,
                          (unsigned)node->line, (int)(strrchr(name, '.') - name), name, name));
}

rg_outcome_t rg_templates_seal(rg_templates_t *set, bool strict, const char **why)
{
    rg_template_t *t = (rg_template_t *)set->list->elts;
    const char *missing = NULL;

    *why = NULL;
    for (int i = 0; i < set->list->nelts; i++) {
        apr_hash_set(set->index, t[i].name, APR_HASH_KEY_STRING, &t[i]);
    }
    for (int i = 0; i < set->list->nelts; i++) {
        for (uint32_t k = 0; k < t[i].count; k++) {
            if (t[i].nodes[k].kind == RG_NODE_PARTIAL) {
                resolve_target(set, &t[i], &t[i].nodes[k], &missing);
            }
        }
    }
    set->sealed = true;
    if (strict && missing) {
        *why = missing;
        return RG_INVALID;
    }
    return RG_OK;
}

/* --- from a directory ----------------------------------------------------------------------- */

static const char *system_words(apr_pool_t *p, const char *path, apr_status_t rv)
{
    char words[200];

    return apr_psprintf(p, "%s: %s", path, apr_strerror(rv, words, sizeof(words)));
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_folder(apr_pool_t *p, const char *path)
{
    apr_finfo_t info;

    return apr_stat(&info, path, APR_FINFO_TYPE, p) == APR_SUCCESS && info.filetype == APR_DIR;
}

/* The names that do not begin with a dot. Sorted, so that messages and places are the same on every
 * machine. */
static const char *list_names(apr_array_header_t **out, apr_pool_t *p, const char *path)
{
    apr_array_header_t *names = apr_array_make(p, 32, sizeof(const char *));
    apr_dir_t *dir = NULL;
    apr_finfo_t info;
    apr_status_t rv = apr_dir_open(&dir, path, p);

    *out = names; /* none, when the folder cannot be read */
    if (rv != APR_SUCCESS) {
        return system_words(p, path, rv);
    }
    while (apr_dir_read(&info, APR_FINFO_NAME, dir) == APR_SUCCESS) {
        if (info.name[0] != '.') {
            APR_ARRAY_PUSH(names, const char *) = apr_pstrdup(p, info.name);
        }
    }
    apr_dir_close(dir);
    qsort(names->elts, (size_t)names->nelts, sizeof(const char *), by_name);
    return NULL;
}

static const char *list_folder(apr_array_header_t *files, const char *dir, const char *folder)
{
    apr_array_header_t *names;
    const char *why =
        list_names(&names, files->pool, apr_pstrcat(files->pool, dir, "/", folder, NULL));

    for (int i = 0; !why && i < names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(names, i, const char *);

        if (is_template(name)) {
            APR_ARRAY_PUSH(files, const char *) = apr_pstrcat(files->pool, folder, "/", name, NULL);
        }
    }
    return why;
}

/* A template outside the folders is from an older version: no page would use it, and the clinic's
 * changes in it would be lost silently. */
static const char *list_templates(apr_array_header_t **out, apr_pool_t *p, const char *dir)
{
    apr_array_header_t *names;
    const char *why = list_names(&names, p, dir);

    *out = apr_array_make(p, 128, sizeof(const char *));
    for (int i = 0; !why && i < names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(names, i, const char *);

        if (is_folder(p, apr_pstrcat(p, dir, "/", name, NULL))) {
            why = list_folder(*out, dir, name);
        }
        else if (is_template(name)) {
            why = apr_psprintf(p,
                               "%s/%s: templates are in folders now (part/head.html, not "
                               "head.html): move it as described in README.md, \"Upgrading\"",
                               dir, name);
        }
    }
    return why || (*out)->nelts > 0
               ? why
               : apr_psprintf(p, "%s: no *.html or *.txt in the folders of this directory", dir);
}

static const char *load_file(rg_templates_t *set, apr_pool_t *scratch, const char *dir,
                             const char *name)
{
    const char *where = apr_pstrcat(set->pool, dir, "/", name, NULL);
    const char *text = NULL;
    size_t n = 0;
    const char *why = rg_file_in_folder(&text, &n, scratch, dir, name, FILE_MAX_BYTES);

    if (why) {
        return apr_pstrcat(set->pool, where, " ", why, NULL);
    }
    return add(set, name, where, apr_pstrmemdup(set->pool, text, n), n);
}

rg_outcome_t rg_templates_load(rg_templates_t **out, apr_pool_t *p, const char *dir,
                               const char **why)
{
    rg_templates_t *set = rg_templates_make(p);
    apr_array_header_t *names = NULL;
    apr_pool_t *scratch = NULL;
    const char *missing = NULL;

    *why = list_templates(&names, p, dir);
    if (*why) {
        return RG_INVALID;
    }
    apr_pool_create(&scratch, p);
    for (int i = 0; i < names->nelts; i++) {
        add_line(p, why, load_file(set, scratch, dir, APR_ARRAY_IDX(names, i, const char *)));
        apr_pool_clear(scratch);
    }
    apr_pool_destroy(scratch);
    /* A file that does not parse is not in the set: its includers would only add noise. */
    if (!*why && rg_templates_seal(set, true, &missing) != RG_OK) {
        *why = missing;
    }
    *out = set;
    return *why ? RG_INVALID : RG_OK;
}
