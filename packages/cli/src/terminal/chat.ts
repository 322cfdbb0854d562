import type { OpenedSession, Session } from '@ambit/engine';
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
  leave: () => void;
}
