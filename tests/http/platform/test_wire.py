# SPDX-License-Identifier: Apache-2.0
"""What the first page weighs on the wire, as conf/regen.conf has it sent: the page, its style sheet, its script and its icon, with their headers."""
import os
import re
import socket

import env
import pytest

MOST = 30 * 1024
LOAD = 'LoadModule %s_module "%s/mod_%s.so"\n'


def said(name):
    """The blocks of conf/regen.conf that are for a module of httpd's own, as they stand there."""
    with open(os.path.join(env.ROOT, 'conf/regen.conf'), encoding='utf-8') as f:
        return ''.join(re.findall(r'^<IfModule mod_filter\.c>\n  <IfModule mod_%s\.c>\n.*?\n  </IfModule>\n</IfModule>\n' % name, f.read(), re.S | re.M))


def asked(server, path):
    """An answer byte by byte, as a phone gets it."""
    with socket.create_connection(('127.0.0.1', server.port), timeout=20) as s:
        s.sendall(('GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept-Encoding: gzip, deflate, br\r\nConnection: close\r\n\r\n'
                   % (path, server.port)).encode())
        got = b''
        while piece := s.recv(65536):
            got += piece
    head, _, body = got.partition(b'\r\n\r\n')
    return got, head.decode('latin-1').lower(), body


@pytest.mark.once
def test_the_first_page_with_all_that_is_on_it(server, servers, database):
    modules = next(d for d in ('/usr/lib/apache2/modules', '/usr/lib64/httpd/modules') if os.path.exists(d))
    one = servers(database=database, extra=''.join(LOAD % (m, modules, m) for m in ('filter', 'deflate')) + said('deflate'))
    page, head, body = asked(one, env.MOUNT + '/')
    assert ' 200 ' in head.split('\r\n')[0] and 'content-encoding' not in head, 'a page with tokens is not compressed'
    parts = sorted(set(re.findall(r'(?:href|src)="([^"]+/static/[^"]+)"', body.decode())))
    assert {re.search(r'\.(\w+)\?', p).group(1) for p in parts} == {'css', 'js', 'svg'}
    weights = {'page': len(page)}
    for part in parts:
        got, head, _ = asked(one, part)
        assert 'content-encoding: gzip' in head and 'vary: accept-encoding' in head and 'max-age=31536000' in head, head
        weights[part] = len(got)
    assert sum(weights.values()) <= MOST, weights
    print(sum(weights.values()), weights)
