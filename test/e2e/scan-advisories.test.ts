import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Io } from '../../packages/cli/src/command.ts';
import { command as scan } from '../../packages/cli/src/commands/scan.ts';

const ends: (() => unknown)[] = [];
after(() => Promise.all(ends.map((end) => end())));

const lock = (version: string) =>
  `{"lockfileVersion":3,"packages":{\n"":{"name":"app"},\n"node_modules/leftish":{"version":"${version}","resolved":"https://registry.example/leftish/-/leftish-${version}.tgz","integrity":"sha512-x"}}}`;

async function project(files: Record<string, string>) {
  const home = await mkdtemp(join(tmpdir(), 'ambit-advisories-cli-'));
  ends.push(() => rm(home, { recursive: true, force: true }));
  const cwd = join(home, 'app');
  await mkdir(cwd);
  for (const [path, text] of Object.entries(files)) await writeFile(join(cwd, path), text);
  return { home, cwd };
}

async function registry(answer: (response: ServerResponse) => void) {
  const requests: { path: string; body: string }[] = [];
  const logins: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      logins.push(request.headers.authorization);
      requests.push({ path: `${request.method} ${request.url}`, body });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, logins };
}

async function run({ home, cwd }: { home: string; cwd: string }, address: string, args: string[], now = '2026-06-01') {
  let [out, err] = ['', ''];
  const io = {
    cwd,
    env: { HOME: home, PATH: '', npm_config_registry: address },
    out: (text: string) => {
      out += text;
    },
    err: (text: string) => {
      err += text;
    },
    interactive: false,
    colour: false,
    columns: 100,
    signal: new AbortController().signal,
    now: () => new Date(now),
  } as unknown as Io;
  const code = await scan.run(args, io);
  return { code, out, err };
}

async function report(place: { home: string; cwd: string }, address: string, now?: string) {
  const { code, out } = await run(place, address, ['--format', 'json', '--no-cache'], now);
  const { findings, gaps } = JSON.parse(out) as {
    findings: { ruleId: string; severity: string; message: string; fix?: string; line: number }[];
    gaps: { file: string; reason: string }[];
  };
  const known = (reason: string) => reason.startsWith('known vulnerabilities');
  return {
    code,
    found: findings.filter(({ ruleId }) => ruleId === 'deps-known-vulnerability'),
    gaps: gaps.filter(({ reason }) => known(reason)),
  };
}

const advisory = {
  leftish: [
    {
      id: 7,
      url: 'https://advisories.example/GHSA-aaaa-bbbb-cccc',
      title: 'pads for ever',
      severity: 'high',
      vulnerable_versions: '<1.3.1',
    },
  ],
};

test('the registry is asked only with the flag, and its answer holds without it afterwards', async () => {
  const { address, requests } = await registry((response) => response.end(JSON.stringify(advisory)));
  const place = await project({ 'package-lock.json': lock('1.3.0') });
  const before = await report(place, address);
  // SECURITY: a scan without the flag opens no connection.
  assert.equal(requests.length, 0);
  assert.deepEqual([before.code, before.found.length, before.gaps.length], [0, 0, 1]);
  assert.match(
    before.gaps[0]?.reason ?? '',
    /not checked, no advisory database for npm; ambit scan --update-advisories/,
  );
  assert.equal((await run(place, address, ['--strict'])).code, 1);
  const checklist = await run(place, address, ['--checklist', '--format', 'json']);
  assert.match(checklist.out, /known vulnerabilities: not checked/);

  assert.equal((await run(place, address, ['--update-advisories'])).code, 0);
  assert.deepEqual(requests, [{ path: 'POST /-/npm/v1/security/advisories/bulk', body: '{"leftish":["1.3.0"]}' }]);
  const after = await report(place, address);
  assert.equal(requests.length, 1);
  assert.deepEqual([after.code, after.gaps], [1, []]);
  assert.deepEqual(
    after.found.map(({ line, severity, message, fix }) => ({ line, severity, message, fix })),
    [
      {
        line: 3,
        severity: 'high',
        message: '`leftish` 1.3.0 has GHSA-aaaa-bbbb-cccc: pads for ever; repaired in 1.3.1',
        fix: 'Update `leftish` to 1.3.1.',
      },
    ],
  );
  assert.match((await report(place, address, '2026-06-20')).gaps[0]?.reason ?? '', /19 days old/);
  await writeFile(join(place.cwd, 'package-lock.json'), lock('1.3.1'));
  const repaired = await report(place, address);
  assert.deepEqual([repaired.code, repaired.found, repaired.gaps.length], [0, [], 1]);
});

test('the registry is asked with the login that the user keeps for it, never with what the project says', async () => {
  const { address, logins } = await registry((response) => response.end('{}'));
  const host = address.replace('http:', '');
  const place = await project({
    'package-lock.json': lock('1.3.0'),
    '.npmrc': `${host}/:_authToken=of-the-project\n`,
  });
  await run(place, address, ['--update-advisories']);
  await writeFile(join(place.home, '.npmrc'), `${host}/:_authToken=of-the-user\n//other.example/:_authToken=x\n`);
  await run(place, address, ['--update-advisories']);
  // SECURITY: a repository's own settings sign nobody in.
  assert.deepEqual(logins, [undefined, 'Bearer of-the-user']);
});

test('a registry that refuses, breaks off or answers nonsense changes nothing and says so', async () => {
  const good = await registry((response) => response.end(JSON.stringify(advisory)));
  const place = await project({ 'package-lock.json': lock('1.3.0') });
  await run(place, good.address, ['--update-advisories']);
  const file = join(place.home, '.cache', 'ambit', 'advisories', 'npm.ndjson');
  const kept = await readFile(file, 'utf8');
  const answers: [RegExp, (response: ServerResponse) => void][] = [
    [/it answered 405/, (response) => response.writeHead(405).end()],
    [/it answered 401/, (response) => response.writeHead(401).end('{}')],
    [/no JSON/, (response) => response.end('<html>')],
    [/not one of an audit endpoint/, (response) => response.end('{"leftish":7}')],
    [
      /gave no advisories/,
      (response) => {
        response.writeHead(200, { 'content-length': '5000' });
        response.write('{"leftish"', () => response.destroy());
      },
    ],
    [/gave no advisories/, (response) => response.writeHead(302, { location: good.address }).end()],
  ];
  const asked = good.requests.length;
  for (const [wanted, answer] of answers) {
    const { address } = await registry(answer);
    const { code, err } = await run(place, address, ['--update-advisories']);
    assert.equal(code, 1, err);
    assert.match(err, wanted);
    assert.match(err, /The database stays as it was/);
    assert.equal(await readFile(file, 'utf8'), kept);
  }
  assert.equal((await run(place, 'http://127.0.0.1:9', ['--update-advisories'])).code, 1);
  assert.equal(good.requests.length, asked);
});

test('a registry of the project alone is not asked, and its packages are named to nobody else', async () => {
  const own = await registry((response) => response.end('{}'));
  const foreign = await registry((response) => response.end('{}'));
  const place = await project({ 'package-lock.json': lock('1.3.0'), '.npmrc': `registry=${foreign.address}\n` });
  const { code, err } = await run(place, own.address, ['--update-advisories']);
  assert.equal(code, 1);
  assert.match(err, /1 npm packages are not asked about \(leftish\)/);
  assert.deepEqual([own.requests, foreign.requests], [[], []]);
});

test('OSV documents are brought in without a network, for Python too', async () => {
  const { address, requests } = await registry((response) => response.end('{}'));
  const place = await project({ 'requirements.txt': 'Some_Thing==2.0rc1 --hash=sha256:1\nother==1.0\n' });
  const database = {
    id: 'PYSEC-2026-1',
    database_specific: { severity: 'LOW' },
    affected: [
      {
        package: { ecosystem: 'PyPI', name: 'some-thing' },
        ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '2.0' }] }],
      },
    ],
  };
  await writeFile(join(place.home, 'osv.ndjson'), `${JSON.stringify(database)}\nbroken\n`);
  const imported = await run(place, address, ['--update-advisories', '--advisories', '../osv.ndjson']);
  assert.equal(imported.code, 0);
  assert.match(imported.err, /1 documents cannot be read.*\n {2}osv\.ndjson:2: no JSON/);
  const { found, gaps } = await report(place, address);
  assert.deepEqual(
    found.map(({ severity, message }) => [severity, message]),
    [['low', '`Some_Thing` 2.0rc1 has PYSEC-2026-1; repaired in 2.0']],
  );
  assert.deepEqual(gaps, []);
  await writeFile(join(place.home, 'osv.ndjson'), 'broken\n');
  await assert.rejects(
    run(place, address, ['--update-advisories', '--advisories', '../osv.ndjson']),
    /no advisory for npm or PyPI: the database stays as it was/,
  );
  assert.equal((await report(place, address)).found.length, 1);
  await assert.rejects(run(place, address, ['--advisories', 'x']), /says where `--update-advisories` reads from/);
  const alone = await run(place, address, ['--update-advisories']);
  assert.equal(alone.code, 1);
  assert.match(alone.err, /PyPI: 2 packages are not asked about/);
  assert.equal(requests.length, 0);
});
