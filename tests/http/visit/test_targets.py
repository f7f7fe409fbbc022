# SPDX-License-Identifier: Apache-2.0
"""Several targets in one treatment: both knees are ordered, booked as one longer visit, agreed to, injected one after the other and followed up. None is
forgotten, none is injected twice or elsewhere: by page and by SQL with the module's account."""
import datetime
import zoneinfo

import pymysql
import pytest

import env
import frontdesk
import ordering
import patient
from dayfill import BORN, now
from test_corrections import correct, ident
from test_staff_day import AGREED, chart, check_in, harvest, inject, post, process, ready, step
from test_units import OPEN, divide, finish, inject_one, labels

SITE = zoneinfo.ZoneInfo('America/New_York')
KNEES = dict(body_site='knee', side='left', side_2='right', diagnosis='M17.0')


@pytest.fixture
def clinician(staff):
    return staff('clinician')


@pytest.fixture
def both(day, database):
    """A visit of today for both knees."""
    def make(further=(('knee', 'right'),)):
        database.rows("UPDATE service SET targets_most = 2 WHERE code = 'bmac-knee'")
        of = day.book('consultation', 'knee', 'left', family='Knees')
        who = database.value('SELECT patient_id FROM booking WHERE uid = %s', of)
        on = ordering.order(database, who, 'bmac-knee', 'knee', 'left', further=further)
        return day.book('bmac-knee', 'knee', 'left', of=of, on=on)
    return make


@pytest.fixture
def spine(database):
    """The service treats a part of the body without sides, too."""
    database.rows("INSERT INTO service_body_site (service_id, body_site, display_order) SELECT id, 'lumbar-spine', 2 FROM service WHERE code = 'bmac-knee'")
    database.rows("INSERT IGNORE INTO icd10cm (code, billable, title, laterality, body_site) VALUES ('M54.50', 1, 'Low back pain, unspecified', 'none', 'lumbar-spine')")
    yield 'lumbar-spine'
    database.rows("DELETE FROM service_body_site WHERE body_site = 'lumbar-spine'")


@pytest.fixture
def unasked(database):
    """No time-out is asked for before an injection."""
    database.rows("UPDATE service SET timeout_inject = 0 WHERE code = 'bmac-knee'")
    yield
    database.rows("UPDATE service SET timeout_inject = 1 WHERE code = 'bmac-knee'")


def targets(database, uid):
    """Where it was injected, in order."""
    return [side for side, in database.rows('SELECT i.laterality FROM injection i JOIN booking b ON b.id = i.booking_id WHERE b.uid = %s ORDER BY i.act_id', uid)]


def two_units(clinician, day, database, uid):
    """Checked in, harvested with both marked, processed and split; the labels."""
    assert check_in(clinician, uid).status == 200
    page = harvest(clinician, uid, 'all')
    assert page.status == 200, (page.status, page.text)
    label = day.label(uid)
    assert process(clinician, uid, label).status == 200
    assert divide(clinician, uid, [label], '4 4').status == 200
    return labels(database, uid, OPEN)


# --- the journey ------------------------------------------------------------------------------------------------------------

def test_both_knees_from_the_order_to_the_follow_up(day, clinician, staff, visitor, database):
    ordering.needs_order(database, 'bmac-knee')
    first = day.book('consultation', 'knee', 'left', family='Journey')
    who = database.value('SELECT p.uid FROM patient p JOIN booking b ON b.patient_id = p.id WHERE b.uid = %s', first)
    page = clinician.open('/staff/patients/%s/order?service=bmac-knee' % who)
    twice = page.form(having='diagnosis').fill(**dict(ordering.FORM, **dict(KNEES, side_2='left'))).submit()
    assert twice.status == 422 and 'named already' in twice.text, twice.text
    page = ordering.sign(clinician, who, 'bmac-knee', **KNEES)
    assert page.status == 200 and 'both knees' in page.text, page.text
    order, number = page.path.rsplit('/', 1)[1], ordering.number_on(page)
    # The patient books one visit for both, which takes longer.
    page = ordering.open_order(visitor, number, BORN)
    assert 'both knees' in page.text, page.text
    page = patient.times(patient.times_page(visitor, 'bmac-knee', '?order=' + order))[0].submit()
    assert page.path == '/booking/details' and 'both knees' in page.text, page.text
    uid, more = database.rows('SELECT b.uid, s.ends_at - s.starts_at - 60 * d.minutes FROM booking b JOIN treatment_order o ON o.id = b.order_id'
                              " JOIN booking_step s ON s.booking_id = b.id AND s.kind = 'inject' JOIN service_step d ON d.service_id = b.service_id"
                              ' AND d.step_no = s.step_no WHERE o.uid = %s', order)[0]
    assert more == 60 * database.value("SELECT further_minutes FROM service_step WHERE service_id = 1 AND kind = 'inject'") > 0
    page = page.form(having='pay').fill(pay='self').submit()
    assert page.path == '/booking/check' and 'both knees' in page.text, page.text
    page = page.form('/booking/check').submit()
    assert page.h1 == 'You are booked' and 'both knees' in page.text, page.text
    patient.sign_all(visitor, 'Ann Journey')
    for text, further in database.rows('SELECT c.text, c.further FROM consent c JOIN booking b ON b.id = c.booking_id JOIN form_version v ON v.id = c.form_version_id'
                                       ' JOIN form f ON f.id = v.form_id WHERE b.uid = %s AND f.names_side = 1', uid):
        assert 'Where: left knee and right knee' in text and further == 'knee right'
    assert 'both knees' in chart(staff('front_desk'), uid).text
    # The day, brought forward.
    page = step(clinician, uid, 'check-in', birth_date=BORN, early='patient-came')
    assert page.status == 200 and 'Which side' not in page.text and 'Only the left knee' in page.text, page.text
    page = harvest(clinician, uid, 'only-1')
    assert page.status == 409 and 'all of them are marked' in page.error_for('side_confirmed'), page.text
    page = harvest(clinician, uid, 'all')
    assert page.status == 200, page.text
    label = day.label(uid)
    assert 'both knees' in clinician.open('/staff/units/%s/label' % label).text
    assert process(clinician, uid, label).status == 200
    assert divide(clinician, uid, [label], '4 4').status == 200
    one, two = labels(database, uid, OPEN)
    page = inject_one(clinician, uid, one, side='left')
    assert page.status == 200 and 'Still to be injected: right knee' in page.text, page.text
    page = inject_one(clinician, uid, two, side='left')
    assert page.status == 409 and 'the left knee was injected already' in page.error_for('target_why') and targets(database, uid) == ['left'], page.text
    page = inject_one(clinician, uid, two, side='right')
    assert page.status == 200 and targets(database, uid) == ['left', 'right'], page.text
    page = step(clinician, uid, 'complete', diagnoses='M17.0')
    assert page.status == 200 and day.status(uid) == 'completed', page.text
    assert page.text.count('injected') >= 2 and 'Right knee: injected' in ' '.join(page.text.split()), page.text
    assert database.value('SELECT COUNT(*) FROM recall r JOIN booking b ON b.id = r.booking_id WHERE b.uid = %s', uid) > 0
    assert database.value('SELECT COUNT(*) FROM treatment_order_use u JOIN treatment_order o ON o.id = u.order_id WHERE o.uid = %s', order) == 1


def test_no_target_that_was_typed_is_dropped(day, clinician, database):
    ordering.needs_order(database, 'prp-tendon')
    first = day.book('consultation', 'knee', 'left', family='Dropped')
    who = database.value('SELECT p.uid FROM patient p JOIN booking b ON b.patient_id = p.id WHERE b.uid = %s', first)
    database.rows("UPDATE service SET targets_most = 3 WHERE code = 'prp-tendon'")
    form = clinician.open('/staff/patients/%s/order?service=prp-tendon' % who).form(having='diagnosis')
    assert form.options('body_site_2') == ['', 'elbow', 'shoulder', 'knee', 'ankle'], 'what was chosen can be taken back'
    database.rows("UPDATE service SET targets_most = 2 WHERE code = 'prp-tendon'")
    page = form.fill(**dict(ordering.FORM, body_site='elbow', body_site_3='knee', side_3='left')).submit()
    assert page.status == 422 and 'at most 2 targets' in page.error_for('side_3'), page.text
    again = page.form(having='diagnosis')
    assert again.value('body_site_3') == 'knee' and again.value('side_3') == 'left'
    page = again.fill(body_site_3='', side_3='', confirmed='yes').submit()
    assert page.status == 200 and 'right elbow' in page.text, page.text


def test_what_both_takes_is_offered_and_explained(day, clinician, staff, database):
    ordering.needs_order(database, 'bmac-knee')
    first = day.book('consultation', 'knee', 'left', family='Desk')
    who = database.value('SELECT p.uid FROM patient p JOIN booking b ON b.patient_id = p.id WHERE b.uid = %s', first)
    page = ordering.sign(clinician, who, 'bmac-knee', **KNEES)
    order = page.path.rsplit('/', 1)[1]
    desk = staff('front_desk')
    page = frontdesk.finder(desk, order=order)
    assert 'both knees' in page.text and frontdesk.times(page)
    page = frontdesk.times(page)[0].submit()
    assert page.path.endswith('/details') and 'both knees' in page.text, page.text
    page = page.form('/details').fill(pay='self').submit().form('/book').submit()
    uid = database.value('SELECT b.uid FROM booking b JOIN treatment_order o ON o.id = b.order_id WHERE o.uid = %s', order)
    assert page.status == 200 and 'both knees' in chart(desk, uid).text and day.status(uid) == 'booked'
    assert 'both knees' in desk.open('/staff/patients/' + who).text


def test_what_is_moved_is_explained_for_all_of_it(both, staff, database):
    """The last time of a day that one target fits in is too late for two."""
    database.rows("UPDATE service SET booked_by = 'anyone' WHERE code = 'bmac-knee'")
    uid, desk, free = both(), staff('front_desk'), 'This time is free and can be booked'
    first = frontdesk.times(frontdesk.finder(desk, service='bmac-knee', **{'from': (datetime.date.today() + datetime.timedelta(40)).isoformat()}))[0]
    day = datetime.datetime.fromtimestamp(int(first.value('start')), SITE).date().isoformat()
    late = ['%02d:%02d' % divmod(minute, 60) for minute in range(17 * 60, 11 * 60, -15)]
    last = next(t for t in late if free in frontdesk.finder(desk, service='bmac-knee', why_day=day, why_time=t).text)
    asked = frontdesk.finder(desk, booking=uid, why_day=day, why_time=last)
    assert asked.status == 200 and free not in asked.text and asked.tree.xpath('//ul[@class="reasons"]/li'), asked.text


# --- nothing is forgotten ---------------------------------------------------------------------------------------------------

def test_a_knee_that_is_not_injected_has_its_reason(both, day, clinician, database):
    uid = both()
    one, two = two_units(clinician, day, database, uid)
    assert inject_one(clinician, uid, one, side='right').status == 200
    form = next(f for f in chart(clinician, uid).forms() if f.action.endswith('/dispose') and f.value('label') == two)
    assert form.fill(reason='Swelling').submit().status == 200
    page = chart(clinician, uid)
    assert 'Not injected: left knee. Why?' in page.text, page.text
    page = finish(clinician, uid)
    assert page.status == 409 and 'Not injected yet: left knee' in page.error_for('left_why') and day.status(uid) == 'in-progress'
    page = step(clinician, uid, 'complete', diagnoses='M17.0', left_why='Swelling since the morning')
    assert page.status == 200 and day.status(uid) == 'completed' and 'Swelling since the morning' in page.text, page.text
    assert database.rows('SELECT target_no, reason FROM target_left WHERE booking_id = %s', ident(database, uid)) == ((1, 'Swelling since the morning'),)


def test_a_target_without_a_side_is_injected_by_page(both, day, clinician, database, spine):
    uid = both(further=((spine, 'none'),))
    one, two = two_units(clinician, day, database, uid)
    page = clinician.open('/staff/bookings/%s?do=inject' % uid)
    assert page.form('/inject').options('target') == ['knee left', 'lumbar-spine none'] and 'side' not in page.form('/inject').names()
    assert [' '.join(p.text_content().split()) for p in page.tree.xpath('//div[@class="side"]/p')] == ['leftknee', 'no sidelumbar spine']
    page = inject_one(clinician, uid, one, body_site=spine, side='none')
    assert page.status == 200 and 'Still to be injected: left knee' in page.text, page.text
    page = inject_one(clinician, uid, two, side='left')
    assert page.status == 200 and targets(database, uid) == ['none', 'left'], page.text
    assert step(clinician, uid, 'complete', diagnoses='M17.0 M54.50').status == 200 and day.status(uid) == 'completed'


def test_a_time_out_that_nobody_asked_for_is_for_one_of_them_too(both, day, clinician, database, unasked):
    uid = both()
    one, _ = two_units(clinician, day, database, uid)
    said = {name: 'yes' for name in AGREED}
    page = post(clinician, uid, 'time-out', chart(clinician, uid), before='inject', label=one, body_site='knee', side='left', **said, **clinician.second)
    assert page.status == 200 and database.value("SELECT COUNT(*) FROM time_out WHERE booking_id = %s AND kind = 'inject'", ident(database, uid)) == 1, page.text
    fields = dict(label=one, birth_date=BORN, body_site='knee', **clinician.second)
    page = post(clinician, uid, 'inject', chart(clinician, uid), side='right', **fields)
    assert page.status == 409 and 'for another target' in page.text and targets(database, uid) == [], page.text
    page = post(clinician, uid, 'inject', chart(clinician, uid), side='left', **fields)
    assert page.status == 200 and targets(database, uid) == ['left'], page.text


def test_a_time_out_is_for_one_of_them(both, day, clinician, database):
    uid = both()
    one, _ = two_units(clinician, day, database, uid)
    form = clinician.open('/staff/bookings/%s?do=inject' % uid).form('/inject')
    form.action = form.action.rsplit('/', 1)[0] + '/time-out'
    agreed = {name: 'yes' for name in form.names() if name.startswith('said_')}
    page = form.fill(**agreed, **clinician.second, label=one).submit()
    assert page.status == 422 and 'which of the targets' in page.error_for('target'), (page.status, page.text)
    page = form.fill(**agreed, **clinician.second, label=one, target='knee left').submit()
    assert page.status == 200 and 'Time-out agreed' in page.text, page.text
    assert database.rows("SELECT body_site, laterality, further FROM time_out WHERE booking_id = %s AND kind = 'inject'", ident(database, uid)) == (('knee', 'left', ''),)
    assert database.rows("SELECT laterality, further FROM time_out WHERE booking_id = %s AND kind = 'harvest'", ident(database, uid)) == (('left', 'knee right'),)
    fields = dict(label=one, birth_date=BORN, target='knee right', **clinician.second)
    page = clinician.open('/staff/bookings/%s?do=inject' % uid).form('/inject').fill(**fields).submit()
    assert page.status == 409 and 'for another target' in page.text and targets(database, uid) == [], page.text
    page = clinician.open('/staff/bookings/%s?do=inject' % uid).form('/inject').fill(**dict(fields, target='knee left')).submit()
    assert page.status == 200 and targets(database, uid) == ['left'], page.text


def test_only_what_was_booked_is_injected(both, day, clinician, database):
    uid = both()
    one, _ = two_units(clinician, day, database, uid)
    stop, choose = 'Stop: the left knee and right knee were booked', 'Choose which of the targets'
    for fields, status, words in (
            (dict(body_site='hip', side='left'), 409, stop), (dict(body_site='', side='left'), 409, stop), (dict(body_site='knee', side='none'), 409, stop),
            (dict(target='hip left'), 409, stop), (dict(target='knee none'), 409, stop), (dict(several='yes'), 422, choose), (dict(target='knee'), 422, choose),
            (dict(target='left knee'), 422, choose), (dict(target='knee left', side='right'), 422, choose), (dict(target='knee left', body_site='hip'), 422, choose)):
        page = post(clinician, uid, 'inject', chart(clinician, uid), label=one, birth_date=BORN, **fields, **AGREED, **clinician.second)
        assert page.status == status and words in page.error_for('target'), (fields, page.status, page.text)
    assert targets(database, uid) == []


def test_one_choice_says_the_target(both, day, clinician, database):
    """What was injected is shown, and who chooses it is asked for a reason; what is sent as joint and side counts as before."""
    uid = both()
    one, two = two_units(clinician, day, database, uid)
    page = clinician.open('/staff/bookings/%s?do=inject' % uid)
    assert page.form('/inject').options('target') == ['knee left', 'knee right'] and page.form('/inject').value('target') is None, 'nothing is chosen beforehand'
    assert page.form('/inject').names().isdisjoint(('body_site', 'side', 'target_why')), page.form('/inject').names()
    page = post(clinician, uid, 'inject', page, label=one, birth_date=BORN, body_site='knee', side='left', **AGREED, **clinician.second)
    assert page.status == 200 and targets(database, uid) == ['left'], page.text
    page = clinician.open('/staff/bookings/%s?do=inject' % uid)
    assert page.tree.xpath('//input[@name="target" and not(@disabled)]/@value') == ['knee left', 'knee right'], 'who says another one is asked'
    page = inject_one(clinician, uid, two, side='left')
    assert page.status == 409 and page.error_for('target_why') and page.form('/inject').value('target') == 'knee left', page.text
    assert page.tree.xpath('//details[summary="Inject a target once more"]/@open'), 'what was chosen is seen'
    page = page.form('/inject').fill(target_why='Too little went in', second_password=clinician.second['second_password']).submit()
    assert page.status == 200 and targets(database, uid) == ['left', 'left'], page.text


# --- by SQL ---------------------------------------------------------------------------------------------------------------------

def attempt(database, *statements, keys=True):
    """As the module's account, undone: the number of rows of the last statement, or what refused it."""
    db = database.connect('regen')
    db.autocommit(False)
    try:
        with db.cursor() as c:
            if not keys:
                c.execute("SET foreign_key_checks = 0, unique_checks = 0, check_constraint_checks = 0, sql_mode = ''")
            for sql in statements:
                done = c.execute(sql)
            return done
    except pymysql.MySQLError as refused:
        assert refused.args[0] in (1644, 1142, 1143, 1452, 1451, 4025, 1062), refused
        return refused.args[1]
    finally:
        db.rollback()
        db.close()


@pytest.mark.parametrize('keys', [True, False])
def test_by_hand_nothing_is_injected_elsewhere_or_twice(both, day, clinician, database, keys):
    uid = both()
    one, two = two_units(clinician, day, database, uid)
    assert inject_one(clinician, uid, one, side='left').status == 200
    booking = ident(database, uid)
    at = now()
    act = ('INSERT INTO act (booking_id, kind, at, recorded_at, staff_id, second_id, done_by, capability, capability_id)'
           " SELECT booking_id, kind, %d, %d, staff_id, second_id, done_by, capability, capability_id FROM act WHERE booking_id = %d AND kind = 'inject' LIMIT 1" % (at, at, booking))

    def said(side):
        return ('INSERT INTO time_out (booking_id, kind, unit_id, body_site, laterality, agreed, at, recorded_at, staff_id, done_by, second_id)'
                " SELECT booking_id, kind, (SELECT id FROM unit WHERE label = '%s'), 'knee', '%s', agreed, %d, %d, staff_id, done_by, second_id FROM time_out"
                " WHERE booking_id = %d AND kind = 'inject' LIMIT 1" % (two, side, at, at, booking))

    def given(site, side, why=''):
        return ("INSERT INTO injection (unit_id, booking_id, patient_id, body_site, laterality, expires_at, injected_at, staff_id, again_why) SELECT id, booking_id,"
                " patient_id, '%s', '%s', expires_at, %d, 2, '%s' FROM unit WHERE label = '%s'" % (site, side, at, why, two))

    assert attempt(database, said('right'), act, given('knee', 'right'), keys=keys) == 1
    assert attempt(database, said('left'), act, given('knee', 'left', 'Too little went in'), keys=keys) == 1
    for statements in ((said('right'), act, given('hip', 'right')), (said('right'), act, given('knee', 'none')), (said('left'), act, given('knee', 'left')),
                       (said('left'), act, given('knee', 'right')), (said('right'), act, given('knee', 'left', 'x')), (act, given('knee', 'right')),
                       (said('none'),)):
        assert isinstance(attempt(database, *statements, keys=keys), str), statements
    done = "INSERT INTO step_event (booking_id, kind, at, recorded_at, staff_id) VALUES (%d, 'complete', %d, %d, 2)" % (booking, at, at)
    gone = "INSERT INTO unit_disposal (unit_id, at, staff_id, reason) SELECT id, %d, 2, 'x' FROM unit WHERE label = '%s'" % (at, two)
    left = "INSERT INTO target_left (booking_id, target_no, reason, at, recorded_at, staff_id) VALUES (%d, %d, '%s', %d, %d, 2)"
    assert 'each target' in attempt(database, gone, done, keys=keys)
    assert attempt(database, gone, left % (booking, 2, 'Swelling', at, at), done, keys=keys) == 1
    for no, why in ((1, 'x'), (2, ''), (3, 'x')):
        assert isinstance(attempt(database, left % (booking, no, why, at, at), keys=keys), str), no
    for change in ("UPDATE target_left SET reason = 'y'", 'DELETE FROM target_left', "UPDATE injection SET laterality = 'right'", 'DELETE FROM booking_target',
                   "INSERT INTO booking_target VALUES (%d, 3, 'hip', 'left')" % booking, "UPDATE booking_target SET laterality = 'none'"):
        assert isinstance(attempt(database, left % (booking, 2, 'Swelling', at, at), change, keys=keys), str), change


def test_by_hand_a_signature_or_time_out_for_one_is_not_for_both(both, day, clinician, database):
    uid = both()
    booking = ident(database, uid)
    force = 'SELECT COUNT(*) FROM consent_in_force v JOIN form f ON f.id = v.form_id AND f.names_side = 1 WHERE v.booking_id = %s'
    assert database.value(force, booking) > 0
    other = both()
    assert database.value(force, ident(database, other)) > 0
    # The same signatures without the second knee.
    alone = both()
    database.rows('INSERT INTO consent_withdrawal (consent_id, at, channel, reason) SELECT id, %s, "online", "" FROM consent WHERE booking_id = %s', now(), ident(database, alone))
    database.rows('INSERT INTO consent (uid, booking_id, patient_id, form_version_id, body_site, laterality, text, text_sha256, signer_name, signed_at, expires_at)'
                  " SELECT CONCAT('1', SUBSTRING(uid, 2)), booking_id, patient_id, form_version_id, body_site, laterality, text, text_sha256, signer_name, signed_at, expires_at"
                  ' FROM consent WHERE booking_id = %s', ident(database, alone))
    assert database.value(force, ident(database, alone)) == 0
    assert check_in(clinician, alone).status == 409 and day.status(alone) == 'booked'
    assert 'It was signed for the left knee, and this booking is for the left knee and right knee' in chart(clinician, alone).text
    check_in(clinician, uid)
    said = ('INSERT INTO time_out (booking_id, kind, body_site, laterality, further, agreed, at, recorded_at, staff_id, done_by)'
            " SELECT %d, 'harvest', 'knee', '%s', '%s', 'identity,procedure,site,consent,allergies', %d, %d, 2, (SELECT MIN(d.resource_id) FROM step_doer d"
            " JOIN booking b ON b.service_id = d.service_id WHERE b.id = %d AND d.kind = 'harvest')")
    assert attempt(database, said % (booking, 'left', 'knee right', now(), now(), booking)) == 1
    for side, further in (('left', ''), ('right', 'knee left'), ('left', 'knee left'), ('left', 'hip right')):
        assert isinstance(attempt(database, said % (booking, side, further, now(), now(), booking)), str), (side, further)


def test_no_other_row_moves_an_injection(both, day, clinician, database):
    """Corrections of other kinds, of other bookings, before others, and what is NULL, with no CHECK and no key looked at."""
    uid, elsewhere = both(), both()
    one, two = two_units(clinician, day, database, uid)
    assert inject_one(clinician, uid, one, side='right').status == 200
    booking, other = ident(database, uid), ident(database, elsewhere)
    unit = database.value('SELECT id FROM unit WHERE label = %s', one)
    row = ("INSERT INTO correction (booking_id, what, row_id, reason, at, staff_id, old_value, new_value, with_unit, with_time_out, again)"
           " VALUES (%d, '%s', %d, 'x', %d, 2, 'knee right', 'knee left', %s, %s, %s)")
    assert attempt(database, row % (booking, 'inject-target', unit, now(), 'NULL', 1, 0), keys=False) == 1
    for values in ((booking, 'kit-lot', unit, now(), unit, 0, 0), (other, 'time-out-inject', unit, now(), unit, 0, 0), (other, 'inject-target', unit, now(), 'NULL', 1, 0),
                   (booking, 'inject-target', unit, now(), 'NULL', 0, 0), (booking, 'inject-target', unit, now(), 'NULL', 1, 1), (booking, 'inject-target', unit, now(), unit, 1, 0)):
        assert isinstance(attempt(database, row % values, keys=False), str), values
    spun, ml = database.rows('SELECT x.unit_id, u.volume_ml FROM unit_processing x JOIN unit u ON u.id = x.unit_id WHERE u.booking_id = %s', booking)[0]
    volume = row.replace('knee right', str(ml)).replace('knee left', str(ml + 1))
    assert attempt(database, volume % (booking, 'harvest-volume', spun, now(), 'NULL', 0, 0), keys=False) == 1
    for more in ((unit, 0, 0), ('NULL', 1, 0), ('NULL', 0, 1)):
        assert 'only the correction of a target' in str(attempt(database, volume % (booking, 'harvest-volume', spun, now(), *more), keys=False)), more
    for ignore in ('INSERT IGNORE', 'REPLACE'):
        for values in ((booking, 'inject-target', unit, now(), 'NULL', 'NULL', 0), (booking, 'inject-target', unit, now(), 'NULL', 1, 'NULL')):
            assert attempt(database, (row % values).replace('INSERT', ignore, 1), keys=False) != 1, values


def test_what_is_no_target_at_a_visit_of_one(day, clinician, database):
    uid = day.book()
    label = ready(clinician, day, uid)
    page = chart(clinician, uid)
    answer = post(clinician, uid, 'time-out', page, before='inject', target='x', label=label, birth_date=BORN, body_site='knee', side='left', **AGREED, **clinician.second)
    assert answer.status < 500, answer


def test_charged_once_no_line_says_one_side(both, day, clinician, staff, database):
    uid = both()
    for label, side in zip(two_units(clinician, day, database, uid), ('left', 'right')):
        assert inject_one(clinician, uid, label, side=side).status == 200
    assert step(clinician, uid, 'complete', diagnoses='M17.0').status == 200
    assert {modifier for _, modifier, _ in day.charges(uid)} == {''}, 'no charge says one side'
    page = staff('billing').open('/billing/bookings/' + uid)
    assert page.status == 200 and 'both knees' in page.text


# --- recorded at the wrong one -----------------------------------------------------------------------------------------------

def move(visitor, uid, side, why='The wrong knee was chosen', **fields):
    return correct(visitor, uid, 'inject-target', why, correct_target='knee ' + side, **fields)


def given(database, uid):
    """The sides that count, in the order of the units."""
    return [side for side, in database.rows('SELECT t.laterality FROM injection_given g JOIN booking_target t ON t.booking_id = g.booking_id AND t.target_no = g.target_no'
                                            ' JOIN booking b ON b.id = g.booking_id WHERE b.uid = %s ORDER BY g.unit_id', uid)]


def words(page):
    return ' '.join(page.text.split())


def test_the_wrong_knee_is_corrected(both, day, clinician, staff, database):
    uid = both()
    one, two = two_units(clinician, day, database, uid)
    assert not [f for f in chart(clinician, uid).forms() if 'correct_target' in f.names()], 'nothing was injected'
    assert inject_one(clinician, uid, one, side='right').status == 200
    page = move(clinician, uid, 'left')
    assert page.status == 409 and 'recorded for the wrong target, too' in page.error_for('correct_time_out') and given(database, uid) == ['right'], page.text
    page = page.form('/correct').fill(correct_time_out='yes').submit()  # what was entered is kept
    assert page.status == 200 and given(database, uid) == ['left'] and targets(database, uid) == ['right'], page.text
    text = words(page)
    assert 'Target injected, unit %s: left knee instead of right knee, with the time-out.' % one in text and 'The wrong knee was chosen' in text, text
    assert 'Left knee: injected' in text and 'unit %s (corrected)' % one in text and 'Right knee: to be injected' in text, text
    assert 'unit %s, left knee' % one in text, text
    assert 'Still to be injected: right knee' in words(clinician.open('/staff/bookings/%s?do=inject' % uid))
    assert inject_one(clinician, uid, two, side='right').status == 200, 'the right knee was not injected before'
    page = step(clinician, uid, 'complete', diagnoses='M17.0')
    assert page.status == 200 and day.status(uid) == 'completed' and given(database, uid) == ['left', 'right'], page.text
    assert database.rows('SELECT old_value, new_value, with_time_out, again FROM correction WHERE booking_id = %s', ident(database, uid)) == (('knee right', 'knee left', 1, 0),)
    assert post(staff('front_desk'), uid, 'correct', chart(staff('front_desk'), uid), correct_what='inject-target', correct_target='knee left',
                correct_why='x').status == 403


def test_two_that_were_recorded_the_wrong_way_round(both, day, clinician, database):
    uid = both()
    one, two = two_units(clinician, day, database, uid)
    assert inject_one(clinician, uid, one, side='right').status == 200 and inject_one(clinician, uid, two, side='left').status == 200
    assert step(clinician, uid, 'complete', diagnoses='M17.0').status == 200
    page = move(clinician, uid, 'left')
    assert page.status == 409 and 'Choose the unit' in page.error_for('correct_unit'), page.text
    page = page.form('/correct').fill(correct_unit=one).submit()
    assert page.status == 409 and 'Unit %s is recorded for the left knee' % two in page.error_for('correct_also'), page.text
    page = page.form('/correct').fill(correct_also='swap').submit()
    said = page.error_for('correct_time_out')
    assert page.status == 409 and said.startswith('The time-outs of ') and said.count(' (New York time)') == 2 and ' and ' in said, page.text
    page = page.form('/correct').fill(correct_time_out='yes').submit()
    assert page.status == 200 and day.status(uid) == 'completed' and given(database, uid) == ['left', 'right'], page.text
    assert 'and unit %s the other way round, with the time-out' % two in words(page), words(page)
    assert [side for side, in database.rows("SELECT laterality FROM time_out WHERE booking_id = %s AND kind = 'inject'", ident(database, uid))] == ['right', 'left']
    # And back again, by the other one.
    page = move(clinician, uid, 'left', correct_unit=two, correct_also='swap', correct_time_out='yes')
    assert page.status == 200 and given(database, uid) == ['right', 'left'], page.text


def test_both_were_injected_into_one_knee(both, day, clinician, database):
    uid = both()
    one, two = two_units(clinician, day, database, uid)
    assert inject_one(clinician, uid, one, side='left').status == 200 and inject_one(clinician, uid, two, side='right').status == 200
    assert step(clinician, uid, 'complete', diagnoses='M17.0').status == 200
    fields = dict(correct_unit=two, correct_also='again', correct_time_out='yes')
    page = move(clinician, uid, 'left', **fields)
    assert page.status == 409 and 'Then the right knee was never injected' in page.error_for('correct_target') and given(database, uid) == ['left', 'right'], page.text
    assert correct(clinician, uid, 'complete').status == 200
    page = move(clinician, uid, 'left', 'Both went into the left knee', **fields)
    assert page.status == 200 and given(database, uid) == ['left', 'left'] and 'once more: “Both went into the left knee”' in words(page), words(page)
    page = finish(clinician, uid)
    assert page.status == 409 and 'Not injected yet: right knee' in page.error_for('left_why'), page.text
    page = step(clinician, uid, 'complete', diagnoses='M17.0', left_why='Nothing was left for it')
    assert page.status == 200 and day.status(uid) == 'completed', page.text
    page = move(clinician, uid, 'right', correct_unit=two, correct_time_out='yes')
    assert page.status == 409 and 'Take back the completion first' in page.error_for('correct_target'), page.text


def test_a_time_out_that_was_for_the_other_knee(both, day, clinician, database):
    """The team agreed on the right knee, and the left one was injected: that is what the record says then."""
    uid = both()
    one, two = two_units(clinician, day, database, uid)
    assert inject_one(clinician, uid, one, side='right').status == 200 and inject_one(clinician, uid, two, side='left').status == 200
    page = correct(clinician, uid, 'time-out-inject', 'The left knee was injected in spite of it', correct_unit=one)
    assert page.status == 200 and 'Time-out before the injection: taken back' in words(page), page.text
    booking = ident(database, uid)
    assert database.value("SELECT t.laterality FROM correction c JOIN time_out t ON t.id = c.row_id WHERE c.booking_id = %s AND c.what = 'time-out-inject'", booking) == 'right'
    page = move(clinician, uid, 'left', correct_unit=one, correct_also='again')
    assert page.status == 200 and given(database, uid) == ['left', 'left'], page.text
    assert database.value("SELECT with_time_out FROM correction WHERE booking_id = %s AND what = 'inject-target'", booking) == 0


def test_what_is_no_correction_of_a_target(both, day, clinician, database):
    uid = both()
    one, _ = two_units(clinician, day, database, uid)
    assert inject_one(clinician, uid, one, side='right').status == 200
    fields = dict(correct_what='inject-target', correct_why='x', correct_time_out='yes')
    for code, why in (('', 'Choose the target'), ('hip left', 'Choose the target'), ('knee none', 'Choose the target'), ('knee', 'Choose the target'),
                        ('knee right', 'recorded already'), ('knee  right ', 'recorded already')):
        page = post(clinician, uid, 'correct', chart(clinician, uid), correct_target=code, **fields)
        assert page.status == 409 and why in page.error_for('correct_target'), (code, page.text)
    page = post(clinician, uid, 'correct', chart(clinician, uid), correct_target='knee left', correct_unit='U123', **fields)
    assert page.status == 409 and page.error_for('correct_unit'), page.text
    single = day.book()
    inject(clinician, single, ready(clinician, day, single))
    assert 'correct_target' not in chart(clinician, single).form('/correct').names()
    page = post(clinician, single, 'correct', chart(clinician, single), correct_target='knee left', **fields)
    assert page.status == 409 and 'one target' in page.error_for('correct_what'), page.text


def test_what_was_left_counts_until_the_completion_is_taken_back(both, day, clinician, database):
    uid = both()
    one, two = two_units(clinician, day, database, uid)
    assert inject_one(clinician, uid, one, side='right').status == 200
    form = next(f for f in chart(clinician, uid).forms() if f.action.endswith('/dispose') and f.value('label') == two)
    assert form.fill(reason='Swelling').submit().status == 200
    assert step(clinician, uid, 'complete', diagnoses='M17.0', left_why='Swelling').status == 200
    page = correct(clinician, uid, 'complete', 'It was not over')
    assert page.status == 200 and 'Left knee: to be injected' in words(page) and 'taken back: not injected, “Swelling”' in words(page), words(page)
    page = finish(clinician, uid)
    assert page.status == 409 and 'Not injected yet: left knee' in page.error_for('left_why'), page.text
    page = move(clinician, uid, 'left', correct_time_out='yes')
    assert page.status == 200 and 'Right knee: to be injected' in words(page), words(page)
    page = step(clinician, uid, 'complete', diagnoses='M17.0', left_why='Swelling on the right')
    assert page.status == 200 and day.status(uid) == 'completed' and 'not injected: “Swelling on the right”' in words(page), words(page)
    assert database.rows('SELECT target_no, turn, reason FROM target_left WHERE booking_id = %s ORDER BY id', ident(database, uid)) \
        == ((1, 0, 'Swelling'), (2, 1, 'Swelling on the right'))


CORRECT = ("INSERT INTO correction (booking_id, what, row_id, old_value, new_value, reason, at, staff_id, with_unit, with_time_out, again)"
           " VALUES (%d, '%s', %d, 'knee %s', '%s', 'x', %d, 2, %s, %d, %d)")


@pytest.mark.parametrize('keys', [True, False])
def test_by_hand_no_correction_contradicts_the_record(both, day, clinician, database, keys):
    uid, other = both(), both()
    one, two = two_units(clinician, day, database, uid)
    assert inject_one(clinician, uid, one, side='right').status == 200
    booking, at = ident(database, uid), now()
    unit, second = (database.value('SELECT id FROM unit WHERE label = %s', label) for label in (one, two))

    def row(was='right', goes='knee left', row=unit, at_booking=booking, what='inject-target', swap='NULL', said=1, again=0):
        return CORRECT % (at_booking, what, row, was, goes, at, swap, said, again)

    def refused(*statements):
        assert isinstance(attempt(database, *statements, keys=keys), str), statements

    assert attempt(database, row(), keys=keys) == 1
    assert attempt(database, row(), row('left', 'knee right'), keys=keys) == 1
    for wrong in (row(was='left', goes='knee right'), row(goes='knee right'), row(goes='hip left'), row(goes='knee none'), row(goes='KNEE LEFT'), row(goes=''),
                  row(row=second), row(row=0), row(at_booking=ident(database, other)), row(said=0), row(said=2), row(again=1), row(swap=second), row(swap=unit),
                  row(what='kit-lot', goes='LOT-1'), row(what='harvest-volume', goes='3')):
        refused(wrong)
    refused(row(), row())
    refused(row(), "UPDATE correction SET again = 1")
    refused(row(), 'DELETE FROM correction')
    assert inject_one(clinician, uid, two, side='left').status == 200
    assert attempt(database, row(swap=second), keys=keys) == 1 and attempt(database, row(again=1), keys=keys) == 1
    for wrong in (row(), row(swap=second, again=1), row(swap=second, said=0), row(swap=unit), row(swap=999999)):
        refused(wrong)
    assert step(clinician, uid, 'complete', diagnoses='M17.0').status == 200
    assert attempt(database, row(swap=second), keys=keys) == 1
    assert attempt(database, row(swap=second), row('right', 'knee left', row=second, swap=unit), keys=keys) == 1
    assert 'completed treatment' in attempt(database, row(again=1), keys=keys)


def test_regenctl_names_what_the_owner_made_contradict(both, day, clinician, database):
    uid = both()
    labels_of = two_units(clinician, day, database, uid)
    for label, side in zip(labels_of, ('left', 'right')):
        assert inject_one(clinician, uid, label, side=side).status == 200
    assert step(clinician, uid, 'complete', diagnoses='M17.0').status == 200
    booking, unit = ident(database, uid), database.value('SELECT id FROM unit WHERE label = %s', labels_of[0])

    def found():
        said = env.regenctl(database, 'check', check=False).stdout.splitlines()
        return [line for line in said if line.startswith('booking %d ' % booking) and 'target' in line]

    assert found() == []
    made = database.rows('SHOW CREATE TRIGGER correction_names_a_target')[0][2]
    database.rows('DROP TRIGGER correction_names_a_target')
    try:
        database.rows(CORRECT % (booking, 'inject-target', unit, 'left', 'knee right', now(), 'NULL', 1, 1))
        assert any('is completed with 1 targets that were neither' in line for line in found()), found()
        database.rows(CORRECT % (booking, 'inject-target', unit, 'right', 'hip left', now(), 'NULL', 1, 0))
        assert any('name none of its targets' in line for line in found()), found()
    finally:
        database.rows(made)
