# SPDX-License-Identifier: Apache-2.0
"""How many statements each request of a whole journey costs: a patient from the list of treatments to the booked visit, then the day at
the desk. The database's own log is read after each request, so that nothing is left out; BEGIN and COMMIT are not counted. The table is
the README's: one statement more is a change that somebody means. statements.txt among the logs says what was asked twice in one
request."""
import os
import re
import urllib.parse

import pytest

import env
import patient

pytestmark = pytest.mark.once

VALUE = re.compile(rb"'(?:[^'\\]|\\.|'')*'|\b\d+\b", re.S)
SAID = ("SELECT HEX(argument) FROM mysql.general_log WHERE command_type = 'Execute' AND user_host LIKE 'regen%'"
        " AND argument NOT LIKE '%general_log%'")
# One child that stays, so that what a process keeps is kept by the one that answers; and nobody works beside it.
SIZING = 'StartServers 1\nServerLimit 1\nThreadsPerChild 4\nMaxRequestWorkers 4\nMinSpareThreads 1\nMaxSpareThreads 4\nMaxConnectionsPerChild 0\n'
ROW = re.compile(r'^\| (GET|POST) (\S+) \| (\d+) \|$', re.M)


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


def total(exchanges):
    """Of all exchanges; how many months were turned over is the calendar's affair, so one counts."""
    times = [len(said) for name, said in exchanges if name == 'GET /services/*/times']
    return sum(len(said) for _, said in exchanges) - sum(times) + max(times)


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
            whole = total(tape.exchanges)
            for path in ('/staff', '/staff/bookings/' + uid, '/staff/patients?family=Love', '/staff/week', '/staff/waitlist'):
                assert desk.open(path).status == 200, path
            tape.on = False
    finally:
        tape.end()
    most = {}
    for name, said in tape.exchanges:
        most[name] = max(most.get(name, 0), len(said))
    lines = ['%4d  %s' % (n, name) for name, n in most.items()] + ['%4d  a whole booking' % whole]
    for name, said in tape.exchanges:
        lines += ['', '%s: %d' % (name, len(said))] + ['  %dx %s' % (said.count(s), s[:240]) for s in sorted(set(said), key=said.index)]
    with open(os.path.join(env.BUILD, 'test', 'statements.txt'), 'w', encoding='utf-8') as f:
        f.write('\n'.join(lines) + '\n')
    readme = env.read(os.path.join(env.ROOT, 'README.md'))
    shown = {'%s %s' % (m, p): int(n) for m, p, n in ROW.findall(readme)}
    said = int(re.search(r'A whole booking costs (\d+) statements', readme).group(1))
    assert (most, whole) == (shown, said), '\n'.join(lines[:len(most) + 1])
