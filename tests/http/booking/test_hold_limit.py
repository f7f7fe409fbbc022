# SPDX-License-Identifier: Apache-2.0
"""RegenHoldsPerClient: nobody empties the calendar by keeping everything, and who is refused hears what to do."""
import contextlib

import pytest

import env
import patient


@pytest.fixture
def strict(servers, server):
    return servers(extra='RegenHoldsPerClient 2\n')


@pytest.fixture
def people(strict):
    """people(): somebody new; from another house with people('127.0.0.2')."""
    with contextlib.ExitStack() as stack:
        def make(address='127.0.0.1'):
            return stack.enter_context(strict.visitor(transport=env.http_transport(local_address=address)))
        yield make


def ask(visitor, which=0):
    return patient.times(patient.times_page(visitor))[which].submit(follow=False)


def live(database):
    return database.rows("SELECT hold_client FROM booking WHERE status = 'held' AND hold_expires_at > UNIX_TIMESTAMP()")


@pytest.fixture(autouse=True)
def nothing_held(database):
    database.rows("UPDATE booking SET hold_expires_at = UNIX_TIMESTAMP() - 1 WHERE status = 'held'")


def test_third_is_refused_until_one_is_free(people, database):
    first, second, third = people(), people(), people()
    assert ask(first).status_code == 303 and ask(second).status_code == 303
    assert live(database) == (('127.0.0.1',), ('127.0.0.1',))
    refused = ask(third)
    assert refused.status_code == 429 and refused.headers['Retry-After'] == '300'
    assert 'Please try again in a few minutes, or call the clinic.' in refused.text
    assert len(live(database)) == 2
    first.open('/booking/details').form(action='/booking/release').submit()
    assert ask(third).status_code == 303


def test_another_house_is_not_counted(people):
    for _ in range(2):
        assert ask(people()).status_code == 303
    assert ask(people()).status_code == 429
    assert ask(people('127.0.0.2')).status_code == 303


def test_what_is_booked_or_over_is_not_counted(people, database):
    booked = people()
    patient.book(booked)
    assert database.value("SELECT hold_client FROM booking WHERE status = 'booked' ORDER BY id DESC LIMIT 1") is None
    assert ask(people()).status_code == 303
    database.rows("UPDATE booking SET hold_expires_at = UNIX_TIMESTAMP() - 1 WHERE status = 'held'")
    for _ in range(2):
        assert ask(people()).status_code == 303
    assert ask(people()).status_code == 429


def test_the_desk_is_not_counted(strict, people, sample, database):
    for _ in range(2):
        assert ask(people()).status_code == 303
    with strict.visitor() as desk:
        desk.login(sample['front_desk_login'], sample['front_desk_password'])
        page = desk.open('/staff/times?service=' + patient.SERVICE)
        form = [f for f in page.forms() if f.action.endswith('/staff/holds')][0]
        assert form.submit(follow=False).status_code == 303
    assert sorted(live(database), key=str) == [('127.0.0.1',), ('127.0.0.1',), (None,)]
