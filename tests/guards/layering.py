# SPDX-License-Identifier: Apache-2.0
"""The table of rooms in the README, held against the object files and the includes."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))
from guard import BUILD, ROOT, ROOMS, case, code, files, main, need, sources, text  # noqa: E402

LIBRARY = ('core', 'clinic', 'store', 'render')
# Whose functions a room of the library may call.
MAY_CALL = {'core': {'core'}, 'store': {'core', 'store'}, 'render': {'core', 'render'},
            'clinic': {'core', 'store', 'clinic'}}
# Which headers of include/regen a room may read. model/ is plain values; render reads the values that stand beside use-cases,
# too, and calls none of them.
MAY_READ = {'core': {'core', 'model'}, 'store': {'core', 'model', 'store'}, 'render': {'core', 'model', 'clinic', 'render'},
            'clinic': {'core', 'model', 'store', 'clinic'}, 'web': {'core', 'model', 'clinic', 'render'},
            'module': {'core', 'model', 'clinic', 'store', 'render'},
            'tools': {'core', 'model', 'clinic', 'store', 'render'}}
# What stands beside clinic's wings: below all of them, or above.
BESIDE_WINGS = {'access': -1, 'tell': -1, 'transact': 99, 'ready': 99}
# Who frees time hands it over here, and the waitlist, which stands higher, is served before COMMIT.
HANDED_OVER = 'transact'
# A writer knows its back ends, which put bytes by it: one thing in three files.
KNOWN_CIRCLES = [['fhir/writer', 'fhir/writer_json', 'fhir/writer_xml']]
# Private headers of one room that another may read.
MAY_SHARE = {('module', 'web'), ('web', 'module')}
HTTPD = re.compile(r'^(httpd|http_\w+|ap_\w+|util_(?!md5)\w+|mod_(?!regen)\w+|scoreboard|mpm_common|heartbeat)\.h$')


def nm(*args):
    done = subprocess.run(['nm', *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        return []
    return done.stdout.splitlines()


def objects(room):
    """(path from obj/mod_regen, defined symbols, undefined symbols) of the room's object files."""
    made = []
    for source in sources(room, ('.c',)):
        lines = nm(os.path.join(BUILD, 'obj', source[:-2] + '.o'))
        made.append((source, {l.split()[-1] for l in lines if re.search(r' [TDBRVWC] ', l)},
                     {l.split()[-1] for l in lines if ' U ' in l}))
    return made


def includes(path):
    return re.findall(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', code(text(path), strings=True), re.M)


@case
def archive_is_free_of_httpd():
    """the archive has no symbol of httpd"""
    lines = need(nm('-u', '-A', os.path.join(BUILD, 'libregen.a')), 'undefined symbols in libregen.a')
    return [l for l in lines if re.search(r'\bU (ap_(?!r_)\w+|regen_\w+)$', l)]


@case
def only_store_calls_the_database():
    """only objects of store call mysql_*"""
    found, wrong = False, []
    for room in LIBRARY:
        for source, _, undefined in objects(room):
            calls = {s for s in undefined if s.startswith(('mysql_', 'mariadb_'))}
            found |= bool(calls)
            if calls and room != 'store':
                wrong.append('%s calls %s' % (source, ', '.join(sorted(calls))))
    return wrong or ([] if found else ['not even store calls mysql_*: is this looking at the right files?'])


@case
def calls_follow_the_table():
    """no room of the library calls a room it must not know"""
    defined, wrong = {}, []
    made = {room: need(objects(room), 'objects of ' + room) for room in LIBRARY}
    for room, parts in made.items():
        for source, names, _ in parts:
            for name in names:
                defined[name] = (room, source)
    need(defined, 'symbols defined by the library')
    for room, parts in made.items():
        for source, _, undefined in parts:
            for name in sorted(undefined & defined.keys()):
                if defined[name][0] not in MAY_CALL[room]:
                    wrong.append('%s calls %s of %s' % (source, name, defined[name][1]))
    return wrong


def calls(room):
    """{file: {file of the same room that it calls}}, by paths from the room without their ending."""
    part = lambda source: source[len('mod_regen/' + room) + 1:-2]
    made = need(objects(room), 'objects of ' + room)
    defined = {name: part(source) for source, names, _ in made for name in names}
    return {part(source): {defined[n] for n in undefined & defined.keys()} - {part(source)} for source, _, undefined in made}


def circles(graph):
    """Groups of files each of which reaches all others (Tarjan)."""
    order, low, stack, found = {}, {}, [], []

    def walk(at):
        order[at] = low[at] = len(order)
        stack.append(at)
        for to in sorted(graph[at]):
            if to not in order:
                walk(to)
            if to in stack:
                low[at] = min(low[at], low[to])
        if low[at] == order[at]:
            group = stack[stack.index(at):]
            del stack[stack.index(at):]
            found.extend([sorted(group)] if len(group) > 1 else [])

    for at in sorted(graph):
        if at not in order:
            walk(at)
    return found


@case
def no_circles_of_files():
    """no file of the library or of web is called by one that it calls, however far around"""
    return ['%s: %s' % (room, ', '.join(group)) for room in (*LIBRARY, 'web') for group in circles(calls(room)) if group not in KNOWN_CIRCLES]


@case
def the_guard_sees_circles():
    """a circle of three is found, a fork that joins is none"""
    found = circles({'a': {'b'}, 'b': {'c'}, 'c': {'a', 'd'}, 'd': set(), 'e': {'d', 'a'}})
    return [] if found == [['a', 'b', 'c']] else ['found %s' % found]


@case
def wings_keep_their_order():
    """no wing of clinic calls one that stands below it in clinic/README.md, but by transact.c"""
    order = need(re.findall(r'^\| `(\w+)/` \|', text('mod_regen/clinic/README.md'), re.M), 'wings in clinic/README.md')
    graph = calls('clinic')
    wings = {f.split('/')[0] for f in graph if '/' in f}
    wrong = ['%s is not in clinic/README.md' % w for w in sorted(wings - set(order))]
    place = lambda f: order.index(f.split('/')[0]) if '/' in f else BESIDE_WINGS[f]
    for source, targets in sorted(graph.items()):
        wrong += ['%s calls %s' % (source, t) for t in sorted(targets) if place(t) > place(source) and t != HANDED_OVER]
    return wrong


@case
def includes_follow_the_table():
    """includes are those the table of rooms allows"""
    wrong = []
    for room in ROOMS:
        for path in need(sources(room), 'sources of ' + room):
            for name in includes(path):
                wrong += ['%s includes %s: %s' % (path, name, why) for why in judge(room, name)]
    return wrong


def judge(room, name):
    base = os.path.basename(name)
    if base in ('mysql.h', 'errmsg.h', 'mysqld_error.h', 'ma_common.h') or name.startswith(('mysql/', 'mariadb/')):
        if room != 'store':
            yield 'only store knows the database'
    elif HTTPD.match(base) and room not in ('module', 'web'):
        yield 'only module and web know httpd'
    elif name.startswith('regen/'):
        if name.split('/')[1] not in MAY_READ[room]:
            yield 'not a header for ' + room
    else:
        parts = name.split('/')
        other = parts[1] if parts[0] == 'mod_regen' and len(parts) > 2 else room
        if '..' in parts:
            yield 'say where it is from the root'
        if other != room and (room, other) not in MAY_SHARE:
            yield 'a private header of ' + other


@case
def module_exports_one_symbol():
    """mod_regen.so exports regen_module and nothing else"""
    lines = need(nm('-D', '--defined-only', os.path.join(BUILD, 'mod_regen.so')), 'exports of mod_regen.so')
    names = sorted(l.split()[-1] for l in lines)
    return [] if names == ['regen_module'] else ['it exports ' + ', '.join(names)]


@case
def no_sql_outside_store():
    """no SQL outside store"""
    keyword = re.compile(r'"\s*(SELECT\s.*\sFROM|INSERT\s+(IGNORE\s+)?INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|START TRANSACTION|COMMIT)\b')
    wrong = []
    for room in ROOMS:
        for path in sources(room):
            for number, line in enumerate(code(text(path), strings=True).splitlines(), 1):
                if keyword.search(line) and room != 'store':
                    wrong.append('%s:%d: %s' % (path, number, line.strip()))
    return wrong


@case
def no_markup_outside_templates():
    """no HTML in C: pages come from templates"""
    # FHIR's narrative is XHTML by its specification; server-status is httpd's own page and takes markup.
    allowed = {'mod_regen/render/fhir/writer.c', 'mod_regen/module/status.c'}
    tag = re.compile(r'"[^"]*</?(html|body|div|p|h1|h2|a|form|input|table|tr|td|li|ul|span|br|button|label)\b[^"]*>')
    wrong = []
    for room in ROOMS:
        for path in sources(room):
            for number, line in enumerate(code(text(path), strings=True).splitlines(), 1):
                if tag.search(line) and path not in allowed:
                    wrong.append('%s:%d: %s' % (path, number, line.strip()))
    need(files('.html', '.mustache', '.tpl', under='conf/templates'), 'templates')
    return wrong


main()
