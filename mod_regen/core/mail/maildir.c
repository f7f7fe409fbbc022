/* SPDX-License-Identifier: Apache-2.0 */
/* Letters as files of a maildir: written below tmp/, on disk, then renamed into new/, so that a
 * reader finds whole letters only. The file has the letter's own name: one that is sent again after
 * a crash takes the place of the first. */
#include "mod_regen/core/mail/mail_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <apr_errno.h>
#include <apr_strings.h>

static bool write_letter_file(int fd, const rg_buf_t *bytes)
{
    size_t at = 0;
    while (at < bytes->len) {
        ssize_t n = write(fd, bytes->data + at, bytes->len - at);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        at += n > 0 ? (size_t)n : 0;
    }
    return fsync(fd) == 0;
}

/* Made when they are not there; the folder itself is the sysadmin's. */
static bool make_parts(apr_pool_t *p, const char *folder)
{
    static const char *const parts[] = {"tmp", "new", "cur"};
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        if (mkdir(apr_pstrcat(p, folder, "/", parts[i], NULL), 0700) != 0 && errno != EEXIST) {
            return false;
        }
    }
    return true;
}

/* The new name is on disk, too. */
static bool sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    return synced;
}

static bool store_letter(apr_pool_t *p, const char *folder, const char *name, const rg_buf_t *bytes)
{
    const char *draft = apr_psprintf(p, "%s/tmp/%s.%ld", folder, name, (long)getpid());
    const char *home = apr_pstrcat(p, folder, "/new", NULL);
    int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return false;
    }
    bool stored = write_letter_file(fd, bytes);
    stored = close(fd) == 0 && stored;
    stored = stored && rename(draft, apr_pstrcat(p, home, "/", name, NULL)) == 0;
    int why = errno;
    if (!stored) {
        (void)unlink(draft);
        errno = why;
    }
    return stored && sync_folder(home);
}

rg_posted_t rg_maildir_send(const rg_post_t *post, apr_pool_t *p, const rg_mail_t *m,
                            const rg_buf_t *bytes)
{
    char why[RG_MAIL_ANSWER_MOST];
    const char *folder = post->conf->folder;
    const char *name = apr_psprintf(p, "%" APR_TIME_T_FMT ".%s.regen", apr_time_sec(m->at), m->uid);
    if (make_parts(p, folder) && store_letter(p, folder, name, bytes)) {
        return rg_posted(RG_POST_SENT, RG_MAIL_FINE, "");
    }
    apr_strerror(APR_FROM_OS_ERROR(errno), why, sizeof(why));
    return rg_posted(RG_POST_DOWN, RG_MAIL_FOLDER, apr_pstrdup(p, why));
}
