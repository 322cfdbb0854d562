import type { ActionKind, ActionOf, Decision, Event, Label, Outcome } from '@ambit/core/schema';
import { type Executed, type GatePorts, type Grant, perform } from '@ambit/guard';
import type { EventBody } from '../agent/types.ts';

/** One refusal, for the run's report and exit code. */
export interface Refusal {
  action: string;
  rule: string;
  reason: string;
  /** A question nobody was there to answer, not a rule that forbids. */
  needsHuman: boolean;
}

/** What the door has seen of a run so far. */
export interface Passage {
  labels: Set<Label>;
  refusals: Refusal[];
  /** Paths written through tools, in order of the first write. */
  written: Set<string>;
}

export interface Door {
  passage: Passage;
  perform: <K extends ActionKind>(
    action: ActionOf<K>,
    summary: string,
    execute: (grant: Grant<K>) => Promise<Executed>,
  ) => Promise<Outcome>;
}

/** A denial that was a question: the rule that decided had asked. */
export function wantsHuman(decision: Decision): boolean {
  const { rule } = decision.because;
  return decision.effect === 'deny' && decision.rules.some((one) => one.rule === rule && one.effect === 'ask');
}

export function newPassage(labels: readonly Label[] = [], written: readonly string[] = []): Passage {
  return { labels: new Set<Label>(['human', ...labels]), refusals: [], written: new Set(written) };
}

function finished(action: { id: string; via?: string | undefined }, outcome: Outcome): EventBody {
  const denied = outcome.status === 'denied' ? { rule: outcome.decision.because.rule } : {};
  const body: Omit<Extract<Event, { type: 'action.finished' }>, 'version' | 'time' | 'run'> = {
    type: 'action.finished',
    action: action.id,
    tool: action.via ?? '',
    status: outcome.status,
    text: outcome.text,
    ...denied,
  };
  return body;
}

/** `perform` with events before and after, labels joined, refusals kept. */
export function openDoor(ports: GatePorts, passage: Passage, emit: (event: EventBody) => void): Door {
  return {
    passage,
    perform: async (action, summary, execute) => {
      const { id, kind, via } = action;
      emit({ type: 'action.requested', action: id, tool: via ?? kind, kind, summary });
      const outcome = await perform(action, execute, {
        ...ports,
        notice: (notice) => {
          ports.notice?.(notice);
          if (!notice.outcome) emit({ type: 'action.decided', action: action.id, decision: notice.decision });
        },
      });
      for (const label of outcome.labels) passage.labels.add(label);
      if (outcome.status === 'denied') {
        const { rule, reason } = outcome.decision.because;
        passage.refusals.push({ action: summary, rule, reason, needsHuman: wantsHuman(outcome.decision) });
      }
      emit(finished(action, outcome));
      return outcome;
    },
  };
}
