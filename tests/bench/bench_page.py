# SPDX-License-Identifier: Apache-2.0
"""Pages without database work beside httpd's own static file of the same size, on one private server: what dispatch, view and
template cost. Prints ratios only, each the median of several rounds that take turns. Run by `make bench`."""
import os
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'http', 'lib'))
import env  # noqa: E402

LOAD = os.path.join(env.BUILD, 'bench', 'load_http')
ROUNDS = 7
REQUESTS = 4000
# The login page is a rendered template with a form; the second is a document of the FHIR writer.
PAGES = (('login page', '/clinic/login'), ('FHIR CapabilityStatement', '/clinic/fhir/metadata'),
         ('stylesheet', '/clinic/static/regen.css'))


def load(server, path, connections):
    """(requests a second, p50, p99)"""
    done = subprocess.run([LOAD, str(server.port), str(connections), str(REQUESTS), path], check=True, text=True,
                          stdout=subprocess.PIPE)
    return [float(word) for word in done.stdout.split()]


def compare(server, name, path, connections):
    """One line: how much longer a page takes than a file of its size."""
    size = len(server.visitor().get(server.origin + path).content)
    twin = '/%d.html' % size
    with open(os.path.join(server.dir, 'htdocs', twin[1:]), 'wb') as f:
        f.write(b'x' * size)
    load(server, path, connections), load(server, twin, connections)  # warm
    ratios, tails, bare = [], [], []
    for _ in range(ROUNDS):
        file, page = load(server, twin, connections), load(server, path, connections)
        ratios.append(file[0] / page[0])
        tails.append(page[2] / page[1])
        bare.append(file[2] / file[1])
    print('%-44s %5.2f x static file of %d bytes   p99/p50 %5.1f (file %5.1f)' % (
        '%s, %d client%s' % (name, connections, 's' * (connections > 1)), statistics.median(ratios), size,
        statistics.median(tails), statistics.median(bare)), flush=True)


def main():
    with tempfile.TemporaryDirectory(prefix='regen-bench.') as where:
        os.chmod(where, 0o755)
        database = env.Database(os.path.join(where, 'db')).start()
        server = env.Server(os.path.join(where, 'httpd'), database)
        try:
            server.port = env.free_port()
            env.load_sample(database, where, server.base)
            server.start()
            for name, path in PAGES:
                compare(server, name, path, 1)
                compare(server, name, path, 8)
        finally:
            server.stop()
            database.stop()


if __name__ == '__main__':
    main()
