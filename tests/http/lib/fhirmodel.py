# SPDX-License-Identifier: Apache-2.0
"""FHIR's search once more, in a few lines and over resources that are already here: what the server answers must be what this
finds. Where the values of a parameter stand in a resource is a path of PATHS; test_fhir_search.py compares these paths with
HL7's own expressions. No fixtures."""
import datetime

# The path of each parameter; "actor:Patient" goes on only with references to that type.
PATHS = {
    'Location': {'name': 'name', 'address': 'address', 'address-city': 'address.city', 'address-state': 'address.state',
                 'address-postalcode': 'address.postalCode', 'identifier': 'identifier', 'partof': 'partOf',
                 'status': 'status'},
    'HealthcareService': {'name': 'name', 'active': 'active', 'identifier': 'identifier', 'service-type': 'type',
                          'location': 'location'},
    'Practitioner': {'name': 'name', 'family': 'name.family', 'given': 'name.given', 'active': 'active',
                     'identifier': 'identifier'},
    'PractitionerRole': {'practitioner': 'practitioner', 'location': 'location', 'service': 'healthcareService',
                         'specialty': 'specialty', 'active': 'active'},
    'Device': {'device-name': 'deviceName.name', 'identifier': 'identifier', 'location': 'location', 'status': 'status'},
    'Schedule': {'actor': 'actor', 'active': 'active', 'service-type': 'serviceType'},
    'Slot': {'schedule': 'schedule', 'service-type': 'serviceType', 'start': 'start', 'status': 'status'},
    'Appointment': {'patient': 'participant.actor:Patient', 'practitioner': 'participant.actor:Practitioner',
                    'location': 'participant.actor:Location', 'date': 'start', 'status': 'status', 'specialty': 'specialty',
                    'service-type': 'serviceType', 'identifier': 'identifier'},
    'Patient': {'identifier': 'identifier', 'name': 'name', 'family': 'name.family', 'given': 'name.given',
                'birthdate': 'birthDate', 'email': 'telecom:email', 'phone': 'telecom:phone'},
    'ServiceRequest': {'identifier': 'identifier', 'patient': 'subject', 'status': 'status', 'authored': 'authoredOn'}}
for _paths in PATHS.values():
    _paths.update({'_id': 'id', '_lastUpdated': 'meta.lastUpdated'})


def nodes(resource, path):
    """Everything at the path, lists flattened."""
    found = [resource]
    for step in path.split('.'):
        name, _, only = step.partition(':')
        found = [n[name] for n in found if name in n]
        found = [one for n in found for one in (n if isinstance(n, list) else [n])]
        if only:
            found = [n for n in found if n.get('system') == only or n.get('reference', '').startswith(only + '/')]
    return found


def strings(node):
    """The words of a HumanName, an Address or a text."""
    if isinstance(node, str):
        return [node]
    if isinstance(node, list):
        return [text for one in node for text in strings(one)]
    return [text for key, one in node.items() if key not in ('use', 'type', 'period') for text in strings(one)]


def tokens(node):
    """(system, code) of whatever a token can be."""
    if isinstance(node, dict) and 'coding' in node:
        return [(c.get('system', ''), c['code']) for c in node['coding']]
    if isinstance(node, dict):
        return [('' if node.get('system') in ('email', 'phone') else node.get('system', ''), node['value'])]
    return [('', str(node).lower() if isinstance(node, bool) else node)]


def values(resource, name, kind):
    found = nodes(resource, PATHS[resource['resourceType']][name])
    if kind == 'reference':
        return [n['reference'] for n in found]
    each = {'string': strings, 'token': tokens, 'date': lambda n: [n]}[kind]
    return [one for node in found for one in each(node)]


def moment(text):
    """[from, until) of a day or an instant."""
    if len(text) == 10:
        start = datetime.datetime.fromisoformat(text + 'T00:00:00+00:00')
        return start, start + datetime.timedelta(days=1)
    start = datetime.datetime.fromisoformat(text.replace('Z', '+00:00'))
    return start, start + datetime.timedelta(seconds=1)


COMPARE = {'': lambda v, a, b: a <= v < b, 'eq': lambda v, a, b: a <= v < b, 'ge': lambda v, a, b: v >= a,
           'gt': lambda v, a, b: v >= b, 'le': lambda v, a, b: v < b, 'lt': lambda v, a, b: v < a,
           'sa': lambda v, a, b: v >= b, 'eb': lambda v, a, b: v < a}


def fits(resource, name, kind, value, modifier='', prefix=''):
    """Whether one value of a parameter fits the resource."""
    have = values(resource, name, kind)
    if modifier == 'missing':
        return bool(have) == (value == 'false')
    if modifier == 'not':
        return not fits(resource, name, kind, value)
    if kind == 'string':
        low = value.casefold()
        test = {'': lambda s: s.casefold().startswith(low), 'contains': lambda s: low in s.casefold(),
                'exact': lambda s: s == value}[modifier]
        return any(test(s) for s in have)
    if kind == 'token':
        system, bar, code = value.rpartition('|')
        return any(c == code and (not bar or s == system) for s, c in have)
    if kind == 'reference':
        return any(value in (r, r.split('/')[1]) and modifier in ('', r.split('/')[0]) for r in have)
    return any(COMPARE[prefix](moment(v)[0], *moment(value)) for v in have)
