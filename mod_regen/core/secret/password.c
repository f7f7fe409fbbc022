/* SPDX-License-Identifier: Apache-2.0 */
/* Password strength, by zxcvbn (D. Wheeler, USENIX Security 2016): common passwords, names, words,
 * dates, keyboard walks and repetitions are easy to guess, however long they are. */
#include "regen/core/crypto.h"

#include <string.h>

#include <zxcvbn.h>

/* Its cost grows faster than the length; what comes after this adds nothing that is needed. */
enum { LOOK_AT = 64, HINTS_MOST = 8 };

int rg_password_bits(const char *password, const char *const *hints)
{
    const char *words[HINTS_MOST + 1] = {NULL};
    char head[LOOK_AT + 1];
    for (int i = 0; i < HINTS_MOST && hints[i]; i++) {
        words[i] = hints[i];
    }
    size_t n = strlen(password);
    n = n < LOOK_AT ? n : LOOK_AT;
    memcpy(head, password, n);
    head[n] = '\0';
    return (int)ZxcvbnMatch(head, words, NULL);
}
