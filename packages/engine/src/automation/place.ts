import type { RunRef, Usage } from '@ambit/core/schema';
import type { GatePorts } from '@ambit/guard';
import type { LoadedPolicy } from '@ambit/guard/policy';
import type { StatePaths } from '@ambit/guard/state';
import type { WorkingCopy } from '@ambit/guard/working-copy';
import type { HookScope } from '../hooks/index.ts';
import type { ModelClient, ModelUsage } from '../providers/model.ts';
import type { Confinement } from '../session/commands.ts';
import type { AnyTool } from '../tools/tool.ts';

/** A hook's change, kept for review or landed. */
export interface KeptChange {
  id: string;
  applied: boolean;
  flags: number;
}

/** What hooks run with; the command line builds it from its workbench. */
export interface AutomationPlace {
  state: StatePaths;
  policy: LoadedPolicy;
  redact: GatePorts['redact'];
  /** Absent where nothing confines: command hooks do not run. */
  confinement?: Confinement;
  /** The model of agent hooks; rejects when none is set up. */
  model: () => Promise<ModelClient>;
  dollars?: (model: string, usage: ModelUsage) => number | undefined;
  /**
   * Puts what this hook's open proposals hold into a fresh working copy, so that the next one builds on them. Resolves to
   * the change sets that were taken over; `keep` replaces them.
   */
  takeOver: (copy: WorkingCopy, hook: string) => Promise<readonly string[]>;
  /**
   * Makes the change set of a hook's working copy, scanned and flagged, and lands it only when the scope says so and it
   * carries no flag. Undefined when nothing was changed.
   */
  keep: (copy: WorkingCopy, run: RunRef, scope: HookScope, said: Kept) => Promise<KeptChange | undefined>;
  /** Existing guarded files of the workspace (authentication, migrations, CI …), relative. */
  guardedFiles: () => Promise<readonly string[]>;
  /** Tool hooks speak inside a hook's own agent too. */
  around?: (run: RunRef) => (tool: AnyTool) => AnyTool;
  /** Ends runs that are going on; what was interrupted is no failure of the hook. */
  signal?: AbortSignal;
  now: () => Date;
  session: string;
}

/** What is known of a hook's run when its change is kept. */
export interface Kept {
  summary: string;
  denied: { rule: string; text: string }[];
  usage?: Usage;
  /** Proposals that the new one contains. */
  replaces: readonly string[];
}
