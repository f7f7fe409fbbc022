/* SPDX-License-Identifier: Apache-2.0 */
/* Which way a letter goes. */
#include "mod_regen/core/mail/mail_int.h"
#include "regen/core/mail.h"

bool rg_post_init(void)
{
    return rg_smtp_init();
}

rg_post_t *rg_post_open(apr_pool_t *p, const rg_mail_conf_t *conf, rg_post_stop_fn stop,
                        void *baton)
{
    rg_post_t *post = apr_pcalloc(p, sizeof(*post));
    *post = (rg_post_t){.pool = p, .conf = conf, .stop = stop, .baton = baton};
    return post;
}

static rg_posted_t send_by(rg_post_t *post, apr_pool_t *p, const rg_mail_t *m, rg_way_t way)
{
    rg_buf_t *bytes = rg_buf_make(p, RG_MAIL_MOST);
    const char *to = rg_mail_address(p, m->to);
    if (way == RG_WAY_COMMAND) {
        return rg_command_send(post, p, m);
    }
    if (!to) {
        return rg_posted(RG_POST_NEVER, RG_MAIL_BAD_ADDRESS, "");
    }
    if (rg_mail_bytes(bytes, post->conf, m) != RG_OK) {
        return rg_posted(RG_POST_NEVER, RG_MAIL_TEMPLATE, "");
    }
    return way == RG_WAY_MAILDIR ? rg_maildir_send(post, p, m, bytes)
                                 : rg_smtp_send(post, p, to, bytes);
}

rg_posted_t rg_post_send(rg_post_t *post, apr_pool_t *p, const rg_mail_t *m)
{
    rg_way_t way = post->conf->way;
    /* Who has no email address may have a phone that takes messages. */
    if (m->to[0] == '\0' && m->phone[0] != '\0' && post->conf->command) {
        way = RG_WAY_COMMAND;
    }
    bool reachable = m->to[0] != '\0' || (way == RG_WAY_COMMAND && m->phone[0] != '\0');
    if (!reachable) {
        return rg_posted(RG_POST_NEVER, RG_MAIL_NO_ADDRESS, "");
    }
    rg_posted_t posted = send_by(post, p, m, way);
    bool tried = posted.code != RG_MAIL_BAD_ADDRESS && posted.code != RG_MAIL_TEMPLATE;
    posted.way = tried ? way : RG_WAY_NONE;
    return posted;
}
