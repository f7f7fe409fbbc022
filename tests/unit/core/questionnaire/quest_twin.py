# SPDX-License-Identifier: Apache-2.0
"""Random questionnaires with random answers, and what they mean, decided independently: by recursion from each question, with
Decimal and datetime. One case a line: the file, what was typed, and the verdict, each in hex."""
import datetime
import decimal
import json
import random
import sys

CHOICES = ('choice', 'open-choice')
ORDINAL = 'http://hl7.org/fhir/StructureDefinition/ordinalValue'
MIN = 'http://hl7.org/fhir/StructureDefinition/minValue'
MAX = 'http://hl7.org/fhir/StructureDefinition/maxValue'


def number(d):
    text = format(d.quantize(decimal.Decimal('0.001'), rounding=decimal.ROUND_HALF_UP), 'f')
    text = text.rstrip('0').rstrip('.')
    return '0' if text in ('-0', '') else text


class Maker:
    """A questionnaire: groups in groups, conditions about what came before, scores and rules."""

    def __init__(self, dice):
        self.dice, self.flat, self.n = dice, [], 0

    def condition(self, rule=False, scores=()):
        asked = [i for i in self.flat if i['type'] not in ('group', 'display')]
        if rule and scores and self.dice.random() < 0.4:
            one = {'score': self.dice.choice(scores)['code'], 'operator': self.dice.choice(['=', '!=', '<', '>', '<=', '>=', 'exists'])}
            if one['operator'] == 'exists':
                one['answerBoolean'] = self.dice.random() < 0.5
            else:
                one['answerDecimal'] = self.dice.randint(-2, 12) + self.dice.choice([0, 0.5])
            return one
        if not asked:
            return None
        item = self.dice.choice(asked)
        ordered = item['type'] in ('integer', 'decimal', 'date')
        op = self.dice.choice(['exists', '=', '!='] + (['<', '>', '<=', '>='] if ordered else []))
        one = {'question': item['linkId'], 'operator': op}
        if op == 'exists':
            one['answerBoolean'] = self.dice.random() < 0.5
        elif item['type'] in CHOICES:
            value = self.dice.choice(item['answerOption'])
            kind, value = next(iter(value.items()))
            one['answer' + kind[5:]] = {'code': value['code']} if kind == 'valueCoding' else value
        else:
            one['answer' + {'text': 'String'}.get(item['type'], item['type'].capitalize())] = {
                'boolean': lambda: self.dice.random() < 0.5, 'integer': lambda: self.dice.randint(-3, 12),
                'decimal': lambda: self.dice.randint(-6, 24) / 2, 'date': lambda: '2026-0%d-15' % self.dice.randint(1, 9),
                'string': lambda: self.dice.choice('ab'), 'text': lambda: self.dice.choice('ab')}[item['type']]()
        return one

    def conditions(self, to, key, behavior, **how):
        made = [c for c in (self.condition(**how) for _ in range(self.dice.choice([1, 1, 2, 3]))) if c]
        if made:
            to[key] = made
            if len(made) > 1 or self.dice.random() < 0.3:
                to[behavior] = self.dice.choice(['all', 'any'])
        return bool(made)

    def options(self):
        kind = self.dice.choice(['valueCoding', 'valueCoding', 'valueString', 'valueInteger'])
        count = self.dice.randint(1, 4)
        if kind == 'valueInteger':
            return [{kind: n} for n in self.dice.sample(range(-2, 11), count)]
        if kind == 'valueString':
            return [{kind: 'Word %d' % n} for n in range(count)]
        scored = self.dice.random() < 0.7
        return [{kind: {'code': 'o%d' % n, 'display': 'Option %d' % n, **({'extension': [
            {'url': ORDINAL, 'valueDecimal': self.dice.choice([n, n / 2, -n, n + 0.125])}]} if scored else {})}} for n in range(count)]

    def item(self, depth):
        self.n += 1
        kinds = ['boolean', 'choice', 'choice', 'open-choice', 'integer', 'decimal', 'date', 'string', 'text', 'display']
        made = {'linkId': 'q%d' % self.n, 'text': 'Question %d?' % self.n,
                'type': 'group' if depth < 3 and self.dice.random() < 0.2 else self.dice.choice(kinds)}
        if self.flat and self.dice.random() < 0.4:
            self.conditions(made, 'enableWhen', 'enableBehavior')
        self.flat.append(made)
        if made['type'] == 'group':
            made['item'] = [self.item(depth + 1) for _ in range(self.dice.randint(1, 4))]
        elif made['type'] != 'display' and self.dice.random() < 0.3:
            made['required'] = True
        if made['type'] in CHOICES:
            made['answerOption'] = self.options()
            if self.dice.random() < 0.3:
                made['repeats'] = True
        if made['type'] == 'integer' and self.dice.random() < 0.6:
            made['extension'] = [{'url': MIN, 'valueInteger': 0}, {'url': MAX, 'valueInteger': 10}]
        if made['type'] == 'decimal' and self.dice.random() < 0.6:
            made['extension'] = [{'url': MIN, 'valueDecimal': -1.5}, {'url': MAX, 'valueDecimal': 9.5}]
        if made['type'] == 'date' and self.dice.random() < 0.5:
            made['extension'] = [{'url': MIN, 'valueDate': '2026-03-01'}]
        if made['type'] in ('string', 'text') and self.dice.random() < 0.5:
            made['maxLength'] = 3
        return made

    def whole(self):
        form = {'resourceType': 'Questionnaire', 'name': 'twin', 'title': 'Twin', 'status': 'active', 'item': []}
        while not any(i['type'] not in ('group', 'display') for i in self.flat) or self.dice.random() < 0.8 and self.n < 25:
            form['item'].append(self.item(0))
        scores = []
        can = [i for i in self.flat if span(i)]
        for n in range(self.dice.randint(0, 3) if can else 0):
            items = self.dice.sample(can, self.dice.randint(1, min(4, len(can))))
            one = {'code': 's%d' % n, 'title': 'Score', 'better': self.dice.choice(['lower', 'higher']),
                   'items': [i['linkId'] for i in items], 'method': self.dice.choice(['sum', 'mean', 'table'])}
            low, high = sum(span(i)[0] for i in items), sum(span(i)[1] for i in items)
            if one['method'] == 'table' and (low % 1 or high % 1):
                one['method'] = 'sum'
            if one['method'] == 'table':
                one['table'] = [{'raw': int(low) + r, 'score': 100 - r * 1.25} for r in range(int(high - low) + 1)]
            if one['method'] == 'mean' and len(items) > 1:
                one['missing'] = self.dice.randint(0, len(items) - 1)
            scores.append(one)
        rules = []
        for n in range(self.dice.randint(0, 4)):
            rule = {'result': self.dice.choice(['review', 'stop']), 'words': 'Words %d.' % n}
            if self.conditions(rule, 'when', 'behavior', rule=True, scores=scores):
                rules.append(rule)
        return {'format': 'mod_regen questionnaire 1', 'questionnaire': form, 'scores': scores, 'rules': rules}


def span(item):
    """The least and the most that it adds to a score; None: it cannot be scored."""
    d = decimal.Decimal
    if item['type'] == 'boolean':
        return d(0), d(1)
    if item['type'] in ('integer', 'decimal') and 'extension' in item:
        return tuple(d(str(v)) for e in item['extension'] for k, v in e.items() if k != 'url')
    if item['type'] == 'choice' and not item.get('repeats'):
        worth = [points(o) for o in item['answerOption']]
        return (min(worth), max(worth)) if None not in worth else None
    return None


def points(option):
    if 'valueInteger' in option:
        return decimal.Decimal(option['valueInteger'])
    found = option.get('valueCoding', {}).get('extension') if isinstance(option.get('valueCoding'), dict) else None
    return decimal.Decimal(str(found[0]['valueDecimal'])) if found else None


def code(option):
    value = next(iter(option.values()))
    return str(value['code'] if isinstance(value, dict) else value)


def typed(dice, item):
    """What somebody may type, sensible or not."""
    if dice.random() < 0.2:
        return {}
    if item['type'] in CHOICES:
        codes = [code(o) for o in item['answerOption']]
        out = {'value': dice.sample(codes, dice.randint(0, len(codes)) if item.get('repeats') or dice.random() < 0.1 else 1)}
        if dice.random() < 0.1:
            out['value'].append('unknown')
        if item['type'] == 'open-choice' and dice.random() < 0.3:
            out['other'] = dice.choice(['own', 'a'])
            if dice.random() < 0.7 and not item.get('repeats'):
                out['value'] = []
        return out
    word = {'boolean': ['true', 'false', 'maybe'], 'integer': ['0', '3', '10', '11', '-2', '4.5', 'x'],
            'decimal': ['0', '2.5', '9.5', '9.6', '-1.5', '1,25', '1.2345', '7'],
            'date': ['2026-01-15', '2026-04-15', '2026-09-15', '2026-02-30', 'soon'],
            'string': ['a', 'b', 'abcd', 'c'], 'text': ['a', 'b', 'abcd', 'c']}[item['type']]
    return {'value': [dice.choice(word)]}


def limits(item):
    return {e['url']: v for e in item.get('extension', []) for k, v in e.items() if k != 'url'}


def answer(item, raw):
    """(values, fine)"""
    values, other = list(raw.get('value', [])), raw.get('other')
    if item['type'] in CHOICES:
        codes = [code(o) for o in item['answerOption']]
        fine = all(v in codes for v in values)
        picked = [('option', c) for c in codes if c in values]
        if other:
            if len(other) > item.get('maxLength', 200):
                fine = False
            picked.append(('other', other))
        return picked, fine and (item.get('repeats') or len(picked) <= 1)
    if not values:
        return [], True
    text, lim = values[0], limits(item)
    if item['type'] == 'boolean':
        return [('bool', text == 'true')], text in ('true', 'false')
    if item['type'] in ('string', 'text'):
        return [('text', text)], len(text) <= item.get('maxLength', 200)
    if item['type'] == 'date':
        try:
            day = datetime.date.fromisoformat(text)
        except ValueError:
            return [], False
        return [('date', day)], MIN not in lim or day >= datetime.date.fromisoformat(lim[MIN])
    try:
        value = decimal.Decimal(text)
    except decimal.InvalidOperation:
        return [], False
    places = -value.as_tuple().exponent
    fine = places <= (0 if item['type'] == 'integer' else 3)
    fine = fine and (MIN not in lim or value >= decimal.Decimal(str(lim[MIN]))) and (MAX not in lim or value <= decimal.Decimal(str(lim[MAX])))
    return [('number', value)], fine


class Judge:
    def __init__(self, whole, raw):
        self.whole, self.raw = whole, raw
        self.items, self.parent, self.seen = {}, {}, {}
        self.walk(whole['questionnaire'], None)
        self.scores = {s['code']: s for s in whole['scores']}

    def walk(self, node, parent):
        for item in node.get('item', []):
            self.items[item['linkId']] = item
            self.parent[item['linkId']] = parent
            self.walk(item, item['linkId'])

    def enabled(self, link):
        if link is None:
            return True
        if link not in self.seen:
            item = self.items[link]
            self.seen[link] = self.enabled(self.parent[link]) and self.together(item.get('enableWhen', []), item.get('enableBehavior', 'all'))
        return self.seen[link]

    def together(self, conditions, how):
        return not conditions or (any if how == 'any' else all)([self.holds(c) for c in conditions])

    def values(self, link):
        if not self.enabled(link):
            return []
        values, fine = answer(self.items[link], self.raw.get(link, {}))
        return values if fine else []

    def holds(self, c):
        op = c['operator']
        if 'score' in c:
            value = self.score(self.scores[c['score']])
            if op == 'exists':
                return (value is not None) == c['answerBoolean']
            with_ = decimal.Decimal(str(c['answerDecimal']))
            if op == '!=':
                return value is None or value != with_
            return value is not None and compare(op, value, with_)
        values = self.values(c['question'])
        if op == 'exists':
            return bool(values) == c['answerBoolean']
        wanted = next(v for k, v in c.items() if k.startswith('answer'))
        wanted = str(wanted['code']) if isinstance(wanted, dict) else wanted
        kind = self.items[c['question']]['type']
        if kind in CHOICES:
            equal = [k == 'option' and v == str(wanted) for k, v in values]
        elif kind in ('integer', 'decimal'):
            wanted = decimal.Decimal(str(wanted))
            equal = [compare('=' if op == '!=' else op, v, wanted) for _, v in values]
        elif kind == 'date':
            wanted = datetime.date.fromisoformat(wanted)
            equal = [compare('=' if op == '!=' else op, v, wanted) for _, v in values]
        else:
            equal = [v == wanted for _, v in values]
        return not any(equal) if op == '!=' else any(equal)

    def worth(self, link):
        values = self.values(link)
        if len(values) != 1:
            return None
        item, (kind, value) = self.items[link], values[0]
        if kind == 'option':
            return next(points(o) for o in item['answerOption'] if code(o) == value)
        return decimal.Decimal(int(value)) if kind == 'bool' else value

    def score(self, s):
        worth = [w for w in map(self.worth, s['items']) if w is not None]
        if not worth or len(s['items']) - len(worth) > s.get('missing', 0):
            return None
        if s['method'] == 'mean':
            exact = sum(worth) / len(worth)
            return exact.quantize(decimal.Decimal('0.001'), rounding=decimal.ROUND_HALF_UP)
        if s['method'] == 'table':
            return next((decimal.Decimal(str(r['score'])) for r in s['table'] if r['raw'] == sum(worth)), None)
        return sum(worth)

    def verdict(self):
        asked = [l for l in self.items if self.enabled(l)]
        wrong = []
        for link in asked:
            item = self.items[link]
            if item['type'] in ('group', 'display'):
                continue
            values, fine = answer(item, self.raw.get(link, {}))
            if not fine or item.get('required') and not values:
                wrong.append(link)
        scores = [(s['code'], self.score(s)) for s in self.whole['scores']]
        rules = [n for n, r in enumerate(self.whole['rules'], 1) if self.together(r['when'], r.get('behavior', 'all'))]
        result = max([('ok', 'review', 'stop').index(self.whole['rules'][n - 1]['result']) for n in rules], default=0)
        return 'asked %s; wrong %s; scores %s; rules %s; result %s' % (
            ' '.join(asked), ' '.join(wrong), ' '.join('%s=%s' % (c, '-' if v is None else number(v)) for c, v in scores),
            ' '.join(map(str, rules)), ('ok', 'review', 'stop')[result])


def compare(op, a, b):
    return {'=': a == b, '<': a < b, '>': a > b, '<=': a <= b, '>=': a >= b}[op]


def main(seed, count):
    dice = random.Random(seed)
    for _ in range(count):
        whole = Maker(dice).whole()
        judge = Judge(whole, {})
        for _ in range(3):
            raw = {l: typed(dice, i) for l, i in judge.items.items() if i['type'] not in ('group', 'display')}
            kept = [{'linkId': l, **t} for l, t in raw.items() if t]
            verdict = Judge(whole, raw).verdict()
            print(*(t.encode().hex() for t in (json.dumps(whole), json.dumps(kept), verdict)))


main(int(sys.argv[1]), int(sys.argv[2]))
