# SPDX-License-Identifier: Apache-2.0
"""A reader of 837P files that is driven by a table and shares nothing with what writes them: where each segment stands, which elements it needs, their
codes, types and lengths, the counts and numbers of all envelopes, levels, sums. It names what is wrong; nothing is repaired."""
import re

# Loops and segments that this clinic sends, in order: [R] required, [S] situational; elements by number, codes in braces, parts of a composite in parentheses.
TABLE = '''
LOOP ISA_LOOP [R] x rep=1
  ISA [R] x max=1: 01=x[R]{00}; 02=x[R]; 03=x[R]{00}; 04=x[R]; 05=x[R]; 06=x[R]; 07=x[R]; 08=x[R]; 09=x[R]; 10=x[R]; 11=x[R]; 12=x[R]{00501}; 13=x[R]; 14=x[R]{0/1}; 15=x[R]{P/T}; 16=x[R]
  LOOP GS_LOOP [R] x rep=1
    GS [R] x max=1: 01=x[R]{HC}; 02=x[R]; 03=x[R]; 04=x[R]; 05=x[R]; 06=x[R]; 07=x[R]{X}; 08=x[R]{005010X222A1}
    LOOP ST_LOOP [R] x rep=>1
      ST [R] x max=1: 01=x[R]{837}; 02=x[R]; 03=x[R]{005010X222A1}
      BHT [R] x max=1: 01=x[R]{0019}; 02=x[R]{00/18}; 03=x[R]; 04=x[R]; 05=x[R]; 06=x[R]{CH}
      LOOP 1000A [R] x rep=1
        NM1 [R] x max=1: 01=x[R]{41}; 02=x[R]{1/2}; 03=x[R]; 04=x[S]; 08=x[R]{46}; 09=x[R]
        PER [R] x max=2: 01=x[R]{IC}; 02=x[S]; 03=x[R]{EM/FX/TE}; 04=x[R]
      LOOP 1000B [R] x rep=1
        NM1 [R] x max=1: 01=x[R]{40}; 02=x[R]{2}; 03=x[R]; 08=x[R]{46}; 09=x[R]
      LOOP 2000A [R] x rep=>1
        HL [R] x max=1: 01=x[R]; 03=x[R]{20}; 04=x[R]{1}
        PRV [S] x max=1: 01=x[R]{BI}; 02=x[R]{PXC}; 03=x[R]
        LOOP 2010AA [R] x rep=1
          NM1 [R] x max=1: 01=x[R]{85}; 02=x[R]{1/2}; 03=x[R]; 04=x[S]; 08=x[R]{XX}; 09=x[R]
          N3 [R] x max=1: 01=x[R]; 02=x[S]
          N4 [R] x max=1: 01=x[R]; 02=x[S]; 03=x[S]; 04=x[S]; 07=x[S]
          REF [R] x max=1: 01=x[R]{EI/SY}; 02=x[R]
        LOOP 2000B [R] x rep=>1
          HL [R] x max=1: 01=x[R]; 02=x[R]; 03=x[R]{22}; 04=x[R]{0/1}
          SBR [R] x max=1: 01=x[R]{P/S/T}; 02=x[S]{18}; 03=x[S]; 04=x[S]; 09=x[R]{11/12/13/14/15/16/17/AM/BL/CH/CI/DS/FI/HM/LM/MA/MB/MC/OF/TV}
          LOOP 2010BA [R] x rep=1
            NM1 [R] x max=1: 01=x[R]{IL}; 02=x[R]{1/2}; 03=x[R]; 04=x[S]; 08=x[R]{II/MI}; 09=x[R]
            N3 [S] x max=1: 01=x[R]; 02=x[S]
            N4 [S] x max=1: 01=x[R]; 02=x[S]; 03=x[S]; 04=x[S]; 07=x[S]
            DMG [S] x max=1: 01=x[R]{D8}; 02=x[R]; 03=x[R]{F/M/U}
          LOOP 2010BB [R] x rep=1
            NM1 [R] x max=1: 01=x[R]{PR}; 02=x[R]{2}; 03=x[R]; 08=x[R]{PI/XV}; 09=x[R]
          <CLAIM>
          LOOP 2000C [S] x rep=>1
            HL [R] x max=1: 01=x[R]; 02=x[R]; 03=x[R]{23}; 04=x[R]{0}
            PAT [R] x max=1: 01=x[R]{01/19/20/21/39/40/53/G8}
            LOOP 2010CA [R] x rep=1
              NM1 [R] x max=1: 01=x[R]{QC}; 02=x[R]{1}; 03=x[R]; 04=x[S]
              N3 [R] x max=1: 01=x[R]; 02=x[S]
              N4 [R] x max=1: 01=x[R]; 02=x[S]; 03=x[S]; 04=x[S]; 07=x[S]
              DMG [R] x max=1: 01=x[R]{D8}; 02=x[R]; 03=x[R]{F/M/U}
            <CLAIM>
      SE [R] x max=1: 01=x[R]; 02=x[R]
    GE [R] x max=1: 01=x[R]; 02=x[R]
  IEA [R] x max=1: 01=x[R]; 02=x[R]
'''
CLAIM = '''
LOOP 2300 [S] x rep=100
  CLM [R] x max=1: 01=x[R]; 02=x[R]; 05=x[R](01:x[R],02:x[R]B,03:x[R]1/7/8); 06=x[R]{N/Y}; 07=x[R]{A/B/C}; 08=x[R]{N/W/Y}; 09=x[R]{I/Y}
  HI [R] x max=1: 01=x[R](01:x[R]ABK,02:x[R])%s
  LOOP 2310B [S] x rep=1
    NM1 [R] x max=1: 01=x[R]{82}; 02=x[R]{1/2}; 03=x[R]; 04=x[S]; 08=x[R]{XX}; 09=x[R]
    PRV [S] x max=1: 01=x[R]{PE}; 02=x[R]{PXC}; 03=x[R]
  LOOP 2310C [S] x rep=1
    NM1 [R] x max=1: 01=x[R]{77}; 02=x[R]{2}; 03=x[R]; 08=x[S]{XX}; 09=x[S]
    N3 [R] x max=1: 01=x[R]; 02=x[S]
    N4 [R] x max=1: 01=x[R]; 02=x[S]; 03=x[S]; 04=x[S]; 07=x[S]
  LOOP 2400 [R] x rep=50
    LX [R] x max=1: 01=x[R]
    SV1 [R] x max=1: 01=x[R](01:x[R]HC,02:x[R],03:x[S],04:x[S],05:x[S],06:x[S],07:x[S]); 02=x[R]; 03=x[R]{MJ/UN}; 04=x[R]; 05=x[S]; 07=x[R](01:x[R],02:x[S],03:x[S],04:x[S])
    DTP [R] x max=1: 01=x[R]{472}; 02=x[R]{D8/RD8}; 03=x[R]
    REF [S] x max=1: 01=x[R]{6R}; 02=x[R]
''' % ''.join('; %02d=x[S](01:x[R]ABF,02:x[R])' % n for n in range(2, 13))

DATE, TIME, COUNT, DECIMAL = r'(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])', r'([01]\d|2[0-3])[0-5]\d', r'[1-9]\d{0,9}|0', r'(0|[1-9]\d{0,9})(\.\d?[1-9])?'
# Element: its form as a pattern, or its least and greatest length.
FORMS = {('ISA', 13): r'\d{9}', ('ISA', 9): r'\d{6}', ('ISA', 10): TIME, ('GS', 2): (2, 15), ('GS', 3): (2, 15), ('GS', 4): DATE, ('GS', 5): TIME, ('GS', 6): COUNT,
         ('ST', 2): r'\d{4,9}', ('BHT', 3): (1, 50), ('BHT', 4): DATE, ('BHT', 5): TIME, ('NM1', 3): (1, 60), ('NM1', 4): (1, 35), ('NM1', 9): (2, 80),
         ('PER', 2): (1, 60), ('PER', 4): r'\d{10}', ('HL', 1): COUNT, ('HL', 2): COUNT, ('PRV', 3): r'[A-Z0-9]{10}', ('N3', 1): (1, 55), ('N4', 1): (2, 30),
         ('N4', 2): r'[A-Z]{2}', ('N4', 3): (3, 15), ('N4', 4): (2, 3), ('REF', 2): (1, 50), ('SBR', 3): (1, 50), ('SBR', 4): (1, 60), ('DMG', 2): DATE,
         ('CLM', 1): (1, 38), ('CLM', 2): DECIMAL, ('LX', 1): COUNT, ('SV1', 2): DECIMAL, ('SV1', 4): DECIMAL, ('DTP', 3): DATE, ('SE', 1): COUNT,
         ('SE', 2): r'\d{4,9}', ('GE', 1): COUNT, ('GE', 2): COUNT, ('IEA', 1): COUNT, ('IEA', 2): r'\d{9}'}
BASIC = re.compile(r'[A-Z0-9 !"&\'()+,\-./;?=]*')


class Wrong(Exception):
    pass


class Segment:
    """A row of the table."""
    def __init__(self, line):
        head, elements = re.match(r'(.*? max=>?\d+): (.*)', line).groups()
        self.id, self.required = head.split()[0], '[R]' in head
        self.most = int(re.search(r'max=>?(\d+)', head).group(1))
        self.elements = {}
        for text in elements.split('; '):
            m = re.match(r'(\d\d)=.*?\[([RS])\](?:\{([^}]*)\})?(?:\((.*)\))?$', text.strip())
            parts = [re.match(r'(\d\d):.*?\[([RS])\](.*)$', part).groups() for part in re.split(r',(?=\d\d:)', m.group(4))] if m.group(4) else None
            self.elements[int(m.group(1))] = (m.group(2) == 'R', m.group(3).split('/') if m.group(3) else None, parts)

    def begins(self, seg):
        """Whether SEG is this one, by what tells it from its like."""
        if seg[0] != self.id:
            return False
        for no in (3,) if self.id == 'HL' else (1,):
            _, codes, parts = self.elements.get(no, (0, None, None))
            value = seg[no] if no < len(seg) else ''
            if parts and parts[0][2]:
                codes, value = parts[0][2].split('/'), value.split(':')[0]
            if self.id != 'SV1' and codes and value not in codes:
                return False
        return True

    def check(self, seg, at):
        for no in range(1, max([len(seg) - 1, *self.elements]) + 1):
            value = seg[no] if no < len(seg) else ''
            required, codes, parts = self.elements.get(no, (False, [], None))
            where = '%s: %s%02d' % (at, self.id, no)
            if no not in self.elements:
                if value:
                    raise Wrong(where + ' is not used')
            elif not value:
                if required:
                    raise Wrong(where + ' is missing')
            elif parts:
                self.compose(value, parts, where)
            else:
                form(self.id, no, value, where)
                if codes and value not in codes:
                    raise Wrong('%s is %s' % (where, value))
        if seg[-1] == '':
            raise Wrong('%s: %s ends with an empty element' % (at, self.id))

    def compose(self, value, parts, where):
        said = value.split(':')
        if len(said) > len(parts) or said[-1] == '':
            raise Wrong(where + ' has too many parts')
        for no, need, codes in parts:
            part = said[int(no) - 1] if int(no) <= len(said) else ''
            if need == 'R' and not part or part and codes and part not in codes.split('/') or not BASIC.fullmatch(part):
                raise Wrong('%s-%s is %r' % (where, no, part))


def form(segment, no, value, where):
    wants = FORMS.get((segment, no))
    if segment != 'ISA' and not BASIC.fullmatch(value):
        raise Wrong('%s has other characters' % where)
    if isinstance(wants, str) and not re.fullmatch(wants, value) or isinstance(wants, tuple) and not wants[0] <= len(value) <= wants[1]:
        raise Wrong('%s is %r' % (where, value))


class Loop:
    def __init__(self, line):
        self.name, self.required = line.split()[1], '[R]' in line
        most = re.search(r'rep=(>?)(\d+)', line)
        self.most = 10 ** 9 if most.group(1) else int(most.group(2))
        self.parts = []

    def begins(self, seg):
        return bool(self.parts) and self.parts[0].begins(seg)


def table(text):
    """The outermost loop of a table in the syntax above."""
    stack, top = [], None
    for line in text.split('\n'):
        body = line.strip()
        if not body:
            continue
        depth = len(line) - len(line.lstrip())
        while stack and stack[-1][0] >= depth:
            stack.pop()
        part = Loop(body) if body.startswith('LOOP ') else Segment(body)
        if stack:
            stack[-1][1].parts.append(part)
        if isinstance(part, Loop):
            stack.append((depth, part))
            top = top or part
    return top


def ours():
    lines = []
    for line in TABLE.split('\n'):
        space = line[:len(line) - len(line.lstrip())]
        lines += [space + part for part in CLAIM.split('\n')] if line.strip() == '<CLAIM>' else [line]
    return table('\n'.join(lines))


def walk(loop, segs, at, seen):
    """Behind the last segment of the loop; SEEN gets (loop, segment) in order."""
    for part in loop.parts:
        count = 0
        while at < len(segs) and count < part.most and part.begins(segs[at]):
            if isinstance(part, Loop):
                at = walk(part, segs, at, seen)
            else:
                part.check(segs[at], 'segment %d, loop %s' % (at + 1, loop.name))
                seen.append((loop.name, segs[at]))
                at += 1
            count += 1
        if part.required and count == 0:
            raise Wrong('segment %d: loop %s lacks %s' % (at + 1, loop.name, getattr(part, 'id', getattr(part, 'name', ''))))
    return at


def read(data, top=None):
    """The claims of a file: dicts. Raises Wrong, which names the segment."""
    text = data.decode('ascii')
    if text[:4] != 'ISA*' or text[105] != '~' or text[104] != ':' or text[82] != '^':
        raise Wrong('segment 1: ISA is not of its width')
    segs = [s.strip('\n').split('*') for s in text.split('~')]
    if segs.pop() != ['']:
        raise Wrong('the last segment has no end')
    seen = []
    if walk(top or ours(), segs, 0, seen) != len(segs):
        raise Wrong('segment %d, %s, has no place here' % (len(seen) + 1, segs[len(seen)][0]))
    counts(segs)
    return [one(seen[first:last]) for first, last in sets(seen)]


def sets(seen):
    begin = [i for i, (_, s) in enumerate(seen) if s[0] == 'ST']
    return [(i, next(k for k in range(i, len(seen)) if seen[k][1][0] == 'SE') + 1) for i in begin]


def counts(segs):
    of = lambda name: [(i, s) for i, s in enumerate(segs) if s[0] == name]
    for (first, st), (last, se) in zip(of('ST'), of('SE'), strict=True):
        if int(se[1]) != last - first + 1 or se[2] != st[2]:
            raise Wrong('segment %d: SE does not count its segments or is not of its ST' % (last + 1))
        levels(segs[first:last])
    if len({st[2] for _, st in of('ST')}) != len(of('ST')):
        raise Wrong('two transaction sets have one number')
    (_, gs), (_, ge), (_, isa), (_, iea) = of('GS')[0], of('GE')[0], of('ISA')[0], of('IEA')[0]
    if int(ge[1]) != len(of('ST')) or ge[2] != gs[6] or int(iea[1]) != len(of('GS')) or iea[2] != isa[13]:
        raise Wrong('GE or IEA does not count, or is of another number')


def levels(segs):
    hls = [s for s in segs if s[0] == 'HL']
    parents = {s[2] for s in hls}
    for n, s in enumerate(hls, 1):
        if s[1] != str(n) or (s[2] and not 0 < int(s[2]) < n) or (s[4] == '1') != (s[1] in parents):
            raise Wrong('HL %s is not numbered or does not say whether it has others below' % s[1])


def one(seen):
    """A claim in words, and what its parts say of each other."""
    pick = lambda loop, name: [s for l, s in seen if l == loop and s[0] == name]
    claim = next(s for _, s in seen if s[0] == 'CLM')
    hi = next(s for _, s in seen if s[0] == 'HI')
    lines = [(sv, dtp) for sv, dtp in zip(pick('2400', 'SV1'), pick('2400', 'DTP'), strict=True)]
    cents = lambda s: int(round(float(s) * 100))
    if [s[1] for s in pick('2400', 'LX')] != [str(n + 1) for n in range(len(lines))]:
        raise Wrong('LX does not count')
    if cents(claim[2]) != sum(cents(sv[2]) for sv, _ in lines):
        raise Wrong('CLM02 is not the sum of SV102')
    if any(not 1 <= int(p) <= len(hi) - 1 for sv, _ in lines for p in sv[7].split(':')):
        raise Wrong('SV107 points to no diagnosis')
    dependent = pick('2010CA', 'NM1')
    return dict(no=claim[1], cents=cents(claim[2]), diagnoses=[d.split(':')[1] for d in hi[1:]], patient=(dependent or pick('2010BA', 'NM1'))[0][3:5],
                subscriber=pick('2010BA', 'NM1')[0][3:5], member=pick('2010BA', 'NM1')[0][9], relation=pick('2000C', 'PAT')[0][1] if dependent else '18',
                street=(pick('2010CA', 'N3') or pick('2010BA', 'N3'))[0][1], sex=(pick('2010CA', 'DMG') or pick('2010BA', 'DMG'))[0][3],
                lines=[(*sv[1].split(':')[1:], cents(sv[2]), sv[4], dtp[3], sv[7]) for sv, dtp in lines])
