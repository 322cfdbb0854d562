import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createScanner, readRules, scanTexts } from '@ambit/scanner';
import { readCatalogSources } from '../../test/support/catalog.ts';

// Twenty small apps as an agent would write them, each with seeded holes (`vulnerable`) and without (`fixed`).
const root = join(import.meta.dirname, 'apps');
const scanner = await createScanner(
  readRules(await readCatalogSources('rules'), await readCatalogSources('frameworks')),
);

interface Hole {
  rule: string;
  file: string;
  line: number;
}

function scanFolder(folder: string) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const texts = files.map((file) => [file.slice(folder.length + 1), readFileSync(file, 'utf8')] as const);
  return scanTexts(scanner, new Map(texts));
}

for (const app of readdirSync(root).sort())
  describe(app, () => {
    test('all seeded holes are found', () => {
      const holes = JSON.parse(readFileSync(join(root, app, 'holes.json'), 'utf8')) as Hole[];
      const { findings } = scanFolder(join(root, app, 'vulnerable'));
      const missed = holes.filter(
        ({ rule, file, line }) =>
          !findings.some((found) => found.ruleId === rule && found.file === file && found.line === line),
      );
      assert.deepEqual(
        missed,
        [],
        JSON.stringify(findings.map(({ ruleId, file, line }) => `${ruleId} ${file}:${line}`)),
      );
    });

    test('the fixed form is clean', () => {
      const { findings, gaps } = scanFolder(join(root, app, 'fixed'));
      assert.deepEqual(
        findings.map(({ ruleId, file, line }) => `${ruleId} ${file}:${line}`),
        [],
      );
      assert.deepEqual(gaps, []);
    });
  });
