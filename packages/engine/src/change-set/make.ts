import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { messageOf } from '@ambit/core/errors';
import type { Decision, RunRef, Usage } from '@ambit/core/schema';
import type { TaskEvidence } from '@ambit/core/spec';
import type { StatePaths } from '@ambit/guard/state';
import { type Change, forbiddenSetting, gitSettings, type WorkingCopy } from '@ambit/guard/working-copy';
import type { AccessChange, ChangedFile, ChangeSet, CheckResult, StoredChangeSet, Withheld } from './change-set.ts';
import type { ReviewCues } from './cues.ts';
import { flagsOf, type JudgeChange, type PathProtections, type ScanOfChange } from './flags.ts';
import { regions, splitLines } from './lines.ts';
import { newId, saveChangeSet, sha256 } from './store.ts';
import type { TextChange } from './text-flags.ts';
import { findEntry } from './workspace-entry.ts';

export interface ChangeSetContext {
  state: StatePaths;
  run: RunRef;
  now: () => Date;
  protections: PathProtections;
  cues: ReviewCues;
  /** Whether a path is inside what this run may write. Absent: the whole workspace. */
  inScope?: (path: string) => boolean;
  /** The policy's word on each changed path: `judgeChange` of the run's guard. */
  judge?: JudgeChange;
  /** Guarded paths that the approved task names: no reason to stop. */
  granted?: (path: string) => boolean;
  /** Which of these paths git ignores, by the workspace's own files. */
  ignored?: (paths: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Scans both sides and answers with what is new. Absent: flagged as not scanned. */
  scan?: (changes: readonly TextChange[]) => Promise<ScanOfChange>;
  /** What the change alters about who may do what. */
  access?: (changes: readonly TextChange[]) => Promise<AccessChange[]>;
  /** Actions the policy refused during the run. */
  denied?: readonly { rule: string; text: string }[];
  checks?: readonly CheckResult[];
  evidence?: TaskEvidence;
  incomplete?: string;
  summary?: string;
  usage?: Usage;
  spec?: string;
  task?: string;
  /** Commit the workspace stood at. */
  head?: string;
}

/** Longest text, in bytes, that is shown as a patch, judged by cues and scanned line by line. */
const textMax = 4 * 1024 * 1024;
const decoder = new TextDecoder('utf-8');

/** Derived trees are one entry each and are not walked: ten thousand installed files are one line of a review. */
function derivedSkipper(cues: ReviewCues): { skip: (path: string) => boolean; found: Map<string, string> } {
  const found = new Map<string, string>();
  return {
    found,
    skip: (path) => {
      if (inGit(path)) return false;
      const cue = cues.derived.find((one) => one.matches(path) || one.matches(`${path}/x`));
      if (cue) found.set(path, cue.reason);
      return cue !== undefined;
    },
  };
}

const inGit = (path: string) => path.split('/').some((segment) => segment.toLowerCase() === '.git');

function linkLeaves(path: string, target: string): boolean {
  const resolved = posix.normalize(posix.join(posix.dirname(path), target));
  return posix.isAbsolute(target) || resolved === '..' || resolved.startsWith('../') || inGit(resolved);
}

function withheldOf(change: Change, context: ChangeSetContext, ignored: ReadonlySet<string>): Withheld | undefined {
  const { path } = change;
  if (inGit(path)) return { kind: 'never', reason: "git's own files are never changed by a run" };
  if (change.type === 'special') return { kind: 'never', reason: 'neither a file, a folder nor a link' };
  if (change.type === 'link' && change.target !== undefined && linkLeaves(path, change.target))
    return { kind: 'never', reason: `a link that leaves the workspace: \`${change.target}\`` };
  const control = context.protections.of(path).find((one) => one.kind === 'control');
  if (control) return { kind: 'control', reason: `a control file: ${control.reason}` };
  if (ignored.has(path) && change.kind === 'created') return { kind: 'ignored', reason: 'git ignores it' };
  return undefined;
}

async function derivedFile(copy: WorkingCopy, path: string, reason: string): Promise<ChangedFile> {
  const before = await findEntry(copy.workspace, path).catch(() => undefined);
  const after = await copy.stat(path);
  return {
    path,
    kind: !before ? 'created' : after ? 'modified' : 'deleted',
    type: after?.type ?? before?.entry.type ?? 'file',
    binary: false,
    size: after?.type === 'file' ? after.size : 0,
    added: 0,
    removed: 0,
    withheld: { kind: 'derived', reason },
  };
}

interface Sides {
  before?: Uint8Array;
  after?: Uint8Array;
  typeBefore?: ChangedFile['type'];
}

/** Both contents of a change, checked against the hashes the working copy reported. */
async function sidesOf(change: Change, copy: WorkingCopy): Promise<Sides> {
  const sides: Sides = {};
  if (change.kind !== 'deleted' && change.type === 'file') {
    const after = await copy.read(change.path);
    if (sha256(after) === change.after) sides.after = after;
    else throw new Error(`\`${change.path}\` changed while the change set was made`);
  }
  if (change.kind === 'created' || change.before === undefined) return sides;
  const before = await copy.base(change.path);
  if (before && sha256(before) === change.before) return { ...sides, before, typeBefore: 'file' };
  // A link's hash is that of its target.
  const found = await findEntry(copy.workspace, change.path).catch(() => undefined);
  if (found?.entry.type === 'link' && sha256(found.entry.target) === change.before)
    return { ...sides, before: Buffer.from(found.entry.target), typeBefore: 'link' };
  return sides;
}

/** Beginnings of programs and libraries that a compiler makes: ELF, Mach-O (both orders, both widths, fat), PE, Java, ar. */
const compiled: readonly RegExp[] = [
  /^\x7fELF/,
  /^(?:\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe)/,
  /^\xca\xfe\xba\xbe/,
  /^MZ/,
  /^!<arch>\n/,
];

/** A new compiled program is made again from its sources: it is shown, and lands only when a person names it. */
function builtProgram({ kind, type, binary }: Change, { after }: Sides): Withheld | undefined {
  if (kind !== 'created' || type !== 'file' || !binary || !after) return undefined;
  const head = Buffer.from(after.subarray(0, 8)).toString('latin1');
  if (!compiled.some((pattern) => pattern.test(head))) return undefined;
  return { kind: 'derived', reason: 'a compiled program, made again from its sources' };
}

function textOf(change: Change, sides: Sides): TextChange | undefined {
  const isText = !change.binary && change.type === 'file' && sides.typeBefore !== 'link';
  const small = Math.max(sides.before?.length ?? 0, sides.after?.length ?? 0) <= textMax;
  if (!isText || !small) return undefined;
  const decode = (bytes: Uint8Array | undefined) => (bytes ? decoder.decode(bytes) : '');
  return { path: change.path, kind: change.kind, before: decode(sides.before), after: decode(sides.after) };
}

function changedFile(
  change: Change,
  sides: Sides,
  text: TextChange | undefined,
  withheld: Withheld | undefined,
): ChangedFile {
  const found = text ? regions(splitLines(text.before), splitLines(text.after)) : [];
  const total = (side: 'added' | 'removed') => found.reduce((sum, region) => sum + region[side].length, 0);
  // No base was found: only a human can say what the run's change means now.
  const drifted = change.drifted || (change.kind !== 'created' && change.before !== undefined && !sides.before);
  return {
    path: change.path,
    kind: change.kind,
    type: change.type,
    ...(sides.typeBefore ? { typeBefore: sides.typeBefore } : {}),
    ...(change.before === undefined ? {} : { before: change.before }),
    ...(change.after === undefined ? {} : { after: change.after }),
    ...(change.modeBefore === undefined ? {} : { modeBefore: change.modeBefore & 0o777 }),
    ...(change.mode === undefined ? {} : { mode: change.mode & 0o777 }),
    ...(change.target === undefined ? {} : { target: change.target }),
    binary: change.binary,
    size: change.size,
    added: total('added'),
    removed: total('removed'),
    ...(drifted ? { drifted: true } : {}),
    ...(withheld ? { withheld } : {}),
  };
}

interface Gathered {
  files: ChangedFile[];
  texts: TextChange[];
  blobs: Map<string, Uint8Array>;
  ignoredTouched: string[];
}

async function gather(copy: WorkingCopy, context: ChangeSetContext): Promise<Gathered> {
  const { skip, found } = derivedSkipper(context.cues);
  const kept = await copy.changes({ skip });
  const ignored = (await context.ignored?.(kept.map((change) => change.path))) ?? new Set<string>();
  const gathered: Gathered = { files: [], texts: [], blobs: new Map(), ignoredTouched: [] };
  for (const change of kept) {
    const ruled = withheldOf(change, context, ignored);
    const sides = ruled?.kind === 'never' ? {} : await sidesOf(change, copy);
    const withheld = ruled ?? builtProgram(change, sides);
    const text = withheld?.kind === 'never' ? undefined : textOf(change, sides);
    gathered.files.push(changedFile(change, sides, text, withheld));
    if (sides.before && change.before) gathered.blobs.set(change.before, sides.before);
    if (sides.after && change.after) gathered.blobs.set(change.after, sides.after);
    if (text && !withheld) gathered.texts.push(text);
    if (ignored.has(change.path) && !withheld) gathered.ignoredTouched.push(change.path);
  }
  for (const [path, reason] of found) gathered.files.push(await derivedFile(copy, path, reason));
  gathered.files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return gathered;
}

/** Git's settings, where a remote was added or a branch told what it follows, and nothing else. */
async function bookkeptOf(files: readonly ChangedFile[], copy: WorkingCopy): Promise<ReadonlySet<string>> {
  if (!files.some(({ path }) => path === gitSettings)) return new Set();
  const before = await readFile(join(copy.workspace, gitSettings), 'utf8').catch(() => undefined);
  const after = await copy.read(gitSettings).catch(() => undefined);
  const kept = before !== undefined && after && forbiddenSetting(before, decoder.decode(after)) === undefined;
  return new Set(kept ? [gitSettings] : []);
}

async function scanned(texts: readonly TextChange[], context: ChangeSetContext): Promise<ScanOfChange | undefined> {
  if (!context.scan) return undefined;
  try {
    return await context.scan(texts);
  } catch (error) {
    const reason = `the scan failed: ${messageOf(error)}`;
    return { findings: [], gaps: [{ path: '.', reason }] };
  }
}

/** Routes that cannot be compared are a gap of the scan, never «nothing changed». */
async function accessOf(
  texts: readonly TextChange[],
  context: ChangeSetContext,
  scan: ScanOfChange | undefined,
): Promise<AccessChange[]> {
  try {
    return (await context.access?.(texts)) ?? [];
  } catch (error) {
    scan?.gaps.push({ path: '.', reason: `routes could not be compared: ${messageOf(error)}` });
    return [];
  }
}

export interface Draft {
  set: ChangeSet;
  blobs: ReadonlyMap<string, Uint8Array>;
}

/** The change set of a run as it would be, not stored. Undefined when the run changed nothing at all. */
export async function draftChangeSet(copy: WorkingCopy, context: ChangeSetContext): Promise<Draft | undefined> {
  const gathered = copy.made
    ? await gather(copy, context)
    : { files: [], texts: [], blobs: new Map(), ignoredTouched: [] };
  if (gathered.files.length === 0) return undefined;
  const scan = await scanned(gathered.texts, context);
  const access = await accessOf(gathered.texts, context, scan);
  const flags = flagsOf({
    files: gathered.files,
    texts: gathered.texts,
    protections: context.protections,
    cues: context.cues,
    inScope: context.inScope ?? (() => true),
    judged: await judgedOf(gathered.files, context.judge),
    bookkept: await bookkeptOf(gathered.files, copy),
    granted: context.granted ?? (() => false),
    scan,
    access,
    denied: context.denied ?? [],
    checks: context.checks ?? [],
    incomplete: context.incomplete,
  });
  for (const path of gathered.ignoredTouched)
    flags.push({ code: 'ignored-file', path, reason: 'git ignores it, so only `ambit undo` brings it back' });
  const now = context.now();
  const set: ChangeSet = {
    version: 1,
    id: newId(now),
    run: context.run,
    made: now.toISOString(),
    ...(context.spec ? { spec: context.spec } : {}),
    ...(context.task ? { task: context.task } : {}),
    base: { workspace: context.state.workspace, ...(context.head ? { head: context.head } : {}) },
    summary: context.summary ?? '',
    files: gathered.files,
    flags,
    checks: [...(context.checks ?? [])],
    ...(access.length > 0 ? { access } : {}),
    ...(context.evidence ? { evidence: context.evidence } : {}),
    ...(context.usage ? { usage: context.usage } : {}),
  };
  return { set, blobs: gathered.blobs };
}

async function judgedOf(files: readonly ChangedFile[], judge: JudgeChange | undefined) {
  if (!judge) return undefined;
  const judged = new Map<string, Decision>();
  for (const { path, kind, withheld } of files)
    if (!withheld) judged.set(path, await judge(path, kind === 'deleted' ? 'delete' : 'write'));
  return judged;
}

/**
 * Makes and stores the change set of a run from its working copy. Undefined when the run changed nothing at all. What is
 * stored does not need the working copy any more.
 */
export async function makeChangeSet(
  copy: WorkingCopy,
  context: ChangeSetContext,
): Promise<StoredChangeSet | undefined> {
  const draft = await draftChangeSet(copy, context);
  return draft && saveChangeSet(context.state, draft.set, draft.blobs);
}
