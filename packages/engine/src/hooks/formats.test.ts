import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type HookEvent, hookInput, matchHooks, migrateHooks, parseHookFile, type Trigger, triggers } from './index.ts';

const v1 = (hook: object) => JSON.stringify({ version: 'v1', hooks: [hook] });
const command = { type: 'command', command: 'true' };
const one = (file: string, text: string) => {
  const { hooks, problems } = parseHookFile(file, text);
  assert.deepEqual(problems, []);
  assert.equal(hooks.length, 1);
  return hooks[0]!;
};

const samples: Record<Trigger, Partial<HookEvent>> = {
  SessionStart: {},
  SessionEnd: {},
  UserPromptSubmit: { prompt: 'add a test' },
  PreToolUse: { tool: { name: 'write', input: { path: 'a.ts' } } },
  PostToolUse: { tool: { name: 'write', input: { path: 'a.ts' }, response: 'done' } },
  PreTaskExec: { task: { spec: 'login', id: '1.1', title: 'Create' } },
  PostTaskExec: { task: { spec: 'login', id: '1.1', title: 'Create', status: 'completed' } },
  PostFileCreate: { path: 'src/a.ts' },
  PostFileSave: { path: 'src/a.ts' },
  PostFileDelete: { path: 'src/a.ts' },
  Stop: {},
  Manual: {},
};
const event = (trigger: Trigger): HookEvent => ({ trigger, origin: 'human', depth: 0, ...samples[trigger] });
const expected: Partial<Record<Trigger, object>> = {
  UserPromptSubmit: { prompt: 'add a test' },
  PreToolUse: { tool_name: 'write', tool_input: { path: 'a.ts' } },
  PostToolUse: { tool_name: 'write', tool_input: { path: 'a.ts' }, tool_response: 'done' },
  PreTaskExec: { spec: 'login', task_id: '1.1', task_title: 'Create' },
  PostTaskExec: { spec: 'login', task_id: '1.1', task_title: 'Create', task_status: 'completed' },
  PostFileCreate: { file_path: 'src/a.ts' },
  PostFileSave: { file_path: 'src/a.ts' },
  PostFileDelete: { file_path: 'src/a.ts' },
};

for (const [trigger, row] of Object.entries(triggers) as [Trigger, (typeof triggers)[Trigger]][]) {
  const forms: [string, string, string][] = [
    [trigger, '.kiro/hooks/x.json', v1({ name: 'x', trigger, action: command })],
    ...(row.legacy
      ? ([
          [
            row.legacy,
            '.kiro/hooks/x.kiro.hook',
            JSON.stringify({
              name: 'x',
              version: '1',
              when: { type: row.legacy },
              then: { type: 'runCommand', command: 'true' },
            }),
          ],
        ] as [string, string, string][])
      : []),
    ...(row.agent
      ? ([
          [
            row.agent,
            '.kiro/agents/x.json',
            JSON.stringify({ name: 'x', hooks: { [row.agent]: [{ command: 'true' }] } }),
          ],
        ] as [string, string, string][])
      : []),
  ];
  for (const [name, file, text] of forms) {
    test(`${name} in ${file} fires on its event alone, with its standard input`, () => {
      const hook = one(file, text);
      assert.deepEqual(matchHooks([hook], event(trigger)), [hook]);
      for (const other of Object.keys(triggers) as Trigger[])
        if (other !== trigger) assert.deepEqual(matchHooks([hook], event(other)), []);
      const { stdin, env } = hookInput(hook, event(trigger), '/ws', 's1');
      assert.deepEqual(JSON.parse(stdin), {
        hook_event_name: name,
        cwd: '/ws',
        session_id: 's1',
        ...expected[trigger],
        origin: 'human',
        depth: 0,
      });
      assert.equal(env['USER_PROMPT'], name === 'promptSubmit' ? 'add a test' : undefined);
    });
  }
}

const pseudo: [string, string, string][] = [
  ['.kiro/hooks/a.json', '{"name":"x","trigger":{"type":"manual"}}', 'has no `version`'],
  ['.kiro/hooks/hooks.yaml', 'hooks: []', 'YAML'],
  [
    '.kiro/hooks/a.kiro.hook',
    '{"name":"x","when":{"type":"fileSave"},"then":{"type":"askAgent","prompt":"p"}}',
    'there is no trigger `fileSave`',
  ],
  [
    '.kiro/hooks/a.kiro.hook',
    '{"name":"x","when":{"type":"fileEdited"},"then":{"type":"deploy"}}',
    'there is no action `deploy`',
  ],
  ['.kiro/hooks/a.json', v1({ name: 'x', trigger: 'OnSave', action: command }), 'there is no trigger'],
  [
    '.kiro/hooks/a.json',
    v1({ name: 'x', trigger: 'PostFileSave', matcher: '**/*.ts', action: command }),
    'not a regular expression',
  ],
  [
    '.kiro/hooks/a.json',
    v1({ name: 'x', trigger: 'PostFileSave', action: command, confirm: { question: 'ok?' } }),
    'only for Stop',
  ],
  ['.kiro/hooks/a.json', '{"version":"v1","hooks":{}}', 'not a list'],
  ['.kiro/hooks/a.json', '{', 'not valid JSON'],
  ['.kiro/agents/a.json', '{"hooks":{"onSave":[{"command":"x"}]}}', 'there is no trigger'],
];
for (const [file, text, message] of pseudo) {
  test(`reported, never guessed: ${text}`, () => {
    const { hooks, problems } = parseHookFile(file, text);
    assert.deepEqual(hooks, []);
    assert.match(problems[0]?.message ?? '', new RegExp(message.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')));
  });
}

test('one wrong entry does not take the others with it; a name is taken once', () => {
  const text = JSON.stringify({
    version: 'v1',
    hooks: [
      { name: 'a', trigger: 'Stop', action: command },
      { name: 'b' },
      { name: 'a', trigger: 'Stop', action: command },
    ],
  });
  const { hooks, problems } = parseHookFile('.kiro/hooks/x.json', text);
  assert.deepEqual([hooks.length, problems.length], [1, 2]);
});

const save = (path: string): HookEvent => ({ trigger: 'PostFileSave', origin: 'human', depth: 0, path });
const legacySave = (patterns: string[]) =>
  one(
    '.kiro/hooks/x.kiro.hook',
    JSON.stringify({
      name: 'x',
      extra: 1,
      when: { type: 'fileEdited', patterns },
      then: { type: 'askAgent', prompt: 'p' },
    }),
  );

test('globs, regular expressions and tool names match what they mean', () => {
  const hits = (patterns: string[], path: string) => matchHooks([legacySave(patterns)], save(path)).length === 1;
  assert.ok(hits(['*.ts'], 'src/deep/a.ts') && !hits(['*.ts'], 'a.tsx'));
  assert.ok(
    hits(['src/**/*.{ts,tsx}', '!**/*.test.ts'], 'src/a.tsx') &&
      !hits(['src/**/*.ts', '!**/*.test.ts'], 'src/a.test.ts'),
  );
  const tool = (toolTypes: string[], name: string, server?: string) =>
    matchHooks(
      [
        one(
          '.kiro/hooks/x.kiro.hook',
          JSON.stringify({ when: { type: 'preToolUse', toolTypes }, then: { type: 'askAgent', prompt: 'p' } }),
        ),
      ],
      { trigger: 'PreToolUse', origin: 'agent', depth: 0, tool: { name, input: {}, ...(server ? { server } : {}) } },
    ).length === 1;
  assert.ok(tool(['write'], 'edit') && !tool(['write'], 'read') && tool(['shell'], 'bash') && tool(['*'], 'read'));
  assert.ok(tool(['.*sql.*'], 'run_sql', 'db') && !tool(['.*sql.*'], 'list', 'docs') && tool(['fs_*'], 'write'));
});

test('a matcher may ask for a tool’s argument, and means nothing else by it', () => {
  const tool = (name: string, input: Record<string, unknown>, server?: string): HookEvent => ({
    ...event('PreToolUse'),
    tool: { name, input, ...(server ? { server } : {}) },
  });
  const cases: [file: string, matcher: string, event: HookEvent, fires: boolean][] = [
    ['v1', 'write\\(src/.*\\)', tool('write', { path: 'src/a.ts' }), true],
    ['v1', 'write\\(src/.*\\)', tool('write', { path: 'docs/a.md' }), false],
    ['v1', 'shell\\(git push', tool('bash', { command: 'git push origin' }), true],
    ['v1', 'shell\\(git push', tool('bash', { command: 'git status' }), false],
    ['v1', 'read', tool('write', { path: 'docs/read.md' }), false],
    ['v1', '^@db/', tool('query', { sql: 'x' }, 'db'), true],
    ['v1', '^@db/', tool('query', { sql: 'x' }, 'other'), false],
    ['legacy', 'write(src/**)', tool('edit', { path: 'src/deep/a.ts' }), true],
    ['legacy', 'write(src/**)', tool('edit', { path: 'test/a.ts' }), false],
    ['legacy', 'shell(rm *)', tool('bash', { command: 'rm -rf a/b' }), true],
    ['legacy', 'shell(rm *)', tool('bash', { command: 'npm test' }), false],
  ];
  for (const [format, matcher, happened, fires] of cases) {
    const hook =
      format === 'v1'
        ? one('.kiro/hooks/x.json', v1({ name: 'x', trigger: 'PreToolUse', matcher, action: command }))
        : one(
            '.kiro/hooks/x.kiro.hook',
            JSON.stringify({
              name: 'x',
              when: { type: 'preToolUse', toolTypes: [matcher] },
              then: { type: 'runCommand', command: 'true' },
            }),
          );
    assert.equal(matchHooks([hook], happened).length, fires ? 1 : 0, `${matcher} on ${JSON.stringify(happened.tool)}`);
  }
});

test('a hook does not fire on a hook’s writes, nor beyond the depth limit, unless granted', () => {
  const hook = legacySave(['**/*']);
  const own = { ...save('a.ts'), origin: `hook:${hook.id}`, depth: 1 };
  assert.deepEqual(matchHooks([hook], own), []);
  assert.deepEqual(matchHooks([hook], own, { onHookWrites: new Set([hook.id]) }), [hook]);
  assert.deepEqual(matchHooks([hook], { ...own, depth: 3 }, { onHookWrites: new Set([hook.id]) }), []);
  assert.deepEqual(matchHooks([{ ...hook, enabled: false }], save('a.ts')), []);
});

test('migration keeps meaning and unknown keys; what it cannot carry over it names', () => {
  const globs = [
    ['*.ts'],
    ['**/*.{js,tsx}'],
    ['src/**'],
    ['src/**/*.ts', '!**/*.test.ts'],
    ['locales/en/*.json', 'messages/en.json'],
  ];
  for (const patterns of globs) {
    const hook = legacySave(patterns);
    const { entries, problems } = migrateHooks([hook]);
    assert.deepEqual(problems, []);
    assert.equal(entries[0]?.['extra'], 1);
    const again = one('.kiro/hooks/y.json', JSON.stringify({ version: 'v1', hooks: entries }));
    for (const path of [
      'a.ts',
      'src/a.ts',
      'src/x/a.test.ts',
      'a.tsx',
      'src/b.js',
      'locales/en/a.json',
      'locales/de/a.json',
      'messages/en.json',
    ])
      assert.equal(
        matchHooks([again], save(path)).length,
        matchHooks([hook], save(path)).length,
        `${patterns} on ${path}`,
      );
  }
  const manual = one(
    '.kiro/hooks/m.kiro.hook',
    JSON.stringify({ name: 'm', when: { type: 'userTriggered' }, then: { type: 'askAgent', prompt: 'do it' } }),
  );
  assert.match(migrateHooks([manual]).steering[0]?.text ?? '', /^---\ninclusion: manual\n---\ndo it\n$/);
});

test('a changed action changes the hash that grants name; a changed description does not', () => {
  const hash = (more: object) =>
    one('.kiro/hooks/x.json', v1({ name: 'x', trigger: 'Stop', action: command, ...more })).hash;
  assert.equal(hash({ description: 'new words' }), hash({}));
  assert.notEqual(hash({ action: { type: 'command', command: 'false' } }), hash({}));
  assert.notEqual(hash({ trigger: 'SessionStart' }), hash({}));
});

const corpus = join(import.meta.dirname, '../../../../../shared/corpus');
test('every hook file of the corpus loads and migrates', {
  skip: existsSync(corpus) ? false : 'no corpus beside the project',
}, () => {
  const files = readdirSync(corpus, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.kiro\/hooks\/[^/]+\.(json|hook)$/.test(name),
  );
  assert.ok(files.length > 0);
  for (const name of files) {
    const { hooks, problems } = parseHookFile(name, readFileSync(join(corpus, name), 'utf8'));
    assert.deepEqual(problems, [], name);
    const migration = migrateHooks(hooks);
    assert.deepEqual(migration.problems, [], name);
    const printed = JSON.stringify({ version: 'v1', hooks: migration.entries });
    assert.equal(parseHookFile('.kiro/hooks/x.json', printed).hooks.length, migration.entries.length, name);
  }
});
