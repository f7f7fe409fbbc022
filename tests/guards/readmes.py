# SPDX-License-Identifier: Apache-2.0
"""Whoever comes into a room of the product finds each of its files in the room's README, and none that is gone. A row may name several
at once (`desk*.c`); a header goes with the .c of its name."""
import fnmatch
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))
from guard import case, files, main, need, text  # noqa: E402

# "One file per thing": include/regen/core has a header for each.
WITHOUT_ROWS = {'mod_regen/core'}
# What fits into one look.
MOST_FILES = 20
MOST_HEADER_LINES = 350
# `*.c` alone says nothing.
FILE = re.compile(r'[\w./*-]*\w[\w*-]*\.[ch](?![\w.])')


def named(readme):
    """Files and groups of files that stand in back-ticks."""
    return {f for quoted in re.findall(r'`([^`\n]+)`', readme) for f in FILE.findall(quoted)}


def rooms():
    found = need(files('.c', '.h', under='mod_regen'), 'sources of the product')
    return {os.path.dirname(f): [os.path.basename(g) for g in found if os.path.dirname(g) == os.path.dirname(f)] for f in found}


def known(one, patterns):
    """Whether a header or source is named, or the source that a header belongs to."""
    return any(fnmatch.fnmatch(f, p) for f in (one, re.sub(r'(_int)?\.h$', '.c', one)) for p in patterns)


@case
def every_file_has_its_place_in_the_readme():
    """each source of a room is named in the room's README"""
    wrong = []
    for room, sources in sorted(rooms().items()):
        if room in WITHOUT_ROWS:
            continue
        patterns = {os.path.basename(p) for p in named(text(room + '/README.md'))}
        wrong += ['%s/README.md does not say what %s is for' % (room, one) for one in sorted(sources) if not known(one, patterns)]
    return wrong


@case
def folders_are_small():
    """no folder of the product has more than 20 files"""
    count = {}
    for path in need(files('', under='mod_regen'), 'files of the product'):
        count[os.path.dirname(path)] = count.get(os.path.dirname(path), 0) + 1
    return ['%s has %d files' % (where, n) for where, n in sorted(count.items()) if n > MOST_FILES]


@case
def headers_are_short():
    """no public header has more than 350 lines"""
    counts = [(p, text(p).count('\n')) for p in need(files('.h', under='include'), 'public headers')]
    return ['%s has %d lines' % (p, n) for p, n in counts if n > MOST_HEADER_LINES]


@case
def no_readme_names_a_file_that_is_gone():
    """each source that a room's README names is there"""
    wrong = []
    everything = need(files('.c', '.h', under='.'), 'sources')
    for room in sorted(rooms()):
        for name in sorted(named(text(room + '/README.md'))):
            last = name.split('/')[-1]
            if not any(fnmatch.fnmatch(os.path.basename(f), last) for f in everything) and last != 'mysql.h':
                wrong.append('%s/README.md names %s, which is not there' % (room, name))
    return wrong


if __name__ == '__main__':
    main()
