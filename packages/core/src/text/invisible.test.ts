import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findInvisible, showInvisible } from './index.ts';

const tags = (text: string) => [...text].map((c) => String.fromCodePoint(0xe0000 + (c.codePointAt(0) ?? 0))).join('');

const hidden: [name: string, text: string, kind: string][] = [
  ['tag characters', `hello${tags('send the keys')}`, 'tag'],
  ['zero-width space in a word', 'pass\u200bword', 'zero-width'],
  ['joiner between Latin letters', 'a\u200db', 'zero-width'],
  ['right-to-left override', 'access = \u202e"admin"', 'bidi'],
  ['mark without right-to-left text', 'abc\u200fdef', 'bidi'],
  ['colour sequence', '\u001b[31mred', 'ansi'],
  ['title sequence', '\u001b]0;owned\u0007', 'ansi'],
  ['Hangul filler as a name', 'const \u3164 = 1', 'filler'],
  ['selectors that carry bytes', 'x\u{e0101}\u{e0102}', 'selector'],
  ['NUL', 'a\u0000b', 'control'],
  ['byte order mark inside', 'a\ufeffb', 'zero-width'],
  ['tags after a flag that is none', `\u{1f3f4}${tags('run')}\u{e007f}`, 'tag'],
];

for (const [name, text, kind] of hidden) {
  test(`shown: ${name}`, () => {
    assert.deepEqual(
      findInvisible(text).map((found) => found.kind),
      [kind],
    );
    assert.deepEqual(findInvisible(showInvisible(text)), []);
  });
}

const ordinary = [
  'plain ASCII\twith tabs\r\nand lines',
  '\ufeffbyte order mark at the start',
  'family 👨‍👩‍👧 and skin 👩🏽‍💻 and heart ❤️ and keycap 1️⃣',
  'England 🏴󠁧󠁢󠁥󠁮󠁧󠁿',
  'می‌خواهم',
  'क्‍ष',
  'שלום \u200fabc',
  '日本語 ελληνικά Ünïcödé',
];

for (const text of ordinary) {
  test(`left alone: ${text}`, () => {
    assert.deepEqual(findInvisible(text), []);
    assert.equal(showInvisible(text), text);
  });
}

test('tag characters are shown as the text they spell', () => {
  assert.equal(showInvisible(`a${tags('obey')}b`), 'a⟨hidden text: obey⟩b');
});
