/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a file of certificates, and as the line of a password file. Beyond not crashing: what
 * is taken has a whole certificate and is taken twice over, but not with a damaged one behind it or
 * its own end gone; what is refused is so in clean words that do not quote the file. */
#include "target.h"
#include "regen/core/keys.h"
#include "regen/core/text.h"

#include <sys/mman.h>
#include <unistd.h>

static const char BEGIN[] = "-----BEGIN CERTIFICATE-----";
static const char END[] = "-----END CERTIFICATE-----";
static int fd = -1;
static const char *path;

/* A file that is nowhere on a disk. */
void fuzz_begin(apr_pool_t *forever)
{
    fd = memfd_create("pem", MFD_CLOEXEC);
    must(fd >= 0);
    path = apr_psprintf(forever, "/proc/self/fd/%d", fd);
}

static const char *wrong(apr_pool_t *p, const char *text, size_t n)
{
    must(ftruncate(fd, 0) == 0 && pwrite(fd, text, n, 0) == (ssize_t)n);
    return rg_pem_wrong(p, path);
}

static const char *wrong_text(apr_pool_t *p, const char *text)
{
    return wrong(p, text, strlen(text));
}

static const char *last(const char *text, const char *word)
{
    const char *found = NULL;
    for (const char *s = strstr(text, word); s; s = strstr(s + 1, word)) {
        found = s;
    }
    return found;
}

static void of_file(apr_pool_t *p, const char *text, size_t size)
{
    const char *why = wrong(p, text, size);
    const char *damaged = "\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    if (why) {
        must(rg_text_clean(why, strlen(why)) && strlen(why) < 60);
        return;
    }
    must(strlen(text) == size && strstr(text, BEGIN) && last(text, END));
    must(!wrong_text(p, apr_pstrcat(p, text, "\n", text, NULL)));
    must(!wrong_text(p, apr_pstrcat(p, "# ours\n", text, "\n# the end\n", NULL)));
    must(wrong_text(p, apr_pstrcat(p, text, damaged, NULL)) != NULL);
    const char *open = last(text, BEGIN);
    const char *end = strstr(open, END);
    must(end && wrong(p, text, (size_t)(end - text)));
}

static void of_line(apr_pool_t *p, const char *text)
{
    size_t n = strlen(text);
    bool blanks = n > 0 && (strchr(" \t", text[0]) || strchr(" \t", text[n - 1]));
    const char *why = rg_secret_line_wrong(text);
    must(!why || (rg_text_clean(why, strlen(why)) && strlen(why) < 80));
    must(why || (rg_text_clean(text, n) && !blanks));
    must(!why || !rg_text_clean(text, n) || blanks || strncmp(text, "\xEF\xBB\xBF", 3) == 0);
    must(n == 0 || rg_secret_line_wrong(apr_pstrcat(p, text, " ", NULL)));
    must(rg_secret_line_wrong(apr_pstrcat(p, "\xEF\xBB\xBF", text, NULL)) != NULL);
}

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    of_file(p, text, size);
    of_line(p, text);
}
