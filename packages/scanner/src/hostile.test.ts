import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fillSample } from '@ambit/core/detect';
import { readCatalogSources } from '../../../test/support/catalog.ts';
import { bounded } from './bound.ts';
import { readRules } from './catalog.ts';
import { isTooDeep } from './engines/syntax/nesting.ts';
import { parseScript } from './engines/syntax/parse.ts';
import { type ScanOptions, scan } from './scan.ts';
import { createScanner } from './scanner.ts';

const catalog = readRules(await readCatalogSources('rules'), await readCatalogSources('frameworks'));
const token = fillSample('ghp_{{alnum:36}}');
const encoder = new TextEncoder();
const folders: string[] = [];
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

async function folder(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'ambit-hostile-'));
  folders.push(root);
  return root;
}

const run = (root: string, options: Partial<ScanOptions> = {}) =>
  scan(root, { catalog, now: () => new Date('2026-06-01'), threads: 0, ...options });

/** A rule of somebody's own whose regular expression never ends on `aaaa…b`. */
const bomb = {
  file: 'bomb.yaml',
  data: {
    defaults: { engine: 'config' },
    rules: [
      {
        ...{ id: 'own-bomb', title: 'A bomb', cwe: ['CWE-1333'], severity: 'low', confidence: 'low' },
        ...{ message: 'm', why: 'w', fix: 'f', match: { kind: 'text', regex: '^(?:a|a)+$' } },
      },
    ],
  },
};

test('work that never ends is ended, also inside a regular expression', () => {
  const slow = /^(a+)+$/;
  assert.deepEqual(
    bounded(() => slow.test(`${'a'.repeat(40)}b`), 100),
    { done: false },
  );
  assert.deepEqual(
    bounded(() => {
      try {
        for (;;);
      } catch {
        return 'caught';
      }
    }, 100),
    { done: false },
  );
  assert.deepEqual(
    bounded(() => 1, 100),
    { done: true, value: 1 },
  );
  assert.throws(
    () =>
      bounded(() => {
        throw new TypeError('its own');
      }, 100),
    /its own/,
  );
});

test('work that others kept from the processor gets more time, and even so it ends', () => {
  // A thread that had the processor for a fifth of the time.
  let clock = 0;
  const fifth = () => {
    clock += 20;
    return clock;
  };
  let starts = 0;
  const late = () => {
    starts += 1;
    const from = performance.now();
    while (performance.now() - from < 150);
    return 'done';
  };
  assert.deepEqual(bounded(late, 100, fifth), { done: true, value: 'done' });
  assert.equal(starts, 2);
  assert.deepEqual(
    bounded(
      () => {
        for (;;);
      },
      20,
      () => 0,
    ),
    { done: false },
  );
});

test('a file that keeps a rule busy for ever is a gap, and the files beside it are scanned', async () => {
  const root = await folder();
  await writeFile(join(root, 'bomb.txt'), `${'a'.repeat(60)}b`);
  await writeFile(join(root, 'after.env'), `TOKEN=${token}\n`);
  await writeFile(join(root, 'before.env'), `TOKEN=${token}\n`);
  const shipped = readRules([...(await readCatalogSources('rules')), bomb]);
  for (const threads of [0, 1]) {
    const { findings, gaps } = await run(root, { catalog: shipped, fileLimit: 1_000, threads });
    assert.deepEqual(findings.map(({ file }) => file).sort(), ['after.env', 'before.env']);
    assert.deepEqual(
      gaps.filter(({ file }) => file === 'bomb.txt'),
      [{ file: 'bomb.txt', reason: 'ended after 1 seconds' }],
    );
  }
});

test('text made for expressions that start anew at each place of it takes no time and leaves no gap', async () => {
  const root = await folder();
  const names = `${'url'.repeat(6_000)}\n`.repeat(20);
  await writeFile(join(root, 'names.js'), `if (a.indexOf('x') > 0) f('eval')\n${names}`.replaceAll('url\n', 'url;\n'));
  await writeFile(join(root, 'blanks.conf'), `${' '.repeat(19_000)}\n`.repeat(40));
  // What lets findings go is read where nothing ends it: the second one has no end in sight.
  await writeFile(join(root, 'let-go.env'), `TOKEN=${token}\n# ambit-ignore a${' '.repeat(1_000_000)}x\n`);
  await writeFile(join(root, '.gitignore'), `*.log${' '.repeat(1_000_000)}x\n`);
  const { findings, gaps } = await run(root);
  assert.deepEqual(gaps, []);
  assert.ok(findings.some(({ file }) => file === 'let-go.env'));
});

test('configuration, hooks and lockfiles made for expressions that start anew are read in time', async () => {
  const root = await folder();
  const long = (text: string) => text.repeat(200_000 / text.length);
  const hook = (command: string) => JSON.stringify({ name: 'h', when: { type: 'userTriggered' }, then: { command } });
  const files: Record<string, string> = {
    '.kiro/hooks/writes.kiro.hook': hook(long('> ')),
    '.kiro/hooks/loads.kiro.hook': hook(long('irm curl ')),
    '.kiro/hooks/reads.kiro.hook': hook(long('cat ')),
    Dockerfile: `FROM scratch\nRUN ${long('apt install = ')}\n`,
    '.claude/settings.json': JSON.stringify({ permissions: { allow: [`Bash(${long('\t')}`] } }),
    'netlify.toml': `a = {${long('a')}`,
    'wrangler.toml': long('a={'),
    'pyproject.toml': long('['),
    'tasks/main.yml': `- hosts: all\n  tasks:${long(' ')}\n${long('\n')}`,
    '.github/workflows/a.yml': `on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: "${long('curl ')}${long('\n')}"\n`,
    'next.config.js': `module.exports = { env: { ${long('SECRET')}: 1 } }`,
    'server.conf': `Access-Control-Allow-Origin${long(' ')}`,
  };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(root, dirname(name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
  const { gaps } = await run(root);
  assert.deepEqual(
    gaps.filter(({ reason }) => reason.startsWith('ended after')),
    [],
  );
});

/** Ways to go down one level, as a program would be written by whoever wants to end the scanner. */
const levels: readonly string[] = [
  ...['[', '(', '{', '{a:', '(()=>', '(()=>{\n', '`${', 'a(', 'a[', 'if(a)', 'if(a)\n', 'if(a){}else ', 'a=', 'a=\n'],
  ...['a?b:', 'a?f(b,c):', 'a=>', 'a=>\n', 'a:', 'a:\n', 'for(;;)', 'while(a)', 'do ', 'new ', 'new\n', '<a>', '<a>\n'],
  ...[
    'function f(){',
    'class A{m(){',
    '/"/;[',
    "'",
    'a<',
    'let x:A<',
    'import("',
    '- ',
    '~',
    'void ',
    'keyof ',
    'A extends B?C:',
    '()=>',
    '{\nconst a=1\n',
    '[\nconst a=1\n',
  ],
  ...[
    'yield ',
    'await ',
    '!',
    '-',
    'typeof ',
    'x=[{a:(',
    'switch(a){case 1:',
    'try{',
    '@a(',
    '<a b={',
    'type A=[',
    '()=>',
  ],
];

test('no nesting ends the process: it is refused before the parser sees it, or borne', () => {
  for (const level of levels)
    for (const many of [600, 3_000, 60_000]) {
      const text = level.repeat(many);
      const tail = `x = ${text}`;
      for (const source of [text, tail, `type X = ${text}`])
        assert.doesNotThrow(() => parseScript('a.tsx', source), `${many} times ${level}`);
    }
});

test('ordinary code is not too deep, however long', () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => `const a${i} = b ? c : { d: [f(${i}), "("] }`);
  assert.ok(!isTooDeep(lines.join('\n')));
  assert.ok(!isTooDeep(Array.from({ length: 20_000 }, (_, i) => `if (a === ${i}) { return f(${i}); }`).join('\n')));
  assert.ok(!isTooDeep(`x = [${Array.from({ length: 50_000 }, (_, i) => `{ a: ${i}, b: g(c) }`).join(', ')}]`));
  assert.ok(!isTooDeep(`x = ${Array.from({ length: 300 }, () => '"text (" +\n').join('')} ""`));
  assert.ok(isTooDeep('['.repeat(2_000)));
});

/** One hostile text per format, made by repeating. */
const texts: readonly [name: string, unit: string, times: number][] = [
  ['a.json', '{"a":[', 50_000],
  ['a.json', '[', 500_000],
  ['a.yaml', '- ', 20_000],
  ['b.yaml', '[', 20_000],
  ['c.yaml', '&a [*a, ', 5_000],
  ['a.toml', 'a.b=[', 20_000],
  ['a.sql', '(select * from ', 30_000],
  ['b.sql', 'create policy p on t using (', 10_000],
  ['c.sql', "$$ ' /* ", 50_000],
  ['a.html', '<div><script>', 30_000],
  ['a.py', '(', 50_000],
  ['b.py', 'if a:\n ', 20_000],
  ['c.py', 'lambda: ', 20_000],
  ['d.py', 'f"{', 20_000],
  ['a.vue', '<script>{', 20_000],
  ['a.tf', 'a {\n', 20_000],
  ['nginx.conf', 'server {', 20_000],
  ['firestore.rules', 'match /a { allow read: if (', 10_000],
  ['Dockerfile', 'RUN \\\n', 50_000],
  ['package-lock.json', '{"packages":{"a":', 20_000],
  ['yarn.lock', '"a@', 50_000],
  ['pnpm-lock.yaml', 'a:\n ', 5_000],
  ['requirements.txt', 'a==', 50_000],
  ['a.md', '---\n- [', 20_000],
];

test('deep and long inputs of every format come back, as findings or gaps', async () => {
  const scanner = await createScanner(catalog);
  for (const [name, unit, times] of texts) {
    const report = scanner.scanBytes(name, encoder.encode(unit.repeat(times)));
    assert.equal(report.path, name);
  }
});

test('ten megabytes on one line are searched for secrets, and the rest is a gap', async () => {
  const root = await folder();
  await writeFile(join(root, 'big.ts'), `const a = "${'x'.repeat(10_000_000)}"; const t = "${token}";`);
  const { findings, gaps } = await run(root);
  assert.deepEqual(
    findings.map(({ ruleId }) => ruleId),
    ['github-token'],
  );
  assert.equal(gaps.length, 1);
});

test('broken UTF-8, UTF-16 and bytes of zero are read as far as they can be', async () => {
  const root = await folder();
  await writeFile(
    join(root, 'broken.env'),
    Buffer.concat([Buffer.from([0xff, 0xc3, 0x28, 0xf0, 10]), Buffer.from(`A=${token}\n`)]),
  );
  await writeFile(
    join(root, 'wide.env'),
    Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(`A=${token}\n`, 'utf16le')]),
  );
  await writeFile(join(root, 'zero.env'), Buffer.from(`A=\0${token}\n`));
  const { findings, stats } = await run(root);
  assert.deepEqual(findings.map(({ file, line }) => `${file}:${line}`).sort(), ['broken.env:2', 'wide.env:1']);
  assert.equal(stats.skipped.binary, 1);
});

test('loops of links, pipes and sockets hold nothing up', async (context) => {
  const root = await folder();
  await mkdir(join(root, 'a', 'b'), { recursive: true });
  await symlink('../..', join(root, 'a', 'b', 'up'));
  await symlink('self', join(root, 'self'));
  await writeFile(join(root, 'a', 'real.env'), `A=${token}\n`);
  execFileSync('mkfifo', [join(root, 'pipe.env')]);
  const server = createServer().listen(join(root, 'socket.env'));
  context.after(() => server.close());
  const { findings, stats } = await run(root, { everything: true });
  assert.deepEqual(
    findings.map(({ file }) => file),
    ['a/real.env'],
  );
  assert.equal(stats.files, 1);
  const named = await run(root, { paths: ['pipe.env', 'socket.env', 'self'] });
  assert.deepEqual(named.gaps.map(({ file }) => file).sort(), ['pipe.env', 'self', 'socket.env']);
});
