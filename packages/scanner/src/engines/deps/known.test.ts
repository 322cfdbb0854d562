import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseScore, severityOfScore } from './cvss.ts';
import { knownVulnerabilities, type Pinned } from './known.ts';
import { compareIn } from './order.ts';
import { type Advisory, affects, fixedIn, type KnownAdvisories, readOsv } from './osv.ts';

const osv = (fields: object, affected: object = {}, ecosystem = 'npm') => ({
  id: 'TEST-1',
  modified: '2026-01-01T00:00:00Z',
  affected: [{ package: { ecosystem, name: 'a' }, ...affected }],
  ...fields,
});
const ranged = (...events: object[]) => ({ ranges: [{ type: 'ECOSYSTEM', events }] });
function one(data: unknown): Advisory {
  const [first] = readOsv(data).advisories;
  assert.ok(first);
  return first;
}

test('versions of Python are in the order of PEP 440, whatever their spelling', () => {
  const sorted = [
    '1.dev0',
    '1.0.dev456',
    '1.0a1',
    '1.0a2.dev456',
    '1.0a12.dev456',
    '1.0a12',
    '1.0b1.dev456',
    '1.0b2',
    '1.0b2.post345.dev456',
    '1.0b2.post345',
    '1.0rc1.dev456',
    '1.0rc1',
    '1.0',
    '1.0+abc.5',
    '1.0+abc.7',
    '1.0+5',
    '1.0.post456.dev34',
    '1.0.post456',
    '1.0.15',
    '1.1.dev1',
    '1!0.5',
  ];
  for (let i = 1; i < sorted.length; i += 1)
    assert.equal(compareIn('PyPI', sorted[i - 1] ?? '', sorted[i] ?? ''), -1, `${sorted[i - 1]} < ${sorted[i]}`);
  for (const [a, b] of [
    ['1.0', '1.0.0'],
    ['1.0-1', '1.0.post1'],
    ['v1.0ALPHA1', '1.0a1'],
    ['1.0c1', '1.0-rc.1'],
    ['1.0dev', '1.0.dev0'],
  ] as const)
    assert.equal(compareIn('PyPI', a, b), 0, `${a} is ${b}`);
  assert.equal(compareIn('PyPI', '1.0', 'one'), undefined);
  assert.equal(compareIn('npm', '1.0.0-alpha.9', '1.0.0-alpha.10'), -1);
  assert.equal(compareIn('npm', '1.0.0', `1.0.0-${'9'.repeat(200)}`), undefined);
});

test('a score of CVSS 3 follows the formula of its specification', () => {
  const scores = {
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H': 9.8,
    'CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N': 6.1,
    'CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H': 9.9,
    'CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N': 1.8,
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N': 0,
  };
  for (const [vector, score] of Object.entries(scores)) assert.equal(baseScore(vector), score, vector);
  for (const none of ['CVSS:4.0/AV:N', 'CVSS:3.1/AV:N/AC:L', 'CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', ''])
    assert.equal(baseScore(none), undefined, none);
  assert.deepEqual([9, 7, 4, 0.1, 0].map(severityOfScore), ['critical', 'high', 'medium', 'low', 'info']);
});

test('the events of a range decide, and so do listed versions', () => {
  const flaw = one(
    osv(
      {},
      {
        ...ranged({ fixed: '1.2.3' }, { introduced: '0' }, { introduced: '2.0.0-beta.1' }, { last_affected: '2.1.0' }),
        versions: ['7.7.7'],
      },
    ),
  );
  const answers = { '0.0.1': true, '1.2.3-rc.1': true, '1.2.3': false, '2.0.0-beta.0': false, '2.0.0-beta.2': true };
  for (const [version, wanted] of Object.entries({ ...answers, '2.1.0': true, '2.1.1': false, '7.7.7': true }))
    assert.equal(affects(flaw, version), wanted, version);
  assert.equal(fixedIn(flaw, '0.5.0'), '1.2.3');
  assert.equal(fixedIn(flaw, '2.0.5'), undefined);
  const python = one(osv({}, ranged({ introduced: '1.0' }, { fixed: '2.0' }), 'PyPI'));
  assert.deepEqual(
    ['1.0rc1', '1.0', '2.0rc1', '2.0', '2.0.post1'].map((version) => affects(python, version)),
    [false, true, true, false, false],
  );
  const npm: Advisory = { ...flaw, ranges: [], versions: [], range: '>=1.0.0 <1.4.2 || >=2.0.0 <2.2.0' };
  assert.deepEqual(
    ['1.4.1', '1.4.2', '2.1.9'].map((version) => [affects(npm, version), fixedIn(npm, version)]),
    [
      [true, '1.4.2'],
      [false, '2.2.0'],
      [true, '2.2.0'],
    ],
  );
});

test('the severity is the word of the source, else the score, else high; text of strangers becomes one plain line', () => {
  assert.equal(one(osv({ database_specific: { severity: 'MODERATE' } })).severity, 'medium');
  const score = [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }];
  assert.equal(one(osv({ severity: score })).severity, 'critical');
  assert.equal(one(osv({})).severity, 'high');
  assert.equal(one(osv({ id: 'MAL-2026-1' })).severity, 'critical');
  assert.equal(one(osv({ summary: 'a\u001b[31m\nb\u202e' })).summary, 'a [31m b');
  assert.throws(() => readOsv(osv({ id: '../x' })), /not an OSV document: id/);
  assert.throws(() => readOsv(osv({}, ranged({ introduced: 'one' }))), /`one` is not a version of npm/);
  assert.deepEqual(readOsv(osv({ withdrawn: '2026-02-01T00:00:00Z' })), {
    id: 'TEST-1',
    withdrawn: true,
    advisories: [],
  });
  assert.deepEqual(readOsv(osv({}, {}, 'crates.io')).advisories, []);
});

function database(advisories: Advisory[], coverage: Partial<ReturnType<KnownAdvisories['coverage']>> | undefined) {
  const known: KnownAdvisories = {
    now: Date.parse('2026-06-10'),
    coverage: () => coverage && { asked: new Map(), broken: 0, ...coverage },
    of: (_, name) => advisories.filter((each) => each.name === name),
  };
  return known;
}
const locked: Pinned = { ecosystem: 'npm', packages: [['a', '1.0.0', 3] as [string, string, number]] };
const look = (known: KnownAdvisories) => knownVulnerabilities('r', [['package-lock.json', locked]], known);

test('one flaw under many names is one finding, of the worst severity and with the repair', () => {
  const flaws = [
    one(osv({ id: 'CVE-2026-1', summary: 'short' }, ranged({ introduced: '0' }))),
    one(
      osv(
        { id: 'GHSA-aaaa-bbbb-cccc', aliases: ['CVE-2026-1'], database_specific: { severity: 'CRITICAL' } },
        ranged({ introduced: '0' }, { fixed: '1.0.1' }),
      ),
    ),
    one(osv({ id: 'PYSEC-1' }, ranged({ introduced: '0' }, { fixed: '1.0.2' }))),
    one(osv({ id: 'OTHER-1' }, ranged({ introduced: '2.0.0' }))),
  ];
  const { findings, gaps } = look(database(flaws, { imported: Date.parse('2026-06-09') }));
  assert.deepEqual(gaps, []);
  assert.deepEqual(
    findings.map(({ line, severity, message, fix }) => ({ line, severity, message, fix })),
    [
      {
        line: 3,
        severity: 'critical',
        message: '`a` 1.0.0 has GHSA-aaaa-bbbb-cccc (CVE-2026-1); repaired in 1.0.1',
        fix: 'Update `a` to 1.0.1.',
      },
      { line: 3, severity: 'high', message: '`a` 1.0.0 has PYSEC-1; repaired in 1.0.2', fix: 'Update `a` to 1.0.2.' },
    ],
  );
});

test('what the database does not cover is a gap: none, too old, never asked, broken', () => {
  const reason = (coverage: Parameters<typeof database>[1]) =>
    look(database([], coverage)).gaps.map((gap) => gap.reason);
  assert.match(reason(undefined)[0] ?? '', /^known vulnerabilities: not checked, no advisory database for npm; ambit/);
  assert.match(reason({ imported: Date.parse('2026-06-01') })[0] ?? '', /database is 9 days old/);
  assert.match(reason({})[0] ?? '', /no advisory database for these npm packages/);
  assert.deepEqual(reason({ asked: new Map([['a@1.0.0', Date.parse('2026-06-09')]]) }), []);
  assert.match(reason({ asked: new Map([['a@0.9.0', Date.parse('2026-06-09')]]) })[0] ?? '', /not checked/);
  assert.match(reason({ imported: Date.parse('2026-06-09'), broken: 2 })[0] ?? '', /2 lines .* are broken/);
});
