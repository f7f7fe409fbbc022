# SPDX-License-Identifier: Apache-2.0
"""What the web room promises about itself: templates that handlers render are in the list that configtest checks and in
conf/templates; whatever changes something has a body cap, a form token and a key."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))
from guard import ROOT, balanced, case, code, files, main, need, sources, text  # noqa: E402


LIST, WORDS = 'mod_regen/web/platform/route.c', 'mod_regen/web/platform/route.h'
TABLE = re.compile(r'\bregen_route_t\s+(\w+)\[\]\s*=\s*\{(.*?)\{\s*NULL\b', re.S)
ROW = re.compile(r'\{\s*"(\w+)"\s*,\s*"([^"]+)"\s*,([^,]+),([^,]+),([^,]+),([^,]+),\s*(\w+)\s*\}')


def listed():
    body = code(text(LIST), strings=True)
    block = re.search(r'regen_templates_used\[\]\s*=\s*\{(.*?)\};', body, re.S)
    return set(re.findall(r'"([\w./]+)"', block.group(1))) if block else set(need([], 'regen_templates_used'))


def own_words(arguments):
    """The arguments of a call without those of calls within."""
    inner = re.sub(r'\([^()]*\)', '', arguments)
    return arguments if inner == arguments else own_words(inner)


def rendered():
    """name -> where, of every literal template name given to a function that renders."""
    found = {}
    for path in sources('web') + sources('module'):
        body = code(text(path), strings=True)
        for call in re.finditer(r'\b(?:regen_page|page|rg_template_render)\s*\(', body):
            for name, ending in re.findall(r'"([a-z_/]+)(\.html|\.txt)?"', own_words(balanced(body, call.start()))):
                found.setdefault(name + (ending or '.html'), path)
    return found if found else dict(need([], 'rendered templates'))


@case
def templates_are_listed():
    """every template a handler names is in regen_templates_used"""
    names = listed()
    return ['%s: %s is not in regen_templates_used' % (path, name) for name, path in sorted(rendered().items())
            if name not in names]


@case
def templates_exist():
    """every template of regen_templates_used is in conf/templates"""
    return ['conf/templates/%s is missing' % name for name in sorted(listed())
            if not os.path.exists(os.path.join(ROOT, 'conf', 'templates', name))]


@case
def templates_are_pages_or_parts():
    """every template is a page that a handler renders, or a part that another one includes"""
    paths = [os.path.relpath(f, 'conf/templates') for f in need(files('.html', '.txt', under='conf/templates'), 'templates')]
    parts = {name + os.path.splitext(path)[1] for path in paths
             for name in re.findall(r'\{\{>\s*([\w/-]+)\s*\}\}', text('conf/templates/' + path))}
    return ['conf/templates/%s is nobody\'s' % path for path in paths if path not in listed() | parts]


def tables():
    """(file, name, text) of every table of routes."""
    return need([(path, name, table) for path in sources('web', ('.c',))
                 for name, table in TABLE.findall(code(text(path), strings=True))], 'tables of routes')


def types():
    """(name, flags) of every type of the FHIR API, as fhir/search.c makes its rows."""
    table = re.search(r'regen_fhir_types\[\]\s*=\s*\{(.*?)\};', code(text('mod_regen/web/fhir/type.c'), strings=True), re.S).group(1)
    found = re.findall(r'(?:DEFINED\(|\{)\s*"(\w+)"\s*,\s*(true)?', table)
    return need([(name, ' | FINDS_PEOPLE' if people else '') for name, people in found], 'types of the FHIR API')


def rows():
    """(method, pattern, roles, cap, accepts, flags) of every row; those of TYPE once for each type."""
    found = []
    for _, _, table in tables():
        for row in ROW.findall(table):
            method, pattern, *others, flags = (' '.join(field.split()) for field in row[:-1])
            found += [(method, pattern.replace('TYPE', name), *others, flags + more)
                      for name, more in (types() if 'TYPE' in pattern else [('', '')])]
    return need(found, 'rows of routes')


@case
def every_row_is_read():
    """this guard sees as many rows as the tables have"""
    counts = [(path, len(re.findall(r'\{\s*"', table)), len(ROW.findall(table))) for path, _, table in tables()]
    return ['%s: %d rows, %d understood' % count for count in counts if count[1] != count[2] or not count[1]]


@case
def every_table_is_in_the_list():
    """each table of routes is one of those that route.h lists, and stands where its handlers do, which are nobody else's"""
    listed = re.search(r'#define REGEN_ROUTE_TABLES\(X\)((?:.*\\\n)+.*)', text(WORDS)).group(1)
    names = {'regen_routes_' + name for name in re.findall(r'\bX\((\w+)\)', listed)}
    wrong = ['%s: %s is not in %s' % (path, name, WORDS) for path, name, _ in tables() if name not in names and name != 'of_type']
    for path, _, table in tables():
        own = set(re.findall(r'^static int (\w+)\(', text(path), re.M))
        wrong += ['%s: %s is not static there' % (path, row[-1]) for row in ROW.findall(table) if row[-1] not in own]
    return wrong


@case
def a_row_is_there_once():
    """no two rows have the same method and pattern, and none begins with a star, which the look-up by the first letter would miss"""
    names = ['%s %s' % row[:2] for row in rows()]
    return sorted({'%s is there twice' % name for name in names if names.count(name) > 1} | {name for name in names if ' /*' in name})


@case
def changes_are_bounded():
    """a POST has a cap and a type; a GET has neither"""
    wrong = []
    for method, pattern, _, cap, accepts, _ in rows():
        if method == 'POST' and (cap == '0' or accepts == '0'):
            wrong.append('POST %s has no cap or no type' % pattern)
        if method == 'GET' and (cap != '0' or accepts != '0'):
            wrong.append('GET %s has a body' % pattern)
    return wrong


# What an area may ask for, and what of the mount lies in it. A row outside the areas asks for no role at all.
ROLES = {
    'REGEN_STAFF_AREA': ({'FRONT_DESK', 'CLINICIAN', 'BILLING', 'ADMIN', 'TABLET'}, ('/staff', '/billing', '/logout', '/tablet')),
    'REGEN_PATIENT_AREA': ({'PATIENT'}, ('/booking', '/bookings', '/waiting', '/order')),
    'REGEN_FHIR_AREA': ({'MACHINE'}, ('/fhir',)),
}
# What anybody may open though it lies there.
OPEN = {('GET', '/staff/login'), ('POST', '/booking/leave'), ('GET', '/fhir/metadata'), ('GET', '/fhir/OperationDefinition/*'),
        ('GET', '/fhir/StructureDefinition/*'), ('GET', '/fhir/$bulk-publish'), ('GET', '/fhir/$bulk-publish/*')}


def defined(path, words):
    """Adds the flags of #define NAME (A | B) in PATH to WORDS, whose names stand for themselves or for several."""
    for name, value in re.findall(r'^#define\s+(\w+)\s+\(?([\w |]+?)\)?\s*$', code(text(path)), re.M):
        flags = [w for f in value.split('|') for w in words.get(f.strip(), {f.strip()})]
        words[name] = set(flags)
    return words


def under(pattern, start):
    return pattern == start or pattern.startswith(start + '/')


def wrong_with(row, words):
    """What is wrong with whom a row lets in, or None."""
    method, pattern, roles, _, _, flags = row
    asked = {r.removeprefix('RG_ROLE_') for f in roles.split('|') for r in words.get(f.strip(), {f.strip()})} - {'0'}
    said = {w for f in flags.split('|') for w in words.get(f.strip(), {f.strip()})}
    areas = [a for a in ROLES if a in said]
    if (method, pattern) in OPEN:
        return 'is open to anybody, and asks for a role' if asked or areas else None
    if len(areas) != 1:
        where = [a for a, (_, starts) in ROLES.items() if any(under(pattern, s) for s in starts)]
        return 'lies in %s and does not say so' % where[0] if where else 'asks for a role outside the areas' if asked or areas else None
    allowed, starts = ROLES[areas[0]]
    if not any(under(pattern, s) for s in starts):
        return 'says %s and does not lie there' % areas[0]
    return None if asked and asked <= allowed else '%s may not ask for %s' % (areas[0], ' '.join(sorted(asked)) or 'nobody')


@case
def areas_have_roles():
    """whatever lies in an area asks for roles of it, and for no other"""
    words = defined(WORDS, defined('include/regen/core/ctx.h', {}))
    need([1] if words.get('BILLING') == {'RG_ROLE_BILLING', 'RG_ROLE_ADMIN'} else [], 'words for roles')
    found = [('%s %s' % row[:2], wrong_with(row, words)) for row in rows()]
    return ['%s %s' % (name, why) for name, why in found if why]


@case
def the_guard_of_roles_sees():
    """a patient's role on a staff page, a row without its area, a role outside of them are found; what is right is not"""
    words = {'DESK': {'RG_ROLE_FRONT_DESK', 'RG_ROLE_ADMIN'}, 'PLACE': {'REGEN_PATIENT_AREA', 'REGEN_OF_PLACE'}}
    bad = [('GET', '/staff/week', 'RG_ROLE_PATIENT', '0', '0', 'REGEN_STAFF_AREA'), ('GET', '/staff/week', '0', '0', '0', 'REGEN_STAFF_AREA'),
           ('GET', '/staff/week', 'DESK', '0', '0', '0'), ('GET', '/billing', 'DESK | RG_ROLE_MACHINE', '0', '0', 'REGEN_STAFF_AREA'),
           ('GET', '/booking', 'DESK', '0', '0', 'PLACE'), ('GET', '/services', 'DESK', '0', '0', '0'), ('GET', '/fhir/Claim/*', '0', '0', '0', '0'),
           ('GET', '/services', 'DESK', '0', '0', 'REGEN_STAFF_AREA')]
    good = [('GET', '/staff/week', 'DESK', '0', '0', 'REGEN_STAFF_AREA'), ('GET', '/waiting/leave', 'RG_ROLE_PATIENT', '0', '0', 'PLACE'),
            ('GET', '/services', '0', '0', '0', '0'), ('GET', '/fhir/metadata', '0', '0', '0', '0')]
    return ['not found: %s %s %s' % (r[1], r[2], r[5]) for r in bad if not wrong_with(r, words)] + \
        ['%s: %s' % (r[1], wrong_with(r, words)) for r in good if wrong_with(r, words)]


if __name__ == '__main__':
    main()
