# SPDX-License-Identifier: Apache-2.0
"""Runs every bench_*.c and bench_*.py of this folder, one after the other, each program on an empty database of its own, and prints
their ratio lines under the machine's description. Called by `make bench` after building."""
import glob
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'http', 'lib'))
import env  # noqa: E402

# As a clinic would run it: every commit reaches the disk. The pool holds 600,000 bookings.
DURABLE = '--innodb-flush-log-at-trx-commit=1 --innodb-buffer-pool-size=2G --innodb-log-file-size=256M'
# Seconds for one program: several times what the longest takes on two idle cores.
LONGEST = 1800


def machine():
    """One line: processor, cores, memory, software."""
    model = next((line.split(':', 1)[1].strip() for line in env.read('/proc/cpuinfo').splitlines()
                  if line.startswith('model name')), 'unknown processor')
    kib = int(env.read('/proc/meminfo').split('MemTotal:', 1)[1].split()[0])
    httpd = env.run(['/usr/sbin/apache2', '-v'], check=False).stdout.split('\n')[0].replace('Server version: ', '')
    database = env.run(['mariadbd', '--no-defaults', '--version'], check=False).stdout.split()
    return '%s, %d cores, %d GiB, %s, MariaDB %s' % (
        model, os.cpu_count(), round(kib / 2**20), httpd, database[2] if len(database) > 2 else 'unknown')


def environment(database, name):
    """What the store tests' programs get, with a database of NAME, in which they may publish fees as of long ago."""
    database.admin('CREATE DATABASE %s CHARACTER SET utf8mb4; GRANT ALL ON %s.* TO regen@localhost; '
                   'GRANT BINLOG REPLAY ON *.* TO regen@localhost' % (name, name))
    return dict(os.environ, REGEN_TEST_SOCKET=database.socket, REGEN_TEST_USER='regen', REGEN_TEST_DATABASE=name,
                REGEN_TEST_PASSWORD=env.read(database.password_file).strip(),
                REGEN_TEST_SQL=os.path.join(env.ROOT, 'sql'), REGEN_TEST_ROOT=env.ROOT)


def programs(database):
    """(name, argv, environment) of all benches, C first."""
    for source in sorted(glob.glob(os.path.join(HERE, 'bench_*.c'))):
        name = os.path.splitext(os.path.basename(source))[0]
        yield name, [os.path.join(env.BUILD, 'bench', name)], environment(database, name)
    for source in sorted(glob.glob(os.path.join(HERE, 'bench_*.py'))):
        yield os.path.splitext(os.path.basename(source))[0], [sys.executable, source], dict(os.environ, BUILD=env.BUILD)


def ends_well(argv, variables):
    process = subprocess.Popen(argv, env=variables, stdin=subprocess.DEVNULL)
    try:
        return process.wait(timeout=LONGEST) == 0
    except subprocess.TimeoutExpired:
        print('not done after %d s: is the machine busy?' % LONGEST, flush=True)
        return False
    finally:
        # Asked first: it has servers to stop.
        process.terminate()
        try:
            process.wait(timeout=120)
        except subprocess.TimeoutExpired:
            process.kill()


class BenchDatabase(env.Database):
    """The harness's private MariaDB, durable."""

    def script(self, command, *rest):
        return env.run(['sh', os.path.join(env.LIB, 'db.sh'), command, self.dir, *rest], REGEN_DB_OPTIONS=DURABLE)


def main():
    print(machine(), flush=True)
    failed = []
    with tempfile.TemporaryDirectory(prefix='regen-bench.') as where:
        os.chmod(where, 0o755)
        database = BenchDatabase(os.path.join(where, 'db')).start()
        try:
            for name, argv, variables in programs(database):
                print('--- ' + name, flush=True)
                begin = time.monotonic()
                if not ends_well(argv, variables):
                    failed.append(name)
                print('    (%d s)' % (time.monotonic() - begin), flush=True)
        finally:
            database.stop()
    if failed:
        raise SystemExit('failed: ' + ', '.join(failed))


if __name__ == '__main__':
    main()
