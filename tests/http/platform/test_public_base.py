# SPDX-License-Identifier: Apache-2.0
"""Addresses for others: said by RegenPublicBase, never guessed. Everything here runs behind a proxy with another name, scheme and
path, and every address in every answer must be under the base."""
import re
import urllib.parse

import icalendar
import lxml.etree
import pytest

import env
import ordering
import outside
import patient
from billfill import completed
from dayfill import BORN, DayFill
from fhirapi import TYPES, token
from joining import waiting

BASE, ORIGIN = outside.BASE, outside.ORIGIN


@pytest.fixture(scope='module')
def server(template, database, mpm):
    """The clinic from outside, in place of the harness's own."""
    where = env.work_folder('outside-%s' % mpm)
    made = outside.House(where, database, mpm)
    made.sample = env.sample_move(template.dir, where, database, BASE)
    made.start()
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def every_address(server):
    """Whatever a test did: no answer it got leads anywhere else."""
    server.seen.clear()
    yield
    wrong = {(url.split('?')[0], stray) for _, url, answer in server.seen for stray in outside.strays(answer)}
    assert not wrong, '\n'.join('%s: %s' % pair for pair in sorted(wrong)[:20])


def liar(server):
    """Straight to httpd, past the proxy, with lies about where it went."""
    return env.http_client(headers=outside.LIES, base_url=server.inner)


# --- the whole house --------------------------------------------------------------------------------------------------------

def patterns():
    """The patterns of the route table that a GET finds."""
    return [row[1] for row in env.routes() if row[0] == 'GET']


def fits(pattern, path):
    return re.fullmatch(re.escape(pattern).replace(r'\*', '[^/]+') + '/?', path) is not None


def references(page):
    """Every address that a page leads to, whole, with what its forms would ask for."""
    for element, attribute in (('a', 'href'), ('link', 'href'), ('script', 'src'), ('img', 'src')):
        for found in page.tree.xpath('//%s[@%s]' % (element, attribute)):
            address = urllib.parse.urljoin(page.url, found.get(attribute)).split('#')[0]
            if address.startswith('http'):
                yield address
    for form in page.forms():
        if form.method == 'GET':
            yield form.action.split('?')[0] + '?' + urllib.parse.urlencode(form.pairs())


def crawl(visitor, starts, many=2):
    """Opens every page that the pages from STARTS on lead to, MANY of each kind. All must be there."""
    todo, met, count = list(starts), set(), {}
    while todo:
        address = todo.pop(0)
        parts = urllib.parse.urlsplit(visitor.url(address))
        kind = (re.sub(r'/[0-9a-hjkmnp-tv-z]{26}|/\d+', '/*', parts.path), tuple(sorted(k for k, _ in urllib.parse.parse_qsl(parts.query))))
        if parts.geturl() in met or count.get(kind, 0) >= many or re.search(r'/(?:b|w)/', parts.path):
            continue
        met.add(parts.geturl())
        count[kind] = count.get(kind, 0) + 1
        page = visitor.open(parts.geturl())
        assert page.status == 200, (page, address)
        assert page.url.startswith(BASE), page
        if page.tree is not None:
            todo += references(page)


def a_unit(staff, server, database):
    """Somebody who is here today and has been harvested; the label's page."""
    uid = DayFill(database).book(family='Walker')
    desk, clinician = staff('front_desk'), staff('clinician')
    form = desk.open('/staff/bookings/' + uid).form(action='/check-in').fill(birth_date='1961-03-14')
    assert form.submit().status == 200
    form = clinician.open('/staff/bookings/' + uid).form(action='/harvest').fill(volume_ml='60', taken_from='right-posterior-iliac-crest', side_confirmed='right')
    form.fill(**{name: 'yes' for name in form.names() if name.startswith('said_')})
    assert form.submit().status == 200
    return uid


def a_tablet(desk, database):
    """A browser that the front desk hands to a patient, until it is given back."""
    uid = DayFill(database).book(family='Lend', signed=False)
    page = desk.open('/staff/bookings/' + uid).click('Sign at the desk').form('/tablet').fill(birth_date='1961-03-14').submit()
    assert page.url == BASE + '/tablet', page
    crawl(desk, ['/tablet'])
    assert desk.open('/tablet').form('/tablet/done').submit().url.startswith(BASE + '/signed')


def an_order(staff, server, database):
    """A treatment order, read by staff and opened by its patient, who is on file twice."""
    patient_of = 'SELECT p.id, p.uid FROM patient p JOIN booking b ON b.patient_id = p.id WHERE b.uid = %s'
    day = DayFill(database)
    (one, uid), (_, other) = (database.rows(patient_of, day.book('consultation', family='Ordered'))[0] for _ in range(2))
    order, number = database.rows('SELECT o.uid, n.number FROM treatment_order o JOIN treatment_order_number n ON n.order_id = o.id WHERE o.id = %s',
                                  ordering.order(database, one))[0]
    crawl(staff('clinician'), ['/staff/orders/' + order])
    crawl(staff('front_desk'), ['/staff/patients/%s/merge?with=%s' % (uid, other)])
    with server.visitor() as ill:
        page = ordering.open_order(ill, number, BORN)
        assert page.url.startswith(BASE + '/order'), page
        crawl(ill, [page.url])


def papers(clerk, uid):
    """The invoice and the claim of a treatment."""
    clerk.open('/billing/bookings/' + uid).form(action='/invoice').submit()
    claim = clerk.open('/billing/bookings/' + uid).form(action='/claim').submit()
    assert '/billing/claims/' in claim.url, claim.text
    return claim


def money(clerk, uid):
    """A receipt, and a credit note for the invoice."""
    page = clerk.open('/billing/bookings/' + uid)
    paid = page.click('The patient’s account').click('Take a payment').form(action='/payment').fill(amount='10', means='cash', purpose='owed').submit()
    noted = page.click('Invoice INV').form(action='/credits').fill(reason='Wrong address').submit()
    assert '/receipts/' in paid.url and '/credits/' in noted.url, (paid, noted)
    return paid.url, noted.url


def what_is_owed(ill, clerk, database):
    """The patient's page of costs, with papers of every kind."""
    uid = database.value('SELECT uid FROM booking ORDER BY id DESC LIMIT 1')
    database.rows("INSERT INTO charge_item (booking_id, line_no, step_kind, code_system, code, description, quantity, unit_minor, total_minor, currency, on_claim,"
                  " service_date, created_at) SELECT id, 1, 'consult', '', 'X1', 'Office visit', 1, 20000, 20000, 'USD', 0, CURDATE(), UNIX_TIMESTAMP()"
                  ' FROM booking WHERE uid = %s', uid)
    for status in ('arrived', 'in-progress', 'completed'):
        database.rows('UPDATE booking SET status = %s WHERE uid = %s', status, uid)
    clerk.open('/billing/bookings/' + uid).form(action='/invoice').submit()
    money(clerk, uid)
    crawl(ill, ['/booking/account'])


def fhir(server, database):
    """Every type in both formats, what its answers link to, and the operations."""
    bearer = token(database, 'system/*.rs system/Appointment.cruds regen/all')
    for accept in ('application/fhir+json', 'application/fhir+xml'):
        with server.machine(bearer, accept=accept) as api:
            said = api.get('/metadata')
            assert said.status_code == 200
            for address in re.findall(re.escape(BASE) + r'/fhir/(?:Operation|Structure)Definition/[\w-]+', said.text):
                assert api.get(address).status_code == 200, address
            for kind in TYPES:
                query = '?schedule=' + '0' * 23 + '303' if kind == 'Slot' else '?_count=1'
                answer = api.get('/%s%s' % (kind, query))
                assert answer.status_code == 200, answer.text
                assert BASE + '/fhir/' + kind in answer.text
                for address in set(re.findall(re.escape(BASE) + r'/fhir/%s[^"<]+' % kind, answer.text)):
                    assert api.get(address.replace('&amp;', '&')).status_code == 200, address
            uid = database.value('SELECT uid FROM claim ORDER BY id DESC LIMIT 1')
            assert api.get('/Claim/' + uid).status_code == 200
            assert api.get('/Appointment/$find?healthcareservice-reference=HealthcareService/%s303' % ('0' * 23)).status_code in (200, 400, 422)
    with server.machine() as nobody:
        manifest = nobody.get('/$bulk-publish').json()
        assert manifest['request'] == BASE + '/fhir/$bulk-publish'
        for output in manifest['output']:
            answer = nobody.get(output['url'])
            assert answer.status_code == 200, output
        links = re.findall(r'"valueUrl":"([^"]+)"', answer.text)
        assert not links or links[0].startswith(BASE + '/services/')


@pytest.mark.once
def test_everything_leads_to_the_base(server, staff, database):
    """A table test: whoever asks, every GET of the route table, as far as pages and answers lead to it."""
    database.rows("INSERT INTO service_screening SELECT id, 1, 1, 'warn' FROM service WHERE code = 'prp-tendon'")
    with server.visitor() as ill, server.visitor() as waits:
        patient.hold(ill)
        booked = patient.book(ill)
        link = patient.private_link(booked)
        assert link.startswith(BASE + '/b/')
        crawl(ill, ['/', '/bookings', '/booking', '/health', '/health/live', '/health/ready', '/holds', '/booking/leave', '/staff/login',
                    '/booking/extend', '/booking/place', '/booking/release', '/booking/recalls/stop', '/booking/recalls/start', '/booking/open'])
        assert patient.come_back(server.visitor(), link).url.startswith(BASE + '/booking')
        what_is_owed(ill, staff('billing'), database)
        page = waiting(waits, database)
        place = [a for a in page.links() if '/w/' in a][0]
        assert place.startswith(BASE + '/w/')
        crawl(waits, ['/waiting', '/waiting/accept', '/waiting/decline', '/waiting/leave'])
        with server.visitor() as again:
            assert again.open(place).path == '/waiting'
    uid = a_unit(staff, server, database)
    page = staff('front_desk').open('/staff/times?service=prp-tendon')
    while not [f for f in page.forms() if f.action.endswith('/staff/holds')]:
        page = page.click('Later times')
    assert page.form(action='/staff/holds').submit().path.endswith('/details')
    label = database.value('SELECT label FROM unit ORDER BY id DESC LIMIT 1')
    for role, starts in (('front_desk', ['/staff', '/staff/day', '/staff/recalls', '/staff/messages', '/staff/patients', '/staff/services/prp-tendon/wait']),
                         ('clinician', ['/staff/bookings/' + uid, '/staff/units/%s/label' % label, '/staff/bookings/%s/replan' % uid]),
                         ('admin', ['/staff/admin/services', '/staff/admin/staff', '/staff/admin/closures'])):
        crawl(staff(role), starts)
    a_tablet(staff('front_desk'), database)
    an_order(staff, server, database)
    clerk = staff('billing')
    treated, = completed(database, own=True)
    claim = papers(clerk, treated)
    crawl(clerk, ['/billing', '/billing/estimates', claim.url, *money(clerk, treated)])
    fhir(server, database)
    address = env.regenctl(database, '--public-base', BASE, 'feed', 'add', 'dr-rivera').stdout.strip()
    with server.visitor() as calendar:
        events = icalendar.Calendar.from_ical(calendar.get(address).content).walk('VEVENT')
    assert events and all(str(e['URL']).startswith(BASE + '/staff/bookings/') for e in events)
    database.rows("INSERT INTO message_link (hash, message_id, purpose, made_at) SELECT UNHEX(SHA2(REPEAT(CHAR(0), 32), 256)), MAX(id), 'stop', 1"
                  " FROM message WHERE patient_id IS NOT NULL")
    with server.visitor() as letter:
        crawl(letter, ['/stop/' + 'A' * 43, '/lost'])
    paths = {urllib.parse.urlsplit(url).path.removeprefix('/clinic') for method, url, _ in server.seen if method in ('GET', 'HEAD')}
    missed = [p for p in patterns() if not any(fits(p, path or '/') for path in paths)]
    assert not missed, missed


# --- lies -------------------------------------------------------------------------------------------------------------------

def cookies_of(visitor):
    return {'Cookie': '; '.join('%s=%s' % (c.name, c.value) for c in visitor.client.cookies.jar)}


def all_of(answer):
    return answer.text + repr(answer.headers.multi_items())


def test_a_liar_is_never_repeated(server, staff, database):
    """Host and whatever else says where a request went is in no link, feed, redirect, page or resource."""
    with server.visitor() as ill, liar(server) as lies:
        booked = patient.book(ill)
        link = patient.private_link(booked).removeprefix(BASE)
        cookies = cookies_of(ill)
        answers = [lies.get(path, headers=cookies) for path in ('/', '/booking', '/bookings', '/booking/calendar.ics', '/login', '/nothing', server.inner)]
        answers += [lies.get(path) for path in (link, '/staff', '/staff/login', '/booking', '/fhir/metadata', '/fhir/Location', '/fhir/$bulk-publish')]
        assert [a.status_code for a in answers] == [200, 200, 303, 200, 200, 404, 303, 303, 303, 303, 401, 200, 401, 200], answers
        address = env.regenctl(database, '--public-base', BASE, 'feed', 'add', 'dr-chen').stdout.strip().removeprefix(BASE)
        answers.append(lies.get(address))
        bearer = {'Authorization': 'Bearer ' + token(database, 'system/*.rs system/Appointment.cruds regen/all'), 'Accept': 'application/fhir+json'}
        answers += [lies.get('/fhir/%s%s' % (t, '?schedule=' + '0' * 23 + '303' if t == 'Slot' else ''), headers=bearer) for t in TYPES]
        assert all(a.status_code == 200 for a in answers[14:]), answers
        desk = staff('front_desk')
        uid = database.value("SELECT uid FROM booking WHERE status = 'booked' ORDER BY id DESC LIMIT 1")
        form = desk.open('/staff/bookings/' + uid).form(action='/link')
        answers.append(lies.post('/staff/bookings/%s/link' % uid, data=dict(form.pairs()), headers={'Origin': ORIGIN, **cookies_of(desk)}))
        assert answers[-1].status_code == 200 and BASE + '/b/' in answers[-1].text, answers[-1].text
    for answer in answers:
        assert 'evil' not in all_of(answer) and 'gopher' not in all_of(answer), answer.url
        assert not outside.strays(answer), (answer.url, outside.strays(answer))
    assert {a.headers['location'] for a in answers if a.status_code == 303} >= {'/clinic/', '/clinic/login'}


def test_which_origin_is_ours(server):
    """What a browser without Sec-Fetch-Site says is compared with the base; what it names as Host does not count."""
    with server.visitor() as visitor:
        page = visitor.open('/login')
        form = page.form(having='password').fill(login='nobody', password='nothing')
        for origin, host, status in ((ORIGIN, None, 422), (ORIGIN, 'evil.example', 422), ('https://evil.example', 'evil.example', 403),
                                     ('http://book.clinic.example', 'book.clinic.example', 403), (ORIGIN + ':8443', None, 403), ('null', None, 403),
                                     (server.origin, server.origin[7:], 403)):
            answer = form.submit(follow=False, Origin=origin, **({'Host': host} if host else {}))
            assert answer.status_code == status, (origin, host, answer.text)


def test_cookies_and_pages(server):
    """The cookie is for the whole host, and so for whatever path the base has; pages, forms, files and redirects have that path."""
    with server.visitor() as visitor:
        page = visitor.open('/login')
        assert '; Path=/;' in page.response.headers['set-cookie'] and '__Host-regen_p=' in page.response.headers['set-cookie']
        assert page.form(having='password').action == BASE + '/login'
        assert visitor.get('/staff?date=soon').headers['location'] == '/clinic/login?to=%2fclinic%2fstaff%3fdate%3dsoon'
        assert visitor.open('/staff').form(having='password').value('to') == '/clinic/staff'


def test_way_back_after_login(server, sample):
    with server.visitor() as visitor:
        page = visitor.open('/staff/recalls').form(having='password')
        page = page.fill(login=sample['front_desk_login'], password=sample['front_desk_password']).submit()
        assert page.status == 200 and page.path == '/staff/recalls', page


def test_referers_in_logs(server):
    """Browsers name the page they come from by its public path: its query and its token stay out of logs all the same."""
    secret = 'S' * 43
    with server.visitor() as visitor:
        for path in ('/b/' + secret, '/login?to=' + secret, '/services/prp-tendon/times?x=' + secret):
            visitor.get('/static/regen.css', headers={'Referer': BASE + path})
    env.wait_until(lambda: env.read(server.access_log).count('"%s/b/-"' % BASE) == 1)
    assert secret not in env.read(server.access_log)


# --- names that stay --------------------------------------------------------------------------------------------------------

def named(database, api):
    """The systems of a site's identifier and of a service's code, and where the site is."""
    site = api.get('/Location?_count=1').json()['entry'][0]
    service = api.get('/HealthcareService?_count=1').json()['entry'][0]['resource']
    return site['resource']['identifier'][0]['system'], service['identifier'][0]['system'], site['fullUrl']


def systems(database, uid):
    tree = lxml.etree.fromstring(database.value('SELECT xml FROM claim WHERE uid = %s', uid))
    return {v for v in tree.xpath('//@value') if '/sid/claim-number' in v}


def test_names_stay_when_the_address_changes(server, staff, database, servers, sample):
    """What was sent to a payer is called the same by the next claim, under whichever address that is made."""
    bearer = token(database, 'system/*.rs')
    first, second = completed(database, 2, own=True, family='Hopper')
    claim = papers(staff('billing'), first).url.rsplit('/', 1)[1]
    before = database.rows('SELECT xml, json, xml_sha256 FROM claim WHERE uid = %s', claim)
    assert systems(database, claim) == {BASE + '/fhir/sid/claim-number'}
    assert database.value('SELECT names FROM naming') == BASE + '/fhir'
    moved = servers()
    with moved.visitor() as clerk, moved.machine(bearer, accept='application/fhir+json') as api:
        assert clerk.login(sample['billing_login'], sample['billing_password']).status == 200
        page = papers(clerk, second)
        assert page.url.startswith(moved.base)
        assert systems(database, page.url.rsplit('/', 1)[1]) == {BASE + '/fhir/sid/claim-number'}
        site, code, where = named(database, api)
        assert site == BASE + '/fhir/sid/site' and code == outside.CODES and where.startswith(moved.fhir + '/Location/')
        # Found by its name of before.
        value = api.get('/Location').json()['entry'][0]['resource']['identifier'][0]['value']
        assert len(api.get('/Location', params={'identifier': '%s|%s' % (site, value)}).json()['entry']) == 1
    assert database.rows('SELECT xml, json, xml_sha256 FROM claim WHERE uid = %s', claim) == before


def test_names_are_changed_by_hand(server, database, mpm):
    """regenctl tells them, and gives others; without RegenCodeSystem the codes go with them."""
    kept = database.value('SELECT names FROM naming')
    env.regenctl(database, 'names', 'set', BASE + '/fhir')
    plain = outside.House(env.work_folder('plain-%s' % mpm), database, mpm, more='').start()
    try:
        with plain.machine(token(database, 'system/*.rs'), accept='application/fhir+json') as api:
            assert named(database, api)[:2] == (BASE + '/fhir/sid/site', BASE + '/fhir/CodeSystem/services')
            tag = api.get('/Location/' + '0' * 23 + '101').headers['etag']
            for wrong in ('', 'clinic', 'https://clinic.example/', 'https://clinic.example/a b', 'x:' + 'y' * 200, 'https://clinic.example/<'):
                done = env.regenctl(database, 'names', 'set', wrong, check=False)
                assert done.returncode == 1 and 'Use an absolute URI' in done.stderr, done.stderr
            assert env.regenctl(database, 'names', 'show').stdout == BASE + '/fhir\n'
            assert 'from now on' in env.regenctl(database, 'names', 'set', 'urn:example:clinic').stdout
            assert named(database, api)[:2] == ('urn:example:clinic/sid/site', 'urn:example:clinic/CodeSystem/services')
            assert api.get('/Location/' + '0' * 23 + '101', headers={'If-None-Match': tag}).status_code == 200
            assert database.value("SELECT detail FROM audit_event WHERE action = 'names.set' ORDER BY id DESC LIMIT 1") == 'urn:example:clinic'
    finally:
        plain.stop()
        env.regenctl(database, 'names', 'set', kept or BASE + '/fhir')


@pytest.mark.once
def test_regenctl_knows_what_httpd_said(database, mpm, new_database):
    """The first sweep writes the base and the names; regenctl says addresses under it, and tells when its settings say another."""
    own = new_database()
    env.load_sample(own, own.dir, BASE)
    assert 'None yet' in env.regenctl(own, 'names', 'show').stdout
    lost = env.regenctl(own, 'feed', 'add', 'dr-chen')
    assert lost.stdout.startswith('/feeds/') and 'is not known' in lost.stderr
    house = outside.House(env.work_folder('told-%s' % mpm), own, mpm, more='RegenSweepInterval 1s').start()
    try:
        env.wait_until(lambda: own.value('SELECT COUNT(*) FROM public_base') == 1, seconds=60)
        assert own.rows('SELECT p.base, n.names FROM public_base p JOIN naming n') == ((BASE, BASE + '/fhir'),)
        assert env.regenctl(own, 'feed', 'add', 'dr-chen').stdout.startswith(BASE + '/feeds/')
        assert env.regenctl(own, '--public-base', BASE, 'check').returncode == 0
        done = env.regenctl(own, '--public-base', 'https://old.example/clinic', 'check', check=False)
        assert done.returncode == 1 and 'httpd reports the clinic at ' + BASE in done.stdout and 'but no httpd reports it' in done.stdout
    finally:
        house.stop()
