# SPDX-License-Identifier: Apache-2.0
"""The name of a function says what it does, and stands once: who searches for it, or reads it in a log of a debugger, is where it
is. A few short ones that mean the same in every file that has one may stand in several."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))
from guard import case, code, main, need, sources, text  # noqa: E402

MOST = 40
# What a use-case does within its transaction; what is looked for, added or put into a view; what a thing says of itself.
AGREED = set('''
    add_work get_work list_work look_work open_work read_work relink_work save_work sweep_work
    add begin cancel end find joined load move put read_all read_text show take
    answer asked failed fits listed named refuse refused typed wrong
    count_of name_of place_of site_of text_of type_of value_of zone_of
'''.split())
DEFINED = re.compile(r'^(?:static |inline )*[a-z][\w ]*[ *]+(\w+)\([^;{]*\)\n\{', re.M)


def defined(source):
    return DEFINED.findall(code(source))


def places():
    """{name: [file, …]} of all functions."""
    found = {}
    for path in sources():
        for name in defined(text(path)):
            found.setdefault(name, []).append(path)
    return found


@case
def names_stand_once():
    """no two functions have one name, but for the few that are agreed"""
    found = need(places().items(), 'functions')
    return ['%s: %s' % (name, ', '.join(where)) for name, where in sorted(found) if len(where) > 1 and name not in AGREED]


@case
def agreed_names_are_few():
    """at most 40 names are agreed, and each is used"""
    found = places()
    wrong = ['%s stands in one file at most: it need not be agreed' % n for n in sorted(AGREED) if len(found.get(n, [])) < 2]
    return wrong + (['%d names are agreed' % len(AGREED)] if len(AGREED) > MOST else [])


@case
def the_guard_sees():
    """a function is found by its definition, not by its declaration, a call or a comment"""
    found = defined('int a(void);\nstatic const char *b(int x,\n                     int y)\n{\n    c(x);\n}\n/* d() */\nbool e(void)\n{\n    if (f())\n    {\n    }\n}\n')
    return [] if found == ['b', 'e'] else ['found %s' % found]


if __name__ == '__main__':
    main()
