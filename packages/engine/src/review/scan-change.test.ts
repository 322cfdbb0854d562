import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OpenAdvisories, readRules } from '@ambit/scanner';
import { readCatalogSources } from '../../../../test/support/catalog.ts';
import { changeScanner } from './scan-change.ts';

const catalog = readRules(await readCatalogSources('rules'));
const lock = (version: string) =>
  `{"lockfileVersion":3,"packages":{\n"":{"name":"app"},\n"node_modules/leftish":{"version":"${version}","resolved":"https://registry.example/leftish/-/leftish-${version}.tgz","integrity":"sha512-x"}}}`;

function database(severity: 'high' | 'low'): OpenAdvisories {
  const flaw = {
    id: 'GHSA-aaaa-bbbb-cccc',
    aliases: [],
    ecosystem: 'npm' as const,
    name: 'leftish',
    summary: 'pads for ever',
    severity,
    modified: '',
    origin: 'registry' as const,
    ranges: [],
    versions: [],
    range: '<1.3.1',
  };
  return async () => ({
    now: 0,
    coverage: () => ({ imported: 0, asked: new Map(), broken: 0 }),
    of: (_ecosystem, name) => (name === 'leftish' ? [flaw] : []),
  });
}

const saidOf = async (before: string, after: string, severity: 'high' | 'low' = 'high') => {
  const scan = changeScanner(catalog, { least: 'medium', advisories: database(severity) });
  const kind = before === '' ? ('created' as const) : ('modified' as const);
  const { findings } = await scan([{ path: 'package-lock.json', kind, before, after }]);
  return findings.filter(({ rule }) => rule === 'deps-known-vulnerability').map(({ message }) => message);
};

test('a change that pins a package with a known flaw is told of, one that only stands beside it is not', async () => {
  assert.match((await saidOf('', lock('1.3.0'))).join(), /leftish` 1\.3\.0 has GHSA-aaaa-bbbb-cccc/);
  assert.equal((await saidOf(lock('1.3.1'), lock('1.3.0'))).length, 1);
  assert.deepEqual(await saidOf(lock('1.3.0'), `${lock('1.3.0')}\n`), []);
  assert.deepEqual(await saidOf(lock('1.3.0'), lock('1.3.1')), []);
});

test("an advisory's own severity decides whether it stops a change", async () => {
  assert.deepEqual(await saidOf('', lock('1.3.0'), 'low'), []);
});
