# SPDX-License-Identifier: Apache-2.0
"""Lets libFuzzer work on every target for a share of the minutes and tells what each did. Called by `make fuzz` after building.

Argument: minutes for all targets together, on all cores. FUZZ_KEEP=1 takes what was found into the corpus, minimised; FUZZ_ONLY names
single targets. Ends with 1 when a target failed; its input is kept under build/fuzz."""
import glob
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get('BUILD') or 'build')
CORPUS = os.path.join(ROOT, 'tests', 'fuzz', 'corpus')
OUT = os.path.join(BUILD, 'fuzz')
CORES = os.cpu_count() or 2
# What one input may take: seconds, MiB of the process, MiB at once. Sanitizers make everything several times slower and larger.
SECONDS, MEMORY, AT_ONCE = 10, 2048, 256
# What of a corpus make check can replay in time: files, bytes of them all, bytes of one.
MOST_FILES, MOST_BYTES, LONGEST = 40, 64 * 1024, 4 * 1024


def environment():
    return dict(os.environ, LC_ALL='C.UTF-8', G_SLICE='always-malloc', UBSAN_OPTIONS='print_stacktrace=1:halt_on_error=1',
                ASAN_OPTIONS='detect_leaks=1:detect_stack_use_after_return=0:allocator_may_return_null=1')


def program(name):
    source, = glob.glob(os.path.join(ROOT, 'tests', 'fuzz', '**', 'fuzz_%s.c' % name), recursive=True)
    return os.path.join(BUILD, 'libfuzzer', 'san', os.path.relpath(source, os.path.join(ROOT, 'tests'))[:-2])


def limits():
    return ['-timeout=%d' % SECONDS, '-rss_limit_mb=%d' % MEMORY, '-malloc_limit_mb=%d' % AT_ONCE]


def fuzz(name, seconds):
    """(name, exit code, what libFuzzer printed)."""
    found = os.path.join(OUT, name)
    os.makedirs(found, exist_ok=True)
    words = os.path.join(ROOT, 'tests', 'fuzz', 'dict', name + '.dict')
    argv = [program(name), found, os.path.join(CORPUS, name), '-max_total_time=%d' % seconds, '-print_final_stats=1',
            '-artifact_prefix=%s/%s-' % (OUT, name), '-use_value_profile=1'] + limits()
    if os.path.exists(words):
        argv.append('-dict=' + words)
    # Whoever else works on this machine goes first.
    done = subprocess.run(['nice', '-n', '15'] + argv, cwd=ROOT, env=environment(), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = done.stdout.decode('utf-8', 'replace')
    with open(os.path.join(OUT, name + '.log'), 'w', encoding='utf-8') as log:
        log.write(said)
    return name, done.returncode, said


def number(pattern, text, last=False):
    found = re.findall(pattern, text, re.M)
    return int(found[-1 if last else 0]) if found else 0


def tell(name, code, said):
    runs = number(r'^stat::number_of_executed_units:\s*(\d+)', said)
    rate = number(r'^stat::average_exec_per_sec:\s*(\d+)', said)
    new = number(r'^stat::new_units_added:\s*(\d+)', said)
    edges = number(r'\bcov: (\d+)', said, last=True)
    print('  %-10s %12s executions %8s/s %6d new inputs %6d edges%s'
          % (name, format(runs, ','), format(rate, ','), new, edges, '' if code == 0 else '  FAILED'), flush=True)
    if code != 0:
        why = [l for l in said.splitlines() if re.search(r'ERROR:|runtime error|tests/fuzz/\w+/fuzz_|mod_regen/', l)]
        print('\n'.join('    | ' + l.strip()[:160] for l in (why or said.splitlines()[-5:])[:12]))
        kept = re.findall(r'Test unit written to (\S+)', said)
        for path in kept:
            short = os.path.relpath(path, ROOT)
            print('    | kept in %s; mend what it found, then: cp %s tests/fuzz/corpus/%s/' % (short, short, name), flush=True)
    return runs


def size(path):
    return os.path.getsize(path)


def keep(name):
    """Adds to the corpus what reaches code that nothing in it reaches, smallest first, as far as there is room."""
    own = os.path.join(CORPUS, name)
    merged = os.path.join(OUT, 'merged-' + name)
    shutil.rmtree(merged, ignore_errors=True)
    shutil.copytree(own, merged)
    subprocess.run([program(name), '-merge=1', '-use_counters=0', merged, os.path.join(OUT, name)] + limits(), cwd=ROOT,
                   env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    there = [os.path.join(own, f) for f in os.listdir(own)]
    room, count, added = MOST_BYTES - sum(map(size, there)), MOST_FILES - len(there), 0
    for path in sorted(glob.glob(os.path.join(merged, '*')), key=size):
        to = os.path.join(own, os.path.basename(path)[:16])
        if os.path.exists(os.path.join(own, os.path.basename(path))) or size(path) > min(room, LONGEST) or added >= count:
            continue
        shutil.copyfile(path, to)
        room -= size(path)
        added += 1
    if added:
        print('  %-10s %d inputs taken into tests/fuzz/corpus/%s' % (name, added, name), flush=True)


def main():
    minutes = float(sys.argv[1])
    wanted = os.environ.get('FUZZ_ONLY', '').split()
    names = [n for n in sorted(os.listdir(CORPUS)) if not wanted or n in wanted]
    if not names or minutes <= 0 or set(wanted) - set(names):
        sys.exit('nothing to fuzz: say MINUTES=10, and targets that there are')
    seconds = max(2, int(minutes * 60 * CORES / len(names)))
    print('%d targets, %d s each, %d at a time' % (len(names), seconds, CORES), flush=True)
    os.makedirs(OUT, exist_ok=True)
    runs = failed = 0
    with ThreadPoolExecutor(CORES) as pool:
        for name, code, said in pool.map(lambda n: fuzz(n, seconds), names):
            runs += tell(name, code, said)
            failed += code != 0
        if os.environ.get('FUZZ_KEEP') and not failed:
            list(pool.map(keep, names))
    print('%s executions, %d of %d targets failed; logs are under %s' % (format(runs, ','), failed, len(names), os.path.relpath(OUT, ROOT)))
    sys.exit(1 if failed else 0)


main()
