import type { OpenedSession, Session, TurnPoint, TurnSummary } from '@ambit/engine';
import type { Workbench } from '../workbench.ts';

/** The session behind a terminal, as slash commands and the controller use it. */
export interface Chat {
  readonly session: Session;
  readonly opened: OpenedSession;
  readonly bench: Workbench;
  readonly model: string;
  useModel: (name: string) => Promise<void>;
  /** Unified diff of the working copy, as lines. */
  diff: () => Promise<string[]>;
  /** Shows what was changed and asks what to do with it. */
  offer: () => Promise<void>;
  discard: () => Promise<void>;
  sessions: () => Promise<string[]>;
  resume: (id: string) => Promise<void>;
  /** What each prompt of the session has cost. */
  costs: () => Promise<TurnSummary[]>;
  /** Prompts of this session, oldest first. */
  turns: () => Promise<TurnPoint[]>;
  /** Back to before a prompt: files, conversation, and what was applied since. */
  rewind: (point: TurnPoint) => Promise<void>;
  /** Keeps a spec and its tasks in view; undefined takes it away. */
  showSpec: (name: string | undefined) => Promise<void>;
  leave: () => void;
}
