# SPDX-License-Identifier: Apache-2.0
"""Whoever comes into a folder finds its README, each of its files in it, and none that is gone. A row may name several at once
(`desk*.c`); a header goes with the .c of its name."""
import fnmatch
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))
from guard import case, files, main, need, text  # noqa: E402

SOURCES = ('.c', '.h', '.py', '.sh', '.sql')
# "One file per thing": include/regen/core has a header for each. The numbered migrations tell themselves what they do.
WITHOUT_ROWS = {'mod_regen/core', 'sql', 'sql/sample'}
# A kind's conftest.py is pytest's own name for where its fixtures come from.
WITHOUT_ROW = {'conftest.py'}
# Data, one file for each thing it is about.
MANY_FILES = ('tests/fuzz/corpus/', 'tests/fuzz/dict', 'tests/browser/axe')
# What fits into one look.
MOST_FILES = 20
MOST_HEADER_LINES = 350
MOST_README_LINES = 160
# `*.c` alone says nothing.
FILE = re.compile(r'[\w./*-]*\w[\w*-]*\.(?:[ch]|py|sh)(?![\w.])')


def named(readme):
    """Files and groups of files that stand in back-ticks."""
    return {f for quoted in re.findall(r'`([^`\n]+)`', readme) for f in FILE.findall(quoted)}


def rows(readme):
    """What the first column of a README's tables names."""
    return named('\n'.join(line.split('|')[1] for line in readme.splitlines() if line.startswith('| `')))


def rooms(*under, ends=('.c', '.h')):
    """{folder: its sources}."""
    found = {}
    for top in under:
        for path in need(files(*ends, under=top), 'sources in ' + top):
            found.setdefault(os.path.dirname(path), []).append(os.path.basename(path))
    return found


def known(one, patterns):
    """Whether a header or source is named, or the source that a header belongs to."""
    return any(fnmatch.fnmatch(f, p) for f in (one, re.sub(r'(_int)?\.h$', '.c', one)) for p in patterns)


@case
def every_folder_has_a_readme():
    """each folder with sources has a README of at most a page"""
    wrong = []
    for room in sorted(rooms('mod_regen', 'include', 'sql', 'tests', ends=SOURCES)):
        pages = [p for p in files('README.md', under=room) if os.path.dirname(p) == room]
        wrong += ['%s has no README.md' % room] if not pages else []
        wrong += ['%s has more than %d lines' % (p, MOST_README_LINES) for p in pages if text(p).count('\n') > MOST_README_LINES]
    return wrong


@case
def every_file_has_its_place_in_the_readme():
    """each source of a room and of the tests is named in its folder's README"""
    wrong = []
    for room, sources in sorted(rooms('mod_regen', 'tests', ends=SOURCES).items()):
        if room in WITHOUT_ROWS:
            continue
        patterns = {os.path.basename(p) for p in named(text(room + '/README.md'))}
        wrong += ['%s/README.md does not say what %s is for' % (room, one) for one in sorted(set(sources) - WITHOUT_ROW) if not known(one, patterns)]
    return wrong


@case
def folders_are_small():
    """no folder of the product and of the tests has more than 20 files"""
    count = {}
    for top in ('mod_regen', 'tests'):
        for path in need(files('', under=top), 'files in ' + top):
            where = os.path.dirname(path)
            if not where.startswith(MANY_FILES):
                count[where] = count.get(where, 0) + 1
    return ['%s has %d files' % (where, n) for where, n in sorted(count.items()) if n > MOST_FILES]


@case
def headers_are_short():
    """no public header has more than 350 lines"""
    counts = [(p, text(p).count('\n')) for p in need(files('.h', under='include'), 'public headers')]
    return ['%s has %d lines' % (p, n) for p, n in counts if n > MOST_HEADER_LINES]


@case
def no_readme_names_a_file_that_is_gone():
    """each source that a README names is there, and each test where it says"""
    wrong = []
    everything = need(files(*SOURCES, under='.'), 'sources')
    last_names = {os.path.basename(f) for f in everything} | {'mysql.h'}
    for readme in need(files('README.md', under='.'), 'READMEs'):
        body = text(readme)
        # What is to be written stands in the words about how to add one, and is not there yet.
        names = rows(body) if readme.startswith('tests/') else named(body)
        for name in sorted(names):
            if name.startswith('tests/'):
                there = any(fnmatch.fnmatch(f, name) for f in everything)
            else:
                there = any(fnmatch.fnmatch(f, os.path.basename(name)) for f in last_names)
            if not there:
                wrong.append('%s names %s, which is not there' % (readme, name))
    return wrong


if __name__ == '__main__':
    main()
