# SPDX-License-Identifier: Apache-2.0
"""The month and the day of free times of a chain over HTTP, beside httpd's own static file of the same size, with 60,000 and 600,000
bookings and 1, 8 and 64 clients; and how many statements one request costs. Ratios only, each the median of rounds that take turns.
Run by `make bench`."""
import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, '..', 'http', 'lib')]
import clinic_of_bench as clinic  # noqa: E402
import env  # noqa: E402
import run  # noqa: E402

LOAD = os.path.join(env.BUILD, 'bench', 'load_http')
ROUNDS = int(os.environ.get('ROUNDS', 7))
REQUESTS = {1: 1200, 8: 4000, 64: 6400}
# Enough workers that 64 clients meet each other in the module and not in front of it.
SIZING = 'StartServers 2\nServerLimit 2\nThreadLimit 64\nThreadsPerChild 64\nMaxRequestWorkers 128\nMaxConnectionsPerChild 0\n'


def load(server, path, connections):
    """(requests a second, p50, p99)"""
    done = subprocess.run([LOAD, str(server.port), str(connections), str(REQUESTS[connections]), path], check=True, text=True,
                          stdout=subprocess.PIPE)
    return [float(word) for word in done.stdout.split()]


def twin(server, path):
    """A static file of the size of PATH."""
    size = len(server.visitor().get(server.origin + path).content)
    name = '/%d.html' % size
    with open(os.path.join(server.dir, 'htdocs', name[1:]), 'wb') as f:
        f.write(b'x' * size)
    return name, size


def executed(database):
    return int(database.rows("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'")[0][1])


def statements(server, database, path):
    """Of one request, once everything that is kept is kept."""
    before = executed(database)
    load(server, path, 8)
    return (executed(database) - before) / REQUESTS[8]


def compare(server, name, path, connections, size_of):
    """One line; how many times the static file's time ours takes."""
    file, size = size_of
    load(server, path, connections), load(server, file, connections)  # warm
    ratios, tails, bare, medians = [], [], [], []
    for _ in range(ROUNDS):
        f, page = load(server, file, connections), load(server, path, connections)
        ratios.append(page[0] / f[0])
        tails.append(page[2] / page[1])
        bare.append(f[2] / f[1])
        medians.append(page[1] / f[1])
    print('%-50s %5.2f of a static file of %d bytes   p99/p50 %4.1f (file %4.1f)' % (
        '%s, %d client%s' % (name, connections, 's' * (connections > 1)), statistics.median(ratios), size,
        statistics.median(tails), statistics.median(bare)), flush=True)
    return statistics.median(ratios)


def measure(server, database, bookings):
    month = clinic.next_month()
    weekday = next(month.replace(day=d) for d in range(8, 15) if month.replace(day=d).weekday() == 2)
    base = '/clinic/services/chain/times'
    pages = (('month, %s bookings' % bookings, '%s?month=%s' % (base, month.isoformat()[:7])),
             ('day, %s bookings' % bookings, '%s?day=%s' % (base, weekday.isoformat())))
    result = {}
    for name, path in pages:
        size_of = twin(server, path)
        for connections in (1, 8, 64):
            result[name.split(',')[0], connections] = compare(server, name, path, connections, size_of)
        print('%-50s %5.2f statements a request' % (name, statements(server, database, path)), flush=True)
    return result


def table(before, after):
    """The same once more as README.md has it."""
    print('| beside a static file of the same size (more is better) | 1 client | 8 | 64 |')
    for page in ('month', 'day'):
        for bookings, result in (('60,000', before), ('600,000', after)):
            print('| %s, %s bookings | %s |' % (page, bookings, ' | '.join('%.2f' % result[page, n] for n in (1, 8, 64))))
    sys.stdout.flush()


def main():
    with tempfile.TemporaryDirectory(prefix='regen-bench.') as where:
        os.chmod(where, 0o755)
        database = run.BenchDatabase(os.path.join(where, 'db')).start()
        server = env.Server(os.path.join(where, 'httpd'), database, sizing=SIZING)
        try:
            env.regenctl(database, 'migrate', os.path.join(env.ROOT, 'sql'), owner=True)
            clinic.make(database)
            clinic.fill(database, clinic.today() - 730, clinic.today() + 365, 60000)
            server.start()
            before = measure(server, database, '60,000')
            clinic.fill(database, clinic.today() + 740, clinic.today() + 740 + 9 * 1095, 540000)
            after = measure(server, database, '600,000')
            for key in before:
                print('%-50s %5.2f of the speed before' % ('%s with ten times the bookings, clients: %d' % key,
                                                          after[key] / before[key]), flush=True)
            table(before, after)
        finally:
            server.stop()
            database.stop()


if __name__ == '__main__':
    main()
