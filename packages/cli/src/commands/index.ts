import type { Command } from '../command.ts';

interface Entry {
  name: string;
  summary: string;
  load: () => Promise<Command>;
}

/** Every command by name, loaded only when asked for; the order is that of `ambit --help`. */
export const commands: readonly Entry[] = [];
