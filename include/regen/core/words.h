/* SPDX-License-Identifier: Apache-2.0 */
/* Enums whose values have a word: in the database, in forms, in FHIR, in logs.
 *
 * A header says values and words once, in the order of the numbers:
 *
 *     #define RG_SIDES(X)                \
 *         X(RG_SIDE_NONE, "none")        \
 *         X(RG_SIDE_LEFT, "left")
 *     RG_WORDS(rg_side, RG_SIDE_COUNT, RG_SIDES);
 *
 * which makes the enum rg_side_t, how many values it has, and declares rg_side_name and
 * rg_side_parse; one source file defines both by RG_WORDS_MADE(rg_side, RG_SIDES). Where the
 * comment before a list says "the words of table.column", a guard compares it with the column's
 * ENUM in sql/. What people read on pages is render's. */
#ifndef REGEN_CORE_WORDS_H
#define REGEN_CORE_WORDS_H

#define RG_WORDS_VALUE_(value, word) value,
#define RG_WORDS_ONE_(value, word)   +1
#define RG_WORDS_WORD_(value, word)  word,
#define RG_WORDS_BLANK_(value, word) " " word

/* TYPE_name: the word, a static string; "" for a number that is none of them. TYPE_parse: the
 * value, -1 for an unknown word and NULL. */
#define RG_WORDS(type, COUNT, LIST)                                                                \
    typedef enum { LIST(RG_WORDS_VALUE_) } type##_t;                                               \
    enum { COUNT = 0 LIST(RG_WORDS_ONE_) };                                                        \
    const char *type##_name(type##_t value);                                                       \
    int type##_parse(const char *word)
#define RG_WORDS_MADE(type, LIST)                                                                  \
    static const char *const type##_words[] = {LIST(RG_WORDS_WORD_)};                              \
    const char *type##_name(type##_t value)                                                        \
    {                                                                                              \
        return rg_word_at(type##_words, 0 LIST(RG_WORDS_ONE_), (int)value);                        \
    }                                                                                              \
    int type##_parse(const char *word)                                                             \
    {                                                                                              \
        return rg_word_find(type##_words, 0 LIST(RG_WORDS_ONE_), word);                            \
    }                                                                                              \
    _Static_assert(sizeof(type##_words) > 0, "ends with a semicolon")

/* That an array without a size of its own has something for each value. */
#define RG_WORDS_ALL(array, COUNT)                                                                 \
    _Static_assert(sizeof(array) / sizeof((array)[0]) == (COUNT), "one for each value")

/* All words of a list, separated by spaces. */
#define RG_WORDS_TEXT(LIST) (&(LIST(RG_WORDS_BLANK_))[1])

const char *rg_word_at(const char *const *words, int count, int value);
int rg_word_find(const char *const *words, int count, const char *word);

#endif
