# SPDX-License-Identifier: Apache-2.0
"""The worst a single request can cost: for every route the CPU that httpd and the database spend on the worst inputs we know, each as
large as the route's caps allow, in a clinic with thousands of bookings. It makes a table (worst.txt among the logs) and judges no time:
it fails when a route is not in it, or when an input is answered with 500."""
import glob
import json
import os
import re
import secrets
import time
import urllib.parse

import pytest

import crowd
import env
import fhirapi
import manyfill
import patient

pytestmark = pytest.mark.once

BOOKINGS = 8000
# One child, whose threads stay: their time is what is counted.
SIZING = 'StartServers 1\nServerLimit 1\nThreadsPerChild 4\nMaxRequestWorkers 4\nMinSpareThreads 1\nMaxSpareThreads 4\nMaxConnectionsPerChild 0\n'
UNLIMITED = 'RegenLoginRate off\nRegenLinkRate off\nRegenJoinRate off\nRegenSearchRate off\n'
PAIRS = 200  # of a form or a query; more where the body may be larger: one for 64 bytes
LINE = 8000  # httpd's LimitRequestLine is 8190
KINDS = {'REGEN_FORM': 'application/x-www-form-urlencoded', 'REGEN_JSON': 'application/fhir+json', 'REGEN_XML': 'application/fhir+xml'}

# Letters that cost: one that grows to eighteen when folded, marks that must be put in order, a flag of code points beyond 16 bits.
LIGATURE, MARKS, WIDE = '\ufdfa', 'a' + '\u0327\u0301\u0323\u0308' * 8, '\U0001d4ea'
PROFESSIONAL = '<type><coding><system value="http://terminology.hl7.org/CodeSystem/claim-type"/><code value="professional"/></coding></type>'


def uid(n):
    return '4%025d' % n


def names_of_fields():
    """Every field of every page, as the templates have them; what a page makes by number (step_1) counts as the first of it."""
    found = set()
    folder = os.path.join(env.ROOT, 'conf', 'templates')
    for name in sorted(glob.glob(os.path.join(folder, '*', '*.html'))):
        found |= set(re.findall(r'name="([a-z_0-9]+)"', env.read(name)))
    return sorted(found - {'csrf', 'idem', 'booking', 'place', 'version'})


def filled(text, size):
    """TEXT again and again, in at most SIZE bytes of UTF-8."""
    return text * (size // len(text.encode()))


def forms(cap, known):
    """(name, body) of the worst forms of at most CAP bytes; KNOWN: the fields that let it in."""
    begin = urllib.parse.urlencode(known)
    room = cap - len(begin) - 80
    fields = names_of_fields()
    yield 'pairs', begin + ''.join('&a%d=1' % n for n in range(min(room // 8, max(cap // 64, PAIRS) - len(known) - 1)))
    yield 'escapes', begin + '&family=' + filled('%61', room - 8)
    for name, text in (('ligatures', LIGATURE), ('marks', MARKS), ('wide', WIDE), ('digits', '9')):
        each, made = max(room // min(len(fields), PAIRS - 9) - 20, 120), begin
        for field in fields[:PAIRS - 9]:
            more = '&%s=%s' % (field, urllib.parse.quote(filled(text, each // 3) or text))
            made += more if len(made) + len(more) < cap - 80 else ''
        yield name, made


def queries(pattern):
    yield 'none', ''
    yield 'pairs', '?' + 'a=&' * (LINE // 3 // 40)
    yield 'ligatures', '?q=' + urllib.parse.quote(filled(LIGATURE, LINE // 4))
    day = time.strftime('%Y-%m-%d', time.gmtime(time.time() + 14 * 86400))
    for one in ('day=' + day, 'month=' + day[:7], 'date=' + day, 'page=20', 'status=closed&page=20', 'service=bmac-knee'):
        yield one, '?' + one
    if pattern.startswith('/fhir/'):
        yield from (('?' + q, '?' + q) for q in searches())


def searches():
    """Questions as long as the line allows."""
    yield '_id=' + ','.join(uid(n) for n in range(LINE // 28))
    yield 'name=' + urllib.parse.quote(filled(LIGATURE, 600))
    yield '&'.join('date=ge20%02d-01-01' % (n % 90 + 10) for n in range(40))
    yield '_lastUpdated=gt2001-01-01&_count=100'
    yield 'status=booked&_count=100&_include=Appointment:patient&_include=Appointment:actor'
    yield 'service-type=bmac-knee&_count=100'


def documents(kind, cap):
    """(name, body) of the worst bodies of machines."""
    if kind == 'REGEN_JSON':
        yield 'deep', '{"resourceType":"Parameters","parameter":' + '[' * (cap // 3)
        yield 'nested', '{"a":' * 60 + '1' + '}' * 60
        yield 'keys', json.dumps({'resourceType': 'Parameters', **{'k%d' % n: 1 for n in range(cap // 12)}})[:cap]
        yield 'parameters', '{"resourceType":"Parameters","parameter":[' + ','.join(['{"name":"start","valueDateTime":"%s"}' % time.strftime('%Y-%m-%dT00:00:00Z')] * (cap // 60)) + ']}'
        one = '{"use":"official","family":"%s","given":["%s"]}' % (LIGATURE * 20, MARKS)
        yield 'names', ('{"resourceType":"Parameters","parameter":[{"name":"patient","resource":{"resourceType":"Patient","name":['
                        + ','.join([one] * (cap // 300)) + ']}}]}')
        yield 'escapes', '{"resourceType":"Parameters","id":"' + filled('\\ufdfa', cap - 60) + '"}'
        yield 'numbers', '{"resourceType":"Parameters","parameter":[{"name":"n","valueDecimal":' + '9' * (cap - 100) + '}]}'
    else:
        root = 'Claim' if cap > 100000 else 'Parameters'
        begin = '<%s xmlns="http://hl7.org/fhir">' % root
        yield 'attributes', begin[:-1] + ''.join(' a%d="1"' % n for n in range(cap // 12)) + '/>'
        yield 'deep', begin + '<a>' * (cap // 4)
        yield 'elements', begin + filled('<item/>', cap - 100) + '</%s>' % root
        ahead = time.strftime('%Y-%m-%d', time.gmtime(time.time() + 900 * 86400))
        lines = ('<item><sequence value="%d"/><diagnosisSequence value="%d"/><servicedDate value="%s"/>'
                 '<net><value value="1.00"/></net></item>' % (n, n, ahead) for n in range(min(cap // 140, 7000)))
        yield 'lines', begin + PROFESSIONAL + ''.join(lines) + '</%s>' % root
        codes = ('<diagnosis><sequence value="%d"/><diagnosisCodeableConcept><coding><system value="http://hl7.org/fhir/sid/icd-10-cm"/>'
                 '<code value="M17.11"/></coding></diagnosisCodeableConcept></diagnosis>' % n for n in range(cap // 210))
        yield 'diagnoses', begin + PROFESSIONAL + ''.join(codes) + '</%s>' % root
        yield 'identifiers', begin + filled('<identifier><value value="1"/></identifier>', cap - 100) + '</%s>' % root
        yield 'references', begin + '<id value="' + filled('&#xFDFA;', cap - 100) + '"/></%s>' % root
        yield 'text', begin + filled('x', cap - 100) + '</%s>' % root
        yield 'namespaces', begin + ''.join('<a xmlns:n%d="u:%d"/>' % (n, n) for n in range(cap // 30)) + '</%s>' % root
        yield 'comments', begin + filled('<!---->', cap - 100) + '</%s>' % root


def cpu(pid):
    """Seconds of CPU of a process so far, its ended threads too."""
    return time.clock_gettime((~pid << 3) | 2)


@pytest.fixture(scope='module')
def clinic(database, template):
    """A server of its own in a clinic with years behind it."""
    manyfill.fill(database, BOOKINGS, int(time.time()) // 86400, int(time.time()))
    schema = 'RegenFHIRSchema "%s"\n' % os.path.realpath(fhirapi.SCHEMA) if os.path.exists(fhirapi.SCHEMA) else ''
    one = env.Server(env.work_folder('worst'), database, 'event', extra=UNLIMITED + schema, sizing=SIZING)
    one.sample = env.sample_move(template.dir, one.dir, database, 'http://127.0.0.1/clinic')
    one.start()
    try:
        yield one
    finally:
        one.stop()


class Somebody:
    """Who asks: a client, its fields that let a form in, and headers."""

    def __init__(self, visitor, page=None, **headers):
        self.visitor, self.headers = visitor, headers
        wanted = {'csrf': crowd.CSRF, 'booking': crowd.BOOKING} if page else {}
        found = {name: shape.search(page.html) for name, shape in wanted.items()}
        self.fields = {name: match.group(1) for name, match in found.items() if match}


def everybody(one):
    """{'': nobody, 'PATIENT': with a booking, 'HELD': with a time in hand, 'STAFF':, 'MACHINE':}"""
    nobody, guest, holder, admin = (one.visitor() for _ in range(4))
    patient.book(guest)
    patient.hold(holder)
    admin.login(one.sample['admin_login'], one.sample['admin_password'])
    times = nobody.open('/services/consultation/times')
    return {'': Somebody(nobody, times), 'PATIENT': Somebody(guest, guest.open('/booking/cancel')),
            'HELD': Somebody(holder, holder.open('/booking/details')),
            'STAFF': Somebody(admin, admin.open('/staff/block')),
            'MACHINE': Somebody(one.visitor(), Authorization='Bearer ' + one.sample['token'])}


def real(one, database):
    """What stands for the star of a pattern: something that is there, so that the whole way is gone."""
    feed = re.search(r'/feeds/(\S+)', env.regenctl(database, 'feed', 'add', 'dr-rivera', '--name', 'worst').stdout).group(1)
    files = [o['url'].rsplit('/', 1)[1] for o in one.machine(one.sample['token']).get('/$bulk-publish').json()['output']]
    return [('/static/*', ['regen.css']), ('/services/*', ['bmac-knee']), ('/staff/services/*', ['bmac-knee']),
            ('/staff/admin/services/*', ['bmac-knee']), ('/staff/admin/resources/*', ['dr-rivera']),
            ('/staff/admin/staff/*', [one.sample['billing_login']]), ('/feeds/*', [feed]), ('/b/*', ['A' * 43]), ('/w/*', ['A' * 43]),
            ('/booking/consent/*', ['privacy']),
            ('/staff/bookings/*', [uid(BOOKINGS - 100)]), ('/billing/bookings/*', [uid(503)]), ('/staff/patients/*', [uid(7)]),
            ('/staff/recalls/*', [uid(7)]), ('/staff/waitlist/*', [uid(7)]), ('/fhir/$bulk-publish/*', files),
            ('/fhir/Patient/*', [uid(7)]), ('/fhir/Appointment/*', [uid(BOOKINGS - 100)]),
            ('/fhir/OperationDefinition/*', ['find']), ('/fhir/StructureDefinition/*', ['booking']),
            ('/fhir/Practitioner/*', ['0' * 23 + '201']), ('/fhir/Schedule/*', ['0' * 23 + '201']), ('/fhir/Location/*', ['0' * 23 + '205'])]


def inputs(row, who, cap):
    """(name, path's end, body, type) of the worst inputs of a route."""
    method, pattern, _, _, accepts, flags = row
    if method == 'GET':
        return [(name, query, None, None) for name, query in queries(pattern)]
    found = []
    for kind, mime in KINDS.items():
        if kind not in accepts:
            continue
        if kind == 'REGEN_FORM' and pattern.endswith('/_search'):
            found += [(q.split('=')[0], '', q, mime) for q in searches()]
        made = forms(cap, {**who.fields, 'idem': secrets.token_urlsafe(24)}) if kind == 'REGEN_FORM' else documents(kind, cap)
        found += [('%s %s' % (kind[6:].lower(), name), '', body, mime) for name, body in made]
    return found


def asked(one, pids, who, method, path, body, mime):
    """The answer and the milliseconds that httpd and the database spent: the less of two when reading, since the first also prepares
    statements; the more when writing, since the second may find it done."""
    spent = []
    headers = {**who.headers, **({'Content-Type': mime, 'Origin': one.origin} if mime else {})}
    for _ in range(2):
        data = re.sub('idem=[^&]*', 'idem=' + secrets.token_urlsafe(24), body).encode() if body is not None else None
        before = [cpu(pid) for pid in pids]
        answer = who.visitor.request(method, path, content=data, headers=headers)
        spent.append([1000 * (cpu(pid) - b) for pid, b in zip(pids, before)])
    return answer, (min if method == 'GET' else max)(spent, key=sum)


IN_HAND = re.compile(r'/booking/(details|check|extend|release|consent.*)$')


def whose(people, pattern, roles):
    if roles == '0':
        return people['']
    if 'PATIENT' in roles:
        return people['HELD' if IN_HAND.match(pattern) else 'PATIENT']
    return people['MACHINE' if 'MACHINE' in roles else 'STAFF']


def path_of(pattern, stars):
    """The pattern with what is there; of several, the last."""
    best = max((begin for begin, _ in stars if pattern.startswith(begin)), key=len, default=None)
    name = dict(stars)[best][-1] if best else uid(7)
    return pattern.replace('*', name)


def size(cap):
    number, unit = re.fullmatch(r'(\d+)(?: \* (KIB))?', cap).groups()
    return int(number) * (1024 if unit else 1)


@pytest.mark.measures
@pytest.mark.allows_log('RG03020', 'RG03040')
def test_worst_of_every_route(clinic, database):
    stars, people = real(clinic, database), everybody(clinic)
    pids = [clinic.children()[0], database.pid]
    table, wrong = [], []
    # Forms last: some of them do what they say.
    for row in sorted(env.routes()):
        method, pattern, roles, cap = row[:4]
        who = whose(people, pattern, roles)
        path, measured = path_of(pattern, stars), []
        for name, end, body, mime in inputs(row, who, size(cap)):
            if pattern == '/logout':
                body = 'csrf=x'
            answer, (ours, theirs) = asked(clinic, pids, who, method, path + end, body, mime)
            measured.append((ours + theirs, ours, theirs, answer.status_code, name[:40]))
            if answer.status_code >= 500 and answer.status_code != 501:
                wrong.append((method, pattern, name, answer.status_code))
        table.append((*max(measured), '%s %s' % (method, pattern)))
    lines = ['%8s %8s  %-6s %-44s %s' % ('httpd ms', 'db ms', 'status', 'route', 'worst input')]
    lines += ['%8.1f %8.1f  %-6d %-44s %s' % (ours, theirs, status, route, name) for _, ours, theirs, status, name, route in sorted(table, reverse=True)]
    with open(os.path.join(env.BUILD, 'test', 'worst.txt'), 'w', encoding='utf-8') as f:
        f.write('\n'.join(lines) + '\n')
    print('\n'.join(lines))
    assert wrong == []
    assert len(table) == len(env.routes())
