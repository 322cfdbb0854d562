import type { OpenedSession } from '@ambit/engine';
import type { ApplyChoice, StoredChangeSet } from '@ambit/engine/change-set';
import { createTwoFilesPatch } from 'diff';
import type { Io } from '../command.ts';
import { changeSetOf, hasChanges, landUnflagged, openLandingFor } from '../run/change-set.ts';
import type { Workbench } from '../workbench.ts';
import type { View } from './view.ts';

const textMax = 200_000;

async function textOf(read: () => Promise<Uint8Array | undefined>): Promise<string> {
  const bytes = await read().catch(() => undefined);
  return bytes && bytes.length <= textMax && !bytes.includes(0) ? Buffer.from(bytes).toString() : '';
}

const isOwn = (path: string) => path.split('/').some((segment) => segment === '.git' || segment === 'node_modules');

/** What the working copy changed, as a unified diff. */
export async function diffLines({ copy }: OpenedSession): Promise<string[]> {
  const changes = (await copy.changes({ skip: isOwn })).filter((change) => change.type !== 'directory');
  const lines: string[] = [];
  for (const { path, kind, binary } of changes) {
    if (binary) {
      lines.push(`${kind} ${path} (binary)`);
      continue;
    }
    const before = kind === 'created' ? '' : await textOf(() => copy.base(path));
    const after = kind === 'deleted' ? '' : await textOf(() => copy.read(path));
    const patch = createTwoFilesPatch(path, path, before, after, '', '', { context: 3 });
    lines.push(`${kind} ${path}`, ...patch.split('\n').slice(4));
  }
  return lines.length > 0 ? lines : ['nothing was changed'];
}

/** A change set of what the session changed so far; undefined without changes. */
export async function gatherChanges(
  opened: OpenedSession,
  bench: Workbench,
  io: Pick<Io, 'env' | 'now'>,
): Promise<StoredChangeSet | undefined> {
  if (!(await hasChanges(opened))) return undefined;
  const last = opened.session.messages.findLast((message) => message.role === 'assistant');
  const said = last?.parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n') ?? '';
  const { usage, passage } = opened.session;
  const ended = { summary: said, usage, refusals: passage.refusals };
  return changeSetOf(opened, await openLandingFor(bench, io), ended, bench.redact);
}

function show(set: StoredChangeSet, view: View): void {
  for (const file of set.files) {
    const withheld = file.withheld ? `  (not applied: ${file.withheld.reason})` : '';
    view.line(`  ${file.kind.padEnd(8)} ${file.path}  +${file.added} -${file.removed}${withheld}`);
  }
  for (const flag of set.flags) view.line(`  ! ${flag.code} ${flag.path ?? ''} ${flag.reason}`, 'warning');
}

async function apply(
  set: StoredChangeSet,
  bench: Workbench,
  view: View,
  io: Io,
  part: Pick<ApplyChoice, 'files' | 'hunks'> = {},
): Promise<boolean> {
  const { applyChangeSet } = await import('@ambit/engine/change-set');
  const { ports } = await openLandingFor(bench, io);
  const result = await applyChangeSet(set.id, { channel: 'terminal', hash: set.hash, ...part }, ports);
  if (result.status === 'applied') {
    view.line(`applied ${result.paths.length} ${result.paths.length === 1 ? 'file' : 'files'} (undo: /undo)`, 'good');
    if (result.partly) view.line(`what you left out waits: ambit review show ${set.id}`, 'quiet');
    return true;
  }
  const why =
    result.status === 'conflict'
      ? `conflicts in ${result.conflicts.map((conflict) => conflict.path).join(', ')}`
      : result.reason;
  view.line(`not applied: ${why}; it waits as ${set.id}`, 'bad');
  return false;
}

export interface Offer {
  opened: OpenedSession;
  bench: Workbench;
  view: View;
  autopilot: boolean;
}

/** After a turn: shows the changes and asks; on autopilot lands what carries no flag. Applied changes start a fresh copy. */
export async function offerChanges({ opened, bench, view, autopilot }: Offer, io: Io): Promise<void> {
  const set = await gatherChanges(opened, bench, io);
  if (!set) return;
  view.line(`Changed (${set.id}):`, 'strong');
  show(set, view);
  if (autopilot) {
    const landed = await landUnflagged(set, (await openLandingFor(bench, io)).ports);
    if (landed.status === 'applied') {
      view.line('applied (undo: /undo)', 'good');
      await opened.copy.discard();
      return;
    }
    if (landed.status === 'open') view.line(`waits for you: ${landed.why}`, 'warning');
  }
  for (;;) {
    const key = await view.choose(
      [],
      [
        { key: 'a', label: 'apply' },
        { key: 'd', label: 'show the difference' },
        { key: 'h', label: 'choose hunk by hunk' },
        { key: 'k', label: 'keep working on it' },
      ],
    );
    if (key === 'd') {
      for (const line of await diffLines(opened))
        view.line(line, line.startsWith('+') ? 'good' : line.startsWith('-') ? 'bad' : 'normal');
      continue;
    }
    if (key === 'h') {
      const done = await applyPicked(set, bench, view, io);
      if (done === 'again') continue;
      if (done === 'applied') return opened.copy.discard();
    }
    if (key === 'a' && (await apply(set, bench, view, io))) await opened.copy.discard();
    else await withdraw(set, bench, io);
    return;
  }
}

/** `again`: nothing was chosen, so the question stands as before. */
async function applyPicked(
  set: StoredChangeSet,
  bench: Workbench,
  view: View,
  io: Io,
): Promise<'applied' | 'again' | 'failed'> {
  const { pickHunks } = await import('../review-pick.ts');
  const picked = await pickHunks(set, bench.state, { line: (text) => view.line(text), choose: view.choose });
  if (!picked || picked.files.length === 0) return 'again';
  const part = picked.whole ? {} : { files: picked.files, hunks: picked.hunks };
  return (await apply(set, bench, view, io, part)) ? 'applied' : 'failed';
}

/** A change set that goes on growing is not left in the list: the next turn makes a new one. */
async function withdraw(set: StoredChangeSet, bench: Workbench, io: Io): Promise<void> {
  const { rejectChangeSet } = await import('@ambit/engine/change-set');
  const { ports } = await openLandingFor(bench, io);
  await rejectChangeSet(set.id, 'the session goes on with these changes', ports).catch(() => undefined);
}
