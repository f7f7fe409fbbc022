# SPDX-License-Identifier: Apache-2.0
"""Fee schedules as files and on the administrators' pages: there and back without a byte's difference, every mistake with its line and nothing by halves,
a draft that shows what it changes, published from a day on, withdrawn before it."""
import datetime

import pytest

import billfill
import dayfill
import env

FEES = '/staff/admin/fees'


@pytest.fixture
def admin(staff):
    return staff('admin')


def export(database, *more):
    return env.regenctl(database, 'fees', 'export', 'self-pay', *more).stdout


@pytest.fixture
def load(database, tmp_path):
    """`fees check` or `fees import` of what is given (text or bytes); the CompletedProcess."""
    def run(content, what='import', *more):
        path = tmp_path / 'fees.csv'
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return env.regenctl(database, 'fees', what, 'self-pay', str(path), *more, check=False)
    return run


def counts(database):
    return [database.value('SELECT COUNT(*) FROM ' + t) for t in ('fee_schedule_version', 'fee_line', 'fee_publication', 'audit_event')]


def test_there_and_back(database, load):
    before = counts(database)
    text = export(database)
    assert text.startswith('service,step_kind,') and text.count('\n') == 8
    done = load(text)
    assert done.returncode == 0 and 'the same as in force' in done.stdout, done.stderr
    assert counts(database) == before
    changed = text.replace('220.00', '240.00').replace('"Consultation, 30 minutes"', '"Consultation ""long"", 30 minutes"')
    done = load('\ufeff' + changed.replace('\n', '\r\n'))
    assert done.returncode == 0 and '$220.00 -> $240.00' in done.stdout and 'a draft' in done.stdout, done.stderr
    version = str(database.value('SELECT MAX(id) FROM fee_schedule_version'))
    assert export(database, '--version', version) == changed
    assert export(database) == text


WRONG = {
    'utf-16': (lambda t: t.encode('utf-16'), 'not UTF-8'), 'latin-1': (lambda t: t.replace('Blood', 'Blöd').encode('latin-1'), 'not UTF-8'),
    'empty': (lambda t: '', 'empty'), 'no lines': (lambda t: t.split('\n')[0] + '\n', 'no lines'),
    'semicolons': (lambda t: t.replace(',', ';'), 'first line must be'),
    'comma decimals': (lambda t: t.replace('220.00', '220,00'), 'Line 8: There are 13 columns instead of 12. Amounts have a point'),
    'quoted comma': (lambda t: t.replace('220.00', '"220,00"'), 'Line 8, unit_price: '), 'negative': (lambda t: t.replace('220.00', '-1.00'), 'Line 8, unit_price: '),
    'huge': (lambda t: t.replace('220.00', '10000000000.01'), 'Line 8, unit_price: '), 'too many decimals': (lambda t: t.replace('220.00', '220.001'), 'unit_price'),
    'no currency': (lambda t: t.replace('USD,220.00', 'ZZZ,220.00'), 'Line 8, currency'), 'other currency': (lambda t: t.replace('USD,220.00', 'EUR,220.00'), 'in USD'),
    'unknown service': (lambda t: t.replace('consultation,', 'nothing,'), 'There is no service with the code "nothing"'),
    'unknown step': (lambda t: t.replace('consultation,consult', 'consultation,harvest'), 'has no harvest step'),
    'wrong step': (lambda t: t.replace('consultation,consult', 'consultation,dance'), 'Line 8, step_kind'),
    'missing service': (lambda t: '\n'.join(x for x in t.split('\n') if not x.startswith('consultation')), '"consultation" can be booked and has no line'),
    'twice': (lambda t: t + t.split('\n')[7] + '\n', 'Line 8 has this code'), 'no code': (lambda t: t.replace('CONSULT-30', ''), 'Line 8, code'),
    'units': (lambda t: t.replace(',1,USD,220.00', ',0,USD,220.00'), 'Line 8, units'), 'modifiers': (lambda t: t.replace('CONSULT-30,', 'CONSULT-30,5'), 'modifiers'),
    'formula': (lambda t: t.replace('CONSULT-30', '=1+1'), 'a spreadsheet would take this for a formula'), 'quote': (lambda t: t + '"', 'quotation mark'),
    'control': (lambda t: t.replace('CONSULT-30', 'C\x07'), 'not UTF-8'),
    'accent': (lambda t: t.replace('CONSULT-30', 'CONSÜLT-30'), 'Line 8, code: Use letters without accents'),
    'accent in system': (lambda t: t.replace(',CONSULT-30', 'urn:ü,CONSULT-30'), 'Line 8, code_system: Use letters without accents'),
    'blanks before a formula': (lambda t: t.replace('CONSULT-30', ' =1+1'), 'a spreadsheet would take this for a formula'),
    'modifier unknown': (lambda t: t.replace('CONSULT-30,', 'CONSULT-30,ZZ'), 'Line 8, modifiers: Modifier ZZ is not known'),
    'modifier twice': (lambda t: t.replace('CONSULT-30,', 'CONSULT-30,59 59'), 'Line 8, modifiers: Modifier 59 is listed twice'),
    'modifiers together': (lambda t: t.replace('CONSULT-30,', 'CONSULT-30,GA GZ'), 'Line 8, modifiers: Modifiers GA and GZ cannot be used together'),
    'bilateral side': (lambda t: t.replace('CONSULT-30,,false', 'CONSULT-30,50,true'), 'Line 8, modifiers: Modifiers 50 and RT cannot be used together'),
    'bilateral units': (lambda t: t.replace('CONSULT-30,,false,1', 'CONSULT-30,50,false,2'), 'Line 8, modifiers: With modifier 50 the quantity must be 1'),
    'applies to nothing': (lambda t: t.replace('knee",visit', 'knee",joint'), 'Line 4, applies'),
    'a harvest for each target': (lambda t: t.replace('harvest,visit', 'harvest,target'), 'Line 2, applies: Only a line of the step inject'),
    'both sides without a side': (lambda t: t.replace('BMAC-KNEE,,true', 'BMAC-KNEE,,false').replace('knee",visit', 'knee",bilateral'), 'Line 4, applies: A line for both sides'),
    'each target without a side': (lambda t: t.replace('BMAC-KNEE,,true', 'BMAC-KNEE,,false').replace('knee",visit', 'knee",target'), 'Line 4, applies: A line for each target'),
    'both sides as a modifier': (lambda t: t.replace('BMAC-KNEE,,true,1', 'BMAC-KNEE,50,true,1').replace('knee",visit', 'knee",target'), 'Line 4'),
    'no room for XS': (lambda t: t.replace('BMAC-KNEE,,true', 'BMAC-KNEE,GA 59 76,true').replace('knee",visit', 'knee",target'), 'Line 4, applies: Use at most two'),
    'many': (lambda t: t + ''.join('nothing%d,consult,,X,,false,1,USD,1.00,true,X,visit\n' % n for n in range(99)), 'There may be more.')}


@pytest.mark.parametrize('name', WRONG)
def test_every_mistake_and_nothing_by_halves(database, load, name):
    change, words = WRONG[name]
    before = counts(database)
    for what, more in (('check', ()), ('import', ()), ('import', ('--from', (datetime.date.today() + datetime.timedelta(300)).isoformat()))):
        done = load(change(export(database)), what, *more)
        assert done.returncode == 1 and words in done.stderr, (done.stdout, done.stderr)
    assert counts(database) == before


def test_a_file_of_before_says_nothing_of_targets(database, load):
    """It lacks the last column, and is the same."""
    before = counts(database)
    done = load(''.join(line.rsplit(',', 1)[0] + '\n' for line in export(database).splitlines()))
    assert done.returncode == 0 and 'the same as in force' in done.stdout and counts(database) == before, done.stderr


def test_check_stores_nothing(database, load):
    before = counts(database)
    done = load(export(database).replace('220.00', '250.00'), 'check')
    assert done.returncode == 0 and '$220.00 -> $250.00' in done.stdout and counts(database) == before


def test_list_and_usage(database):
    assert 'self-pay: Self-pay, self-pay, every site' in env.regenctl(database, 'fees', 'list').stdout
    assert env.regenctl(database, 'fees', 'export', 'nothing', check=False).returncode == 1
    assert env.regenctl(database, 'fees', 'export', 'self-pay', '--version', 'x', check=False).returncode == 2
    assert env.regenctl(database, 'fees', 'import', 'self-pay', '/nonexistent', check=False).returncode == 2


# --- pages ------------------------------------------------------------------------------------------------------------

def test_only_administrators(staff):
    for role in ('front_desk', 'clinician', 'billing'):
        for path in (FEES, FEES + '/self-pay', FEES + '/self-pay/fees.csv'):
            assert staff(role).get(path).status_code == 403


def upload(admin, text):
    return admin.open(FEES + '/self-pay').form(having='csv').fill(csv=text).submit()


def publish_today(page, database):
    """Publishes the draft on PAGE at once, also if the day ends meanwhile."""
    for _ in range(2):
        page = page.form(having='from').fill(**{'from': dayfill.today().isoformat()}).submit()
        if page.status == 200:
            break
    assert page.status == 200, page.text
    billfill.wait_for_prices(database)


def test_draft_publish_and_withdraw(admin, database, visitor):
    text = admin.get(FEES + '/self-pay/fees.csv').text
    page = upload(admin, text)
    assert 'Nothing was stored' in page.text
    page = upload(admin, text.replace('220.00', '225.00'))
    assert page.status == 200 and 'a draft' in page.text and '$225.00' in page.text, page.text
    draft = page.form(having='from')
    past = draft.fill(**{'from': (dayfill.today() - datetime.timedelta(2)).isoformat()}).submit()
    assert past.status == 422 and past.error_for('from')
    far = dayfill.today() + datetime.timedelta(100)
    page = past.form(having='from').fill(**{'from': far.isoformat()}).submit()
    assert page.status == 200 and 'Withdraw version' in page.text, page.text
    assert '$220.00' in visitor.open('/services/consultation').text
    again = upload(admin, text.replace('220.00', '226.00')).form(having='from').fill(**{'from': far.isoformat()}).submit()
    assert again.status == 409 and 'Another version begins at that time' in again.text
    refused = page.form(having='reason').submit()
    assert refused.status == 422 and refused.error_for('reason')
    page = refused.form(having='reason').fill(reason='Wrong <day>').submit()
    assert page.status == 200 and 'Wrong <day>' in page.text
    page = again.form(having='from').fill(**{'from': far.isoformat()}).submit()
    assert page.status == 200 and 'Withdraw version' in page.text, page.text
    page.form(having='reason').fill(reason='Not yet').submit()


def test_published_today(admin, database, visitor):
    text = admin.get(FEES + '/self-pay/fees.csv').text
    publish_today(upload(admin, text.replace('220.00', '230.00')), database)
    assert '$230.00' in visitor.open('/services/consultation').text
    assert 'in force since' in admin.open(FEES + '/self-pay').text
    publish_today(upload(admin, text), database)
    assert '$220.00' in visitor.open('/services/consultation').text


def test_a_promotion_and_back(admin, database, load):
    """Another price from a day on, and today's again later: what is the same as now is not the same as then."""
    text = export(database)
    days = [(dayfill.today() + datetime.timedelta(n)).isoformat() for n in (120, 130, 140)]
    done = load(text.replace('220.00', '180.00'), 'import', '--from', days[0])
    assert done.returncode == 0 and '$220.00 -> $180.00' in done.stdout, done.stderr
    done = load(text, 'import', '--from', days[1])
    assert done.returncode == 0 and '$180.00 -> $220.00' in done.stdout, done.stderr
    done = load(text, 'import', '--from', days[2])
    assert done.returncode == 0 and 'the same as in force' in done.stdout, done.stderr
    page = upload(admin, text)
    assert page.status == 200 and 'a draft' in page.text and 'Nothing was stored' not in page.text, page.text
    for (version,) in database.rows('SELECT version_id FROM fee_publication ORDER BY id DESC LIMIT 2'):
        page = admin.open(FEES + '/self-pay?version=%d' % version).form(having='reason').fill(reason='No promotion').submit()
        assert page.status == 200, page.text


def test_old_versions_are_found(admin, database):
    """A page lists so many versions; the one in force and the one asked for are shown whatever their number."""
    shown = database.value('SELECT version_id FROM fee_publication WHERE schedule_id = 1 AND valid_at <= UNIX_TIMESTAMP() ORDER BY valid_at DESC, id DESC LIMIT 1')
    database.rows('INSERT INTO fee_schedule_version (schedule_id, made_at) SELECT 1, 1 FROM seq_1_to_101')
    text = admin.get(FEES + '/self-pay/fees.csv').text
    assert 'consultation,consult' in text and admin.get(FEES + '/self-pay/fees.csv?version=%d' % shown).text == text
    assert 'in force since' in admin.open(FEES + '/self-pay?version=%d' % shown).text
    assert 'Nothing was stored' in upload(admin, text).text


def test_pressed_twice(admin, database):
    """One draft, and both answers are pages."""
    text = admin.get(FEES + '/self-pay/fees.csv').text.replace('220.00', '221.00')
    form = admin.open(FEES + '/self-pay').form(having='csv').fill(csv=text)
    before = counts(database)
    first, second = form.submit(), form.submit()
    assert first.status == second.status == 200 and second.h1 == 'Self-pay'
    assert counts(database)[0] == before[0] + 1


def test_what_is_wrong_is_told_and_kept(admin, database):
    before = counts(database)
    page = upload(admin, 'service\nx,y')
    assert page.status == 422 and page.error_for('csv') and page.form(having='csv').value('csv').strip() == 'service\nx,y'
    assert counts(database) == before


def test_a_new_schedule(admin, database):
    page = admin.open(FEES).form(having='name').fill(code='Wrong Code', name='').submit()
    assert page.status == 422 and page.error_for('code') and page.error_for('name')
    page = page.form(having='name').fill(code='granite', name='Granite <b>', payer='granite-mutual').submit()
    assert page.status == 200 and page.h1 == 'Granite <b>', page.text
    page = admin.open(FEES).form(having='name').fill(code='granite-2', name='Again', payer='granite-mutual').submit()
    assert page.status == 409 and page.error_for('code')
    page = admin.open(FEES + '/granite').form(having='csv').fill(
        csv=admin.get(FEES + '/self-pay/fees.csv').text.split('\n')[0] + '\nconsultation,consult,,N-30,,false,1,EUR,99.50,true,Talk,visit\n').submit()
    assert page.status == 422 and 'are in USD' in page.error_for('csv'), page.text
    page = admin.open(FEES + '/granite').form(having='csv').fill(
        csv=admin.get(FEES + '/self-pay/fees.csv').text.split('\n')[0] + '\nconsultation,consult,,N-30,25 59,false,2,USD,99.50,true,"Talk, long",visit\n').submit()
    assert page.status == 200 and '$199.00' in page.text and 'N-30 25 59' in page.text, page.text


def test_a_service_without_a_price_is_not_offered(admin, database, visitor):
    database.rows("INSERT INTO service (uid, site_id, code, name, summary) SELECT LPAD('NOPRICE', 26, '0'), site_id, 'no-price', 'No price', 'x' FROM service WHERE id = 3")
    database.rows("INSERT INTO service_step (service_id, step_no, kind, name, minutes) SELECT id, 1, 'consult', 'Talk', 30 FROM service WHERE code = 'no-price'")
    assert 'Not offered: no price' in admin.open('/staff/admin/services').text
    assert visitor.get('/services/no-price').status_code == 404
    done = env.regenctl(database, 'check', check=False)
    assert done.returncode == 1 and 'Service no-price is not offered' in done.stdout + done.stderr
    database.rows("DELETE FROM service_step WHERE service_id = (SELECT id FROM service WHERE code = 'no-price')")
    database.rows("DELETE FROM service WHERE code = 'no-price'")
    assert 'not offered' not in env.regenctl(database, 'check', check=False).stdout
