/* SPDX-License-Identifier: Apache-2.0 */
/* What the ways share. Private to this folder. */
#ifndef RG_MAIL_INT_H
#define RG_MAIL_INT_H

#include "regen/core/mail.h"

enum { RG_MAIL_MOST = 262144, RG_MAIL_ANSWER_MOST = 200 };

struct rg_post_t {
    apr_pool_t *pool;
    const rg_mail_conf_t *conf;
    rg_post_stop_fn stop;
    void *baton;
    struct rg_smtp_t *smtp; /* made at the first letter */
};

bool rg_post_stops(const rg_post_t *post);
rg_posted_t rg_posted(rg_post_end_t end, rg_mail_code_t code, const char *answer);
/* The first line of what others said, in printable ASCII, cut to what the database keeps. */
const char *rg_mail_answer(apr_pool_t *p, const char *said, size_t n);

/* --- maildir.c, smtp.c, command.c ------------------------------------------------------------- */

rg_posted_t rg_maildir_send(const rg_post_t *post, apr_pool_t *p, const rg_mail_t *m,
                            const rg_buf_t *bytes);
rg_posted_t rg_smtp_send(rg_post_t *post, apr_pool_t *p, const char *to, const rg_buf_t *bytes);
bool rg_smtp_init(void);
rg_posted_t rg_command_send(const rg_post_t *post, apr_pool_t *p, const rg_mail_t *m);

#endif
