import { join } from 'node:path';
import { AmbitError } from '@ambit/core/errors';
import { type StatePaths, workingCopyFolder } from '@ambit/guard/state';
import { openWorkingCopy, type WorkingCopyKind } from '@ambit/guard/working-copy';
import { openBlobs } from '../checkpoint/index.ts';
import { restoreCopyPoint } from './copy-point.ts';
import { branchOf, openSessionLog, readSession, type SessionEntry, sessionFile, turnsOf } from './log.ts';

export interface TurnPoint {
  /** The turn's name; going back to it is going back to before its prompt. */
  id: string;
  session: string;
  time: string;
  prompt: string;
  /** Run whose working copy and change sets belong to it. */
  run: string;
  /** Files in the working copy that were not applied when it began. */
  pending: number;
}

type TurnEntry = Extract<SessionEntry, { type: 'turn' }>;

function pointsOf(session: string, entries: readonly SessionEntry[]): (TurnPoint & { entry: TurnEntry })[] {
  const branch = branchOf(entries);
  const [first] = branch;
  const run = first?.type === 'session' ? first.run : '';
  const prompts = new Map(turnsOf(branch).map((turn) => [turn.begins, turn.prompt]));
  return branch.flatMap((entry) =>
    entry.type === 'turn'
      ? [
          {
            ...{ id: entry.id, session, time: entry.time, run, entry },
            prompt: prompts.get(entry.id) ?? '',
            pending: entry.point.files.length,
          },
        ]
      : [],
  );
}

/** The turns of a session on its current branch, oldest first. */
export async function turnPoints(state: StatePaths, session: string): Promise<TurnPoint[]> {
  const { entries } = await readSession(sessionFile(state.sessions, session));
  return pointsOf(session, entries).map(({ entry: _entry, ...point }) => point);
}

export interface Rewound {
  /** What had been said in the turn, to be said again in other words. */
  prompt: string;
  restored: string[];
  notCovered: string[];
}

/**
 * Takes a session back to before one of its turns: its working copy as it was then, and its conversation. The later lines
 * stay in the file. Changes that were applied since are the caller's to take back, before this.
 */
export async function rewindSession(
  state: StatePaths,
  session: string,
  turn: string,
  now: () => Date,
  kinds?: readonly WorkingCopyKind[],
): Promise<Rewound> {
  const path = sessionFile(state.sessions, session);
  const { entries } = await readSession(path);
  const found = pointsOf(session, entries).find((one) => one.id === turn);
  if (!found)
    throw new AmbitError('usage', `the session has no turn \`${turn}\` to go back to`, {
      where: session,
      hint: 'to see what there is: ambit undo --list',
    });
  const log = await openSessionLog(path, found.entry.parentId, now);
  try {
    const prefer = kinds ? { prefer: kinds } : {};
    const copy = await openWorkingCopy({
      workspace: state.workspace,
      stateDir: workingCopyFolder(state, found.run),
      ...prefer,
    });
    try {
      const restored = await restoreCopyPoint(copy, found.entry.point, openBlobs(turnBlobs(state)));
      await log.append({ type: 'rewind', to: turn });
      return { prompt: found.prompt, restored, notCovered: found.entry.point.notCovered };
    } finally {
      await copy.close();
    }
  } finally {
    await log.close();
  }
}

export const turnBlobs = (state: Pick<StatePaths, 'checkpoints'>): string => join(state.checkpoints, 'turns');
