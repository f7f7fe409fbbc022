/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a path, against the patterns of the tables of routes. Beyond not crashing: segments say
 * together what the path said, none leads elsewhere, and a path has one meaning: of the rows of a
 * method that match it, one weighs most. */
#include "target.h"

#include <apr_file_info.h>
#include <apr_file_io.h>

#include "mod_regen/web/http/match.c"
#include "regen/core/file.h"
#include "regen/core/text.h"

enum { MOST_ROWS = 400, MOST_TABLE = 256 * 1024 };

static struct {
    const char *method, *pattern;
} rows[MOST_ROWS];
static int row_count;

/* The text between the next two quotes from *S on, which moves past them; NULL: none. */
static const char *quoted(apr_pool_t *p, const char **s)
{
    const char *from = strchr(*s, '"');
    const char *to = from ? strchr(from + 1, '"') : NULL;
    if (!to) {
        return NULL;
    }
    *s = to + 1;
    return apr_pstrmemdup(p, from + 1, (apr_size_t)(to - from - 1));
}

/* Rows of every type of the FHIR API say TYPE: here it is the one with most other rows. */
static const char *of_type(apr_pool_t *p, const char *pattern)
{
    const char *type = strstr(pattern, "TYPE");
    return !type ? pattern : apr_pstrcat(p, "/fhir/Appointment", type + strlen("TYPE"), NULL);
}

/* The tables need httpd and every handler; their rows begin {"METHOD", "pattern". */
static void read_rows(apr_pool_t *p, const char *folder, const char *name)
{
    const char *s = NULL;
    size_t n = 0;
    const char *why = rg_file_in_folder(&s, &n, p, folder, name, MOST_TABLE);
    must(!why);
    s = strstr(s, "const regen_route_t ");
    for (s = s ? strstr(s, "{\"") : NULL; s && row_count < MOST_ROWS; s = strstr(s, "{\"")) {
        const char *method = quoted(p, &s);
        if (strcmp(method, "GET") == 0 || strcmp(method, "POST") == 0) {
            rows[row_count].method = method;
            rows[row_count++].pattern = of_type(p, quoted(p, &s));
        }
    }
}

void fuzz_begin(apr_pool_t *forever)
{
    static const char *const folders[] = {"platform", "patient", "staff",      "admin",
                                          "billing",  "fhir",    "fhir/claim", "fhir/book"};
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        const char *folder = apr_pstrcat(forever, "mod_regen/web/", folders[i], NULL);
        apr_dir_t *dir = NULL;
        apr_finfo_t info;
        must(apr_dir_open(&dir, folder, forever) == APR_SUCCESS);
        while (apr_dir_read(&info, APR_FINFO_NAME, dir) == APR_SUCCESS) {
            if (strstr(info.name, ".c")) {
                read_rows(forever, folder, info.name);
            }
        }
        apr_dir_close(dir);
    }
    must(row_count > 100);
}

static void one_meaning(const char *method, const char *const *segments, int count)
{
    int best = -1;
    const char *of = NULL;
    for (int i = 0; i < row_count; i++) {
        bool star[REGEN_SEGMENTS] = {false};
        if (strcmp(rows[i].method, method) != 0 ||
            !regen_pattern_matches(rows[i].pattern, segments, count, star)) {
            continue;
        }
        int weight = regen_pattern_weight(star, count);
        must(weight != best || !of);
        best = weight > best ? weight : best;
        of = rows[i].pattern;
    }
}

static void plain_segment(const char *s)
{
    must(*s != '\0' && *s != '.' && strlen(s) <= 128);
    must(!strpbrk(s, "/\\%?#;:@&<>\"' ") && rg_text_clean(s, strlen(s)));
}

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    const char *segments[REGEN_SEGMENTS];
    const char *joined = "";
    int count = regen_path_split(apr_pstrdup(p, text), segments);
    (void)size;
    if (count < 0) {
        return;
    }
    must(count <= REGEN_SEGMENTS);
    for (int i = 0; i < count; i++) {
        plain_segment(segments[i]);
        joined = apr_pstrcat(p, joined, "/", segments[i], NULL);
    }
    must_be_same(apr_pstrcat(p, joined, text[strlen(joined)] == '/' ? "/" : "", NULL), text);
    one_meaning("GET", segments, count);
    one_meaning("POST", segments, count);
}
