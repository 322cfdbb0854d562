import { dirname, join } from 'node:path';
import { bubblewrapSandbox } from './bubblewrap.ts';
import type { LinuxOptions } from './linux.ts';
import { namespacesSandbox } from './namespaces.ts';
import { runtimeSandbox } from './runtime.ts';
import type { Availability, Sandbox } from './sandbox.ts';

export type SandboxName = Sandbox['name'];

/** What was found on this machine; `doctor` shows `considered`. */
export interface Choice {
  /** Undefined when commands cannot be confined here: they are asked one by one, and refused in autopilot. */
  sandbox?: Sandbox;
  considered: readonly { name: SandboxName; state: Availability }[];
}

const elsewhere: Availability = {
  ok: false,
  reason:
    process.platform === 'win32'
      ? 'Windows has no sandbox that Ambit supports; run Ambit inside WSL'
      : `no sandbox is supported on ${process.platform} yet; run Ambit in a Linux container or virtual machine`,
  cost: 'commands are asked one by one and run unconfined, never in autopilot',
};

/** Not tried by us on a Mac: held by the runtime's own tests and by runtime.test.ts for what we ask of it. */
function onMac(options: LinuxOptions): Sandbox {
  const named = options.system.toolchains.filter((entry) => !entry.startsWith('/'));
  const readable = [...named.map((entry) => join(options.home, entry)), dirname(dirname(options.node))];
  return runtimeSandbox({ private: ['/Users', '/Volumes', '/private/var/folders', '/private/tmp'], readable });
}

/**
 * The first backend that works here. `prefer` puts one first; none is ever left out silently: `considered` has the reason
 * of each that was passed over.
 */
export async function chooseSandbox(options: LinuxOptions & { prefer?: SandboxName }): Promise<Choice> {
  if (process.platform !== 'linux' && process.platform !== 'darwin')
    return { considered: [{ name: 'none', state: elsewhere }] };
  const backends =
    process.platform === 'darwin' ? [onMac(options)] : [bubblewrapSandbox(options), namespacesSandbox(options)];
  backends.sort((a, b) => Number(b.name === options.prefer) - Number(a.name === options.prefer));
  const considered: Choice['considered'][number][] = [];
  for (const sandbox of backends) {
    const state = await sandbox.available();
    considered.push({ name: sandbox.name, state });
    if (state.ok) return { sandbox, considered };
  }
  return { considered };
}
