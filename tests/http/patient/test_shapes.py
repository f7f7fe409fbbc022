# SPDX-License-Identifier: Apache-2.0
"""What people have (unit/patient/shapes.tsv), through the real form "about you": what is understood is stored, what is not is asked for
at its field, in words that name the field and blame nobody."""
import datetime
import os
import re

import pytest

import env
import patient

pytestmark = pytest.mark.once

FIELDS = {'birth_date': 'date of birth', 'born': 'date of birth', 'phone': 'phone', 'state': 'state', 'postal_code': 'zip',
          'country': 'country', 'email': 'email', 'member_id': 'member id', 'medicare': 'medicare card', 'name': 'name'}
BLAME = re.compile(r"invalid|illegal|incorrect|wrong|bad\b|fail|must not|not allowed|forbidden|error|real date|did not|didn't|cannot", re.I)
# Their answer depends on the day, which unit/patient/test_shapes.c sets; below they are made from today.
OF_A_DAY = {'!18', '!past', '!120', '2008-11-22', '1906-11-22'}


def shapes():
    unescape = lambda s: re.sub(r'\\u([0-9a-f]{4})', lambda m: chr(int(m.group(1), 16)), s)  # noqa: E731
    with open(os.path.join(env.ROOT, 'tests', 'unit', 'patient', 'shapes.tsv'), encoding='utf-8') as f:
        lines = [line.rstrip('\n').split('\t') for line in f if not line.startswith('#')]
    found = [(field, unescape(typed), unescape(want)) for field, typed, want in lines if want not in OF_A_DAY]
    assert len(found) > 300
    return found


def send(page, field, typed, refused=False):
    """The answer to the form of PAGE with that in one field. A whole date goes into the first of its three fields, or, to be refused
    as a whole, where programs send it."""
    form = page.form(having='family').fill(**patient.ADA, body_site='elbow', side='right', pay='self')
    if field == 'name':
        form.fill(**dict(zip(('given', 'family'), typed.split('|'))))
    elif field == 'born':
        form.fill(**dict(zip(('birth_month', 'birth_day', 'birth_year'), typed.split('|'))))
    elif field == 'birth_date':
        form.fill(birth_month='' if refused else typed, birth_day='', birth_year='')
        if refused:
            form.set('birth_date', typed, force=True)
    elif field in ('member_id', 'medicare'):
        form.fill(pay='insurance', payer_code='medicare-nh' if field == 'medicare' else 'granite-mutual', relationship='self',
                  member_id=typed)
    else:
        form.set(field, typed, force=True)
    return form.submit()


def stored(database, field):
    column = {'name': "CONCAT(p.given, '|', p.family)", 'born': 'p.birth_date', 'member_id': 'c.member_id', 'medicare': 'c.member_id'}
    return str(database.value('SELECT %s FROM booking b JOIN patient p ON p.id = b.patient_id LEFT JOIN coverage c ON c.id = b.coverage_id'
                              ' ORDER BY b.id DESC LIMIT 1' % column.get(field, 'p.' + field)))


def understood(page, database, field, want):
    """What is missing in the answer, '' when it is as wanted."""
    if page.status != 200 or page.path != '/booking/check':
        return 'refused: %s' % page.text[:400]
    if stored(database, field) != want:
        return 'stored as %r' % stored(database, field)
    if field in ('birth_date', 'born'):
        day = datetime.date.fromisoformat(want)
        words = '%s %d, %d' % (day.strftime('%B'), day.day, day.year)
        return '' if words in page.text else 'the check page does not say %s' % words
    return ''


def asked_for(page, field, want):
    """The same of what is refused."""
    if page.status != 422 or not page.title.startswith('Error: '):
        return 'taken: %r' % page
    links = page.css('.summary a')
    said = ' '.join(links[0].text_content().split()) if links else ''
    place = page.css(links[0].get('href')) if links else []
    if len(links) != 1 or want[1:] not in said:
        return 'said %r' % [a.text_content() for a in links]
    if not place or place[0].get('aria-invalid') != 'true' or page.error_for(place[0].get('id')) != 'Error: ' + said:
        return 'the message is not at its field: %s' % links[0].get('href')
    if FIELDS[field] not in said.lower() or BLAME.search(said):
        return 'said %r' % said
    return ''


@pytest.mark.parametrize('field', sorted(FIELDS))
def test_shapes(visitor, database, field):
    page, differ = patient.hold(visitor), []
    for _, typed, want in [shape for shape in shapes() if shape[0] == field]:
        refused = want.startswith('!')
        page = send(page, field, typed, refused)
        wrong = asked_for(page, field, want) if refused else understood(page, database, field, want)
        if wrong:
            differ.append('%s %r, not %r: %s' % (field, typed, want, wrong))
        if page.status != 422:
            page = visitor.open('/booking/details')
    assert not differ, '\n'.join(differ)


def test_ages(visitor, database):
    """Who is 18 today may book; who is not, or is not born, or was born too long ago, is told what to do."""
    today = datetime.date.today()  # of the machine; a day on either side keeps clear of the clinic's midnight
    page = patient.hold(visitor)
    for day, want in ((today.replace(year=today.year - 18, day=1) - datetime.timedelta(40), ''),
                      (today.replace(year=today.year - 18, day=1) + datetime.timedelta(40), '!Please call'),
                      (today + datetime.timedelta(2), '!in the past'),
                      (today.replace(year=today.year - 121, day=1) - datetime.timedelta(40), '!120 years')):
        page = send(page, 'born', '%d|%d|%d' % (day.month, day.day, day.year))
        if want:
            assert page.status == 422 and want[1:] in page.error_for('birth_date'), (day, page.text[:500])
        else:
            assert not understood(page, database, 'born', day.isoformat())
            page = visitor.open('/booking/details')


def test_each_message_names_its_field(visitor):
    """Everything too long at once: no two messages are the same, and each has its label's word."""
    page = patient.hold(visitor)
    form = page.form(having='family')
    long = [c for c in form.controls() if (c.get('type') or 'text') in ('text', 'email', 'tel') and c.tag == 'input']
    for c in long:
        form.set(c.get('name'), 'x' * 400)
    page = form.fill(pay='insurance', payer_code='granite-mutual', relationship='spouse', gender='female', body_site='elbow',
                     side='right').submit()
    assert page.status == 422
    texts = [' '.join(a.text_content().split()) for a in page.css('.summary a')]
    assert len(texts) == len(set(texts)) and len(texts) >= 12, texts
    for c in long:
        if 'birth_' in c.get('name'):
            continue  # three fields, one date
        label = page.css('label[for=%s]' % c.get('name'))[0].text_content().split()[0].lower()
        assert label in page.error_for(c.get('name')).lower(), (label, page.error_for(c.get('name')))


def test_a_date_half_entered(visitor):
    """What is missing is named, marked and linked; what is there stays."""
    page = send(patient.hold(visitor), 'born', 'October||')
    assert [a.get('href') for a in page.css('.summary a')] == ['#birth_day', '#birth_year']
    assert page.error_for('birth_year') and page.css('#birth_date')[0].get('aria-invalid') is None
    form = page.form(having='family')
    assert form.value('birth_month') == 'October' and form.value('birth_year') == ''


def test_countries(visitor, database):
    """Chosen from ISO's list, the United States first and chosen; a territory is one of its states."""
    page = patient.hold(visitor)
    form = page.form(having='family')
    options = form.options('country')
    assert form.value('country') == 'US' and options[0] == 'US' and len(set(options)) == len(options) > 235
    assert {'CA', 'MX', 'FM', 'CI', 'AX'} < set(options) and not {'PR', 'GU', 'VI', 'AS', 'MP'} & set(options)
    page = patient.give_details(page, country='IE', state='', postal_code='', city='Cork')
    assert 'Cork, Ireland' in page.text
    assert visitor.open('/booking/details').form(having='family').value('country') == 'IE'
    page = send(visitor.open('/booking/details'), 'country', 'Puerto Rico')
    assert page.path == '/booking/check'  # ADA's own state stays
    assert stored(database, 'country') == 'US'
