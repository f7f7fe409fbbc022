/* SPDX-License-Identifier: Apache-2.0 */
/* Files of a folder that another account may write to. httpd reads its configuration as root and
 * publishes what it reads: a name in the folder must not lead to a file that the folder's owner may
 * not read. */
#include "regen/core/file.h"

#include <stdbool.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <apr_strings.h>

static bool is_in_folder(const char *dir, const char *path)
{
    size_t n = strlen(dir);
    return strncmp(path, dir, n) == 0 && path[n] == '/';
}

/* Links may lead to another file of the folder, not out of it. */
static const char *resolve_link(char out[PATH_MAX], apr_pool_t *p, const char *dir,
                                const char *name)
{
    char folder[PATH_MAX];
    if (!realpath(dir, folder) || !realpath(apr_pstrcat(p, dir, "/", name, NULL), out)) {
        return "cannot be read";
    }
    return is_in_folder(folder, out) ? NULL : "is a link that leads out of the folder";
}

/* The folder's owner could have read it: it is the owner's or readable by everybody. The same
 * applies to the owner of the subfolder of PATH, who could have put it there. */
static const char *why_not_readable(int fd, const char *dir, const char *path, struct stat *file)
{
    char near[PATH_MAX];
    struct stat folder;
    struct stat below;
    apr_cpystrn(near, path, sizeof(near));
    *strrchr(near, '/') = '\0';
    if (fstat(fd, file) != 0 || !S_ISREG(file->st_mode) || stat(dir, &folder) != 0 ||
        stat(near, &below) != 0) {
        return "cannot be read";
    }
    return (file->st_uid == folder.st_uid && file->st_uid == below.st_uid) ||
                   (file->st_mode & S_IROTH) != 0
               ? NULL
               : "belongs to a different owner than the folder and is not readable by everybody";
}

static const char *read_all(char *data, size_t n, int fd)
{
    size_t at = 0;
    while (at < n) {
        ssize_t got = read(fd, data + at, n - at);
        if (got <= 0) {
            return "cannot be read";
        }
        at += (size_t)got;
    }
    data[n] = '\0';
    return NULL;
}

const char *rg_file_in_folder(const char **data, size_t *n, apr_pool_t *p, const char *dir,
                              const char *name, size_t most)
{
    char path[PATH_MAX];
    struct stat info;
    const char *why = resolve_link(path, p, dir, name);
    int fd = why ? -1 : open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return why ? why : "cannot be read";
    }
    why = why_not_readable(fd, dir, path, &info);
    if (!why && (size_t)info.st_size > most) {
        why = apr_psprintf(p, "is larger than %" APR_SIZE_T_FMT " MiB", most / 1024 / 1024);
    }
    if (!why) {
        char *bytes = apr_palloc(p, (size_t)info.st_size + 1);
        *n = (size_t)info.st_size;
        *data = bytes;
        why = read_all(bytes, *n, fd);
    }
    close(fd);
    return why;
}
