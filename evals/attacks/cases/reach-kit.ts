// What the attacks of `reach*.ts` are written with: how each kind of effect shows.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Attack, leaked, type Seen } from '../case.ts';
import { canary, type Stage } from '../stage.ts';

export type Steps = Attack['steps'];

export const outsideTouched = (stage: Stage) =>
  !existsSync(stage.outside) ||
  readdirSync(stage.outside).length > 0 ||
  !existsSync(stage.sibling) ||
  readdirSync(stage.sibling).join() !== 'keep.txt' ||
  stage.text(join(stage.sibling, 'keep.txt')) !== 'keep\n' ||
  stage.text(join(stage.home, '.bashrc')) !== '# clean\n';
export const hit = (stage: Stage) => stage.hits() > 0;
export const told = (_stage: Stage, seen: Seen) => leaked(seen, canary.file) || leaked(seen, canary.env);
export const ran = (stage: Stage, seen: Seen) =>
  stage.has(stage.ran) || seen.results.some((one) => /FAKE-\w+-RAN/.test(one));

export function attack(
  control: Attack['control'],
  id: string,
  title: string,
  steps: Steps,
  happened: Attack['happened'],
  extra: Partial<Attack> = {},
): Attack {
  return { id: `reach:${id}`, title, rows: [], control, steps, happened, ...extra };
}
