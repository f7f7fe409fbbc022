# SPDX-License-Identifier: Apache-2.0
"""The rules of the house that a compiler does not know."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))
from guard import balanced, case, code, files, line_of, main, need, sources, text  # noqa: E402

BANNED = '''sprintf vsprintf strcpy strcat strncpy strncat strtok strtok_r sscanf atoi atol atoll atof localtime gmtime ctime asctime
strerror gets alloca system popen setenv putenv unsetenv setlocale signal alarm rand srand random
ap_get_client_block ap_setup_client_block ap_parse_form_data ap_rprintf ap_construct_url ap_get_server_name ap_get_server_port ap_http_scheme'''.split()
BANNED_WORDS = '''XML_PARSE_NOENT XML_PARSE_DTDLOAD XML_PARSE_DTDATTR XML_PARSE_DTDVALID XML_PARSE_HUGE XML_PARSE_XINCLUDE
CLIENT_MULTI_STATEMENTS'''.split()
ONLY_IN = {'mysql_query': 'mod_regen/store/engine/conn.c', 'mysql_real_query': 'mod_regen/store/engine/conn.c'}
# A constant statement, one of an array of them, or the parameter it came in.
CONSTANT = r'(?:sql|[A-Z][A-Z0-9_]*)\b(?:\[\w+\])?'
MOST_LINES, LONGEST_FUNCTION, WIDEST = 600, 60, 100


def everything():
    """The product's C with its public headers."""
    return sources() + need(files('.h', under='include'), 'public headers')


def each_match(pattern, paths, strings=False):
    for path in paths:
        body = code(text(path), strings)
        for match in re.finditer(pattern, body):
            yield path, line_of(body, match.start()), match


@case
def banned_functions():
    """no banned function is called"""
    pattern = r'(?<![\w.>])(%s)\s*\(' % '|'.join(BANNED)
    return ['%s:%d: %s' % (p, n, m.group(1)) for p, n, m in each_match(pattern, everything())]


@case
def banned_words():
    """no banned option is named"""
    return ['%s:%d: %s' % (p, n, m.group(1)) for p, n, m in each_match(r'\b(%s)\b' % '|'.join(BANNED_WORDS), everything())]


@case
def plain_queries():
    """unprepared statements only where connections are made"""
    wrong = []
    for name, place in ONLY_IN.items():
        wrong += ['%s:%d: %s' % (p, n, name) for p, n, _ in each_match(r'\b%s\s*\(' % name, sources()) if p != place]
    return wrong


@case
def sql_is_literal():
    """SQL is a constant handed to the statement helper, never put together"""
    wrong, seen = [], 0
    call = re.compile(r'\brg_sql_(exec|exec_rows|query|stream|list|push|one|new|ids|number|any)\s*\(')
    for path in sources('store', ('.c',)):
        body = code(text(path), strings=True)
        for match in re.finditer(r'\b(apr_psprintf|apr_pstrcat|apr_snprintf|snprintf|rg_buf_printf|rg_buf_puts)\s*\(', body):
            if re.search(r'"\s*(SELECT|INSERT|UPDATE|DELETE|REPLACE|WITH|CREATE|DROP|ALTER)\b', balanced(body, match.start())):
                wrong.append('%s:%d: SQL put together' % (path, line_of(body, match.start())))
        for match in call.finditer(body):
            if re.match(r'\s*rg_db_t\b', balanced(body, match.start())):
                continue
            seen += 1
            words = balanced(body, match.start())
            if not re.search(r'(^|,)\s*("|%s\s*(,|$)|[^,?]*\?\s*%s\s*:\s*%s\s*(,|$))' % (CONSTANT, CONSTANT, CONSTANT), words):
                wrong.append('%s:%d: %s' % (path, line_of(body, match.start()), ' '.join(words.split())[:80]))
    need([1] * seen, 'calls of the statement helper')
    return wrong


@case
def columns_have_names():
    """a column is read by its name: by its number only where names are made of it (store/engine/row.h)"""
    by_number = r'\b(?:rg_cur_(?:null|i64|u64|str|bytes|time|date|hash)\s*\(|rg_cur_part\s*\(\s*\w+\s*,\s*\d)'
    made_in = ['mod_regen/store/engine/' + name for name in ('row.h', 'row.c', 'sql.h', 'cursor.c')]
    reads = list(each_match(by_number, sources()))
    need([m for p, _, m in reads if p in made_in], 'readers of columns')
    return ['%s:%d: %s' % (p, n, m.group(0)) for p, n, m in reads if p not in made_in]


@case
def no_assignment_in_conditions():
    """no assignment inside a condition"""
    wrong = []
    for path in sources():
        body = code(text(path))
        for match in re.finditer(r'\b(if|while)\s*\(', body):
            condition = balanced(body, match.start())
            if re.search(r'(?<![=!<>])=(?!=)', condition):
                wrong.append('%s:%d: %s' % (path, line_of(body, match.start()), ' '.join(condition.split())[:80]))
    return wrong


# A truth that is said, as in "return p != NULL", may be; a condition is p or !p.
COMPARED = re.compile(r'==\s*NULL\b|!=\s*NULL\s*(?:&&|\|\||\?)|(?:&&|\|\|)[^;{}&|?]*!=\s*NULL|\b(?:if|while)\s*\([^;{}&|?]*!=\s*NULL\s*\)\s*\{')


@case
def pointers_are_conditions():
    """a condition is p or !p, never a comparison with NULL"""
    wrong = []
    for path in sources() + files('.h', under='include') + need(files('.c', '.h', under='tests'), 'tests'):
        body = code(text(path))
        wrong += ['%s:%d: %s' % (path, line_of(body, m.start()), ' '.join(m.group(0).split())) for m in COMPARED.finditer(body)]
    return wrong


# "x->y = apr_palloc(p, sizeof(type_t) * n)", also where X is declared with it; not ".y = apr_palloc(…)", where nothing has a name yet.
BY_TYPE = re.compile(r'^ +(?:(?:const |struct )?\w+ \*)?[*\w](?:[^;=(]*[^;=( ])? =\s+apr_pc?alloc\([^;]*?\bsizeof\((?![*"])', re.M)


@case
def sizes_are_of_things():
    """what is allocated is as large as what the pointer points to, and sizeof has its parentheses"""
    wrong = []
    for path in sources() + files('.h', under='include') + need(files('.c', '.h', under='tests'), 'tests'):
        body = code(text(path))
        wrong += ['%s:%d: sizeof without parentheses' % (path, line_of(body, m.start())) for m in re.finditer(r'\bsizeof\s+\S', body)]
        if not path.startswith('tests/'):
            wrong += ['%s:%d: %s' % (path, line_of(body, m.start()), ' '.join(m.group(0).split())) for m in BY_TYPE.finditer(body)]
    return wrong


@case
def files_are_short():
    """no source has more than 600 lines"""
    counts = [(path, text(path).count('\n')) for path in sources()]
    return ['%s has %d lines, %d are the most' % (p, n, MOST_LINES) for p, n in counts if n > MOST_LINES]


@case
def lines_are_narrow():
    """no line is wider than 100 letters, comments and headers too, but for an address that cannot be broken"""
    return ['%s:%d: %d letters' % (path, n, len(line)) for path in everything() for n, line in enumerate(text(path).split('\n'), 1)
            if len(line) > WIDEST and not re.search(r'"https?://\S+"$', line)]


@case
def section_marks():
    """the mark of a section stands on one line"""
    marks = [(path, n, line) for path in everything() for n, line in enumerate(text(path).split('\n'), 1) if line.lstrip().startswith('/* ---')]
    need(marks, 'marks of sections')
    return ['%s:%d: %s' % mark for mark in marks if not re.fullmatch(r' */\* --- \S.* -+ \*/', mark[2])]


@case
def functions_are_short():
    """no function is longer than 60 lines"""
    wrong, seen = [], 0
    for path in sources(ends=('.c',)):
        start, head, last = 0, '', ''
        for number, line in enumerate(code(text(path)).splitlines(), 1):
            if line == '{':
                start, head = number, last
            elif line == '}' and start:
                seen += 1
                if number - start - 1 > LONGEST_FUNCTION:
                    wrong.append('%s:%d: %s has %d lines' % (path, start, head.strip(), number - start - 1))
                start = 0
            if line.strip():
                last = line
    need([1] * seen, 'functions')
    return wrong


@case
def licence_lines():
    """every source says its licence in its first lines"""
    paths = need(files('.c', '.h', '.py', '.sh', '.sql', '.js', '.css', 'Makefile', 'regen.conf', 'tests/run', '.ci/run'), 'sources')
    return ['%s has no SPDX line' % p for p in paths
            if 'SPDX-License-Identifier: Apache-2.0' not in '\n'.join(text(p).split('\n')[:3])]


@case
def lengths_of_time():
    """how long an hour or a day is, in whatever unit, says include/regen/core/time.h and nobody else"""
    pattern = r'\b(?:3600|86400|43200|1440|APR_USEC_PER_SEC)(?:U?LL?)?\b|\bapr_time_from_sec\(\s*\d|\{\s*1970\s*,'
    found = list(each_match(pattern, everything()))
    said_in = 'include/regen/core/time.h'
    need([p for p, _, _ in found if p == said_in], 'lengths of time')
    return ['%s:%d: %s' % (p, n, m.group(0)) for p, n, m in found if p != said_in]


@case
def no_machine_paths():
    """no path of somebody's machine and no registry's address"""
    own = os.path.relpath(os.path.abspath(__file__), os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..'))
    pattern = re.compile(r'/work/|/tmp/[A-Za-z]|/root/|/home/\w|registry\.npmjs|pypi\.org|proxy\.golang|\bpyenv\b')
    wrong = []
    for path in need(files(''), 'files'):
        if path == own or path.startswith('tests/fuzz/corpus/'):
            continue
        try:
            body = text(path)
        except UnicodeDecodeError:
            continue
        wrong += ['%s:%d: %s' % (path, n, l.strip()[:100]) for n, l in enumerate(body.splitlines(), 1) if pattern.search(l)]
    return wrong


main()
