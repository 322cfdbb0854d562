import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCatalogSources } from '../../../../test/support/catalog.ts';
import { parseRules } from '../catalog/rule.ts';
import { compileDetectors } from './detectors.ts';
import { decodeBase64, readToken } from './encoded.ts';
import { parseFilters } from './filter.ts';
import { nestsRepetition, patternMatch } from './match.ts';
import { fillSample } from './sample.ts';

const files = (await readCatalogSources('rules')).filter(({ file }) => file.includes('secrets'));
const detectors = compileDetectors(parseRules(files, { pattern: patternMatch }), parseFilters(files));
const token = fillSample('ghp_{{alnum:36}}');

function found(text: string, language?: string): string[] {
  const { secrets } = detectors.find(text, language === undefined ? {} : { language });
  return secrets.map(({ ruleId, start, end }) => `${ruleId} ${text.slice(start, end)}`);
}

test('the span of a secret is the secret, so that a redaction leaves the rest', () => {
  assert.deepEqual(found(`a ${token} b`), [`github-token ${token}`]);
  assert.deepEqual(found('login: me\npassword: Kw7v!nq2x\n'), ['hard-coded-password Kw7v!nq2x']);
});

test('encoded forms are found: base64, percent, behind an escaped line break', () => {
  const encoded = Buffer.from(token).toString('base64');
  assert.deepEqual(found(`data: ${encoded}`), [`github-token ${encoded}`]);
  const key = fillSample('{{alnum:40}}/{{alnum:3}}').replace('/', '%2F');
  assert.equal(found(`"line\\n${token}"`).length, 1);
  assert.deepEqual(found(`k=${key}`).length, 0);
});

test('one text is claimed once, by the rule that knows its form', () => {
  assert.deepEqual(found(`GITHUB_TOKEN=${token}`, 'dotenv'), [`github-token ${token}`]);
});

test('offsets hold for text beyond ASCII', () => {
  assert.deepEqual(found(`ключ 👍 ${token}`), [`github-token ${token}`]);
});

test('a text full of keywords is looked at in part, and says so', () => {
  const { overflow } = detectors.find('password=${x} '.repeat(20_000), { language: 'text' });
  assert.ok(overflow.includes('hard-coded-password'));
});

test('hostile texts end: one long line, unclosed quotes, repeated keys', () => {
  for (const unit of [
    'password="',
    '-----BEGIN RSA PRIVATE KEY-----',
    'eyJhbGciOiJ.',
    'postgres://a:',
    'AAAA',
    'sk-',
    '"kty"',
    '\\',
  ])
    detectors.find(unit.repeat(Math.floor(300_000 / unit.length)));
});

test('regular expressions that repeat a repetition are refused', () => {
  for (const bad of ['(a+)+', '(?:a*b?)*', '((x{2,})y)+', '(a|b+)*c']) assert.ok(nestsRepetition(bad), bad);
  for (const good of ['(a+){1,3}', '[a+]+', '(ab)+c+', '\\(a+\\)+', '(?:a{1,9})+'])
    assert.ok(!nestsRepetition(good), good);
});

test('unknown fields and broken expressions of a rule are errors', () => {
  assert.ok(!patternMatch.safeParse({ kind: 'token', regex: 'a', colour: 1 }).success);
  assert.ok(!patternMatch.safeParse({ kind: 'token', regex: '(' }).success);
  assert.throws(() => parseFilters([{ file: 'f', data: { filters: [{ id: 'a', on: 'value', why: 'x' }] } }]), /filter/);
});

test('tokens and base64 are read without trusting them', () => {
  assert.equal(decodeBase64('YWI='), 'ab');
  assert.equal(decodeBase64('a b'), undefined);
  assert.equal(readToken('x.y.z'), undefined);
  const jwt = fillSample('{{b64url:{"alg":"HS256"}}}.{{b64url:{"role":"anon"}}}.{{base64url:10}}');
  assert.deepEqual(readToken(jwt)?.payload, { role: 'anon' });
});

test('samples are filled the same way each time', () => {
  assert.equal(fillSample('{{hex:8}}'), fillSample('{{hex:8}}'));
  assert.match(fillSample('{{hex:8}} {{uuid}}'), /^[0-9a-f]{8} [0-9a-f]{8}-/);
  assert.equal(fillSample('{{unknown:8}}'), '{{unknown:8}}');
});
