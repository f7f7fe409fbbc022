# SPDX-License-Identifier: Apache-2.0
"""Where databases of tests lie: a folder in memory, where there is room for some of them (130 MB each)."""
import glob
import os
import shutil

MEMORY = '/dev/shm'
NAME = 'regen-check.%d'  # whose it is: what a killed process left goes when the next one begins


def available():
    with open('/proc/meminfo', encoding='utf-8') as f:
        return next(int(line.split()[1]) * 1024 for line in f if line.startswith('MemAvailable'))


def take():
    """This process's folder in memory, or None: no such place, or no room. To be given back by `give`."""
    try:
        for left in glob.glob(os.path.join(MEMORY, NAME.replace('%d', '*'))):
            if os.stat(left).st_uid == os.getuid() and not os.path.exists('/proc/' + left.rsplit('.', 1)[1]):
                shutil.rmtree(left, ignore_errors=True)
        disk = os.statvfs(MEMORY)
        if disk.f_bavail * disk.f_frsize < 3 << 30 or available() < 6 << 30:
            return None
        where = os.path.join(MEMORY, NAME % os.getpid())
        os.makedirs(where, mode=0o700, exist_ok=True)
        return where
    except OSError:
        return None


def give(where):
    if where:
        shutil.rmtree(where, ignore_errors=True)
