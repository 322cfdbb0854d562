import { fileURLToPath } from 'node:url';
import { readCatalogSources } from '../../packages/cli/src/catalog.ts';
import { bubblewrapSandbox } from '../../packages/guard/src/sandbox/bubblewrap.ts';
import { type SandboxCatalog, sandboxCatalog } from '../../packages/guard/src/sandbox/catalog.ts';
import { namespacesSandbox } from '../../packages/guard/src/sandbox/namespaces.ts';
import type { Subject } from '../../packages/guard/src/sandbox/sandbox.contract.ts';
import { unavailable } from '../../packages/guard/src/working-copy/working-copy.contract.ts';

const catalogFolder = fileURLToPath(new URL('../../catalog/', import.meta.url));

export async function shippedSandboxCatalog(): Promise<SandboxCatalog> {
  return sandboxCatalog(await readCatalogSources(catalogFolder, 'policies'));
}

/** Every backend on each kind of working copy that matters to it, with the reason where it cannot run here. */
export async function sandboxes(): Promise<Subject[]> {
  const catalog = await shippedSandboxCatalog();
  const made = [
    { name: 'namespaces', make: namespacesSandbox },
    { name: 'bubblewrap', make: bubblewrapSandbox },
  ];
  const facts = { system: catalog.system, home: '/nonexistent', path: '', node: process.execPath };
  const noOverlay = await unavailable('overlay');
  const subjects: Subject[] = [];
  for (const { name, make } of made) {
    const state = await make(facts).available();
    const reason = state.ok ? undefined : state.reason;
    for (const copies of ['overlay', 'copy'] as const) {
      const skip = reason ?? (copies === 'overlay' ? noOverlay : undefined);
      subjects.push({ name, make, catalog, copies, ...(skip ? { skip } : {}) });
    }
  }
  return subjects;
}
