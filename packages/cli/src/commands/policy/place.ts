import { homedir } from 'node:os';
import { type LoadedPolicy, loadPolicy, type PolicyFile } from '@ambit/guard/policy';
import { configDirectory } from '@ambit/guard/state';
import { readCatalog } from '../../catalog.ts';
import type { Io } from '../../command.ts';
import { findWorkspace } from '../../place.ts';

export interface PolicyPlace {
  workspace: string;
  config: string;
  home: string;
  /** The user's PATH. */
  path: string;
  catalog: readonly PolicyFile[];
  policy: LoadedPolicy;
}

/** Policy in force around `io.cwd`. Starts nothing, writes nothing. */
export async function policyPlace(io: Pick<Io, 'cwd' | 'env'>): Promise<PolicyPlace> {
  const workspace = findWorkspace(io.cwd, io.env);
  const [config, home] = [configDirectory(io.env), io.env['HOME'] || homedir()];
  const catalog = await readCatalog('policies');
  const path = io.env['PATH'] ?? '';
  return { workspace, config, home, path, catalog, policy: await loadPolicy(catalog, { workspace, config, home }) };
}
