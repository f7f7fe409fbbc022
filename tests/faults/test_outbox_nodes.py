# SPDX-License-Identifier: Apache-2.0
"""Letters on two Galera nodes, senders at both, one killed with SIGKILL, then a node: each letter arrives, none is sent by two senders, and only
what was in the hands of the one that died arrives twice, with one Message-ID."""
import pytest

import env
import galera
import mailing
from test_galera import caught_up, same

LETTERS = 80


@pytest.fixture(scope='module')
def nodes(template, request):
    with galera.cluster(template, env.work_folder('galera-letters')) as made:
        yield made


def waiting(node):
    return node.value("SELECT COUNT(*) FROM message WHERE status = 'queued'")


def test_senders_at_both_nodes(nodes, tmp_path):
    a, b = nodes
    with mailing.Server(tmp_path) as post:
        folders = [tmp_path / n for n in 'ab']
        for folder in folders:
            folder.mkdir()
        confs = [mailing.settings(folder, node, mail_transport='smtp', mail_server=post.url, mail_tls_ca=post.cert) for folder, node in zip(folders, nodes)]
        mailing.clear(a)
        for n in range(LETTERS):
            mailing.message(a, n + 1)
        caught_up(nodes)
        senders = [mailing.start(conf, '--watch') for conf in confs for _ in range(2)]
        try:
            env.wait_until(lambda: len(post.letters) >= 10, 30)
            senders[2].kill()  # one of the two at the second node
            env.wait_until(lambda: len(post.letters) >= 30, 30)
            b.kill()
            env.wait_until(lambda: a.value("SELECT COUNT(*) FROM message WHERE status = 'queued' AND lease = ''") == 0, 60, 0.5)
        finally:
            for sender in senders:
                sender.terminate()
            for sender in senders:
                sender.communicate(timeout=60)
        b.start()
        caught_up(nodes)
        left = waiting(b)
        assert left <= 3, 'only what a sender at the dead node, or the dead one, had in its hands'
        assert mailing.run(confs[1])[1].startswith('0 letters sent'), 'not before the lease ends'
        mailing.due(b)
        assert mailing.run(confs[1])[0] == 0 and waiting(a) == 0
        ids = post.ids()
    assert len(set(ids)) == LETTERS
    assert len(ids) <= LETTERS + left
    assert a.value("SELECT COUNT(*) FROM message WHERE status = 'sent'") == LETTERS
    assert len(ids) - LETTERS <= 3
    caught_up(nodes)
    assert same(nodes, {'message': '1', 'message_try': '1', 'message_link': '1'}) == []
