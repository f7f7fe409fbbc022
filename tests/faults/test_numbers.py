# SPDX-License-Identifier: Apache-2.0
"""Invoice and claim numbers while everything dies: issued once, without a gap, whatever is killed and however often people
press the button again."""
import os
import random
import re
import sys
import threading
import time

import pytest

import crowd
import env
import storm

sys.path.insert(0, os.path.join(env.ROOT, 'tests', 'journey'))
import walk  # noqa: E402

PAPERS = 8
CLERKS = 8


class Treated(walk.Walk):
    """A patient's way up to a completed treatment, with staff who stay logged in."""
    logged_in = {}

    def say(self, *words):
        pass

    def staff(self, role):
        if role not in self.logged_in:
            self.logged_in[role] = super().staff(role)
        return self.logged_in[role]


def clerk(base, cookies, uids, done, strange, ended):
    """Issues invoices and claims for all of them, in an order of its own, each until it is settled."""
    with crowd.Visitor(base, patience=60) as one:
        one.client.cookies.update(cookies)
        for uid in random.sample(uids, len(uids)):
            for paper in random.sample(['invoice', 'claim'], 2):
                page = one.get('/billing/bookings/' + uid)
                form = re.search(r'action="[^"]*/billing/bookings/%s/%s".*?</form>' % (uid, paper), page.text, re.S)
                if not form:
                    continue
                answer = one.post('/billing/bookings/%s/%s' % (uid, paper), csrf=crowd.CSRF.search(form.group(0)).group(1),
                                  idem=crowd.IDEM.search(form.group(0)).group(1))
                if answer.status_code == 303:
                    done.append((paper, uid, answer.headers['location'].rsplit('/', 1)[1]))
                elif answer.status_code != 409:
                    strange.append((paper, uid, answer.status_code))
        ended.append(one.broken + one.busy)


@pytest.mark.allows_log(*storm.KILLED_CHILD, *storm.LOST_DATABASE, 'RG01003', 'RG01041')
def test_numbers(server, sample, database, servers):
    Treated.logged_in.clear()
    database.rows("UPDATE resource SET chambers = 99 WHERE kind = 'device'")  # all of them at one time
    uids = [Treated(server.base, server.dir).treated() for _ in range(PAPERS)]
    assert len(set(uids)) == PAPERS
    database.rows('UPDATE charge_item SET on_claim = 0 WHERE line_no = 2')  # the patient's: to be invoiced
    storm_server = servers(database=database, extra=storm.IMPATIENT, sizing=storm.MANY_CHILDREN['event'])
    billing = storm_server.visitor()
    assert billing.login(sample['billing_login'], sample['billing_password']).status == 200
    cookies = {c.name: c.value for c in billing.client.cookies.jar}
    billing.close()
    done, strange, ended = [], [], []
    threads = [threading.Thread(target=clerk, args=(storm_server.base, cookies, uids, done, strange, ended)) for _ in range(CLERKS)]

    with storm.Repeated(lambda: storm.kill_a_child(storm_server), 0.15):
        for thread in threads:
            thread.start()
        time.sleep(0.3)
        database.kill()
        time.sleep(0.3)
        database.start()
        for thread in threads:
            thread.join(120)
    assert len(ended) == CLERKS and strange == [], strange
    assert sum(ended) > 0, 'nobody noticed anything'
    gapless(database, uids, done)


def gapless(database, uids, done):
    """One invoice and one claim for each, those that were answered, and no gap in the numbers."""
    for paper in ('invoice', 'claim'):
        rows = database.rows('SELECT b.uid, p.uid FROM %s p JOIN booking b ON b.id = p.booking_id' % paper)
        assert sorted(b for b, _ in rows) == sorted(uids), 'not one %s for each' % paper
        assert {(u, p) for what, u, p in done if what == paper} <= set(rows), 'an answer named what is not there'
    assert [n for (n,) in database.rows('SELECT number FROM invoice ORDER BY number')] == list(range(1, len(uids) + 1))
    assert crowd.contradictions(database) == []
