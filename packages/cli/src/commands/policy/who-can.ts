import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AmbitError } from '@ambit/core/errors';
import type { NamedGrant } from '@ambit/core/policy-model';
import { pathMatcher } from '@ambit/core/policy-model';
import type { Ambit, Effect, RunKind, RunRef } from '@ambit/core/schema';
import { parseTasks } from '@ambit/core/spec';
import { createGuard, defaultAmbit, grantsFromScope } from '@ambit/guard/policy';
import { diskView } from '@ambit/guard/resolve';
import { exitCode, type Io } from '../../command.ts';
import { listFiles } from '../../files.ts';
import { typedAction } from './action.ts';
import { type PolicyPlace, policyPlace } from './place.ts';

/** A run that could want the action. */
interface Subject {
  name: string;
  kind: RunKind;
  run: Partial<RunRef>;
  ambit: Ambit;
  grants?: NamedGrant[];
  hash?: string;
}

interface Answer {
  name: string;
  effect: Effect;
  rule: string;
  reason: string;
}

/** Files a question about a glob is decided on, at most. */
const filesMax = 200;

async function tasksOf(place: PolicyPlace): Promise<Subject[]> {
  const folder = join(place.workspace, '.kiro/specs');
  const found = await readdir(folder, { recursive: true }).catch(() => []);
  const subjects: Subject[] = [];
  for (const name of found.filter((one) => one.endsWith('tasks.md')).sort()) {
    const text = await readFile(join(folder, name), 'utf8').catch(() => '');
    const spec = name.replace(/[\\/]?tasks\.md$/, '');
    for (const task of parseTasks(text).tasks) {
      const write = task.scope.map((slot) => slot.text);
      if (write.length === 0) continue;
      const grants = grantsFromScope(write, { spec, task: task.id, hash: '0'.repeat(64) }, place.policy.protections);
      const named = `task ${spec} ${task.id} (${write.join(', ')}), once approved`;
      subjects.push({
        name: named,
        kind: 'task',
        run: { spec, task: task.id },
        ambit: { ...defaultAmbit('task'), write },
        grants,
        hash: '0'.repeat(64),
      });
    }
  }
  return subjects;
}

async function hooksOf(io: Io): Promise<Subject[]> {
  const { findHooks } = await import('../hooks/found.ts');
  const { scopeOf } = await import('@ambit/engine/hooks');
  const found = await findHooks(io);
  const all = found.hooks.map(({ hook }) => hook);
  return all.map((hook) => {
    const { write, commands, hosts } = scopeOf(hook, all, found.grants);
    const ambit = { ...defaultAmbit('hook'), write: [...write], commands: [...commands], hosts: [...hosts] };
    return { name: `hook ${hook.id}`, kind: 'hook', run: { hook: hook.id }, ambit };
  });
}

const general: Subject[] = (['chat', 'agent', 'foreign'] as const).map((kind) => ({
  name: kind,
  kind,
  run: {},
  ambit: defaultAmbit(kind),
}));

/** The most permissive answer over the files a question covers: who can at all. */
async function ask(
  subject: Subject,
  words: readonly string[],
  objects: readonly string[],
  place: PolicyPlace,
): Promise<Answer> {
  const run: RunRef = { id: 'who-can', depth: 0, ...subject.run, kind: subject.kind };
  const guard = createGuard({
    run,
    ambit: subject.ambit,
    policy: place.policy,
    workspace: place.workspace,
    view: diskView(),
    readText: async (path) => readFile(path.absolute, 'utf8').catch(() => undefined),
    mode: 'autopilot',
    confined: true,
    home: place.home,
    path: place.path,
    ...(subject.grants ? { grants: subject.grants, hashes: [subject.hash ?? ''] } : {}),
    audit: { record: () => Promise.reject(new Error('a question records nothing')) },
    redact: (text) => ({ text, redactions: 0 }),
  });
  const order: Effect[] = ['allow', 'ask', 'deny'];
  const answers: Answer[] = [];
  for (const object of objects) {
    const { decision } = await guard.judge(typedAction([words[0] ?? '', object], run, []));
    answers.push({
      name: subject.name,
      effect: decision.effect,
      rule: decision.because.rule,
      reason: decision.because.reason,
    });
  }
  return (
    answers.sort((a, b) => order.indexOf(a.effect) - order.indexOf(b.effect))[0] ?? {
      name: subject.name,
      effect: 'deny',
      rule: 'none',
      reason: 'nothing was asked',
    }
  );
}

/** A glob stands for the files it matches now and for a new one in its folder. */
async function objectsOf(verb: string, object: string, place: PolicyPlace): Promise<string[]> {
  if (!['write', 'read', 'delete'].includes(verb) || !/[*?[\]{}]/.test(object)) return [object];
  const matches = pathMatcher(object);
  const files = (await listFiles(place.workspace)).filter(matches).slice(0, filesMax);
  const folder = object
    .split('/')
    .slice(
      0,
      object.split('/').findIndex((segment) => /[*?[\]{}]/.test(segment)),
    )
    .join('/');
  const fresh = folder === '' ? 'new-file' : `${folder}/new-file`;
  return matches(fresh) ? [...files, fresh] : files;
}

/** Answers which runs may do something, and by which rule. */
export async function whoCan(words: readonly string[], json: boolean, io: Io): Promise<number> {
  const place = await policyPlace(io);
  const object = words.slice(1).join(' ');
  if (object === '')
    throw new AmbitError('usage', 'name what somebody could want to do', {
      hint: 'for example: ambit policy who-can write src/auth/**   (or: read, delete, run, fetch, mcp)',
    });
  const objects = await objectsOf(words[0] ?? '', object, place);
  if (objects.length === 0)
    throw new AmbitError('input.missing', `nothing here matches \`${object}\``, {
      hint: 'name an action, for example: write src/auth/**',
    });
  const subjects = [...general, ...(await tasksOf(place)), ...(await hooksOf(io))];
  const answers: Answer[] = [];
  for (const subject of subjects) answers.push(await ask(subject, words, objects, place));
  if (json) io.out(`${JSON.stringify({ version: 1, answers })}\n`);
  else
    for (const { name, effect, rule, reason } of answers)
      io.out(`${effect.padEnd(5)}  ${name}  (${rule}: ${reason})\n`);
  return exitCode.done;
}
