# SPDX-License-Identifier: Apache-2.0
"""What every guard needs: the project's files, C without its comments, and TAP. A guard is a file of functions marked
@case that give a list of what is wrong; one that finds nothing to look at says so through need() and fails."""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BUILD = os.path.join(ROOT, os.environ.get('BUILD') or 'build')
SKIP_FOLDERS = {'.git', 'build', '__pycache__', '.pytest_cache', '.hypothesis', 'node_modules'}
ROOMS = ('core', 'clinic', 'store', 'render', 'module', 'web', 'tools')
CASES = []


class Lost(Exception):
    """The guard did not find what it guards."""


def case(function):
    CASES.append(function)
    return function


def need(things, what):
    things = list(things)
    if not things:
        raise Lost('found no %s to look at' % what)
    return things


def files(*ends, under=''):
    """Paths from the project's root, sorted, that end with one of ENDS."""
    found = []
    for where, folders, names in os.walk(os.path.join(ROOT, under)):
        folders[:] = [f for f in folders if f not in SKIP_FOLDERS]
        for name in names:
            path = os.path.relpath(os.path.join(where, name), ROOT)
            if name.endswith(ends) and 'tests/browser/axe/' not in path:
                found.append(path)
    return sorted(found)


def sources(room=None, ends=('.c', '.h')):
    return need(files(*ends, under='mod_regen/' + room if room else 'mod_regen'), 'sources of ' + (room or 'mod_regen'))


def text(path):
    with open(os.path.join(ROOT, path), encoding='utf-8') as f:
        return f.read()


TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def code(source, strings=False):
    """C with comments blanked out, and the insides of strings as well unless STRINGS; lines stay where they are."""

    def blank(match):
        word = match.group(0)
        if word[0] == '"':
            return word if strings else '"' + ' ' * (len(word) - 2) + '"'
        if word[0] == "'":
            return word if strings else "' '"
        return re.sub(r'[^\n]', ' ', word)

    return TOKEN.sub(blank, source)


def line_of(source, at):
    return source.count('\n', 0, at) + 1


def balanced(source, at):
    """The text between the parenthesis that opens at or after AT and its partner."""
    start = source.index('(', at)
    depth = 0
    for i in range(start, len(source)):
        depth += {'(': 1, ')': -1}.get(source[i], 0)
        if depth == 0:
            return source[start + 1:i]
    return source[start + 1:]


def main():
    failed = 0
    print('1..%d' % len(CASES))
    for number, function in enumerate(CASES, 1):
        try:
            wrong = function()
        except (Lost, OSError) as lost:
            wrong = [str(lost)]
        name = (function.__doc__ or function.__name__).strip().split('\n')[0].rstrip('.')
        print('%sok %d - %s' % ('not ' if wrong else '', number, name))
        for line in wrong:
            print('# ' + str(line).replace('\n', '\n# '))
        failed += bool(wrong)
    sys.stdout.flush()
    sys.exit(1 if failed else 0)
