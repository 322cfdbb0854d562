import { homedir } from 'node:os';
import type { Confinement } from '@ambit/engine';
import type { GatePorts } from '@ambit/guard';
import type { LoadedPolicy } from '@ambit/guard/policy';
import { configDirectory, type StatePaths, statePaths } from '@ambit/guard/state';
import { type CatalogFile, readCatalog } from './catalog.ts';
import type { Io } from './command.ts';
import { findWorkspace } from './place.ts';

/** What every command that runs something in a workspace starts from. */
export interface Workbench {
  workspace: string;
  state: StatePaths;
  policies: readonly CatalogFile[];
  policy: LoadedPolicy;
  redact: GatePorts['redact'];
  /** Absent where nothing on this machine confines commands. */
  confinement?: Confinement;
}

async function openRedactor(env: NodeJS.ProcessEnv): Promise<GatePorts['redact']> {
  const { secretDetectors } = await import('./detectors.ts');
  const detectors = await secretDetectors();
  const known = Object.entries(env)
    .filter(([name, value]) => /(key|token|secret|password|credential)/i.test(name) && (value ?? '').length >= 8)
    .map(([, value]) => value ?? '');
  return (text) => {
    let redactions = 0;
    let out = text;
    for (const { start, end, ruleId } of detectors.find(text).secrets.toSorted((a, b) => b.start - a.start)) {
      out = `${out.slice(0, start)}[redacted: ${ruleId}]${out.slice(end)}`;
      redactions += 1;
    }
    for (const value of known) {
      const parts = out.split(value);
      redactions += parts.length - 1;
      out = parts.join('[redacted]');
    }
    return { text: out, redactions };
  };
}

/** Reads policy and catalogue for the workspace around `io.cwd`. Creates nothing. */
export async function openWorkbench(io: Io): Promise<Workbench> {
  const [{ loadPolicy }, policies] = await Promise.all([import('@ambit/guard/policy'), readCatalog('policies')]);
  const workspace = findWorkspace(io.cwd, io.env);
  const state = statePaths(workspace, io.env);
  return {
    workspace: state.workspace,
    state,
    policies,
    policy: await loadPolicy(policies, {
      workspace: state.workspace,
      config: configDirectory(io.env),
      home: io.env['HOME'] || homedir(),
    }),
    redact: await openRedactor(io.env),
  };
}
