// The audit of hooks through the command line: the three questions are answered by the policy point, each finding is shown on
// a hook that deserves it and stays away from one that does not, and looking starts nothing.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type HookAudit, parseHookFile } from '@ambit/engine/hooks';
import { stringify } from 'yaml';
import { type HookStage, makeHookStage } from '../support/hook-stage.ts';

const project = {
  'src/app.ts': 'export const app = 1;\n',
  'src/middleware/auth.ts': 'export const auth = () => undefined;\n',
  'docs/app.md': '# App\n',
  'package.json': '{"name":"shop","scripts":{"lint":"eslint ."}}\n',
};

type Entry = Record<string, unknown>;
const command = (line: string, more: Entry = {}): Entry => ({
  name: 'h',
  trigger: 'PostFileSave',
  matcher: '^src/.*\\.ts$',
  action: { type: 'command', command: line },
  ...more,
});
const agent = (prompt: string, more: Entry = {}): Entry => ({
  name: 'h',
  trigger: 'PostFileSave',
  matcher: '^src/.*\\.ts$',
  action: { type: 'agent', prompt },
  ...more,
});

const fileOf = (entry: Entry) => JSON.stringify({ version: 'v1', hooks: [entry] });
const path = '.kiro/hooks/h.json';

async function audited(
  t: TestContext,
  entry: Entry,
  grant?: Entry,
): Promise<{ audit: HookAudit; code: number | null; stage: HookStage }> {
  const text = fileOf(entry);
  const hash = parseHookFile(path, text).hooks[0]?.hash;
  const policy = grant ? { '.ambit/policy.yaml': stringify({ hooks: [{ name: 'h', hash, ...grant }] }) } : {};
  const stage = makeHookStage({ ...project, [path]: text, ...policy });
  t.after(stage.close);
  await stage.acceptAll();
  const { code, out, err } = await stage.run(['hooks', 'check', '--json']);
  const [audit] = (JSON.parse(out) as { audits: HookAudit[] }).audits;
  assert.ok(audit, err);
  return { audit, code, stage };
}

const rulesOf = (audit: HookAudit) => audit.findings.map(({ rule }) => rule).sort();

/** [what, hook, grant, findings, risk] */
const cases: [name: string, entry: Entry, grant: Entry | undefined, rules: string[], risk: string][] = [
  ['a linter', command('npm run lint'), undefined, [], 'low'],
  ['an agent that reports', agent('Say what could be simpler.'), undefined, [], 'low'],
  ['an agent that may write docs', agent('Update the docs.'), { write: ['docs/**'] }, [], 'medium'],
  [
    'a push at the end of each save',
    command('git add -A && git push origin main'),
    undefined,
    ['hook.outward-command'],
    'high',
  ],
  ['a commit stays on the machine', command('git commit -m wip'), undefined, [], 'low'],
  ['a deployment', command('terraform apply -auto-approve'), undefined, ['hook.outward-command'], 'high'],
  ['a package', command('npm install left-pad'), undefined, ['hook.installs-packages'], 'high'],
  ['a substitution that reads secrets', command('echo $(cat .env)'), undefined, ['hook.own-command-refused'], 'low'],
  ['a substitution that reads the project', command('echo $(git rev-parse HEAD)'), undefined, [], 'low'],
  [
    'a program that only the shell will know',
    command('"$TOOL" --fix'),
    undefined,
    ['hook.undecidable-command'],
    'medium',
  ],
  ['another folder', command('cat /etc/passwd ../other/x'), undefined, ['hook.own-command-refused'], 'low'],
  ['hidden text', agent(`Be kind.${String.fromCodePoint(0xe0041, 0xe0042)}`), undefined, ['hook.hidden-text'], 'high'],
  ['every file', agent('Look.', { matcher: '.*' }), undefined, ['hook.wide-matcher'], 'low'],
  ['write everything', agent('Improve it.'), { write: ['**'] }, ['hook.write-everything'], 'high'],
  ['lands unseen', agent('Update.'), { write: ['docs/**'], land: 'apply' }, ['hook.auto-apply'], 'medium'],
  ['feeds itself', agent('Update.'), { write: ['docs/**'], onHookWrites: true }, ['hook.feeds-itself'], 'medium'],
  ['sends what it reads', agent('Report.'), { hosts: ['example.com'] }, ['hook.untrusted-to-network'], 'high'],
  [
    'a grant for another content',
    agent('Update.'),
    { hash: 'a'.repeat(64), write: ['docs/**'] },
    ['hook.changed-since-grant'],
    'medium',
  ],
];

for (const [name, entry, grant, rules, risk] of cases) {
  test(`audit of a hook: ${name}`, async (t) => {
    const { audit, code } = await audited(t, entry, grant);
    assert.deepEqual(rulesOf(audit), rules);
    assert.equal(audit.risk, risk);
    assert.equal(code, risk === 'high' ? 1 : 0);
    assert.equal(audit.runs, true);
  });
}

test('the answers are the policy point’s: a grant for everything leaves guarded files out of its reach unflagged', async (t) => {
  const { audit } = await audited(t, agent('Improve it.'), { write: ['src/**', '.kiro/**'] });
  assert.ok(audit.writes.examples.includes('src/app.ts'));
  assert.ok(!audit.writes.examples.includes('src/middleware/auth.ts'));
  assert.ok(!audit.writes.examples.some((file) => file.startsWith('.kiro/')));
  assert.ok(audit.writes.refused.some(({ path: file }) => file === 'src/middleware/auth.ts'));
  assert.deepEqual(audit.fires, { count: 2, examples: ['src/app.ts', 'src/middleware/auth.ts'] });
  const ways = audit.untrusted.map(({ what }) => what);
  assert.deepEqual(ways, ['file names', 'file contents']);
});

test('a matcher that never ends is a finding, not a hang', async (t) => {
  const text = fileOf(agent('Look.', { matcher: '^(a|a)*$' }));
  const stage = makeHookStage({ ...project, [path]: text, [`${'a'.repeat(60)}b`]: '' });
  t.after(stage.close);
  const { out } = await stage.run(['hooks', 'check', '--json']);
  const [audit] = (JSON.parse(out) as { audits: HookAudit[] }).audits;
  assert.deepEqual(audit && rulesOf(audit), ['hook.slow-matcher']);
  assert.equal(audit?.rests, 'not accepted; see: ambit trust diff');
});

test('looking starts nothing of a hook, accepted or not', async (t) => {
  const { audit, stage } = await audited(t, command('touch src/ran'));
  assert.deepEqual(
    audit.own.map(({ command: line }) => line),
    ['touch src/ran'],
  );
  await stage.run(['hooks', 'list']);
  assert.equal(stage.text('src/ran'), undefined);
});

test('SARIF points at the hook’s file', async (t) => {
  const { stage } = await audited(t, command('git push'));
  const { out } = await stage.run(['hooks', 'check', '--sarif']);
  const log = JSON.parse(out);
  const [result] = log.runs[0].results;
  assert.equal(result.ruleId, 'hook.outward-command');
  assert.equal(result.locations[0].physicalLocation.artifactLocation.uri, path);
});
