# SPDX-License-Identifier: Apache-2.0
"""The audit log read a second time, by nothing but its description: keys and MACs in Python."""
import base64
import hashlib
import hmac


def derived(line, purpose):
    """As core/secret/keys.c derives a key."""
    key = base64.urlsafe_b64decode(line + '=')
    own = hashlib.blake2b(purpose, key=key, digest_size=32).digest()
    return hashlib.blake2b(b'', key=own, digest_size=32).digest()


def number(n):
    return n.to_bytes(8, 'big')


def text(s):
    return number(len(s.encode())) + s.encode()


def mac(key, before, event):
    """EVENT: a row of EVENTS."""
    at, actor, action, entity, entity_id, detail, writer, seq = event[:8]
    content = writer + number(seq) + number(at) + text(actor) + text(action) + text(entity) + number(entity_id) + text(detail)
    return hmac.new(key, before + content, hashlib.sha256).digest()


EVENTS = 'SELECT at, actor, action, entity, entity_id, detail, writer, seq, mac FROM audit_event WHERE writer IS NOT NULL ORDER BY writer, seq'


def wrong(database):
    """What does not fit in any chain."""
    with open(database.secret_file) as f:
        key = derived(f.readline().strip(), b'audit event')
    found, writer, before, seq = [], None, None, None
    for event in database.rows(EVENTS):
        if event[6] != writer:
            writer, before, seq = event[6], bytes(32), 0
        if event[7] != seq + 1 or event[8] != mac(key, before, event):
            found.append(event)
        before, seq = event[8], event[7]
    return found
