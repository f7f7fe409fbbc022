# SPDX-License-Identifier: Apache-2.0
"""Letters and a real mail server: TLS, login, greylisting, refusals, silence in each phase, a connection that ends, a sender that is killed
between DATA and its answer, several senders at once, a database that goes away. By regenctl; httpd uses the same."""
import json
import re
import signal
import socket
import time

import pytest

import env
import mailing

HANG = 30


@pytest.fixture
def post(database, tmp_path):
    """post(answers): a mail server, a settings file for it, and nothing else that waits."""
    mailing.clear(database)
    made = []

    def make(answers=None, login=None, **more):
        server = mailing.Server(tmp_path, answers, login).__enter__()
        made.append(server)
        values = dict(mail_transport='smtp', mail_server=server.url, mail_tls_ca=server.cert)
        values.update(more)
        return server, mailing.settings(tmp_path, database, **values)

    yield make
    mailing.clear(database)
    for server in made:
        server.__exit__()


NUMBER = iter(range(1, 10 ** 6))


def queue(database, **more):
    return mailing.message(database, next(NUMBER), **more)


def test_it_arrives(database, post):
    server, conf = post(mail_sender='bounces@clinic.example', mail_reply_to='desk@clinic.example')
    uid = queue(database, to_name='Zoë "Z" O\u2019Hara', to='zoe@m\u00fcnchen.example')
    assert mailing.run(conf) == (0, '1 letters sent, 0 to be tried again, 0 failed, 0 not needed anymore.\n')
    letter, = server.letters
    assert letter.envelope == ('bounces@clinic.example', ('zoe@xn--mnchen-3ya.example',))
    assert letter['From'].addresses[0].addr_spec == 'letters@clinic.example' and letter['From'].addresses[0].display_name == 'Harbor Clinic'
    assert letter['To'].addresses[0].display_name == 'Zoë "Z" O\u2019Hara'
    assert letter['Reply-To'].addresses[0].addr_spec == 'desk@clinic.example'
    assert letter['Auto-Submitted'] == 'auto-generated' and letter['List-Unsubscribe'] is None
    assert 'Dear Zoë "Z" O\u2019Hara,' in mailing.text_of(letter)
    assert 'Dear Zoë' in letter.get_body(('html',)).get_content()
    assert mailing.state(database, uid) == ('sent', '', 1)
    assert database.rows("SELECT what, way, t.code FROM message_try t JOIN message m ON m.id = t.message_id WHERE m.uid = %s", uid) == (('sent', 'smtp', ''),)
    assert mailing.run(conf)[1].startswith('0 letters sent')


def test_nobody_adds_a_header(database, post):
    server, conf = post()
    queue(database, to_name='Ada\r\nBcc: eve@example.org\r\n\r\nX', site_name='Clinic\nX-Evil: 1')
    bad = [queue(database, to='ada@example.org\r\nRCPT TO:<eve@example.org>'), queue(database, to='ada@example.org> SIZE=1')]
    good = queue(database)
    assert mailing.run(conf)[0] == 0
    assert len(server.letters) == 2, 'the bad ones do not stop the rest'
    for letter in server.letters:
        assert letter.envelope[1] == ('ada@example.org',) and letter['Bcc'] is None and letter['X-Evil'] is None
    for uid in bad:
        assert mailing.state(database, uid)[:2] == ('failed', 'bad-address')
    assert mailing.state(database, good)[0] == 'sent'


def test_greylisting(database, post):
    server, conf = post({'RCPT': ['451 4.7.1 Greylisted, come back']})
    uid = queue(database)
    assert mailing.run(conf)[0] == 0
    assert mailing.state(database, uid) == ('queued', 'postponed', 1)
    answer, wait = database.rows('SELECT answer, next_at - UNIX_TIMESTAMP() FROM message WHERE uid = %s', uid)[0]
    assert answer == '451 4.7.1 Greylisted, come back' and 40 <= wait <= 80
    assert mailing.run(conf)[1].startswith('0 letters sent'), 'not before its time'
    mailing.due(database)
    assert mailing.run(conf)[0] == 0
    assert mailing.state(database, uid) == ('sent', '', 2) and len(server.letters) == 1


def test_it_waits_longer_and_gives_up(database, post):
    server, conf = post({'RCPT': ['450 later'] * 20}, mail_give_up=48)
    uid = queue(database)
    waits = []
    for _ in range(6):
        mailing.due(database)
        mailing.run(conf)
        waits.append(database.value('SELECT next_at - UNIX_TIMESTAMP() FROM message WHERE uid = %s', uid))
    for n, wait in enumerate(waits):
        assert 40 * 2 ** n <= wait <= 80 * 2 ** n, waits
    database.rows("UPDATE message SET since = UNIX_TIMESTAMP() - 48 * 3600 + 60 WHERE uid = %s", uid)
    mailing.due(database)
    mailing.run(conf)
    assert mailing.state(database, uid)[:2] == ('failed', 'gave-up')


@pytest.mark.parametrize('answers', [{'RCPT': ['550 5.1.1 No such user']}, {'DATA': ['554 5.7.1 Spam']}, {'MAIL': ['552 5.3.4 Too big']}],
                         ids=['recipient', 'letter', 'size'])
def test_refused_for_good(database, post, answers):
    server, conf = post(answers)
    first, second = queue(database), queue(database)
    assert mailing.run(conf)[0] == 0
    assert mailing.state(database, first)[:2] == ('failed', 'refused')
    assert mailing.state(database, second)[0] == 'sent', 'one refusal does not stop the rest'


def test_a_full_mailbox_of_the_sender_is_no_fault_of_the_letters(database, post):
    """They wait until it is emptied, and leave then."""
    server, conf = post({'MAIL': ['552 5.2.2 Over quota']})
    first, second = queue(database), queue(database)
    assert mailing.run(conf)[0] == 1
    assert [mailing.state(database, uid)[0] for uid in (first, second)] == ['queued'] * 2
    mailing.due(database)
    assert mailing.run(conf)[0] == 0
    assert [mailing.state(database, uid)[0] for uid in (first, second)] == ['sent'] * 2


@pytest.mark.parametrize('command, code', [('EHLO', 'silent'), ('MAIL', 'silent'), ('RCPT', 'silent'), ('DATA', 'unsure')])
def test_a_server_that_falls_silent(database, post, command, code):
    server, conf = post({command: [HANG]}, mail_timeout=2)
    uid = queue(database)
    began = time.monotonic()
    mailing.run(conf)
    assert time.monotonic() - began < 8
    assert mailing.state(database, uid) == ('queued', code, 1)


@pytest.mark.parametrize('command, codes', [('MAIL', ('cut',)), ('RCPT', ('cut',)), ('DATA', ('unsure',))])
def test_a_connection_that_ends(database, post, command, codes):
    server, conf = post({command: [None]})
    uid = queue(database)
    mailing.run(conf)
    status, code, _ = mailing.state(database, uid)
    assert (status, code) == ('queued', codes[0])
    mailing.due(database)
    mailing.run(conf)
    assert mailing.state(database, uid)[0] == 'sent'
    assert len(set(server.ids())) == 1, 'twice at most, and then with the same Message-ID'


def test_no_greeting(database, post, tmp_path):
    """Accepts and says nothing."""
    with socket.create_server(('127.0.0.1', 0)) as silent:
        server, conf = post(mail_server='smtp://localhost:%d' % silent.getsockname()[1], mail_timeout=2)
        uid = queue(database)
        code, said = mailing.run(conf)
        assert code == 1 and 'cannot be sent' in said
        assert mailing.state(database, uid)[0] == 'queued'


def test_nobody_listens(database, post):
    server, conf = post(mail_server='smtp://localhost:%d' % env.free_port())
    uids = [queue(database) for _ in range(3)]
    code, said = mailing.run(conf)
    assert code == 1 and 'unreachable' in said
    assert [mailing.state(database, u)[2] for u in uids] == [1, 0, 0], 'the others are not tried, too'


def test_a_certificate_of_somebody_else(database, post, tmp_path):
    other, _ = mailing.certificate(tmp_path, 'other.example')
    server, conf = post(mail_tls_ca=other)
    uid = queue(database)
    code, said = mailing.run(conf)
    assert code == 1 and server.letters == [] and 'MAIL' not in server.seen
    assert mailing.state(database, uid)[:2] == ('queued', 'tls')


def test_a_server_without_tls(database, post, tmp_path):
    with mailing.Server(tmp_path, tls=False) as bare:
        server, conf = post(mail_server=bare.url)
        uid = queue(database)
        assert mailing.run(conf)[0] == 1 and bare.letters == []
        assert mailing.state(database, uid)[:2] == ('queued', 'tls')
        server, conf = post(mail_server=bare.url, mail_starttls='off')
        mailing.due(database)
        assert mailing.run(conf)[0] == 0 and len(bare.letters) == 1, 'a relay on this machine'
    server, conf = post(mail_server='smtp://mail.example', mail_starttls='off')
    code, said = mailing.run(conf)
    assert code == 2 and 'only for a mail server on this machine' in said


def test_login(database, post, tmp_path):
    word = tmp_path / 'word'
    word.write_text('correct horse\n')
    server, conf = post(login=('clinic', 'correct horse'), mail_user='clinic', mail_password_file=str(word))
    uid = queue(database)
    assert mailing.run(conf)[0] == 0 and mailing.state(database, uid)[0] == 'sent'
    word.write_text('wrong horse\n')
    uid = queue(database)
    code, said = mailing.run(conf)
    assert code == 1 and 'login' in said and 'horse' not in said
    assert mailing.state(database, uid)[:2] == ('queued', 'login')


def test_killed_between_data_and_its_answer(database, post):
    """It may arrive twice, with one Message-ID; until the lease ends nobody sends it."""
    server, conf = post({'DATA': [HANG]}, mail_timeout=20)
    uid = queue(database)
    sender = mailing.start(conf)
    env.wait_until(lambda: server.letters, 15)
    sender.kill()
    sender.wait()
    assert mailing.state(database, uid) == ('queued', '', 1)
    assert mailing.run(conf)[1].startswith('0 letters sent')
    mailing.due(database)
    assert mailing.run(conf)[0] == 0
    assert mailing.state(database, uid) == ('sent', '', 2)
    assert len(server.ids()) == 2 and len(set(server.ids())) == 1


def test_asked_to_end_while_a_server_hangs(database, post):
    server, conf = post({'RCPT': [HANG]}, mail_timeout=25)
    uid = queue(database)
    sender = mailing.start(conf, '--watch')
    env.wait_until(lambda: 'RCPT' in server.seen, 15)
    began = time.monotonic()
    sender.send_signal(signal.SIGTERM)
    assert sender.wait(15) == 0 and time.monotonic() - began < 6
    assert mailing.state(database, uid)[:2] == ('queued', 'interrupted')


def test_several_senders_at_once(database, post):
    server, conf = post()
    for _ in range(40):
        queue(database)
    senders = [mailing.start(conf) for _ in range(4)]
    for sender in senders:
        out, err = sender.communicate(timeout=60)
        assert sender.returncode == 0, out + err
    assert len(server.ids()) == 40 and len(set(server.ids())) == 40
    assert database.value("SELECT COUNT(*) FROM message WHERE status = 'queued'") == 0


def test_the_rate(database, post):
    handed = database.value("SELECT COUNT(*) FROM message_try WHERE at > UNIX_TIMESTAMP() - 60 AND way <> ''")
    server, conf = post(mail_rate=handed + 3)
    for _ in range(5):
        queue(database)
    code, said = mailing.run(conf)
    assert code == 0 and 'more are waiting' in said
    assert 1 <= len(server.letters) <= 3 + handed


def test_an_offer_goes_first(database, post):
    server, conf = post()
    for _ in range(3):
        database.rows('UPDATE message SET next_at = UNIX_TIMESTAMP() - 5 WHERE uid = %s', queue(database))
    last = queue(database, to='urgent@example.org')
    assert mailing.run(conf, '--limit', '1')[0] == 0
    assert [letter.envelope[1] for letter in server.letters] == [('urgent@example.org',)]
    assert mailing.state(database, last)[0] == 'sent'


def test_the_database_goes_away_in_the_middle(post, new_database, template, tmp_path):
    """The letter left while nothing could be noted: it is noted as soon as that is possible, and is not sent again."""
    one = new_database(template)
    mailing.clear(one)
    server, _ = post({'DATA': [2]})
    conf = mailing.settings(tmp_path, one, mail_transport='smtp', mail_server=server.url, mail_tls_ca=server.cert)
    uid = queue(one)
    sender = mailing.start(conf)
    env.wait_until(lambda: server.letters, 15)
    one.kill()
    time.sleep(2.5)
    one.start()
    out, err = sender.communicate(timeout=60)
    assert mailing.state(one, uid)[0] == 'sent', out + err
    mailing.due(one)
    assert mailing.run(conf)[0] == 0 and len(server.letters) == 1


@pytest.mark.parametrize('answers', [None, {'DATA': [2]}], ids=['nothing to send', 'a letter to note'])
def test_asked_to_end_while_the_database_hangs(post, new_database, template, tmp_path, answers):
    """Within the time that README.md promises: that of a letter and thirty seconds."""
    one = new_database(template)
    mailing.clear(one)
    server, _ = post(answers)
    conf = mailing.settings(tmp_path, one, mail_transport='smtp', mail_server=server.url, mail_tls_ca=server.cert, mail_timeout=5)
    uid = queue(one)
    sender = mailing.start(conf, '--watch')
    env.wait_until(lambda: server.letters if answers else mailing.state(one, uid)[0] == 'sent', 15)
    one.freeze()
    try:
        time.sleep(2.5)  # it asks, or notes
        sender.send_signal(signal.SIGTERM)
        began = time.monotonic()
        sender.communicate(timeout=5 + 30 + 5)
        took = time.monotonic() - began
    finally:
        sender.kill()
        one.thaw()
    assert took < 5 + 30, took
    if answers:
        assert mailing.run(conf)[1].startswith('0 letters sent'), 'not before the lease ends'
        mailing.due(one)
        assert mailing.run(conf)[0] == 0 and mailing.state(one, uid)[0] == 'sent'
    assert len(set(server.ids())) == 1


def test_wrong_settings(database, post):
    for more, said in [({'mail_transport': 'pigeon'}, 'maildir, smtp, command'), ({'mail_from': None}, 'mail-from is missing'),
                       ({'mail_server': 'mail.example'}, 'smtp://'), ({'mail_user': 'x'}, 'belong together'),
                       ({'mail_detail': 'all'}, 'none, service, full'), ({'templates': None}, 'templates is missing'),
                       ({'mail_command': 'sms'}, 'absolute path'), ({'mail_from': 'letters@' + 'a' * 60 + '.' + 'b' * 60 + '.example'}, 'too long behind the @'), ({'mail_starttls': 'maybe'}, 'on or off')]:
        server, conf = post(**more)
        code, text = mailing.run(conf)
        assert code == 2 and said in text, (more, text)


def test_no_letter_without_its_links(database, post):
    """Neither the key that makes them nor their address: refused before a letter is taken."""
    uid = queue(database)
    database.rows('DELETE FROM public_base')
    for more, said in [({'secret_file': None}, 'secret-file is missing'), ({'public_base': None}, 'public-base is missing')]:
        server, conf = post(**more)
        code, text = mailing.run(conf)
        assert code == 2 and said in text and 'no links' in text, (more, text)
        assert server.letters == [] and mailing.state(database, uid) == ('queued', '', 0)


# --- by a command -----------------------------------------------------------------------------------------------------------

COMMAND = '''#!/bin/sh
cat >%s/in.$$ && mv %s/in.$$ %s/message.$$.json
%s
'''


@pytest.fixture
def command(database, tmp_path):
    """command('exit 0'): settings with a program that stores what it reads and then does that, and what it read."""
    mailing.clear(database)

    def make(then, **more):
        path = tmp_path / 'send-sms'
        path.write_text(COMMAND % (tmp_path, tmp_path, tmp_path, then))
        path.chmod(0o755)
        values = dict(mail_transport='command', mail_command='%s --from "The Clinic"' % path)
        values.update(more)
        return mailing.settings(tmp_path, database, **values)

    make.read = lambda: [json.loads(p.read_text()) for p in sorted(tmp_path.glob('message.*.json'))]
    yield make
    mailing.clear(database)


def test_a_command_takes_it(database, command):
    conf = command('test "$1/$2" = "--from/The Clinic" && test -z "$SECRET" && exit 0')
    uid = queue(database, to='', to_name='Zoë "Z"')
    assert mailing.run(conf)[0] == 0
    told, = command.read()
    assert told['to'] == {'name': 'Zoë "Z"', 'email': '', 'phone': '603-555-0142'} and told['kind'] == 'cancellation'
    assert told['subject'].startswith('Your visit') and 'Dear Zoë "Z",' in told['text'] and '@clinic.example' in told['id']
    assert mailing.state(database, uid) == ('sent', '', 1)


@pytest.mark.parametrize('then, status, code', [('echo no such number >&2; exit 67', 'failed', 'refused'), ('exit 65', 'failed', 'refused'),
                                                ('echo busy; exit 75', 'queued', 'postponed'), ('exit 1', 'queued', 'unreachable'),
                                                ('kill -9 $$', 'queued', 'unreachable')])
def test_what_its_exit_code_means(database, command, then, status, code):
    conf = command(then)
    uid = queue(database)
    ended, _ = mailing.run(conf)
    assert mailing.state(database, uid)[:2] == (status, code)
    assert ended == (1 if code == 'unreachable' else 0)
    if 'echo' in then:
        assert database.value('SELECT answer FROM message WHERE uid = %s', uid) == re.search('echo ([a-z ]*[a-z])', then).group(1)


def test_a_command_that_hangs_is_ended(database, command, tmp_path):
    conf = command('sleep 100 & echo $! >%s/left; sleep 100' % tmp_path, mail_timeout=2)
    uid = queue(database)
    began = time.monotonic()
    mailing.run(conf)
    assert time.monotonic() - began < 6 and mailing.state(database, uid)[:2] == ('queued', 'unsure')
    left = (tmp_path / 'left').read_text().strip()
    env.wait_until(lambda: 'sleep' not in env.read('/proc/%s/comm' % left), 5)


def test_asked_to_end_once_a_command_has_the_letter(database, command, tmp_path):
    """It is waited for and noted, and is not run again."""
    conf = command('touch %s/has; sleep 3; exit 0' % tmp_path, mail_timeout=20)
    uid = queue(database)
    sender = mailing.start(conf, '--watch')
    env.wait_until((tmp_path / 'has').exists, 15)
    sender.send_signal(signal.SIGTERM)
    assert sender.wait(15) == 0
    assert mailing.state(database, uid) == ('sent', '', 1)
    mailing.due(database)
    mailing.run(conf)
    assert len(command.read()) == 1


def test_a_command_that_reads_nothing_or_says_too_much(database, command, tmp_path):
    quick = tmp_path / 'quick'
    quick.write_text('#!/bin/sh\nhead -c 10000000 /dev/zero | tr "\\0" x\nexit 0\n')
    quick.chmod(0o755)
    conf = command('', mail_command=str(quick))
    uid = queue(database)
    assert mailing.run(conf)[0] == 0 and mailing.state(database, uid)[0] == 'sent'


def test_who_has_no_email_gets_a_message(database, command, tmp_path):
    (tmp_path / 'mail').mkdir()
    conf = command('exit 0', mail_transport='maildir', mail_folder=str(tmp_path / 'mail'))
    phone, both, neither = queue(database, to=''), queue(database), queue(database, to='', to_phone='')
    assert mailing.run(conf)[0] == 0
    assert [mailing.state(database, u)[:2] for u in (phone, both, neither)] == [('sent', ''), ('sent', ''), ('failed', 'no-address')]
    assert len(command.read()) == 1 and len(mailing.letters(str(tmp_path / 'mail'))) == 1
