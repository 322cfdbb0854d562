// The quick passes against slow twins that do the same the plain way: nothing a whole look finds may be passed over.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { codesOf, squeeze, standsApart } from './codes.ts';
import { createEncodedFinder } from './encoded.ts';
import { compileFinder, compileSigns } from './find.ts';
import { compileKnown } from './known.ts';
import { runsIn } from './runs.ts';
import { unturned } from './views.ts';

const letters = fc.string({ unit: fc.constantFrom(...'aAbB01+/_: ,\n\r│é文'), maxLength: 120 });
const words = fc.array(
  fc.record({
    text: fc.string({ unit: fc.constantFrom(...'aAbB01é文'), minLength: 3, maxLength: 14 }),
    folded: fc.boolean(),
  }),
  { minLength: 1, maxLength: 12 },
);

test('the finder finds what a search word by word finds', () => {
  fc.assert(
    fc.property(words, fc.array(letters, { maxLength: 4 }), fc.nat(), (wanted, parts, seed) => {
      const text = parts.join(wanted[seed % wanted.length]?.text ?? '');
      const found: string[] = [];
      compileFinder(wanted).scan(codesOf(text), text.length, (word, start) => found.push(`${word}@${start}`));
      const plain = wanted.flatMap((word, index) =>
        [...Array(text.length).keys()]
          .filter((at) => {
            const part = text.slice(at, at + word.text.length);
            return part === word.text || (word.folded && part.toLowerCase() === word.text.toLowerCase());
          })
          .map((at) => `${index}@${at}`),
      );
      assert.deepEqual(found.sort(), plain.sort());
    }),
    { numRuns: 2_000 },
  );
});

test('letters and digits alone, and the places they came from', () => {
  fc.assert(
    fc.property(letters, (text) => {
      const { codes, length, at } = squeeze(codesOf(text));
      const shown = String.fromCharCode(...codes.subarray(0, length));
      assert.equal(shown, text.replaceAll(/[^A-Za-z0-9]/g, ''));
      for (let i = 0; i < length; i += 1) assert.equal(text[at(i)], shown[i]);
    }),
  );
});

test('characters that stand apart are found by stepping as by looking at each', () => {
  fc.assert(
    fc.property(letters, fc.integer({ min: 1, max: 12 }), (text, least) => {
      const apart = [...text].map((char) => /[\s:,]/.test(char));
      const runs = [...Array(text.length).keys()].some(
        (from) =>
          from + least + 1 <= text.length &&
          [...Array(least).keys()].every((i) => apart[from + i] !== apart[from + i + 1]),
      );
      assert.equal(standsApart(codesOf(text), least + 1), runs);
    }),
    { numRuns: 1_000 },
  );
});

test('a key turned round is read the right way, and three letters inside a picture are no sign of one', () => {
  const turns = (text: string) => unturned(text, codesOf(text)).length > 0;
  const turned = (text: string) => [...text].reverse().join('');
  const noise = createHash('sha512').update('picture').digest('base64').replaceAll('=', '');
  for (const line of ['AWS_SECRET_KEY=x', 'THEKEYS: x', `MYKEY=${noise}`, `export KEY="${noise}"`, 'KEY'])
    assert.ok(turns(`${noise}\n${turned(line)}`), line);
  assert.equal(turns(`src="data:image/png;base64,${noise}YEK${noise}"`), false);
  assert.equal(turns(`${noise}\napi YEK ${noise}`), true);
});

test('runs of base64 and hex are those that two expressions find', () => {
  const base64 = /[A-Za-z0-9+/_-]{20,}={0,2}(?:\r?\n[A-Za-z0-9+/_-]+={0,2}(?![^\r\n]))*/g;
  const hex = /(?<![0-9a-z])[0-9a-f]{2}(?:[\s:]{0,2}[0-9a-f]{2}){15,}(?![0-9a-z])/gi;
  const piece = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'aF09'), minLength: 1, maxLength: 48 }),
    fc.string({ unit: fc.constantFrom(...'aF09gZ+/_-'), minLength: 1, maxLength: 40 }),
    fc
      .array(fc.constantFrom('a0', 'F1', 'b2 ', '3c:', '00\n', 'd4  ', 'e'), { maxLength: 40 })
      .map((all) => all.join('')),
    fc.constantFrom('=', '==', '\n', '\r\n', ' ', ':', '\u2028', 'é', '"', 'g'),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const text = pieces.join('');
      const stretches = [...text.matchAll(/[A-Za-z0-9+/_-]{20,}/g)].map((match) => match[0]);
      const encoded = stretches.some((one) => /[a-z]/.test(one) && /[A-Z]/.test(one) && /\d/.test(one));
      const plain = [base64, hex].map((form) =>
        [...text.matchAll(form)].map((match) => [match.index, match.index + match[0].length]),
      );
      const runs = runsIn(codesOf(text));
      for (const [i, encoding] of ['base64', 'hex'].entries())
        assert.deepEqual(
          runs.filter((run) => run.encoding === encoding).map(({ start, end }) => [start, end]),
          i === 0 && !encoded ? [] : plain[i],
        );
      for (const { start, end, encoding, wrapped } of runs)
        if (encoding === 'base64') assert.equal(wrapped, text.slice(start, end).includes('\n'));
    }),
    { numRuns: 3_000 },
  );
});

test('a few words are found at every place by looking at every second', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('abcd', 'bcde', 'nekot', 'x', 'ab', 'é', '文'), { maxLength: 12 }),
      (parts) => {
        const text = parts.join('');
        const words = ['abcd', 'bcde', 'nekot', 'dabc'];
        const found = new Set<number>();
        compileSigns(words)(codesOf(text), (word) => found.add(word));
        assert.deepEqual(
          [...found].sort(),
          [...words.keys()].filter((i) => text.includes(words[i] ?? '')),
        );
      },
    ),
    { numRuns: 1_000 },
  );
});

/** Bytes that depend on a number alone, so that a failure can be played again. */
const noise = (seed: number, length: number) => {
  let bytes = Buffer.alloc(0);
  for (let i = 0; bytes.length < length; i += 1)
    bytes = Buffer.concat([bytes, createHash('sha256').update(`${seed}:${i}`).digest()]);
  return bytes.subarray(0, length);
};
const rotated = (text: string) =>
  text.replaceAll(/[a-z]/gi, (char) => {
    const base = char <= 'Z' ? 65 : 97;
    return String.fromCharCode(((char.charCodeAt(0) - base + 13) % 26) + base);
  });

type Encoding = (text: string, seed: number) => string;
const encodings: Encoding[] = [
  (text) => text,
  (text) => Buffer.from(text).toString('base64'),
  (text) => Buffer.from(text).toString('base64url'),
  (text) => Buffer.from(text).toString('hex'),
  (text) => Buffer.from(text).toString('hex').toUpperCase(),
  (text) => (Buffer.from(text).toString('hex').match(/../g) ?? []).join(' '),
  (text) => Buffer.from(text, 'utf16le').toString('base64'),
  (text) => gzipSync(text).toString('base64'),
  (text) => deflateSync(text).toString('base64'),
  (text, seed) =>
    Buffer.concat([noise(seed, seed % 60), Buffer.from(text), noise(seed + 1, seed % 31)]).toString('base64'),
  (text, seed) =>
    Buffer.concat([noise(seed, seed % 60), Buffer.from(text), noise(seed + 1, seed % 31)]).toString('hex'),
  (text, seed) => 'abc'.slice(0, seed % 4) + Buffer.from(text).toString('base64').replaceAll('=', ''),
  (text, seed) => text.replaceAll(new RegExp(`.{${3 + (seed % 40)}}`, 'g'), '$&\n'),
  (text, seed) =>
    Buffer.from(text)
      .toString('base64')
      .replaceAll(new RegExp(`.{${20 + (seed % 57)}}`, 'g'), '$&\r\n'),
  (text, seed) => [...text].join([' ', '\n', ',', '.', '│'][seed % 5]),
  (text) => [...text].reverse().join(''),
  (text) => text.toUpperCase(),
  rotated,
  // Long runs: only their heads say whether they are text, and packed data may begin anywhere in them.
  (text, seed) =>
    Buffer.concat([
      noise(seed, 500 + ((seed * 37) % 1_500)),
      Buffer.from(text, 'utf16le'),
      noise(seed + 1, 700),
    ]).toString('base64'),
  (text, seed) =>
    noise(seed, 300 + ((seed * 53) % 900))
      .toString('base64')
      .replaceAll('=', '') + deflateSync(text).toString('base64'),
];
/** What one encoding, or one over base64 or hex, may not hide. */
const sure = encodings.slice(0, 9);

const value = `Zq${noise(7, 12).toString('hex')}`;
const other = `s3cr3t-${noise(9, 9).toString('base64url')}+/é&x`;
const secrets = [
  { name: 'PLAIN', value },
  { name: 'OTHER', value: other },
];
const known = compileKnown(secrets);
const look = (text: string) => known.find(codesOf(text)).map(({ name, start, end }) => ({ what: name, start, end }));
const quick = createEncodedFinder(look, secrets);
const whole = createEncodedFinder(look, secrets, { screen: () => () => true });

test('SECURITY: runs that the quick look passes over hold nothing that a whole look finds', () => {
  const chain = fc.array(fc.tuple(fc.nat({ max: encodings.length - 1 }), fc.nat({ max: 200 })), { maxLength: 3 });
  let found = 0;
  fc.assert(
    fc.property(fc.constantFrom(value, other, 'nothing to see here'), chain, fc.nat(), (planted, steps, seed) => {
      const hidden = steps.reduce((text, [encoding, number]) => encodings[encoding]?.(text, number) ?? text, planted);
      const text = `${noise(seed, seed % 40).toString('base64')}\n${hidden} ${noise(seed + 1, 20).toString('hex')}\n`;
      const places = whole.places(text);
      assert.deepEqual(quick.places(text), places);
      if (places.length > 0) found += 1;
    }),
    { numRuns: 3_000, seed: 20 },
  );
  assert.ok(found > 800, `${found}`);
});

test('SECURITY: a value is found in every encoding, and in one over another', () => {
  for (const planted of [value, other])
    for (const [i, inner] of sure.entries())
      for (const outer of [(text: string) => text, ...sure.slice(1, 6), encodings[7] ?? inner]) {
        const text = `ordinary output, line 1\n${outer(inner(`key=${planted};`, i), i)}\nand line 3\n`;
        assert.ok([...look(text), ...quick.places(text)].length > 0, text);
      }
});
