import { textMatcher } from '@ambit/core/policy-model';
import type { EffectClass } from '@ambit/core/schema';
import { type Arguments, readArguments } from './arguments.ts';
import type { Knowledge, Meaning, Operands, Program, Shape } from './knowledge.ts';
import { parseLine } from './parse.ts';

/** What one command with known words would do, paths not yet resolved. */
export interface Analysis {
  classes: Set<EffectClass>;
  reads: string[];
  writes: string[];
  hosts: string[];
  /** Working directories it changes to for itself (`git -C`, `make -C`). */
  folders: string[];
  /** Commands inside it: of wrappers, `-exec`, `-c`, package scripts. */
  nested: { argv: string[]; fromRepository?: boolean }[];
  /** Names of package.json scripts it starts. */
  scripts: string[];
  /** Shell script files it starts. */
  scriptFiles: string[];
  /** Why it cannot be followed. */
  unparsed?: string;
}

const empty = (): Analysis => ({
  classes: new Set(),
  reads: [],
  writes: [],
  hosts: [],
  folders: [],
  nested: [],
  scripts: [],
  scriptFiles: [],
});

/** Name of a program as written: `/usr/bin/git` and `git.exe` are `git`. */
export function programName(word: string): string {
  return (word.split('/').at(-1) ?? word).replace(/\.(exe|cmd|bat|com)$/i, '');
}

/** Analyses one command by what the catalogue knows of its program. Pure. */
export function analyze(argv: readonly string[], knowledge: Knowledge): Analysis {
  const out = empty();
  const [name = '', ...words] = argv;
  const program = knowledge.programs.get(programName(name));
  if (!program) {
    out.classes.add('unknown');
    // Words that look like paths are taken as read, so that outside and secret paths are seen.
    out.reads.push(...words.filter((word) => /^(\.{0,2}\/|~|\.\.)/.test(word)));
    if (name.includes('/')) out.reads.push(name);
    return out;
  }
  if (name.includes('/')) out.reads.push(name);
  const { shape, rest } = selectAction(program, words);
  for (const one of shape.classes) out.classes.add(one);
  const found = readArguments(rest, shape);
  applyOptions(found, out);
  applyOperands(found, shape, out);
  return out;
}

/** The action a program's words select: the longest names first, then those whose `with` words are all there. */
function selectAction(program: Program, words: readonly string[]): { shape: Shape; rest: string[] } {
  const base: Shape = program;
  if (!program.actions) return { shape: base, rest: [...words] };
  const { operands } = readArguments(words, { ...base, runs: undefined });
  const fitting = program.actions
    .filter((action) => action.names.some((name) => startsWith(operands, name)) || action.names.length === 0)
    .filter((action) => action.with?.every((pattern) => words.some(textMatcher(pattern))) ?? true)
    .map((action) => ({ action, length: longest(action.names, operands) }))
    .sort((a, b) => b.length - a.length || Number(b.action.with !== undefined) - Number(a.action.with !== undefined));
  const chosen = fitting[0];
  if (!chosen) return { shape: base, rest: [...words] };
  const rest = [...words];
  for (const operand of operands.slice(0, chosen.length)) rest.splice(rest.indexOf(operand), 1);
  return {
    shape: { ...chosen.action, options: [...(chosen.action.options ?? []), ...(base.options ?? [])] },
    rest,
  };
}

const startsWith = (operands: readonly string[], name: string) =>
  name.split(' ').every((word, i) => textMatcher(word)(operands[i] ?? ''));

function longest(names: readonly string[], operands: readonly string[]): number {
  return Math.max(0, ...names.filter((name) => startsWith(operands, name)).map((name) => name.split(' ').length));
}

function applyOptions(found: Arguments, out: Analysis): void {
  for (const { option, value } of found.found) {
    for (const one of option.classes ?? []) out.classes.add(one);
    if (option.takes && value !== undefined) applyValue(option.takes, value, out, option.harmless);
  }
  for (const command of found.commands) out.nested.push({ argv: command });
}

function applyValue(takes: Meaning, value: string, out: Analysis, harmless?: readonly string[]): void {
  if (takes === 'read') out.reads.push(value.replace(/^@/, ''));
  if (takes === 'write') out.writes.push(value);
  if (takes === 'folder') out.folders.push(value);
  if (takes === 'host') addHost(value, out);
  if (takes === 'code' || takes === 'program') out.classes.add('unknown');
  if (takes === 'shell') addShell(value, out);
  if (takes === 'setting' && !harmless?.some((pattern) => textMatcher(pattern)(value))) out.classes.add('unknown');
}

function addShell(line: string, out: Analysis): void {
  const parsed = parseLine(line);
  if ('unparsed' in parsed) {
    out.unparsed = parsed.unparsed;
    return;
  }
  for (const command of parsed.commands) {
    if (command.argv.length > 0) out.nested.push({ argv: command.argv });
    for (const { access, target } of command.redirects) {
      if (target === undefined) continue;
      if (access !== 'write') out.reads.push(target);
      if (access !== 'read') out.writes.push(target);
    }
    if (command.assignments.length > 0) out.classes.add('unknown');
  }
}

/** Host of a URL, `user@host:path`, `host:port` or bare name; nothing for options and plain files. */
export function hostOf(word: string): string | undefined {
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(word) ? word : `http://${word.replace(/^[^@/]*@/, '')}`);
    if (/\u0000|%00/.test(word)) return undefined;
    return url.hostname.toLowerCase().replace(/\.$/, '') || undefined;
  } catch {
    const scp = /^(?:[^@/:]+@)?([\w.-]+):/.exec(word);
    return scp?.[1]?.toLowerCase();
  }
}

function addHost(word: string, out: Analysis): void {
  const host = hostOf(word);
  if (host) out.hosts.push(host);
  out.classes.add('network');
}

function applyOperands(found: Arguments, shape: Shape, out: Analysis): void {
  const { operands } = found;
  if (shape.runs) {
    const argv = skipAssignments(operands.slice(shape.runs.skip ?? 0), shape.operands === 'assignments', out);
    if (shape.runs.unknownArguments) out.classes.add('unknown');
    if (argv.length > 0) out.nested.push({ argv });
    return;
  }
  if (shape.packageScript) {
    const script = shape.packageScript.name ?? operands[0];
    if (script !== undefined) out.scripts.push(script);
    return;
  }
  const changed = found.found.findLast(({ option }) => option.operands)?.option.operands;
  meanOperands(changed ?? shape.operands ?? 'text', operands, out);
}

function skipAssignments(words: readonly string[], allowed: boolean, out: Analysis): string[] {
  if (!allowed) return [...words];
  const first = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  if (first !== 0) out.classes.add('unknown');
  return first < 0 ? [] : words.slice(first);
}

function meanOperands(how: Operands, operands: readonly string[], out: Analysis): void {
  const last = operands.at(-1);
  switch (how) {
    case 'read':
    case 'any':
      out.reads.push(...operands);
      return;
    case 'write':
      out.writes.push(...operands);
      return;
    case 'pattern':
      out.reads.push(...operands.slice(1));
      return;
    case 'copy':
      out.reads.push(...operands.slice(0, -1));
      if (last !== undefined) out.writes.push(last);
      return;
    case 'move':
      out.writes.push(...operands);
      return;
    case 'script':
      if (operands[0] !== undefined) {
        out.reads.push(operands[0]);
        out.scriptFiles.push(operands[0]);
      }
      return;
    case 'host':
      for (const word of operands) addHost(word, out);
      return;
    case 'remote':
      for (const word of operands) {
        if (/^[\w.-]+@|^[a-z][a-z0-9+.-]*:\/\/|^[\w.-]+:(?!\\)/i.test(word)) addHost(word, out);
        else out.reads.push(word);
      }
      return;
    case 'assignments':
    case 'text':
      return;
  }
}
