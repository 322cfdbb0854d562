// Inputs and oracles of the fuzz run and of its bounded share in continuous integration.
import type { Facts, Request, Rule } from '@ambit/core/policy-model';
import type { Effect } from '@ambit/core/schema';
import type { Resolved } from '@ambit/guard';
import { programName } from '@ambit/guard/commands';
import {
  createGuard,
  type DecisionCase,
  defaultAmbit,
  type LoadedPolicy,
  memoryView,
  readCases,
  shippedPolicy,
} from '@ambit/guard/policy';
import { readCatalogSources } from '../../test/support/catalog.ts';

export interface Violation {
  input: string;
  problem: string;
}

export type Random = () => number;

/** mulberry32: small, fast, the same on every machine. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Bytes 0 to 255 as one string, one character a byte. */
export function randomBytes(random: Random, length: number): string {
  let text = '';
  for (let i = 0; i < length; i += 1) text += String.fromCharCode(Math.floor(random() * 256));
  return text;
}

const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
const some = <T>(random: Random, list: readonly T[], most: number): T[] =>
  Array.from({ length: Math.floor(random() * (most + 1)) }, () => pick(random, list));

const splices = [
  '$(id)',
  '`id`',
  '; rm -rf ..',
  ' && ',
  '|',
  '"',
  "'",
  '\\',
  '\n',
  '> ../x',
  '>|',
  '<(',
  '${x}',
  ' # ',
  '~',
  '*',
  '{a,b}',
  '\u0000',
  '\u202e',
  '=',
  '&',
  '((',
  '<<E\n',
];
const patterns = ['**', 'src/**', '*.ts', 'SRC/**', '.git/**', 'a*', '*', '', '[', '{a,b}/*'];
const values = ['src/a.ts', 'Src/A.ts', '.git/config', '.GIT/config', 'npm test', 'x', '~/x'];

function randomRule(random: Random): Rule {
  const maybe = (share: number) => random() < share;
  return {
    id: pick(random, ['a', 'b']),
    scope: pick(random, ['built-in', 'organisation', 'user', 'project', 'agent', 'run', 'answer'] as const),
    source: 'fuzz',
    effect: pick(random, ['allow', 'ask', 'deny'] as const),
    capabilities: [pick(random, ['fs_read', 'fs_write', 'filesystem', 'shell', 'all'] as const)],
    ...(maybe(0.8) ? { match: some(random, patterns, 3) } : {}),
    ...(maybe(0.3) ? { exclude: some(random, patterns, 2) } : {}),
    ...(maybe(0.3) ? { classes: some(random, ['read', 'write', 'destructive'] as const, 2) } : {}),
    ...(maybe(0.3) ? { when: { confined: maybe(0.5), ...(maybe(0.3) ? { taint: ['web' as const] } : {}) } } : {}),
    ...(maybe(0.3) ? { unless: 'granted' as const } : {}),
    reason: 'fuzz',
    syntax: maybe(0.2) ? 'regex' : 'glob',
  };
}

type Judged = { effect: Effect; violation?: Violation };

const sinks = /^\/dev\/(null|stdout|stderr|tty)$/;

/** What must never be allowed, told from what was resolved and not from the rules. */
function oracle(resolved: Resolved, programs: ReadonlyMap<string, unknown>): string | undefined {
  if (resolved.kind !== 'execute') return undefined;
  const strange = resolved.commands.find(
    ({ argv: [name] }) => name !== undefined && !name.includes('/') && !programs.has(programName(name)),
  );
  if (strange) return `allowed a program nobody knows, \`${strange.argv[0]}\``;
  const paths = resolved.commands.flatMap(({ writes }) => writes);
  const outside = paths.some((path) => path.relative === undefined && !path.private && !sinks.test(path.absolute));
  return outside ? 'allowed a write outside' : undefined;
}

function createJudge(policy: LoadedPolicy) {
  const { view, text } = memoryView({ 'package.json': '{"scripts":{"test":"node --test"}}', 'src/a.ts': '' });
  const guard = createGuard({
    run,
    ambit: defaultAmbit('chat'),
    policy,
    workspace: '/workspace',
    view,
    readText: async (path) => text(path.relative ?? ''),
    mode: 'autopilot',
    confined: true,
    home: '/home/user',
    path: '',
    audit: { record: () => Promise.reject(new Error('a fuzz run records nothing')) },
    redact: (value) => ({ text: value, redactions: 0 }),
  });
  return async (command: string): Promise<Judged> => {
    const { decision, resolved } = await guard.judge({ id: 'a', run, labels: [], kind: 'execute', command });
    const { effect } = decision;
    const problem = effect === 'allow' && resolved ? oracle(resolved, policy.knowledge.programs) : undefined;
    return { effect, ...(problem ? { violation: { input: command, problem } } : {}) };
  };
}

function mutate(line: string, random: Random): string {
  const at = Math.floor(random() * (line.length + 1));
  const how = random();
  if (how < 0.6) return line.slice(0, at) + pick(random, splices) + line.slice(at);
  if (how < 0.8) return line.slice(0, at) + line.slice(at + 1 + Math.floor(random() * 4));
  return line.slice(at) + pick(random, [' ', ';', '|', '&&']) + line.slice(0, at);
}

function randomSet(random: Random): { rules: Rule[]; request: Request; facts: Facts } {
  const grant = () => ({
    id: 'g',
    capability: 'all' as const,
    match: some(random, patterns, 2),
    source: 'fuzz',
    fresh: random() < 0.5,
  });
  return {
    rules: Array.from({ length: Math.floor(random() * 8) }, () => randomRule(random)),
    request: {
      capability: pick(random, ['fs_read', 'fs_write', 'shell'] as const),
      value: pick(random, values),
      classes: some(random, ['read', 'write', 'destructive'] as const, 2),
    },
    facts: {
      run,
      labels: some(random, ['web', 'repository'] as const, 2),
      interactive: random() < 0.5,
      mode: random() < 0.5 ? 'autopilot' : 'supervised',
      confined: random() < 0.5,
      grants: random() < 0.3 ? [grant()] : [],
      hashes: [],
    },
  };
}

const run = { id: 'fuzz', kind: 'chat' as const, depth: 0 };

/** A fuzzer over the shipped policy and its decision cases. */
export async function createFuzz(seed: number) {
  const catalog = await readCatalogSources('policies');
  const lines = catalog
    .filter(({ file }) => file.startsWith('policies/cases/'))
    .flatMap((source) => readCases(source).cases)
    .map((one: DecisionCase) => one.command)
    .filter((line) => line !== undefined);
  const random = seeded(seed);
  const judge = createJudge(shippedPolicy(catalog));
  return {
    random,
    /** Decides one line; a throw is a violation. */
    decideLine: async (command: string): Promise<Judged> => {
      try {
        return await judge(command);
      } catch (error) {
        const problem = `threw ${error instanceof Error ? error.message : String(error)}`;
        return { effect: 'deny', violation: { input: command, problem } };
      }
    },
    /** A real line with pieces spliced in, cut or swapped. */
    mutatedLine: (): string => {
      let line = pick(random, lines);
      for (let i = 0; i < 1 + random() * 3; i += 1) line = mutate(line, random);
      return line;
    },
    ruleSet: () => randomSet(random),
  };
}
