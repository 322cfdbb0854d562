import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHcl } from './parse-blocks.ts';
import { parseYaml } from './parse-data.ts';
import { scopeOf } from './scope.ts';
import { type Setting, settingsOfLines, settingsOfTrees, wordsOf } from './settings.ts';

const shown = (settings: readonly Setting[]) => settings.map(({ path, value, line }) => `${path} = ${value} @${line}`);

test('a name is its words, however it is written', () => {
  for (const name of ['minTlsVersion', 'min_tls_version', 'MinTLSVersion', 'min-tls.version'])
    assert.equal(wordsOf(name), 'min tls version');
});

test('settings of trees: labels are no names, lists speak for their key, a name that says nothing takes its holder', () => {
  const text = 'resource "x_store" "tls_off" {\n  encryption {\n    enabled = false\n  }\n  ranges = ["a", "b"]\n}\n';
  const settings = settingsOfTrees(parseHcl(text).documents, true);
  assert.deepEqual(shown(settings), [
    'resource / x store / encryption / enabled = false @3',
    'resource / x store / ranges = a @5',
    'resource / x store / ranges = b @5',
  ]);
  assert.equal(settings[0]?.name, 'encryption enabled');
});

test('a pair of name and value is a setting of that name, a tag is not', () => {
  const read = (text: string) =>
    settingsOfTrees(parseYaml(text).documents, false).map(({ name, value }) => `${name}=${value}`);
  assert.ok(read('flags:\n  - name: require_ssl\n    value: off\n').includes('require ssl=off'));
  assert.ok(!read('Tags:\n  - Key: Public\n    Value: yes\n').includes('public=yes'));
});

test('settings of lines: sections, dots, several a line, comments passed over', () => {
  const text = '[session]\ncookie.secure = false\n# tls = off\nnew Store("a", { encrypted: true, kind: \'x\' })\n';
  assert.deepEqual(shown(settingsOfLines(text)), [
    'session cookie / secure = false @2',
    'session / encrypted = true @4',
    'session / kind = x @4',
  ]);
});

test('what a file holds is told by its name and text; texts for people and locks hold no settings', () => {
  const scope = (path: string, language: string, text: string) =>
    scopeOf({ path, language, text, search: text, bytes: new Uint8Array() });
  assert.equal(scope('t.yaml', 'yaml', 'Resources:\n  A:\n    Type: AWS::S3::Bucket\n'), 'template');
  assert.equal(scope('p.yaml', 'yaml', 'apiVersion: v1\nkind: Pod\n'), 'kubernetes');
  assert.equal(scope('roles/x/tasks/main.yml', 'yaml', '- apt: { name: x }\n'), 'ansible');
  assert.equal(scope('index.ts', 'typescript', "import * as aws from '@pulumi/aws';\n"), 'code');
  assert.equal(scope('index.ts', 'typescript', 'export const tls = false;\n'), undefined);
  assert.equal(scope('locales/en.yml', 'yaml', 'public: Yes\n'), undefined);
  assert.equal(scope('pnpm-lock.yaml', 'yaml', 'public: true\n'), undefined);
});
