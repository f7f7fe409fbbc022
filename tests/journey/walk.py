# SPDX-License-Identifier: Apache-2.0
"""One patient's way through the sample clinic over HTTP, as a browser without JavaScript goes it: from a consultation and the
treatment order to the XML claim. Prints a line a step; the exit code is 0 only if every step worked. Called by `make run`:

    walk.py --base http://127.0.0.1:8080/clinic --run-dir build/run
"""
import argparse
import datetime
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'http', 'lib'))
import env  # noqa: E402

CONSULTATION, TREATMENT = 'consultation', 'bmac-knee'
PATIENT = dict(family='Lovelace', given='Ada', birth_date='1962-12-10', gender='female', email='ada@example.org',
               phone='603-555-0142', address_line='7 Analytical Way', city='Dover', state='NH', postal_code='03820')
ORDER = dict(body_site='knee', side='right', diagnosis='M17.11', severity='moderate', tried='Twelve weeks of physical therapy',
             imaging='X-ray: the inner joint space is narrowed', weighed='No blood thinners, no infection, no cancer', confirmed='yes')
INSURANCE = dict(pay='insurance', payer_code='granite-mutual', member_id='GM4471-02', group_no='G-88', relationship='self')


class Walk:
    def __init__(self, base, run_dir):
        self.base, self.run_dir = base, run_dir
        self.sample = env.sample_values(os.path.join(run_dir, 'sample.txt'))
        self.patient = self.visitor()
        self.step_no = 0

    def visitor(self):
        """Somebody's browser, without cookies."""
        return env.Visitor(self.base)

    def say(self, what, happened):
        self.step_no += 1
        print('  %2d. %-10s %s' % (self.step_no, what, happened), flush=True)

    def expect(self, page, path, what):
        """The page one must have landed on; anything else ends the walk with what the page said."""
        if page.status != 200 or not re.fullmatch(path, page.path):
            problems = '; '.join(e.text_content().strip() for e in page.css('.summary')) or page.h1
            raise SystemExit('%s did not work: %d at %s: %s' % (what, page.status, page.path, ' '.join(problems.split())))
        return page

    def staff(self, role):
        visitor = self.visitor()
        page = visitor.login(self.sample[role + '_login'], self.sample[role + '_password'], path='/login')
        self.expect(page, r'/(staff|billing).*', 'logging in as ' + role)
        return visitor

    # --- the patient --------------------------------------------------------------------------------------------------

    def find(self, path):
        page = self.expect(self.patient.open(path), r'/services/.*', 'finding times')
        for _ in range(4):
            if [f for f in page.forms() if f.action.endswith('/holds')]:
                break
            page = page.click('Next month')
        times = [f for f in page.forms() if f.action.endswith('/holds')]
        if not times:
            raise SystemExit('no free time within four months')
        self.say('find', '%d free times on the first day that has any' % len(times))
        return times[0]

    def hold(self, form):
        page = self.expect(form.submit(), r'/booking/details', 'holding the time')
        kept = ' '.join(e.text_content() for e in page.css('.held p:first-child')) or page.h1
        self.say('hold', ' '.join(kept.split()))
        return page

    def details(self, page):
        form = page.form(having='pay')
        form.fill(**INSURANCE)
        # What an order says already is not asked.
        for fields in (PATIENT, dict(body_site='knee', side='right')):
            if set(fields) & set(form.names()):
                form.fill(**fields)
        self.expect(form.submit(), r'/booking/check.*', 'giving details')
        self.say('details', 'Ada Lovelace, right knee, insured with Granite Mutual')

    def consent(self):
        signed = []
        for _ in range(8):
            page = self.patient.open('/booking/consent')
            open_forms = [a for a in page.links() if re.search(r'/booking/consent/[a-z-]+(\?booking=\w+)?$', a)
                          and a not in signed]
            if not open_forms:
                break
            page = self.patient.open(open_forms[0])
            form = page.form(having='signer_name').fill(signer_name='Ada Lovelace', agree='yes')
            self.expect(form.submit(), r'/booking/.*', 'signing')
            signed.append(open_forms[0])
        if not signed:
            raise SystemExit('no consent form was there to sign')
        self.say('consent', 'signed: ' + ', '.join(a.rsplit('/', 1)[1].split('?')[0] for a in signed))

    def book(self):
        page = self.expect(self.patient.open('/booking/check'), r'/booking/check', 'checking everything')
        before = self.letters()
        page = self.expect(page.form(action='/booking/check').submit(), r'/booking', 'booking')
        self.say('book', page.h1)
        self.letter(before)

    def letters(self):
        """Files of the maildir that httpd writes letters to; none where it writes none."""
        try:
            return set(os.listdir(os.path.join(self.run_dir, 'mail', 'new')))
        except FileNotFoundError:
            return set()

    def letter(self, before):
        """Only a visit that is ahead is confirmed, and this one soon begins."""
        if not os.path.isdir(os.path.join(self.run_dir, 'mail')):
            return
        end = time.monotonic() + 15
        while not self.letters() - before:
            if time.monotonic() > end:
                raise SystemExit('no letter was written to %s/mail/new' % self.run_dir)
            time.sleep(0.1)
        self.say('letter', 'the confirmation is in mail/new, with a private link and a calendar file')

    def booked(self, path):
        """From the first look at times to the booking."""
        self.details(self.hold(self.find(path)))
        self.consent()
        self.book()

    # --- who decides --------------------------------------------------------------------------------------------------

    def consultation(self, desk, clinician):
        """The visit at which the clinician sees the patient and signs the order; its number, as the letter says it."""
        self.booked('/services/%s/times' % CONSULTATION)
        uid = self.uid_of_booking(desk)
        self.chart(desk, uid, 'check-in', birth_date=PATIENT['birth_date'])
        page = self.chart(clinician, uid, 'complete', diagnoses=ORDER['diagnosis'])
        self.say('consult', 'the clinician saw the patient: ' + ORDER['diagnosis'])
        patient = next(a for a in page.links() if '/staff/patients/' in a).split('?')[0]
        page = self.expect(clinician.open(patient[patient.index('/staff/'):] + '/order?service=' + TREATMENT), r'/staff/patients/.*/order.*', 'the order')
        page = self.expect(page.form(having='diagnosis').fill(**ORDER).submit(), r'/staff/orders/.*', 'signing the order')
        number = re.search(r'<strong class="code">([0-9A-Z ]+)</strong>', page.html).group(1)
        self.say('order', 'signed by Dr. Elena Rivera; the number %s and the date of birth open its times' % number)
        return number

    def opened(self, number):
        """Another day, another browser: the way to the times that the order allows."""
        self.patient = self.visitor()
        form = self.patient.open('/open').form(having='number')
        page = self.expect(form.fill(number=number, birth_date=PATIENT['birth_date']).submit(), r'/order.*', 'opening the order')
        self.say('open', page.h1)
        return page.link('See free times')

    # --- the day ------------------------------------------------------------------------------------------------------

    def chart(self, staff, uid, step, **fields):
        page = self.expect(staff.open('/staff/bookings/' + uid), r'/staff/bookings/.*', 'opening the chart')
        form = page.form(action='/' + step).fill(**fields)
        if 'early' in form.names():
            form.fill(early='clinic-asked')
        form.fill(**{name: 'yes' for name in form.names() if name.startswith('said_')})
        if 'second_login' in form.names():
            form.fill(second_login=self.sample['nurse_login'], second_password=self.sample['nurse_password'])
        return self.expect(form.submit(), r'/staff/bookings/[^/]+', step)

    def process(self, staff, uid, label):
        """On the centrifuge that is free: another walk may have run on one of them a moment ago."""
        for tried in range(20):
            device = tried % 2 + 1
            form = staff.open('/staff/bookings/' + uid).form(action='/process')
            page = form.fill(label=label, device_code='centrifuge-%d' % device, kit_lot='MK-2291', volume_ml='8', minutes='0',
                             run_why='A walk through the day does not wait').submit()
            if page.status != 409 or 'One patient' not in page.text:
                break
            time.sleep(device * 2)
        self.expect(page, r'/staff/bookings/[^/]+', 'process')
        self.say('process', 'centrifuge %d, kit lot MK-2291' % device)

    def uid_of_booking(self, staff):
        """From the board: the link of our patient's booking on its day."""
        page = self.patient.open('/booking')
        day = re.search(r'datetime="(\d{4}-\d\d-\d\d)T', page.html)
        when = datetime.date.fromisoformat(day.group(1))
        for shift in (0, -1):
            board = staff.open('/staff?date=%s' % (when + datetime.timedelta(days=shift)))
            found = [re.search(r'/staff/bookings/([0-9a-z]{26})', a) for a in board.links()]
            uids = list(dict.fromkeys(m.group(1) for m in found if m))
            for uid in uids:
                if 'Ada Lovelace' in staff.open('/staff/bookings/' + uid).text and self.is_ours(staff, uid):
                    return uid
        raise SystemExit('the booking is not on the board of its day')

    def is_ours(self, staff, uid):
        return bool([f for f in staff.open('/staff/bookings/' + uid).forms() if f.action.endswith('/check-in')])

    def day(self, desk, clinician):
        uid = self.uid_of_booking(desk)
        self.chart(desk, uid, 'check-in', birth_date=PATIENT['birth_date'])
        self.say('check-in', 'identity and every consent confirmed')
        page = self.chart(clinician, uid, 'harvest', volume_ml='60', taken_from='right-posterior-iliac-crest', side_confirmed='right')
        label = re.search(r'\bU\d{7}[0-9A-Z]\b', page.text).group(0)
        self.say('harvest', 'unit %s labelled, for autologous use only' % label)
        self.process(clinician, uid, label)
        self.chart(clinician, uid, 'inject', label=label, birth_date=PATIENT['birth_date'], body_site='knee', side='right')
        self.say('inject', 'unit %s into the right knee, identity and side confirmed' % label)
        self.chart(clinician, uid, 'complete', diagnoses='M17.11')
        self.say('complete', 'M17.11, the steps are stamped')
        return uid

    def treated(self):
        """A treatment that anyone may book, from a free time to its completion; the booking's uid."""
        self.booked('/services/%s/times' % TREATMENT)
        return self.day(self.staff('front_desk'), self.staff('clinician'))

    # --- the money ----------------------------------------------------------------------------------------------------

    def money(self, uid):
        billing = self.staff('billing')
        page = self.expect(billing.open('/billing/bookings/' + uid), r'/billing/bookings/.*', 'opening the account')
        self.say('charges', re.search(r'Total\s*(\$[\d,.]+)', page.text).group(1) + ' from what was done')
        form = page.click('The patient’s account').click('Move to the patient').form(action='/move')
        self.expect(form.fill(amount='500', reason='deductible', note='Open deductible, told by the payer').submit(), r'/billing/patients/[^/]+', 'moving a part')
        self.say('who owes', '$500.00 of it the patient, as deductible in advance; the payer the rest')
        page = billing.open('/billing/bookings/' + uid)
        invoice = self.expect(page.form(action='/invoice').submit(), r'/billing/invoices/.*', 'issuing the invoice')
        self.say('invoice', invoice.h1)
        form = billing.open('/billing/bookings/' + uid).click('The patient’s account').click('Take a payment').form(action='/payment')
        receipt = self.expect(form.fill(amount='500', means='card', purpose='owed').submit(), r'/billing/patients/[^/]+/receipts/.*', 'taking the payment')
        self.say('payment', '$500.00 by card, %s' % receipt.h1)
        page = billing.open('/billing/bookings/' + uid)
        claim = self.expect(page.form(action='/claim').submit(), r'/billing/claims/.*', 'making the claim')
        return billing, claim

    def claim(self, billing, page):
        answer = billing.get(page.link('Download'))
        if answer.status_code != 200 or b'<Claim xmlns="http://hl7.org/fhir"' not in answer.content:
            raise SystemExit('the claim could not be fetched: %d' % answer.status_code)
        where = os.path.join(self.run_dir, 'claim.xml')
        with open(where + '.new', 'wb') as f:
            f.write(answer.content)
        os.replace(where + '.new', where)
        self.say('claim', '%s, %d bytes of FHIR XML in %s' % (page.h1, len(answer.content), where))
        self.fhir(page.url.rsplit('/', 1)[1], answer.content)

    def fhir(self, uid, xml):
        """The same claim through the API, as a payer's system reads it."""
        import httpx
        with httpx.Client(trust_env=False, headers={'Authorization': 'Bearer ' + self.sample['token']}) as api:
            as_xml = api.get(self.base + '/fhir/Claim/' + uid)
            as_json = api.get(self.base + '/fhir/Claim/' + uid, headers={'Accept': 'application/fhir+json'})
        if as_xml.content != xml or as_json.json()['id'] != uid:
            raise SystemExit('the FHIR API answers otherwise: %d, %d' % (as_xml.status_code, as_json.status_code))
        self.say('FHIR API', 'the same bytes as XML, and %d bytes of JSON' % len(as_json.content))

    def run(self):
        desk, clinician = self.staff('front_desk'), self.staff('clinician')
        number = self.consultation(desk, clinician)
        self.booked(self.opened(number))
        uid = self.day(desk, clinician)
        billing, claim = self.money(uid)
        self.claim(billing, claim)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--base', required=True)
    parser.add_argument('--run-dir', required=True)
    args = parser.parse_args()
    Walk(args.base, args.run_dir).run()


if __name__ == '__main__':
    main()
