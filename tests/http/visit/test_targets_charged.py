# SPDX-License-Identifier: Apache-2.0
"""What is charged and claimed for several targets: what was done at each, once. The quote counts what was ordered, who leaves after one knee pays for one, and
the payer finds sides, body sites and diagnoses line by line. One target costs what it cost before, to the cent."""
import lxml.etree
import pymysql
import pytest

import ordering
from test_corrections import correct, ident
from test_staff_day import chart, ready, inject, step
from test_targets import move, two_units
from test_units import finish, inject_one

FHIR = {'f': 'http://hl7.org/fhir'}
KNEE = 230000


@pytest.fixture
def clinician(staff):
    return staff('clinician')


@pytest.fixture
def applies(database):
    """Says how the injection of the sample's first service applies to targets, as if it had been published so."""
    keeps = database.rows('SHOW CREATE TRIGGER fee_line_keeps')[0][2]

    def say(how):
        database.rows('DROP TRIGGER IF EXISTS fee_line_keeps')
        database.rows("UPDATE fee_line SET applies = %s WHERE version_id = 1 AND service_id = 1 AND step_kind = 'inject'", how)
        database.rows(keeps)
    yield say
    say('visit')


@pytest.fixture
def payer(database):
    def takes(how):
        database.rows('UPDATE payer SET bilateral = %s WHERE id = 1', how)
    yield takes
    takes('two-lines')


@pytest.fixture
def both(day, database):
    """A visit of today for both knees of somebody insured."""
    def make(further=(('knee', 'right'),), insured=True):
        database.rows("UPDATE service SET targets_most = 3 WHERE code = 'bmac-knee'")
        of = day.book('consultation', 'knee', 'left', family='Charged')
        who = database.value('SELECT patient_id FROM booking WHERE uid = %s', of)
        return day.book('bmac-knee', 'knee', 'left', of=of, on=ordering.order(database, who, 'bmac-knee', 'knee', 'left', further=further), insured=insured)
    return make


def charges(database, uid):
    """Of the injection."""
    return database.rows('SELECT c.target_no, c.modifier, c.quantity, c.unit_minor, c.total_minor FROM charge_item c JOIN booking b ON b.id = c.booking_id'
                         " WHERE b.uid = %s AND c.step_kind = 'inject' ORDER BY c.target_no", uid)


def open_of(database, uid):
    """What the patient and the payer owe for the treatment."""
    return [(int(a), int(b)) for a, b in database.rows('SELECT SUM(patient_owes), SUM(payer_owes) FROM charge_balance WHERE booking_id = %s', ident(database, uid))]


def account_of(database, uid):
    return '/billing/patients/' + database.value('SELECT p.uid FROM patient p JOIN booking b ON b.patient_id = p.id WHERE b.uid = %s', uid)


def quoted(database, uid):
    return database.rows('SELECT q.total_minor, c.units, c.times FROM booking_quote q JOIN booking b ON b.id = q.booking_id JOIN booking_charge c ON c.quote_id = q.id'
                         " WHERE b.uid = %s AND c.step_kind = 'inject'", uid)[0]


def only_right(clinician, day, database, uid):
    """The right knee is injected, and the other unit is disposed of."""
    one, two = two_units(clinician, day, database, uid)
    assert inject_one(clinician, uid, one, side='right').status == 200
    form = next(f for f in chart(clinician, uid).forms() if f.action.endswith('/dispose') and f.value('label') == two)
    assert form.fill(reason='Swelling').submit().status == 200


def treat(clinician, day, database, uid, *sides, **left):
    """Both units are injected at these sides, in order."""
    for label, side in zip(two_units(clinician, day, database, uid), sides):
        page = inject_one(clinician, uid, label, side=side)
        assert page.status == 200, page.text
    page = step(clinician, uid, 'complete', **{'diagnoses': 'M17.11 M17.12', **left})
    assert page.status == 200 and day.status(uid) == 'completed', page.text


def claimed(staff, database, uid):
    """The lines of its claim: code, modifiers, body site, net, the codes of the diagnoses."""
    page = staff('billing').open('/billing/bookings/' + uid).form(button='Create the claim').submit()
    assert page.path.startswith('/billing/claims/'), page.text
    tree = lxml.etree.fromstring(database.value('SELECT c.xml FROM claim c JOIN booking b ON b.id = c.booking_id WHERE b.uid = %s', uid))
    codes = dict(zip(tree.xpath('f:diagnosis/f:sequence/@value', namespaces=FHIR), tree.xpath('f:diagnosis/f:diagnosisCodeableConcept//f:code/@value', namespaces=FHIR)))
    lines = []
    for item in tree.xpath('f:item', namespaces=FHIR):
        one = lambda path: item.xpath('string(%s/@value)' % path, namespaces=FHIR)
        lines.append((one('f:productOrService//f:code'), ' '.join(item.xpath('f:modifier//f:code/@value', namespaces=FHIR)), one('f:bodySite/f:text'),
                      one('f:net/f:value'), [codes[n] for n in item.xpath('f:diagnosisSequence/@value', namespaces=FHIR)]))
    assert sum(int(net.replace('.', '')) for *_, net, _ in lines) == int(tree.xpath('string(f:total/f:value/@value)', namespaces=FHIR).replace('.', ''))
    return lines


# --- one target -------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize('how', ['visit', 'target', 'bilateral'])
def test_one_target_costs_what_it_cost_before(day, clinician, database, applies, how):
    """Quantity, price and modifier as they were when every line was charged once per visit; so is the quote."""
    applies(how)
    uid = day.book()
    assert quoted(database, uid) == (460000, 1, 1)
    label = ready(clinician, day, uid)
    assert inject(clinician, uid, label).status == 200 and finish(clinician, uid).status == 200
    assert [row[1:] for row in charges(database, uid)] == [('RT', 1, KNEE, KNEE)]
    assert database.value('SELECT SUM(c.total_minor) FROM charge_item c WHERE c.booking_id = %s', ident(database, uid)) == 460000


def test_a_line_once_per_visit_is_charged_once_for_both(both, day, clinician, staff, database):
    """As it is without saying anything: the price does not depend on the targets. Which side it was the line does not say, and so no claim is made of it."""
    uid = both()
    assert quoted(database, uid) == (460000, 1, 1)
    treat(clinician, day, database, uid, 'left', 'right')
    assert charges(database, uid) == ((0, '', 1, KNEE, KNEE),)
    page = staff('billing').open('/billing/bookings/' + uid)
    assert 'The line must say the side' in page.text and not [f for f in page.forms() if f.action.endswith('/claim')], page.text


@pytest.mark.parametrize('how', ['visit', 'target', 'bilateral'])
def test_what_was_left_out_is_on_no_claim(both, day, clinician, staff, database, applies, how):
    """Both knees were ordered, the right one was injected: its diagnosis, its side, and the left one's is refused, wherever it stands."""
    applies(how)
    uid = both()
    only_right(clinician, day, database, uid)
    for wrong in ('M17.12', 'M17.12 M17.11', 'M17.11 M17.12'):
        page = step(clinician, uid, 'complete', diagnoses=wrong, left_why='Swelling')
        assert page.status == 422 and 'M17.12 is for the left side, but the right side' in page.text, page.text
    page = step(clinician, uid, 'complete', diagnoses='M17.11', left_why='Swelling')
    assert page.status == 200, page.text
    of = ident(database, uid)
    database.rows("INSERT INTO booking_diagnosis (booking_id, seq, code) VALUES (%s, 2, 'M17.12')", of)
    page = staff('billing').open('/billing/bookings/' + uid)
    assert 'M17.12 is for the left side, but the right side was treated' in page.text, page.text
    database.rows('DELETE FROM booking_diagnosis WHERE booking_id = %s AND seq = 2', of)
    lines = claimed(staff, database, uid)
    assert lines[-1] == ('BMAC-KNEE', 'RT', 'right knee', '2300.00', ['M17.11'])
    assert {line[1:3] for line in lines[:-1]} == {('', 'right knee')}


@pytest.mark.parametrize('fixed', ['50', 'LT'])
def test_no_modifier_of_a_schedule_makes_another_side(both, day, clinician, staff, database, fixed):
    """A line once per visit that has always 50 says both: no claim of one knee of two says so."""
    uid = both()
    only_right(clinician, day, database, uid)
    assert step(clinician, uid, 'complete', diagnoses='M17.11', left_why='Swelling').status == 200
    database.rows("UPDATE charge_item SET modifier = %s WHERE booking_id = %s AND step_kind = 'inject'", fixed, ident(database, uid))
    page = staff('billing').open('/billing/bookings/' + uid)
    assert 'The modifier names a different side than the one treated (right)' in page.text, page.text


# --- both knees -------------------------------------------------------------------------------------------------------------

def test_each_knee_is_charged_and_claimed_by_itself(both, day, clinician, staff, database, applies):
    applies('target')
    uid = both()
    assert quoted(database, uid) == (460000 + KNEE, 2, 2)
    treat(clinician, day, database, uid, 'left', 'right')
    assert charges(database, uid) == ((1, 'LT', 1, KNEE, KNEE), (2, 'RT', 1, KNEE, KNEE))
    lines = claimed(staff, database, uid)
    assert lines[2:] == [('BMAC-KNEE', 'LT', 'left knee', '2300.00', ['M17.12']), ('BMAC-KNEE', 'RT', 'right knee', '2300.00', ['M17.11'])]
    assert [line[2] for line in lines[:2]] == ['', ''] and [line[4] for line in lines[:2]] == [['M17.11', 'M17.12']] * 2


def test_a_payer_that_takes_one_line_gets_50(both, day, clinician, staff, database, applies, payer):
    applies('target')
    payer('one-line')
    uid = both()
    treat(clinician, day, database, uid, 'left', 'right')
    assert claimed(staff, database, uid)[2:] == [('BMAC-KNEE', '50', 'bilateral knee', '4600.00', ['M17.11', 'M17.12'])]
    assert len(charges(database, uid)) == 2


@pytest.mark.parametrize('how', ['one-line', 'two-lines'])
def test_both_sides_at_one_price(both, day, clinician, staff, database, applies, payer, how):
    applies('bilateral')
    payer(how)
    uid = both()
    assert quoted(database, uid) == (460000, 1, 1)
    treat(clinician, day, database, uid, 'left', 'right')
    assert charges(database, uid) == ((1, '50', 1, KNEE, KNEE),)
    lines = claimed(staff, database, uid)[2:]
    if how == 'one-line':
        assert lines == [('BMAC-KNEE', '50', 'bilateral knee', '2300.00', ['M17.11', 'M17.12'])]
    else:
        assert lines == [('BMAC-KNEE', 'RT', 'right knee', '1150.00', ['M17.11']), ('BMAC-KNEE', 'LT', 'left knee', '1150.00', ['M17.12'])]


@pytest.mark.parametrize('how, target', [('target', 2), ('bilateral', 2)])
def test_who_leaves_after_one_knee_pays_for_one(both, day, clinician, staff, database, applies, how, target):
    applies(how)
    uid = both()
    only_right(clinician, day, database, uid)
    assert charges(database, uid) == ()
    page = step(clinician, uid, 'complete', diagnoses='M17.11', left_why='Swelling since the morning')
    assert page.status == 200, page.text
    assert charges(database, uid) == ((target, 'RT', 1, KNEE, KNEE),)
    assert claimed(staff, database, uid)[2:] == [('BMAC-KNEE', 'RT', 'right knee', '2300.00', ['M17.11'])]


def test_a_diagnosis_of_a_side_that_was_no_target_is_refused(both, day, clinician, staff, database, applies):
    applies('target')
    uid = both()
    treat(clinician, day, database, uid, 'left', 'right')
    database.rows("UPDATE booking_diagnosis SET code = 'M16.11' WHERE booking_id = %s AND seq = 1", ident(database, uid))
    page = staff('billing').open('/billing/bookings/' + uid)
    assert 'M16.11 is for the hip, which was not treated' in page.text, page.text


# --- corrected, taken off, by SQL ----------------------------------------------------------------------------------------------

def test_a_completion_that_is_taken_back_charges_again_once(both, day, clinician, database, applies):
    applies('target')
    uid = both()
    treat(clinician, day, database, uid, 'left', 'right')
    page = correct(clinician, uid, 'complete')
    assert page.status == 200 and day.status(uid) == 'in-progress', page.text
    page = step(clinician, uid, 'complete', diagnoses='M17.11 M17.12')
    assert page.status == 200, page.text
    assert [row[:2] for row in charges(database, uid)] == [(1, 'LT'), (2, 'RT')]
    owed = database.value('SELECT SUM(l.payer_owes) FROM charge_balance l WHERE l.booking_id = %s AND l.charged > 0', ident(database, uid))
    assert owed == 460000 + KNEE


@pytest.mark.parametrize('how, further', [('target', 3 * KNEE), ('bilateral', 2 * KNEE)])
def test_what_billing_did_stays_when_a_completion_is_taken_back(both, day, clinician, staff, database, applies, how, further):
    """A discount, and a payment: the patient owes the same before, between and after."""
    applies(how)
    uid = both(insured=False)
    treat(clinician, day, database, uid, 'left', 'right')
    clerk, account = staff('billing'), account_of(database, uid)
    one = database.value("SELECT MAX(id) FROM charge_item WHERE booking_id = %s AND step_kind = 'inject'", ident(database, uid))
    page = clerk.open(account + '/discount?charge=%d' % one).form(action='/discount').fill(amount='50', reason='courtesy', note='Kind').submit()
    assert page.status == 200, page.text
    page = clerk.open(account + '/payment').form(button='Post the payment').fill(amount='100', means='cash', purpose='owed').submit()
    assert page.status == 200, page.text
    left = [(further - 15000, 0)]
    assert open_of(database, uid) == left
    assert correct(clinician, uid, 'complete').status == 200
    assert open_of(database, uid) == left
    assert step(clinician, uid, 'complete', diagnoses='M17.11 M17.12').status == 200
    assert open_of(database, uid) == left


def test_what_is_off_the_claim_stays_off(both, day, clinician, database, applies):
    applies('target')
    uid = both()
    treat(clinician, day, database, uid, 'left', 'right')
    database.rows('UPDATE charge_item SET on_claim = 0 WHERE booking_id = %s AND target_no = 2', ident(database, uid))
    assert correct(clinician, uid, 'complete').status == 200
    assert step(clinician, uid, 'complete', diagnoses='M17.11 M17.12').status == 200
    assert open_of(database, uid) == [(KNEE, 460000)]


@pytest.mark.parametrize('how', ['target', 'bilateral'])
def test_what_was_charged_for_a_side_that_was_not_injected_goes(both, day, clinician, database, applies, how):
    """Both units went into the right knee after all: it is charged once, with its side; the discount of the left one went with it."""
    applies(how)
    uid = both(insured=False)
    treat(clinician, day, database, uid, 'left', 'right')
    assert correct(clinician, uid, 'complete').status == 200
    first = database.value('SELECT u.label FROM unit u JOIN injection i ON i.unit_id = u.id WHERE u.booking_id = %s ORDER BY i.act_id LIMIT 1', ident(database, uid))
    page = move(clinician, uid, 'right', correct_unit=first, correct_also='again', correct_time_out='yes')
    assert page.status == 200, page.text
    page = step(clinician, uid, 'complete', diagnoses='M17.11', left_why='It was never done')
    assert page.status == 200, page.text
    assert charges(database, uid) == ((2, 'RT', 1, KNEE, KNEE),)
    assert open_of(database, uid) == [(460000, 0)]


def test_a_charge_that_was_taken_off_does_not_come_back(both, day, clinician, staff, database, applies):
    """Once for both sides: neither is the one side that was injected after all charged instead."""
    applies('bilateral')
    uid = both(insured=False)
    treat(clinician, day, database, uid, 'left', 'right')
    clerk, account = staff('billing'), account_of(database, uid)
    one = database.value("SELECT id FROM charge_item WHERE booking_id = %s AND step_kind = 'inject'", ident(database, uid))
    page = clerk.open(account + '/void?charge=%d' % one).form(action='/void').fill(note='Courtesy, we promised').submit()
    assert page.status == 200, page.text
    assert correct(clinician, uid, 'complete').status == 200
    first = database.value('SELECT u.label FROM unit u JOIN injection i ON i.unit_id = u.id WHERE u.booking_id = %s ORDER BY i.act_id LIMIT 1', ident(database, uid))
    assert move(clinician, uid, 'right', correct_unit=first, correct_also='again', correct_time_out='yes').status == 200
    assert step(clinician, uid, 'complete', diagnoses='M17.11', left_why='It was never done').status == 200
    assert charges(database, uid) == ()


def test_who_injected_moves_with_a_swap_and_no_claim_names_one_for_two(both, day, clinician, staff, database, applies):
    applies('target')
    uid = both()
    treat(clinician, day, database, uid, 'left', 'right')
    of = ident(database, uid)
    doers = [r for r, in database.rows('SELECT done_by FROM act WHERE booking_id = %s AND kind = %s ORDER BY id', of, 'inject')]
    other = database.value("SELECT id FROM resource WHERE kind = 'practitioner' AND id <> %s ORDER BY id LIMIT 1", doers[0])
    second = database.value("SELECT MAX(id) FROM act WHERE booking_id = %s AND kind = 'inject'", of)
    database.rows("INSERT INTO correction (booking_id, what, row_id, old_value, new_value, reason, at, staff_id, with_time_out, again)"
                  " SELECT %s, 'inject-by', %s, o.code, n.code, 'Wrong', UNIX_TIMESTAMP(), 1, 0, 0 FROM resource o, resource n WHERE o.id = %s AND n.id = %s",
                  of, second, doers[1], other)
    label = database.value('SELECT u.label FROM unit u JOIN injection i ON i.unit_id = u.id WHERE i.act_id = %s', second)
    page = move(clinician, uid, 'left', correct_unit=label, correct_also='swap', correct_time_out='yes')
    assert page.status == 200, page.text
    assert database.rows('SELECT target_no, practitioner_id FROM charge_item WHERE booking_id = %s AND target_no > 0 ORDER BY 1', of) == ((1, other), (2, doers[0]))
    page = staff('billing').open('/billing/bookings/' + uid)
    assert 'Bill it by hand' in page.text and not [f for f in page.forms() if f.action.endswith('/claim')], page.text


def test_each_target_has_its_diagnosis(both, day, clinician, database, applies):
    applies('target')
    uid = both()
    for label, side in zip(two_units(clinician, day, database, uid), ('left', 'right')):
        assert inject_one(clinician, uid, label, side=side).status == 200
    for few in ('M17.11', 'M17.11 Z79.01'):
        page = step(clinician, uid, 'complete', diagnoses=few)
        assert page.status == 422 and 'None of these is for the left knee' in page.error_for('diagnoses'), page.text
    assert step(clinician, uid, 'complete', diagnoses='M17.0').status == 200


CHARGE = ("INSERT INTO charge_item (booking_id, line_no, target_no, step_kind, code_system, code, description, quantity, unit_minor, total_minor, currency, on_claim,"
          " service_date, created_at) VALUES (%s, 3, %s, 'inject', '', 'X', 'X', 1, 1, 1, 'USD', 1, CURRENT_DATE, 0)")


@pytest.mark.parametrize('how, target', [('target', 0), ('target', 1), ('target', 2), ('target', 3), ('bilateral', 2), ('visit', 1)])
def test_nothing_is_charged_that_was_not_done_or_was_charged(both, day, clinician, database, applies, how, target):
    """By SQL with every right, and with a session that checks nothing else."""
    applies(how)
    uid = both()
    treat(clinician, day, database, uid, 'left', 'right')
    link = database.connect('regen_owner')
    try:
        with link.cursor() as cursor, pytest.raises(pymysql.err.MySQLError) as refused:
            cursor.execute("SET check_constraint_checks = 0, foreign_key_checks = 0, sql_mode = ''")
            cursor.execute(CHARGE, (ident(database, uid), target))
    finally:
        link.close()
    assert refused.value.args[0] in (1644, 1062), refused.value


PRICED = CHARGE.replace("%s, 'inject'", "2, 'inject'").replace('1, 1, 1,', '%s, %s, %s,')


@pytest.mark.parametrize('says', ['UPDATE charge_item SET target_no = 4 WHERE booking_id = %s AND target_no = 1', 'UPDATE charge_item SET line_no = 9 WHERE booking_id = %s AND target_no = 1',
                                  (7, KNEE, 7 * KNEE), (1, 1, 1), (1, KNEE, 1), (2, KNEE, 2 * KNEE)])
def test_a_charge_keeps_its_target_and_what_was_promised(both, day, clinician, database, applies, says):
    """By SQL with the module's account: no other target, and not at another price or more often than for one."""
    applies('target')
    uid = both()
    treat(clinician, day, database, uid, 'left', 'right')
    of = ident(database, uid)
    link = database.connect('regen')
    try:
        with link.cursor() as cursor:
            cursor.execute('DELETE FROM charge_item WHERE booking_id = %s AND target_no = 2', of)
            with pytest.raises(pymysql.err.MySQLError) as refused:
                cursor.execute(says, of) if isinstance(says, str) else cursor.execute(PRICED, (of, *says))
            assert refused.value.args[0] == 1644, refused.value
            cursor.execute(PRICED, (of, 1, KNEE, KNEE))
    finally:
        link.close()


def test_billing_sees_which_knee_a_charge_is_for(both, day, clinician, staff, database, applies):
    """On the account, in the names of what can be done with it, and on what a credit note can take back."""
    applies('target')
    uid = both(insured=False)
    treat(clinician, day, database, uid, 'left', 'right')
    clerk, account = staff('billing'), account_of(database, uid)
    page = clerk.open(account)
    names = [' '.join(a.text_content().split()) for a in page.tree.xpath('//a[contains(@href, "/void?charge=")]')]
    assert [name.rsplit(' ', 1)[1] for name in names if name[-2:] in ('LT', 'RT')] == ['LT', 'RT'] and len(set(names)) == len(names) == 4, names
    assert page.text.count('BMAC-KNEE LT') == 1 and page.text.count('BMAC-KNEE RT') == 1
    assert 'BMAC-KNEE RT' in clerk.open(account + '/void?charge=%d' % database.value('SELECT MAX(id) FROM charge_item WHERE booking_id = %s', ident(database, uid))).text
    paper = clerk.open('/billing/bookings/' + uid).form(button='Issue the invoice').submit()
    choices = [' '.join(label.text_content().split()) for label in paper.tree.xpath('//label[starts-with(@for, "line")]')]
    assert sum('knee LT' in c for c in choices) == sum('knee RT' in c for c in choices) == 1 and len(set(choices)) == 4, choices


@pytest.mark.parametrize('line', ["'harvest', 'target', 1, 1, ''", "'inject', 'bilateral', 2, 1, ''", "'inject', 'bilateral', 1, 0, ''", "'inject', 'nonsense', 1, 1, ''",
                                  "'inject', 'target', 1, 0, ''", "'inject', 'target', 1, 1, '50'", "'inject', 'target', 1, 1, 'GA RT'",
                                  "'inject', 'bilateral', 1, 1, 'LT'", "'inject', 'target', 1, 1, 'GA GX KX'", "'inject', 'target', 1, NULL, ''"])
def test_a_line_that_no_target_decides_is_refused(database, line):
    database.rows('INSERT INTO fee_schedule_version (schedule_id, made_at) VALUES (1, 0)')
    link = database.connect('regen_owner')
    try:
        with link.cursor() as cursor, pytest.raises(pymysql.err.MySQLError) as refused:
            cursor.execute("SET check_constraint_checks = 0, foreign_key_checks = 0, sql_mode = ''")
            cursor.execute("INSERT INTO fee_line (version_id, service_id, line_no, code, description, unit_minor, currency, step_kind, applies, units, side_modifier, modifiers)"
                           " SELECT MAX(id), 1, 9, 'X', 'X', 1, 'USD', %s FROM fee_schedule_version" % line)
    finally:
        link.close()
    assert refused.value.args[0] == 1644, refused.value
