# SPDX-License-Identifier: Apache-2.0
"""Names and free text that people typed stand isolated on pages: a name written from right to left must not move the words and
numbers beside it. What turns directions by itself is taken away where text comes in (core/text/fold.c)."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))
from guard import case, files, line_of, main, need, text  # noqa: E402

# The last word of a variable that may hold such text. What a clinic calls its services and rooms is among it: it is simpler to
# isolate them all than to know which is which.
TYPED = {'name', 'patient', 'given', 'family', 'signer', 'signer_name', 'subscriber', 'to_name', 'who', 'by', 'practitioner',
         'reason', 'note', 'address', 'patient_address'}
# Elements that hold text only, each with a direction of its own.
ALONE = {'bdi', 'title', 'option', 'textarea'}
PART = re.compile(r'(?P<comment>\{\{!.*?\}\})|\{\{\s*(?P<name>[\w.-]+)\s*\}\}|(?P<other>\{\{.*?\}\})|<(?P<end>/?)(?P<tag>[a-zA-Z][\w-]*)|(?P<close>>)', re.S)


def in_text(source):
    """(where, name) of each variable that is neither in a tag nor in one of ALONE."""
    inside, within = False, []
    for part in PART.finditer(source):
        if part['tag']:
            inside, tag = True, part['tag'].lower()
            if tag in ALONE:
                within = within[:-1] if part['end'] else within + [tag]
        elif part['close']:
            inside = False
        elif part['name'] and not inside and not within:
            yield part.start(), part['name']


@case
def names_are_isolated():
    """what people typed stands in <bdi> in the text of every page"""
    wrong = []
    for path in need(files('.html', under='conf/templates'), 'templates'):
        source = text(path)
        wrong += ['%s:%d: {{%s}} belongs into <bdi>' % (path, line_of(source, at), name)
                  for at, name in in_text(source) if name.split('.')[-1] in TYPED]
    return wrong


@case
def the_guard_sees():
    """a name in plain text is found, one in <bdi>, an attribute, a choice or a comment is not"""
    found = [name for _, name in in_text('{{! {{x.name}} }}<p title="{{a.name}}">{{#b}}{{name}}{{/b}} <bdi>{{c.name}}</bdi>'
                                         '<option>{{d.name}}</option> {{e.patient}}</p>')]
    return [] if found == ['name', 'e.patient'] else ['found %s' % found]


if __name__ == '__main__':
    main()
