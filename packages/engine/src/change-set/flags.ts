import { posix } from 'node:path';
import type { Decision } from '@ambit/core/schema';
import type { AccessChange, ChangedFile, CheckResult, Flag, FlagCode } from './change-set.ts';
import type { ReviewCues } from './cues.ts';
import {
  additionFlags,
  dependencyFlags,
  invisibleFlags,
  movedTests,
  protectionFlags,
  type TextChange,
  testFlags,
} from './text-flags.ts';

/** What the policy says about a path; `protections` of `@ambit/guard/policy` fits. */
export interface PathProtections {
  of: (relative: string) => { kind: 'control' | 'guarded' | 'secret'; rule: string; reason: string }[];
}

/** A finding of the scan that the change brought in. */
export interface NewFinding {
  path: string;
  line: number;
  rule: string;
  message: string;
  /** It is about a credential. */
  secret: boolean;
}

export interface ScanOfChange {
  findings: NewFinding[];
  gaps: { path: string; reason: string }[];
}

/** `judgeChange` of the run's guard fits. */
export type JudgeChange = (path: string, kind: 'write' | 'delete') => Promise<Decision>;

export interface FlagInput {
  files: readonly ChangedFile[];
  texts: readonly TextChange[];
  protections: PathProtections;
  cues: ReviewCues;
  /** Whether a path is inside what the approved task or the grant names. */
  inScope: (path: string) => boolean;
  /** The policy's word on each path that the run changed by whatever means. */
  judged?: ReadonlyMap<string, Decision> | undefined;
  /** Git's own files in which the run has written no more than git does by itself. */
  bookkept?: ReadonlySet<string>;
  /** Guarded paths that the approved task or a grant names. */
  granted: (path: string) => boolean;
  /** Absent: nothing scanned it, which is a flag of its own. */
  scan?: ScanOfChange | undefined;
  access: readonly AccessChange[];
  denied: readonly { rule: string; text: string }[];
  checks: readonly CheckResult[];
  /** Why the run stopped before it was done, when it did. */
  incomplete?: string | undefined;
}

const order: readonly FlagCode[] = [
  'control-file',
  'secret',
  'guarded-file',
  'policy',
  'access-change',
  'removed-validation',
  'removed-test',
  'weakened-test',
  'outside-scope',
  'finding',
  'runs-by-itself',
  'invisible-characters',
  'new-dependency',
  'link',
  'special-file',
  'oversized',
  'executable',
  'drifted',
  'ignored-file',
  'scan-gap',
  'failed-check',
  'denied-action',
  'incomplete',
];

/** What may land that nobody reads, where the run has no budget of its own: more than a wide refactoring needs. */
const unread = { files: 1_000, bytes: 64 * 1024 * 1024 };

/** What deserves eyes first comes first. */
export function riskOf(code: FlagCode): number {
  return order.indexOf(code);
}

/** What git itself writes for a commit, switch or rebase in the working copy: never applied, and nothing to look at. */
const gitBookkeeping =
  /^\.git\/(?:(?:objects|refs|logs|rebase-merge|rebase-apply|sequencer)(?:\/|$)|(?:index|HEAD|[A-Z_]+_HEAD|COMMIT_EDITMSG|MERGE_\w+|AUTO_MERGE|packed-refs|gc\.log)$)/;

/** The policy lets a guarded file be written only where a grant names it, so its word is that somebody did. */
const allowed = ({ judged }: FlagInput, { path, withheld }: ChangedFile): boolean =>
  withheld === undefined && judged?.get(path)?.effect === 'allow';

function pathFlags(file: ChangedFile, input: FlagInput): Flag[] {
  const { path } = file;
  const { withheld } = file;
  if (withheld?.kind === 'never' && (gitBookkeeping.test(path) || input.bookkept?.has(path))) return [];
  if (withheld?.kind === 'derived' || withheld?.kind === 'ignored') return [];
  const flags: Flag[] = [];
  for (const { kind, rule, reason } of input.protections.of(path)) {
    if (kind === 'control')
      flags.push({ code: 'control-file', path, rule, reason: `a control file (${reason}): only a person applies it` });
    if (kind === 'guarded' && !input.granted(path) && !allowed(input, file))
      flags.push({ code: 'guarded-file', path, rule, reason: `a guarded file: ${reason}` });
    if (kind === 'secret') flags.push({ code: 'secret', path, rule, reason: `a file for secrets: ${reason}` });
  }
  if (!input.inScope(path)) flags.push({ code: 'outside-scope', path, reason: 'outside the scope of this run' });
  flags.push(...policyFlags(file, input, flags));
  if (file.type === 'link' && !isPlainLink(file, input.protections))
    flags.push({ code: 'link', path, reason: file.target ? `a link to \`${file.target}\`` : 'a link was removed' });
  if (file.type === 'special')
    flags.push({ code: 'special-file', path, reason: 'neither a file, a folder nor a link' });
  const runs = file.type === 'file' && ((file.mode ?? 0) & 0o111) !== 0 && ((file.modeBefore ?? 0) & 0o111) === 0;
  if (runs && !isPlainScript(path, input.texts))
    flags.push({ code: 'executable', path, reason: 'it became a program that may be run' });
  if (file.drifted)
    flags.push({ code: 'drifted', path, reason: 'somebody else changed it in the workspace while the run did' });
  return flags;
}

/** A new link to an unprotected place of the same workspace, and not to a folder that it stands in. */
export function isPlainLink(
  { path, target, kind }: Pick<ChangedFile, 'path' | 'target' | 'kind'>,
  protections: PathProtections,
): boolean {
  if (kind === 'deleted' || !target || target.startsWith('/') || target.includes('\\')) return false;
  const to = posix.normalize(posix.join(posix.dirname(path), target)).replace(/\/$/, '');
  if (to === '.' || to === '..' || to.startsWith('../') || `${path}/`.startsWith(`${to}/`)) return false;
  return !/(?:^|\/)\.git(?:\/|$)/i.test(to) && protections.of(to).length === 0;
}

/**
 * A script that says by its ending what it is and by its first line what reads it: nobody takes it for a program of the
 * system, whose name it would need, and its text is read in the change like any other.
 */
function isPlainScript(path: string, texts: readonly TextChange[]): boolean {
  if (!/\/[^/]+\.(?:sh|bash|zsh|m?js|cjs|m?ts|cts|py|rb|pl|php|awk)$/.test(path)) return false;
  return texts.some((text) => text.path === path && /^#!\/(?:usr\/)?bin\/[ \w./-]+\n/.test(text.after));
}

/** What a command wrote was confined but not decided: the policy speaks about it here (C12). */
function policyFlags({ path, withheld }: ChangedFile, input: FlagInput, known: readonly Flag[]): Flag[] {
  const decision = input.judged?.get(path);
  if (!decision || withheld) return [];
  const { effect, because } = decision;
  if (effect === 'allow' || known.some((flag) => flag.rule === because.rule)) return [];
  const outside = because.rule.startsWith('ambit.');
  if (outside && known.some((flag) => flag.code === 'outside-scope')) return [];
  return [{ code: outside ? 'outside-scope' : 'policy', path, rule: because.rule, reason: because.reason }];
}

/** SECURITY: what fills a disk or buries one file among thousands waits for a person; held by `apply.test.ts` and the attack case `budget:huge`. */
function sizeFlags(files: readonly ChangedFile[]): Flag[] {
  const landing = files.filter((file) => !file.withheld);
  const bytes = landing.reduce((sum, { size, kind }) => sum + (kind === 'deleted' ? 0 : size), 0);
  const flags: Flag[] = [];
  if (landing.length > unread.files)
    flags.push({
      code: 'oversized',
      reason: `${landing.length} files: more than ${unread.files} are not applied unread`,
    });
  if (bytes > unread.bytes) {
    const [is, may] = [bytes, unread.bytes].map((count) => Math.round(count / 1024 / 1024));
    flags.push({ code: 'oversized', reason: `${is} MiB of contents: more than ${may} MiB are not applied unread` });
  }
  return flags;
}

function runFlags(input: FlagInput): Flag[] {
  const flags: Flag[] = sizeFlags(input.files);
  const scanned = input.scan;
  if (!scanned && input.files.some((file) => !file.withheld && file.kind !== 'deleted'))
    flags.push({ code: 'scan-gap', reason: 'the change was not scanned' });
  for (const { path, line, rule, message, secret } of scanned?.findings ?? [])
    flags.push({ code: secret ? 'secret' : 'finding', path, line, rule, reason: message });
  for (const { path, reason } of scanned?.gaps ?? []) flags.push({ code: 'scan-gap', path, reason });
  for (const { route, kind, path, line, lost, was } of input.access)
    if (kind === 'weakened') {
      const reason = `${route} loses ${lost.join(', ')}${was ? ` (was at ${was})` : ''}`;
      flags.push({ code: 'access-change', path, line, reason });
    }
  for (const { rule, text } of input.denied) flags.push({ code: 'denied-action', rule, reason: text });
  for (const { name, status, detail } of input.checks)
    if (status === 'failed') flags.push({ code: 'failed-check', reason: `${name}: ${detail}` });
  if (input.incomplete) flags.push({ code: 'incomplete', reason: input.incomplete });
  return flags;
}

/** Every reason for a human to look at this change, worst first. */
export function flagsOf(input: FlagInput): Flag[] {
  const moved = movedTests(input.texts, input.cues);
  const flags = [
    ...input.files.flatMap((file) => pathFlags(file, input)),
    ...input.texts.flatMap((text) => [
      ...dependencyFlags(text, input.cues),
      ...(moved.has(text.path) ? [] : testFlags(text, input.cues)),
      ...protectionFlags(text, input.cues),
      ...additionFlags(text, input.cues),
      ...invisibleFlags(text),
    ]),
    ...runFlags(input),
  ];
  return flags
    .map((flag, i) => ({ flag, i }))
    .sort((a, b) => riskOf(a.flag.code) - riskOf(b.flag.code) || a.i - b.i)
    .map(({ flag }) => flag);
}
