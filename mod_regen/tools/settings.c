/* SPDX-License-Identifier: Apache-2.0 */
/* regenctl's settings: `name value` lines, and the same names as options. Reads no file itself:
 * input.c does, and the fuzz target takes this as it is. */
#include "regenctl.h"
#include "regen/core/text.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

static const char *set_text(const char **to, apr_pool_t *p, const char *value)
{
    *to = apr_pstrdup(p, value);
    return NULL;
}

static const char *set_number(int *to, apr_pool_t *p, const char *name, const char *value, int most)
{
    int64_t n;
    if (!rg_text_i64(&n, value, 1, most)) {
        return apr_psprintf(p, "%s must be a number from 1 to %d.", name, most);
    }
    *to = (int)n;
    return NULL;
}

const char *ctl_settings_set(ctl_conf_t *conf, apr_pool_t *p, const char *name, const char *value)
{
    const struct {
        const char *name;
        const char **to;
    } texts[] = {
        {"socket", &conf->db.socket},
        {"host", &conf->db.host},
        {"user", &conf->db.user},
        {"database", &conf->db.database},
        {"tls-ca", &conf->db.tls_ca},
        {"password-file", &conf->password_file},
        {"module-account", &conf->module_account},
        {"module-password-file", &conf->module_password_file},
        {"secret-file", &conf->secret_file},
        {"public-base", &conf->public_base},
        {"fhir-base", &conf->fhir_base},
        {"templates", &conf->mail.templates},
        {"mail-transport", &conf->mail.transport},
        {"mail-from", &conf->mail.from},
        {"mail-reply-to", &conf->mail.reply_to},
        {"mail-sender", &conf->mail.sender},
        {"mail-folder", &conf->mail.folder},
        {"mail-server", &conf->mail.server},
        {"mail-starttls", &conf->mail.starttls},
        {"mail-user", &conf->mail.user},
        {"mail-password-file", &conf->mail.password_file},
        {"mail-tls-ca", &conf->mail.tls_ca},
        {"mail-command", &conf->mail.command},
        {"mail-detail", &conf->mail.detail},
    };
    const struct {
        const char *name;
        int *to;
        int most;
    } numbers[] = {
        {"port", &conf->db.port, 65535},
        {"children", &conf->sizes.children, 10000},
        {"connections", &conf->sizes.connections, 500},
        {"mail-connect-timeout", &conf->mail.connect_timeout, 60},
        {"mail-timeout", &conf->mail.timeout, 600},
        {"mail-give-up", &conf->mail.give_up, 720},
        {"mail-rate", &conf->mail.rate, 1000000},
    };
    if (value[0] == '\0') {
        return apr_pstrcat(p, name, " has no value", NULL);
    }
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        if (strcmp(name, texts[i].name) == 0) {
            return set_text(texts[i].to, p, value);
        }
    }
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
        if (strcmp(name, numbers[i].name) == 0) {
            return set_number(numbers[i].to, p, name, value, numbers[i].most);
        }
    }
    return apr_pstrcat(p, "there is no setting called ", name, NULL);
}

static char *trim_text(char *s)
{
    while (apr_isspace(*s)) {
        s++;
    }
    size_t n = strlen(s);
    while (n > 0 && apr_isspace(s[n - 1])) {
        s[--n] = '\0';
    }
    return s;
}

const char *ctl_settings_line(ctl_conf_t *conf, apr_pool_t *p, char *line)
{
    char *name = trim_text(line);
    if (name[0] == '\0' || name[0] == '#') {
        return NULL;
    }
    size_t n = strcspn(name, " \t");
    char *value = name + n;
    if (*value) {
        *value++ = '\0';
    }
    return ctl_settings_set(conf, p, name, trim_text(value));
}
