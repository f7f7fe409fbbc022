/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as lines of regenctl.conf. Beyond not crashing: a line that is refused says why and
 * sets nothing, numbers stay within their bounds, no value is empty or has blanks around
 * it, and a line with more blanks means the same. */
#include "target.h"

#include "mod_regen/tools/settings.c"

static void in_bounds(const ctl_conf_t *c)
{
    const char *texts[] = {c->db.socket, c->db.host,       c->db.user,     c->db.database,
                           c->db.tls_ca, c->password_file, c->public_base, c->fhir_base};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        size_t n = texts[i] ? strlen(texts[i]) : 0;
        must(!texts[i] || n > 0);
        must(n == 0 || (!apr_isspace(texts[i][0]) && !apr_isspace(texts[i][n - 1])));
    }
    must(c->db.port >= 0 && c->db.port <= 65535);
    must(c->sizes.children >= 0 && c->sizes.children <= 10000);
    must(c->sizes.connections >= 0 && c->sizes.connections <= 500);
}

static bool same(const ctl_conf_t *a, const ctl_conf_t *b)
{
    return a->db.port == b->db.port && a->sizes.children == b->sizes.children &&
           a->sizes.connections == b->sizes.connections && !a->db.user == !b->db.user &&
           (!a->db.user || strcmp(a->db.user, b->db.user) == 0);
}

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    ctl_conf_t conf;
    ctl_conf_t before;
    ctl_conf_t other;
    memset(&conf, 0, sizeof(conf));
    for (const char *end = text + size; text < end;) {
        size_t n = strcspn(text, "\n");
        char *line = apr_pstrmemdup(p, text, n);
        char *padded = apr_pstrcat(p, " \t", line, "\t ", NULL);
        before = other = conf;
        const char *why = ctl_settings_line(&conf, p, line);
        const char *again = ctl_settings_line(&other, p, padded);
        must(!why == !again && same(&conf, &other));
        must(!why || memcmp(&before, &conf, sizeof(conf)) == 0);
        in_bounds(&conf);
        text += n + 1;
    }
}
