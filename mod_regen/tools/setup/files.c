/* SPDX-License-Identifier: Apache-2.0 */
/* The files of an installation. Each is whole and on the disk before it gets its name, and one that
 * is there is never written again: it may be the only copy of a secret. */
#include "mod_regen/tools/setup/setup.h"
#include "regen/core/crypto.h"
#include "regen/core/keys.h"
#include "regen/core/policy.h"
#include "regen/core/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <apr_file_io.h>
#include <apr_strings.h>

enum { WORD_BYTES = 24 };

static int failed_at(const char *path, apr_status_t rv)
{
    char reason[120];
    ctl_error("%s: %s", path, apr_strerror(rv, reason, sizeof(reason)));
    return CTL_FAILED;
}

static bool is_there(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

/* Of root, or of who runs this. */
static bool is_own(const struct stat *info)
{
    return info->st_uid == 0 || info->st_uid == geteuid();
}

/* What a killed run left beside PATH is nobody's. */
static apr_status_t write_beside(const char *fresh, apr_pool_t *p, const char *text,
                                 apr_fileperms_t mode)
{
    apr_file_t *f;
    (void)apr_file_remove(fresh, p);
    apr_status_t rv = apr_file_open(&f, fresh, APR_WRITE | APR_CREATE | APR_EXCL,
                                    APR_FPROT_UREAD | APR_FPROT_UWRITE, p);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = apr_file_write_full(f, text, strlen(text), NULL);
    rv = rv == APR_SUCCESS ? apr_file_sync(f) : rv;
    apr_file_close(f);
    return rv == APR_SUCCESS ? apr_file_perms_set(fresh, mode) : rv;
}

/* A name is on the disk when its folder is. */
static apr_status_t sync_folder_of(apr_pool_t *p, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *folder = !slash          ? "."
                         : slash == path ? "/"
                                         : apr_pstrmemdup(p, path, (size_t)(slash - path));
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = fd < 0 ? -1 : fsync(fd);
    apr_status_t rv = rc == 0 ? APR_SUCCESS : APR_FROM_OS_ERROR(errno);
    if (fd >= 0) {
        close(fd);
    }
    return rv;
}

/* Never over a file that is there. */
static int put_new_file(const setup_t *s, const char *path, const char *text, apr_fileperms_t mode)
{
    apr_pool_t *p = s->ctl->pool;
    const char *fresh = apr_pstrcat(p, path, ".new", NULL);
    apr_status_t rv = write_beside(fresh, p, text, mode);
    if (rv == APR_SUCCESS && link(fresh, path) != 0) {
        rv = APR_FROM_OS_ERROR(errno);
    }
    (void)apr_file_remove(fresh, p);
    rv = rv == APR_SUCCESS ? sync_folder_of(p, path) : rv;
    return rv == APR_SUCCESS ? CTL_DONE : failed_at(path, rv);
}

/* --- the folder and the installation's secret ------------------------------------------------- */

/* Who may write a folder may put other files under the names of a secret and passwords. */
static int keep_folder(const setup_t *s, const char *folder)
{
    struct stat info;
    if (stat(folder, &info) != 0) {
        return failed_at(folder, APR_FROM_OS_ERROR(errno));
    }
    if ((info.st_mode & 022) != 0 || !is_own(&info)) {
        ctl_error("%s belongs to somebody else or may be written by others: chown root %s; chmod "
                  "go-w %s",
                  folder, folder, folder);
        return CTL_FAILED;
    }
    setup_say(s, "kept", "%s", folder);
    return CTL_DONE;
}

int setup_folder(setup_t *s)
{
    const char *folder = setup_value(s, "folder");
    if (is_there(folder)) {
        return keep_folder(s, folder);
    }
    if (!setup_goes(s, apr_psprintf(s->ctl->pool, "make the folder %s", folder))) {
        return CTL_DONE;
    }
    if (mkdir(folder, 0750) != 0) {
        return failed_at(folder, APR_FROM_OS_ERROR(errno));
    }
    setup_say(s, "done", "the folder %s, for its owner and group only", folder);
    return CTL_DONE;
}

static int refuse_secret(const char *why)
{
    ctl_error("%s", why);
    return CTL_FAILED;
}

static const char *make_secret_file(apr_pool_t *p, const char *path)
{
    char reason[120];
    (void)apr_file_remove(apr_pstrcat(p, path, ".new", NULL), p);
    const char *why = rg_keys_make(p, path);
    apr_status_t rv = why ? APR_SUCCESS : sync_folder_of(p, path);
    return rv == APR_SUCCESS
               ? why
               : apr_psprintf(p, "%s: %s", path, apr_strerror(rv, reason, sizeof(reason)));
}

/* A new one would hide that what it signed can no longer be verified. */
static const char *miss_secret(const setup_t *s, const char *path)
{
    return apr_psprintf(
        s->ctl->pool,
        "%s, the installation's secret, is missing, but it signed the audit log of the database "
        "%s. Put it back from a backup, with its owner and mode 0600, and run setup again. If "
        "there is none: `regenctl secret make %s` makes another one; what the lost one signed can "
        "then not be verified, and open forms must be sent again.",
        path, s->conf.db.database, path);
}

int setup_secret(setup_t *s)
{
    apr_pool_t *p = s->ctl->pool;
    const char *path = s->conf.secret_file;
    const char *why = NULL;
    rg_keys_t *keys = NULL;
    if (!rg_crypto_init()) {
        return refuse_secret("No random numbers are available.");
    }
    if (is_there(path)) {
        why = rg_keys_read(&keys, p, path);
        if (!why) {
            setup_say(s, "kept", "%s, the installation's secret", path);
        }
    }
    else if (s->found.has_events) {
        why = miss_secret(s, path);
    }
    else if (setup_goes(s, apr_psprintf(p, "make %s, the installation's secret", path))) {
        why = make_secret_file(p, path);
        why = why ? why : rg_keys_read(&keys, p, path);
        if (!why) {
            setup_say(s, "done", "%s, the installation's secret: keep a copy elsewhere", path);
        }
    }
    s->ctl->policy->keys = keys;
    return why ? refuse_secret(why) : CTL_DONE;
}

/* --- passwords of the two accounts ------------------------------------------------------------ */

static const char *random_word(apr_pool_t *p)
{
    unsigned char bytes[WORD_BYTES];
    rg_crypto_random(bytes, sizeof(bytes));
    return apr_pstrcat(p, rg_text_base64url(p, bytes, sizeof(bytes)), "\n", NULL);
}

static int read_word_file(const char **to, const setup_t *s, const char *path)
{
    struct stat info;
    const char *why = NULL;
    if (stat(path, &info) == 0 && (info.st_mode & 077) != 0) {
        ctl_error("%s can be read by others than its owner: chmod 600 %s", path, path);
        return CTL_FAILED;
    }
    if (stat(path, &info) == 0 && !is_own(&info)) {
        ctl_error("%s belongs to somebody else: chown root %s", path, path);
        return CTL_FAILED;
    }
    *to = ctl_read_secret(s->ctl->pool, path, NULL, &why);
    return *to ? CTL_DONE : refuse_secret(why);
}

static int make_word(const char **to, const setup_t *s, const char *path, const char *whose,
                     bool exists)
{
    if (is_there(path)) {
        setup_say(s, "kept", "%s, the password of %s", path, whose);
        return read_word_file(to, s, path);
    }
    if (exists && !s->resets) {
        ctl_error("The account %s exists, but %s, which has its password, is missing. If the "
                  "account is this clinic's, put the file back, readable by its owner only, or "
                  "run setup with --reset-password: the account gets a new one. If not, choose "
                  "another name (--user, --module-account).",
                  whose, path);
        return CTL_FAILED;
    }
    if (!setup_goes(s, apr_psprintf(s->ctl->pool, "make %s, the password of %s", path, whose))) {
        return CTL_DONE;
    }
    int code = put_new_file(s, path, random_word(s->ctl->pool), APR_FPROT_UREAD | APR_FPROT_UWRITE);
    if (code == CTL_DONE) {
        setup_say(s, "done", "%s, the password of %s", path, whose);
        code = read_word_file(to, s, path);
    }
    return code;
}

int setup_words(setup_t *s)
{
    int code = make_word(&s->owner.password, s, s->conf.password_file, s->owner_account,
                         s->found.has_owner);
    return code == CTL_DONE ? make_word(&s->module.password, s, s->conf.module_password_file,
                                        s->conf.module_account, s->found.has_module)
                            : code;
}

/* --- settings --------------------------------------------------------------------------------- */

int setup_settings(setup_t *s)
{
    if (s->has_file) {
        setup_say(s, "kept", "%s", s->file);
        return CTL_DONE;
    }
    if (!setup_goes(s, apr_psprintf(s->ctl->pool, "write %s, the settings", s->file))) {
        return CTL_DONE;
    }
    int code = put_new_file(s, s->file, setup_settings_text(s),
                            APR_FPROT_UREAD | APR_FPROT_UWRITE | APR_FPROT_GREAD);
    if (code == CTL_DONE) {
        setup_say(s, "done", "%s, the settings", s->file);
    }
    return code;
}
