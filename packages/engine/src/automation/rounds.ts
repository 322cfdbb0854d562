import type { FileEvent, HookEvent } from '../hooks/index.ts';

/** One firing of file hooks: an event and the paths it stands for. */
export interface FileRound {
  event: HookEvent;
  paths: string[];
}

/** Up to this many files each get a run of their own; a larger batch (branch switch, install) is one. */
const singly = 20;

/**
 * Folds waiting file events into firings: hooks that read one path from standard input see each file of a small batch; a
 * large batch comes as one event with all paths. Events of different origin or depth are never mixed.
 */
export function fileRounds(events: readonly FileEvent[]): FileRound[] {
  const groups = new Map<string, FileEvent[]>();
  for (const event of events) {
    const key = `${event.trigger}\0${event.origin}\0${event.depth}`;
    const group = groups.get(key);
    if (group) group.push(event);
    else groups.set(key, [event]);
  }
  return [...groups.values()].flatMap((group) => {
    if (group.length <= singly) return group.map((event) => ({ event, paths: [event.path] }));
    const [first] = group;
    return first ? [{ event: first, paths: group.map(({ path }) => path) }] : [];
  });
}
