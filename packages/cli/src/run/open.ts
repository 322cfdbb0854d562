import type { Event } from '@ambit/core/schema';
import type { Continuation, OpenedSession } from '@ambit/engine';
import type { Effort } from '@ambit/engine/providers';
import type { GatePorts } from '@ambit/guard';
import type { Io } from '../command.ts';
import { requireModel } from '../models.ts';
import { openWorkbench, type Workbench } from '../workbench.ts';

/** Turns of one prompt unless said otherwise: far more than a job takes, far less than a night of loops. */
export const defaultTurns = 200;

export interface ChatOptions {
  model: string | undefined;
  effort: Effort | undefined;
  autopilot: boolean;
  turns: number | undefined;
  dollars: number | undefined;
  /** From a stored session, with the run whose working copy it left. */
  continuation?: Continuation & { run: string };
  ask?: NonNullable<GatePorts['ask']>;
  emit: (event: Event) => void;
  progress?: (text: string) => void;
}

export interface OpenedChat {
  bench: Workbench;
  opened: OpenedSession;
  model: string;
}

/** A chat run in the workspace around `io.cwd`: the workspace without guarded and control files is its ambit. */
export async function openChat(chat: ChatOptions, io: Io): Promise<OpenedChat> {
  const [{ openSession }, { defaultAmbit }, bench, { client, choice }] = await Promise.all([
    import('@ambit/engine'),
    import('@ambit/guard/policy'),
    openWorkbench(io),
    requireModel(io, { flag: chat.model, role: 'coder', effort: chat.effort }),
  ]);
  const opened = await openSession({
    state: bench.state,
    kind: 'chat',
    ambit: defaultAmbit('chat'),
    mode: chat.autopilot ? 'autopilot' : 'supervised',
    policy: bench.policy,
    redact: bench.redact,
    ...(bench.confinement ? { confinement: bench.confinement } : {}),
    model: client,
    ...(choice.effort ? { effort: choice.effort } : {}),
    limits: { turns: chat.turns ?? defaultTurns, ...(chat.dollars === undefined ? {} : { dollars: chat.dollars }) },
    emit: chat.emit,
    ...(chat.progress ? { progress: chat.progress } : {}),
    now: io.now,
    ...(chat.ask ? { ask: chat.ask } : {}),
    ...(chat.continuation ? { continuation: chat.continuation, run: { id: chat.continuation.run } } : {}),
  });
  return { bench, opened, model: client.id };
}
