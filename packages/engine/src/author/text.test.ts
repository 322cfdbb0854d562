import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { article, checksum, clean, inline, phrase, plural, singular, slugOf, unmarked } from './text.ts';

describe('text of a prompt', () => {
  it('loses what a reader cannot see, and keeps its lines', () => {
    const hidden = 'a\u202eb\u200bc\u2066d\u{e0041}e\ufefff\u0000g\u001b[31mh\ud800i\u2028j\u115fk';
    const visible = clean(`${hidden}\r\nsecond\tline`);
    assert.equal(visible.split('\n').length, 2);
    assert.doesNotMatch(visible, /[\p{Cf}\p{Cs}\u0000-\u0009\u000b-\u001f\u007f\u2028\u115f]/u);
    assert.match(visible, /second line/);
    assert.equal(clean('naïve 用户 🦊'), 'naïve 用户 🦊');
  });

  it('becomes one line without structure', () => {
    const text = inline('# Title\n- [x] `done` | <b>_x_</b> {{y}} #[[file:/etc/passwd]] ```js\n[a](javascript:b)');
    assert.doesNotMatch(text, /[\n#`|<>_[\]{}*]/);
    assert.equal(inline('a '.repeat(500), 40).length <= 41, true);
    assert.equal(inline('The system SHALL x WHEN y'), 'The system shall x when y');
    assert.equal(unmarked('WHEN x, THE System SHALL y'), 'WHEN x, THE System SHALL y');
  });

  it('as part of a criterion has no words by which EARS finds parts', () => {
    assert.equal(phrase('share it when it shall be done'), 'share it it be done');
  });

  it('cuts no character in half', () => {
    for (let limit = 1; limit < 12; limit++) assert.doesNotMatch(inline('🦊🦊🦊🦊🦊🦊', limit), /\p{Cs}/u);
  });
});

describe('names', () => {
  it('are lower-case ASCII words, or none', () => {
    assert.equal(slugOf('The Café – a To-do list, for you'), 'cafe-to-do-list-you');
    assert.equal(slugOf('../../etc/passwd'), 'etc-passwd');
    assert.equal(slugOf('用户登录'), undefined);
    assert.equal(slugOf('42'), undefined);
    assert.match(checksum('用户登录'), /^[0-9a-f]{8}$/);
    assert.notEqual(checksum('a'), checksum('b'));
  });
});

describe('nouns', () => {
  it('have a singular, a plural and an article', () => {
    for (const [many, one] of [
      ['notes', 'note'],
      ['categories', 'category'],
      ['quizzes', 'quiz'],
      ['boxes', 'box'],
      ['people', 'person'],
      ['photos of cats', 'photo of cats'],
      ['status', 'status'],
      ['addresses', 'address'],
    ] as const)
      assert.equal(singular(many), one);
    for (const [one, many] of [
      ['note', 'notes'],
      ['category', 'categories'],
      ['quiz', 'quizzes'],
      ['person', 'people'],
      ['day', 'days'],
    ] as const)
      assert.equal(plural(one), many);
    assert.deepEqual(['order', 'user', 'hour', 'photo', 'SMS', 'the order', 'invoice', 'unit'].map(article), [
      'an order',
      'a user',
      'an hour',
      'a photo',
      'an SMS',
      'the order',
      'an invoice',
      'a unit',
    ]);
  });
});
