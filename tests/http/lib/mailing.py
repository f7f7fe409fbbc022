# SPDX-License-Identifier: Apache-2.0
"""Letters: a maildir, a mail server with TLS that greets, refuses, hangs or hangs up as a test wants, and `regenctl outbox run`."""
import asyncio
import email
import email.policy
import glob
import os
import ssl
import subprocess
import time

import env

FROM = '"Harbor Clinic <letters@clinic.example>"'


# --- a folder ---------------------------------------------------------------------------------------------------------------

def by_maildir(folder, more=''):
    """Directives; FOLDER is one that httpd's children may write."""
    os.chmod(folder, 0o777)
    return 'RegenMailTransport maildir\nRegenMailFolder "%s"\nRegenMailInterval 1s\nRegenMailFrom %s\n%s' % (folder, FROM, more)


def is_estimate(letter):
    """Who pays themselves gets one beside the confirmation."""
    return (letter['Subject'] or '').startswith('Your estimate')


def letters(folder, estimates=False):
    """Every letter of a maildir, oldest first; without those that tell an estimate, or only those."""
    found = [email.message_from_binary_file(open(p, 'rb'), policy=email.policy.default)
             for p in sorted(glob.glob(os.path.join(folder, 'new', '*')))]
    return [letter for letter in found if is_estimate(letter) == estimates]


def text_of(letter):
    return letter.get_body(('plain',)).get_content()


def link_of(letter, part='/b/'):
    """The address on a line of its own."""
    return next(line for line in text_of(letter).splitlines() if part in line and ' ' not in line)


# --- regenctl ---------------------------------------------------------------------------------------------------------------

def settings(where, database, **more):
    """A settings file; words with _ for -. Its path."""
    values = {'socket': database.socket, 'user': 'regen', 'database': 'regen', 'password-file': database.password_file,
              'secret-file': database.secret_file, 'public-base': 'https://clinic.example/clinic',
              'templates': os.path.join(env.ROOT, 'conf', 'templates'), 'mail-from': FROM.strip('"'), 'mail-timeout': 5,
              'mail-connect-timeout': 2, 'mail-rate': 1000000}
    values.update({k.replace('_', '-'): v for k, v in more.items()})
    path = os.path.join(str(where), 'regenctl.conf')
    with open(path, 'w', encoding='utf-8') as f:
        f.writelines('%s %s\n' % (k, v) for k, v in values.items() if v is not None)
    return path


def start(conf, *args):
    return subprocess.Popen([env.REGENCTL, '-f', conf, 'outbox', 'run', *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


def run(conf, *args, timeout=60):
    """(exit code, what it said)."""
    process = start(conf, *args)
    out, err = process.communicate(timeout=timeout)
    return process.returncode, out + err


# --- messages ---------------------------------------------------------------------------------------------------------------

def message(database, number=1, to='ada@example.org', kind='cancellation', **more):
    """Queues a message about nothing in particular; its uid."""
    uid = '%026d' % number
    values = dict(uid=uid, kind=kind, about_id=700000 + number, about_version=1, to_name='Ada Lovelace', to_email=to, to_phone='603-555-0142',
                  starts_at=1896137200, ends_at=1896140800, visits='1896137200', site_name='Harbor Joint Clinic',
                  site_address='12 Harbor Street', site_phone='603-555-0100', time_zone='America/New_York', created_at=int(time.time()))
    values.update(more)
    database.rows('INSERT INTO message (%s, next_at) VALUES (%s, 1)' % (
        ', '.join(values), ', '.join(['%s'] * len(values))), *values.values())
    return uid


def state(database, uid):
    """(status, code, tries) of a message."""
    return database.rows('SELECT status, code, tries FROM message WHERE uid = %s', uid)[0]


def due(database):
    """Everything that waits may be tried now, also what a sender that died has leased."""
    database.rows("UPDATE message SET next_at = 1, lease_until = IF(lease = '', 0, 1) WHERE status = 'queued'")


def clear(database):
    """Nothing waits any more."""
    database.rows("UPDATE message SET status = 'withdrawn' WHERE status = 'queued'")


# --- a mail server ----------------------------------------------------------------------------------------------------------

def certificate(where, name='localhost'):
    """(certificate, key) of an authority of its own for NAME; the certificate is what a client trusts."""
    cert, key = os.path.join(str(where), name + '.pem'), os.path.join(str(where), name + '.key')
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '3650', '-subj', '/CN=' + name, '-addext',
                    'subjectAltName=DNS:' + name, '-keyout', key, '-out', cert], check=True, capture_output=True)
    return cert, key


class Server:
    """aiosmtpd on localhost with STARTTLS. ANSWERS: {'RCPT': [answer, …]}: what it says to a command instead of its own answer, one after the
    other, then its own. An answer is a line, a number of seconds to say nothing, or None to hang up."""

    def __init__(self, where, answers=None, login=None, tls=True, name='localhost'):
        from aiosmtpd.controller import Controller
        from aiosmtpd.smtp import AuthResult
        self.letters, self.seen, self.answers = [], [], {k: list(v) for k, v in (answers or {}).items()}
        self.cert, key = certificate(where, name)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.cert, key)
        more = dict(tls_context=context, require_starttls=True) if tls else {}
        if login:
            more.update(auth_required=True, authenticator=lambda server, session, envelope, mechanism, data: AuthResult(
                handled=False,
                success=(data.login, data.password) == tuple(w.encode() for w in login)))
        self.controller = Controller(self, hostname='127.0.0.1', port=env.free_port(), enable_SMTPUTF8=False, **more)

    def __enter__(self):
        self.controller.start()
        return self

    def __exit__(self, *exc):
        self.controller.stop()

    @property
    def url(self):
        return 'smtp://localhost:%d' % self.controller.port

    async def said(self, command, server, usual):
        self.seen.append(command)
        answer = self.answers[command].pop(0) if self.answers.get(command) else usual
        if isinstance(answer, (int, float)):
            await asyncio.sleep(answer)
            return usual
        if answer is None:
            server.transport.abort()
            return '421 gone'
        return answer

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        await self.said('EHLO', server, '')
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        answer = await self.said('MAIL', server, '250 OK')
        if answer.startswith('250'):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = await self.said('RCPT', server, '250 OK')
        if answer.startswith('250'):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):
        letter = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        letter.envelope = (envelope.mail_from, tuple(envelope.rcpt_tos))
        self.letters.append(letter)
        return await self.said('DATA', server, '250 OK')

    def ids(self):
        return [letter['Message-ID'] for letter in self.letters]
