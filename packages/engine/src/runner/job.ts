import type { Verify } from '@ambit/core/catalog';
import type { Mode, NamedGrant } from '@ambit/core/policy-model';
import type { Event, RunRef } from '@ambit/core/schema';
import type { Spec, Task } from '@ambit/core/spec';
import type { GatePorts } from '@ambit/guard';
import type { Judge, LoadedPolicy } from '@ambit/guard/policy';
import type { StatePaths } from '@ambit/guard/state';
import type { WorkingCopyKind } from '@ambit/guard/working-copy';
import type { RunLimits } from '../agent/types.ts';
import type { ApplyPorts, ChangeSetContext, ReviewCues } from '../change-set/index.ts';
import type { RuleScan } from '../evidence/index.ts';
import type { Effort, ModelClient, ModelUsage } from '../providers/model.ts';
import type { Confinement } from '../session/commands.ts';
import type { OpenSessionOptions } from '../session.ts';

export interface Guide extends Pick<OpenSessionOptions, 'steering' | 'hooks' | 'around'> {
  /** Task hooks before the work: why it may not begin, or undefined. */
  before?: (task: Pick<Task, 'id' | 'title'>) => Promise<string | undefined>;
  /** Task hooks after the work; they cannot stop it. */
  after?: (task: Pick<Task, 'id' | 'title'>, status: string) => Promise<void>;
  end?: () => Promise<void>;
}

/** Everything tasks of one spec are carried out with. */
export interface RunPlace {
  state: StatePaths;
  spec: Spec;
  /** Hashes of the approved documents: grants of the spec count while these are in force. */
  hashes: readonly string[];
  policy: LoadedPolicy;
  redact: GatePorts['redact'];
  /** Absent where nothing confines commands: they are refused, tests too. */
  confinement?: Confinement;
  model: ModelClient;
  effort?: Effort;
  dollars?: (model: string, usage: ModelUsage) => number | undefined;
  mode: Mode;
  limits: RunLimits;
  /** Repair rounds after the first attempt. */
  rounds: number;
  cues: ReviewCues;
  apply: ApplyPorts;
  /** The part of a change set's context that every run here shares. */
  context: (run: ChangeSetContext['run']) => Promise<ChangeSetContext>;
  copyKinds?: readonly WorkingCopyKind[];
  ask?: NonNullable<GatePorts['ask']>;
  /** Further judges at the policy point. */
  judges?: readonly Judge[];
  /** Accepted steering and hooks, opened for each task's run. */
  guide?: (run: RunRef) => Promise<Guide>;
  /** The workspace has other specs, so a citation must name its own. */
  manySpecs?: boolean;
  /** How the catalogue says that a criterion is verified, by its number in the spec. */
  verify?: ReadonlyMap<string, Verify>;
  scanRule?: RuleScan;
  emit: (event: Event) => void;
  now: () => Date;
}

/** What one task may write, and the guarded files it names. */
export interface TaskScope {
  write: string[];
  grants: NamedGrant[];
}

const literalPrefix = (glob: string) => glob.split(/[*?[\]{}]/)[0] ?? '';

/**
 * Whether a scope's glob names guarded files and not merely reaches them: what stands before its first wildcard lies in
 * guarded ground already. `src/auth/**` names, `src/**` does not.
 */
function names(glob: string, policy: LoadedPolicy): boolean {
  const prefix = literalPrefix(glob);
  const guarded = (path: string) => policy.protections.of(path).some((one) => one.kind === 'guarded');
  if (prefix === glob) return guarded(glob) || guarded(`${glob}/index.ts`);
  if (prefix === '') return false;
  const folder = prefix.endsWith('/') ? prefix : prefix.slice(0, prefix.lastIndexOf('/') + 1);
  return folder !== '' && guarded(`${folder}any-file.txt`);
}

/** Files that design.md names for its components: the scope of a task that has none of its own. */
function designFiles(spec: Spec): string[] {
  const files = (spec.design?.components ?? []).flatMap((component) => component.files.map((file) => file.text));
  return [...new Set(files)].filter((file) => !/^(?:[a-z]+:|\/|~)/i.test(file) && !file.split('/').includes('..'));
}

/** The scope of a task: its own line, its parents', else the design's files. */
export function taskScope(place: Pick<RunPlace, 'spec' | 'policy' | 'hashes'>, task: Task): TaskScope {
  const byId = new Map(place.spec.tasks?.tasks.map((one) => [one.id, one]));
  let write: string[] = [];
  for (let at: Task | undefined = task; at && write.length === 0; at = at.parent ? byId.get(at.parent) : undefined)
    write = at.scope.map((slot) => slot.text);
  if (write.length === 0) write = designFiles(place.spec);
  const named = write.filter((glob) => names(glob, place.policy));
  const grant: NamedGrant = {
    id: `scope:${place.spec.name}/${task.id}`,
    capability: 'fs_write',
    match: named,
    subject: { spec: place.spec.name, task: task.id },
    source: `${place.spec.name}, task ${task.id}`,
  };
  return { write, grants: named.length > 0 ? [grant] : [] };
}
