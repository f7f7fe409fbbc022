# SPDX-License-Identifier: Apache-2.0
"""Both compilers of Debian 12 accept everything with every warning an error, and the sources look as .clang-format says."""
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))
from guard import BUILD, ROOT, case, files, main, need, sources  # noqa: E402


def made_by(compiler):
    """Whether what the tests run is compiled by this one already: the build says `cc`, which is one of the two."""
    try:
        with open(os.path.join(BUILD, 'flags'), encoding='utf-8') as f:
            name = f.read().split()[0]
        return compiler in os.path.basename(os.path.realpath(shutil.which(name) or '')).split('-')
    except (OSError, IndexError):
        return False


def build_with(compiler):
    need(sources(ends=('.c',)), 'sources')
    env = {k: v for k, v in os.environ.items() if k not in ('MAKEFLAGS', 'MFLAGS', 'MAKELEVEL', 'BUILD', 'CFLAGS')}
    where = BUILD if made_by(compiler) else os.path.join(BUILD, compiler)
    # clang warns before it optimizes, which takes most of the time.
    how = ['BUILD=' + where] + ([] if where == BUILD else ['CC=' + compiler] + (['OPTIMIZE=-O0'] if compiler == 'clang' else []))
    done = subprocess.run(['make', '-k', '--no-print-directory', '-j%d' % (os.cpu_count() or 1), *how, 'build'],
                          cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        return [l for l in done.stdout.splitlines() if re.search(r'error|Error|undefined', l)] or done.stdout.splitlines()[-20:]
    made = [n for n in ('libregen.a', 'mod_regen.so', 'regenctl') if not os.path.exists(os.path.join(where, n))]
    return ['%s was not made' % n for n in made]


@case
def gcc():
    """gcc -Werror builds everything"""
    return build_with('gcc')


@case
def clang():
    """clang -Werror builds everything"""
    return build_with('clang')


@case
def layout():
    """every C file is laid out as .clang-format says (make format does it)"""
    paths = need(files('.c', '.h'), 'C files')
    done = subprocess.run(['clang-format', '--dry-run', '--Werror', *paths], cwd=ROOT, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    found = re.findall(r'^([^\s:]+):(\d+):\d+: error', done.stdout, re.M)
    first, count = {}, {}
    for path, line in found:
        first.setdefault(path, line)
        count[path] = count.get(path, 0) + 1
    wrong = ['%s:%s and %d more places' % (p, first[p], count[p] - 1) for p in sorted(first)]
    return wrong or ([] if done.returncode == 0 else [done.stdout[-500:]])


main()
