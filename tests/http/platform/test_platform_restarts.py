# SPDX-License-Identifier: Apache-2.0
"""The parent, in which the module is unloaded and loaded at each graceful restart, does not grow. (That no request is
lost is for tests/faults to see.)"""
import re

import pytest

import env


def resident(pid):
    return int(re.search(r'VmRSS:\s+(\d+) kB', env.read('/proc/%d/status' % pid)).group(1))


@pytest.mark.measures
def test_restarts_do_not_grow_the_parent(servers, server):
    """The module is loaded anew each time; what check_config made goes with the configuration."""
    one = servers()

    def restart():
        before = set(one.children())
        assert one.graceful().returncode == 0
        env.wait_until(lambda: set(one.children()) - before, 20)

    for _ in range(4):
        restart()
    before = resident(one.pid)
    for _ in range(10):
        restart()
    assert resident(one.pid) - before < 1500
