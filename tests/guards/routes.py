# SPDX-License-Identifier: Apache-2.0
"""What the web room promises about itself: templates that handlers render are in the list that configtest checks and in
conf/templates; whatever changes something has a body cap, a form token and a key."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))
from guard import ROOT, case, code, main, need, sources, text  # noqa: E402


def listed():
    body = code(text('mod_regen/web/route.c'), strings=True)
    block = re.search(r'regen_templates_used\[\]\s*=\s*\{(.*?)\};', body, re.S)
    return set(re.findall(r'"([\w.]+)"', block.group(1))) if block else set(need([], 'regen_templates_used'))


def rendered():
    """name -> where, of every literal template name given to a function that renders."""
    found = {}
    for path in sources('web') + sources('module'):
        body = code(text(path), strings=True)
        for call in re.finditer(r'\b(?:\w*_?page|rg_template_render)\s*\(([^;{(]*)', body):
            # Names of templates are lower case; titles are not.
            for name, ending in re.findall(r'"([a-z_]+)(\.html|\.txt)?"', call.group(1)):
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


def rows():
    """(method, pattern, roles, cap, accepts, flags) of every row."""
    body = code(text('mod_regen/web/route.c'), strings=True)
    table = re.search(r'regen_routes\[\]\s*=\s*\{(.*?)\};', body, re.S)
    found = re.findall(r'\{\s*"(\w+)"\s*,\s*"([^"]+)"\s*,([^,]+),([^,]+),([^,]+),([^,]+),\s*\w+\s*\}', table.group(1)) if table else []
    return [tuple(' '.join(field.split()) for field in row) for row in need(found, 'rows of the route table')]


@case
def every_row_is_read():
    """this guard sees as many rows as the table has"""
    body = code(text('mod_regen/web/route.c'), strings=True)
    table = re.search(r'regen_routes\[\]\s*=\s*\{(.*?)\};', body, re.S).group(1)
    there = len(re.findall(r'\{\s*"', table))
    return [] if there == len(rows()) else ['%d rows in the table, %d understood' % (there, len(rows()))]


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


@case
def areas_have_roles():
    """whatever lies in an area asks for a role of it"""
    wrong = []
    for method, pattern, roles, _, _, flags in rows():
        for area, word in (('REGEN_PATIENT_AREA', 'PATIENT'), ('REGEN_FHIR_AREA', 'MACHINE'), ('REGEN_STAFF_AREA', 'STAFF|DESK|CLINICIAN|BILLING|ADMIN')):
            if area in flags and not re.search(word, code(roles)) and not re.fullmatch(r'[A-Z_]+', roles):
                wrong.append('%s %s: %s without its role' % (method, pattern, area))
        if pattern.startswith(('/staff/', '/billing')) and pattern != '/staff/login' and 'REGEN_STAFF_AREA' not in flags:
            wrong.append('%s %s is not in the staff area' % (method, pattern))
    return wrong


if __name__ == '__main__':
    main()
