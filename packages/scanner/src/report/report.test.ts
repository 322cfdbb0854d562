import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding, ScanResult } from '../finding.ts';
import { htmlReport } from './html.ts';
import { markdownReport } from './markdown.ts';
import { sarifReport } from './sarif.ts';
import { frameOf, terminalReport } from './terminal.ts';

const finding: Finding = {
  ruleId: 'a-rule',
  title: 'A rule',
  severity: 'high',
  confidence: 'high',
  cwe: ['CWE-89'],
  owasp: [],
  file: 'src/a b/<img src=x>.ts',
  line: 2,
  endLine: 2,
  column: 8,
  endColumn: 14,
  message: 'bad `thing` <script>alert(1)</script> | \u001b[31mred \u202e',
  why: 'because',
  fix: 'do it',
  references: [],
  masked: '… (6 characters)',
  evidence: [{ file: 'src/b.ts', line: 9, text: 'comes in here' }],
  fingerprint: 'f'.repeat(32),
};
const result: ScanResult = {
  findings: [finding],
  suppressed: [{ finding: { ...finding, line: 5, endLine: 5 }, reason: 'known' }],
  gaps: [{ file: 'x.ts', reason: 'too large' }],
  stats: {
    files: 3,
    bytes: 10,
    skipped: { binary: 1, generated: 0, oversized: 0, tests: 0 },
    cached: 0,
    rules: 1,
    milliseconds: 5,
  },
  paths: [],
};

/** Elements that end in another order than they began, or not at all. */
function unclosed(page: string): string[] {
  const open: string[] = [];
  for (const [, slash, name = ''] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>/g)) {
    if (['meta', 'br', 'hr'].includes(name)) continue;
    if (!slash) open.push(name);
    else if (open.pop() !== name) return [...open, `/${name}`];
  }
  return open;
}

test('HTML: what comes from files is text, and the page asks nobody for anything', () => {
  const page = htmlReport(result, () => '</pre><script>alert(2)</script>');
  assert.ok(!page.includes('<script>') && !page.includes('<img'));
  assert.ok(!/\s(?:src|href)=/.test(page.replaceAll('&lt;img src=x&gt;', '')));
  assert.match(
    page,
    /<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">/,
  );
  assert.ok(!/url\(|@import|https?:\/\//i.test(page));
  assert.deepEqual(unclosed(page), []);
});

test('Markdown: a file name or message writes nothing into the page around it', () => {
  const text = markdownReport(result);
  const row = text.split('\n').find((line) => line.startsWith('| high'));
  assert.equal((row?.match(/(?<!\\)\|/g) ?? []).length, 5);
  assert.ok(!/(?<!\\)<script/.test(text));
});

test('terminal: no control or bidirectional character of a file reaches the screen; the secret is masked', () => {
  const lines = ['', 'const k="secret1";'];
  const text = terminalReport(result, { colour: false, columns: 80, lines: () => lines });
  assert.ok(!/[\u001b\u202e]/.test(text));
  assert.ok(text.includes('<U+202E>') && text.includes('not looked at (1)'));
  assert.equal(frameOf({ ...finding, column: 10, endColumn: 17 }, lines, 80), 'const k="… (6 characters)";');
});

test('terminal: of many findings alike five are shown and the others counted; lines keep to the width', () => {
  const findings = Array.from({ length: 12 }, (_, at) => ({ ...finding, line: at + 1, endLine: at + 1 }));
  const other = { ...finding, ruleId: 'b-rule', line: 40, endLine: 40 };
  const text = terminalReport({ ...result, findings: [...findings, other] }, { colour: false, columns: 60 });
  assert.equal(text.match(/a-rule CWE-89/g)?.length, 5);
  assert.match(text, /… and 7 more of a-rule here/);
  assert.match(text, /b-rule CWE-89/);
  assert.match(text, /^13 findings \(13 high\)/m);
  assert.deepEqual(
    text.split('\n').filter((line) => line.length > 60),
    [],
  );
});

test('SARIF: 2.1.0 with rules, regions, flows, fingerprints, suppressions and gaps', () => {
  const log = JSON.parse(sarifReport(result));
  assert.equal(log.version, '2.1.0');
  const [run] = log.runs;
  assert.equal(run.tool.driver.rules.length, 1);
  assert.deepEqual(run.tool.driver.rules[0].properties.tags, ['security', 'external/cwe/cwe-89']);
  const [first, second] = run.results;
  assert.deepEqual(first.locations[0].physicalLocation.region, {
    startLine: 2,
    endLine: 2,
    startColumn: 8,
    endColumn: 14,
  });
  assert.equal(first.locations[0].physicalLocation.artifactLocation.uri, 'src/a%20b/%3Cimg%20src%3Dx%3E.ts');
  assert.equal(first.codeFlows[0].threadFlows[0].locations.length, 1);
  assert.equal(first.partialFingerprints['ambit/v1'].length, 32);
  assert.equal(second.suppressions[0].justification, 'known');
  assert.equal(run.invocations[0].toolExecutionNotifications[0].message.text, 'too large');
});
