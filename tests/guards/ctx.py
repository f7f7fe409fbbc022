# SPDX-License-Identifier: Apache-2.0
"""Who is handed a context does not change it: a transaction that is run again, and the next use-case of the same request, begin
with the same caller. Handlers, tools, the sweeper and tests make one, and own what they made."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))
from guard import case, code, files, line_of, main, need, sources, text  # noqa: E402

MAKERS = ('web', 'module', 'tools')
POINTER = re.compile(r'\b(const\s+)?rg_ctx_t\s*\*')


def changeable(source):
    """Where in C a context that may be changed is handed over or kept."""
    return [m.start() for m in POINTER.finditer(code(source)) if not m[1]]


@case
def contexts_are_const():
    """outside web, module and tools every pointer to a context is const"""
    makers = {path for room in MAKERS for path in sources(room)}
    wrong, found = [], 0
    for path in sorted(set(sources()) - makers) + need(files('.h', under='include'), 'public headers'):
        source = text(path)
        found += len(POINTER.findall(source))
        wrong += ['%s:%d: say const rg_ctx_t *' % (path, line_of(source, at)) for at in changeable(source)]
    need(range(found), 'pointers to a context')
    return wrong


@case
def the_guard_sees():
    """a context that may be changed is found, a const one, a copy and one in a comment are not"""
    found = changeable('int f(rg_ctx_t *ctx);\nint g(const rg_ctx_t *ctx) { rg_ctx_t own = *ctx; }\n/* rg_ctx_t *ctx */\nstruct { rg_ctx_t  *c; };')
    return [] if len(found) == 2 else ['found %d' % len(found)]


if __name__ == '__main__':
    main()
