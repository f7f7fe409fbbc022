# SPDX-License-Identifier: Apache-2.0
"""How many statements each request of a whole journey costs: a patient from the list of treatments to the booked visit, then the day at
the desk. The database's own log is read after each request, so that nothing is left out; BEGIN and COMMIT are not counted. The table is
the README's: one statement more is a change that somebody means. statements.txt among the logs says what was asked twice in one
request. Each statement of the booking has a row in the README that says why it is needed: one that comes new has none yet."""
import os
import re
import urllib.parse

import pytest

import env
import patient

pytestmark = pytest.mark.once

MOST = 100  # of a whole booking, whatever the README says

VALUE = re.compile(rb"'(?:[^'\\]|\\.|'')*'|\b\d+\b", re.S)
SAID = ("SELECT HEX(argument) FROM mysql.general_log WHERE command_type = 'Execute' AND user_host LIKE 'regen%'"
        " AND argument NOT LIKE '%general_log%'")
# One child that stays, so that what a process keeps is kept by the one that answers; and nobody works beside it.
SIZING = 'StartServers 1\nServerLimit 1\nThreadsPerChild 4\nMaxRequestWorkers 4\nMinSpareThreads 1\nMaxSpareThreads 4\nMaxConnectionsPerChild 0\n'
ROW = re.compile(r'^\| (GET|POST) (\S+) \| (\d+) \|$', re.M)
WHY = re.compile(r'^\| `((?:SELECT|INSERT|UPDATE) [a-z_, ]+(?:FOR UPDATE)?)` \| (\d+) \| (.+) \|$', re.M)
INNER = re.compile(r'\([^()]*\)')
TARGET = re.compile(r'\b(?:FROM|INTO|UPDATE) (\w+)')
JOINED = re.compile(r'\bJOIN (\w+)')


class Tape:
    """What the database was told, exchange by exchange."""

    def __init__(self, database):
        self.database, self.exchanges, self.on = database, [], False
        database.admin("SET GLOBAL log_output = 'TABLE'; SET GLOBAL general_log = 1")

    def listen(self, visitor):
        """From now on what VISITOR asks is taken down, while the tape is on."""
        plain = visitor.client.request

        def request(method, address, **options):
            if not self.on:
                return plain(method, address, **options)
            self.database.admin('TRUNCATE mysql.general_log')
            response = plain(method, address, **options)
            said = [bytes.fromhex(line) for line in self.database.admin(SAID).split()]
            self.exchanges.append(('%s %s' % (method, pattern(address)), [b' '.join(VALUE.sub(b'?', s).split()).decode('utf-8', 'replace') for s in said]))
            return response

        visitor.client.request = request
        return visitor

    def end(self):
        self.database.admin('SET GLOBAL general_log = 0')


def pattern(address):
    """"/clinic/b/TOKEN" as the route "/b/*"."""
    path = urllib.parse.urlsplit(str(address)).path.removeprefix('/clinic')
    path = re.sub(r'/([0-9a-hjkmnp-tv-z]{26}|[\w-]{43})(?=/|$)', '/*', path)
    return re.sub(r'^/(services|booking/consent)/(?!\*)[\w-]+', r'/\1/*', path) or '/'


def book(visitor, **person):
    """From the list of treatments to the booked visit; the booking's uid."""
    visitor.open('/services')
    page = patient.times(patient.times_page(visitor))[0].submit()
    page = patient.give_details(page, **person)
    about = page.about
    patient.sign_all(visitor, '%s %s' % (person['given'], person['family']), about)
    page = visitor.open(patient.at('/booking/check', about)).form(action='/booking/check').submit()
    assert page.status == 200 and page.path == '/booking', page
    return about


def one_month(exchanges):
    """How many months were turned over is the calendar's affair: the one that cost most is left."""
    months = [e for e in exchanges if e[0] == 'GET /services/*/times']
    most = max(months, key=lambda e: len(e[1]))
    return [e for e in exchanges if e not in months or e is most]


def short(statement):
    """"SELECT b.id, (SELECT …) FROM booking b JOIN …" as "SELECT booking": the verb and what it is about."""
    told, verb = None, statement.split(' ', 1)[0]
    while told != statement:
        told, statement = statement, INNER.sub('', statement)
    about = TARGET.findall(statement.split(' ON DUPLICATE KEY ')[0].removesuffix(' FOR UPDATE')) or JOINED.findall(statement)[:2]
    return '%s %s%s' % (verb, ', '.join(dict.fromkeys(about)), ' FOR UPDATE' * statement.endswith(' FOR UPDATE'))


def each_kind(exchanges):
    """How often the whole booking says each statement, by its short name."""
    times = {}
    for _, said in exchanges:
        for statement in said:
            times[short(statement)] = times.get(short(statement), 0) + 1
    return times


def test_statements_of_a_journey(server, servers, database, sample):
    server.stop()
    alone = servers(sizing=SIZING, extra='RegenSweepInterval 1h\n')
    tape = Tape(database)
    try:
        with alone.visitor() as first, alone.visitor() as second, alone.visitor() as desk:
            book(first, given='Ada', family='Lovelace')  # what processes keep is kept now
            desk.login(sample['front_desk_login'], sample['front_desk_password'])
            tape.listen(desk)
            tape.listen(second)
            tape.on = True
            uid = book(second, given='Grace', family='Hopper')
            booking = one_month(tape.exchanges)
            whole, kinds = sum(len(said) for _, said in booking), each_kind(booking)
            for path in ('/staff', '/staff/bookings/' + uid, '/staff/patients?family=Love', '/staff/week', '/staff/waitlist'):
                assert desk.open(path).status == 200, path
            tape.on = False
    finally:
        tape.end()
    most = {}
    for name, said in tape.exchanges:
        most[name] = max(most.get(name, 0), len(said))
    lines = ['%4d  %s' % (n, name) for name, n in most.items()] + ['%4d  a whole booking' % whole]
    lines += [''] + ['%4d  %s' % (n, name) for name, n in kinds.items()]
    for name, said in tape.exchanges:
        lines += ['', '%s: %d' % (name, len(said))] + ['  %dx %s' % (said.count(s), s[:240]) for s in sorted(set(said), key=said.index)]
    with open(os.path.join(env.BUILD, 'test', 'statements.txt'), 'w', encoding='utf-8') as f:
        f.write('\n'.join(lines) + '\n')
    readme = env.read(os.path.join(env.ROOT, 'README.md'))
    shown = {'%s %s' % (m, p): int(n) for m, p, n in ROW.findall(readme)}
    said = int(re.search(r'A whole booking costs (\d+) statements', readme).group(1))
    assert whole <= MOST and (most, whole) == (shown, said), '\n'.join(lines[:len(most) + 1])
    why = {name: int(n) for name, n, _ in WHY.findall(readme)}
    assert kinds == why, '\n'.join(lines[len(most) + 1:len(most) + len(kinds) + 2])
