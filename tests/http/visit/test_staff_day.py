# SPDX-License-Identifier: Apache-2.0
"""The day of the staff over HTTP: board, chart, every step, and what happens out of order, twice, without consent, with
the wrong unit, side or role. On a database of its own, because the visits are written into it (see dayfill.py)."""
import os
import threading

import pytest

import billfill
import env
from dayfill import BORN, clock, now, today


@pytest.fixture
def clinician(staff):
    return staff('clinician')


@pytest.fixture
def desk(staff):
    return staff('front_desk')


def chart(visitor, uid):
    page = visitor.open('/staff/bookings/' + uid)
    assert page.status == 200, repr(page)
    return page


AGREED = {'said_' + item: 'yes' for item in ('identity', 'procedure', 'site', 'consent', 'label', 'allergies')}


def agreed(form):
    """The boxes of the time-out on this form, all checked off."""
    return {name: 'yes' for name in form.names() if name.startswith('said_')}


def step(visitor, uid, name, **fields):
    """Fills and sends the chart's form of this step; the time-out is agreed and a colleague confirms where the form asks for it."""
    form = chart(visitor, uid).form('/' + name)
    second = visitor.second if 'second_login' in form.names() else {}
    if 'minutes' in form.names():  # harvest and run are in the same second here
        fields = {'minutes': '0', 'run_why': 'Not timed', **({'kit_expires': '2127-12-31'} if 'kit_lot' in fields else {}), **fields}
    return form.fill(**{**agreed(form), **second, **fields}).submit()


def check_in(visitor, uid, born=BORN):
    return step(visitor, uid, 'check-in', birth_date=born)


def harvest(visitor, uid, side='right'):
    return step(visitor, uid, 'harvest', volume_ml='60', taken_from='right-posterior-iliac-crest', side_confirmed=side)


def process(visitor, uid, label):
    return step(visitor, uid, 'process', label=label, kit_lot='LOT-1', volume_ml='8')


def inject(visitor, uid, label, side='right', body_site='knee', born=BORN):
    return step(visitor, uid, 'inject', label=label, birth_date=born, body_site=body_site, side=side)


def ready(visitor, day, uid, side='right'):
    """Checked in, harvested, processed; the label."""
    for page in (check_in(visitor, uid), harvest(visitor, uid, side)):
        assert page.status == 200, repr(page)
    label = day.label(uid)
    page = process(visitor, uid, label)
    assert page.status == 200 and 'Record the injection' in page.text, repr(page)
    return label


def post(visitor, uid, name, page, **fields):
    """The step's form as some other page would send it: with the token and a fresh key of PAGE."""
    carried = dict(page.forms()[0].pairs())
    return visitor.open('/staff/bookings/%s/%s' % (uid, name), method='POST',
                        data={'csrf': carried['csrf'], 'idem': carried['idem'], **fields},
                        headers={'Origin': page.visitor.base.rsplit('/clinic', 1)[0]})


# --- the whole day ---------------------------------------------------------------------------------------------------------

def test_a_treatment_from_check_in_to_completion(day, desk, clinician):
    uid = day.book(insured=True)
    page = check_in(desk, uid)
    assert page.status == 200 and len(page.hops) == 1 and page.hops[0].status_code == 303
    assert page.hops[0].headers['location'].endswith('/staff/bookings/' + uid)
    assert day.status(uid) == 'arrived'
    assert 'A clinician does this' in page.text
    page = harvest(clinician, uid)
    label = day.label(uid)
    assert label in page.text and day.status(uid) == 'in-progress'
    page = process(clinician, uid, ' %s-%s ' % (label[:3].lower(), label[3:]))
    assert 'LOT-1' in page.text and '8 ml of concentrate' in page.text
    page = inject(clinician, uid, label)
    assert 'Injected' in page.text
    page = step(clinician, uid, 'complete', diagnoses='m17.11 Z79.01')
    assert day.status(uid) == 'completed'
    assert 'Everything was recorded' in page.text and 'Unilateral primary osteoarthritis, right knee' in page.text
    assert day.events(uid) == ['check-in', 'harvest', 'process', 'inject', 'complete']
    assert day.charges(uid) == (('BMAC-HARVEST', '', 150000), ('BMAC-PROCESS', '', 80000), ('BMAC-KNEE', 'RT', 230000))
    actions = [f.action.rsplit('/', 1)[1] for f in page.forms() if '/bookings/' in f.action]
    assert sorted(actions) == ['correct', 'diagnose', 'link'], 'only corrections are left, and a new link'


def test_a_consultation_goes_from_check_in_to_completion(day, clinician):
    uid = day.book('consultation', body_site='hip', side='left')
    page = check_in(clinician, uid)
    assert 'Complete the treatment' in page.text and 'harvest' not in page.text.lower()
    step(clinician, uid, 'complete', diagnoses='M16.12')
    assert day.status(uid) == 'completed' and day.charges(uid) == (('CONSULT-30', '', 22000),)


def test_what_is_done_is_charged_as_it_was_promised(day, clinician, database):
    """Another price was published meanwhile, with more lines."""
    uid = day.book('consultation', body_site='hip', side='left')
    check_in(clinician, uid)
    billfill.reprice(database, 'consultation', unit_minor=99900, description='Dearer')
    step(clinician, uid, 'complete', diagnoses='M16.12')
    assert day.charges(uid) == (('CONSULT-30', '', 22000),)


# --- refusals: clear words, right status, nothing recorded, what was typed is kept ------------------------------------------

def test_the_wrong_person_is_not_checked_in(day, desk):
    uid = day.book()
    page = check_in(desk, uid, '1961-03-15')
    assert page.status == 409 and page.title.startswith('Error:')
    assert 'not the date of birth on file' in page.error_for('birth_date')
    assert page.form('/check-in').value('birth_date') == '1961-03-15'
    assert day.status(uid) == 'booked'
    page = page.form('/check-in').fill(birth_date=BORN).submit()
    assert page.status == 200 and day.status(uid) == 'arrived'


@pytest.mark.parametrize('typed', ('12/10/1961', '10 Dec 1961', 'December 10, 1961', '1961-12-10', '12-10-61'))
def test_a_date_of_birth_is_typed_as_people_do(day, desk, typed):
    uid = day.book(born='1961-12-10')
    assert check_in(desk, uid, typed).status == 200 and day.status(uid) == 'arrived'


@pytest.mark.parametrize('typed, status, said', (
    ('12/11/1961', 409, 'December 11, 1961 is not the date of birth on file'), ('11 Dec 1961', 409, 'December 11, 1961'),
    ('1961-12-11', 409, 'December 11, 1961'), ('10.12.1961', 422, 'Write the month of the date of birth as a word'),
    ('13/32/1961', 422, 'in the calendar'), ('', 422, 'Enter the date of birth')))
def test_another_date_of_birth_is_said_as_it_was_understood(day, desk, typed, status, said):
    uid = day.book(born='1961-12-10')
    page = check_in(desk, uid, typed)
    assert page.status == status and day.status(uid) == 'booked' and said in page.error_for('birth_date'), page.error_for('birth_date')
    assert page.form('/check-in').value('birth_date') == typed
    assert ('You entered December 11, 1961' in page.text) == (status == 409)


def test_the_date_of_birth_before_an_injection_too(day, clinician):
    uid = day.book(born=BORN)
    label = ready(clinician, day, uid)
    page = inject(clinician, uid, label, born='3/15/1961')
    assert page.status == 409 and 'March 15, 1961 is not' in page.error_for('birth_date') and day.events(uid)[-1] == 'process'
    assert page.form('/inject').value('birth_date') == '3/15/1961'
    assert inject(clinician, uid, label, born='14 Mar 1961').status == 200 and day.events(uid)[-1] == 'inject'


def test_the_date_of_birth_is_not_on_the_page_that_asks_for_it(day, clinician):
    uid = day.book(born='1944-02-29')
    page = chart(clinician, uid)
    assert '29 February 1944' not in page.text and '1944-02-29' not in page.html
    check_in(clinician, uid, '1944-02-29')
    assert '29 February 1944' in chart(clinician, uid).text


def test_no_step_without_consent(day, desk, clinician):
    uid = day.book(signed=False)
    page = chart(desk, uid)
    assert len(page.css('.ticks .missing')) == 2 and 'Something is missing' in page.text
    page = check_in(desk, uid)
    assert page.status == 409 and 'Consent to bone-marrow concentrate' in page.text
    assert day.events(uid) == []
    uid = day.book()
    label = ready(clinician, day, uid)
    form = chart(clinician, uid).form('/inject').fill(label=label, birth_date=BORN, body_site='knee', side='right')
    day.withdraw(uid)  # between the page and the needle
    page = form.submit()
    assert page.status == 409 and 'is missing or no longer valid' in page.text
    assert 'inject' not in day.events(uid)


def test_another_patients_unit_is_refused(day, clinician, database):
    mine, theirs = day.book(), day.book(family='Other', given='Somebody')
    label = ready(clinician, day, theirs)
    ready(clinician, day, mine)
    page = inject(clinician, mine, label)
    assert page.status == 409 and "this unit belongs to another patient" in page.error_for('label')
    assert day.events(mine) == day.events(theirs) == ['check-in', 'harvest', 'process']
    assert database.value("SELECT COUNT(*) FROM audit_event a JOIN booking b ON b.id = a.entity_id WHERE b.uid = %s AND"
                          " a.action = 'day.refused' AND a.detail LIKE 'inject wrong-patient unit:%%'", mine) == 1


def test_the_wrong_side_is_refused(day, clinician):
    uid = day.book(side='left')
    check_in(clinician, uid)
    page = harvest(clinician, uid, 'right')
    assert page.status == 409 and 'the left side was booked' in page.error_for('side_confirmed')
    assert page.form('/harvest').value('volume_ml') == '60' and day.label(uid) is None
    harvest(clinician, uid, 'left')
    label = day.label(uid)
    process(clinician, uid, label)
    page = inject(clinician, uid, label, side='right')
    assert page.status == 409 and 'the left side was booked' in page.error_for('side')
    page = inject(clinician, uid, label, side='left')
    assert page.status == 200 and 'inject' in day.events(uid)


def test_an_expired_unit_is_refused_and_disposed_of(day, clinician, database):
    uid = day.book()
    label = ready(clinician, day, uid)
    with database.connect() as db, db.cursor() as sql:
        sql.execute('SET foreign_key_checks = 0')
        sql.execute('UPDATE unit SET expires_at = %s, harvested_at = %s WHERE label = %s', (now() - 1, now() - 7200, label))
    page = inject(clinician, uid, label)
    assert page.status == 410 and 'has expired' in page.error_for('label')
    board = clinician.open('/staff')
    assert 'Unit expired' in board.text and label in board.text
    page = chart(clinician, uid).form('/dispose').fill(reason='').submit()
    assert page.status == 422 and 'Enter why the unit is not used' in page.error_for('reason')
    page = chart(clinician, uid).form('/dispose').fill(reason='Too old').submit()
    assert page.status == 200 and 'Disposed of' in page.text and 'Complete the treatment' in page.text
    step(clinician, uid, 'complete', diagnoses='M17.11')
    assert day.status(uid) == 'completed' and sum(c[2] for c in day.charges(uid)) == 230000


def test_steps_out_of_order_and_twice(day, clinician):
    uid = day.book()
    page = chart(clinician, uid)
    refused = post(clinician, uid, 'harvest', page, volume_ml='9', taken_from='right-posterior-iliac-crest', side_confirmed='right')
    assert refused.status == 409 and 'First record the check-in' in refused.text and day.label(uid) is None
    form = page.form('/check-in').fill(birth_date=BORN)
    assert form.submit().status == 200
    again = form.submit()  # the same press again: the same answer, one effect
    assert again.status == 200 and again.hops[0].status_code == 303
    later = post(clinician, uid, 'check-in', chart(clinician, uid), birth_date=BORN)
    assert later.status == 409 and 'already' in later.text
    assert day.events(uid) == ['check-in']


def test_a_double_press_makes_one_unit(day, clinician):
    uid = day.book()
    check_in(clinician, uid)
    form = chart(clinician, uid).form('/harvest').fill(volume_ml='60', taken_from='right-posterior-iliac-crest', side_confirmed='right')
    form.fill(**agreed(form))
    pages = []

    def press():
        with env.Visitor(clinician.base) as other:
            other.client.cookies.update(clinician.client.cookies)
            pages.append(other.post(form.action, data=dict(form.pairs()), headers={
                'Origin': clinician.base.rsplit('/clinic', 1)[0]}))

    threads = [threading.Thread(target=press) for _ in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert [p.status_code for p in pages] == [303] * 6
    assert day.db.value('SELECT COUNT(*) FROM unit u JOIN booking b ON b.id = u.booking_id WHERE b.uid = %s', uid) == 1
    assert len(day.charges(uid)) == 1


def test_diagnoses_are_checked(day, clinician):
    uid = day.book()
    inject(clinician, uid, ready(clinician, day, uid))
    for typed, words in (('', 'at least one'), ('M17.12', 'for the left side'), ('M16.11', 'for the hip'), ('Q99.99', 'not in this'),
                         ('<b>', 'not an ICD-10-CM code')):
        page = step(clinician, uid, 'complete', diagnoses=typed)
        assert page.status == 422 and words in page.error_for('diagnoses'), typed
        assert page.form('/complete').value('diagnoses') == typed
    assert day.status(uid) == 'in-progress'


def test_diagnoses_are_corrected_after_completion(day, desk, clinician):
    uid = day.book('consultation', body_site='hip', side='left')
    check_in(clinician, uid)
    step(clinician, uid, 'complete', diagnoses='M16.12')
    page = step(clinician, uid, 'diagnose', diagnoses='M16.11')
    assert page.status == 422 and 'for the right side' in page.error_for('diagnoses')
    page = step(clinician, uid, 'diagnose', diagnoses='M25.552')
    assert page.status == 200 and 'Pain in left hip' in page.text and 'M16.12' not in page.text.split('Correct')[0]
    assert 'diagnose' not in [f.action.rsplit('/', 1)[1] for f in desk.open('/staff/bookings/' + uid).forms()]


def test_before_the_day_and_after_it_only_with_a_reason(day, desk, database):
    uid = day.book(start=now() + 3 * 86400)
    page = check_in(desk, uid)
    assert page.status == 409 and 'choose why it is done today' in page.error_for('early')
    page = page.form('/check-in').fill(birth_date=BORN, early='patient-came').submit()
    assert page.status == 200 and day.status(uid) == 'arrived'
    assert database.value("SELECT COUNT(*) FROM audit_event a JOIN booking b ON b.id = a.entity_id WHERE b.uid = %s AND"
                          " a.action = 'day.early' AND a.detail = 'patient-came'", uid) == 1
    uid = day.book(start=now() - 3 * 86400)
    page = check_in(desk, uid)
    assert page.status == 422 and 'Enter the day and time when it was done' in page.error_for('when') and day.status(uid) == 'booked'


# --- who may ------------------------------------------------------------------------------------------------------------------

def test_roles(day, staff, visitor, desk, clinician):
    uid = day.book()
    billing = staff('billing')
    # Who bills sees what is billed, not what was done to whom on which day.
    for path in ('/staff/bookings/' + uid, '/staff', '/staff/week'):
        assert billing.get(path).status_code == 403, path
    page = billing.open('/billing')
    assert not [a for a in page.css('header a') if '/staff' in a.get('href')]
    assert post(billing, uid, 'check-in', page, birth_date=BORN).status == 403
    page = check_in(desk, uid)
    for name in ('harvest', 'process', 'inject', 'complete', 'dispose'):
        assert post(desk, uid, name, page).status == 403, name
    assert day.events(uid) == ['check-in']
    assert 'login' in visitor.open('/staff').response.url.path
    assert 'login' in visitor.open('/staff/bookings/' + uid).response.url.path
    answer = visitor.post('/staff/bookings/%s/check-in' % uid, data={'birth_date': BORN})
    assert answer.status_code in (401, 403)
    assert harvest(staff('admin'), uid).status == 200


def test_unknown_addresses(clinician):
    for path in ('/staff/bookings/0000000000000000000000000z', '/staff/bookings/nonsense', '/staff/units/U0000001Z/label',
                 '/staff/units/x/label', '/staff?date=2026-02-30', '/staff?date=tomorrow'):
        assert clinician.get(path).status_code == 404, path
    page = clinician.open('/staff')
    assert post(clinician, '00000000000000000000000000', 'check-in', page, birth_date=BORN).status == 404
    assert clinician.get('/staff/bookings/%s/check-in' % ('0' * 26)).status_code == 405


def test_without_the_pages_token_nothing_is_done(day, clinician):
    uid = day.book()
    answer = clinician.post('/staff/bookings/%s/check-in' % uid, data={'birth_date': BORN, 'idem': 'x' * 22})
    assert answer.status_code == 403 and day.events(uid) == []


# --- ways out -----------------------------------------------------------------------------------------------------------------

def test_cancel_and_no_show(day, desk):
    uid = day.book(start=now() + 2 * 86400)
    page = chart(desk, uid).form('/cancel').fill(reason='clinic').submit()
    assert page.status == 200 and day.status(uid) == 'cancelled' and 'Canceled' in page.text
    uid = day.book(start=now() - 3600)
    page = chart(desk, uid).form('/no-show').submit()
    assert page.status == 200 and day.status(uid) == 'no-show' and 'No-show' in page.text
    assert post(desk, uid, 'check-in', page, birth_date=BORN).status == 409


# --- the board -----------------------------------------------------------------------------------------------------------------

def test_the_board_shows_one_booking_as_one(day, clinician):
    uid = day.book(start=day.quiet(), family='Boardman', given='Bea')
    page = clinician.open('/staff/')
    slots = [a for a in page.css('.board .slot') if uid in a.get('href')]
    letters = {' '.join(s.text_content().split()) for a in slots for s in a.xpath('.//span[contains(@class, "chain")]')}
    assert len(slots) >= 6 and len(letters) == 1
    for slot in slots:
        assert 'Boardman' in slot.text_content() and 'Booked' in slot.text_content()
    listed = [a for a in page.css('.board-list a') if uid in a.get('href')]
    assert any('Bea Boardman' in a.text_content() for a in listed)


def test_every_row_of_the_board_fills_every_column(day, clinician):
    """What a browser would draw: spans and cells add up, so that no block stands in a wrong column."""
    page = clinician.open('/staff?date=%s' % today())
    heads = page.css('.board thead th')
    below = [0] * (len(heads) - 1)
    for row in page.css('.board tbody tr'):
        cells = row.xpath('./td')
        assert len(row.xpath('./th')) == 1
        for column in range(len(below)):
            if below[column] == 0:
                assert cells, 'a cell is missing'
                below[column] = int(cells.pop(0).get('rowspan') or 1)
            below[column] -= 1
        assert not cells, 'a cell too many'
    assert below == [0] * len(below)


def test_the_board_names_what_needs_attention(day, clinician):
    uid = day.book(start=now() - 3600, family='Tardy', given='Tom')
    unsigned = day.book(signed=False, family='Unready', given='Una')
    page = clinician.open('/staff')
    turns = [' '.join(li.text_content().split()) for li in page.css('.todo li')]
    assert any('Tom Tardy' in t and 'hour' in t and 'late' in t and 'Check in' in t for t in turns), turns
    assert any('A consent is missing' in t and 'Una Unready' in t for t in turns), turns
    assert page.css('.todo a[href="/clinic/staff/bookings/%s#next"]' % uid)
    assert page.css('.todo a[href="/clinic/staff/bookings/%s#next"]' % unsigned)
    # Said once: what presses more than waiting stands below.
    assert not [li for li in page.css('.attention li') if 'Tom Tardy' in li.text_content() and 'was due' in li.text_content()]


def test_an_empty_day(clinician):
    page = clinician.open('/staff?date=2131-05-05')
    assert page.status == 200 and 'Nobody is booked on this day' in page.text and not page.css('table')
    assert page.click('Next day').css('h1')[0].text_content().strip() == 'Sunday 6 May 2131'


def test_a_held_time_is_on_the_board_without_a_name(day, clinician, database):
    day.book(start=clock(15), family='Secretive', status='held', hold_until=now() + 600)
    page = clinician.open('/staff')
    assert 'Held' in page.text


# --- the label -----------------------------------------------------------------------------------------------------------------

def test_the_label(day, clinician):
    uid = day.book(side='left', family="O'Neill <b>", given='Zoë')
    check_in(clinician, uid)
    harvest(clinician, uid, 'left')
    label = day.label(uid)
    page = clinician.open('/staff/units/%s/label' % label)
    for words in ('FOR AUTOLOGOUS USE ONLY', label, "O'Neill <b>, Zoë", '14 March 1961', 'left', 'knee', 'Use before'):
        assert words in page.text, words
    assert '<b>,' not in page.html
    assert page.response.headers['cache-control'] == 'no-store'


def test_no_name_and_no_date_of_birth_in_the_logs(server, day, clinician):
    uid = day.book(family='Unloggable', given='Ursula', born='1933-12-24')
    check_in(clinician, uid, '1933-12-25')
    check_in(clinician, uid, '1933-12-24')
    for path in (server.error_log, server.access_log):
        text = env.read(path)
        assert 'Unloggable' not in text and '1933-12' not in text, os.path.basename(path)
