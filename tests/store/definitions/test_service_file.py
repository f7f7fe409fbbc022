# SPDX-License-Identifier: Apache-2.0
"""Services as a file: there and back without a byte's difference, every rule with a definition that breaks it, and services
that could never be booked, refused with the reason."""
import copy
import json
import re

import pymysql
import pytest

import env

VERSION = 'SELECT version FROM catalogue_version'


def export(database, *what):
    return env.regenctl(database, 'service', 'export', *(what or ('--all',))).stdout


@pytest.fixture
def load(database, tmp_path):
    """Imports what is given (text, or a list of services); the CompletedProcess."""
    def run(content):
        if not isinstance(content, str):
            content = json.dumps({'format': 'mod_regen services 1', 'services': content})
        path = tmp_path / 'services.json'
        path.write_text(content)
        return env.regenctl(database, 'service', 'import', str(path), check=False)
    return run


@pytest.fixture
def stored(database):
    """Every service as it is; whatever a test does to them is undone by importing this again."""
    return {s['code']: s for s in json.loads(export(database))['services']}


@pytest.fixture(autouse=True)
def tidy(database):
    yield
    remove(database)


def fresh(stored, of='bmac-knee', **changes):
    """A copy under a code of its own."""
    service = copy.deepcopy(stored[of])
    service.update(code='trial', **changes)
    return service


def refused(done, path, words):
    assert done.returncode == 1 and 'Nothing was imported' in done.stderr, (done.returncode, done.stdout, done.stderr)
    lines = [l for l in done.stderr.splitlines() if l.startswith('regenctl: services[0].%s: ' % path)]
    assert lines and re.search(words, lines[0]), done.stderr


# --- there and back ---------------------------------------------------------------------------------------------------

def test_round_trip_changes_nothing(database, load):
    before, version = export(database), database.value(VERSION)
    done = load(before)
    assert done.returncode == 0 and '0 services added, 0 changed, 3 unchanged' in done.stdout, done.stderr
    assert export(database) == before and database.value(VERSION) == version


def test_everything_is_carried(database, load, stored):
    """A service that uses every key, written into another clinic's tables and read again."""
    service = fresh(stored, audience='staff', max_per_day=3, move_notice_minutes=90, not_for='Not "everybody" \\ é',
                    preparation='Line\nTwo', fallback='prp-tendon', body_sites=['knee', 'hip'], display_order=-4,
                    forms=['privacy', 'marrow-concentrate'], active=True, horizon_days=200, targets_most=2)
    service['preparing'] = [{'code': 'nsaid', 'words': 'Stop "pills" ü', 'applies': 'if you take them', 'from_days': 9, 'until_days': 2,
                             'too_late': 'refuse'}, {'code': 'water', 'words': 'Drink', 'applies': '', 'from_days': 0, 'until_days': 0,
                                                     'too_late': 'warn'}]
    service['recalls'] = [{'kind': 'maintenance', 'after_min_days': 365, 'after_max_days': 3660, 'reason': 'yearly', 'title': 'Ä "year"'},
                          {'kind': 'follow-up', 'after_min_days': 1, 'after_max_days': 1, 'reason': 'call', 'title': 'Call'}]
    service['steps'][3]['needs'][2].update(any=['c-arm', 'aaa-scan'])
    service['steps'][3]['further_minutes'] = 10
    service['steps'].append({'kind': 'consult', 'name': 'Look after', 'minutes': 30, 'visit_no': 2, 'gap_days_min': 40,
                             'gap_days_max': 60, 'needs': [{'capability': 'consult', 'bind': 'physician'}]})
    done = load([service])
    assert done.returncode == 0, done.stderr
    try:
        first = export(database, 'trial')
        got = json.loads(first)['services'][0]
        wanted = copy.deepcopy(service)
        wanted['steps'][3]['needs'][2]['any'] = ['aaa-scan', 'c-arm']
        wanted['steps'][5].update(patient_present=True, gap_min=0, gap_max=0, further_minutes=0)
        wanted['steps'][5]['needs'][0].update(quantity=1, setup=0, turnover=0, any=[])
        assert got == wanted
        version = database.value(VERSION)
        assert load(first).returncode == 0 and export(database, 'trial') == first and database.value(VERSION) == version
        assert load([service]).stdout.startswith('0 services added, 0 changed, 1 unchanged')  # its words in another order
    finally:
        remove(database)


def remove(database):
    for table in ('service_need_any', 'service_need', 'service_step', 'service_body_site', 'service_form',
                  'service_recall', 'service_preparing', 'service_screening', 'service_product'):
        database.rows('DELETE t FROM %s t JOIN service s ON s.id = t.service_id WHERE s.code LIKE "trial%%"' % table)
    database.rows('UPDATE service SET fallback_service_id = NULL WHERE code LIKE "trial%"')
    database.rows('DELETE FROM service WHERE code LIKE "trial%"')


def test_steps_come_and_go(database, load, stored):
    service = fresh(stored, 'consultation')
    assert load([service]).returncode == 0
    try:
        service['steps'] = service['steps'][1:]
        service['steps'][0].update(gap_min=0, gap_max=0)
        done = load([service])
        assert '0 services added, 1 changed' in done.stdout, done.stderr
        assert len(json.loads(export(database, 'trial'))['services'][0]['steps']) == 1
        service['steps'] = stored['consultation']['steps'] + [dict(stored['consultation']['steps'][1], name='Again')]
        assert load([service]).returncode == 0
        assert [s['name'] for s in json.loads(export(database, 'trial'))['services'][0]['steps']] == [
            'Arrive', 'Consultation', 'Again']
    finally:
        remove(database)


def recalls_of(database, code='trial'):
    return database.rows('SELECT r.seq, r.kind, r.after_min_days, r.after_max_days, r.reason, r.title FROM service_recall r'
                         ' JOIN service s ON s.id = r.service_id WHERE s.code = %s ORDER BY r.seq', code)


def test_recalls_come_and_go(database, load, stored):
    """They are the sample's own when copied; changed alone they are a change; without the key there are none."""
    service = fresh(stored)
    assert load([service]).returncode == 0
    assert len(recalls_of(database)) == 3 and recalls_of(database) == recalls_of(database, 'bmac-knee')
    others = recalls_of(database, 'prp-tendon')
    version = database.value(VERSION)
    assert load([service]).stdout.startswith('0 services added, 0 changed, 1 unchanged')
    assert database.value(VERSION) == version
    for field, value in (('kind', 'maintenance'), ('after_min_days', 2), ('after_max_days', 4), ('reason', 'ring'), ('title', 'Ring')):
        service['recalls'][0][field] = value
        done = load([service])
        assert '0 services added, 1 changed' in done.stdout, (field, done.stderr)
    service['recalls'] = service['recalls'][2:] + service['recalls'][:1]  # the second goes, the others change places
    assert '0 services added, 1 changed' in load([service]).stdout
    assert [tuple(r) for r in recalls_of(database)] == [
        (1, 'maintenance', 365, 1095, 'maintenance', 'Maintenance after one to three years'), (2, 'maintenance', 2, 4, 'ring', 'Ring')]
    del service['recalls']
    assert '0 services added, 1 changed' in load([service]).stdout
    assert not recalls_of(database) and json.loads(export(database, 'trial'))['services'][0]['recalls'] == []
    assert recalls_of(database, 'prp-tendon') == others


def test_recalls_change_with_the_rest_or_not_at_all(database, load, stored):
    service = fresh(stored)
    assert load([service]).returncode == 0
    before = recalls_of(database)
    service['recalls'][0]['title'] = 'Another'
    assert load([service, fresh(stored, 'prp-tendon', start_grid=7)]).returncode == 1
    put(service, ('steps', 1, 'needs', 2), capability='laser')
    assert load([service]).returncode == 1 and recalls_of(database) == before


def test_as_many_recalls_as_there_may_be(database, load, stored):
    one = stored['bmac-knee']['recalls'][0]
    many = [dict(one, after_min_days=1 + 10 * i, after_max_days=10 + 10 * i) for i in range(33)]
    assert load([fresh(stored, recalls=many[:32])]).returncode == 0 and len(recalls_of(database)) == 32
    refused(load([fresh(stored, recalls=many)]), 'recalls', 'at most 32')


def test_file_may_fall_back_on_itself_sideways(database, load, stored):
    """Two new services of one file, the first of which falls back on the second."""
    one, two = fresh(stored, fallback='trial-2'), dict(fresh(stored, 'prp-tendon'), code='trial-2')
    done = load([one, two])
    assert done.returncode == 0 and '2 services added' in done.stdout, done.stderr
    assert json.loads(export(database, 'trial'))['services'][0]['fallback'] == 'trial-2'
    version = database.value(VERSION)
    two['fallback'] = 'trial'
    done = load([two])
    assert done.returncode == 1 and 'leads back to the service itself' in done.stderr
    assert database.value(VERSION) == version
    remove(database)


def test_all_or_none(database, load, stored):
    done = load([fresh(stored), fresh(stored, start_grid=7)])
    assert done.returncode == 1 and 'services[1].start_grid: Use a multiple of 5' in done.stderr
    assert database.value("SELECT COUNT(*) FROM service WHERE code = 'trial'") == 0


# --- the file itself ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize('text,words', [
    ('', 'not valid JSON'), ('[]', 'format'), ('{"format": "mod_regen services 1"}', 'services: This is missing'),
    ('{"format": "mod_regen services 2", "services": []}', 'format: "mod_regen services 1"'),
    ('{"format": "mod_regen services 1", "services": [], "more": 1}', 'more: There is no such key'),
    ('{"format": "mod_regen services 1", "services": [], "services": []}', 'same key twice'),
    ('{"format": "mod_regen services 1", "services": {}}', 'services: Use a list'),
    ('{"format": "mod_regen services 1", "services": [7]}', r'services\[0\]: Use an object')])
def test_wrong_files(load, text, words):
    done = load(text)
    assert done.returncode == 1 and re.search(words, done.stderr), done.stderr


def test_every_mistake_at_once(load, stored):
    service = fresh(stored, notice_minutes='60', colour='red', price='4600.00', charges=[], active='yes')
    service['steps'][2]['needs'][0]['capability'] = 'X-Ray'
    service['steps'][1]['minutes'] = 32
    service['steps'][0]['kind'] = 'wait'
    del service['steps'][0]['name']
    service['steps'][4]['needs'] = 'none'
    service['body_sites'] = [1]
    service['recalls'][0].update(after_min_days='1', kind='reminder', seq=1, title='')
    service['recalls'][1].update(after_min_days=0, after_max_days=3661, reason='Six Weeks')
    service['recalls'][2] = 'yearly'
    said = load([service]).stderr
    for line in ('notice_minutes: Use a whole number without quotes', 'colour: There is no such key', 'price: Prices are in the fee schedules', 'charges: Prices are in the fee schedules',
                 'active: Use true or false', 'steps[2].needs[0].capability: Use only lowercase letters', 'steps[1].minutes: Use a multiple of 5',
                 'steps[0].kind: Use one of these words: check-in', 'steps[0].name: This is missing', 'steps[4].needs: Use a list',
                 'body_sites[0]: Use text',
                 'recalls[0].after_min_days: Use a whole number without quotes', 'recalls[0].kind: Use one of these words: follow-up maintenance',
                 'recalls[0].seq: There is no such key', 'recalls[0].title: This must not be empty',
                 'recalls[1].after_min_days: Use a whole number from 1 to 3660', 'recalls[1].after_max_days: Use a whole number from 1',
                 'recalls[1].reason: Use only lowercase letters', 'recalls[2]: Use an object in braces'):
        assert 'regenctl: services[0].' + line in said, (line, said)


@pytest.mark.parametrize('field,value,words', [
    ('code', 'Knee', 'lowercase letters'), ('code', '', 'empty'), ('name', '', 'empty'), ('name', 'x' * 121, 'at most 120'),
    ('start_grid', 0, 'from 5 to 1440'), ('horizon_days', 731, 'from 1 to 730'),
    ('audience', 'all', 'one of these words: public staff'),
    ('regulatory_path', 'x', 'one of these words: none'), ('unit_hold_minutes', 99999999999999999999, '.')])
def test_single_values(load, stored, field, value, words):
    done = load([fresh(stored, **{field: value}) if field != 'code' else dict(fresh(stored), code=value)])
    assert done.returncode == 1 and (field + ': ' in done.stderr or 'too large' in done.stderr)
    assert re.search(words, done.stderr)


# --- rules, each with one definition that breaks it --------------------------------------------------------------------------

def steps(service, *kinds):
    service['steps'] = [s for s in service['steps'] if s['kind'] in kinds]
    service['steps'][0].update(gap_min=0, gap_max=0)


def put(service, place, **values):
    at = service
    for one in place:
        at = at[one]
    at.update(values)


RULES = {
    'no steps': (lambda s: s.update(steps=[]), 'steps', '1 to 16'),
    'nobody needed': (lambda s: [t.update(needs=[]) for t in s['steps']], 'steps', 'must require a person'),
    'inject without harvest': (lambda s: steps(s, 'check-in', 'inject'), r'steps[1].kind', 'needs a harvest'),
    'inject before harvest': (lambda s: s['steps'].insert(1, dict(s['steps'].pop(3), gap_max=0)), 'steps[1].kind',
                              'needs a harvest'),
    'inject unprocessed': (lambda s: steps(s, 'check-in', 'harvest', 'inject'), 'steps[2].kind', 'needs a process step'),
    'process nothing': (lambda s: steps(s, 'check-in', 'process'), 'steps[1].kind', 'needs a harvest step'),
    'two harvests': (lambda s: s['steps'].insert(2, dict(s['steps'][1])), 'steps[2].kind', 'only one harvest step, and step 2'),
    'same procedure, two visits': (
        lambda s: [put(s, ('steps', i), visit_no=2, gap_days_min=1 if i == 3 else 0, gap_days_max=1 if i == 3 else 0,
                       gap_min=0, gap_max=0) for i in (3, 4)] and s.update(unit_hold_minutes=10080),
        'steps[3].visit_no', 'must be in the same visit'),
    'same procedure without injection': (lambda s: steps(s, 'check-in', 'harvest', 'process'), 'regulatory_path',
                                         'needs an inject step'),
    'blood product without harvest': (
        lambda s: (steps(s, 'check-in', 'recover'), s.update(regulatory_path='blood-product')), 'regulatory_path',
        'no step is a harvest'),
    'harvest of nothing': (lambda s: s.update(products=[]), 'products', 'needs a product'),
    'product of no harvest': (lambda s: (steps(s, 'check-in', 'recover'), s.update(regulatory_path='none')), 'products', 'no harvest step'),
    'two products': (lambda s: s['products'].append(dict(s['products'][0])), 'products', 'at most 1'),
    'digested': (lambda s: put(s, ('products', 0), method='enzymatic'), 'products[0].method', 'only under a trial'),
    'grown': (lambda s: put(s, ('products', 0), method='cultured'), 'products[0].method', 'only under a trial'),
    'mixed': (lambda s: put(s, ('products', 0), additives='other'), 'products[0].additives', 'without a trial'),
    'marrow as blood': (lambda s: s.update(regulatory_path='blood-product'), 'regulatory_path', 'only for a product of blood'),
    'unit always too old': (lambda s: put(s, ('steps', 3), gap_min=300, gap_max=300), 'unit_hold_minutes',
                            'at least 320 minutes .*would always expire'),
    'unit sometimes too old': (lambda s: put(s, ('steps', 3), gap_max=300), 'unit_hold_minutes', 'allow 345 minutes'),
    'gap before the first': (lambda s: put(s, ('steps', 0), gap_max=5), 'steps[0].gap_min', 'cannot have a gap'),
    'gap turned round': (lambda s: put(s, ('steps', 2), gap_min=15, gap_max=10), 'steps[2].gap_max', '15 minutes'),
    'several targets without a part': (lambda s: s.update(targets_most=2, needs_body_site=False), 'targets_most', 'Several targets need'),
    'days within a visit': (lambda s: put(s, ('steps', 4), gap_days_min=1, gap_days_max=2), 'steps[4].gap_days_min',
                            'only possible between visits'),
    'days and minutes': (lambda s: put(s, ('steps', 4), visit_no=2, gap_days_min=1, gap_days_max=2, gap_max=5),
                         'steps[4].gap_min', 'either minutes or days'),
    'days turned round': (lambda s: put(s, ('steps', 4), visit_no=2, gap_days_min=3, gap_days_max=2),
                          'steps[4].gap_days_max', 'the shorter gap first'),
    'visits that jump': (lambda s: put(s, ('steps', 4), visit_no=3), 'steps[4].visit_no', '1 or 2'),
    'first visit is not 1': (lambda s: [t.update(visit_no=2) for t in s['steps']], 'steps[0].visit_no', 'visit 1'),
    'nobody can': (lambda s: put(s, ('steps', 1, 'needs', 2), capability='laser'), 'steps[1].needs[2].capability',
                   'No active person, room or device at Harbor Joint Clinic can do "laser"'),
    'more than there are': (lambda s: put(s, ('steps', 1, 'needs', 2), quantity=2), 'steps[1].needs[2].quantity',
                            'only 1 that can do "c-arm"'),
    'bound twice over': (lambda s: put(s, ('steps', 1, 'needs', 0), quantity=2), 'steps[1].needs[0].quantity', 'one and the same'),
    'word nobody serves': (lambda s: put(s, ('steps', 4, 'needs', 0), bind='physician'), 'steps[4].needs[0].bind',
                           'Nobody .* "physician"'),
    'fallback unknown': (lambda s: s.update(fallback='nothing'), 'fallback', 'no service'),
    'fallback itself': (lambda s: s.update(fallback='trial'), 'fallback', 'leads back'),
    'recall turned round': (lambda s: put(s, ('recalls', 0), after_min_days=4), 'recalls[0].after_max_days',
                            'at least the first day, 4'),
    'recall twice': (lambda s: s['recalls'].append(dict(s['recalls'][1], title='Again')), 'recalls[3].reason', 'Recall 2 has the same reason'),
    'recalls that meet': (lambda s: put(s, ('recalls', 1), reason='call-after-treatment', after_min_days=3), 'recalls[1].reason',
                          'Recall 1 has the same reason'),
    'form unknown': (lambda s: s.update(forms=['privacy', 'nothing']), 'forms[1]', 'no consent form'),
    'form twice': (lambda s: s.update(forms=['privacy', 'privacy']), 'forms[1]', 'listed twice'),
    'no part of the body': (lambda s: s.update(body_sites=[]), 'body_sites', 'List the parts'),
    'site unknown': (lambda s: s.update(site='moon'), 'site', 'no site'),
    'notice past the horizon': (lambda s: s.update(notice_minutes=14400, horizon_days=10), 'notice_minutes', 'never'),
    'any is itself': (lambda s: put(s, ('steps', 1, 'needs', 2), any=['c-arm']), 'steps[1].needs[2].any[0]', 'itself'),
}


@pytest.mark.parametrize('name', RULES)
def test_rule(load, stored, name):
    change, path, words = RULES[name]
    service = fresh(stored)
    change(service)
    refused(load([service]), path, words)


def test_sample_itself_keeps_every_rule(load, stored, database):
    """The rules are no stricter than the treatments they are for: as new services the sample's own are taken."""
    for code in stored:
        done = load([fresh(stored, code)])
        assert done.returncode == 0, done.stderr
        remove(database)


# --- never bookable ---------------------------------------------------------------------------------------------------------

def never(service, name):
    """Definitions that keep every rule, and still fit nowhere into the sample clinic's week."""
    if name == 'need alone':
        put(service, ('steps', 1), minutes=600)
        put(service, ('steps', 1, 'needs', 2), setup=30, turnover=30)
    if name == 'two together':  # people work 8:00 to 12:00 and 12:45 to 17:15; rooms are open all day
        put(service, ('steps', 1), minutes=270)
    if name == 'the same in both':
        service['unit_hold_minutes'] = 10000
        put(service, ('steps', 3), gap_min=600, gap_max=610)
    if name == 'grid':
        service['start_grid'] = 1440
    if name == 'days':
        put(service, ('steps', 4), visit_no=2, gap_days_min=1, gap_days_max=1)
    return service


@pytest.mark.parametrize('name,path,words', [
    ('need alone', 'steps[1].needs[0].capability',
     r'step 2 "Bone-marrow harvest" needs marrow-harvest for 600 minutes; the longest opening is 270 minutes'),
    ('need alone', 'steps[1].needs[2].capability', None),
    ('the same in both', 'steps[3].gap_max', r'step 3 "Processing" and step 4 "Injection" never fit together: there is no day'),
    ('grid', 'start_grid', '1440 minutes')])
def test_never_bookable(load, stored, name, path, words):
    done = load([never(fresh(stored), name)])
    if words is None:  # one reason a step is enough
        assert path not in done.stderr
    else:
        refused(done, path, words)
    assert done.returncode == 1


def test_never_together(load, stored, database):
    """The C-arm mornings only, the room afternoons only: each step would fit by itself in parts, never whole."""
    database.rows("UPDATE opening SET end_minute = 720 WHERE resource_id = 11")
    database.rows("UPDATE opening SET start_minute = 780 WHERE resource_id IN (5, 6)")
    try:
        refused(load([fresh(stored)]), 'steps[1].needs[2].capability',
                r'needs procedure-room and c-arm at once for 30 minutes, but they are never open together')
    finally:
        database.rows("UPDATE opening SET end_minute = 1080 WHERE resource_id = 11")
        database.rows("UPDATE opening SET start_minute = 450 WHERE resource_id IN (5, 6)")


def test_never_by_the_same(load, stored, database):
    """One who could do both is away for ever: others can do each, nobody both."""
    service = fresh(stored, 'consultation', forms=[])
    service['steps'][0]['needs'] = [{'capability': 'check-in', 'bind': 'who'}]
    service['steps'][1].update(gap_min=0, gap_max=20)
    service['steps'][1]['needs'] = [{'capability': 'consult', 'bind': 'who'}]
    assert load([service]).returncode == 0  # the nurse practitioner does both
    remove(database)
    database.rows("INSERT INTO closure (site_id, resource_id, first_day, last_day, reason)"
                  " VALUES (1, 3, '2020-01-01', '2099-12-31', 'gone')")
    try:
        refused(load([service]), 'steps[1].gap_max',
                r'step 1 "Arrive" and step 2 "Consultation" never fit together: both require the same')
    finally:
        database.rows("DELETE FROM closure WHERE reason = 'gone'")


def test_closed_until_after_the_horizon(load, stored, database):
    database.rows("INSERT INTO closure (site_id, first_day, last_day, reason)"
                  " SELECT 1, CURDATE() - INTERVAL 2 DAY, CURDATE() + INTERVAL 60 DAY, 'rebuilding'")
    try:
        assert load([fresh(stored, horizon_days=120)]).returncode == 0
        remove(database)
        done = load([fresh(stored, horizon_days=30)])
        refused(done, 'steps[1].needs[0].capability', 'never open')
        assert load([fresh(stored, horizon_days=30, active=False)]).returncode == 0  # a draft may be unbookable
    finally:
        database.rows("DELETE FROM closure WHERE reason = 'rebuilding'")
        remove(database)


# --- bookings that are not over ------------------------------------------------------------------------------------------------

def test_change_under_bookings(load, stored, database):
    booking = ("INSERT INTO booking (uid, service_id, site_id, status, starts_at, ends_at, hold_expires_at, price_minor,"
               " currency, created_at) SELECT '0000000000000000000000zzzz', id, 1, 'held', %s, %s, %s, 460000, 'USD', 0"
               " FROM service WHERE code = 'bmac-knee'")
    now = database.value('SELECT UNIX_TIMESTAMP() DIV 300 * 300')
    database.rows(booking, now + 86400, now + 90000, now + 3600)
    held = database.value("SELECT id FROM booking WHERE uid = '0000000000000000000000zzzz'")
    for no, kind, start in ((1, 'harvest', 0), (2, 'inject', 2400)):
        database.rows("INSERT INTO booking_step (booking_id, step_no, kind, name, visit_no, starts_at, ends_at)"
                      " VALUES (%s, %s, %s, 'x', 1, %s, %s)", held, no, kind, now + 86400 + start, now + 86400 + start + 600)
    try:
        service = copy.deepcopy(stored['bmac-knee'])
        short = copy.deepcopy(service)
        short.update(unit_hold_minutes=25, targets_most=1)
        for step in short['steps']:
            step.update(further_minutes=0)
        for step in short['steps'][2:4]:
            step.update(gap_max=0)
        done = load([short])
        assert 'services[0].unit_hold_minutes: 1 bookings' in done.stderr, done.stderr
        for change in ({'material': 'adipose'}, {'method': 'mechanical'}, {'additives': 'none'}):
            done = load([dict(service, products=[dict(service['products'][0], **change)])])
            assert done.returncode == 1 and 'services[0].products: 1 bookings' in done.stderr, done.stderr
        service['products'][0].update(name='Concentrate of marrow', trial='IND 12345')
        service['steps'][0]['minutes'] = 20  # they keep their own steps
        assert load([service]).returncode == 0
        database.rows('UPDATE booking SET hold_expires_at = 1 WHERE id = %s', held)
        assert load([short]).returncode == 0  # an expired hold stands in nobody's way
    finally:
        database.rows('DELETE FROM booking_step WHERE booking_id = %s', held)
        database.rows('DELETE FROM booking WHERE id = %s', held)
        assert load(list(stored.values())).returncode == 0


def test_command_line(database, load):
    assert env.regenctl(database, 'service', 'export', check=False).returncode == 2
    assert env.regenctl(database, 'service', 'export', 'bmac-knee', '--all', check=False).returncode == 2
    assert env.regenctl(database, 'service', 'export', 'nothing', check=False).returncode == 1
    assert env.regenctl(database, 'service', 'import', '/nonexistent', check=False).returncode == 2


def test_preparation_is_checked(database, load, stored):
    one = {'code': 'nsaid', 'words': 'Stop', 'from_days': 7}
    for wrong, path in (({'from_days': 1, 'until_days': 2}, 'preparing[0].until_days'), ({'from_days': 367}, 'preparing[0].from_days'),
                        ({'too_late': 'maybe'}, 'preparing[0].too_late'), ({'words': ''}, 'preparing[0].words'), ({'code': 'A b'}, 'preparing[0].code'),
                        ({'from_days': 200, 'too_late': 'refuse'}, 'preparing'), ({'seq': 1}, 'preparing[0].seq')):
        refused(load([fresh(stored, preparing=[dict(one, **wrong)])]), path, '')
    refused(load([fresh(stored, preparing=[one, one])]), 'preparing[1].code', 'has the same code')
    refused(load([fresh(stored, preparing=[dict(one, code='c%d' % i) for i in range(17)])]), 'preparing', 'at most 16')
    assert load([fresh(stored, preparing=[one])]).returncode == 0
    assert json.loads(export(database, 'trial'))['services'][0]['preparing'] == [dict(one, applies='', until_days=0, too_late='warn')]
    assert load([fresh(stored, preparing=[])]).returncode == 0
    assert database.value("SELECT COUNT(*) FROM service_preparing p JOIN service s ON s.id = p.service_id WHERE s.code = 'trial'") == 0


# --- the product, by SQL ---------------------------------------------------------------------------------------------------------

NEVER = ["UPDATE service_product SET material = 'blood' WHERE service_id = 1", "UPDATE service_product SET method = 'mechanical' WHERE service_id = 1",
         "UPDATE service_product SET additives = 'none' WHERE service_id = 1", 'UPDATE service_product SET product_no = 2 WHERE service_id = 1',
         'DELETE FROM service_product WHERE service_id = 1']


def test_a_product_stays_what_was_booked(database):
    now = database.value('SELECT UNIX_TIMESTAMP() DIV 300 * 300')
    database.rows("INSERT INTO booking (uid, service_id, site_id, status, starts_at, ends_at, hold_expires_at, price_minor, currency, created_at)"
                  " VALUES ('0000000000000000000000zzzz', 1, 1, 'held', %s, %s, %s, 1, 'USD', 0)", now + 86400, now + 90000, now + 3600)
    try:
        for sql in NEVER:
            with pytest.raises(pymysql.err.MySQLError, match='while it is booked'):
                database.rows(sql)
        database.rows("UPDATE service_product SET name = 'Marrow', trial = 'IND 1' WHERE service_id = 1")
        database.rows("UPDATE booking SET hold_expires_at = 1 WHERE uid = '0000000000000000000000zzzz'")
        database.rows("UPDATE service_product SET additives = 'none' WHERE service_id = 1")
    finally:
        database.rows("DELETE FROM booking WHERE uid = '0000000000000000000000zzzz'")
        database.rows("UPDATE service_product SET name = 'Bone-marrow concentrate', trial = '', additives = 'permitted' WHERE service_id = 1")


@pytest.mark.parametrize('change', ["method = 'enzymatic'", "method = 'cultured'", "additives = 'other'"])
def test_a_drug_needs_a_trial(database, change):
    with pytest.raises(pymysql.err.MySQLError, match='product_needs_trial'):
        database.rows('UPDATE service_product SET %s WHERE service_id = 1' % change)
