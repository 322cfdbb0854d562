import type { EngineName } from '@ambit/core/catalog';
import type { Engine } from '../engine.ts';

interface Entry {
  name: EngineName;
  /** Further rule engines that this one serves in the same pass. */
  covers?: readonly EngineName[];
  load: () => Promise<Engine>;
}

/** Every engine, loaded only when a rule names it. */
export const engines: readonly Entry[] = [
  { name: 'flow', covers: ['syntax', 'routes'], load: async () => (await import('./flow/engine.ts')).flowEngine },
  { name: 'access', load: async () => (await import('./access/engine.ts')).accessEngine },
  { name: 'config', load: async () => (await import('./config/engine.ts')).configEngine },
  { name: 'agent-config', load: async () => (await import('./agent-config/engine.ts')).agentConfigEngine },
  { name: 'deps', load: async () => (await import('./deps/engine.ts')).depsEngine },
];
