# SPDX-License-Identifier: Apache-2.0
"""httpd sends letters beside everything else: a mail server that is away or hangs holds up no page, no sweep and no stop."""
import os
import re
import socket
import time

import pytest

import env
import joining
import mailing
import patient

FROM = 'RegenMailRate Off\nRegenMailTransport smtp\nRegenMailInterval 1s\nRegenMailFrom letters@clinic.example\n'
NUMBER = iter(range(1, 10 ** 6))


@pytest.fixture
def queued(server, database):
    mailing.clear(database)
    yield lambda **more: mailing.message(database, next(NUMBER), **more)
    mailing.clear(database)


def test_by_a_real_server(servers, queued, database, tmp_path):
    with mailing.Server(tmp_path) as post:
        one = servers(extra=FROM + 'RegenMailServer %s\nRegenMailTLSCA %s\n' % (post.url, post.cert))
        with one.visitor() as visitor:
            patient.book(visitor)
        env.wait_until(lambda: post.letters, 15)
        assert post.letters[0].envelope == ('letters@clinic.example', ('ada@example.org',))
        # Again after a graceful restart, by a new child.
        assert one.graceful().returncode == 0
        queued(to='after@example.org')
        env.wait_until(lambda: len(post.letters) == 2, 15)
        assert post.letters[0].as_string().count('Harbor Joint Clinic') > 1


@pytest.mark.expects_log('RG03141')
def test_a_server_that_is_away_is_told_once(servers, queued, database):
    one = servers(extra=FROM + 'RegenMailServer smtp://localhost:%d\n' % env.free_port())
    uids = [queued() for _ in range(3)]
    env.wait_until(lambda: mailing.state(database, uids[0])[2] >= 1, 15)
    time.sleep(5)
    said = env.read(one.error_log)
    assert said.count('RG03141') == 1 and 'example.org' not in said and 'Ada' not in said
    assert [mailing.state(database, u)[0] for u in uids] == ['queued'] * 3


@pytest.mark.allows_log('RG03141')
def test_a_server_that_hangs_holds_up_nothing(servers, queued, database):
    with socket.create_server(('127.0.0.1', 0)) as silent:
        silent.settimeout(15)
        one = servers(extra=FROM + 'RegenSweepInterval 1s\nRegenMailTimeout 1min\nRegenMailServer smtp://localhost:%d\n' % silent.getsockname()[1])
        uid = queued()
        held, _ = silent.accept()
        database.rows("INSERT INTO visitor_session (token_hash, created_at, expires_at) VALUES (UNHEX(SHA2('gone', 256)), 0, 1)")
        env.wait_until(lambda: database.value("SELECT COUNT(*) FROM visitor_session WHERE token_hash = UNHEX(SHA2('gone', 256))") == 0, 10)
        with one.visitor() as visitor:
            assert visitor.open('/').status == 200
        began = time.monotonic()
        one.stop()
        assert time.monotonic() - began < 6
        held.close()
    status, code, tries = mailing.state(database, uid)
    assert (status, tries) == ('queued', 1) and code in ('interrupted', '')


def test_two_servers_send_each_letter_once(servers, queued, database, tmp_path):
    with mailing.Server(tmp_path) as post:
        extra = FROM + 'RegenMailServer %s\nRegenMailTLSCA %s\n' % (post.url, post.cert)
        both = [servers(extra=extra) for _ in range(2)]
        assert len(both) == 2
        uids = [queued() for _ in range(60)]
        env.wait_until(lambda: all(mailing.state(database, u)[0] == 'sent' for u in uids), 40, 0.5)
        assert sorted(set(post.ids())) == sorted(post.ids()) and len(post.ids()) == 60


def test_an_offer_leaves_within_seconds(servers, queued, database, tmp_path):
    """A time is given back, and somebody on the waitlist learns of it with a link that opens their entry."""
    with mailing.Server(tmp_path) as post:
        one = servers(extra=FROM + 'RegenMailServer %s\nRegenMailTLSCA %s\n' % (post.url, post.cert))
        with one.visitor() as other, one.visitor() as grace:
            patient.book(other)
            joining.waiting(grace, database)
            env.wait_until(lambda: post.letters, 15)
            other.open('/booking/cancel').form(action='/booking/cancel').submit()
            began = time.monotonic()
            mine = lambda: [letter for letter in post.letters if letter.envelope[1] == ('grace@example.org',)]
            env.wait_until(mine, 10)
            assert time.monotonic() - began < 6
        letter, = mine()
        assert letter['Subject'] == 'A time is free for you at Harbor Joint Clinic' and 'hold it for you until' in mailing.text_of(letter)
        with one.visitor() as somewhere:
            assert somewhere.open(mailing.link_of(letter, '/w/')).h1 == 'A time is free for you'


def test_a_command_that_has_the_letter_at_a_graceful_restart(servers, queued, database, open_folder):
    """The child that ends waits for it and notes it, so that it is not run again; the new children send the others meanwhile."""
    os.chmod(open_folder, 0o777)
    path = os.path.join(open_folder, 'send-sms')
    with open(path, 'w', encoding='utf-8') as f:
        f.write('#!/bin/sh\ncat >%s/message.$$\nif grep -q slow %s/message.$$; then touch %s/has; sleep 6; fi\nexit 0\n' % ((open_folder,) * 3))
    os.chmod(path, 0o755)
    one = servers(extra='RegenMailRate Off\nRegenMailTransport command\nRegenMailInterval 1s\nRegenMailFrom letters@clinic.example\nRegenMailCommand %s\n' % path)
    slow = queued(to='slow@example.org')
    env.wait_until(lambda: os.path.exists(os.path.join(open_folder, 'has')), 15)
    assert one.graceful().returncode == 0
    began = time.monotonic()
    quick = queued(to='quick@example.org')
    env.wait_until(lambda: mailing.state(database, quick)[0] == 'sent', 15)
    assert time.monotonic() - began < 5, 'not held up by the child that ends'
    env.wait_until(lambda: mailing.state(database, slow)[0] == 'sent', 15)
    assert mailing.state(database, slow) == ('sent', '', 1)
    assert len([n for n in os.listdir(open_folder) if n.startswith('message')]) == 2


NO_CURL = 'int curl_global_init(long flags)\n{\n    (void)flags;\n    return 2;\n}\n'


@pytest.mark.expects_log('RG03144', 'RG03141')
@pytest.mark.only_mpm('prefork')
def test_without_the_mail_library_only_letters_wait(servers, queued, database, open_folder, monkeypatch):
    """Pages are served; the log and the page of httpd's state say what is wrong."""
    source, library = (os.path.join(open_folder, n) for n in ('nocurl.c', 'nocurl.so'))
    with open(source, 'w', encoding='utf-8') as f:
        f.write(NO_CURL)
    env.run(['gcc', '-shared', '-fPIC', '-o', library, source])
    os.chmod(library, 0o755)
    monkeypatch.setenv('LD_PRELOAD', ' '.join([library, os.environ.get('LD_PRELOAD', '')]).strip())
    one = servers(extra=FROM + 'RegenMailServer smtp://localhost:%d\nExtendedStatus On\n<Location "/server-status">\nSetHandler server-status\n'
                  'Require all granted\n</Location>\n' % env.free_port())
    monkeypatch.undo()
    uid = queued()
    with one.visitor() as visitor:
        assert visitor.open('/').status == 200
        assert 'letters="libcurl cannot be used"' in visitor.client.get(one.origin + '/server-status?auto').text
    env.wait_until(lambda: mailing.state(database, uid)[2] >= 1, 15)
    assert mailing.state(database, uid)[:2] == ('queued', 'unreachable')


def test_a_command_in_httpd(servers, queued, database, open_folder):
    """It has none of httpd's descriptors, blocked signals or environment, and one that hangs holds up no stop."""
    os.chmod(open_folder, 0o777)
    path = os.path.join(open_folder, 'send-sms')
    with open(path, 'w', encoding='utf-8') as f:
        f.write('#!/bin/sh\ncat >%s/message.$$\n(ls -l /proc/self/fd; grep SigBlk /proc/self/status; grep SigIgn /proc/self/status; env) >%s/seen.$$\n'
                'grep -q hang %s/message.$$ && sleep 100\nexit 0\n' % ((open_folder,) * 3))
    os.chmod(path, 0o755)
    one = servers(extra='RegenMailRate Off\nRegenMailTransport command\nRegenMailInterval 1s\nRegenMailFrom letters@clinic.example\nRegenMailCommand %s\n' % path)
    uid = queued(to='')
    env.wait_until(lambda: mailing.state(database, uid)[0] == 'sent', 15)
    seen, = [env.read(os.path.join(open_folder, n)) for n in os.listdir(open_folder) if n.startswith('seen')]
    # Of its own: three, and the folder that ls reads.
    assert len([line for line in seen.splitlines() if '->' in line]) <= 4 and 'error_log' not in seen, seen
    blocked, ignored = (int(re.search(r'%s:\t(\w+)' % word, seen).group(1), 16) for word in ('SigBlk', 'SigIgn'))
    assert blocked & 0x7fffffff == 0 and ignored & 0x7fffffff == 0, seen  # 32 and 33 are the C library's own
    assert 'LANG=C.UTF-8' in seen and 'APACHE' not in seen
    uid = queued(to='hang@example.org')
    env.wait_until(lambda: len([n for n in os.listdir(open_folder) if n.startswith('seen')]) == 2, 15)
    began = time.monotonic()
    one.stop()
    assert time.monotonic() - began < 6
    assert mailing.state(database, uid)[:2] in (('queued', 'interrupted'), ('queued', ''))
