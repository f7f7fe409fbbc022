# SPDX-License-Identifier: Apache-2.0
"""Messages: sentences that begin with a capital and end with a full stop; log messages numbered, each number once, and the tests only
expect numbers that exist."""
import collections
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))
from guard import balanced, case, code, files, line_of, main, need, sources, text  # noqa: E402

CALL = re.compile(r'(?<!define )\b(rg_log|rg_log_write|ap_log_error|ap_log_rerror|ap_log_cerror|ap_log_perror|ap_log_rdata)\s*\(')

# Functions whose texts people read: refusals, log messages, errors of the configuration and of regenctl. Most files have a helper
# of their own for refusals, by one of these names.
TELLS = re.compile(r'\b(rg_problem_add|rg_tell|rg_trial_problem|rg_day_refuse|refuse|refuse_if|refuse_place|forbid|wrong|wrong_hours|say'
                   r'|complain|ctl_error|rg_log|ap_log_error|ap_log_rerror)\s*\(')
# What a sentence may begin with although it is a small letter: a name as programs and shells write it.
NAMES = {'start', 'end', 'status', 'libsodium', 'schema_migration', 'same-procedure', 'socket', 'usage:', 'public-base'}
# What a sentence may end in: its mark, a placeholder (a path, the database's own words), or an address that a full stop would change.
END = re.compile(r'[.?!:][”"`]?$|%[\w.*]*$|https?://\S+$')


def numbers():
    found = []
    for path in sources():
        body = code(text(path), strings=True)
        found += [(m.group(1), path, line_of(body, m.start())) for m in re.finditer(r'\bRGNO\(([^)]*)\)', body)]
    return need(found, 'message numbers')


@case
def five_digits():
    """message numbers have five digits"""
    return ['%s:%d: RGNO(%s)' % (p, n, i) for i, p, n in numbers() if not re.fullmatch(r'\d{5}', i)]


@case
def unique():
    """no message number is used twice"""
    places = collections.defaultdict(list)
    for i, path, line in numbers():
        places[i].append('%s:%d' % (path, line))
    return ['RGNO(%s) at %s' % (i, ' and '.join(p)) for i, p in sorted(places.items()) if len(p) > 1]


@case
def every_message_has_one():
    """every log call begins with a number"""
    wrong, seen = [], 0
    for path in sources():
        body = code(text(path), strings=True)
        for match in CALL.finditer(body):
            words = balanced(body, match.start())
            # Declarations, the sink that hands on ready text, and configuration errors on stderr have none.
            if re.match(r'\s*(void|const|rg_ctx_t)\b', words) or '"%s"' in words or 'APLOG_STARTUP' in words:
                continue
            seen += 1
            if 'RGNO(' not in words:
                wrong.append('%s:%d: %s' % (path, line_of(body, match.start()), ' '.join(words.split())[:80]))
    need([1] * seen, 'log calls')
    return wrong


def texts(words):
    """The texts of a call, each with what stands around its macros joined; codes, paths and parts of a sentence are left out."""
    for match in re.finditer(r'"(?:\\.|[^"\\])*"(?:\s*(?:[A-Z][A-Za-z_0-9]*\s*)?"(?:\\.|[^"\\])*")*(\s*PRI\w+|\s*APR_\w+_FMT)?', words):
        text = ''.join(re.findall(r'"((?:\\.|[^"\\])*)"', match.group(0))) + ('%' if match.group(1) else '')
        # A blank, comma or semicolon at its edge: a part of a sentence.
        fragment = re.match(r'[ ,;]', text) or text.endswith(' ')
        if text.count(' ') > 1 and not fragment:
            yield text


@case
def messages_are_sentences():
    """what people are told begins with a capital and ends with a full stop"""
    wrong, seen = [], 0
    for path in sources(ends=('.c',)):
        body = code(text(path), strings=True)
        for match in TELLS.finditer(body):
            for said in texts(balanced(body, match.start())):
                seen += 1
                first = said.split()[0]
                fine = re.match(r'[A-Z0-9%“_$`-]', said) or first in NAMES or len(said.split()) < 4
                if not fine or not (END.search(said) or len(said.split()) < 4):
                    wrong.append('%s:%d: %s' % (path, line_of(body, match.start()), said))
    need([1] * seen, 'messages')
    return wrong


@case
def tests_expect_real_numbers():
    """the tests expect only numbers that exist"""
    known = {i for i, _, _ in numbers()}
    wrong = []
    for path in files('.py', under='tests'):
        if 'guards/' in path:
            continue
        body = text(path)
        wrong += ['%s:%d: %s' % (path, line_of(body, m.start()), m.group(0))
                  for m in re.finditer(r'\bRG(\d{5})\b', body) if m.group(1) not in known]
    return wrong


main()
