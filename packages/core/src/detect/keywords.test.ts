import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileKeywords } from './keywords.ts';

function hits(words: readonly string[], text: Uint8Array | string): string[] {
  const keywords = compileKeywords(words);
  const found: string[] = [];
  keywords.scan(text, (word, end) => found.push(`${words[word]}@${end}`));
  return found.sort();
}

function naive(words: readonly string[], text: string): string[] {
  const low = text.toLowerCase();
  return words
    .flatMap((word) => {
      const found: string[] = [];
      for (let at = low.indexOf(word); at >= 0; at = low.indexOf(word, at + 1))
        found.push(`${word}@${at + word.length}`);
      return found;
    })
    .sort();
}

test('words that overlap or end in each other are all found, whatever their case', () => {
  assert.deepEqual(hits(['she', 'he', 'hers', 'his'], 'uSHErs'), ['he@4', 'hers@6', 'she@4']);
});

test('text and bytes give the same hits as searching word by word', () => {
  const letter = fc.constantFrom('a', 'b', 'A', '_', '-', '\u00f3');
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '_', '-'), minLength: 2, maxLength: 5 });
  fc.assert(
    fc.property(
      fc.uniqueArray(word, { minLength: 1, maxLength: 12 }),
      fc.string({ unit: letter, maxLength: 60 }),
      (words, text) => {
        const expected = naive(words, text);
        assert.deepEqual(hits(words, text), expected);
        assert.deepEqual(hits(words, Buffer.from(text, 'latin1')), expected);
      },
    ),
  );
});

test('hits are told in the order in which their words end, however long the text is', () => {
  const words = ['aba', 'ba', 'b_', '_a', 'abab_aba'];
  const keywords = compileKeywords(words);
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', 'b', '_', 'x'), maxLength: 40 }), (text) => {
      const ends: number[] = [];
      const inBytes: number[] = [];
      keywords.scan(text, (_, end) => ends.push(end));
      keywords.scan(Buffer.from(text, 'latin1'), (_, end) => inBytes.push(end));
      assert.deepEqual(ends, inBytes);
      assert.deepEqual(
        ends,
        ends.toSorted((a, b) => a - b),
      );
    }),
    { numRuns: 500 },
  );
});

test('characters beyond Latin-1 end every word', () => {
  assert.deepEqual(hits(['ab'], 'a\u{1f600}b ab'), ['ab@7']);
});
