# SPDX-License-Identifier: Apache-2.0
"""What reads the product's C without running it finds nothing: gcc -fanalyzer, clang-tidy and cppcheck, each over every file of
mod_regen/. EXCEPTIONS are the findings that were read and are not faults; each names the line it is about and says why. One that is
not found any more is in the way of the next finding there, so it is a failure, too."""
import hashlib
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))
from guard import BUILD, ROOT, case, files, main, need, text  # noqa: E402

JOBS = os.cpu_count() or 1
# "FILE:LINE:COLUMN: warning: WHAT [CHECK]", as both compilers write it and cppcheck is asked to.
FINDING = re.compile(r'^(?:\./)?(\S+?):(\d+):\d*:? (?:warning|error): (.*) \[([^\]]+)\]$', re.M)

# Checks of clang-tidy that look for faults, and for one hand, without those that say nothing about this code:
TIDY = [
    '-*', 'bugprone-*', 'cert-*', 'clang-analyzer-*', 'concurrency-*', 'misc-redundant-expression', 'misc-unused*', 'misc-misplaced-const',
    'readability-braces-around-statements', 'readability-isolate-declaration', 'readability-misleading-indentation', 'readability-redundant-*', 'readability-inconsistent-declaration-parameter-name',
    '-bugprone-easily-swappable-parameters',  # (pool, pool) and (from, until) are what httpd's and our interfaces are made of
    '-bugprone-implicit-widening-of-multiplication-result',  # int * int for counts that their tables cap far below 2^31
    '-bugprone-narrowing-conversions',  # -Wconversion by another name; numbers from outside pass rg_text_i64 with their bounds
    '-bugprone-reserved-identifier', '-cert-dcl37-c', '-cert-dcl51-cpp',  # _GNU_SOURCE is the C library's own word
    '-cert-err33-c',  # wants snprintf's and fprintf(stderr)'s results looked at everywhere
    '-bugprone-sizeof-expression',  # takes sizeof(x *) in a list of pointers for a slip
    '-bugprone-misplaced-widening-cast',  # (size_t)(a + b): sums of counts that are ints, made once they are summed
    '-bugprone-not-null-terminated-result',  # memcpy of words into a buffer whose end is written apart
    '-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling',  # wants memcpy_s, which no C library here has
]

# clang's analyzer follows a function's paths over this many states; over its own 225,000 with LONG. A quarter of the time, and what it
# found so far it finds with either.
NODES = [] if os.environ.get('REGEN_LONG') else ['--extra-arg=-Xclang', '--extra-arg=-analyzer-config', '--extra-arg=-Xclang', '--extra-arg=max-nodes=15000']

# (check, file, the line as it stands there): why it is not a fault.
EXCEPTIONS = {
    ('clang-analyzer-core.NullDereference', 'mod_regen/clinic/desk/explain.c',
     'if (k->when.resource_id != 0 && k->when.resource_id != r->resource.id) {'): 'R is NULL only for what closes a whole site, whose closures name no resource',
    ('clang-analyzer-core.NullDereference', 'mod_regen/clinic/desk/explain.c',
     'if (t->resource_id == r->resource.id && t->from < like->until && t->until > like->from) {'): 'TAKERS is as long as TAKER_COUNT says',
    ('clang-analyzer-core.NullDereference', 'mod_regen/clinic/definitions/feed.c',
     'feed->entries[feed->count++] = *e;'): 'ROWS holds NELTS entries, written into their own array from its start',
    ('clang-analyzer-core.NonNullParamChecker', 'mod_regen/clinic/schedule/input.c',
     'if (strcmp(words[i], word) == 0) {'): 'the caller gives room for as many words as there are needs',
    ('clang-analyzer-core.UndefinedBinaryOperatorResult', 'mod_regen/clinic/billing/scrub.c',
     'return strspn(s, "0123456789") == n && s[n] == \'\\0\';'): 'strspn stops at the NUL that ends S, so S[N] is written when it gives N',
    ('clang-analyzer-core.NonNullParamChecker', 'mod_regen/render/template/parse.c',
     'return from < end ? memmem(from, (size_t)(end - from), two, 2) : NULL;'): 'FROM is below END, so it is not NULL',
    ('clang-analyzer-core.CallAndMessage', 'mod_regen/store/engine/stmt.c',
     'rc = rg_stmt_run(s, db, ctx, in, n);'): 'rg_stmt_get sets S whenever it gives RG_OK',
    ('clang-analyzer-core.NullDereference', 'mod_regen/store/engine/stmt.c',
     'if (cols != s->params || cols == 0 || rows < 0 || rows > ROWS_MAX) {'): 'rg_stmt_get sets S whenever it gives RG_OK',
    ('-Wanalyzer-null-dereference', 'mod_regen/render/view/service_edit.c',
     'const char *name = apr_pstrcat(p, path, w->name, NULL);'): 'W is of a table of this file that has the name, but for names that come from a definition and are looked at',
    ('-Wanalyzer-null-dereference', 'mod_regen/render/view/service_edit.c',
     'rg_view_field_t f = {name, w->label, w->hint, input, value_of(in, name), suggest};'): 'as above',
    ('-Wanalyzer-null-dereference', 'mod_regen/render/view/service_edit.c',
     'words_t forms = *words_of(SERVICE_WORDS, "forms");'): 'SERVICE_WORDS has "forms"',
    ('-Wanalyzer-null-dereference', 'mod_regen/render/fhir/writer.c',
     'top(w)->id = id && *id ? id : NULL;'): 'push gives true only when there is a frame on top',
    ('-Wanalyzer-use-of-uninitialized-value', 'mod_regen/store/followup/message.c',
     'in[2] = in[3];'): 'gcc 12 loses sight of an initialised array of unions',
    ('-Wanalyzer-null-dereference', 'mod_regen/web/fhir/define.c',
     'defined(s, "Schedule", service ? service->service->uid : r->resource->uid, value);'): 'without a service there is a resource, see fhir/fhir.h',
    ('nullPointer', 'mod_regen/web/fhir/define.c',
     'defined(s, "Schedule", service ? service->service->uid : r->resource->uid, value);'): 'without a service there is a resource, see fhir/fhir.h',
    ('clang-analyzer-core.NullDereference', 'mod_regen/clinic/waitlist/check.c',
     'const rg_site_t *site = rg_clinic_site(k, s->service.site_id);'): 'find_service sets S whenever it gives RG_OK',
    ('clang-analyzer-core.NullDereference', 'mod_regen/web/fhir/define.c',
     'defined(s, "Schedule", service ? service->service->uid : r->resource->uid, value);'): 'without a service there is a resource, see fhir/fhir.h',
    ('-Wanalyzer-use-of-uninitialized-value', 'mod_regen/render/view/visit/units.c',
     'rg_val_str(v, "given_to", rg_view_place(p, one->body_site, one->side));'): 'rg_targets_of writes all of AT up to COUNT; gcc 12 does not see a struct that a function gives',
    ('-Wanalyzer-use-of-uninitialized-value', 'mod_regen/module/status.c',
     'const rg_store_stats_t now = app->store ? rg_store_stats(app->store) : none;'): 'gcc 12 loses sight of the bits beside a bool',
}


def units():
    """What make says of how each file of the product is compiled."""
    env = {k: v for k, v in os.environ.items() if k not in ('MAKEFLAGS', 'MFLAGS', 'MAKELEVEL', 'BUILD', 'CFLAGS')}
    subprocess.run(['make', '-s', 'BUILD=' + BUILD, 'compile_commands'], cwd=ROOT, env=env, check=True, stdin=subprocess.DEVNULL)
    with open(os.path.join(BUILD, 'compile_commands.json'), encoding='utf-8') as f:
        return need([u for u in json.load(f) if u['file'].startswith('mod_regen/')], 'files of the product')


def printed(command):
    done = subprocess.run(command, shell=isinstance(command, str), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    return done.stdout, done.returncode


def told(outputs, which):
    """Findings of checks that WHICH says are this tool's, without the exceptions; and exceptions that nothing was found for."""
    found, wrong, used = set(), [], set()
    for output in outputs:
        found |= set(FINDING.findall(output))
    for path, line, what, check in sorted(found):
        path = os.path.relpath(os.path.join(ROOT, path), ROOT)
        lines = text(path).splitlines() if path.startswith(('mod_regen/', 'include/')) else []
        about = (check.split(',')[0], path, lines[int(line) - 1].strip() if lines else '')
        if about in EXCEPTIONS:
            used.add(about)
        else:
            wrong.append('%s:%s: %s [%s]' % (path, line, what, check))
    return wrong + ['exception without a finding: %s %s %s' % e for e in EXCEPTIONS if which(e[0]) and e not in used]


def digest(*things):
    made = hashlib.sha256()
    for thing in things:
        made.update(repr(thing).encode() + b'\0')
    return made.hexdigest()


def each(tool, command):
    """What COMMAND of each file printed, and its exit code. What was said of the same file with the same headers is said again: minutes for
    who changed one file."""
    kept = os.path.join(BUILD, 'analyzers')
    os.makedirs(kept, exist_ok=True)
    # The system's own headers stay as long as the tools do.
    ground = digest(printed([tool, '--version']), [(h, text(h)) for h in files('.h', under='include') + files('.h', under='mod_regen')])

    def one(unit):
        path = os.path.join(kept, digest(ground, command(unit), text(unit['file'])))
        if not os.path.exists(path):
            said = printed(command(unit))
            with open(path + '.new', 'w', encoding='utf-8') as f:
                json.dump(said, f)
            os.rename(path + '.new', path)
        with open(path, encoding='utf-8') as f:
            return json.load(f)

    with ThreadPoolExecutor(JOBS) as pool:
        return list(pool.map(one, units()))


@case
def gcc():
    """gcc -fanalyzer finds nothing that was not looked at"""
    done = each('gcc', lambda u: u['command'] + ' -fanalyzer -Wno-error -fdiagnostics-plain-output -o /dev/null')
    return ['%s: does not compile' % o[:300] for o, code in done if code] or told([o for o, _ in done], lambda c: c.startswith('-W') or c.startswith('CWE'))


@case
def clang_tidy():
    """clang-tidy finds nothing that was not looked at"""
    done = each('clang-tidy', lambda u: ['clang-tidy', '-p', BUILD, '--quiet', '--checks=' + ','.join(TIDY), *NODES, u['file']])
    # What is found only on long paths is missing here unless LONG.
    return ['%s' % o[-300:] for o, code in done if code] or told(
        [o for o, _ in done], lambda c: '-' in c and not c.startswith('-W') and not (NODES and c.startswith('clang-analyzer-')))


@case
def cppcheck():
    """cppcheck finds nothing that was not looked at"""
    output, code = printed(['cppcheck', '-q', '-j%d' % JOBS, '--std=c11', '--enable=warning,performance,portability', '--error-exitcode=0', '-Iinclude', '-I.',
                            '--template={file}:{line}:{column}: warning: {message} [{id}]', 'mod_regen'])
    return [output[-300:]] if code else told([output], lambda c: '-' not in c)


main()
