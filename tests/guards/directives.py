# SPDX-License-Identifier: Apache-2.0
"""conf/regen.conf is the annotated reference: it names every directive of the code and no other, and what it shows is
what the code does when nothing is said."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))
from guard import case, code, main, need, sources, text  # noqa: E402

REFERENCE = 'conf/regen.conf'
UNITS = {'us': 1, 'ms': 1000, 's': 10**6, 'min': 60 * 10**6, 'h': 3600 * 10**6}
C_UNITS = {'REGEN_TRY': 2**32, 'RG_SECOND': 10**6, 'RG_MINUTE': 60 * 10**6, 'RG_HOUR': 3600 * 10**6, 'RG_HOUR_SEC': 3600}


def directives():
    """name -> (kind, default) from the list of directives; kind None for those with a setter of their own."""
    found = {}
    for path in sources('module'):
        body = code(text(path), strings=True).replace('\\\n', ' ')
        for match in re.finditer(r'\bX\(\s*([A-Z]+)\s*,\s*(\w+)\s*,\s*"(Regen\w+)"\s*,([^,]*),', body):
            found[match.group(3)] = (match.group(1), match.group(4).strip())
        for match in re.finditer(r'\bAP_INIT_\w+\s*\(\s*"(\w+)"', body):
            found.setdefault(match.group(1), (None, ''))
    return found if found else dict(need([], 'directives in the code'))


def shown():
    """name -> value of every line of the reference that is a directive, also when commented out."""
    found = {}
    for line in text(REFERENCE).splitlines():
        match = re.match(r'^\s*#?\s*(Regen[A-Z]\w*)\s+(\S.*)$', line)
        # A sentence that begins with a directive's name is an explanation, not a line to take out of its comment.
        if match and not re.match(r'^\s*# ', line):
            found.setdefault(match.group(1), match.group(2).strip().strip('"'))
    return found if found else dict(need([], 'directives in ' + REFERENCE))


def number(expression):
    for word, value in C_UNITS.items():
        expression = re.sub(r'\b%s\b' % word, str(value), expression)
    if not re.fullmatch(r'[\d\s*/+()-]+', expression):
        return None
    return int(eval(expression.replace('/', '//')))  # digits and operators only


def same(kind, default, value):
    if kind == 'RATE':
        match = re.fullmatch(r'(\d+)/(\d+)(s|min|h)', value)
        return bool(match) and int(match.group(1)) * C_UNITS['REGEN_TRY'] + int(match.group(2)) * UNITS[match.group(3)] // 10**6 == number(default)
    if kind == 'FLAG':
        return value.lower() == ('on' if number(default) else 'off')
    if kind == 'NUM':
        return value == str(number(default))
    if kind == 'TIME':
        match = re.fullmatch(r'(\d+)(us|ms|s|min|h)', value)
        return bool(match) and int(match.group(1)) * UNITS[match.group(2)] == number(default)
    if default.startswith('"'):
        return value == default.strip('"')
    return True


@case
def same_names():
    """the reference names every directive and no other"""
    real, told = directives(), shown()
    return ['%s is not in %s' % (n, REFERENCE) for n in sorted(real.keys() - told.keys())] + \
           ['%s names %s, which the code does not know' % (REFERENCE, n) for n in sorted(told.keys() - real.keys())]


@case
def same_defaults():
    """the values the reference shows are the defaults"""
    real, told = directives(), shown()
    checked = {n: v for n, v in told.items() if real.get(n, (None, ''))[0] in ('FLAG', 'NUM', 'TIME', 'TEXT', 'RATE')}
    need(checked, 'directives with a default')
    return ['%s shows %s, the default is %s' % (n, v, real[n][1]) for n, v in sorted(checked.items())
            if not same(real[n][0], real[n][1], v)]


@case
def explained():
    """every directive of the reference has words above it"""
    lines = text(REFERENCE).splitlines()
    wrong = []
    for number_, line in enumerate(lines):
        if re.match(r'^\s*#?Regen[A-Z]\w*\s', line):
            above = lines[number_ - 1].strip() if number_ else ''
            if not above.startswith('# ') and not re.match(r'^#?Regen', above) and not above.startswith('<'):
                wrong.append('%s:%d: %s' % (REFERENCE, number_ + 1, line))
    return wrong


main()
