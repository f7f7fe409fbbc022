/* SPDX-License-Identifier: Apache-2.0 */
/* From the number of an enum to its word and back. */
#include "regen/core/words.h"

#include <stddef.h>
#include <string.h>

const char *rg_word_at(const char *const *words, int count, int value)
{
    return value >= 0 && value < count ? words[value] : "";
}

int rg_word_find(const char *const *words, int count, const char *word)
{
    for (int i = 0; word && i < count; i++) {
        if (strcmp(words[i], word) == 0) {
            return i;
        }
    }
    return -1;
}
