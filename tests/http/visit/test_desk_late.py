# SPDX-License-Identifier: Apache-2.0
"""What is possible for a visit that runs late, and the board of a week, over HTTP. On a database of its own, because the visits
are written into it (see dayfill.py). What is searched and moved is tested in store/visit/test_replan.c, with a clock that is moved."""
from dayfill import BORN, clock, now, today
from test_staff_day import harvest


def test_a_late_harvest_is_told_and_explained(day, staff):
    clinician = staff('clinician')
    # Everything was planned for an hour ago, so whatever comes next is late.
    uid = day.book(start=now() - 3600, family='Late', given='Lou')
    page = clinician.open('/staff/bookings/' + uid)
    page = page.form('/check-in').fill(birth_date=BORN).submit()
    page = harvest(clinician, uid)
    label = day.label(uid)
    board = clinician.open('/staff')
    assert 'Process missed its planned time and must begin within' in board.text and 'Lou Late: reschedule remaining steps' in board.text, board.text
    page = board.click('Lou Late: reschedule remaining steps')
    assert page.path == '/staff/bookings/%s/replan' % uid and page.h1 == 'Reschedule the remaining steps'
    assert 'Process must begin by' in page.text and label in page.text
    assert 'Dispose of unit' in page.text and 'Platelet-rich plasma' in page.text
    key = dict(page.forms()[0].pairs())
    page = clinician.open('/staff/bookings/%s/replan' % uid, method='POST', headers={'Origin': clinician.base.rsplit('/clinic', 1)[0]},
                          data={'csrf': key['csrf'], 'idem': 'a-key-of-its-own-123', 'start': str(now()), 'version': '1'})
    assert page.status == 409 and 'These times are no longer possible' in page.text


def test_only_what_began(day, staff):
    desk = staff('front_desk')
    uid = day.book(start=now() + 600, family='Early', given='Ed')
    page = desk.open('/staff/bookings/%s/replan' % uid)
    assert page.status == 409 and 'Only a visit that has begun' in page.text
    assert staff('billing').open('/staff/bookings/%s/replan' % uid).status == 403


def test_the_week_by_resource_and_by_patient(day, staff):
    desk = staff('front_desk')
    uid = day.book(start=clock(9, 0), family='Weekley', given='Wim')
    page = desk.open('/staff').click('Week')
    assert page.h1.startswith('Week of Monday')
    rows = {' '.join(r.xpath('th')[0].text_content().split()): r for r in page.tree.xpath('//table//tbody/tr')}
    assert len(rows) == 13
    mine = [a for r in rows.values() for a in r.xpath('td//a') if uid in a.get('href')]
    assert len(mine) >= 6 and all('Wim Weekley' in a.text_content() for a in mine)
    column = today().weekday()
    doctors = [r.xpath('td')[column] for name, r in rows.items() if name.startswith('Person Dr.')]
    assert sum(uid in a.get('href') for cell in doctors for a in cell.xpath('.//a')) == 1
    page = page.form('/staff/week').fill(kind='room').submit()
    assert page.path.count('kind=room') == 1 and len(page.tree.xpath('//table//tbody/tr')) == 5
    page = page.click('Next week')
    assert 'kind=room' in page.path and not page.tree.xpath('//tbody//a')
    page = page.click('This week').click('By patient')
    assert 'by=patient' in page.path
    names = [' '.join(r.xpath('th')[0].text_content().split()) for r in page.tree.xpath('//table//tbody/tr')]
    assert names.count('Wim Weekley') == 1
    page = desk.open('/staff/week?who=2')
    assert len(page.tree.xpath('//table//tbody/tr')) == 1
    for wrong in ('day=soon', 'kind=cat', 'who=x', 'site=nowhere'):
        assert desk.open('/staff/week?' + wrong).status == 404


def test_a_week_costs_the_same_however_full(day, staff, database):
    desk = staff('front_desk')

    def cost():
        before = int(database.rows("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'")[0][1])
        assert desk.open('/staff/week').status == 200
        return int(database.rows("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'")[0][1]) - before

    desk.open('/staff/week')
    few = cost()
    for i in range(12):
        day.book('consultation', body_site='knee', start=clock(8, 30) + 1800 * i)
    assert cost() == few


def test_what_is_left_is_planned_anew(day, staff, database):
    """The last of this file: from here on everybody is there at any hour, so that there is a way whenever it runs."""
    database.rows('DELETE FROM opening')
    database.rows('DELETE FROM closure')
    for weekday in range(1, 8):
        database.rows('INSERT INTO opening (resource_id, weekday, start_minute, end_minute) SELECT id, %s, 0, 1440 FROM resource', weekday)
    clinician = staff('clinician')
    uid = day.book(start=now() - 3600, family='Anew', given='Ada')
    page = clinician.open('/staff/bookings/' + uid).form('/check-in').fill(birth_date=BORN).submit()
    page.form('/harvest').fill(volume_ml='60', taken_from='right-posterior-iliac-crest', side_confirmed='right').submit()

    def plan():
        return dict(database.rows('SELECT s.step_no, s.starts_at FROM booking_step s JOIN booking b ON b.id = s.booking_id'
                                  ' WHERE b.uid = %s', uid))

    before, asked = plan(), now()
    page = clinician.open('/staff/bookings/%s/replan' % uid)
    form = page.form('/replan')
    start = int(form.value('start'))
    page = form.submit()
    assert page.status == 200 and page.path.endswith('/staff/bookings/' + uid), page.text
    after = plan()
    moved = [no for no in before if after[no] != before[no]]
    assert moved and min(after[no] for no in moved) == start >= asked // 300 * 300, (before, after, start)
    assert all(before[no] < start for no in before if no not in moved)
    assert database.value("SELECT COUNT(*) FROM audit_event e JOIN booking b ON b.id = e.entity_id WHERE e.action = 'day.replan'"
                          " AND b.uid = %s", uid) == 1
    # The same answer once more changes nothing: it was for the plan before.
    again = form.submit()
    assert plan() == after, again.text
    assert 'Process must begin within' not in ' '.join(li.text_content() for li in clinician.open('/staff').css('.attention li')
                                                       if 'Ada Anew' in li.text_content())
