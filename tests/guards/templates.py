# SPDX-License-Identifier: Apache-2.0
"""What a template asks for somebody gives it, and what is given some template shows: a name that is mistyped on either side shows as
nothing, and nobody is told."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))
from guard import case, code, files, line_of, main, need, sources, text  # noqa: E402

TAG = re.compile(r'\{\{\s*([#^/&>!]?)\s*([^}]*?)\s*\}\}')
# A call that gives a value its name: rg_val_str(v, "name", ...), rg_view_time(v, "name", ...), put_field(list, p, in, "name", ...) is a field's own.
GIVEN = re.compile(r'\brg_(?:val_\w+|view_(?:time|date|money|span|words))\s*\(\s*[^,;"]+,\s*"([a-z_0-9]+)"')
# Names that are put together: the start of the name and where.
MADE = {'is_': 'mod_regen/render/view/view.c'}


def asked():
    """name -> where it stands, of all templates; of a.b.c each part."""
    found = {}
    for path in need(files('.html', '.txt', '.ics', under='conf/templates'), 'templates'):
        source = text(path)
        for tag in TAG.finditer(source):
            if tag.group(1) in ('', '#', '^', '&'):
                for part in tag.group(2).split('.'):
                    found.setdefault(part, '%s:%d' % (path, line_of(source, tag.start())))
    return found


def words():
    """Every literal of the rooms that fill templates, the words of enums, which stand in public headers, and names of fields
    that a list there says (model/patient.h)."""
    found = set()
    headers = need(files('.h', under='include/regen'), 'public headers')
    rooms = [path for room in ('render', 'web', 'core', 'module') for path in sources(room)]
    for path in rooms + headers:
        found |= set(re.findall(r'"((?:\\.|[^"\\\n])*)"', code(text(path), strings=True)))
    for path in headers:
        found |= set(re.findall(r'^ {4}X\(([a-z]\w*),', text(path), re.M))
    return need(found, 'names in code')


@case
def what_is_asked_is_given():
    """every name in a template is one that code gives"""
    known = set(words())
    for start, path in MADE.items():
        need([1] if '"%s"' % start in text(path) else [], 'where names with %s are made' % start)
    return ['%s: nobody gives {{%s}}' % (where, name) for name, where in sorted(asked().items())
            if name and name not in known and not name.startswith(tuple(MADE))]


@case
def what_is_given_is_shown():
    """every name that code gives is in a template"""
    shown, wrong, seen = asked(), [], 0
    for room in ('render', 'web'):
        for path in sources(room, ('.c',)):
            body = code(text(path), strings=True)
            for match in GIVEN.finditer(body):
                seen += 1
                if match.group(1) not in shown:
                    wrong.append('%s:%d: no template shows "%s"' % (path, line_of(body, match.start()), match.group(1)))
    need([1] * seen, 'names that are given')
    return wrong


main()
