import type { Rewound, TurnPoint } from '@ambit/engine';
import type { ApplyPorts, UndoResult } from '@ambit/engine/change-set';
import type { Io } from '../command.ts';

/** What going back to before a turn came to. */
export type WentBack =
  | { status: 'back'; rewound: Rewound; undone?: Extract<UndoResult, { status: 'undone' }>; waiting: string[] }
  | Extract<UndoResult, { status: 'conflict' }>;

/** The checkpoint before the first change of a session's run that landed after the turn began. */
async function landedSince(point: TurnPoint, ports: ApplyPorts): Promise<string | undefined> {
  const { loadChangeSet } = await import('@ambit/engine/change-set');
  const { checkpoints } = await ports.checkpoints.list();
  for (const { id, time, before, changeSet } of checkpoints) {
    if (before !== 'apply' || !changeSet || time < point.time) continue;
    const set = await loadChangeSet(ports.state, changeSet).catch(() => undefined);
    if (set?.run.id === point.run && /applied$/.test(set.state.status)) return id;
  }
  return undefined;
}

/**
 * Back to before one prompt of a session: what was applied since is taken back from the workspace, the session's own files
 * and its conversation are as they were. A person's later edit to the same lines is a conflict, and nothing changes then.
 */
export async function goBackTo(point: TurnPoint, ports: ApplyPorts, io: Pick<Io, 'now'>): Promise<WentBack> {
  const [{ rewindSession }, { undo }] = await Promise.all([
    import('@ambit/engine'),
    import('@ambit/engine/change-set'),
  ]);
  const checkpoint = await landedSince(point, ports);
  const result = checkpoint ? await undo({ checkpoint, channel: 'terminal' }, ports) : undefined;
  if (result?.status === 'conflict') return result;
  const rewound = await rewindSession(ports.state, point.session, point.id, io.now);
  const { listChangeSets } = await import('@ambit/engine/change-set');
  const { sets } = await listChangeSets(ports.state);
  const waiting = sets.filter(
    ({ run, state, made }) => run.id === point.run && state.status === 'open' && made >= point.time,
  );
  const undone = result?.status === 'undone' ? { undone: result } : {};
  return { status: 'back', rewound, ...undone, waiting: waiting.map(({ id }) => id) };
}

/** Turns of the newest sessions of a person, oldest first. */
export async function recentTurns(ports: Pick<ApplyPorts, 'state'>, sessions = 5): Promise<TurnPoint[]> {
  const { listSessions, turnPoints } = await import('@ambit/engine');
  const chats = (await listSessions(ports.state.sessions)).filter(({ kind }) => kind === 'chat').slice(0, sessions);
  const points = await Promise.all(chats.map(({ id }) => turnPoints(ports.state, id).catch(() => [])));
  return points.flat().sort((a, b) => (a.time < b.time ? -1 : 1));
}

/** What there is to go back to, as one list for people: applied changes and prompts, oldest first. */
export interface Milestone {
  id: string;
  time: string;
  text: string;
  turn?: TurnPoint;
}

export async function milestones(ports: ApplyPorts): Promise<{ all: Milestone[]; broken: string[] }> {
  const { checkpoints, broken } = await ports.checkpoints.list();
  const turns = (await recentTurns(ports)).map((turn): Milestone => {
    const said = turn.prompt.replaceAll(/\s+/g, ' ').slice(0, 60);
    const pending = turn.pending > 0 ? `, ${turn.pending} files not applied` : '';
    return { id: turn.id, time: turn.time, text: `before prompt "${said}"${pending}`, turn };
  });
  const applied = checkpoints.map(({ id, time, label, touched }): Milestone => {
    return { id, time, text: `${label}, ${touched.length} ${touched.length === 1 ? 'file' : 'files'}` };
  });
  return { all: [...applied, ...turns].sort((a, b) => (a.time < b.time ? -1 : 1)), broken };
}
