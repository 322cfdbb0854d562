import { textMatcher } from '@ambit/core/policy-model';
import { type Arguments, readArguments } from './arguments.ts';
import type { Knowledge, Meaning, Program, Shape } from './knowledge.ts';
import { addHost, addShell, type Effects, noEffects, operandMeanings } from './operands.ts';
import { isUnknown, isUnknownPath } from './unknown.ts';

/** What one command with known words would do, paths not yet resolved. */
export type Analysis = Effects;

/** Name of a program as written: `/usr/bin/git` and `git.exe` are `git`. */
export function programName(word: string): string {
  return (word.split('/').at(-1) ?? word).replace(/\.(exe|cmd|bat|com)$/i, '');
}

/** Where programs are what their name says; anywhere else a name is only a name. */
const programFolders =
  /^\/(usr\/)?(local\/)?s?bin\/[^/]+$|(^|\/)(node_modules\/\.bin|\.?venv\/bin|vendor\/bin)\/[^/]+$/;

/** Analyses one command by what the catalogue knows of its program. Pure. */
export function analyze(argv: readonly string[], knowledge: Knowledge): Analysis {
  const out = noEffects();
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
  if (name.includes('/') && !programFolders.test(name)) out.classes.add('unknown');
  if (onlyAsks(words, program)) return { ...out, classes: out.classes.add('read') };
  const { shape, rest } = selectAction(program, words);
  for (const one of shape.classes) out.classes.add(one);
  const found = readArguments(rest, shape);
  applyOptions(found, out);
  applyOperands(found, shape, out);
  if (words.some(isUnknown)) applyUnknown(argv, program, out);
  return out;
}

/** `--version` or `--help` alone: every described program prints and ends, whatever else it can do. */
const onlyAsks = (words: readonly string[], { raw }: Program): boolean =>
  !raw && words.length === 1 && /^--(?:version|help)$/.test(words[0] ?? '');

const outward: ReadonlySet<string> = new Set(['destructive', 'publish']);

/** Programs to which no word can mean more than text. */
const sayers: ReadonlySet<string> = new Set(['echo', 'printf', ':', 'true', 'false', 'exit', 'return', 'sleep']);
/** What is never done with words that are not known. */
const needsWords: ReadonlySet<string> = new Set(['destructive', 'publish', 'cloud', 'install']);

/**
 * A word that only the shell will know may be any word, several, or none. What the program then does is unknown; where it
 * could be something that is never done unseen, the line cannot be followed.
 */
function applyUnknown([name = '', ...words]: readonly string[], program: Program, out: Analysis): void {
  const cannot = `a part of \`${programName(name)} …\` is only known when it runs; run that first and write its result`;
  const deletesAnything =
    out.classes.has('delete') && out.writes.some(isUnknownPath) && words.some((word) => /^-\w*[rR]|^--rec/.test(word));
  const serious = [...out.classes].some((one) => needsWords.has(one)) || deletesAnything;
  if (serious || out.scripts.some(isUnknown) || mayBecomeOutward(program, words)) out.unparsed ??= cannot;
  const sets = name === 'printf' && (isUnknown(words[0] ?? '') || words[0] === '-v');
  if (sets || !sayers.has(name)) out.classes.add('unknown');
}

/** Whether unknown words could select something that destroys, publishes or acts on an account. */
function mayBecomeOutward(program: Program, words: readonly string[]): boolean {
  const serious = (program.actions ?? []).filter((action) => action.classes.some((one) => needsWords.has(one)));
  if ((program.options ?? []).some(({ classes }) => classes?.some((one) => needsWords.has(one)))) return true;
  const { operands } = readArguments(words, { ...program, runs: undefined });
  const unknownAt = operands.findIndex(isUnknown);
  return serious.some(({ names }) => {
    if (names.length === 0) return true;
    if (unknownAt < 0) return false;
    return names.some((one) => {
      const parts = one.split(' ');
      return (
        unknownAt < parts.length && parts.slice(0, unknownAt).every((part, i) => textMatcher(part)(operands[i] ?? ''))
      );
    });
  });
}

/** The action a program's words select: the longest names first, then those whose `with` words are all there. */
function selectAction(program: Program, words: readonly string[]): { shape: Shape; rest: string[] } {
  const base: Shape = program;
  const { operands } = readArguments(words, { ...base, runs: undefined });
  const candidates = (program.actions ?? []).filter(
    (action) => action.with?.every((pattern) => words.some(textMatcher(pattern))) ?? true,
  );
  const chosen = bestAction(candidates, operands) ?? hiddenAction(candidates, operands);
  if (!chosen) return { shape: base, rest: [...words] };
  const rest = [...words];
  for (const operand of chosen.words) rest.splice(rest.indexOf(operand), 1);
  const options = [...(chosen.action.options ?? []), ...(base.options ?? [])];
  return { shape: { ...chosen.action, options }, rest };
}

type Action = NonNullable<Program['actions']>[number];
interface Chosen {
  action: Action;
  words: string[];
}

function bestAction(candidates: readonly Action[], operands: readonly string[]): Chosen | undefined {
  const fitting = candidates
    .filter((action) => action.names.length === 0 || action.names.some((name) => startsWith(operands, name)))
    .map((action) => ({ action, length: longest(action.names, operands) }))
    .sort((a, b) => b.length - a.length || Number(b.action.with !== undefined) - Number(a.action.with !== undefined));
  const [first] = fitting;
  // What deletes or publishes is told by a word anywhere (`with`), whatever else the words say.
  const worse = fitting.find(
    ({ action }) => action.names.length === 0 && action.classes.some((one) => outward.has(one)),
  );
  const chosen = worse ?? first;
  return chosen && { action: chosen.action, words: operands.slice(0, chosen.length) };
}

/** An option that is not described may have hidden the word that selects (`kubectl --context x delete`). */
function hiddenAction(candidates: readonly Action[], operands: readonly string[]): Chosen | undefined {
  const dangerous = candidates.filter((action) => action.classes.some((one) => outward.has(one)));
  for (let at = 1; at < operands.length; at += 1) {
    const rest = operands.slice(at);
    const action = dangerous.find(({ names }) => names.some((name) => startsWith(rest, name)));
    if (action) return { action, words: rest.slice(0, longest(action.names, rest)) };
  }
  return undefined;
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
    if (option.takes === 'archive' && value !== undefined) addArchive(value, found, out);
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
  if (takes === 'at-file') addAtFile(value, out);
  if (takes === 'setting' && !harmless?.some((pattern) => textMatcher(pattern)(value))) out.classes.add('unknown');
}

function applyOperands(found: Arguments, shape: Shape, out: Analysis): void {
  const { operands } = found;
  const changed = found.found.findLast(({ option }) => option.operands)?.option.operands;
  if (shape.runs && changed !== 'text') {
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
  operandMeanings[changed ?? shape.operands ?? 'text'](operands, out, found);
}

/** `-f` of tar: written when an archive is made, else read. */
function addArchive(value: string, found: Arguments, out: Analysis): void {
  if (value === '-') return;
  const makes = found.found.some(({ option, value: name }) => name === undefined && option.names.includes('-c'));
  (makes ? out.writes : out.reads).push(value);
}

/** `@file`, `name=@file` and `name=<file` of curl. */
function addAtFile(value: string, out: Analysis): void {
  const file = /^(?:[\w.-]*=)?[@<]([^;]+)/.exec(value)?.[1];
  if (file && file !== '-') out.reads.push(file);
}

function skipAssignments(words: readonly string[], allowed: boolean, out: Analysis): string[] {
  if (!allowed) return [...words];
  const first = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  if (first !== 0) out.classes.add('unknown');
  return first < 0 ? [] : words.slice(first);
}
