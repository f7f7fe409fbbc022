# SPDX-License-Identifier: Apache-2.0
"""Two MariaDB nodes on this machine that are one cluster. The first has two of the three votes, as a node with an arbitrator beside it
would: it goes on alone, the second does not."""
import contextlib
import os
import random
import shutil
import signal
import socket

import env

NAMES, VOTES = 'ab', (2, 1)


def two_ports():
    """A free port whose next is free, too; below those that the system gives to clients, as the second is needed again and again."""
    while True:
        port = random.randrange(20000, 30000, 2)
        with socket.socket() as one, socket.socket() as two:
            try:
                one.bind(('127.0.0.1', port))
                two.bind(('127.0.0.1', port + 1))
                return port
            except OSError:
                pass


class Node(env.Database):
    def __init__(self, where, name, port, peers, votes):
        super().__init__(where)
        self.node = dict(GALERA_NAME=name, GALERA_PORT=port, GALERA_PEERS=peers, GALERA_WEIGHT=votes, REGEN_DB_OPTIONS=env.FAST)

    def run(self, command):
        env.run(['sh', os.path.join(env.LIB, 'galera.sh'), command, self.dir], **self.node)
        return self

    def first(self):
        """Begins the cluster."""
        return self.run('first')

    def start(self):
        """Enters the cluster, also after a kill."""
        return self.run('join')

    def status(self, name):
        return self.script('sql', '-e', "SHOW GLOBAL STATUS LIKE 'wsrep_%s'" % name).stdout.split()[-1]


@contextlib.contextmanager
def cluster(template, where):
    """Both nodes, running, with the data of TEMPLATE, a stopped database. The second begins with a copy of the first."""
    ports = [two_ports(), two_ports()]
    peers = ','.join('127.0.0.1:%d' % p for p in ports)
    a, b = nodes = [Node(os.path.join(where, n), n, p, peers, v) for n, p, v in zip(NAMES, ports, VOTES)]
    copy(template, a)
    try:
        # Once, so that the copy is of the same cluster.
        a.first().stop()
        copy(a, b)
        a.first()
        b.start()
        yield nodes
    finally:
        for node in nodes:
            with contextlib.suppress(RuntimeError, ValueError):
                os.kill(node.pid, signal.SIGKILL)  # leaving a cluster in order takes its time
            node.remove()


def copy(source, target):
    os.makedirs(target.dir)
    for name in ('password', 'owner'):
        if os.path.exists(os.path.join(source.dir, name)):
            shutil.copy2(os.path.join(source.dir, name), target.dir)
    target.copy(source)
    for name in ('galera.cache', 'gvwstate.dat'):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(target.dir, 'data', name))
