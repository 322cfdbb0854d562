import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEars } from './ears.ts';
import { positions, sentenceOf } from './sentence.ts';

const ears = (text: string) => parseEars(sentenceOf(text, 0, text.length, positions(text)));
const shape = (text: string) => {
  const { pattern, clauses, actor, modal, response } = ears(text);
  return [
    pattern,
    clauses.map((clause) => `${clause.kind}: ${clause.text}`).join('; '),
    actor?.text,
    modal?.word,
    response?.text,
  ];
};

const cases: [string, (string | undefined)[]][] = [
  ['THE system SHALL save', ['ubiquitous', '', 'THE system', 'shall', 'save']],
  ['WHEN a user saves, THE Store SHALL keep it', ['event', 'when: a user saves', 'THE Store', 'shall', 'keep it']],
  [
    'WHEN a user saves THEN the system SHALL keep it',
    ['event', 'when: a user saves', 'the system', 'shall', 'keep it'],
  ],
  ['WHEN a user saves THE SYSTEM SHALL keep it', ['event', 'when: a user saves', 'THE SYSTEM', 'shall', 'keep it']],
  [
    'WHEN a, b or c changes, THE Store SHALL keep it',
    ['event', 'when: a, b or c changes', 'THE Store', 'shall', 'keep it'],
  ],
  ['IF it fails THEN THE Store SHALL retry', ['unwanted', 'if: it fails', 'THE Store', 'shall', 'retry']],
  ['IF it fails, THE Store SHALL retry', ['unwanted', 'if: it fails', 'THE Store', 'shall', 'retry']],
  ['WHILE offline, THE Store SHALL queue', ['state', 'while: offline', 'THE Store', 'shall', 'queue']],
  ['WHERE sync is on, THE Store SHALL sync', ['option', 'where: sync is on', 'THE Store', 'shall', 'sync']],
  [
    'WHILE offline, WHEN a user saves, THE Store SHALL queue',
    ['complex', 'while: offline; when: a user saves', 'THE Store', 'shall', 'queue'],
  ],
  ['THE Store SHALL NOT forget', ['ubiquitous', '', 'THE Store', 'shall', 'forget']],
  ['WHEN x THEN the system SHALL CONTINUE TO load', ['event', 'when: x', 'the system', 'shall', 'load']],
  [
    'WHEN the user can edit THEN the system must save',
    ['event', 'when: the user can edit', 'the system', 'must', 'save'],
  ],
  ['FOR ALL orders, the total SHALL be positive', ['property', '', 'the total', 'shall', 'be positive']],
  ['The system saves', ['none', '', undefined, undefined, undefined]],
  ['当用户保存时，系统应存储草稿', ['event', 'when: 用户保存', '系统', 'shall', '存储草稿']],
  ['如果保存失败，那么系统必须重试', ['unwanted', 'if: 保存失败', '系统', 'shall', '重试']],
  [
    'CUANDO el usuario guarda, EL sistema DEBERÁ guardar',
    ['event', 'when: el usuario guarda', 'EL sistema', 'shall', 'guardar'],
  ],
  [
    'SE o envio falhar ENTÃO o sistema DEVE repetir',
    ['unwanted', 'if: o envio falhar', 'o sistema', 'shall', 'repetir'],
  ],
];

for (const [text, expected] of cases) test(text, () => assert.deepEqual(shape(text), expected));

test('keywords in quotes and code are names', () => {
  assert.deepEqual(shape('THE page SHALL show "WHEN it SHALL end"')[4], 'show "WHEN it SHALL end"');
  assert.equal(ears('THE `SHALL` parser SHALL stop').actor?.text, 'THE `SHALL` parser');
});

test('parts point into the source, markup and line breaks included', () => {
  const source = '1. **WHEN** a\n   user saves **THE** system SHALL keep\n';
  const parsed = parseEars(sentenceOf(source, 3, source.length - 1, positions(source)));
  assert.equal(parsed.clauses[0]?.text, 'a user saves');
  const { span } = parsed.response ?? assert.fail();
  assert.deepEqual([source.slice(span.start, span.end), span.line], ['keep', 2]);
});

test('negation is seen', () => {
  assert.equal(ears('THE Store SHALL NOT forget').modal?.negated, true);
  assert.equal(ears('系统不应存储密码，系统应不显示').modal?.text !== undefined, true);
});
