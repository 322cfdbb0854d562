import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { readCatalogSources } from '../../../../test/support/catalog.ts';
import {
  type DecisionCase,
  decideCase,
  grantsFromScope,
  loadPolicy,
  namesGuarded,
  readAgentRules,
  shippedPolicy,
} from './index.ts';

const catalog = await readCatalogSources('policies');

type Files = Partial<Record<'organisation' | 'config' | 'home' | 'workspace', Record<string, string>>>;

async function load(t: { after: (fn: () => Promise<void>) => void }, files: Files) {
  const root = await mkdtemp(join(tmpdir(), 'ambit-policy-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  for (const [place, entries] of Object.entries(files))
    for (const [name, text] of Object.entries(entries)) {
      await mkdir(dirname(join(root, place, name)), { recursive: true });
      await writeFile(join(root, place, name), text);
    }
  const at = (place: string) => join(root, place);
  return loadPolicy(catalog, {
    workspace: at('workspace'),
    config: at('config'),
    home: at('home'),
    organisation: at('organisation'),
  });
}

async function effect(policy: Awaited<ReturnType<typeof load>>, one: Omit<DecisionCase, 'expect'>) {
  const { effect: decided, because } = await decideCase({ ...one, expect: 'deny' }, policy, {});
  return { effect: decided, rule: because.rule, source: because.source };
}

const allowAll = 'rules:\n  - capability: all\n    effect: allow\n';

test('without any file the shipped default is in force', async (t) => {
  const policy = await load(t, {});
  assert.equal((await effect(policy, { write: 'a.txt' })).effect, 'allow');
  assert.deepEqual(policy.broken, []);
});

test('a repository that allows everything widens nothing', async (t) => {
  const policy = await load(t, {
    workspace: {
      '.ambit/policy.yaml': allowAll,
      '.kiro/settings/permissions.yaml': allowAll,
      '.vscode/settings.json': '{"kiroAgent.trustedCommands": ["*", "node *"]}',
    },
  });
  assert.equal((await effect(policy, { write: '.vscode/settings.json' })).effect, 'deny');
  assert.equal((await effect(policy, { write: 'src/middleware/auth.ts' })).effect, 'ask');
  assert.equal((await effect(policy, { command: 'node x.js', mode: 'supervised' })).effect, 'ask');
  assert.equal((await effect(policy, { fetch: 'https://evil.example/' })).effect, 'ask');
});

test('a repository narrows', async (t) => {
  const policy = await load(t, {
    workspace: {
      '.ambit/policy.yaml':
        'rules:\n  - id: no-docs\n    capability: fs_write\n    effect: deny\n    match: ["docs/**"]\n    reason: written by hand\n',
      '.vscode/settings.json': '{\n  // comment\n  "kiroAgent.commandDenylist": ["make"],\n}',
    },
  });
  assert.deepEqual(await effect(policy, { write: 'docs/a.md' }), {
    effect: 'deny',
    rule: 'no-docs',
    source: '.ambit/policy.yaml:2',
  });
  assert.equal((await effect(policy, { write: 'DOCS/a.md' })).effect, 'deny');
  assert.equal((await effect(policy, { write: 'src/a.md' })).effect, 'allow');
  assert.equal((await effect(policy, { command: 'make test' })).effect, 'deny');
});

test('a user allows what is asked, never what is denied, guarded or destructive', async (t) => {
  const policy = await load(t, { config: { 'policy.yaml': allowAll } });
  assert.equal((await effect(policy, { command: 'node x.js', mode: 'supervised' })).effect, 'allow');
  assert.equal((await effect(policy, { write: '.git/config' })).effect, 'deny');
  assert.equal((await effect(policy, { read: '.env' })).effect, 'deny');
  assert.equal((await effect(policy, { write: 'src/auth/login.ts' })).effect, 'ask');
  assert.equal((await effect(policy, { command: 'terraform destroy' })).effect, 'ask');
  assert.equal((await effect(policy, { write: '../x' })).effect, 'deny');
});

test("an organisation's denial stands over the user's permission", async (t) => {
  const policy = await load(t, {
    organisation: { 'policy.yaml': 'rules:\n  - {capability: shell, effect: deny, match: ["node *"]}\n' },
    config: { 'policy.yaml': 'rules:\n  - {capability: shell, effect: allow, match: ["node *"]}\n' },
  });
  assert.equal((await effect(policy, { command: 'node x.js' })).effect, 'deny');
});

const unreadable: [name: string, text: string, line: number][] = [
  ['not YAML', 'rules:\n  - capability: [\n', 3],
  [
    'unknown field',
    'rules:\n  - capability: all\n    effect: allow\n  - capability: shell\n    effect: deny\n    mach: [x]\n',
    4,
  ],
  ['unknown effect', 'rules:\n  - capability: all\n    effect: permit\n', 3],
  ['not a mapping', '- a\n- b\n', 1],
  ['a duplicate key', 'rules: []\nrules: []\n', 2],
];
for (const [name, text, line] of unreadable) {
  test(`a policy file that is ${name} denies everything, with its line`, async (t) => {
    for (const place of ['config', 'workspace', 'organisation'] as const) {
      const file = place === 'workspace' ? '.ambit/policy.yaml' : 'policy.yaml';
      const policy = await load(t, { [place]: { [file]: text } });
      const decided = await effect(policy, { write: 'a.txt' });
      assert.equal(decided.rule, 'policy.unreadable');
      assert.match(decided.source, new RegExp(`policy\\.yaml:${line}$`));
    }
  });
}

test('an empty or commented file says nothing', async (t) => {
  const policy = await load(t, { config: { 'policy.yaml': '# nothing yet\n' } });
  assert.equal((await effect(policy, { write: 'a.txt' })).effect, 'allow');
});

test("Kiro's user permissions count, unknown conditions drop what allows and keep what denies", async (t) => {
  const policy = await load(t, {
    home: {
      '.kiro/settings/permissions.yaml':
        'rules:\n  - {capability: shell, effect: allow, match: ["node a.js"]}\n  - {capability: shell, effect: allow, match: ["node b.js"], onlyIf: moon}\n  - {capability: telepathy, effect: deny, match: ["node c.js"]}\n',
    },
  });
  const run = (command: string) => effect(policy, { command, mode: 'supervised' });
  assert.equal((await run('node a.js')).effect, 'allow');
  assert.equal((await run('node b.js')).effect, 'ask');
  assert.equal((await run('node c.js')).effect, 'deny');
});

test('production names of the policy are refused outright', async (t) => {
  const policy = await load(t, { config: { 'policy.yaml': 'production: ["acme-live-*", "db.acme.example"]\n' } });
  assert.equal(
    (await effect(policy, { command: 'aws s3 rb s3://x --profile acme-live-1' })).rule,
    'destructive.production',
  );
  assert.equal((await effect(policy, { command: 'aws s3 rb s3://x --profile acme-test' })).effect, 'ask');
});

test("a project adds a stricter set, it does not replace the user's", async (t) => {
  const policy = await load(t, { workspace: { '.ambit/policy.yaml': 'extends: strict\n' } });
  assert.equal((await effect(policy, { command: 'node x.js' })).effect, 'ask');
  const free = await load(t, {
    config: { 'policy.yaml': 'extends: strict\n' },
    workspace: { '.ambit/policy.yaml': 'extends: default\n' },
  });
  assert.equal((await effect(free, { command: 'node x.js' })).effect, 'ask');
});

test('old tool settings of an agent narrow', async () => {
  const rules = await readAgentRules(
    JSON.stringify({
      allowedTools: ['*'],
      toolsSettings: {
        execute_bash: { deniedCommands: ['git push.*', '(a+)+b'], allowedCommands: ['npm .*'], denyByDefault: true },
        fs_write: { allowedPaths: ['src/**'], deniedPaths: ['src/gen/**'] },
      },
    }),
    'agent.json',
  );
  const policy = { ...shippedPolicy(catalog), rules: [...shippedPolicy(catalog).rules, ...rules.rules] };
  assert.equal((await effect(policy, { write: 'src/a.ts' })).effect, 'allow');
  assert.equal((await effect(policy, { write: 'src/gen/a.ts' })).effect, 'deny');
  assert.equal((await effect(policy, { write: 'lib/a.ts' })).effect, 'ask');
  // The second expression could take exponential time: the rule cannot be evaluated, so it denies.
  assert.equal((await effect(policy, { command: 'npm test' })).effect, 'deny');
});

test('a scope that names guarded ground grants it, a wide one does not', async () => {
  const { protections } = shippedPolicy(catalog);
  for (const glob of ['src/middleware/auth.ts', 'src/auth/**', 'supabase/migrations/*.sql', './infra/main.tf'])
    assert.equal(namesGuarded(glob, protections), true, glob);
  for (const glob of ['src/**', '**', '**/auth.ts', 'app/*/auth.ts', '{src,auth}/**'])
    assert.equal(namesGuarded(glob, protections), false, glob);
  const hash = 'a'.repeat(64);
  const grants = grantsFromScope(['src/**', 'src/auth/**'], { spec: 's', task: '1', hash }, protections);
  assert.deepEqual(
    grants.map(({ match, subject }) => [match, subject]),
    [[['src/auth/**'], { spec: 's', task: '1' }]],
  );
});

test('Cedar policies forbid, never allow, and one that cannot be read or evaluated forbids everything', async (t) => {
  const forbid =
    '@id("no-docs") forbid(principal, action == Action::"fs_write", resource) when { context.value like "docs/*" };\npermit(principal, action, resource);\n';
  const policy = await load(t, { organisation: { 'policy.cedar': forbid } });
  assert.match((await effect(policy, { write: 'docs/a.md' })).rule, /^cedar\./);
  assert.equal((await effect(policy, { write: 'src/a.ts' })).effect, 'allow');
  assert.equal((await effect(policy, { write: '.git/config' })).effect, 'deny');
  assert.equal((await effect(policy, { write: 'src/auth/a.ts' })).effect, 'ask');
  const unreadable = await load(t, { organisation: { 'policy.cedar': 'forbid(' } });
  assert.equal((await effect(unreadable, { write: 'src/a.ts' })).effect, 'deny');
  const failing = await load(t, {
    config: { 'policy.cedar': 'forbid(principal, action, resource) when { context.nothing == 1 };' },
  });
  assert.equal((await effect(failing, { write: 'src/a.ts' })).rule, 'cedar.failed');
});
