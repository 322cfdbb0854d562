import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wordsIn } from './literals.ts';

const expected: [source: string, words: string[] | undefined][] = [
  ['SERVICE_ROLE', ['service_role']],
  ['\\b(token|secret)\\b', ['token', 'secret']],
  ['\\w+\\.digest\\(', ['.digest(']],
  ['[sS]earchParams', ['searchparams']],
  ['api-?key', ['api-key', 'apikey']],
  ['\\w*(?:secret|key)\\w*', ['secret', 'key']],
  ['(?<!typeof )password', ['password']],
  ['password(?= *=)', ['password']],
  ['(secret){2,}', ['secret']],
  ['(secret)?\\d+', undefined],
  ['secret|\\d+', undefined],
  ['(secret)*', undefined],
  ['[a-z]+', undefined],
  ['ab', undefined],
  ['\\x73ecret', undefined],
  ['é.*', undefined],
];

test('the words that a match cannot do without', () => {
  for (const [source, words] of expected) assert.deepEqual(wordsIn(source), words, source);
});

test('every text that an expression matches has one of its words', () => {
  const cases: [string, string][] = [
    ['\\b(expected|our)_?(Sig|hmac)\\w*\\s*===?', 'if (ourHmac === other)'],
    ['req(uest)?\\.body\\.(password|pin)', 'x = request.body.pin'],
    ['@UseGuards\\([^)\\n]*Roles?Guard', '@UseGuards(AuthGuard, RoleGuard)'],
    ['^\\s*(?:export )?const (\\w+Key) =', 'export const apiKey = 1'],
  ];
  for (const [source, text] of cases) {
    assert.match(text, new RegExp(source, 'i'));
    const words = wordsIn(source) ?? [];
    assert.ok(words.length > 0 && words.some((word) => text.toLowerCase().includes(word)), source);
  }
});
