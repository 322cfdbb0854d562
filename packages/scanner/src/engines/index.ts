import type { EngineName } from '@ambit/core/catalog';
import type { Engine } from '../engine.ts';

interface Entry {
  name: EngineName;
  load: () => Promise<Engine>;
}

/** Every engine, loaded only when a rule names it. */
export const engines: readonly Entry[] = [];
