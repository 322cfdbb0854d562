import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lowerCase, patternOf, wordsOf } from './phrases.ts';

const words = wordsOf({
  nouns: { file: ['file', 'directory', 'web site', 'box'] },
  verbs: { keep: ['store', 'put/puts/putting', 'copy', 'crop', 'look up', 'fetch'] },
});
const matches = (phrases: string | string[], text: string) => new RegExp(patternOf(phrases, words), 'u').test(text);

describe('wordsOf', () => {
  it('knows a noun in singular and plural, written apart, joined or with a hyphen', () => {
    for (const text of ['a file', 'files', 'directories', 'boxes', 'web site', 'websites', 'web-site'])
      assert.ok(matches(['<file>'], text), text);
    for (const text of ['profile', 'filed', 'boxer']) assert.ok(!matches(['<file>'], text), text);
  });

  it('knows a verb in all its forms', () => {
    const forms =
      'store stores stored storing put puts putting copies copied copying crops cropped cropping fetches fetched';
    for (const text of [...forms.split(' '), 'looks up', 'looking up']) assert.ok(matches(['<keep>'], text), text);
    for (const text of ['storage', 'putty', 'fetcher']) assert.ok(!matches(['<keep>'], text), text);
  });
});

describe('patternOf', () => {
  it('leaves a lone pattern as it is, but for groups', () => {
    assert.equal(patternOf(String.raw`\bx(?<y>z)\b`, words), String.raw`\bx(?<y>z)\b`);
    assert.ok(matches('<keep> it', 'stored it'));
  });

  it('takes a list as any of its phrases, as whole words', () => {
    assert.ok(matches(['ci', 'pipelines?'], 'the ci of a project'));
    assert.ok(!matches(['ci', 'pipelines?'], 'social'));
    assert.ok(matches(['url'], 'image_url'), 'an underscore ends a word');
  });

  it('lets a few words of the same clause stand between the parts', () => {
    assert.ok(matches(['<keep> .. <file>'], 'stores it in the given directory'));
    assert.ok(matches(['<keep> .. <file>'], 'store files'));
    assert.ok(!matches(['<keep> .. <file>'], 'stores it; the file is elsewhere'));
    assert.ok(!matches(['<keep> .. <file>'], `stores ${'x '.repeat(40)} file`));
  });

  it('does not look beside a mark that begins or ends a phrase', () => {
    assert.ok(matches(['/login'], 'api/login'));
    assert.ok(matches(['[?&]path='], '/x?path=a'));
  });

  it('names the group that is not there', () => {
    assert.throws(() => patternOf(['<nothing>'], words), /<nothing> is no group/);
  });
});

describe('lowerCase', () => {
  it('leaves escapes alone', () => {
    assert.equal(lowerCase(String.raw`POST \S+\B\p{L}`), String.raw`post \S+\B\p{L}`);
  });
});
