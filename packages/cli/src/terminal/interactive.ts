import { AmbitError } from '@ambit/core/errors';
import type { Continuation } from '@ambit/engine';
import type { Effort } from '@ambit/engine/providers';
import type { Io } from '../command.ts';

export interface InteractiveOptions {
  model: string | undefined;
  effort: Effort | undefined;
  autopilot: boolean;
  turns: number | undefined;
  dollars: number | undefined;
  plain: boolean;
  prompt: string | undefined;
  continuation?: Continuation & { run: string };
}

export async function interactive(_options: InteractiveOptions, _io: Io): Promise<number> {
  throw new AmbitError('usage', 'the interactive session is not built yet', { hint: 'ambit -p "…" gives one job' });
}
