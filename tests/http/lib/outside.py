# SPDX-License-Identifier: Apache-2.0
"""A clinic as it is seen from outside: behind a proxy that ends TLS and shows it under another path and name. What
comes back is kept, so that every address in it can be looked at. No fixtures here."""
import re
import subprocess

import httpx

import env

ORIGIN = 'https://book.clinic.example'
BASE = ORIGIN + '/clinic'
MOUNT = '/inner'
CODES = 'https://harbor.example/codes/services'
# Names of things that happen to look like addresses.
VOCABULARY = ('http://hl7.org/fhir', 'http://terminology.hl7.org/', 'http://www.w3.org/', 'http://nucc.org/provider-taxonomy',
              'https://www.cms.gov/Medicare/Coding/', 'http://unitsofmeasure.org', 'https://profiles.ihe.net/ITI/Scheduling/',
              'http://fhir-registry.smarthealthit.org/StructureDefinition/', CODES)
# What a liar says about where the request went.
LIES = {'Host': 'evil.example', 'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Proto': 'gopher', 'X-Forwarded-Port': '6666',
        'X-Forwarded-Server': 'evil.example', 'Forwarded': 'host=evil.example;proto=gopher', 'X-Original-Host': 'evil.example'}

CONF = '''
RegenDatabaseSocket "${REGEN_DB_SOCKET}"
RegenDatabasePasswordFile "${REGEN_DB_PASSWORD_FILE}"
RegenSecretFile "${REGEN_SECRET_FILE}"
RegenTemplates "${REGEN_ROOT}/conf/templates"
RegenStatic "${REGEN_ROOT}/conf/static"
RegenHoldsPerClient 0
RegenWaitlistPerClient 0
RegenSearchRate Off
RegenLinkRate Off
RegenJoinRate Off
RegenLoginRate Off
RegenPeopleRate Off
%(more)s
<Location "%(mount)s">
    RegenEngine On
    RegenPublicBase %(base)s
    Require all granted
</Location>
LoadModule proxy_module "%(modules)s/mod_proxy.so"
LoadModule proxy_http_module "%(modules)s/mod_proxy_http.so"
Listen 127.0.0.1:%(front)d
<VirtualHost 127.0.0.1:%(front)d>
    ServerName front.internal
    CustomLog "${REGEN_RUN}/front_log" combined
    ProxyPass "/clinic" "http://127.0.0.1:${REGEN_PORT}%(mount)s"
</VirtualHost>
'''


class House(env.Server):
    """An httpd whose clinic is at MOUNT, and in front of it what shows it as BASE."""

    def __init__(self, where, database, mpm, more='RegenCodeSystem ' + CODES):
        modules = subprocess.run(['apxs', '-q', 'LIBEXECDIR'], check=True, capture_output=True, text=True).stdout.strip()
        self.front = env.free_port()
        super().__init__(where, database, mpm, port=env.free_port(),
                         only=CONF % dict(mount=MOUNT, base=BASE + '/', modules=modules, front=self.front, more=more))
        self.seen = []

    @property
    def base(self):
        return BASE

    @property
    def inner(self):
        """Without what stands in front of it."""
        return self.origin + MOUNT

    def visitor(self, **options):
        return env.Visitor(BASE, transport=Proxy(self), **options)

    def machine(self, token=None, accept=None, **options):
        return super().machine(token, accept, transport=Proxy(self), **options)


class Proxy(httpx.HTTPTransport):
    """Ends TLS, so to say: what goes to the public address arrives at the front, and what comes back is kept."""

    def __init__(self, house):
        super().__init__(verify=env.NO_AUTHORITIES)
        self.house = house

    def handle_request(self, request):
        assert str(request.url).startswith(ORIGIN + '/'), 'it leads elsewhere: %s' % request.url
        there = request.url.copy_with(scheme='http', host='127.0.0.1', port=self.house.front)
        answer = super().handle_request(httpx.Request(request.method, there, headers=request.headers, stream=request.stream,
                                                      extensions=request.extensions))
        answer.read()
        self.house.seen.append((request.method, str(request.url), answer))
        return answer


def texts(answer):
    """Everything a client may read: the headers, and the body with its folded lines."""
    for name, value in answer.headers.items():
        yield name, value
    yield 'body', re.sub(r'\r\n[ \t]', '', answer.content.decode('utf-8', 'replace'))


def strays(answer):
    """What in an answer points anywhere but to the public base."""
    found = []
    for where, text in texts(answer):
        for address in re.findall(r'[a-zA-Z]+://[^\s"\'<>\\)]+', text):
            if not (re.match(re.escape(BASE) + r'(?:[/?#]|$)', address) or address.startswith(VOCABULARY)):
                found.append((where, address))
        for word in re.findall(r'(?:127\.0\.0\.1|localhost|evil\.example|front\.internal|gopher)[^\s"\'<>]*|(?<![\w.~-])%s(?:/[^\s"\'<>]*|\b)' % MOUNT, text):
            found.append((where, word))
    return found
