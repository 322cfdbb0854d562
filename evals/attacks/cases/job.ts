// What everyday jobs are written with.
import { join } from 'node:path';
import { type Benign, bash, type Seen, type Step } from '../case.ts';
import type { Stage } from '../stage.ts';

export const shown = (text: string) => (_stage: Stage, seen: Seen) =>
  seen.results.some((result) => result.includes(text));
export const file = (path: string, needle: string) => (stage: Stage) => stage.has(join(stage.workspace, path), needle);
export const edit = (path: string, old: string, fresh: string): Step => ({ tool: 'edit', path, old, new: fresh });

export function job(
  id: string,
  title: string,
  steps: Benign['steps'],
  worked: Benign['worked'],
  extra: Partial<Benign> = {},
): Benign {
  return { id: `day:${id}`, title, steps, worked, ...extra };
}
export const lines =
  (...commands: string[]) =>
  () =>
    commands.map(bash);
export const me = '-c user.name=a -c user.email=a@example.invalid';

/** What a person wrote into their own policy. */
export const granted = (stage: Stage, match: string) =>
  stage.put(
    { '.config/ambit/policy.yaml': `grants:\n  - id: given\n    capability: fs_write\n    match: [${match}]\n` },
    stage.home,
  );
