import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCriteria, parseExperience } from '../catalog/index.ts';
import { detect } from './detect.ts';
import { stemsOf } from './experience.ts';
import { rank } from './rank.ts';

const criterion = (id: string, cwe: string) => ({
  id,
  text: 'THE System SHALL do it.',
  why: 'because',
  cwe: [cwe],
  asvs: ['V1.2.4'],
  level: 1,
  weight: 5,
  said: ['it'],
  verify: { kind: 'review', question: 'is it so' },
});

const capability = (id: string, match: string, cwe: string) => ({
  file: `${id}.yaml`,
  data: {
    id,
    name: id,
    kind: 'facet',
    cues: [{ weight: 1, match }],
    criteria: [criterion(`${id}/first`, cwe)],
  },
});

/** Words `rabbit` and `carrot` speak for the first weakness, `rock` against the second. */
const table = {
  raise: -10,
  drop: -20,
  weaknesses: [
    { cwe: 'CWE-89', like: ['CWE-943'], raises: 'store/first', base: -30, cue: 20 },
    { cwe: 'CWE-79', like: [], raises: 'page/first', base: -10, cue: 20 },
  ],
  words: { rabbit: [80, 0], carrot: [80, 0], rock: [0, -300], ...filler(20) },
};

function filler(count: number): Record<string, number[]> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`word${letters(i)}`, [0, 0]]));
}

function letters(n: number): string {
  return String.fromCharCode(97 + (n % 26)).repeat(2);
}

const files = [
  capability('store', 'warehouse', 'CWE-89'),
  capability('page', 'screen', 'CWE-79'),
  { file: 'topics.yaml', data: { topics: {} } },
  { file: 'contexts.yaml', data: { contexts: [] } },
];
const known = Object.keys(filler(20)).join(' ');
const raised = (text: string, experience: unknown = table) =>
  rank(
    detect(text, parseCriteria([...files, { file: 'experience.json', data: experience }])),
    parseCriteria([...files, { file: 'experience.json', data: experience }]),
  );

describe('what the words say beside the cues', () => {
  it('raises a criterion that no cue found, with the sentence that spoke for it', () => {
    const found = raised(`${known}.\nA rabbit eats a carrot.`);
    assert.deepEqual(
      found.map((one) => [one.criterion.id, one.cue.quote, one.cue.line]),
      [
        ['store/first', 'A rabbit eats a carrot.', 2],
        ['page/first', known.concat('.'), 1],
      ],
    );
  });

  it('leaves out what a faint cue found where the words speak against it, and only there', () => {
    assert.deepEqual(
      raised(`${known}. A screen of rock.`).map((one) => one.criterion.id),
      [],
    );
    assert.deepEqual(
      raised(`${known}. A screen of wood.`).map((one) => one.criterion.id),
      ['page/first'],
    );
  });

  it('keeps silent on a text of few known words', () => {
    assert.deepEqual(
      raised('A screen of rock, a rabbit and a carrot.').map((one) => one.criterion.id),
      ['page/first'],
    );
  });

  it('reads one stem for all forms of a word, takes identifiers apart and sees no difference between numbers', () => {
    assert.deepEqual([...stemsOf('stored stores storing STORE')], ['stor']);
    assert.deepEqual([...stemsOf('userId user_ids')], ['user', 'id', 'ids']);
    assert.deepEqual([...stemsOf('12 and 345')], ['#', 'and']);
  });

  it('refuses a table that is broken, and one that raises what is not there', () => {
    const code = { code: 'input.broken' };
    assert.throws(() => parseExperience('x.json', { ...table, words: { rabbit: [1] } }), code);
    assert.throws(() => parseExperience('x.json', { ...table, weaknesses: [{}] }), code);
    assert.throws(() => parseExperience('x.json', { ...table, drop: 'low' }), code);
    const wrong = { ...table, weaknesses: [{ ...table.weaknesses[0], raises: 'gone/first' }, table.weaknesses[1]] };
    assert.throws(() => raised('a', wrong), code);
  });
});
