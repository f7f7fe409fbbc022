# SPDX-License-Identifier: Apache-2.0
"""What the Python tests stand on: a private MariaDB, private httpds, and a visitor who uses pages as a browser without
JavaScript would. No fixtures here (those are in fixtures.py), so that scripts can use it too."""
import atexit
import ctypes
import glob
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse

import httpx
import lxml.html

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', '..'))
BUILD = os.path.join(ROOT, os.environ.get('BUILD') or 'build')
LIB = os.path.join(ROOT, 'tests', 'lib')
sys.path.insert(0, LIB)
import memory  # noqa: E402

REGENCTL = os.path.join(BUILD, 'regenctl')
MOUNT = '/clinic'
# To read the system's certificate authorities takes a tenth of a second for each client, and no server of the tests has a certificate of theirs.
NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
# Killing the process keeps what the kernel has, so the tests need not wait for the disk at every commit.
FAST = '--innodb-flush-log-at-trx-commit=2 --innodb-buffer-pool-size=64M'


def run(argv, check=True, timeout=120, **env):
    """Runs a command of the harness; a CompletedProcess with text output."""
    done = subprocess.run(argv, cwd=ROOT, env=dict(os.environ, BUILD=BUILD, **{k: str(v) for k, v in env.items()}),
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=timeout)
    if check and done.returncode != 0:
        raise RuntimeError('%s ended with %d\n%s%s' % (' '.join(argv), done.returncode, done.stdout, done.stderr))
    return done


def http_client(**options):
    return httpx.Client(trust_env=False, verify=NO_AUTHORITIES, **options)


def http_transport(**options):
    return httpx.HTTPTransport(verify=NO_AUTHORITIES, **options)


def read(path, default=''):
    try:
        with open(path, encoding='utf-8', errors='replace') as f:
            return f.read()
    except FileNotFoundError:
        return default


def source(*under):
    """The product's C below these folders, for tests that read a table of it: wherever the table moves there, it is found."""
    paths = sorted(p for folder in under for p in glob.glob(os.path.join(ROOT, folder, '**', '*.[ch]'), recursive=True))
    assert paths, 'no source below %s' % ' and '.join(under)
    return '\n'.join(read(p) for p in paths)


def routes():
    """(method, pattern, roles, cap, accepts, flags) of every route, as the guard reads them."""
    sys.path.insert(0, os.path.join(ROOT, 'tests', 'guards'))
    return __import__('routes').rows()


def free_port():
    """A port nobody listens on now. Between two helpers asking at once httpd's bind decides; Server.start tries again."""
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class Database:
    """A private MariaDB in DIR, reached by socket."""

    def __init__(self, where):
        self.dir, self.options = where, ''

    def script(self, command, *rest):
        return run(['sh', os.path.join(LIB, 'db.sh'), command, self.dir, *rest], REGEN_DB_OPTIONS=FAST + ' ' + self.options)

    def start(self):
        self.script('start')
        return self

    def stop(self):
        self.script('stop')

    def copy(self, other):
        """Takes the data of OTHER, a stopped one, and its secret: one clinic, one secret."""
        self.script('copy', other.dir)
        shutil.copy2(other.secret_file, self.dir)
        return self

    def remove(self):
        """Ends it. The logs stay, the data would fill the disk."""
        self.script('stop')
        self.script('remove')

    def kill(self):
        """SIGKILL, as a power cut would."""
        self.script('kill')

    def freeze(self):
        """A server that accepts and never answers."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self):
        os.kill(self.pid, signal.SIGCONT)

    @property
    def pid(self):
        return int(self.script('pid').stdout)

    @property
    def socket(self):
        return read(os.path.join(self.dir, 'socket')).strip()

    @property
    def password_file(self):
        return os.path.join(self.dir, 'password')

    @property
    def secret_file(self):
        """The installation's secret, as httpd.sh has it."""
        return os.path.join(self.dir, 'installation')

    def connect(self, user='regen_owner', **more):
        """A connection, autocommit, as the owner of the tables or (user='regen') as the module's own account."""
        import pymysql  # only tests need it, make run does not
        file = {'regen': 'password', 'regen_owner': 'owner'}[user]
        return pymysql.connect(unix_socket=self.socket, user=user, password=read(os.path.join(self.dir, file)).strip(),
                               database='regen', autocommit=True, charset='utf8mb4', **more)

    def rows(self, sql, *args):
        """All rows of one statement as tuples."""
        connection = self.connect()
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, args or None)
                return cursor.fetchall()
        finally:
            connection.close()

    def value(self, sql, *args):
        """The first column of the first row, None without rows."""
        rows = self.rows(sql, *args)
        return rows[0][0] if rows else None

    def grant(self):
        """Gives the module's account what `regenctl grants` says, once there are tables."""
        said = regenctl(self, 'grants', 'regen@localhost', owner=True, check=False)
        if said.returncode == 0:
            self.admin(said.stdout)

    def admin(self, sql):
        """A statement as the server's superuser (KILL, SET GLOBAL, …)."""
        return self.script('sql', '-e', sql).stdout


def load_sample(database, where, base, fhir=None):
    """Migrates and loads the sample clinic; its logins, token and addresses as a dict (also in WHERE/sample.txt)."""
    run(['sh', os.path.join(LIB, 'sample.sh'), where], DB_DIR=database.dir, BASE=base, FHIR=fhir or base + '/fhir')
    # The sample's marrow needs a treatment order. Tests of anything else book it as anyone; those of orders ask for one (ordering.py).
    database.rows("UPDATE service SET booked_by = 'anyone'")
    database.rows("DELETE FROM resource_capability WHERE capability = 'order'")
    return sample_values(os.path.join(where, 'sample.txt'))


def cheap_hash(password):
    """The password hashed as the product does (Argon2id by libsodium), with the least work that is possible."""
    made = ctypes.create_string_buffer(128)
    sodium = ctypes.CDLL('libsodium.so.23')
    word = password.encode()
    if sodium.crypto_pwhash_str(made, word, ctypes.c_ulonglong(len(word)), ctypes.c_ulonglong(1), ctypes.c_size_t(8192)) != 0:
        raise RuntimeError('libsodium does not hash')
    return made.value.decode()


def sample_move(source, where, database, base):
    """The sample.txt of SOURCE for a copy of its database behind BASE, written to WHERE; its values."""
    values = sample_values(os.path.join(source, 'sample.txt'))
    values.update(base=base, fhir=base + '/fhir', socket=database.socket, db_password_file=database.password_file,
                  db_password=read(database.password_file).strip())
    with open(os.path.join(where, 'sample.txt'), 'w', encoding='utf-8', opener=lambda p, f: os.open(p, f, 0o600)) as f:
        f.writelines('%s=%s\n' % pair for pair in values.items())
    return values


def sample_values(path):
    return dict(line.split('=', 1) for line in read(path).splitlines() if '=' in line)


def regenctl(database, *args, owner=False, check=True, timeout=120):
    """The command line on this database (OWNER: as the account that may change tables); a CompletedProcess."""
    user, file = ('regen_owner', 'owner') if owner else ('regen', 'password')
    if not os.path.exists(database.secret_file):
        run([REGENCTL, 'secret', 'make', database.secret_file])
    done = run([REGENCTL, '--socket', database.socket, '--user', user, '--password-file',
                os.path.join(database.dir, file), '--database', 'regen', '--secret-file', database.secret_file,
                *args], check=check, timeout=timeout)
    if args[0] == 'migrate' and done.returncode == 0:
        database.grant()
    return done


# Every server that runs now and what stopped ones wrote last: fixtures.py reads their logs after each test.
RUNNING = []
LATE = []


class Server:
    """A private httpd in DIR on a port of its own. EXTRA: more configuration at the end. ONLY: instead of the sample
    clinic's own directives. SIZING: instead of the harness's process counts."""

    def __init__(self, where, database, mpm='event', extra='', only=None, sizing=None, port=None):
        self.dir, self.database, self.mpm, self.port = where, database, mpm, port
        os.makedirs(where, exist_ok=True)
        self.env = {'MPM': mpm, 'DB_DIR': database.dir if database else where}
        for key, text in (('EXTRA', extra), ('MODULE_CONF', only), ('SIZING', sizing)):
            if text:
                self.env[key] = self.write(key.lower() + '.conf', text)
        self.mark = 0

    def write(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, 'w', encoding='utf-8') as f:
            f.write(text)
        return path

    def script(self, command, check=True):
        return run(['sh', os.path.join(LIB, 'httpd.sh'), command, self.dir], check=check, PORT=self.port or 0, **self.env)

    def start(self):
        chosen = self.port
        for attempt in range(5):
            self.port = chosen or free_port()
            done = self.script('start', check=False)
            if done.returncode == 0:
                if self not in RUNNING:
                    RUNNING.append(self)
                return self
            if 'could not bind' not in done.stderr:
                break
        raise RuntimeError('httpd did not start:\n' + done.stdout + done.stderr)

    def stop(self):
        self.script('stop')
        if self in RUNNING:
            RUNNING.remove(self)
            LATE.extend(self.new_log_lines())

    def graceful(self):
        """Rereads the configuration and replaces the children; returns the CompletedProcess without judging it."""
        self.script('conf')
        return self.script('graceful', check=False)

    def configtest(self):
        """(exit code, what it said)."""
        self.port = self.port or free_port()
        self.script('conf')
        done = self.script('test', check=False)
        return done.returncode, done.stdout + done.stderr

    @property
    def pid(self):
        return int(self.script('pid').stdout)

    def children(self):
        """Process ids of the children that answer requests."""
        with open('/proc/%d/task/%d/children' % (self.pid, self.pid)) as f:
            return [int(n) for n in f.read().split()]

    @property
    def origin(self):
        return 'http://127.0.0.1:%d' % self.port

    @property
    def base(self):
        return self.origin + MOUNT

    @property
    def fhir(self):
        return self.base + '/fhir'

    @property
    def error_log(self):
        return os.path.join(self.dir, 'error_log')

    @property
    def access_log(self):
        return os.path.join(self.dir, 'access_log')

    def new_log_lines(self):
        """Lines of error_log since the last call."""
        try:
            with open(self.error_log, 'rb') as f:
                f.seek(self.mark)
                data = f.read()
        except FileNotFoundError:
            return []
        whole = data[:data.rfind(b'\n') + 1]
        self.mark += len(whole)
        return whole.decode('utf-8', 'replace').splitlines()

    def raw(self, data, timeout=10):
        """Sends bytes as they are and returns everything that comes back until the server closes."""
        with socket.create_connection(('127.0.0.1', self.port), timeout) as s:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
            got = b''
            while True:
                part = s.recv(65536)
                if not part:
                    return got
                got += part

    def visitor(self, **options):
        return Visitor(self.base, **options)

    def machine(self, token=None, accept=None, **options):
        """An httpx client for the FHIR API."""
        headers = {}
        if token:
            headers['Authorization'] = 'Bearer ' + token
        if accept:
            headers['Accept'] = accept
        return http_client(base_url=self.fhir, headers=headers, timeout=30, **options)


# Levels that a healthy server never writes.
BAD_LEVEL = re.compile(r'^\[[^\]]*\] \[[^\]:]*:(warn|error|crit|alert|emerg)\]')
# A child that died or a sanitizer that spoke is written without a level.
BAD_WORDS = re.compile(r'Segmentation fault|AddressSanitizer|runtime error:|core dumped|exit signal|stack smashing|ThreadSanitizer')
MESSAGE_ID = re.compile(r'\b(RG\d{5}|AH\d{5})\b')


# What strangers did, told at warn for fail2ban; and that the database is back.
TOLD = re.compile(r'\b(RG03020|RG03040|RG03041|RG03042|RG01031)\b')


# What error_log may say while the database is down, slow or not ready.
DOWN = ('RG01001', 'RG01002', 'RG01003', 'RG01010', 'RG01011', 'RG01012', 'RG01020', 'RG01030', 'RG01031', 'RG01050')


def is_bad(line):
    return bool(BAD_LEVEL.search(line) and not TOLD.search(line) or BAD_WORDS.search(line))


# --- a visitor without JavaScript ------------------------------------------------------------------------------------------

class Visitor:
    """Cookies, redirects followed, and pages that can be clicked and filled in. Paths are under the mount point unless
    they begin with it; whole addresses work too."""

    def __init__(self, base, **options):
        self.base = base.rstrip('/')
        self.client = http_client(timeout=30, follow_redirects=False, **options)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.client.close()

    def close(self):
        self.client.close()

    def url(self, path):
        if re.match(r'https?://', path):
            return path
        mount = urllib.parse.urlsplit(self.base).path
        if path == mount or path.startswith(mount + '/') or path.startswith(mount + '?'):
            return urllib.parse.urljoin(self.base, path)
        return self.base + '/' + path.lstrip('/')

    def request(self, method, path, **options):
        """One exchange, no redirect followed: the httpx response."""
        return self.client.request(method, self.url(path), **options)

    def get(self, path, **options):
        return self.request('GET', path, **options)

    def post(self, path, **options):
        return self.request('POST', path, **options)

    def open(self, path, method='GET', **options):
        """The page at PATH after all redirects (a 303 becomes GET, as browsers do)."""
        address, hops = self.url(path), []
        for _ in range(10):
            response = self.client.request(method, address, **options)
            if response.status_code not in (301, 302, 303, 307, 308):
                return Page(self, response, hops)
            hops.append(response)
            address = urllib.parse.urljoin(address, response.headers['location'])
            if response.status_code in (301, 302, 303):
                method, options = 'GET', {}
        raise AssertionError('too many redirects, last to ' + address)

    def login(self, login, password, path='/login'):
        """Logs in through the page; the page one lands on."""
        page = self.open(path)
        return page.form(having='password').fill(login=login, password=password).submit()


class Page:
    """A response and its HTML."""

    def __init__(self, visitor, response, hops=()):
        self.visitor, self.response, self.hops = visitor, response, list(hops)
        self.status = response.status_code
        self.url = str(response.url)
        self.html = response.text
        kind = response.headers.get('content-type', '')
        self.tree = lxml.html.document_fromstring(response.content) if 'html' in kind and response.content else None

    def __repr__(self):
        return '<%d %s %r>' % (self.status, self.url, self.h1 if self.tree is not None else '')

    @property
    def path(self):
        """Below the mount point, with the query, but for which of the browser's bookings or places it is about: `about`."""
        parts = urllib.parse.urlsplit(self.url)
        mount = urllib.parse.urlsplit(self.visitor.base).path
        path = parts.path[len(mount):] if parts.path.startswith(mount) else parts.path
        query = '&'.join(part for part in parts.query.split('&') if not re.match('(booking|place)=', part))
        return path + ('?' + query if query else '')

    @property
    def about(self):
        """The uid of the booking or place that the address names, '' without one."""
        named = re.search('[?&](?:booking|place)=([^&#]*)', self.url)
        return named.group(1) if named else ''

    @property
    def title(self):
        return ' '.join((self.tree.findtext('.//title') or '').split())

    @property
    def h1(self):
        heads = self.tree.xpath('//h1')
        return ' '.join(heads[0].text_content().split()) if heads else ''

    @property
    def text(self):
        """What a person reads, blanks folded."""
        body = self.tree.find('.//body')
        return ' '.join((body if body is not None else self.tree).text_content().split())

    def css(self, selector):
        return self.tree.xpath(css_to_xpath(selector))

    def link(self, text):
        """The address of the first link whose words contain TEXT."""
        for a in self.tree.xpath('//a[@href]'):
            if text.lower() in ' '.join(a.text_content().split()).lower():
                return urllib.parse.urljoin(self.url, a.get('href'))
        raise AssertionError('no link %r on %r; there are: %s' % (text, self, [
            ' '.join(a.text_content().split()) for a in self.tree.xpath('//a[@href]')]))

    def links(self):
        return [urllib.parse.urljoin(self.url, a.get('href')) for a in self.tree.xpath('//a[@href]')]

    def click(self, text):
        return self.visitor.open(self.link(text))

    def forms(self):
        return [Form(self, f) for f in self.tree.xpath('//form')]

    def form(self, action=None, having=None, button=None, index=0):
        """The form whose action contains ACTION, that has a field HAVING, whose button reads BUTTON; INDEX of those."""
        found = [f for f in self.forms()
                 if (action is None or action in f.action) and (having is None or having in f.names())
                 and (button is None or any(button.lower() in b.lower() for b in f.buttons()))]
        if len(found) <= index:
            raise AssertionError('no such form (action=%r having=%r button=%r) on %r; there are: %s' % (
                action, having, button, self, [(f.action, sorted(f.names()), f.buttons()) for f in self.forms()]))
        return found[index]

    def error_for(self, name):
        """The message the page ties to this field through aria-describedby, '' without one."""
        for field in self.tree.xpath('//*[@name=$n or @id=$n]', n=name):
            if field.get('aria-invalid') != 'true':
                continue
            ids = (field.get('aria-describedby') or '').split() + (field.get('aria-errormessage') or '').split()
            for one in ids:
                for element in self.tree.xpath('//*[@id=$i]', i=one):
                    if 'error' in (element.get('class') or '') + one:
                        return ' '.join(element.text_content().split())
        return ''


class Form:
    """Successful controls as HTML defines them; setting a field the page does not have is a failure of the test."""

    def __init__(self, page, element):
        self.page, self.element = page, element
        self.action = urllib.parse.urljoin(page.url, element.get('action') or page.url)
        self.method = (element.get('method') or 'get').upper()
        self.enctype = element.get('enctype') or 'application/x-www-form-urlencoded'
        self.changes = {}

    def controls(self):
        own = self.element.xpath('.//input|.//select|.//textarea')
        ident = self.element.get('id')
        if ident:
            own += self.page.tree.xpath('//*[(self::input or self::select or self::textarea) and @form=$i]', i=ident)
        return [c for c in own if c.get('name') and c.get('disabled') is None
                and not c.xpath('ancestor::fieldset[@disabled]')]

    def names(self):
        return {c.get('name') for c in self.controls()}

    def buttons(self):
        found = self.element.xpath('.//button[not(@type) or @type="submit"]|.//input[@type="submit"]')
        return [' '.join((b.text_content() or b.get('value') or '').split()) for b in found]

    def options(self, name):
        """What can be chosen: values of radios, checkboxes, selects."""
        values = []
        for c in self.controls():
            if c.get('name') != name:
                continue
            if c.tag == 'select':
                values += [o.get('value', (o.text or '').strip()) for o in c.xpath('.//option')]
            elif c.get('type') in ('radio', 'checkbox'):
                values.append(c.get('value', 'on'))
        return values

    def value(self, name):
        """What would be sent now."""
        return dict(self.pairs()).get(name)

    def fill(self, **fields):
        for name, value in fields.items():
            for one, piece in in_pieces(name, value, self.names()).items():
                self.set(one, piece)
        return self

    def set(self, name, value, force=False):
        if not force:
            if name not in self.names():
                raise AssertionError('no field %r in %s; there are %s' % (name, self.action, sorted(self.names())))
            choices = self.options(name)
            if choices and value is not None and value not in choices:
                raise AssertionError('%r is no choice of %r: %s' % (value, name, choices))
        self.changes[name] = value
        return self

    def pairs(self, button=None):
        """Name and value of everything a browser would send. A field set to None is left out."""
        pairs, used = [], set()
        for c in self.controls():
            name, kind = c.get('name'), (c.get('type') or 'text').lower()
            if kind in ('submit', 'button', 'image', 'reset', 'file'):
                continue
            if name in self.changes:
                value = self.changes[name]
                if name not in used and value is not None:
                    pairs.append((name, str(value)))
                used.add(name)
            elif c.tag == 'select':
                chosen = c.xpath('.//option[@selected]') or c.xpath('.//option')[:1]
                pairs += [(name, o.get('value', (o.text or '').strip())) for o in chosen[:1]]
            elif c.tag == 'textarea':
                # The parser keeps the newline right after the tag, which HTML drops.
                pairs.append((name, (c.text or '').removeprefix('\n')))
            elif kind in ('radio', 'checkbox'):
                if c.get('checked') is not None:
                    pairs.append((name, c.get('value', 'on')))
            else:
                pairs.append((name, c.get('value', '')))
        pairs += [(n, str(v)) for n, v in self.changes.items() if n not in used and n not in self.names() and v is not None]
        return pairs + self.pressed(button)

    def pressed(self, button):
        found = self.element.xpath('.//button[not(@type) or @type="submit"]|.//input[@type="submit"]')
        if button is not None:
            found = [b for b in found if button.lower() in ' '.join((b.text_content() or b.get('value') or '').split()).lower()]
            if not found:
                raise AssertionError('no button %r in %s; there are %s' % (button, self.action, self.buttons()))
        return [(b.get('name'), b.get('value', '')) for b in found[:1] if b.get('name')]

    def submit(self, button=None, follow=True, **headers):
        """Presses the button (the first one unless named); the page one lands on, or the bare response."""
        pairs = self.pairs(button)
        send = self.page.visitor.open if follow else self.page.visitor.request
        headers = {'Referer': self.page.url, 'Origin': origin_of(self.page.url), **headers}
        if self.method == 'GET':
            address = self.action.split('?')[0] + '?' + urllib.parse.urlencode(pairs)
            return send(address) if follow else send('GET', address)
        body = urllib.parse.urlencode(pairs).encode()
        options = {'content': body, 'headers': {'Content-Type': 'application/x-www-form-urlencoded', **headers}}
        return send(self.action, method='POST', **options) if follow else send('POST', self.action, **options)


def in_pieces(name, value, names):
    """A date of birth as a person enters it where the page (NAMES) has three fields for it; what has not three parts goes
    into the first."""
    if not name.endswith('birth_date') or name in names:
        return {name: value}
    parts = re.split('[/-]', str(value))
    if len(parts) == 3 and len(parts[0]) == 4:
        parts = parts[1:] + parts[:1]
    parts = parts if len(parts) == 3 else [str(value), '', '']
    return dict(zip((name[:-4] + piece for piece in ('month', 'day', 'year')), parts))


def origin_of(url):
    parts = urllib.parse.urlsplit(url)
    return '%s://%s' % (parts.scheme, parts.netloc)


def css_to_xpath(selector):
    """The few selectors tests need: tag, #id, .class, [attr], [attr=value], joined by blanks for descendants."""
    steps = []
    for part in selector.split():
        tag = re.match(r'^[\w-]*', part).group(0) or '*'
        conditions = ''
        for mark, word, attr, _, value in re.findall(r'([#.])([\w-]+)|\[([\w-]+)(="?([^"\]]*)"?)?\]', part):
            if mark == '#':
                conditions += '[@id="%s"]' % word
            elif mark == '.':
                conditions += '[contains(concat(" ", normalize-space(@class), " "), " %s ")]' % word
            elif _:
                conditions += '[@%s="%s"]' % (attr, value)
            else:
                conditions += '[@%s]' % attr
        steps.append(tag + conditions)
    return '//' + '//'.join(steps)


def work_folder(name):
    """A folder for one run of the tests. Short, because sockets live in it."""
    if not os.environ.get('REGEN_OUT'):
        # pytest by hand: beside the runner's folders, so that `make clean` takes it away.
        os.makedirs(os.path.join(BUILD, 'test'), exist_ok=True)
        os.environ['REGEN_OUT'] = tempfile.mkdtemp(prefix='alone-', dir=os.path.join(BUILD, 'test'))
        os.chmod(os.environ['REGEN_OUT'], 0o755)  # for httpd's children
        where = memory.take()
        if where and os.environ.setdefault('REGEN_DATA_DIR', where) == where:
            atexit.register(memory.give, where)
    base = os.environ['REGEN_OUT']
    path = os.path.join(base, name)
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    return path


def wait_until(what, seconds=10, every=0.05):
    """Calls WHAT until it gives something true; that, or a failure."""
    end = time.monotonic() + seconds
    while True:
        got = what()
        if got:
            return got
        if time.monotonic() > end:
            raise AssertionError('waited %s s in vain for %s' % (seconds, getattr(what, '__name__', what)))
        time.sleep(every)
