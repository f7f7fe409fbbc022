# SPDX-License-Identifier: Apache-2.0
"""Installing, switching off, uninstalling, backing up, restoring and upgrading: what README's recipes do, done."""
import os
import re
import shutil
import subprocess

import pytest

import env
from fresh import ME, SQL, WORD, Fresh, directives, fresh, logging_server  # noqa: F401

pytestmark = pytest.mark.once
MODULES = '/usr/lib/apache2/modules'


@pytest.fixture
def root(tmp_path):
    """A root folder with Debian's folders of httpd."""
    for folder in ('mods-available', 'mods-enabled'):
        os.makedirs(tmp_path / 'root' / 'etc/apache2' / folder)
    return str(tmp_path / 'root')


def make(root, what):
    return subprocess.run(['sh', os.path.join(env.ROOT, 'conf/install.sh'), what], capture_output=True, text=True, timeout=60,
                          env=dict(os.environ, DESTDIR=root, MODULES=MODULES, BUILD=env.BUILD))


def below(root):
    return sorted(os.path.relpath(os.path.join(where, name), root) for where, _, names in os.walk(root) for name in names)


def test_make_says_what_it_runs(root):
    """`make install` is that script."""
    done = subprocess.run(['make', '-n', '-s', 'install', 'DESTDIR=' + root], cwd=env.ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "DESTDIR='%s'" % root in done.stdout and 'sh conf/install.sh install' in done.stdout, done.stdout + done.stderr


def test_installed_by_rename(root):
    done = make(root, 'install')
    assert done.returncode == 0, done.stderr
    files = below(root)
    for name in ('usr/bin/regenctl', 'usr/lib/apache2/modules/mod_regen.so', 'usr/share/mod_regen/sql/0001_clinic.sql', 'etc/apache2/mods-available/regen.load',
                 'etc/apache2/mods-available/regen.conf', 'usr/share/mod_regen/templates/part/head.html', 'usr/share/mod_regen/static/regen.css'):
        assert name in files, name
    assert not [f for f in files if f.endswith('.new') or 'sample' in f or 'README' in f]
    module = os.path.join(root, 'usr/lib/apache2/modules/mod_regen.so')
    before = os.stat(module)
    assert before.st_mode & 0o777 == 0o644 and os.stat(os.path.join(root, 'usr/bin/regenctl')).st_mode & 0o777 == 0o755
    # A running httpd has the old file open: it is not written to, and the new one has its name.
    old = os.path.join(root, 'usr/share/mod_regen/templates/part/gone.html')
    with open(old, 'w', encoding='utf-8') as f:
        f.write('of an older version')
    with open(os.path.join(root, 'etc/apache2/mods-available/regen.conf'), 'a', encoding='utf-8') as f:
        f.write('# mine\n')
    with open(module, 'rb') as mapped:
        again = make(root, 'install')
        assert again.returncode == 0, again.stderr
        assert os.fstat(mapped.fileno()).st_nlink == 0 and os.stat(module).st_ino != before.st_ino
        assert len(mapped.read()) == before.st_size
    assert not os.path.exists(old)
    # The sysadmin's configuration stays; the new one is beside the templates.
    assert env.read(os.path.join(root, 'etc/apache2/mods-available/regen.conf')).endswith('# mine\n')
    assert 'is kept' in again.stdout and os.path.exists(os.path.join(root, 'usr/share/mod_regen/regen.conf'))


def test_uninstalled(root):
    assert make(root, 'install').returncode == 0
    kept = os.path.join(root, 'etc/regen/secret')
    os.mkdir(os.path.dirname(kept))
    with open(kept, 'w', encoding='utf-8') as f:
        f.write('secret')
    enabled = os.path.join(root, 'etc/apache2/mods-enabled/regen.load')
    os.symlink('../mods-available/regen.load', enabled)
    done = make(root, 'uninstall')
    assert done.returncode == 1 and 'a2dismod regen' in done.stderr and os.path.exists(os.path.join(root, 'usr/bin/regenctl'))
    os.unlink(enabled)
    done = make(root, 'uninstall')
    assert done.returncode == 0, done.stderr
    assert below(root) == ['etc/regen/secret']


def test_runtime_packages_are_those_that_are_loaded():
    """deps.sh serve names the package of every library, and no compiler."""
    listed = set(re.search(r"^SERVE='([^']*)'", env.read(os.path.join(env.ROOT, 'tests/lib/deps.sh')), re.M).group(1).split())
    needed = set()
    for name in ('mod_regen.so', 'regenctl'):
        path = os.path.join(env.BUILD, name)
        direct = re.findall(r'NEEDED.*\[(.*)\]', subprocess.run(['readelf', '-d', path], capture_output=True, text=True, check=True).stdout)
        places = dict(re.findall(r'(\S+) => (/\S+)', subprocess.run(['ldd', path], capture_output=True, text=True, check=True).stdout))
        needed |= {os.path.realpath(places[one]) for one in direct if one in places and not one.startswith('libc.')}
    packages = set(line.split(':')[0] for line in subprocess.run(['dpkg', '-S', *sorted(needed)], capture_output=True, text=True,
                                                                  check=True).stdout.splitlines())
    assert packages <= listed, packages - listed
    assert not [p for p in listed if p.endswith('-dev') or p in ('gcc', 'make', 'binutils')]


# --- switching on and off ------------------------------------------------------------------------------------------------------

def test_the_shipped_configuration_opens_nothing(configtest, servers):
    shipped = env.read(os.path.join(env.ROOT, 'conf/regen.conf'))
    code, said = configtest(shipped, only=True)
    assert code == 0 and 'RG0311' not in said, said
    with servers(only=shipped).visitor() as anybody:
        assert anybody.get('/').status_code in (403, 404)


def test_a_mount_outside_of_a_virtual_host_is_told(configtest):
    host = '<VirtualHost *>\nServerName other.example\n</VirtualHost>\n'
    code, said = configtest(host)
    assert code == 0 and said.count('RG03119') == 1 and 'opens the clinic at /clinic of every virtual host' in said, said
    code, said = configtest('')
    assert code == 0 and 'RG03119' not in said, said


def test_in_one_virtual_host_it_opens_there_alone(servers, server, configtest):
    """And what another one has at that path is its own."""
    with open(os.path.join(env.ROOT, 'tests/lib/sample.conf'), encoding='utf-8') as f:
        sample = f.read()
    hosts = ('<VirtualHost *>\nServerName other.example\nRedirect gone "/clinic"\n</VirtualHost>\n'
             '<VirtualHost *>\nServerName clinic.example\n%s</VirtualHost>\n' % sample)
    code, said = configtest(hosts, only=True)
    assert code == 0 and 'RG0311' not in said, said
    both = servers(only=hosts)
    with both.visitor() as anybody:
        assert anybody.get('/', headers={'Host': 'clinic.example'}).status_code == 200
        assert anybody.get('/', headers={'Host': 'other.example'}).status_code == 410


def test_directives_of_a_module_that_is_switched_off_break_nothing(fresh, tmp_path):
    done = fresh.run('--dry-run')
    conf = tmp_path / 'httpd.conf'
    conf.write_text('ServerRoot "%s"\nLoadModule mpm_event_module %s/mod_mpm_event.so\nLoadModule authz_core_module %s/mod_authz_core.so\n'
                    'Listen 127.0.0.1:1\nServerName x\nErrorLog %s/log\n<VirtualHost *:1>\n%s</VirtualHost>\n'
                    % (tmp_path, MODULES, MODULES, tmp_path, directives(done.stdout, 1).replace('RegenCookieSecure Off\n', '')))
    tested = subprocess.run(['/usr/sbin/apache2', '-t', '-f', str(conf)], capture_output=True, text=True, timeout=30)
    assert tested.returncode == 0, tested.stderr


# --- backup, restore, upgrade --------------------------------------------------------------------------------------------------

CLINIC = ('{"format": "mod_regen clinic 1", "sites": [{"code": "lake", "name": "Lake", "time_zone": "America/New_York", "address": "4 Lake Road",'
          ' "city": "Burlington", "postal_code": "05401"}]}')


def sql_tool(database, *argv, **options):
    return subprocess.run([argv[0], '--no-defaults', '--socket', database.socket, '--user', ME, *argv[1:]], capture_output=True, timeout=300, **options)


def test_restored_on_another_server(fresh, tmp_path):
    """README's backup on one server is README's restore on another one that has nothing."""
    assert fresh.run().returncode == 0
    fresh.ok('clinic', 'import', fresh.put('clinic.json', CLINIC))
    fresh.ok('audit', 'anchor')
    export = fresh.ok('clinic', 'export')
    events = fresh.database.admin('SELECT COUNT(*) FROM regen.audit_event')
    dump = sql_tool(fresh.database, 'mariadb-dump', '--single-transaction', '--routines', '--triggers', '--hex-blob', 'regen')
    assert dump.returncode == 0, dump.stderr
    saved = shutil.copytree(fresh.folder, tmp_path / 'saved')

    other = env.Database(env.work_folder('restored-' + os.environ.get('PYTEST_XDIST_WORKER', 'gw')))
    other.start()
    try:
        other.admin('DROP DATABASE regen; DROP USER regen@localhost, regen_owner@localhost')
        (tmp_path / 'new').mkdir()
        there = Fresh(other, str(tmp_path / 'new'))
        # The saved files come first: their passwords and their secret stay. (This socket has another path.)
        shutil.copytree(saved, there.folder)
        conf = env.read(there.conf).replace(fresh.database.socket, other.socket).replace(fresh.folder, there.folder)
        with open(there.conf, 'w', encoding='utf-8') as f:
            f.write(conf)
        assert there.run().returncode == 0
        # Without --comments this client takes the comments out of triggers, which audit verify finds.
        restored = sql_tool(other, 'mariadb', '--comments', 'regen', input=dump.stdout)
        assert restored.returncode == 0, restored.stderr
        done = there.run()
        assert done.returncode == 0, done.stderr
        assert there.ok('clinic', 'export') == export
        assert other.admin('SELECT COUNT(*) FROM regen.audit_event') == events
        assert '0 contradictions' in there.ok('check')
        assert '0 faults' in there.ok('audit', 'verify', SQL)
        for name in ('secret', 'owner-password', 'module-password'):
            assert env.read(os.path.join(there.folder, name)) == env.read(os.path.join(str(saved), name))
    finally:
        other.remove()


def test_upgraded_by_setup(fresh, tmp_path):
    """An older schema, with rights for its tables only: setup brings both up to date, and keeps everything else."""
    older = tmp_path / 'sql'
    older.mkdir()
    for name in sorted(os.listdir(SQL)):
        if name.endswith('.sql') and name < '0060':
            shutil.copy(os.path.join(SQL, name), older)
    done = fresh.run('--schema', str(older))
    assert done.returncode == 1 and 'end at version 59' in done.stderr, done.stderr
    secrets = fresh.files()
    assert fresh.ctl('status').returncode == 1
    done = fresh.run()
    assert done.returncode == 0, done.stderr
    assert fresh.ctl('status').returncode == 0 and fresh.files() == secrets
    grants = fresh.database.admin('SHOW GRANTS FOR regen@localhost')
    assert '`fee_line`' in grants and '`estimate`' in grants


# --- README --------------------------------------------------------------------------------------------------------------------

# Commands of README "Into an httpd of your own", and where they are run: as they are, or what they do.
SHOWN = {
    'make build': 'before every test', 'make install': 'test_installed_by_rename', 'make uninstall': 'test_uninstalled',
    'regenctl setup': 'test_setup.py', 'regenctl clinic import clinic.json': 'test_first_clinic.py', 'regenctl form publish consent.txt': 'test_first_clinic.py',
    'a2enmod regen': 'httpd.sh loads the module', 'a2dismod regen': 'test_directives_of_a_module_that_is_switched_off_break_nothing',
    'apachectl configtest': 'test_a_mount_outside_of_a_virtual_host_is_told', 'apachectl graceful': 'test_platform_restarts.py',
    'apachectl restart': 'test_platform_restarts.py', 'regenctl check': 'test_restored_on_another_server', 'regenctl audit anchor': 'test_restored_on_another_server',
    'mariadb-dump --single-transaction --routines --triggers --hex-blob regen >regen.sql': 'test_restored_on_another_server',
    'mariadb --comments regen <regen.sql': 'test_restored_on_another_server',
    'regenctl audit verify /usr/share/mod_regen/sql': 'test_restored_on_another_server',
}


def test_readme_shows_no_command_that_no_test_runs():
    readme = env.read(os.path.join(env.ROOT, 'README.md'))
    section = re.search(r'^## Into an httpd of your own$(.*?)^Use TLS', readme, re.M | re.S).group(1)
    shown = set(line for block in re.findall(r'^```\n(.*?)^```', section, re.M | re.S) for line in block.splitlines())
    assert shown == set(SHOWN), shown ^ set(SHOWN)
    # httpd is told of the module before it is asked whether its configuration is right.
    assert section.index('a2enmod regen') < section.index('apachectl configtest')
