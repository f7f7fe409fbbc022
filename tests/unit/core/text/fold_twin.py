# SPDX-License-Identifier: Apache-2.0
"""core/text/fold.c again, by Python's unicodedata: prints `text plain key name` a line, in hex of UTF-8. Every code point that
this Python knows comes once, alone and among letters, then random texts of the kinds of signs that make trouble."""
import random
import sys
import unicodedata

APOSTROPHES = set(map(chr, (
    0x60, 0xb4, 0x2b9, 0x2bb, 0x2bc, 0x2bd, 0x2be, 0x2bf, 0x2c8, 0x2ca, 0x2cb, 0x55a, 0x5f3, 0x7f4, 0x7f5, 0x1fbd, 0x1fbf,
    0x1fef, 0x1ffd, 0x1ffe, 0x2018, 0x2019, 0x201b, 0x2032, 0x2035, 0xa78b, 0xa78c, 0xff07, 0xff40)))
DASHES = set(map(chr, (0x2d7, 0x2043, 0x2053, 0x207b, 0x208b, 0x2212)))
STROKES = {'đ': 'd', 'ħ': 'h', 'ı': 'i', 'ł': 'l', 'ø': 'o', 'ŧ': 't', 'ȷ': 'j', 'ƀ': 'b'}
MOST = 120


def ranges(*pairs):
    return {chr(c) for a, b in pairs for c in range(a, b + 1)}


# DerivedCoreProperties.txt, Default_Ignorable_Code_Point; then Bidi_Control, which adds nothing, and annotations.
UNSEEN = ranges((0xad, 0xad), (0x34f, 0x34f), (0x61c, 0x61c), (0x115f, 0x1160), (0x17b4, 0x17b5), (0x180b, 0x180f),
                (0x200b, 0x200f), (0x202a, 0x202e), (0x2060, 0x206f), (0x3164, 0x3164), (0xfe00, 0xfe0f), (0xfeff, 0xfeff),
                (0xffa0, 0xffa0), (0xfff0, 0xfffb), (0x1bca0, 0x1bca3), (0x1d173, 0x1d17a), (0xe0000, 0xe0fff))
# White_Space that text may have.
BLANKS = set('\t\n\r \xa0\u1680\u2028\u2029\u202f\u205f\u3000') | ranges((0x2000, 0x200a))


def plain(s):
    return unicodedata.normalize('NFC', ''.join(c for c in s if c not in UNSEEN))


def one_sign(s):
    out = []
    for c in s:
        if c in APOSTROPHES:
            c = "'"
        elif unicodedata.category(c) == 'Pd' or c in DASHES:
            c = '-'
        elif c in BLANKS:
            c = ' '
        if c not in UNSEEN:
            out.append(c)
    return ''.join(out)


def is_accent(c):
    k = unicodedata.combining(c)
    return k == 1 or 10 <= k <= 36 or k >= 200 or unicodedata.category(c) == 'Me'


def key(s):
    def decompose(t):
        return unicodedata.normalize('NFKD', t)
    s = decompose(decompose(decompose(one_sign(s)).casefold()).casefold())
    s = ''.join(str(unicodedata.decimal(c)) if unicodedata.category(c) == 'Nd' else STROKES.get(c, c) for c in one_sign(s))
    return ' '.join(p for p in ''.join(c for c in s if not is_accent(c)).split(' ') if p)


def name(s):
    whole = key(s)
    letters = ''.join(c for c in whole if unicodedata.category(c)[0] != 'P' and c not in " `'")
    return (letters or whole)[:MOST]


def told(s):
    def hex_of(t):
        return t.encode().hex() or '-'
    print(hex_of(s), hex_of(plain(s)), hex_of(key(s)), hex_of(name(s)))


def may_come(c):
    """Assigned in this Python's Unicode (ICU may know newer), and clean as rg_text_clean has it."""
    return unicodedata.category(chr(c)) not in ('Cn', 'Cs', 'Cc') or c in (9, 10)


def main(seed, count):
    known = [chr(c) for c in range(1, 0x110000) if may_come(c)]
    for c in known:
        told(c)
        told('xE' + c + 'e-Y')
    dice = random.Random(seed)
    marks = [c for c in known if unicodedata.combining(c)]
    signs = sorted(APOSTROPHES | DASHES | BLANKS - {'\r'} | (UNSEEN & set(known)))
    latin = [c for c in known if ord(c) < 0x250]
    for _ in range(count):
        kinds = dice.choices([latin, marks, signs, known, list('abcDEF')], k=dice.randint(0, 12))
        told(''.join(dice.choice(kind) for kind in kinds))
    told('ﷺ' * 50)


if __name__ == '__main__':
    main(int(sys.argv[1]), int(sys.argv[2]))
