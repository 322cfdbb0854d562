// Reports against the schema of SARIF 2.1.0 as its editors publish it.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fillSample } from '@ambit/core/detect';
import { type Finding, readRules, type ScanResult, sarifReport, scan } from '@ambit/scanner';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import * as fc from 'fast-check';
import { readCatalogSources } from '../support/catalog.ts';

const schemaFile = createRequire(import.meta.url).resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
const schema = JSON.parse(await readFile(schemaFile, 'utf8')) as Record<string, unknown>;
// Draft 4 names itself in words that later drafts refuse; nothing else in this schema differs but one pattern that is none in Unicode mode.
delete schema['$schema'];
delete schema['id'];
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
addFormats.default(ajv);
const validate = ajv.compile(schema);

function problemsOf(report: string): string[] {
  return validate(JSON.parse(report)) ? [] : (validate.errors ?? []).map((one) => `${one.instancePath} ${one.message}`);
}

const catalog = readRules(await readCatalogSources('rules'), await readCatalogSources('frameworks'));
const folders: string[] = [];
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

async function scanOf(files: Record<string, string | Uint8Array>): Promise<ScanResult> {
  const root = await mkdtemp(join(tmpdir(), 'ambit-sarif-'));
  folders.push(root);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return scan(root, { catalog, now: () => new Date('2026-06-01'), threads: 0 });
}

const busy = {
  'src/a b/[id] ü%.ts': [
    "import { exec } from 'node:child_process';",
    "import express from 'express';",
    'const app = express();',
    "app.get('/run', (request, response) => { exec('ls ' + request.query.name); response.end(); });",
    `const key = '${fillSample('ghp_{{alnum:36}}')}';`,
    '',
  ].join('\n'),
  'src/known.ts': `// ambit-ignore github-token: revoked\nexport const old = '${fillSample('ghp_{{alnum:36}}', 2)}';\n`,
  'deploy/main.tf': 'resource "aws_s3_bucket_acl" "a" {\n  acl = "public-read"\n}\n',
  'package.json': '{"name": "a", "dependencies": {"left": "http://example.com/left.tgz"}}',
  'large.json': `{"a":"${'x'.repeat(2_100_000)}"}`,
  'latin.js': new Uint8Array([0x61, 0xff, 0xfe, 0x0a]),
};

test('a report with findings, steps, repairs, suppressions and gaps is valid', async () => {
  const result = await scanOf(busy);
  assert.ok(
    result.findings.some(({ evidence }) => (evidence ?? []).length > 0),
    'no finding has steps',
  );
  assert.ok(result.suppressed.length > 0, 'no suppression');
  assert.ok(result.gaps.length > 0, 'no gap');
  assert.deepEqual(problemsOf(sarifReport(result)), []);
});

test('a report without findings is valid', async () => {
  const result = await scanOf({ 'src/a.ts': 'export {};\n' });
  assert.deepEqual(result.findings, []);
  assert.deepEqual(problemsOf(sarifReport(result)), []);
});

const stats = {
  files: 1,
  bytes: 1,
  skipped: { binary: 0, generated: 0, oversized: 0, tests: 0 },
  cached: 0,
  rules: 1,
  milliseconds: 1,
};

test('the report of every rule is valid', async () => {
  const findings = catalog.rules.map((rule): Finding => {
    const { id: ruleId, title, severity, confidence, cwe, message, why, fix } = rule;
    const place = { file: 'a.ts', line: 1, endLine: 1, fingerprint: '0'.repeat(32) };
    return { ruleId, title, severity, confidence, cwe, owasp: [], message, why, fix, references: [], ...place };
  });
  const result = { findings, suppressed: [], gaps: [], stats, paths: [] };
  assert.ok(findings.length > 1_000);
  assert.deepEqual(problemsOf(sarifReport(result)), []);
});

test('whatever a file is called and wherever a finding stands, the report is valid', async () => {
  const [first] = (await scanOf(busy)).findings;
  assert.ok(first);
  const place = fc.record({
    file: fc.string({ minLength: 1, unit: 'grapheme' }).map((name) => name.replaceAll('\0', '')),
    line: fc.integer({ min: 1, max: 1_000_000 }),
    column: fc.option(fc.integer({ min: 1, max: 10_000 }), { nil: undefined }),
    message: fc.string({ minLength: 1, unit: 'grapheme' }),
  });
  fc.assert(
    fc.property(fc.array(place, { maxLength: 5 }), fc.boolean(), (places, suppress) => {
      const findings = places.map(({ file, line, column, message }): Finding => {
        const { column: _, endColumn: __, ...rest } = first;
        const columns = column === undefined ? {} : { column, endColumn: column + 1 };
        return { ...rest, file, line, endLine: line, message, ...columns };
      });
      const suppressed = suppress ? findings.map((finding) => ({ finding, reason: finding.message })) : [];
      const gaps = places.map(({ file, message }) => ({ file, reason: message }));
      const result = { findings, suppressed, gaps, stats, paths: [] };
      assert.deepEqual(problemsOf(sarifReport(result)), []);
    }),
    { numRuns: 100 },
  );
});

test('the schema refuses what is none', async () => {
  const report = JSON.parse(sarifReport(await scanOf(busy))) as { runs: { results: Record<string, unknown>[] }[] };
  const [result] = report.runs[0]?.results ?? [];
  assert.ok(result);
  result['level'] = 'dreadful';
  delete result['message'];
  const problems = problemsOf(JSON.stringify(report));
  assert.ok(problems.some((problem) => problem.includes('level')) && problems.some((one) => one.includes('message')));
});
