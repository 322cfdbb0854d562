import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { EffectClass } from '@ambit/core/schema';
import type { ResolvedCommand, ResolvedPath } from '../grant.ts';
import { type PathContext, printable, relativeTo, resolvePath } from '../resolve/index.ts';
import { type Analysis, analyze, programName } from './analyze.ts';
import type { Knowledge } from './knowledge.ts';
import { parseLine, type SimpleCommand } from './parse.ts';
import { packageScripts, shellFileCommands } from './scripts.ts';
import { asPattern, isUnknown, isUnknownPath } from './unknown.ts';
import { isTellingName } from './variables.ts';

export interface CommandContext extends PathContext {
  knowledge: Knowledge;
  /** Search path for programs, as the child will have it. */
  path: string;
  /** Reads a text file of the workspace by its resolved path; undefined when there is none. */
  readText: (path: ResolvedPath) => Promise<string | undefined>;
  /** The sandbox gives commands a private home and temporary folder. */
  confined: boolean;
}

export interface ResolvedLine {
  commands: ResolvedCommand[];
  classes: EffectClass[];
  unparsed?: string;
}

/** Wrappers, shells and scripts inside each other deeper than this are asked about. */
const maxDepth = 6;
/** Longest list of words resolved as paths in one line. */
const maxPaths = 400;

/**
 * Resolves a shell line: parsed to commands, each with its program's absolute path, its classes and the paths and hosts
 * it is known to use, commands inside it included. `unparsed` says why a line cannot be followed. Never throws for what
 * is in the line; throws when the workspace cannot be examined.
 */
export async function resolveCommandLine(
  line: string,
  cwd: ResolvedPath,
  context: CommandContext,
): Promise<ResolvedLine> {
  const parsed = parseLine(line);
  if ('unparsed' in parsed) return { commands: [], classes: ['unknown'], unparsed: parsed.unparsed };
  const work: Work = { context, commands: [], unparsed: undefined, paths: 0 };
  for (const command of parsed.commands) await resolveSimple(command, cwd, work);
  if (parsed.commands.length === 0) work.unparsed = 'there is no command in it';
  if (work.paths > maxPaths) work.unparsed ??= 'the command names too many paths; write a script file and run it';
  const classes = [...new Set(work.commands.flatMap((command) => command.classes))];
  return { commands: work.commands, classes, ...(work.unparsed === undefined ? {} : { unparsed: work.unparsed }) };
}

interface Work {
  context: CommandContext;
  commands: ResolvedCommand[];
  unparsed: string | undefined;
  paths: number;
}

async function resolveSimple(command: SimpleCommand, cwd: ResolvedPath, work: Work): Promise<void> {
  const problem = assignmentProblem(command, work.context);
  if (problem) work.unparsed ??= problem;
  const folders = await Promise.all(command.cwds.map((steps) => walkFolders(cwd, steps, work)));
  for (const folder of folders) {
    const before = work.commands.length;
    const own = command.callsFunction && !isProgram(command.argv[0] ?? '', work.context);
    if (own) work.commands.push({ argv: [':'], classes: ['read'], reads: [], writes: [], hosts: [] });
    else if (command.argv.length > 0) await resolveArgv(command.argv, folder, work, 0);
    if (command.stdin !== undefined) await resolveInput(command, folder, work);
    if (isSteered(command, work.context.knowledge)) markUnknown(work, before);
    await resolveRedirects(command, folder, work);
  }
}

const isProgram = (word: string, context: CommandContext) =>
  word.includes('/') || context.knowledge.programs.has(word) || findProgram(word, context) !== undefined;

/** Whether a command does something that its own words do not say: where it writes, or a variable of its own. */
function isSteered(command: SimpleCommand, knowledge: Knowledge): boolean {
  return (
    command.redirects.some(({ target }) => target !== undefined && isUnknown(target)) ||
    variablesOf(command).some(({ name, value }) => !harmlessVariable(name, value, knowledge))
  );
}

function markUnknown(work: Work, from: number): void {
  if (work.commands.length === from)
    work.unparsed ??= 'where it writes is only known when it runs; write the path itself';
  for (const [i, command] of work.commands.entries())
    if (i >= from) work.commands[i] = { ...command, classes: [...new Set([...command.classes, 'unknown' as const])] };
}

/** What a shell is given on standard input is a script: its own effect is unknown, that of programs in it may be worse. */
async function resolveInput({ argv, stdin }: SimpleCommand, folder: ResolvedPath, work: Work): Promise<void> {
  if (!/^(?:ba|da|z|k|a)?sh$/.test(programName(argv[0] ?? ''))) return;
  for (const inner of shellFileCommands('stdin.sh', stdin))
    if (work.context.knowledge.programs.has(programName(inner[0] ?? '')))
      await resolveRepositoryCommand(inner, folder, work, 1);
}

/** Variables set for a command or by `export`. */
function variablesOf(command: SimpleCommand): { name: string; value: string }[] {
  const [name, ...words] = command.argv;
  const exported = /^(export|declare|typeset|local|readonly|setenv)$/.test(name ?? '')
    ? words
        .filter((word) => word.includes('='))
        .map((word) => ({ name: word.split('=')[0] ?? '', value: word.slice(word.indexOf('=') + 1) }))
    : [];
  return [...command.assignments, ...exported];
}

/** Endings of names by which programs are told where to look, beside those that mean something to shells. */
const steering =
  /(?:PATH|PRELOAD|EDITOR|PAGER|RC|HOOKS?|SHELL|REGISTRY|MIRROR|INDEX_URL|COMMAND|CMD|LOADER|PLUGINS?)$/i;

/** Variables that change what programs do are refused; one that nobody knows makes an effect unknown, no more. */
function assignmentProblem(command: SimpleCommand, context: CommandContext): string | undefined {
  const problem = variablesOf(command).find(
    ({ name, value }) =>
      !harmlessVariable(name, value, context.knowledge) &&
      !mayBeSteered(name, value, context) &&
      (isTellingName(name) || steering.test(name)),
  );
  return (
    problem && `setting \`${problem.name}\` for a command is not allowed: it can change what programs do; leave it out`
  );
}

/** Whether a variable may be set: it is listed, and its value looks as the catalogue says. */
export function harmlessVariable(name: string, value: string, knowledge: Knowledge): boolean {
  const known = knowledge.variables.get(name);
  return known !== undefined && !known.steers && known.value.test(value);
}

/** In the sandbox a command may be told to look or write in a folder of the project: its effect is unknown then. */
const mayBeSteered = (name: string, value: string, { knowledge, confined }: CommandContext): boolean =>
  confined && knowledge.variables.get(name)?.value.test(value) === true;

async function walkFolders(start: ResolvedPath, steps: readonly string[], work: Work): Promise<ResolvedPath> {
  let folder = start;
  for (const step of steps) folder = await toPath(step, folder, work);
  return folder;
}

async function toPath(word: string, from: ResolvedPath, work: Work): Promise<ResolvedPath> {
  work.paths += 1;
  const { context } = work;
  try {
    const resolved = { ...(await resolvePath(literalPart(asPattern(word)), context, from.absolute)), requested: word };
    return context.confined ? withPrivate(word, resolved, context, from) : resolved;
  } catch {
    // Not a usable name, so certainly not one inside the ambit.
    return { requested: word, absolute: `/unresolvable/${word.length}`, exists: false, type: 'special' };
  }
}

/** The part of a pattern before its first wildcard segment: where it can reach. */
function literalPart(word: string): string {
  const segments = word.split('/');
  const wild = segments.findIndex((segment) => /[*?[]/.test(segment));
  if (wild < 0) return word || '.';
  return segments.slice(0, wild).join('/') || (word.startsWith('/') ? '/' : '.');
}

/** In the sandbox `~` and `/tmp` are private folders that die with the run. */
function withPrivate(word: string, path: ResolvedPath, context: CommandContext, from: ResolvedPath): ResolvedPath {
  if (path.relative !== undefined) return path;
  const tilde = word === '~' || word.startsWith('~/');
  const fromPrivate = from.private !== undefined && !word.startsWith('/') && !word.split('/').includes('..');
  if (tilde || (fromPrivate && from.private === 'home')) return { ...path, private: 'home' };
  const temporary =
    /^\/(var\/)?tmp(\/|$)/.test(word) && !word.split('/').includes('..') && !mayReach(word, path, context.workspace);
  return temporary || fromPrivate ? { ...path, private: 'temporary' } : path;
}

/** Whether a path in the temporary folder is above or in a workspace that lies there too. */
function mayReach(word: string, { absolute }: ResolvedPath, workspace: string): boolean {
  if (!workspace.startsWith(absolute)) return false;
  const wild =
    asPattern(word)
      .slice(absolute.length + 1)
      .split('/')[0] ?? '';
  const next = workspace.slice(absolute.length + 1).split('/')[0] ?? '';
  const [before = '', ...rest] = wild.split(/[*?[]/);
  return rest.length === 0 || next.startsWith(before);
}

async function resolveArgv(argv: readonly string[], folder: ResolvedPath, work: Work, depth: number): Promise<void> {
  if (depth > maxDepth) {
    work.unparsed ??= 'commands inside commands too deep to follow';
    return;
  }
  if (isUnknown(argv[0] ?? '')) {
    work.unparsed ??= 'which program runs is only known when it runs; write its name';
    return;
  }
  const analysis = analyze(argv, work.context.knowledge);
  if (analysis.unparsed !== undefined) work.unparsed ??= analysis.unparsed;
  const at = await walkFolders(folder, analysis.folders, work);
  work.commands.push(await resolveAnalysis(argv, analysis, at, work));
  for (const nested of analysis.nested) await resolveArgv(nested.argv, at, work, depth + 1);
  await resolveScripts(analysis, at, work, depth);
}

/** What could be anywhere is confined by the sandbox, and judged when it lands. */
const isNamed = (word: string) => !isUnknownPath(word);

async function resolveAnalysis(
  argv: readonly string[],
  analysis: Analysis,
  at: ResolvedPath,
  work: Work,
): Promise<ResolvedCommand> {
  const reads = await Promise.all([...new Set(analysis.reads)].filter(isNamed).map((word) => toPath(word, at, work)));
  const writes = await Promise.all([...new Set(analysis.writes)].filter(isNamed).map((word) => toPath(word, at, work)));
  const classes = new Set(analysis.classes);
  // In the sandbox the loopback address is the command's own: nobody else listens there, and nothing leaves.
  const hosts = [...new Set(analysis.hosts)].filter((host) => !(work.context.confined && isLoopback(host)));
  if (hosts.length === 0 && analysis.hosts.length > 0) classes.delete('network');
  const deletes = classes.has('delete') && writes.some((path) => isRoot(path, work.context));
  if (deletes) classes.add('destructive');
  const program = findProgram(argv[0] ?? '', work.context);
  if (program === undefined && !(await isKnown(argv[0] ?? '', at, work))) {
    work.unparsed ??= `there is no program \`${printable(argv[0] ?? '')}\` here`;
  }
  return {
    argv: [...argv],
    ...(program === undefined ? {} : { program }),
    classes: [...classes],
    reads: at.relative === undefined ? [at, ...reads] : reads,
    writes,
    hosts,
  };
}

/** Hosts as `hostOf` gives them: other spellings of an address are already its plain one. */
function isLoopback(host: string): boolean {
  return /^(?:localhost|(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|0\.0\.0\.0|\[::1?\])(?::\d+)?$/.test(host);
}

/** The workspace, a home, the root or a folder above one of them. */
function isRoot(path: ResolvedPath, context: CommandContext): boolean {
  // `*.log` deletes some files of a folder; `*` deletes all of it.
  if (/[*?[][^/]*\w|\w[^/]*[*?[][^/]*$/.test(path.requested.split('/').at(-1) ?? '')) return false;
  if (path.relative === '.' || path.absolute === '/') return true;
  if (path.private && /^(~\/?|~\/\*|\/tmp\/?)$/.test(path.requested)) return path.private === 'home';
  return path.relative === undefined && relativeTo(path.absolute, context.workspace) !== undefined;
}

async function resolveScripts(analysis: Analysis, at: ResolvedPath, work: Work, depth: number): Promise<void> {
  for (const script of analysis.scripts.filter((one) => !isUnknown(one))) {
    const manifest = await toPath('package.json', at, work);
    const text = manifest.relative === undefined ? undefined : await work.context.readText(manifest);
    for (const argv of packageScripts(text, script)) await resolveRepositoryCommand(argv, at, work, depth + 1);
  }
  for (const file of analysis.scriptFiles.filter((one) => !isUnknown(one))) {
    const path = await toPath(file, at, work);
    const text = path.relative === undefined ? undefined : await work.context.readText(path);
    for (const argv of shellFileCommands(file, text)) await resolveRepositoryCommand(argv, at, work, depth + 1);
  }
}

/**
 * Commands in the repository's own scripts: their classes count, but what cannot be followed or is not known in them is
 * left to the sandbox, because the line that was asked for is known.
 */
async function resolveRepositoryCommand(
  argv: readonly string[],
  at: ResolvedPath,
  work: Work,
  depth: number,
): Promise<void> {
  const inner: Work = { ...work, commands: [], unparsed: undefined };
  await resolveArgv(argv, at, inner, depth);
  for (const command of inner.commands) {
    const classes =
      inner.unparsed === undefined ? command.classes : [...new Set([...command.classes, 'unknown' as const])];
    work.commands.push({ ...command, classes, reads: [], writes: [] });
  }
}

async function resolveRedirects(command: SimpleCommand, folder: ResolvedPath, work: Work): Promise<void> {
  const reads: ResolvedPath[] = [];
  const writes: ResolvedPath[] = [];
  for (const { access, target } of command.redirects) {
    if (target === undefined || isUnknownPath(target)) continue;
    const path = await toPath(target, folder, work);
    if (access !== 'write') reads.push(path);
    if (access !== 'read') writes.push(path);
  }
  if (reads.length + writes.length === 0) return;
  const classes: EffectClass[] = [
    ...(reads.length > 0 ? ['read' as const] : []),
    ...(writes.length > 0 ? ['write' as const] : []),
  ];
  work.commands.push({ argv: [], classes, reads, writes, hosts: [] });
}

/** Folders of the workspace in which package managers put programs. */
const programFolders = ['node_modules/.bin', '.venv/bin', 'venv/bin', 'vendor/bin', 'bin'];

/** Whether a name that is not on the search path is a program all the same: described, given by path, or installed here. */
async function isKnown(word: string, at: ResolvedPath, work: Work): Promise<boolean> {
  if (word === '' || /[*?{]|.\[|^\.\.$/.test(word)) return false;
  if (word.includes('/')) {
    const path = await toPath(word, at, work);
    if (path.exists) return true;
    // What an earlier command of the line builds is not there yet (`gcc a.c -o a && ./a`).
    return work.commands.length > 0 && /^[\w.@+/~-]+$/.test(word);
  }
  if (work.context.knowledge.programs.has(word)) return true;
  if (!/^[\w.+@-]+$/.test(word)) return false;
  const { workspace, view } = work.context;
  for (const base of new Set([at.absolute, workspace])) {
    for (const folder of programFolders) {
      // A folder that is a link leads elsewhere: no program of this project is looked for behind it.
      const found = await view.lstat(join(base, folder, word)).catch(() => undefined);
      if (found && found.type !== 'directory') return true;
    }
  }
  return false;
}

/** Absolute path of a program outside the workspace: a program of the repository never stands in for one of the system. */
function findProgram(word: string, context: CommandContext): string | undefined {
  if (word === '' || word.includes('/')) return undefined;
  for (const folder of context.path.split(delimiter)) {
    if (!folder.startsWith('/') || relativeTo(context.workspace, folder) !== undefined) continue;
    const candidate = join(folder, programName(word));
    try {
      accessSync(candidate, constants.X_OK);
      if (statSync(candidate).isFile()) return candidate;
    } catch {}
  }
  return undefined;
}
