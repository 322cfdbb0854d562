import { bubblewrapSandbox } from './bubblewrap.ts';
import type { LinuxOptions } from './linux.ts';
import { namespacesSandbox } from './namespaces.ts';
import type { Availability, Sandbox } from './sandbox.ts';

export interface SandboxChoice {
  /** The strongest backend that works here; absent when none does. */
  sandbox?: Sandbox;
  /** What was tried, in order, for `ambit doctor`. */
  tried: { name: Sandbox['name']; availability: Availability }[];
}

/** Tries the backends, strongest first, and takes the first that works on this machine. */
export async function openSandbox(options: LinuxOptions): Promise<SandboxChoice> {
  const tried: SandboxChoice['tried'] = [];
  for (const sandbox of [bubblewrapSandbox(options), namespacesSandbox(options)]) {
    const availability = await sandbox.available();
    tried.push({ name: sandbox.name, availability });
    if (availability.ok) return { sandbox, tried };
  }
  return { tried };
}
