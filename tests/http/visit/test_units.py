# SPDX-License-Identifier: Apache-2.0
"""Units made from what: another harvest, split and pooled units, each injected or disposed of once; taken back; by page and by SQL with the module's
account, one after the other and at once."""
import re
import threading

import pymysql
import pytest

from dayfill import now
from test_corrections import ident
from test_staff_day import BORN, chart, check_in, harvest, inject, process, ready, step
from test_when import at_day_of, earlier, local, signed_before  # noqa: F401

MARROW = 'right-posterior-iliac-crest'


@pytest.fixture
def clinician(staff):
    return staff('clinician')


def labels(database, uid, where='1 = 1'):
    """Of the units of a visit, in the order in which they were made."""
    return [label for label, in database.rows('SELECT u.label FROM unit u JOIN booking b ON b.id = u.booking_id LEFT JOIN unit_end z ON z.unit_id = u.id'
                                              ' LEFT JOIN unit_ready y ON y.unit_id = u.id WHERE b.uid = %s AND ' + where + ' ORDER BY u.id', uid)]


OPEN = 'z.unit_id IS NULL'


def ends(database, uid):
    return dict(database.rows('SELECT u.label, z.how FROM unit u JOIN booking b ON b.id = u.booking_id JOIN unit_end z ON z.unit_id = u.id WHERE b.uid = %s', uid))


def divide(visitor, uid, units, volumes, **more):
    """The form of the chart, with these units checked."""
    page = chart(visitor, uid)
    carried = {name: value for name, value in page.form('/units').pairs() if name != 'from'}
    return visitor.open('/staff/bookings/%s/units' % uid, method='POST', data={**carried, 'from': units, 'volumes': volumes, **more})


def again(visitor, uid, why='The first was too little', **fields):
    page = visitor.open('/staff/bookings/%s?do=harvest' % uid)
    form = page.form('/harvest')
    agreed = {name: 'yes' for name in form.names() if name.startswith('said_')}
    second = visitor.second if 'second_login' in form.names() else {}
    return form.fill(**{**agreed, **second, 'volume_ml': '40', 'taken_from': MARROW, 'side_confirmed': 'right', 'again_why': why, **fields}).submit()


def inject_one(visitor, uid, label, **fields):
    """The injection of one of several units."""
    form = visitor.open('/staff/bookings/%s?do=inject' % uid).form('/inject')
    agreed = {name: 'yes' for name in form.names() if name.startswith('said_')}
    second = visitor.second if 'second_login' in form.names() else {}
    fields = {'body_site': 'knee', 'side': 'right', **fields}
    if 'target' in form.names():
        fields['target'] = '%s %s' % (fields.pop('body_site'), fields.pop('side'))
    return form.fill(**{**agreed, **second, 'label': label, 'birth_date': BORN, **fields}).submit()


def finish(visitor, uid):
    return step(visitor, uid, 'complete', diagnoses='M17.11')


# --- split --------------------------------------------------------------------------------------------------------------------------

def test_split_syringes_are_each_injected(day, clinician, database):
    uid = day.book()
    label = ready(clinician, day, uid)
    page = divide(clinician, uid, [label], '5, 3')
    assert page.status == 200, repr(page)
    first, second = labels(database, uid, OPEN)
    text = page.text
    assert label in text and 'In other units' in text and text.count('Made from') == 2 and first in text and second in text
    rows = database.rows('SELECT c.volume_ml, c.expires_at = p.expires_at, c.harvested_at = p.harvested_at, c.body_site, c.laterality, c.material'
                         ' FROM unit c JOIN unit_parent t ON t.manipulation_id = c.manipulation_id JOIN unit p ON p.id = t.parent_id'
                         ' WHERE c.label IN (%s, %s) ORDER BY c.id', first, second)
    assert rows == ((5, 1, 1, 'knee', 'right', 'bone-marrow'), (3, 1, 1, 'knee', 'right', 'bone-marrow'))
    page = inject(clinician, uid, label)
    assert page.status == 410 and 'Use the label of the new container' in page.error_for('label')
    assert inject(clinician, uid, first).status == 200 and day.status(uid) == 'in-progress'
    page = finish(clinician, uid) if '/complete' in [f.action[-9:] for f in chart(clinician, uid).forms()] else None
    assert page is None, 'a unit is open: the next step is its injection'
    page = inject(clinician, uid, first)
    assert page.status == 410 and 'already injected' in page.error_for('label')
    assert inject(clinician, uid, second).status == 200
    page = finish(clinician, uid)
    assert page.status == 200 and day.status(uid) == 'completed', repr(page)
    assert ends(database, uid) == {label: 'divided', first: 'injected', second: 'injected'}
    assert database.value('SELECT COUNT(*) FROM step_event WHERE booking_id = %s AND kind = "inject"', ident(database, uid)) == 1
    assert database.rows('SELECT kind, part FROM act WHERE booking_id = %s ORDER BY id', ident(database, uid)) \
        == (('harvest', 0), ('process', 0), ('process', 1), ('inject', 0), ('inject', 1))


def test_the_rest_of_a_split_is_disposed_of(day, clinician, database):
    uid = day.book()
    assert divide(clinician, uid, [ready(clinician, day, uid)], '4 4').status == 200
    first, second = labels(database, uid, OPEN)
    assert inject(clinician, uid, second).status == 200
    form = next(f for f in chart(clinician, uid).forms() if f.action.endswith('/dispose') and f.value('label') == first)
    assert form.fill(reason='Not needed').submit().status == 200
    assert finish(clinician, uid).status == 200 and ends(database, uid)[first] == 'disposed' and day.status(uid) == 'completed'


def test_a_refused_disposal_is_said_at_its_unit(day, clinician, database):
    uid = day.book()
    divide(clinician, uid, [ready(clinician, day, uid)], '4 4')
    first, second = labels(database, uid, OPEN)
    form = next(f for f in chart(clinician, uid).forms() if f.action.endswith('/dispose') and f.value('label') == second)
    page = form.fill(reason='x' * 256).submit()
    assert page.status == 422 and page.css('#reason-' + second)[0].get('aria-invalid') == 'true' and page.css('#reason-' + first)[0].get('aria-invalid') is None
    assert page.css('#reason-' + second)[0].get('value') == 'x' * 256 and not page.css('#reason-' + first)[0].get('value')


def test_what_billing_took_off_is_not_charged_at_the_completion(day, clinician, staff, database):
    uid = day.book()
    label = ready(clinician, day, uid)
    booking = ident(database, uid)
    patient = database.value('SELECT p.uid FROM patient p JOIN booking b ON b.patient_id = p.id WHERE b.id = %s', booking)
    charge, code = database.rows("SELECT id, code FROM charge_item WHERE booking_id = %s AND step_kind = 'harvest'", booking)[0]
    page = staff('billing').open('/billing/patients/%s/void?charge=%d' % (patient, charge)).form(button='Take').fill(note='Not charged').submit()
    assert page.status == 200, repr(page)
    assert inject(clinician, uid, label).status == 200 and finish(clinician, uid).status == 200
    assert code not in [one for one, _, _ in day.charges(uid)]


def test_a_stop_needs_no_label(day, clinician, database):
    uid = day.book()
    divide(clinician, uid, [ready(clinician, day, uid)], '4 4')
    page = chart(clinician, uid).form('/time-out').fill(stopped='label', stop_note='Two names on it').submit()
    assert page.status == 200 and 'Two names on it' in page.text, repr(page)


def test_a_label_tells_what_a_unit_is_made_from(day, clinician, database):
    uid = day.book()
    label = ready(clinician, day, uid)
    divide(clinician, uid, [label], '4,4')
    child = labels(database, uid, OPEN)[1]
    page = clinician.open('/staff/units/%s/label' % child)
    assert child in page.text and label in page.text and '4 ml' in page.text
    assert '60 ml' in clinician.open('/staff/units/%s/label' % label).text, 'each label is its own'


@pytest.mark.parametrize('volumes, field, words', [
    ('', 'volumes', 'Enter the volume of each new unit'), ('8', 'volumes', 'To split a unit'), ('5, 4', 'volumes', 'only 8 ml'),
    ('4, x', 'volumes', 'not a volume'), ('0, 4', 'volumes', 'not a volume'), ('-1 4', 'volumes', 'not a volume'), ('4, 4.5', 'volumes', 'not a volume'),
    ('1 ' * 9, 'volumes', 'at most 8'), ('99999999999999999999, 1', 'volumes', 'not a volume')])
def test_a_wrong_volume_makes_nothing(day, clinician, database, volumes, field, words):
    uid = day.book()
    label = ready(clinician, day, uid)
    page = divide(clinician, uid, [label], volumes)
    assert page.status in (409, 422) and words in page.error_for(field), repr(page)
    assert labels(database, uid) == [label]
    assert page.form('/units').value('volumes') in (volumes, ' '.join(volumes.split()))
    assert page.css('#from-' + label)[0].get('checked') is not None, 'what was chosen stays chosen'


def test_wrong_units_make_nothing(day, clinician, database):
    uid, other = day.book(), day.book(family='Other', given='Olga')
    label, theirs = ready(clinician, day, uid), ready(clinician, day, other)
    for units, words in (([], 'Choose the units'), ([theirs], 'another patient'), ([label, theirs], 'another patient'), (['U0000000'], 'Choose up to'),
                         (['x'], 'Choose up to')):
        page = divide(clinician, uid, units, '2, 2')
        assert page.status in (409, 422) and words in page.text, (units, repr(page))
    assert labels(database, uid) == [label] and labels(database, other) == [theirs]


# --- another harvest, pooled --------------------------------------------------------------------------------------------------------

def test_a_poor_first_harvest_and_a_second_one(day, clinician, database):
    uid = day.book()
    check_in(clinician, uid)
    page = clinician.open('/staff/bookings/%s?do=harvest' % uid)
    assert page.form('/harvest') and 'again_why' not in page.form('/harvest').names(), 'the first one is the next step'
    assert harvest(clinician, uid).status == 200
    one, = labels(database, uid)
    page = again(clinician, uid, why='')
    assert page.status == 422 and 'why another' in page.error_for('again_why') and page.form('/harvest').value('volume_ml') == '40'
    page = again(clinician, uid, taken_from='left-posterior-iliac-crest', anticoagulant='ACD-A 8 ml')
    assert page.status == 200 and 'The first was too little' in page.text and 'ACD-A 8 ml' in page.text and 'Left posterior iliac crest' in page.text
    one, two = labels(database, uid)
    assert database.rows('SELECT seq, taken_from, anticoagulant, why, volume_ml FROM collection WHERE booking_id = %s ORDER BY seq', ident(database, uid)) \
        == ((1, MARROW, '', '', 60), (2, 'left-posterior-iliac-crest', 'ACD-A 8 ml', 'The first was too little', 40))
    page = divide(clinician, uid, [one, two], '100')
    assert page.status == 200, repr(page)
    pooled = labels(database, uid, OPEN)
    assert len(pooled) == 1 and database.rows('SELECT u.volume_ml, u.expires_at = (SELECT MIN(p.expires_at) FROM unit p WHERE p.label = %s) FROM unit u'
                                              ' WHERE u.label = %s', one, pooled[0]) == ((100, 1),)
    page = process(clinician, uid, one)
    assert page.status == 410 and 'Other units were made' in page.error_for('label')
    assert process(clinician, uid, pooled[0]).status == 200 and inject(clinician, uid, pooled[0]).status == 200 and finish(clinician, uid).status == 200
    assert ends(database, uid) == {one: 'divided', two: 'divided', pooled[0]: 'injected'}
    charges = [code for code, _, _ in day.charges(uid)]
    assert len(charges) == len(set(charges)), 'another harvest is not another fee'


def test_two_harvests_are_processed_and_injected_one_after_the_other(day, clinician, database):
    uid = day.book()
    label = ready(clinician, day, uid)
    assert again(clinician, uid).status == 200
    two = labels(database, uid)[1]
    page = inject(clinician, uid, two)
    assert page.status == 409 and 'not been processed' in page.error_for('label')
    assert inject(clinician, uid, label).status == 200
    page = chart(clinician, uid)
    assert 'Next: Record the processing' in page.text, 'what is left is the second one'
    assert process(clinician, uid, two).status == 200 and inject(clinician, uid, two).status == 200 and finish(clinician, uid).status == 200
    assert day.status(uid) == 'completed' and set(ends(database, uid).values()) == {'injected'}


def test_a_processed_and_a_raw_unit_are_not_pooled(day, clinician, database):
    uid = day.book()
    label = ready(clinician, day, uid)
    again(clinician, uid)
    page = divide(clinician, uid, labels(database, uid), '20')
    assert page.status == 409 and 'Process it first' in page.error_for('from')
    assert labels(database, uid, OPEN)[0] == label


def test_two_people_do_not_record_one_harvest_twice(day, clinician, database):
    uid = day.book()
    check_in(clinician, uid)
    harvest(clinician, uid)
    first, late = (clinician.open('/staff/bookings/%s?do=harvest' % uid).form('/harvest') for _ in range(2))
    answers = []
    for form in (first, late):
        agreed = {name: 'yes' for name in form.names() if name.startswith('said_')}
        answers.append(form.fill(**agreed, **clinician.second if 'second_login' in form.names() else {}, volume_ml='40', taken_from=MARROW,
                                 side_confirmed='right', again_why='Too little').submit())
    assert [page.status for page in answers] == [200, 409] and 'was recorded since' in answers[1].text, answers
    assert len(labels(database, uid)) == 2


def test_a_material_is_taken_from_where_it_is(day, clinician, database):
    uid = day.book()
    check_in(clinician, uid)
    page = chart(clinician, uid)
    carried = dict(page.form('/harvest').pairs())
    agreed = {name: 'yes' for name in page.form('/harvest').names() if name.startswith('said_')}
    for wrong in ('left-arm-vein', 'abdomen', 'moon', ''):
        refused = clinician.open('/staff/bookings/%s/harvest' % uid, method='POST',
                                 data={**carried, **agreed, 'volume_ml': '60', 'side_confirmed': 'right', 'taken_from': wrong})
        assert refused.status == 422 and 'Choose where it was taken from' in refused.error_for('taken_from'), (wrong, repr(refused))
    assert labels(database, uid) == []


# --- taken back, ended --------------------------------------------------------------------------------------------------------------

def correct(visitor, uid, what, why='Pressed by mistake', **more):
    return step(visitor, uid, 'correct', correct_what=what, correct_why=why, **more)


def test_a_split_is_taken_back(day, clinician, database):
    uid = day.book()
    label = ready(clinician, day, uid)
    divide(clinician, uid, [label], '4, 4')
    one, two = labels(database, uid, OPEN)
    page = correct(clinician, uid, 'manipulation')
    assert page.status == 409 and 'Choose the unit' in page.error_for('correct_unit')
    page = correct(clinician, uid, 'manipulation', correct_unit=two)
    assert page.status == 200 and 'Pressed by mistake' in page.text and 'it was not made' in page.text, repr(page)
    assert labels(database, uid, OPEN) == [label] and ends(database, uid) == {one: 'taken-back', two: 'taken-back'}
    page = inject(clinician, uid, one)
    assert page.status == 410 and 'was taken back' in page.error_for('label')
    assert divide(clinician, uid, [label], '6, 2').status == 200, 'it can be split again'
    three, four = labels(database, uid, OPEN)
    assert inject(clinician, uid, three).status == 200
    page = post_correct(clinician, uid, three)
    assert page.status == 409 and 'Something was done with the units' in page.text
    assert inject(clinician, uid, four).status == 200 and finish(clinician, uid).status == 200


def post_correct(visitor, uid, label):
    page = chart(visitor, uid)
    carried = dict(page.forms()[0].pairs())
    return visitor.open('/staff/bookings/%s/correct' % uid, method='POST',
                        data={**carried, 'correct_what': 'manipulation', 'correct_unit': label, 'correct_why': 'x'})


def test_values_of_one_of_several_units_are_corrected(day, clinician, database):
    uid = day.book()
    check_in(clinician, uid)
    harvest(clinician, uid)
    again(clinician, uid)
    one, two = labels(database, uid)
    page = correct(clinician, uid, 'harvest-volume', correct_value='41')
    assert page.status == 409 and 'Choose the unit' in page.error_for('correct_unit') and page.form('/correct').value('correct_value') == '41'
    assert correct(clinician, uid, 'harvest-volume', correct_value='41', correct_unit=two).status == 200
    charged = database.rows("SELECT line_no, practitioner_id FROM charge_item WHERE booking_id = %s ORDER BY line_no", ident(database, uid))
    assert correct(clinician, uid, 'harvest-by', correct_by='dr-chen', correct_unit=two).status == 200
    assert charged and charged == database.rows("SELECT line_no, practitioner_id FROM charge_item WHERE booking_id = %s ORDER BY line_no",
                                                ident(database, uid)), 'what is charged is the first harvest, and who did that'
    page = chart(clinician, uid)
    assert '41 ml' in page.text and '60 ml' in page.text
    assert page.text.count('Chen') > chart(clinician, day.book()).text.count('Chen')
    assert database.value('SELECT COUNT(*) FROM correction c JOIN act a ON a.id = c.row_id WHERE c.what = "harvest-by" AND a.part = 1 AND a.booking_id = %s',
                          ident(database, uid)) == 1


def test_an_early_end_disposes_of_all(day, clinician, database):
    uid = day.book()
    check_in(clinician, uid)
    harvest(clinician, uid)
    again(clinician, uid)
    one, two = labels(database, uid)
    page = chart(clinician, uid).form('/end').fill(why='unwell').submit()
    assert page.status == 409 and 'still open' in page.error_for('dispose') and one in page.text and two in page.text
    page = page.form('/end').fill(why='unwell', dispose='yes').submit()
    assert page.status == 200 and day.status(uid) == 'completed' and ends(database, uid) == {one: 'disposed', two: 'disposed'}


def test_a_recalled_kit_stops_what_was_split(day, clinician, database):
    uid = day.book()
    label = ready(clinician, day, uid)
    divide(clinician, uid, [label], '4, 4')
    one, two = labels(database, uid, OPEN)
    lot = database.value('SELECT x.lot_id FROM unit_processing x JOIN unit u ON u.id = x.unit_id WHERE u.label = %s', label)
    database.rows("INSERT INTO supply_recall (lot_id, recalled, reason, at, staff_id) VALUES (%s, 1, 'Lid', %s, 1)", lot, now())
    try:
        page = inject(clinician, uid, one)
        assert page.status == 409 and page.error_for('lot_why'), repr(page)
        found = clinician.open('/staff/supplies/%s' % lot)
        assert one in found.text and two in found.text, 'what is in the syringes is found'
        assert inject(clinician, uid, one, ).status == 409
        assert inject_one(clinician, uid, one, lot_why='The recall is about the lid').status == 200
    finally:
        database.rows("INSERT INTO supply_recall (lot_id, recalled, reason, at, staff_id) SELECT %s, 0, 'Over', %s, id FROM staff WHERE login = 'clinician'", lot, now())


# --- time-outs and consents -----------------------------------------------------------------------------------------------------------

def test_each_injection_has_its_time_out(day, clinician, database):
    uid = day.book()
    divide(clinician, uid, [ready(clinician, day, uid)], '4, 4')
    one, two = labels(database, uid, OPEN)
    assert inject(clinician, uid, one).status == 200
    form = chart(clinician, uid).form('/inject')
    page = form.fill(**clinician.second if 'second_login' in form.names() else {}, label=two, birth_date=BORN, body_site='knee', side='right').submit()
    assert page.status == 409 and labels(database, uid, OPEN) == [two], repr(page)
    assert inject(clinician, uid, two).status == 200
    assert database.rows('SELECT u.label FROM time_out t JOIN unit u ON u.id = t.unit_id JOIN booking b ON b.id = t.booking_id WHERE b.uid = %s ORDER BY t.id',
                         uid) == ((one,), (two,))


def test_a_time_out_is_held_for_one_harvest(day, clinician, database):
    """Also when the second one is recorded in the same second as the first, whose time-out was said with it."""
    uid = day.book()
    check_in(clinician, uid)
    harvest(clinician, uid)
    form = clinician.open('/staff/bookings/%s?do=harvest' % uid).form('/harvest')
    assert any(name.startswith('said_') for name in form.names())
    second = clinician.second if 'second_login' in form.names() else {}
    page = form.fill(**{**second, 'volume_ml': '40', 'taken_from': MARROW, 'side_confirmed': 'right', 'again_why': 'Too little'}).submit()
    assert page.status == 409 and re.search('(check it off|does not count for this time)', page.text), page.text
    booking = ident(database, uid)
    at, said = database.rows('SELECT at, time_out_id FROM act WHERE booking_id = %s', booking)[0]
    assert said == database.value('SELECT id FROM time_out WHERE booking_id = %s', booking)
    act = 'INSERT INTO act (booking_id, kind, at, recorded_at, staff_id, second_id, done_by, capability, capability_id)' \
          ' SELECT booking_id, kind, at, recorded_at, staff_id, second_id, done_by, capability, capability_id FROM act WHERE booking_id = %s'
    with database.connect(user='regen') as db, db.cursor() as sql:
        with pytest.raises(pymysql.MySQLError, match='asks for a time-out'):
            sql.execute(act, (booking,))
    assert again(clinician, uid).status == 200
    assert database.value('SELECT COUNT(DISTINCT time_out_id) FROM act WHERE booking_id = %s', booking) == 2


TAKEN = dict(volume_ml='60', taken_from=MARROW, side_confirmed='right')
GIVEN = dict(birth_date=BORN, body_site='knee', side='right')


def test_what_is_done_again_has_its_own_time(earlier, day, clinician, database):
    """The second harvest, its run and its injection, entered after the first injection: each when it was, not after what was entered before it."""
    uid, ago = earlier
    if not at_day_of(database, uid, ago(150)):
        pytest.skip('just after midnight the visit is of yesterday')
    signed_before(database, uid)
    assert step(clinician, uid, 'check-in', birth_date=BORN, when=local(ago(150))).status == 200
    assert step(clinician, uid, 'harvest', when=local(ago(140)), **TAKEN).status == 200
    one = day.label(uid)
    assert step(clinician, uid, 'process', label=one, kit_lot='LOT-1', volume_ml='8', when=local(ago(120))).status == 200
    assert step(clinician, uid, 'inject', label=one, when=local(ago(60)), **GIVEN).status == 200
    page = again(clinician, uid, when=local(ago(145)))
    assert page.status == 422 and 'not before it' in page.error_for('when') and page.form('/harvest').value('again_why') == 'The first was too little'
    page = again(clinician, uid, when=local(ago(130)))
    assert page.status == 200, repr(page)
    two = labels(database, uid, OPEN)[0]
    page = step(clinician, uid, 'process', label=two, kit_lot='LOT-1', volume_ml='8', when=local(ago(125)))
    assert page.status == 422 and 'not before it' in page.error_for('when')
    assert step(clinician, uid, 'process', label=two, kit_lot='LOT-1', volume_ml='8', when=local(ago(110))).status == 200
    page = inject_one(clinician, uid, two, when=local(ago(65)))
    assert page.status == 422 and 'not before it' in page.error_for('when')
    assert inject_one(clinician, uid, two, when=local(ago(50))).status == 200
    assert database.rows('SELECT a.kind, a.part, (%s - a.at) DIV 60 FROM act a WHERE a.booking_id = %s ORDER BY a.id', ago(0), ident(database, uid)) == (
        ('harvest', 0, 140), ('process', 0, 120), ('inject', 0, 60), ('harvest', 1, 130), ('process', 1, 110), ('inject', 1, 50))
    assert finish(clinician, uid).status == 200


def test_a_unit_is_used_after_it_is_there(earlier, day, clinician, database):
    """A minute is read as the moment in it that is possible; another one names the unit and its time."""
    uid, ago = earlier
    if not at_day_of(database, uid, ago(150)):
        pytest.skip('just after midnight the visit is of yesterday')
    signed_before(database, uid)
    for name, fields in (('check-in', dict(birth_date=BORN, when=local(ago(150)))), ('harvest', dict(when=local(ago(140)), **TAKEN))):
        assert step(clinician, uid, name, **fields).status == 200
    label = day.label(uid)
    assert step(clinician, uid, 'process', label=label, kit_lot='LOT-1', volume_ml='8', when=local(ago(120))).status == 200
    page = divide(clinician, uid, [label], '4, 4', divide_when=local(ago(121)))
    assert page.status == 422 and 'not before it' in page.error_for('divide_when'), repr(page)
    assert divide(clinician, uid, [label], '4, 4', divide_when=local(ago(100))).status == 200
    one, two = labels(database, uid, OPEN)
    page = inject_one(clinician, uid, one, when=local(ago(101)))
    assert page.status == 422 and one in page.error_for('when') and 'was ready on' in page.error_for('when')
    database.rows('UPDATE unit_ready r JOIN unit u ON u.id = r.unit_id SET r.at = r.at + 29 WHERE u.label IN (%s, %s)', one, two)
    assert inject_one(clinician, uid, one, when=local(ago(100))).status == 200
    assert database.value('SELECT i.injected_at = r.at FROM injection i JOIN unit_ready r ON r.unit_id = i.unit_id JOIN unit u ON u.id = i.unit_id'
                          ' WHERE u.label = %s', one) == 1


def test_who_split_is_shown_and_corrected(day, clinician, database):
    uid = day.book()
    label = ready(clinician, day, uid)
    assert divide(clinician, uid, [label], '4, 4').status == 200
    one, _ = labels(database, uid, OPEN)
    manipulation = ('SELECT m.act_id FROM unit_manipulation m JOIN unit u ON u.manipulation_id = m.id WHERE u.label = %s')
    act = database.value(manipulation, one)
    did, = database.rows('SELECT r.code, r.name FROM act a JOIN resource r ON r.id = a.done_by WHERE a.id = %s', act)
    other, = database.rows('SELECT MIN(r.code), MIN(r.name) FROM step_doer d JOIN resource r ON r.id = d.resource_id JOIN booking b ON b.service_id = d.service_id'
                           " WHERE b.uid = %s AND d.kind = 'process' AND d.until IS NULL AND r.code <> %s", uid, did[0])
    said = lambda who: re.findall(r'Made from[^A-Z]*' + label + r', \d[^,]*, by ' + re.escape(who), chart(clinician, uid).text)
    assert len(said(did[1])) == 2, 'both units say when they were made, and by whom'
    charged = database.rows('SELECT line_no, practitioner_id FROM charge_item WHERE booking_id = %s ORDER BY line_no', ident(database, uid))
    page = correct(clinician, uid, 'process-by', correct_by=other[0], correct_unit=one)
    assert page.status == 200 and len(said(other[1])) == 2, 'one act made both'
    assert database.rows('SELECT row_id, new_value FROM correction WHERE booking_id = %s', ident(database, uid)) == ((act, other[0]),)
    assert charged == database.rows('SELECT line_no, practitioner_id FROM charge_item WHERE booking_id = %s ORDER BY line_no', ident(database, uid))
    assert correct(clinician, uid, 'process-by', correct_by=other[0], correct_unit=label).status == 200
    assert database.rows('SELECT row_id = %s FROM correction WHERE booking_id = %s ORDER BY id', act, ident(database, uid)) == ((1,), (0,)), 'the run is another act'


def test_no_volume_is_corrected_beyond_what_it_was_made_from(day, clinician, database):
    uid = day.book()
    label = ready(clinician, day, uid)  # 60 ml, 8 of concentrate
    page = correct(clinician, uid, 'concentrate-volume', correct_value='61')
    assert page.status == 409 and '60 ml are recorded as harvested' in page.error_for('correct_value')
    page = correct(clinician, uid, 'harvest-volume', correct_value='7')
    assert page.status == 409 and '8 ml of concentrate' in page.error_for('correct_value')
    assert divide(clinician, uid, [label], '4, 4').status == 200
    one, two = labels(database, uid, OPEN)
    for what, unit, value in (('concentrate-volume', label, '7'), ('harvest-volume', one, '5')):
        page = correct(clinician, uid, what, correct_unit=unit, correct_value=value)
        assert page.status == 409 and 'split or pooled' in page.error_for('correct_value'), repr(page)
    assert database.value('SELECT COUNT(*) FROM correction WHERE booking_id = %s', ident(database, uid)) == 0
    for what, unit, value in (('harvest-volume', two, '3'), ('harvest-volume', one, '5'), ('concentrate-volume', label, '9'), ('harvest-volume', two, '4')):
        assert correct(clinician, uid, what, correct_unit=unit, correct_value=value).status == 200, (what, unit, value)
    ids = dict(database.rows('SELECT label, id FROM unit WHERE booking_id = %s', ident(database, uid)))
    for what, unit, old, new in (('concentrate-volume', label, '9', '8'), ('harvest-volume', one, '5', '6'), ('concentrate-volume', label, '9', '61'),
                                 ('harvest-volume', label, '60', '8')):
        with database.connect(user='regen') as db, db.cursor() as sql:
            with pytest.raises(pymysql.MySQLError, match='no more is'):
                sql.execute('INSERT INTO correction (booking_id, what, row_id, turn, old_value, new_value, reason, at, staff_id)'
                            " SELECT %s, %s, %s, COUNT(*), %s, %s, 'by hand', UNIX_TIMESTAMP(), 1 FROM correction WHERE row_id = %s AND what = %s",
                            (ident(database, uid), what, ids[unit], old, new, ids[unit], what))


def test_nothing_is_done_again_after_a_withdrawal(day, clinician, database):
    uid = day.book()
    label = ready(clinician, day, uid)
    page = clinician.open('/staff/bookings/%s?do=harvest' % uid)
    day.withdraw(uid)
    agreed = {name: 'yes' for name in page.form('/harvest').names() if name.startswith('said_')}
    refused = page.form('/harvest').fill(**agreed, volume_ml='40', taken_from=MARROW, side_confirmed='right', again_why='x').submit()
    assert refused.status == 409 and 'consent' in refused.text and labels(database, uid) == [label]
    assert divide(clinician, uid, [label], '4, 4').status == 409 and labels(database, uid) == [label]


# --- SQL with the module's own account -------------------------------------------------------------------------------------------------

GIVE = ('INSERT INTO injection (unit_id, booking_id, patient_id, body_site, laterality, expires_at, injected_at, staff_id)'
        ' SELECT u.id, u.booking_id, u.patient_id, u.body_site, u.laterality, u.expires_at, %s, 1 FROM unit u WHERE u.label = %s')
DISPOSE = "INSERT INTO unit_disposal (unit_id, at, staff_id, reason) SELECT id, %s, 1, 'x' FROM unit WHERE label = %s"
CHILD = ('INSERT INTO unit (label, booking_id, patient_id, service_id, product_no, material, manipulation_id, body_site, laterality, volume_ml, harvested_at,'
         ' expires_at, staff_id) SELECT %s, booking_id, patient_id, service_id, product_no, material, %s, body_site, {side}, %s, harvested_at,'
         ' expires_at + %s, 1 FROM unit WHERE label = %s')


def test_the_schema_holds_it(day, clinician, database):
    uid, other = day.book(), day.book(family='Other', given='Olga')
    label, theirs = ready(clinician, day, uid), ready(clinician, day, other)
    booking, at = ident(database, uid), now()
    unit, alien = (database.value('SELECT id FROM unit WHERE label = %s', one) for one in (label, theirs))
    with database.connect(user='regen') as db, db.cursor() as sql:
        def refused(words, statement, *values):
            with pytest.raises(pymysql.MySQLError, match=words):
                sql.execute(statement, values)
        act = 'INSERT INTO act (booking_id, kind, at, recorded_at, staff_id, second_id, done_by, capability, capability_id)' \
              " SELECT b.id, %s, %s, %s, 1, (SELECT id FROM staff WHERE login = 'nurse'), d.resource_id, d.capability, d.capability_id FROM booking b" \
              ' JOIN step_doer d ON d.service_id = b.service_id AND d.kind = %s WHERE b.id = %s ORDER BY d.resource_id LIMIT 1'
        sql.execute(act, ('process', at, at, 'process', booking))
        made = 'INSERT INTO unit_manipulation (booking_id, at, recorded_at, staff_id, act_id) SELECT %s, %s, %s, 1, MAX(id) FROM act WHERE booking_id = %s'
        refused('without who did it', made, booking, at - 1, at, booking)
        refused('without who did it', made, ident(database, other), at, at, booking)
        sql.execute(made, (booking, at, at, booking))
        mine = sql.lastrowid
        parent = 'INSERT INTO unit_parent (manipulation_id, parent_id, booking_id) VALUES (%s, %s, %s)'
        for keys in (1, 0):
            sql.execute('SET foreign_key_checks = %s', (keys,))
            refused('of their booking', parent, mine, alien, booking)
            refused('of their booking', parent, mine, alien, ident(database, other))
            refused('of their booking', parent, 999999, unit, booking)
            refused('its parents', CHILD.format(side='laterality'), 'RAWCHILD', mine, 4, 0, label)  # no parent named
            for forged in ('INSERT INTO unit_ready (unit_id, at) VALUES (1, 1)', 'DELETE FROM unit_end', 'UPDATE unit_source SET source_id = 1',
                           "INSERT INTO unit_end (unit_id, how, at) VALUES (1, 'disposed', 1)", 'UPDATE collection SET volume_ml = 1',
                           'DELETE FROM unit_manipulation', 'DELETE FROM unit_parent'):
                refused('denied|never', forged)
        sql.execute('SET foreign_key_checks = 1')
        sql.execute(parent, (mine, unit, booking))
        for keys in (1, 0):
            sql.execute('SET foreign_key_checks = %s', (keys,))
            refused('parents were|longer', CHILD.format(side="'left'"), 'RAWCHILD', mine, 4, 0, label)
            refused('no longer good', CHILD.format(side='laterality'), 'RAWCHILD', mine, 4, 60, label)
            refused('was in their parents', CHILD.format(side='laterality'), 'RAWCHILD', mine, 9, 0, label)
            refused('used already', DISPOSE, at, label)
            refused('once, while it is open', "INSERT INTO unit_processing (unit_id, resource_id, lot_id, kit_lot, volume_ml, minutes, run_why, at, staff_id)"
                    " SELECT %s, 12, (SELECT id FROM supply_lot WHERE lot = 'MK-2291'), 'MK-2291', 5, 0, 'x', %s, 5", unit,
                    again_act(sql, act, booking, 'process', at + 1))
        sql.execute('SET foreign_key_checks = 1')
        sql.execute(CHILD.format(side='laterality'), ('RAWCHILD', mine, 8, 0, label))
        refused('was in their parents', CHILD.format(side='laterality'), 'RAWMORE', mine, 1, 0, label)
        refused('without who gave it', GIVE, at, label)
        day.time_out(booking, 'inject', at + 2)
        sql.execute(act, ('inject', at + 2, at + 2, 'inject', booking))
        refused('used already|time-out named', GIVE, at + 2, label)
        sql.execute(GIVE, (at + 2, 'RAWCHILD'))
        refused('used already', DISPOSE, at + 2, 'RAWCHILD')
        refused('nothing was done with', "INSERT INTO correction (booking_id, what, row_id, old_value, reason, at, staff_id)"
                " VALUES (%s, 'manipulation', %s, 'x', 'y', %s, 1)", booking, mine, at)
    assert ends(database, uid) == {label: 'divided', 'RAWCHILD': 'injected'}


def again_act(sql, act, booking, kind, at):
    sql.execute(act, (kind, at, at, kind, booking))
    return at


def test_a_disposed_unit_is_never_injected(day, clinician, database):
    uid = day.book()
    label = ready(clinician, day, uid)
    booking, at = ident(database, uid), now()
    day.act(booking, 'inject', at)
    with database.connect(user='regen') as db, db.cursor() as sql:
        sql.execute(DISPOSE, (at, label))
        for keys in (1, 0):
            sql.execute('SET foreign_key_checks = %s', (keys,))
            with pytest.raises(pymysql.MySQLError, match='used already'):
                sql.execute(GIVE, (at, label))
    assert ends(database, uid) == {label: 'disposed'}


# --- at once ----------------------------------------------------------------------------------------------------------------------------

def test_a_unit_ends_once(day, clinician, staff, database):
    """Split, injected and disposed of at the same moment: one of them."""
    others = [staff('clinician'), staff('clinician')]
    for turn in range(6):
        uid = day.book(family='Race%d' % turn, given='Ann')
        label = ready(clinician, day, uid)
        answers = []
        deeds = [lambda: divide(others[0], uid, [label], '4, 4'), lambda: inject(others[1], uid, label),
                 lambda: next(f for f in chart(clinician, uid).forms() if f.action.endswith('/dispose')).fill(reason='x').submit()]
        deeds = deeds[turn % 3:] + deeds[:turn % 3]

        def press(deed):
            try:
                answers.append(deed().status)
            except Exception:  # pylint: disable=broad-exception-caught
                answers.append(409)  # the form is gone from the page
        threads = [threading.Thread(target=press, args=(deed,)) for deed in deeds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers.count(200) == 1 and len(answers) == 3, answers
        assert label in ends(database, uid), answers
