import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileRule, foldPath } from '@ambit/core/policy-model';
import fc from 'fast-check';
import { readCatalogSources } from '../../../../test/support/catalog.ts';
import { protections, requiredWord } from './protect.ts';
import { readPolicySets } from './sets.ts';

const sets = readPolicySets(await readCatalogSources('policies'));
const { of } = protections(sets);

test('the word of a pattern is one that its paths contain, or none', () => {
  assert.equal(requiredWord('**/.git/**'), 'git');
  assert.equal(requiredWord('**/*.{pem,key}'), undefined);
  assert.equal(requiredWord('src/[ab]uth/**'), 'src');
  assert.equal(requiredWord('**'), undefined);
});

test('the shortcut changes no answer: as trying every rule on samples, variants and random paths', () => {
  const protecting = sets
    .filter((set) => set.protects)
    .flatMap((set) => set.rules.map((rule) => ({ kind: set.protects, compiled: compileRule(rule) })));
  const slowly = (path: string) =>
    protecting
      .filter(({ kind, compiled }) =>
        compiled.applies(
          { capability: kind === 'secret' ? 'fs_read' : 'fs_write', value: path, classes: [] },
          foldPath(path),
        ),
      )
      .map(({ compiled }) => compiled.rule.id);
  const pieces = protecting.flatMap(({ compiled }) =>
    (compiled.rule.match ?? []).flatMap((pattern) => pattern.split(/[/{},]/)),
  );
  const names = [
    ...new Set(pieces.map((piece) => piece.replaceAll(/[*?[\]]/g, 'x')).filter(Boolean)),
    'GIT~1',
    'x:y.pem',
    'a:.env',
    '.git.',
    '.GIT',
    'a.ts',
    '.Env',
    '\uff0egit',
  ];
  const path = fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  fc.assert(
    fc.property(path, (value) => {
      assert.deepEqual(
        of(value).map(({ rule }) => rule),
        slowly(value),
      );
    }),
    { numRuns: 400 },
  );
});
