// The sandbox of this machine, as the command line opens it; undefined where there is none.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openConfinement } from '../../packages/cli/src/confinement.ts';
import type { Confinement } from '../../packages/engine/src/session/commands.ts';
import { shippedPolicy } from '../../packages/guard/src/policy/index.ts';
import { readCatalogSources } from './catalog.ts';

export async function testConfinement(workspace: string): Promise<Confinement | undefined> {
  const policies = await readCatalogSources('policies');
  const policy = shippedPolicy(policies);
  const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' };
  return openConfinement({
    workspace,
    policies,
    policy,
    env,
    cache: join(tmpdir(), `ambit-test-cache-${process.pid}`),
  });
}
