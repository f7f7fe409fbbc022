# SPDX-License-Identifier: Apache-2.0
"""Who may do what stands in one table (clinic/access.c), the README shows that table, and no use-case looks at roles itself."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))
from guard import case, code, main, need, sources, text  # noqa: E402

TABLE = 'mod_regen/clinic/access.c'
COLUMNS = ('DESK', 'CLINICIAN', 'BILLING', 'ADMIN')
# Rows of the README, by deed.
WORDS = {'SEE_DAY': 'see the board, charts and the week', 'BOOK': 'find patients and times; hold, book and move for them; block hours; reschedule late visits',
         'WAITLIST': 'the waitlist', 'FOLLOW_UP': 'recalls and messages', 'CHECK_IN': 'check in', 'SUPPLY': 'lots of supplies: enter, recall, see where one was used', 'SUPPLY_RESTORE': 'take the recall of a lot back', 'CONSENT': 'read consents, have them signed at the desk, record that one is withdrawn', 'NO_SHOW': 'mark a no-show',
         'CHANGE': "change a patient on the patient's page",
         'MERGE': 'merge two records of one person, and take a merge apart',
         'CARE': 'harvest, process, inject, dispose, complete', 'REVIEW': 'decide about answers that a clinician must look at', 'ORDER': 'order a treatment (as a practitioner with the capability `order`), revoke an order', 'MONEY': 'take payments and deposits, see what a patient owes, count the cash desk; refund, discount or write off up to `RegenDeskAdjustmentMax` (front desk) or `RegenBillingAdjustmentMax` (billing), each and on one account in a day',
         'ADJUST_ANY': 'refund, discount or write off any amount',
         'BILL': 'accounts, invoices, claims, credit notes, corrections; who owes a charge', 'EXPORT_CLAIMS': 'export claims as a file',
         'DEFINE': 'services, resources, closures, feeds, addresses', 'STAFF': 'staff and access tokens', 'AUDIT': 'the audit log: who looked at a record and who changed it'}
# Files that say a role for another reason, and which.
OTHERWISE = {'identity/admin.c': 'a new person gets some', 'identity/staff.c': 'the last administrator stays', 'identity/visitor.c': 'makes a patient', 'identity/session.c': 'a tablet has no other role',
             'patient/typed.c': 'whose name a message says', 'patient/typed.h': 'likewise', 'tell.c': 'likewise', 'desk/block.c': 'lends the right to close'}


def deeds():
    rows = re.findall(r'\[RG_DEED_(\w+)\] = \{([\w |]+), (true|false)\}', code(text(TABLE)))
    return {name: {w.strip() for w in roles.split('|')} for name, roles, _ in need(rows, 'rows of ' + TABLE)}


def shown():
    found = {}
    for line in text('README.md').split('\n'):
        cells = [c.strip() for c in line.strip('|').split('|')]
        if len(cells) == 1 + len(COLUMNS) and cells[0] in WORDS.values():
            found[cells[0]] = {c for c, mark in zip(COLUMNS, cells[1:]) if mark == 'yes'}
    return found


@case
def readme_shows_the_table():
    """the README's table of deeds is that of clinic/access.c"""
    table, readme = deeds(), shown()
    return ['%s: %s in the code, %s in the README' % (d, sorted(roles), sorted(readme.get(WORDS.get(d), ['no row'])))
            for d, roles in table.items() if readme.get(WORDS.get(d)) != roles] + ['%s is no deed' % d for d in WORDS if d not in table]


@case
def nobody_looks_at_roles():
    """no use-case looks at a role beside the table"""
    wrong = []
    for path in sources('clinic'):
        part = path[len('mod_regen/clinic/'):]
        if part.startswith('access.') or part in OTHERWISE:
            continue
        wrong += ['%s:%d: ask rg_may' % (path, n) for n, line in enumerate(code(text(path)).split('\n'), 1) if 'RG_ROLE_' in line]
    return wrong


main()
