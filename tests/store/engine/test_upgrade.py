# SPDX-License-Identifier: Apache-2.0
"""regenctl migrate where people work already: what becomes of the rows of an older schema, also when it is killed between them."""
from migration import SQL, kill_after, up_to

PEOPLE = (
    "INSERT INTO patient (uid, family, given, birth_date, gender, email, phone, address_line, city, state, postal_code,"
    " created_at) SELECT LPAD(seq, 26, '0'), CONCAT('O\u2019Ne\u0301il ', seq), 'Ren\u00e9e', '1962-12-10', 'female',"
    " CONCAT('P', seq, '@Example.org'), '(603) 555-0142 x7', '1', 'D', 'NH', '03820', 0 FROM seq_1_to_1700")
WAITING = (
    "INSERT INTO waitlist (uid, service_id, first_day, last_day, times, family, given, email, phone, link_hash, created_at,"
    " once_email, once_phone) VALUES (%s, 1, '2026-12-01', '2026-12-02', 1, %s, 'Ann', 'a@example.org', '603-555-0142',"
    " UNHEX(SHA2(%s, 256)), 0, UNHEX(SHA2(%s, 256)), UNHEX(SHA2(%s, 256)))")
PLACES = 'SELECT family_key, given_key FROM waitlist ORDER BY id'


def before_names(empty, tmp_path):
    """The schema of before there were keys of names, with people in it."""
    up_to(empty, tmp_path, '0023')
    empty.rows(PEOPLE)
    for n, family in enumerate(('O\u2019Brien', "O'Brien", 'Else'), 1):
        empty.rows(WAITING, '%026d' % n, family, 'l%d' % n, 'e%d' % n, 'p%d' % n)


def check_names(empty):
    assert empty.rows("SELECT COUNT(*), COUNT(DISTINCT family_key) FROM patient WHERE family_key = CONCAT('oneil', id)"
                      " AND given_key = 'renee' AND email_key = CONCAT('p', id, '@example.org')"
                      " AND phone_key = '16035550142' AND version = 1") == [['1700', '1700']]
    rows = empty.rows('SELECT id, once_email IS NULL, once_phone IS NULL, behind FROM waitlist ORDER BY id')
    assert rows == [['1', '0', '0', 'None'], ['2', '1', '1', '1'], ['3', '0', '0', 'None']]


def test_names_are_filled_however_often_it_is_killed(empty, tmp_path):
    """Killed after each line that it says: between the file's statements, after each bite of people, before the note. Until the
    note is there a module of this version answers 503."""
    before_names(empty, tmp_path)
    version = "SELECT COALESCE(MAX(version), 0) FROM schema_migration WHERE statement_no = 0"
    seen = []
    while empty.rows(version) != [['23']]:
        filled = empty.rows("SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE()"
                            " AND column_name = 'family_key'")
        if filled and empty.rows('SELECT COUNT(*) FROM patient WHERE family_key IS NULL') != [['0']]:
            assert empty.rows(version) == [['22']]
        said = kill_after(empty, 1 + len(seen) // 8)
        assert said[0] != '', seen
        seen += said
    assert [line for line in seen if 'patients got their keys' in line], seen
    done = empty.run('migrate', SQL)
    assert done.returncode == 0, done.stdout
    check_names(empty)
    assert empty.rows(PLACES) == [['obrien', 'ann'], ['obrien', 'ann'], ['else', 'ann']]


def test_names_are_filled_by_a_run_that_could_not_note_it(empty, tmp_path):
    """The moment between the last bite and the note: the next run does no harm."""
    before_names(empty, tmp_path)
    empty.rows("CREATE OR REPLACE TRIGGER stop BEFORE INSERT ON schema_migration FOR EACH ROW "
               "SET NEW.file = IF(NEW.version = 23 AND NEW.statement_no = 0, NULL, NEW.file)")
    done = empty.run('migrate', SQL)
    assert done.returncode == 1 and '0023_names.sql: 1700 patients got their keys' in done.stdout
    check_names(empty)
    empty.rows('DROP TRIGGER stop')
    done = empty.run('migrate', SQL)
    assert done.returncode == 0 and 'people' not in done.stdout
    check_names(empty)


def test_names_are_made_anew(empty, tmp_path):
    """regenctl rebuild, for rows that something else wrote."""
    before_names(empty, tmp_path)
    assert empty.run('migrate', SQL).returncode == 0
    empty.rows("UPDATE patient SET family_key = 'x', phone_key = NULL, changed_at = -1")
    empty.rows("UPDATE waitlist SET family_key = 'x', given_key = NULL")
    done = empty.run('rebuild')
    assert done.returncode == 0 and '1700 patients' in done.stdout, done.stdout + done.stderr
    check_names(empty)
    assert empty.rows(PLACES) == [['obrien', 'ann'], ['obrien', 'ann'], ['else', 'ann']]


VISITS = (
    "INSERT INTO site (id, uid, code, name, time_zone, address_line, city, postal_code) VALUES (1, 's', 's', 'S', 'America/New_York',"
    " '1', 'D', '03820')",
    "INSERT INTO service (id, uid, site_id, code, name, summary, price_minor) VALUES (1, 'v', 1, 'v', 'V', 'V', 0)",
    # Five hours apart, so that three at once are those below; the last hundred are over.
    "INSERT INTO booking (uid, service_id, site_id, status, starts_at, ends_at, patient_id, price_minor, currency, created_at)"
    " SELECT LPAD(seq, 26, '0'), 1, 1, IF(seq > 1200, 'cancelled', 'booked'), 1799982000 + 18000 * seq, 1799982000 + 18000 * seq + 3600,"
    " seq, 0, 'USD', 0 FROM seq_1_to_1300",
    "INSERT INTO appointment (uid, booking_id, visit_no, starts_at, ends_at) SELECT uid, id, 1, starts_at, ends_at FROM booking",
    "UPDATE appointment SET starts_at = 1800000900, ends_at = 1800004500 WHERE booking_id IN (800, 1250)",
    "UPDATE booking SET starts_at = 1800000900, ends_at = 1800004500 WHERE id IN (800, 1250)",
    "UPDATE patient SET family = 'Twice', family_key = 'twice', given_key = 'renee' WHERE id IN (1, 800, 1250)")


def before_persons(empty, tmp_path):
    """The schema of before people's time was taken, with one of them booked twice at once, and a third time that was cancelled."""
    up_to(empty, tmp_path, '0032')
    empty.rows(PEOPLE)
    for statement in VISITS:
        empty.rows(statement)


def check_persons(empty):
    """Who was first has the time, the other stands beside for the part that both want, and what is over has none."""
    assert empty.rows('SELECT COUNT(*), COUNT(DISTINCT booking_id) FROM person_time') == [['14400', '1200']]
    assert empty.rows('SELECT booking_id, COUNT(*), MIN(granule) * 300, SUM(question) FROM person_time WHERE beside <> 0 GROUP BY 1') == [
        ['800', '9', '1800000900', '9']]
    assert empty.rows('SELECT COUNT(*) FROM person_time WHERE booking_id = 1 AND beside = 0') == [['12']]


def test_persons_are_filled_however_often_it_is_killed(empty, tmp_path):
    """As above, after each line; overlaps that are there already do not stop it, and are told."""
    before_persons(empty, tmp_path)
    version = "SELECT COALESCE(MAX(version), 0) FROM schema_migration WHERE statement_no = 0"
    seen = []
    while int(empty.rows(version)[0][0]) < 32:
        said = kill_after(empty, 1 + len(seen) // 8)
        assert said[0] != '', seen
        seen += said
    assert [line for line in seen if "got their patient's time" in line], seen
    done = empty.run('migrate', SQL)
    assert done.returncode == 0, done.stdout
    check_persons(empty)


def test_persons_are_filled_by_a_run_that_could_not_note_it(empty, tmp_path):
    before_persons(empty, tmp_path)
    empty.rows("CREATE OR REPLACE TRIGGER stop BEFORE INSERT ON schema_migration FOR EACH ROW "
               "SET NEW.file = IF(NEW.version = 32 AND NEW.statement_no = 0, NULL, NEW.file)")
    for _ in range(2):
        done = empty.run('migrate', SQL)
        assert done.returncode == 1, done.stdout
        assert '1 bookings are at the same time as another one of the same patient; the board lists them' in done.stdout
        check_persons(empty)
    empty.rows('DROP TRIGGER stop')
    assert empty.run('migrate', SQL).returncode == 0
    check_persons(empty)
    empty.rows('DELETE FROM person_time WHERE booking_id > 700')
    done = empty.run('rebuild')
    assert done.returncode == 0 and "6000 rows of patients' time were wrong" in done.stdout, done.stdout + done.stderr
    check_persons(empty)


HELD = ("INSERT INTO booking (uid, service_id, site_id, status, source, starts_at, ends_at, hold_expires_at, price_minor, currency,"
        " created_at) VALUES (LPAD(%s, 26, '0'), 1, 1, %s, %s, 1800000000, 1800003600, IF(%s = 'held', 1799990000, NULL), 0, 'USD', 0)")


def test_makers_of_what_was_held_are_found(empty, tmp_path):
    """Holds from before migration 21 belong to whom the audit trail and the offers name; unknown ones to nobody."""
    up_to(empty, tmp_path, '0021')
    empty.rows("INSERT INTO site (id, uid, code, name, time_zone, address_line, city, postal_code) VALUES (1, 's', 's', 'S',"
               " 'America/New_York', '1', 'D', '03820')")
    empty.rows("INSERT INTO service (id, uid, site_id, code, name, summary, price_minor) VALUES (1, 'v', 1, 'v', 'V', 'V', 0)")
    for number, (status, source) in enumerate([('held', 'machine'), ('held', 'staff'), ('held', 'patient'), ('held', 'waitlist'),
                                               ('cancelled', 'machine'), ('cancelled', 'staff')], 1):
        empty.rows(HELD, number, status, source, status)
    empty.rows("INSERT INTO audit_event (at, actor, action, entity, entity_id) VALUES (0, 'token:7', 'booking.hold', 'booking', 1),"
               " (0, 'staff:3', 'booking.hold', 'booking', 2), (0, 'visitor', 'booking.hold', 'booking', 3),"
               " (0, 'token:9', 'booking.hold', 'booking', 5), (0, 'staff:4', 'booking.move', 'booking', 6)")
    empty.rows(WAITING, '%026d' % 1, 'Else', 'l', 'e', 'p')
    empty.rows('INSERT INTO waitlist_offer (booking_id, waitlist_id, starts_at, offered_at) VALUES (4, 1, 1800000000, 0)')
    done = empty.run('migrate', SQL)
    assert done.returncode == 0, done.stdout
    assert empty.rows('SELECT made_by FROM booking ORDER BY id') == [['7'], ['3'], ['0'], ['1'], ['9'], ['0']]


def test_what_is_booked_gets_a_number(empty, tmp_path):
    """Of 400 bookings with a link: each its own, of the letters that the module knows; a second run changes none. Holds get none."""
    up_to(empty, tmp_path, '0028')
    empty.rows("INSERT INTO booking (uid, service_id, site_id, status, starts_at, ends_at, price_minor, currency, created_at, booked_at, link_hash)"
               " SELECT LPAD(seq, 26, '0'), 1, 1, 'cancelled', 300, 600, 0, 'USD', 0, 0, IF(seq > 400, NULL, UNHEX(SHA2(seq, 256)))"
               " FROM seq_1_to_500")
    assert empty.run('migrate', SQL).returncode == 0
    numbers = [row[0] for row in empty.rows('SELECT number FROM booking WHERE number IS NOT NULL ORDER BY id')]
    assert len(set(numbers)) == len(numbers) == 400
    assert set(''.join(numbers)) == set('KL23456789MQRWXY') and {len(n) for n in numbers} == {9}
    empty.rows('DELETE FROM schema_migration WHERE version >= 28')
    assert empty.run('migrate', SQL).returncode == 0
    assert [row[0] for row in empty.rows('SELECT number FROM booking WHERE number IS NOT NULL ORDER BY id')] == numbers


def test_names_of_claims_go_on(empty, tmp_path):
    """What the last claim was called is what the next will be; a clinic without claims has no names yet. A second run changes none."""
    up_to(empty, tmp_path, '0031')
    for number, base in enumerate(('http://clinic.example:8443/fhir', 'https://clinic.example/clinic/fhir'), 1):
        empty.rows("INSERT INTO claim (id, uid, claim_no, booking_id, patient_id, payer_id, created_at, created_by, service_date, total_minor, currency,"
                   " xml, xml_sha256, json) VALUES (%d, '%026d', 'C%d', %d, 1, 1, 77, 1, '2026-01-01', 1, 'USD', '<Claim><identifier><system value=\"%s/sid/claim-number\"/>"
                   "<value value=\"C1\"/></identifier></Claim>', UNHEX(SHA2('x', 256)), '')" % (number, number, number, number, base))
    assert empty.run('migrate', SQL).returncode == 0
    kept = [['1', 'https://clinic.example/clinic/fhir', '77']]
    assert empty.rows('SELECT id, names, since FROM naming') == kept
    empty.rows('DELETE FROM schema_migration WHERE version >= 31')
    assert empty.run('migrate', SQL).returncode == 0
    assert empty.rows('SELECT id, names, since FROM naming') == kept


def test_what_was_settled_is_settled_of_those_two(empty, tmp_path):
    before_persons(empty, tmp_path)
    up_to(empty, tmp_path, '0034')
    empty.rows('UPDATE person_time SET question = NULL WHERE booking_id = 800')
    done = empty.run('migrate', SQL)
    assert done.returncode == 0, done.stdout
    assert empty.rows('SELECT low, high FROM person_settled') == [['1', '800']]
    check_persons(empty)


def test_no_service_asks_for_a_time_out_after_an_upgrade(empty, tmp_path):
    """Who is in the middle of a visit goes on; the rule for values of corrections is there once, however often it is run."""
    up_to(empty, tmp_path, '0053')
    empty.rows("INSERT INTO site (id, uid, code, name, time_zone, address_line, city, postal_code) VALUES (1, 's', 's', 'S', 'America/New_York', '1', 'D', '03820')")
    empty.rows("INSERT INTO service (id, uid, site_id, code, name, summary, price_minor) VALUES (1, 'v', 1, 'v', 'V', 'V', 0)")
    done = empty.run('migrate', SQL)
    assert done.returncode == 0, done.stdout
    assert empty.rows('SELECT timeout_harvest, timeout_inject FROM service') == [['0', '0']]
    checks = empty.rows("SELECT COUNT(*) FROM information_schema.check_constraints WHERE constraint_schema = DATABASE() AND constraint_name = 'correction_value'")
    assert checks == [['1']]
    empty.rows('DELETE FROM schema_migration WHERE version >= 53')
    assert empty.run('migrate', SQL).returncode == 0, 'every statement can be run again'
    assert empty.rows("SELECT COUNT(*) FROM information_schema.check_constraints WHERE constraint_schema = DATABASE() AND constraint_name = 'correction_value'"
                      " AND check_clause LIKE '%time-out%'") == [['1']]


def test_units_on_record_become_collections(empty, tmp_path):
    """Injected, disposed of, open: as recorded, without where they were taken from; also when the file runs again."""
    up_to(empty, tmp_path, '0033')
    unit = ("INSERT INTO unit (id, label, booking_id, patient_id, material, body_site, laterality, volume_ml, harvested_at, expires_at, staff_id)"
            " VALUES ({0}, 'U{0}', {0}, 1, 'bone-marrow', 'knee', 'left', 60, 1000, 9000, 1)")
    spun = "INSERT INTO unit_processing (unit_id, resource_id, kit_lot, volume_ml, at, staff_id) VALUES ({0}, 1, 'L', 8, 2000, 1)"
    given = ("INSERT INTO injection (unit_id, booking_id, patient_id, body_site, laterality, expires_at, injected_at, staff_id)"
             " VALUES (1, 1, 1, 'knee', 'left', 9000, 3000, 1)")
    booking = ("INSERT INTO booking (id, uid, service_id, site_id, status, starts_at, ends_at, patient_id, body_site, laterality, price_minor, currency,"
               " created_at) VALUES ({0}, 'b{0}', 1, 1, 'completed', 300, 9000, 1, 'knee', 'left', 0, 'USD', 1)")
    for statement in ("INSERT INTO staff (id, login, name) VALUES (1, 'doc', 'Doctor')", booking.format(1), booking.format(2), booking.format(3), unit.format(1), spun.format(1), given, unit.format(2), spun.format(2),
                      unit.format(3), "INSERT INTO unit_disposal (unit_id, at, staff_id, reason) VALUES (2, 2500, 1, 'x')"):
        empty.rows(statement)
    for _ in range(2):
        done = empty.run('migrate', SQL)
        assert done.returncode == 0, done.stdout
        assert empty.rows('SELECT u.id, c.seq, COALESCE(c.taken_from, ""), c.at, c.volume_ml, COALESCE(z.how, ""), COALESCE(y.at, 0) FROM unit u'
                          ' JOIN collection c ON c.id = u.collection_id AND c.booking_id = u.booking_id LEFT JOIN unit_end z ON z.unit_id = u.id'
                          ' LEFT JOIN unit_ready y ON y.unit_id = u.id JOIN unit_source s ON s.unit_id = u.id AND s.source_id = u.id ORDER BY u.id') \
            == [['1', '1', '', '1000', '60', 'injected', '2000'], ['2', '1', '', '1000', '60', 'disposed', '2000'], ['3', '1', '', '1000', '60', '', '0']]
        empty.rows('DELETE FROM schema_migration WHERE version >= 55')


def test_what_waited_before_there_were_letters_is_not_sent(empty, tmp_path):
    """It may be years old. Running the file again closes nothing that was written since."""
    up_to(empty, tmp_path, '0057')
    add = ("INSERT INTO message (uid, kind, about_id, about_version, to_name, to_email, site_name, site_address, site_phone, time_zone, created_at, status%s)"
           " VALUES ('%026d', 'cancellation', %d, 1, 'A', 'a@b.example', 'S', '1', '', 'UTC', 5, '%s'%s)")
    for number, status in ((1, 'queued'), (2, 'withdrawn')):
        empty.rows(add % ('', number, number, status, ''))
    done = empty.run('migrate', SQL)
    assert done.returncode == 0, done.stdout
    assert empty.rows('SELECT status, code FROM message ORDER BY id') == [['withdrawn', 'before-mail'], ['withdrawn', '']]
    empty.rows(add % (', next_at', 3, 3, 'queued', ', 7'))
    empty.rows('DELETE FROM schema_migration WHERE version >= 57')
    assert empty.run('migrate', SQL).returncode == 0, 'every statement can be run again'
    assert empty.rows('SELECT status, code FROM message ORDER BY id')[2] == ['queued', '']
    assert empty.rows('SELECT COUNT(*) FROM service WHERE remind_hours + remind_again_hours > 0') == [['0']]


PRICED = {  # price, charges (units, amount each): what the first version of the schedule has
    1: (0, (), ['S1 0']), 2: (10000, (), ['S2 10000']), 3: (30000, ((1, 10000), (2, 10000)), ['C1 10000', 'C2 10000']),
    4: (35000, ((1, 10000), (2, 10000)), ['C1 10000', 'C2 10000', 'S4 5000']), 5: (25000, ((1, 10000), (2, 10000)), ['C1 10000', 'C2 15000']),
    6: (500, ((1, 10000), (2, 10000)), ['S6 500'])}


def test_what_services_cost_becomes_the_first_version(empty, tmp_path):
    """The lines add up to the price that was shown, whatever the charges were; what is still to be done has them as its quote. Also when the file runs again."""
    up_to(empty, tmp_path, '0062')
    empty.rows("INSERT INTO site (id, uid, code, name, time_zone, address_line, city, postal_code) VALUES (1, 's', 's', 'S', 'America/New_York', '1', 'D', '03820')")
    for n, (price, charges, _) in PRICED.items():
        empty.rows("INSERT INTO service (id, uid, site_id, code, name, summary, price_minor) VALUES ({0}, 'v{0}', 1, 's{0}', 'V', 'V', {1})".format(n, price))
        empty.rows("INSERT INTO service_step (service_id, step_no, kind, name, minutes) VALUES ({0}, 1, 'consult', 'V', 30)".format(n))
        for line, (units, amount) in enumerate(charges, 1):
            empty.rows("INSERT INTO service_charge (service_id, line_no, step_kind, code, description, quantity, unit_minor)"
                       " VALUES ({0}, {1}, 'consult', 'C{1}', 'C', {2}, {3})".format(n, line, units, amount))
    for n, status in ((1, 'booked'), (2, 'completed'), (3, 'cancelled')):
        empty.rows("INSERT INTO booking (id, uid, service_id, site_id, status, starts_at, ends_at, price_minor, currency, created_at, patient_id)"
                   " VALUES ({0}, 'b{0}', 4, 1, '{1}', {2}, {2} + 600, 35000, 'USD', 1, 1)".format(n, status, n * 3000))
    for _ in range(2):
        done = empty.run('migrate', SQL)
        assert done.returncode == 0, done.stdout
        for n, (price, _, lines) in PRICED.items():
            got = empty.rows('SELECT GROUP_CONCAT(code, " ", unit_minor ORDER BY line_no SEPARATOR ";"), SUM(unit_minor * units) FROM fee_line WHERE service_id = %d' % n)
            assert got == [[';'.join(lines), str(price)]], (n, got)
        assert empty.rows('SELECT q.booking_id, q.total_minor, COUNT(*) FROM booking_quote q JOIN booking_charge c ON c.quote_id = q.id GROUP BY q.id ORDER BY 1') \
            == [['1', '35000', '3']]
        empty.rows('DELETE FROM schema_migration WHERE version >= 62')
    empty.rows("UPDATE booking SET status = 'in-progress' WHERE id = 2")  # its completion is taken back
    assert empty.rows('SELECT q.version_id, q.total_minor, COUNT(*) FROM booking_quote q JOIN booking_charge c ON c.quote_id = q.id WHERE q.booking_id = 2') \
        == [['1', '35000', '3']]


def test_why_a_target_was_left_goes_with_its_completion(empty, tmp_path):
    """It counts where the treatment is completed now, not where the completion was taken back. Also when the file runs again."""
    up_to(empty, tmp_path, '0062')
    empty.rows("INSERT INTO site (id, uid, code, name, time_zone, address_line, city, postal_code) VALUES (1, 's', 's', 'S', 'America/New_York', '1', 'D', '03820')")
    empty.rows("INSERT INTO service (id, uid, site_id, code, name, summary, price_minor) VALUES (1, 'v', 1, 's', 'V', 'V', 0)")
    for trigger in ('target_left_fits', 'correction_fits'):
        empty.rows('DROP TRIGGER ' + trigger)
    # One completed, one whose completion was taken back, one completed again since.
    for n, status, undone in ((1, 'completed', 0), (2, 'in-progress', 1), (3, 'completed', 1)):
        empty.rows("INSERT INTO booking (id, uid, service_id, site_id, status, starts_at, ends_at, price_minor, currency, created_at, patient_id)"
                   " VALUES ({0}, 'b{0}', 1, 1, '{1}', {2}, {2} + 600, 0, 'USD', 1, 1)".format(n, status, n * 3000))
        empty.rows("INSERT INTO target_left (booking_id, target_no, reason, at, recorded_at, staff_id) VALUES (%d, 1, 'x', 1, 1, 1)" % n)
        if undone:
            empty.rows("INSERT INTO correction (booking_id, what, row_id, old_value, reason, at, staff_id) VALUES ({0}, 'complete', {0}, 'x', 'y', 2, 1)".format(n))
    for _ in range(2):
        done = empty.run('migrate', SQL)
        assert done.returncode == 0, done.stdout
        assert empty.rows('SELECT booking_id, turn FROM target_left ORDER BY 1') == [['1', '0'], ['2', '0'], ['3', '1']]
        assert empty.rows('SELECT booking_id FROM target_left_out ORDER BY 1') == [['1'], ['3']]
        empty.rows('DELETE FROM schema_migration WHERE version >= 63')
