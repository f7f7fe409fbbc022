/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of letters, from directives; for check.c. */
#include "config.h"
#include "regen/core/mail.h"

#include <apr_strings.h>
#include <string.h>

static const rg_mail_names_t names = {.transport = "RegenMailTransport",
                                      .folder = "RegenMailFolder",
                                      .server = "RegenMailServer",
                                      .from = "RegenMailFrom",
                                      .command = "RegenMailCommand",
                                      .user = "RegenMailUser",
                                      .password_file = "RegenMailPasswordFile",
                                      .starttls = "RegenMailStartTLS"};

/* Read by the setters before, so they are mailboxes. */
static const char *address_in(apr_pool_t *p, const char *box, const char **name)
{
    const char *ignored;
    const char *address = NULL;
    (void)(box && rg_mail_mailbox(name ? name : &ignored, &address, p, box));
    return address;
}

/* Where the mistake is: the directive that is said, or the one that asks for more. */
static regen_row_t mail_row(const regen_server_t *c, const char *why)
{
    static const struct {
        const char *name;
        regen_row_t row;
    } rows[] = {{"RegenMailStartTLS", REGEN_ROW_mail_starttls},
                {"RegenMailServer", REGEN_ROW_mail_server},
                {"RegenMailUser", REGEN_ROW_mail_user}};
    size_t i;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strncmp(why, rows[i].name, strlen(rows[i].name)) == 0 && c->at[rows[i].row].file) {
            return rows[i].row;
        }
    }
    return REGEN_ROW_mail_transport;
}

rg_mail_conf_t *regen_mail_conf(const char **why, regen_row_t *row, apr_pool_t *p,
                                const regen_server_t *c)
{
    rg_mail_conf_t *m = apr_pcalloc(p, sizeof(*m));
    const char *no = NULL;
    *why = NULL;
    *row = REGEN_ROW_mail_transport;
    m->way = c->mail_transport ? (rg_way_t)rg_way_parse(c->mail_transport) : RG_WAY_NONE;
    if (m->way == RG_WAY_NONE) {
        return NULL;
    }
    m->folder = c->mail_folder;
    m->server = c->mail_server;
    m->user = c->mail_user;
    m->plain = c->mail_starttls == 0;
    m->from = address_in(p, c->mail_from, &m->from_name);
    m->reply_to = address_in(p, c->mail_reply_to, NULL);
    m->sender = address_in(p, c->mail_sender, NULL);
    m->connect_timeout = c->mail_connect_timeout;
    m->timeout = c->mail_timeout;
    if (c->mail_tls_ca) {
        m->tls_ca = rg_mail_pem(p, c->mail_tls_ca);
    }
    if (c->mail_password_file) {
        m->password = regen_secret_read(&no, p, c->mail_password_file);
        *row = REGEN_ROW_mail_password_file;
    }
    if (!no && c->mail_command) {
        no = rg_mail_argv(&m->command, p, c->mail_command);
        *row = REGEN_ROW_mail_command;
    }
    if (no) {
        *why = apr_psprintf(
            p, "%s %s.", *row == REGEN_ROW_mail_command ? names.command : names.password_file, no);
        return NULL;
    }
    *why = rg_mail_wrong(p, m, &names);
    *row = *why ? mail_row(c, *why) : REGEN_ROW_mail_transport;
    return *why ? NULL : m;
}
