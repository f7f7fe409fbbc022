# SPDX-License-Identifier: Apache-2.0
"""What nobody should send, and what it gets: the right status in clear words, nothing stored by halves, nothing told that
is not the visitor's business, and a clean log (that is checked after every test)."""
import os
import re
import sys
import time
import urllib.parse

import lxml.html
import pymysql
import pytest

import crowd
import env
from badinput import FORM, get_raw, hold_fields, quick, raw_post, untouched, visitor  # noqa: F401

sys.path.insert(0, os.path.join(env.ROOT, 'tests', 'journey'))
import walk  # noqa: E402

pytestmark = pytest.mark.once


# --- times that cannot be had --------------------------------------------------------------------------------------------

@pytest.mark.parametrize('path', ['/services/unknown', '/services/unknown/times', '/services/BMAC-KNEE/times', '/services/-/times',
                                  '/services/bmac-knee/prices', '/nowhere', '/services', '/booking/consent/../../x', '/b', '/fhirx'])
def test_unknown_page(visitor, untouched, path):
    assert visitor.get(path).status_code == 404


def test_unknown_service_cannot_be_held(quick, untouched):
    fields = hold_fields(quick)
    assert quick.post('/holds', **{**fields, 'service': 'no-such'}).status_code == 404
    assert quick.post('/holds', **{**fields, 'service': ''}).status_code in (404, 422)
    assert quick.post('/holds', **{**fields, 'service': 'consultation\u0001'.replace('\x01', '%')}).status_code in (404, 422)


def shifted(start, days=0, minutes=0):
    return start + days * 86400 + minutes * 60


@pytest.mark.parametrize('what,change', [
    ('past', lambda s: shifted(s, days=-60)), ('long past', lambda s: 300), ('zero', lambda s: 0), ('beyond the horizon', lambda s: shifted(s, 400)),
    ('far beyond', lambda s: 7258118399), ('not offered to anybody', lambda s: 2 ** 62), ('below zero', lambda s: -s),
    ('off the grid', lambda s: s + 300), ('off the granule', lambda s: s + 7), ('a fraction', lambda s: '%d.5' % s),
    ('at night', lambda s: s // 86400 * 86400 + 7 * 3600), ('words', lambda s: 'tomorrow'), ('empty', lambda s: ''), ('exponent', lambda s: '1e9'),
    ('SQL', lambda s: "%d' OR '1'='1" % s), ('overflow', lambda s: '9' * 40), ('spaces', lambda s: '%d %d' % (s, s))])
def test_times_that_are_not_offered(quick, untouched, what, change):
    fields = hold_fields(quick)
    answer = quick.post('/holds', **{**fields, 'start': change(fields['start'])})
    assert answer.status_code == 422, answer.status_code
    assert 'text/html' in answer.headers['content-type']


@pytest.mark.parametrize('query,status', [
    ('day=2020-01-01', 200), ('day=2199-01-01', 422), ('day=2026-02-30', 422), ('day=tomorrow', 422), ('month=2026-13', 422), ('month=1066-10', 422),
    ('month=9999-12', 422), ('practitioner=x', 422), ('practitioner=99999', (200, 404, 422)), ('day=2020-12-01%00', 400), ('day=%ff%fe', 400),
    ('day=%c0%af', 400), ('day=%zz', 400), ('day=%', 400), ('day=' + '9' * 5000, 400), ('&'.join('a%d=1' % i for i in range(300)), 400),
    ('day=2020-12-01&day=2020-12-02', (200, 400, 422)), ('=&=&&;;', (200, 400)), ('day=%0d%0aSet-Cookie:%20x=y', (400, 422))])
def test_queries(server, untouched, query, status):
    got, text = get_raw(server, '/services/consultation/times?' + query)
    assert got in (status if isinstance(status, tuple) else (status,)), text[:200]
    assert 'Set-Cookie: x' not in text


# --- links and others' bookings ---------------------------------------------------------------------------------------------

@pytest.mark.parametrize('token', ['A' * 43, 'x', '-' * 43, 'A' * 42, 'A' * 44, 'A' * 128, '%41' * 43, 'A' * 4000])
def test_forged_link(visitor, untouched, token):
    answer = visitor.get('/b/' + token)
    assert answer.status_code == 404 and 'regen_p' not in answer.cookies


def booked(server, service='consultation', **who):
    """A patient who has booked: (visitor, link)."""
    one = crowd.Visitor(server.base)
    fields = hold_fields(one, service)
    one.expect(one.post('/holds', **fields), 303, 'hold')
    one.book(**who)
    page = one.get('/booking')
    link = re.search(r'/clinic(/b/[A-Za-z0-9_-]{43})', page.text)
    assert link, 'the booked page shows no link'
    return one, link.group(1)


def test_link_of_a_cancelled_or_expired_booking(server, database, quick):
    # The next free time may be too near to cancel, by the hour at which this runs.
    database.rows("UPDATE service SET cancel_notice_minutes = 0 WHERE code = 'consultation'")
    one, link = booked(server)
    with one:
        changed = link[:-2] + ('AA' if link[-2:] != 'AA' else 'BA')
        assert quick.get(changed).status_code == 404
        quick.come_back(link)
        page = quick.get('/booking/cancel')
        assert page.status_code == 200
        assert quick.post('/booking/cancel', **quick.hidden(page)).status_code == 303
        # The link still opens; the page says it is over and offers nothing that cannot be done.
        quick.forget()
        quick.come_back(link)
        page = quick.get('/booking')
        assert page.status_code == 200 and 'canceled' in page.text.lower()
        assert '/booking/cancel"' not in page.text
    assert crowd.contradictions(database) == []


def test_hold_that_is_over(server, database, quick):
    """An expired hold: every page says so in words, nothing can be done with it, its time is free again."""
    fields = hold_fields(quick)
    quick.expect(quick.post('/holds', **fields), 303, 'hold')
    page = quick.get('/booking/details')
    database.rows("UPDATE booking SET hold_expires_at = %s WHERE status = 'held'", int(time.time()) - 5)
    answers = [quick.get(p) for p in ('/booking', '/booking/details', '/booking/consent', '/booking/check')]
    answers += [quick.post('/booking/' + p, **quick.hidden(page)) for p in ('extend', 'check', 'release')]
    answers += [quick.post('/booking/details', **crowd.PATIENT, pay='self', body_site='knee', side='left', **quick.hidden(page))]
    assert {a.status_code for a in answers} == {410}, [a.status_code for a in answers]
    assert database.value('SELECT COUNT(*) FROM patient WHERE family = %s AND given = %s', 'Nobody', 'Never') == 0
    with crowd.Visitor(server.base) as other:
        csrf, times = other.times('consultation')
        assert fields['start'] in times, 'the time of an expired hold is not offered'
        assert other.hold('consultation', fields['start'], csrf, times[fields['start']]).status_code == 303
    assert crowd.contradictions(database) == []


@pytest.mark.parametrize('path', ['/booking', '/booking/details', '/booking/consent', '/booking/consent/privacy', '/booking/check',
                                  '/booking/calendar.ics', '/booking/cancel'])
def test_no_session(visitor, untouched, path):
    assert visitor.get(path).status_code == 401
    for value in ('x', 'A' * 43, 'A' * 43 + '.' + 'A' * 43, 'A' * 43 + '.' + 'B' * 42, "' OR 1=1 --", '%00', 'A' * 7000):
        assert visitor.get(path, headers={'Cookie': 'regen_p=' + value}).status_code == 401


def test_two_cookies_of_one_name(server, quick):
    """Somebody planted a cookie beside ours: neither is trusted."""
    quick.expect(quick.post('/holds', **hold_fields(quick)), 303, 'hold')
    value = quick.client.cookies['regen_p']
    with crowd.Visitor(server.base) as other:
        answer = other.client.get(server.base + '/booking', headers={'Cookie': 'regen_p=%s; regen_p=%s' % (value, 'A' * 43)})
        assert answer.status_code == 401


def test_staff_pages_without_login(visitor, untouched):
    for path in ('/staff', '/staff/bookings/' + '0' * 26, '/staff/units/U00000017/label', '/billing', '/billing/bookings/' + '0' * 26,
                 '/billing/invoices/' + '0' * 26, '/billing/claims/' + '0' * 26, '/billing/claims/' + '0' * 26 + '/file'):
        answer = visitor.get(path)
        assert answer.status_code == 303 and '/clinic/login?to=' in answer.headers['location'], path
    for path in ('/staff/bookings/%s/check-in' % ('0' * 26), '/billing/bookings/%s/invoice' % ('0' * 26), '/logout'):
        assert visitor.post(path, content=b'csrf=x', headers={'Content-Type': FORM}).status_code in (401, 403), path


def test_way_back_after_login_stays_here(server, sample, visitor):
    for to in ('https://evil.example/', '//evil.example/', '/clinic//evil.example', '/clinic/../evil', '/clinic/\\evil', '/clinicx', 'javascript:1',
               '/clinic/%0d%0aX:y'):
        page = visitor.open('/login?to=' + urllib.parse.quote(to, safe=''))
        form = page.form(having='password').fill(login=sample['front_desk_login'], password=sample['front_desk_password'])
        answer = form.set('to', to, force=True).submit(follow=False)
        assert answer.status_code == 303 and urllib.parse.urlsplit(answer.headers['location']).path == '/clinic/staff', answer.headers['location']


def test_roles(staff):
    """Front desk at billing, billing at treatment: 403, and nothing done."""
    uid = '0' * 26
    desk, billing = staff('front_desk'), staff('billing')
    assert desk.get('/billing').status_code == 403
    assert desk.get('/billing/claims/%s/file' % uid).status_code == 403
    assert billing.post('/staff/bookings/%s/inject' % uid, content=b'a=b', headers={'Content-Type': FORM}).status_code == 403
    assert desk.get('/staff/bookings/' + uid).status_code == 404
    assert desk.get('/staff/bookings/' + 'z' * 128).status_code == 404
    assert billing.get('/billing/bookings/' + uid).status_code == 404
    assert billing.get('/billing/invoices/' + uid).status_code == 404
    assert billing.get('/billing/claims/' + uid).status_code == 404
    assert billing.get('/billing?queue=secrets').status_code == 404
    assert billing.get('/billing?page=-1').status_code == 404


def test_a_patient_is_no_staff(server, quick, untouched):
    """A patient's cookie under the staff's name, and the other way round, opens nothing."""
    value = 'A' * 43
    for path, status in (('/staff', 303), ('/booking', 401)):
        answer = quick.client.get(server.base + path, headers={'Cookie': 'regen_s=%s; regen_p=%s' % (value, value)})
        assert answer.status_code == status


def test_patient_session_is_no_staff_session(server, quick):
    quick.expect(quick.post('/holds', **hold_fields(quick)), 303, 'hold')
    answer = quick.client.get(server.base + '/staff', headers={'Cookie': 'regen_s=' + quick.session})
    assert answer.status_code == 303 and '/login' in answer.headers['location']


def test_form_of_another_booking(server, database, quick):
    """A page of one booking, sent with the session of another: refused, and neither changes."""
    with crowd.Visitor(server.base) as other:
        pages = []
        for one in (quick, other):
            one.expect(one.post('/holds', **hold_fields(one)), 303, 'hold')
            pages.append(one.hidden(one.get('/booking/details')))
        for path, more in (('/booking/details', dict(crowd.PATIENT, pay='self', body_site='knee', side='left')), ('/booking/release', {}),
                           ('/booking/check', {}), ('/booking/extend', {}), ('/booking/cancel', {}), ('/booking/consent/privacy', dict(agree='yes'))):
            assert quick.post(path, **more, **pages[1]).status_code == 403, path
        for one in (quick, other):
            booking = crowd.session_booking(database, one.session)
            assert booking[1] == 'held'
            assert database.rows('SELECT patient_id, hold_extended, version FROM booking WHERE id = %s', booking[0]) == ((None, 0, 1),)


# --- forms from elsewhere, repeated, broken ----------------------------------------------------------------------------------

def test_csrf(server, quick, untouched):
    fields = hold_fields(quick)
    for wrong in (dict(csrf=''), dict(csrf='A' * 43), dict(csrf=fields['csrf'][:-1]), dict(csrf=fields['csrf'] + 'A')):
        assert quick.post('/holds', **{**fields, **wrong}).status_code == 403
    without = {k: v for k, v in fields.items() if k != 'csrf'}
    assert quick.post('/holds', **without).status_code == 403
    with crowd.Visitor(server.base) as other:
        assert other.post('/holds', **fields).status_code == 403, 'without the cookie that goes with the token'
        other.times('consultation')
        assert other.post('/holds', **fields).status_code == 403, "with another visitor's cookie"


@pytest.mark.parametrize('headers', [
    {'Origin': 'https://evil.example'}, {'Origin': 'null'}, {'Origin': ''}, {'Origin': 'http://127.0.0.1:1'}, {'Origin': 'http://127.0.0.1.evil.example'},
    {'Sec-Fetch-Site': 'cross-site'}, {'Sec-Fetch-Site': 'same-site'}, {'Sec-Fetch-Site': ''}])
def test_origin(server, quick, untouched, headers):
    body = urllib.parse.urlencode(hold_fields(quick)).encode()
    answer = quick.client.post(server.base + '/holds', content=body, headers={'Content-Type': FORM, **headers})
    assert answer.status_code == 403


def test_idempotency_keys(server, quick, untouched):
    fields = hold_fields(quick)
    for key in ('', 'short', 'x' * 65, 'spaces are not letters', 'a/b' * 8, 'ключ' * 8):
        assert quick.post('/holds', **{**fields, 'idem': key}).status_code == 400, key
    without = {k: v for k, v in fields.items() if k != 'idem'}
    assert quick.post('/holds', **without).status_code == 400


def test_duplicate_submit(database, quick):
    """Twice the same is one effect and the same answer; the same key with another body is refused, but where somebody corrects what they typed."""
    fields = hold_fields(quick)
    before = database.value('SELECT COUNT(*) FROM booking')
    first, second = quick.post('/holds', **fields), quick.post('/holds', **fields)
    assert first.status_code == second.status_code == 303 and first.headers['location'] == second.headers['location']
    assert database.value('SELECT COUNT(*) FROM booking') == before + 1
    other = quick.post('/holds', **{**fields, 'start': fields['start'] + 900})
    assert other.status_code == 409 and 'You already sent this form' in other.text, other.text
    assert database.value('SELECT COUNT(*) FROM booking') == before + 1
    page = quick.get('/booking/details')
    hidden = quick.hidden(page)
    typed = dict(crowd.PATIENT, pay='self', body_site='knee', side='left')
    patients = database.value('SELECT COUNT(*) FROM patient')
    answers = [quick.post('/booking/details', **typed, **hidden) for _ in range(3)]
    assert [a.status_code for a in answers] == [303] * 3
    assert database.value('SELECT COUNT(*) FROM patient') == patients + 1
    # Back, another name, Continue: what was typed last counts.
    assert quick.post('/booking/details', **{**typed, 'family': 'Other'}, **hidden).status_code == 303
    assert database.value('SELECT COUNT(*) FROM patient WHERE family = %s', 'Other') == 1
    assert database.value('SELECT COUNT(*) FROM patient') == patients + 1
    assert crowd.contradictions(database) == []


def test_repeated_fields(server, quick, untouched):
    """A field twice, as parameter pollution does: refused or the first counts, never mixed."""
    fields = hold_fields(quick)
    body = urllib.parse.urlencode(fields) + '&start=%d&service=nothing&csrf=x' % (fields['start'] + 86400 * 400)
    status, _ = raw_post(server, quick, '/holds', ('service=nothing&start=1&' + body).encode())
    assert status in (400, 404, 422)


@pytest.mark.parametrize('body', [
    b'family=%ff%fe', b'family=\xff\xfe', b'family=%c0%80', b'family=%ed%a0%80', b'family=a%00b', b'family=a\x00b', b'fam%00ily=a', b'family=%f4%90%80%80',
    b'family=%01%02', b'family=a%7f', b'family=%c2%80', b'family=%', b'family=%4', b'family=%zz', b'=&=', b'\xe2\x82', b'&' * 4000])
@pytest.mark.parametrize('path', ['/holds', '/login'])
def test_broken_text(server, quick, untouched, path, body):
    quick.get('/login')
    hidden = 'csrf=x&idem=%s&' % ('A' * 22)
    status, text = raw_post(server, quick, path, hidden.encode() + body)
    # What is only empty or odd goes on to the token check.
    assert status == (403 if body in (b'=&=', b'&' * 4000) else 400), text[:200]


# httpd's own word about an address that cannot be one
@pytest.mark.allows_log('AH10244')
@pytest.mark.parametrize('path', [b'/services/%ff/times', b'/services/%c3%28', b'/b/%ff', b'/services/\xff\xfe', b'/services/a%00b', b'/%00', b'/services/a%0ab',
                                  b'/services/%2e%2e%2fetc', b'/services/bmac-knee%2ftimes', b'/services/%25', b'/%', b'/services/%c0%ae%c0%ae/'])
def test_broken_path(server, untouched, path):
    status, text = get_raw(server, path)
    assert status in (400, 404), text[:200]


@pytest.mark.allows_log('AH10244')
@pytest.mark.parametrize('path', ['/static/../../../etc/passwd', '/static/..%2f..%2fetc%2fpasswd', '/static/%2e%2e/%2e%2e/etc/passwd', '/static/....//regen.css',
                                  '/static/.htaccess', '/static/', '/static', '/static/regen.css/', '/static/regen.css/x', '/static/regen.css%00.txt',
                                  '/static//regen.css', '/static/..', '/static/regen%2ecss%20', '/static/C:\\x', '/static/' + 'a' * 5000])
def test_path_traversal(server, path):
    status, text = get_raw(server, path)
    assert 'root:' not in text
    # What httpd itself tidies up leads to our own pages.
    assert status in (400, 403, 404) or (status == 200 and path in ('/static//regen.css', '/static/regen.css/', '/static/..')), (status, text[:100])


def test_a_thousand_fields(server, quick, untouched):
    quick.get('/login')
    body = '&'.join('f%d=%d' % (n, n) for n in range(1000))
    status, text = raw_post(server, quick, '/login', body.encode())
    assert status in (400, 413), text[:200]
    assert raw_post(server, quick, '/login', ('a=' + 'b' * 9000).encode())[0] == 413


# --- what people type -------------------------------------------------------------------------------------------------------------

WRONG = {'family': ['x' * 81, 'a\nb', 'a\x1bb'.replace('\x1b', '\n')], 'given': ['y' * 200], 'birth_date': ['', '2999-01-01', '31/31/1980', '1850-01-01', '0000-00-00', 'x'],
         'gender': ['dragon'], 'email': ['', 'x', 'a@', '@b', 'a b@c.d', 'a@b\nc'], 'phone': ['', 'call me', '1'],
         'state': ['', 'ZZ', 'Newhampster'], 'postal_code': ['', '1234', 'ABCDE', '038-20'], 'city': ['', 'z' * 300], 'address_line': ['', 'z' * 300],
         'body_site': ['', 'brain', 'shoulder; DROP TABLE booking'], 'side': ['', 'both', 'up'], 'pay': ['', 'bitcoin']}


def test_details(server, database, quick):
    """Each field wrong in each way: 422, a message at that field, everything else kept, nothing stored."""
    quick.expect(quick.post('/holds', **hold_fields(quick)), 303, 'hold')
    typed = dict(crowd.PATIENT, pay='self', body_site='knee', side='left')
    patients = database.value('SELECT COUNT(*) FROM patient')
    for field, values in WRONG.items():
        for value in values:
            hidden = quick.hidden(quick.get('/booking/details'))
            answer = quick.post('/booking/details', **{**typed, field: value}, **hidden)
            assert answer.status_code == 422, '%s=%r: %d' % (field, value, answer.status_code)
            at = lxml.html.document_fromstring(answer.text).xpath('//*[@id=$i]', i=field + '-error')
            assert at and len(at[0].text_content()) > len('Error: '), 'no message at %s for %r' % (field, value)
            kept = 'given' if field == 'family' else 'family'
            assert 'value="%s"' % typed[kept] in answer.text, 'typed %s was lost' % kept
    assert database.value('SELECT COUNT(*) FROM patient') == patients


def test_markup_stays_text(server, database, quick):
    """What looks like a tag, a template or SQL is a name like any other."""
    quick.expect(quick.post('/holds', **hold_fields(quick)), 303, 'hold')
    name = '</title><script>alert(1)</script>{{base}}{{{x}}}\'"--'
    hidden = quick.hidden(quick.get('/booking/details'))
    answer = quick.post('/booking/details', **{**crowd.PATIENT, 'family': name, 'given': '"><img src=x>'}, pay='self', body_site='knee', side='left', **hidden)
    assert answer.status_code in (303, 422)
    for path in ('/booking/details', '/booking/consent', '/booking/consent/privacy', '/booking/check'):
        page = quick.get(path)
        assert '<script>alert' not in page.text and '<img src=x>' not in page.text
        if page.status_code == 200 and answer.status_code == 303 and path == '/booking/details':
            assert '{{base}}' in page.text


def test_consent_is_what_was_shown(server, database, quick):
    quick.expect(quick.post('/holds', **hold_fields(quick)), 303, 'hold')
    hidden = quick.hidden(quick.get('/booking/details'))
    quick.expect(quick.post('/booking/details', **crowd.PATIENT, pay='self', body_site='knee', side='left', **hidden), 303, 'details')
    form = quick.get('/booking/consent/privacy')
    shown = crowd.SHA256.search(form.text).group(1)
    right = dict(signer_name='Petra Storm', agree='yes', text_sha256=shown)
    consents = database.value('SELECT COUNT(*) FROM consent')
    for change, status in ((dict(text_sha256='0' * 64), 409), (dict(text_sha256='x'), (409, 422)), (dict(agree='no'), 422), (dict(agree=''), 422),
                           (dict(signer_name='Somebody Else'), 422), (dict(signer_name=''), 422)):
        hidden = quick.hidden(quick.get('/booking/consent/privacy'))
        answer = quick.post('/booking/consent/privacy', **{**right, **change}, **hidden)
        assert answer.status_code in (status if isinstance(status, tuple) else (status,)), (change, answer.status_code)
    assert quick.get('/booking/consent/unknown').status_code == 404
    hidden = quick.hidden(quick.get('/booking/consent/privacy'))
    assert quick.post('/booking/consent/unknown', **right, **hidden).status_code == 404
    # Whatever was pressed, nothing is signed.
    assert database.value('SELECT COUNT(*) FROM consent') == consents


# --- money ----------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize('sql', [
    "INSERT INTO fee_line (version_id, service_id, line_no, step_kind, code, description, units, unit_minor, currency) VALUES (%s, 3, 9, 'consult', 'GIFT', 'A gift', 1, -500, 'USD')",
    "INSERT INTO fee_line (version_id, service_id, line_no, step_kind, code, description, units, unit_minor, currency) VALUES (%s, 3, 9, 'consult', 'GIFT', 'A gift', 0, 500, 'USD')"])
def test_negative_price(database, untouched, sql):
    """The schema itself refuses, also the owner of the tables."""
    database.rows('INSERT INTO fee_schedule_version (schedule_id, made_at) VALUES (1, 0)')
    draft = database.value('SELECT MAX(id) FROM fee_schedule_version')
    with pytest.raises(pymysql.err.MySQLError) as refused:
        database.rows(sql, draft)
    assert refused.value.args[0] in (4025, 1264), refused.value


@pytest.mark.parametrize('sql', ['UPDATE %s SET npi = CONCAT(LEFT(npi, 9), MOD(RIGHT(npi, 1) + 1, 10)) WHERE npi IS NOT NULL' % table
                                 for table in ('resource', 'organization')], ids=['rendering', 'billing'])
def test_npi_with_a_wrong_digit(server, database, sql):
    """Where the schema lets it in, the claim is refused with words that name it."""
    journey = walk.Walk(server.base, server.dir)
    journey.say = lambda *words: None
    uid = journey.treated()
    before = {row[0]: row[1:] for row in database.rows('SELECT CONCAT("r", id), npi FROM resource UNION SELECT CONCAT("o", id), npi FROM organization')}
    try:
        database.rows(sql)
    except pymysql.err.MySQLError as refused:
        assert refused.args[0] == 4025
        return
    try:
        billing = journey.staff('billing')
        page = billing.open('/billing/bookings/' + uid)
        claims = database.value('SELECT COUNT(*) FROM claim')
        said = page.text
        forms = [f for f in page.forms() if f.action.endswith('/claim')]
        if forms:
            answer = forms[0].submit()
            assert answer.status in (409, 422), answer
            said += answer.text
        assert 'NPI' in said, 'nothing names the NPI'
        assert database.value('SELECT COUNT(*) FROM claim') == claims
    finally:
        for who, (npi,) in before.items():
            database.rows('UPDATE %s SET npi = %%s WHERE id = %%s' % ('resource' if who[0] == 'r' else 'organization'), npi, int(who[1:]))
    page = billing.open('/billing/bookings/' + uid)
    assert page.form(action='/claim').submit().status == 200
    assert database.value('SELECT COUNT(*) FROM claim') == claims + 1
