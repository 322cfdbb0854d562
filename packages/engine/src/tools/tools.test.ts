import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, test } from 'node:test';
import { defaultAmbit } from '@ambit/guard/policy';
import { call, makePlace, type Place, startSession } from '../../../../test/support/session.ts';
import { addressOf, htmlText } from './fetch.ts';
import { coreTools } from './index.ts';
import { replaceAllIn } from './replace.ts';
import { toRegex } from './search.ts';

const places: Place[] = [];
const place = async (files?: Record<string, string>) => {
  const made = await makePlace(files);
  places.push(made);
  return made;
};
afterEach(async () => {
  for (const made of places.splice(0)) await made.close();
});
const signal = () => new AbortController().signal;

/** Runs calls one after the other and answers with their results. */
async function results(at: Place, calls: [string, Record<string, unknown>][], options = {}): Promise<string[]> {
  const started = await startSession(at, [...calls.map(([name, args]) => call(name, args)), { text: 'done' }], options);
  await started.session.prompt('go', signal());
  await started.close();
  return started.results();
}

test('tool descriptions stay short: they are in every first request', () => {
  const bytes = JSON.stringify(
    coreTools().map(({ name, description, schema }) => ({ name, description, schema })),
  ).length;
  assert.ok(bytes < 4_000, `${bytes} bytes`);
});

test('read shows ranges, says where to go on, and does not show bytes that are no text', async () => {
  const lines = Array.from({ length: 3_000 }, (_, i) => `line ${i + 1}`).join('\n');
  const at = await place({ 'long.txt': lines, 'empty.txt': '', 'image.bin': '\0\u0001\u0002' });
  const [range, whole, empty, binary, absent, folder, beyond] = await results(at, [
    ['read', { path: 'long.txt', offset: 10, limit: 2 }],
    ['read', { path: 'long.txt' }],
    ['read', { path: 'empty.txt' }],
    ['read', { path: 'image.bin' }],
    ['read', { path: 'absent.txt' }],
    ['read', { path: '.' }],
    ['read', { path: 'long.txt', offset: 9_999 }],
  ]);
  assert.equal(range, 'line 10\nline 11\n(lines 10-11 of 3000; go on with offset 12)');
  assert.match(whole ?? '', /\(lines 1-2000 of 3000; go on with offset 2001\)$/);
  assert.equal(empty, '(the file is empty)');
  assert.equal(binary, '(a binary file of 3 bytes)');
  assert.equal(absent, 'there is no such file');
  assert.match(folder ?? '', /long\.txt/);
  assert.match(beyond ?? '', /3000 lines; nothing at 9999/);
});

test('an image goes to the model as an image', async () => {
  const at = await place();
  const { writeFile } = await import('node:fs/promises');
  const png = Buffer.from('89504e470d0a1a0a0000', 'hex');
  await writeFile(`${at.workspace}/dot.png`, png);
  const started = await startSession(at, [call('read', { path: 'dot.png' }), { text: 'seen' }]);
  await started.session.prompt('look', signal());
  const message = started.session.messages.find((one) => one.role === 'tool');
  assert.deepEqual(message?.parts[0]?.images, [
    { type: 'image', data: png.toString('base64'), mediaType: 'image/png' },
  ]);
  await started.close();
});

test('search finds by expression, glob and folder; ignored, derived and binary files are left out', async () => {
  const at = await place({
    '.gitignore': 'out/\n*.log\n!keep.log\n',
    'src/a.ts': 'const needle = 1;\n',
    'src/b.md': 'a Needle here\n',
    'out/c.ts': 'needle\n',
    'x.log': 'needle\n',
    'keep.log': 'needle kept\n',
    'node_modules/p/i.js': 'needle\n',
    'bin.dat': 'needle\0',
  });
  const [all, folded, globbed, inFile, nothing, literal] = await results(at, [
    ['search', { pattern: 'needle' }],
    ['search', { pattern: 'needle', ignoreCase: true, path: 'src' }],
    ['search', { pattern: 'needle', glob: '*.ts' }],
    ['search', { pattern: '^const', path: 'src/a.ts' }],
    ['search', { pattern: 'haystack' }],
    ['search', { pattern: 'needle = (' }],
  ]);
  assert.deepEqual((all ?? '').split('\n').sort(), ['keep.log:1: needle kept', 'src/a.ts:1: const needle = 1;']);
  assert.equal((folded ?? '').split('\n').length, 2);
  assert.equal(globbed, 'src/a.ts:1: const needle = 1;');
  assert.equal(inFile, 'src/a.ts:1: const needle = 1;');
  assert.equal(nothing, 'no match');
  assert.equal(literal, 'no match');
});

test('a pattern that is no expression is meant literally', () => {
  assert.ok(toRegex('f(x', false).test('call f(x)'));
});

test('edit says why it did not fit, and shows what looks most alike', () => {
  const text = 'function add(a, b) {\n  return a + b;\n}\n';
  const miss = replaceAllIn(text, [{ old: 'return a +  b;', new: 'x' }]);
  assert.ok('miss' in miss && miss.miss.includes('return a + b;'));
  assert.ok('miss' in replaceAllIn('a a', [{ old: 'a', new: 'b' }]));
  assert.deepEqual(replaceAllIn('a a', [{ old: 'a', new: 'b', all: true }]), { text: 'b b', count: 2 });
  assert.deepEqual(replaceAllIn('$x', [{ old: '$x', new: "$& $' $1" }]), { text: "$& $' $1", count: 1 });
  const second = replaceAllIn('a b', [
    { old: 'a', new: 'c' },
    { old: 'z', new: 'd' },
  ]);
  assert.ok('miss' in second && second.miss.startsWith('edit 2:'));
});

test('plan and decisions are kept for every compaction; nobody there means no answer', async () => {
  const at = await place();
  const started = await startSession(at, [
    call('plan', {
      steps: [
        { text: 'read', status: 'done' },
        { text: 'write', status: 'doing' },
      ],
      decision: 'no Redis',
    }),
    call('plan', { decision: 'Postgres it is' }),
    call('ask', { question: 'which port?' }),
    { text: 'done' },
  ]);
  await started.session.prompt('go', signal());
  assert.match(started.results()[2] ?? '', /nobody is here/);
  await started.close();
  const { readSession, branchOf, keptOf } = await import('../session/log.ts');
  const { entries } = await readSession(`${at.state.sessions}/${started.session.id}.jsonl`);
  const kept = keptOf(branchOf(entries));
  assert.equal(kept.get('Plan'), '[x] read\n[>] write');
  assert.equal(kept.get('Decisions'), '- no Redis\n- Postgres it is');
});

test('a question reaches the person, and the answer the model', async () => {
  const at = await place();
  const human = async (question: string, choices: readonly string[]) => `${question} ${choices.join('/')}: 8472`;
  const [answer] = await results(at, [['ask', { question: 'port?', choices: ['a', 'b'] }]], { human });
  assert.equal(answer, 'port? a/b: 8472');
});

test('SECURITY: a sub-run writes only what it was given, never what its parent may not', async () => {
  const at = await place({ 'src/a.txt': 'one' });
  const steps = [
    call('spawn', { prompt: 'part', write: ['docs/**', '.git/**'] }),
    call('write', { path: 'docs/ok.md', content: 'fine' }),
    call('write', { path: 'src/a.txt', content: 'changed' }),
    call('write', { path: '.git/hooks/x', content: 'x' }),
    call('spawn', { prompt: 'deeper' }),
    { text: 'part done' },
    { text: 'all done' },
  ];
  const started = await startSession(at, steps);
  await started.session.prompt('go', signal());
  const changed = (await started.copy.changes()).filter((change) => change.type === 'file');
  assert.deepEqual(
    changed.map((change) => change.path),
    ['docs/ok.md'],
  );
  assert.deepEqual(
    started.session.passage.refusals.map((refusal) => refusal.rule),
    ['ambit.write', 'control.git'],
  );
  assert.match(started.results()[0] ?? '', /part done\ndenied by ambit\.write: src\/a\.txt/);
  await started.close();
});

test('SECURITY: a parent that may write only docs cannot give a sub-run more', async () => {
  const at = await place({ 'src/a.txt': 'one' });
  const ambit = { ...defaultAmbit('chat'), write: ['docs/**'] };
  const steps = [
    call('spawn', { prompt: 'part', write: ['**'] }),
    call('write', { path: 'src/a.txt', content: 'changed' }),
    { text: 'tried' },
    { text: 'end' },
  ];
  const started = await startSession(at, steps, { ambit });
  await started.session.prompt('go', signal());
  assert.deepEqual(await started.copy.changes(), []);
  await started.close();
});

test('SECURITY: fetch reaches only hosts of the ambit; redirects and names that lead inside are not followed', async () => {
  let hits = 0;
  const server = createServer((request, response) => {
    hits += 1;
    if (request.url === '/away') response.writeHead(302, { location: 'http://example.com/' }).end();
    else response.writeHead(200, { 'content-type': 'text/html' }).end('<p>Hello <b>you</b></p><script>x()</script>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const at = await place();
  const ambit = { ...defaultAmbit('chat'), hosts: [host] };
  const closed = await results(at, [['fetch', { url: `http://${host}/` }]]);
  assert.match(closed[0] ?? '', /denied/);
  assert.equal(hits, 0);
  const [page] = await results(at, [['fetch', { url: `http://${host}/` }]], { ambit });
  assert.match(page ?? '', /^\[untrusted content [^\n]*\nHello you\n\[end of untrusted content/);
  const [moved] = await results(at, [['fetch', { url: `http://${host}/away` }]], { ambit });
  assert.match(moved ?? '', /moved to http:\/\/example\.com/);
  assert.equal(hits, 2);
  await new Promise((resolve) => server.close(resolve));
});

test('SECURITY: rebinding: a granted name that resolves inside is refused, one outside is pinned', async () => {
  const to = (address: string) => async () => [{ address, family: address.includes(':') ? 6 : 4 }];
  for (const address of ['127.0.0.1', '10.1.2.3', '169.254.169.254', '::1', 'fd00::1', '::ffff:127.0.0.1', '0.0.0.0'])
    await assert.rejects(addressOf('docs.example.com', to(address)), /inside this machine/, address);
  assert.equal((await addressOf('docs.example.com', to('93.184.216.34'))).address, '93.184.216.34');
});

test('a write that breaks a file says so at once; one that does not says nothing', async () => {
  const at = await place({ 'a.ts': 'export const a = 1;\n' });
  const [broken, fine, json, yaml] = await results(at, [
    ['write', { path: 'b.ts', content: 'export const b = ;\n' }],
    ['edit', { path: 'a.ts', old: '1', new: '{ b: 2 } satisfies object' }],
    ['write', { path: 'c.json', content: '{"a": }' }],
    ['write', { path: 'd.yaml', content: 'a: [1\n' }],
  ]);
  assert.match(broken ?? '', /problems in it now:\nb\.ts:1: /);
  assert.equal(fine, 'edited a.ts (1 replacements)');
  assert.match(json ?? '', /c\.json: /);
  assert.match(yaml ?? '', /d\.yaml:/);
});

test('HTML becomes readable text', () => {
  assert.equal(htmlText('<h1>A</h1><style>b{}</style><ul><li>x &amp; y</li></ul>'), 'A\nx & y');
});
