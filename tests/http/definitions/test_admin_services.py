# SPDX-License-Identifier: Apache-2.0
"""The administrators' editor of services over HTTP, without scripts: every button keeps what was typed, mistakes are named at their
fields, what is saved is what the file of regenctl says, and nobody overwrites somebody else's change."""
import json

import pytest

import env

EDIT = '/staff/admin/services/'


@pytest.fixture
def admin(staff):
    return staff('admin')


@pytest.fixture(autouse=True)
def as_before(database, tmp_path):
    before = tmp_path / 'before.json'
    before.write_text(env.regenctl(database, 'service', 'export', '--all').stdout)
    yield
    for table in ('service_need_any', 'service_need', 'service_step', 'service_body_site', 'service_form',
                  'service_recall', 'service_preparing', 'service_screening', 'service_product'):
        database.rows("DELETE t FROM %s t JOIN service s ON s.id = t.service_id WHERE s.code LIKE 'trial%%'" % table)
    database.rows("DELETE FROM service WHERE code LIKE 'trial%'")
    env.regenctl(database, 'service', 'import', str(before))


def stored(database, code='prp-tendon'):
    return json.loads(env.regenctl(database, 'service', 'export', code).stdout)['services'][0]


def editor(page):
    return page.form(having='steps[0].kind')


def edit(admin, code='prp-tendon'):
    page = admin.open(EDIT + code)
    assert page.status == 200, page
    return page


def test_only_administrators(staff):
    for role in ('front_desk', 'clinician', 'billing'):
        for path in ('/staff/admin/services', '/staff/admin/service-new', EDIT + 'prp-tendon'):
            assert staff(role).get(path).status_code == 403


def test_no_link_leads_nowhere(admin):
    for start in ('/staff/admin/services', EDIT + 'prp-tendon', '/staff/admin/closures'):
        for address in {a for a in admin.open(start).links() if '#' not in a and '/static/' not in a and a.startswith('http')}:
            assert admin.get(address).status_code < 400, (start, address)


def test_saved_as_it_is_changes_nothing(admin, database):
    """Everything a service has goes through the page and back."""
    before, version = stored(database), database.value('SELECT version FROM catalogue_version')
    assert before['recalls']
    for code in ('bmac-knee', 'prp-tendon', 'consultation'):
        page = editor(edit(admin, code)).submit('Save')
        assert page.status == 200 and page.path.startswith('/staff/admin/services') and 'is saved' in page.text, page.text
    assert stored(database) == before
    assert database.value('SELECT version FROM catalogue_version') == version


def test_what_is_saved_is_what_was_typed(admin, database):
    form = editor(edit(admin)).fill(**{
        'name': 'Plasma <b>&amp;</b> "tendon"', 'steps[1].minutes': '15', 'audience': 'staff',
        'steps[3].needs[0].any': 'consult, marrow-harvest', 'steps[3].needs[0].bind': 'doctor', 'max_per_day': '4',
        'body_sites': 'elbow ,  heel', 'forms': 'privacy', 'fallback': 'consultation', 'steps[2].patient_present': 'true',
        'recalls[1].kind': 'maintenance', 'recalls[1].after_min_days': '50',
        'recalls[1].after_max_days': '60', 'recalls[1].reason': 'look', 'recalls[1].title': 'How <i>it</i> is'})
    page = form.submit('Save')
    assert page.status == 200, page.text
    got = stored(database)
    assert got['name'] == 'Plasma <b>&amp;</b> "tendon"' and got['audience'] == 'staff'
    assert got['steps'][1]['minutes'] == 15 and got['steps'][3]['needs'][0]['any'] == ['consult', 'marrow-harvest']
    assert got['steps'][3]['needs'][0]['bind'] == 'doctor' and got['max_per_day'] == 4
    assert got['body_sites'] == ['elbow', 'heel'] and got['forms'] == ['privacy'] and got['fallback'] == 'consultation'
    assert got['steps'][2]['patient_present'] is True
    assert got['recalls'][1] == {'kind': 'maintenance', 'after_min_days': 50, 'after_max_days': 60, 'reason': 'look',
                                 'title': 'How <i>it</i> is'}
    assert '<b>' not in admin.open('/staff/admin/services').html.replace('&lt;b&gt;', '')


def test_buttons_keep_what_was_typed(admin, database):
    before = stored(database)
    page = editor(edit(admin)).fill(**{'name': 'Half typed', 'steps[4].name': 'Lie down', 'steps[0].minutes': 'ten'}).submit('Add a step')
    assert page.status == 200 and editor(page).value('steps[5].minutes') == ''
    page = editor(page).fill(**{'steps[5].name': 'Go home'}).submit('Add a requirement to step 6')
    assert editor(page).value('steps[5].needs[1].capability') == ''
    page = editor(page).fill(**{'steps[5].needs[1].capability': 'recovery'}).submit('Remove requirement 1 of step 6')
    assert editor(page).value('steps[5].needs[0].capability') == 'recovery'
    page = editor(page).submit('Move step 6 up')
    assert editor(page).value('steps[4].name') == 'Go home' and editor(page).value('steps[5].name') == 'Lie down'
    assert editor(page).value('steps[4].needs[0].capability') == 'recovery'
    page = editor(page).submit('Remove step 2')
    assert editor(page).value('steps[1].kind') == 'process' and editor(page).value('steps[4].name') == 'Lie down'
    page = editor(page).fill(**{'recalls[1].after_min_days': 'six weeks'}).submit('Add a recall')
    assert editor(page).value('recalls[2].title') == '' and editor(page).value('recalls[1].after_min_days') == 'six weeks'
    page = editor(page).submit('Remove recall 1')
    assert editor(page).value('recalls[0].after_min_days') == 'six weeks' and 'recalls[2].title' not in editor(page).names()
    assert editor(page).value('name') == 'Half typed' and editor(page).value('steps[0].minutes') == 'ten'
    assert 'steps[5].kind' not in editor(page).names()
    assert stored(database) == before


def test_mistakes_at_their_fields(admin, database):
    before = stored(database)
    page = editor(edit(admin)).fill(**{'steps[1].minutes': '7', 'max_per_day': 'free', 'name': '', 'steps[0].needs[0].setup': '-5'}).submit('Save')
    assert page.status == 422 and page.title.startswith('Error:')
    assert page.error_for('steps[1].minutes') == 'Error: Use a multiple of 5.'
    assert page.error_for('name') and page.error_for('max_per_day') and page.error_for('steps[0].needs[0].setup')
    summary = [a.text_content() for a in page.css('.summary a')]
    assert 'Step 2, Minutes: Use a multiple of 5.' in summary and any(s.startswith('Step 1, requirement 1, Setup') for s in summary), summary
    for a in page.css('.summary a'):
        assert page.tree.xpath('//*[@id=$i]', i=a.get('href')[1:]), a.get('href')
    assert editor(page).value('steps[1].minutes') == '7' and editor(page).value('max_per_day') == 'free'
    assert stored(database) == before


def test_recalls_are_added_and_removed(admin, database):
    before = stored(database)['recalls']
    page = editor(edit(admin)).submit('Add a recall')
    page = editor(page).submit('Save')  # an empty line is no recall
    assert page.status == 422 and stored(database)['recalls'] == before
    for field in ('after_min_days', 'after_max_days', 'reason', 'title'):
        assert page.error_for('recalls[2].' + field), field
    page = editor(page).fill(**{'recalls[2].kind': 'maintenance', 'recalls[2].after_min_days': '400', 'recalls[2].after_max_days': '300',
                                'recalls[2].reason': 'yearly', 'recalls[2].title': 'Once a year'}).submit('Save')
    assert page.status == 422 and page.error_for('recalls[2].after_max_days') == 'Error: This must be at least the first day, 400.'
    summary = [a.text_content() for a in page.css('.summary a')]
    assert any(s.startswith('Recall 3, Due until') for s in summary), summary
    assert editor(page).value('recalls[2].kind') == 'maintenance' and editor(page).value('recalls[2].title') == 'Once a year'
    page = editor(page).fill(**{'recalls[2].after_max_days': '500'}).submit('Save')
    assert page.status == 200, page.text
    assert stored(database)['recalls'] == before + [
        {'kind': 'maintenance', 'after_min_days': 400, 'after_max_days': 500, 'reason': 'yearly', 'title': 'Once a year'}]
    page = edit(admin)
    for no in (2, 1):
        page = editor(page).submit('Remove recall %d' % no)
    assert editor(page).submit('Save').status == 200
    assert [r['reason'] for r in stored(database)['recalls']] == ['yearly']


def test_more_recalls_than_there_may_be(admin, database):
    """The button stops at the limit; more sent by hand is refused where the list is."""
    form = editor(edit(admin))
    for i in range(2, 33):
        for field, value in (('kind', 'follow-up'), ('after_min_days', '%d' % (i * 100)), ('after_max_days', '%d' % (i * 100)),
                             ('reason', 'look'), ('title', 'Look')):
            form.set('recalls[%d].%s' % (i, field), value, force=True)
    before = stored(database)
    page = form.submit('Save')
    assert page.status == 422 and 'at most 32 of them' in page.tree.xpath('//*[@id="recalls"]/following-sibling::p[1]')[0].text_content()
    page = editor(editor(page).submit('Remove recall 33')).submit('Add a recall')
    assert 'recalls[31].kind' in editor(page).names() and 'recalls[32].kind' not in editor(page).names()
    assert editor(page).submit('Save').status == 200 and len(stored(database)['recalls']) == 32
    assert len(before['recalls']) == 2


def test_rules_of_the_whole(admin, database):
    page = editor(edit(admin)).fill(**{'steps[3].needs[2].capability': 'laser', 'steps[3].needs[0].any': 'bad Word',
                                       'forms': 'privacy, nothing'}).submit('Save')
    assert page.status == 422
    assert 'can do "laser"' in page.error_for('steps[3].needs[2].capability')
    assert page.error_for('steps[3].needs[0].any') and page.error_for('forms')
    page = editor(edit(admin)).fill(**{'steps[1].minutes': '1000'}).submit('Save')
    assert 'the longest opening is' in page.error_for('steps[1].needs[0].capability'), page.text


def test_preview_stores_nothing(admin, database, visitor):
    before = stored(database)
    page = editor(edit(admin)).fill(**{'start_grid': '60', 'name': 'Trial run'}).submit('Show first free times')
    assert page.status == 200 and 'First free times' in page.text and 'Nothing is saved yet' in page.text
    starts = [t.get('datetime') for t in page.css('section time')]
    assert len(starts) == 6 and all(s.endswith(':00:00Z') for s in starts)  # hours, as the grid of the draft says
    assert editor(page).value('name') == 'Trial run' and stored(database) == before
    page = editor(page).fill(**{'steps[0].needs[0].capability': 'nobody'}).submit('Show first free times')
    assert page.status == 422 and page.error_for('steps[0].needs[0].capability')


def test_two_editors(admin, staff, database):
    mine, other = edit(admin), edit(staff('admin'))
    assert editor(other).fill(max_per_day='10').submit('Save').status == 200
    page = editor(mine).fill(max_per_day='20').submit('Save')
    assert page.status == 409 and 'Somebody changed this service' in page.text
    assert editor(page).value('max_per_day') == '20' and stored(database)['max_per_day'] == 10


def test_new_and_copy(admin, database):
    page = admin.open('/staff/admin/service-new')
    assert page.h1 == 'New service' and 'steps[0].needs[0].capability' in editor(page).names()
    page = editor(page).fill(**{
        'code': 'trial-talk', 'name': 'Talk', 'summary': 'A talk.', 'needs_body_site': None,
        'steps[0].kind': 'consult', 'steps[0].name': 'Talk', 'steps[0].minutes': '20',
        'steps[0].needs[0].capability': 'consult'}).submit('Save')
    assert page.status == 200 and 'Talk is saved.' in page.text, page.text
    assert stored(database, 'trial-talk')['steps'][0]['minutes'] == 20
    page = editor(admin.open('/staff/admin/service-new?from=bmac-knee')).submit('Save')
    assert page.status == 422 and page.error_for('code')
    page = editor(page).fill(code='bmac-knee').submit('Save')
    assert 'Another service has this code' in page.error_for('code')
    page = editor(page).fill(code='trial-copy').submit('Save')
    assert page.status == 200
    copy, original = stored(database, 'trial-copy'), stored(database, 'bmac-knee')
    assert copy['name'] == 'Copy of ' + original['name'] and copy['steps'] == original['steps']
    assert copy['forms'] == original['forms']


def test_offered_no_more(admin, database, visitor):
    page = admin.open('/staff/admin/services').form(action='/consultation/active').submit()
    assert page.status == 200 and stored(database, 'consultation')['active'] is False
    assert visitor.get('/services/consultation').status_code == 404
    page = page.form(action='/consultation/active').submit()
    assert stored(database, 'consultation')['active'] is True and visitor.get('/services/consultation').status_code == 200


def test_offered_again_only_when_it_can_be_booked(admin, database):
    page = admin.open('/staff/admin/services').form(action='/prp-tendon/active').submit()
    database.rows('UPDATE resource SET active = 0 WHERE id = 10')
    try:
        page = page.form(action='/prp-tendon/active').submit()
        assert page.status == 422 and 'can do "ultrasound"' in page.text and stored(database)['active'] is False
    finally:
        database.rows('UPDATE resource SET active = 1 WHERE id = 10')


def test_as_large_as_it_may_be(admin, database):
    """Sixteen steps of eight needs are over a thousand fields, and still one form."""
    service = stored(database, 'consultation')
    need = dict(service['steps'][1]['needs'][0], turnover=0)
    service.update(code='trial-large', active=False, forms=[])
    service['steps'] = [dict(service['steps'][1], name='Step', needs=[need] * 8, gap_max=0)] * 16
    path = database.dir + '/large.json'
    with open(path, 'w') as f:
        json.dump({'format': 'mod_regen services 1', 'services': [service]}, f)
    env.regenctl(database, 'service', 'import', path)
    form = editor(edit(admin, 'trial-large'))
    assert len(form.pairs()) > 700
    assert form.fill(**{'steps[15].name': 'Last'}).submit('Save').status == 200
    assert stored(database, 'trial-large')['steps'][15]['name'] == 'Last'


@pytest.mark.parametrize('deed', ['remove-step-99', 'remove-step-', 'up-step-0', 'add-need-99', 'remove-need-1', 'remove-need-x-y',
                                  'remove-charge-99', 'remove-recall-99', 'nothing', '', 'add-step-1'])
def test_nonsense_buttons(admin, database, deed):
    """A button that is none saves, or leaves the form as it is; nothing falls over."""
    form = editor(edit(admin))
    before = stored(database)
    page = form.set('do', deed, force=True).submit()
    assert page.status == 200
    assert stored(database) == before


def test_unknown_service(admin):
    assert admin.get(EDIT + 'nothing').status_code == 404
    assert admin.get('/staff/admin/service-new?from=nothing').status_code == 404
