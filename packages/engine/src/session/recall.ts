import type { Label } from '@ambit/core/schema';
import type { Message } from '../providers/model.ts';
import type { SessionEntry } from './log.ts';

/** What a session may have read when its file does not say: everything. */
const allOutside: readonly Label[] = ['repository', 'tool', 'web'];

/**
 * What the words of a branch are tainted with. SECURITY: going on later must not wash off what was read before
 * (session.test.ts); a file that holds results and no labels counts as having read from outside.
 */
export function labelsOf(branch: readonly SessionEntry[]): Label[] {
  const labels = new Set(branch.flatMap((entry) => (entry.type === 'message' ? (entry.labels ?? []) : [])));
  const worked = branch.some((entry) => entry.type === 'message' && entry.message.role === 'tool');
  return worked && labels.size === 0 ? [...allOutside] : [...labels];
}

const writing = new Set(['write', 'edit']);

function writtenIn(messages: readonly Message[]): string[] {
  const done = new Set(
    messages.flatMap((message) =>
      message.role === 'tool' ? message.parts.flatMap(({ id, failed }) => (failed ? [] : [id])) : [],
    ),
  );
  return messages.flatMap((message) =>
    message.role === 'assistant'
      ? message.parts.flatMap((part) => {
          if (part.type !== 'call' || !writing.has(part.name) || !done.has(part.id)) return [];
          const path = /"path"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(part.arguments)?.[1];
          return path === undefined ? [] : [JSON.parse(path) as string];
        })
      : [],
  );
}

/** Files that a branch changed: what its last compaction listed, and what its tools wrote since. */
export function writtenOf(branch: readonly SessionEntry[]): string[] {
  const last = branch.findLastIndex((entry) => entry.type === 'compaction');
  const listed = branch[last];
  const since = branch.slice(last + 1).flatMap((entry) => (entry.type === 'message' ? [entry.message] : []));
  return [...new Set([...((listed?.type === 'compaction' && listed.written) || []), ...writtenIn(since)])];
}

/** The custom agent that narrows a session. */
export function agentOf(branch: readonly SessionEntry[]): string | undefined {
  const [first] = branch;
  return first?.type === 'session' ? first.agent : undefined;
}
