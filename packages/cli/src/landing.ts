import { pathMatcher } from '@ambit/core/policy-model';
import type { RunRef } from '@ambit/core/schema';
import type { ApplyPorts, ChangedFile, ChangeSetContext, PathProtections, ReviewCues } from '@ambit/engine/change-set';
import type { RuleScan } from '@ambit/engine/evidence';
import type { StatePaths } from '@ambit/guard/state';
import { readCatalog } from './catalog.ts';
import type { Io } from './command.ts';

/** What a command needs of the workbench to make, show, apply and undo change sets. */
export interface LandingBench {
  state: StatePaths;
  protections: PathProtections;
  redact?: (text: string) => { text: string; redactions: number };
}

export interface Landing {
  cues: ReviewCues;
  /** One scanner rule over files: evidence for the criteria that a rule verifies. */
  scanRule: RuleScan;
  ports: ApplyPorts;
  /** What has been applied through these ports so far, for file hooks. */
  landed: Pick<ChangedFile, 'path' | 'kind'>[];
  /** The part of a change set's context that is the same for every run here. */
  context: (run: RunRef) => Promise<ChangeSetContext>;
}

/** Whether a path is inside any of these globs. */
export function insideAny(globs: readonly string[]): (path: string) => boolean {
  const matchers = globs.map(pathMatcher);
  return (path) => matchers.some((matches) => matches(path));
}

/** Wires checkpoints, audit log, scan and cues for one workspace. Creates nothing until used. */
export async function openLanding(bench: LandingBench, io: Pick<Io, 'env' | 'now'>): Promise<Landing> {
  const [
    { readReviewCues },
    checkpoint,
    { openAuditLog },
    { changeReview, ruleScanner },
    { advisoriesFolder, cacheFile, runningBuild, shippedRules },
  ] = await Promise.all([
    import('@ambit/engine/change-set'),
    import('@ambit/engine/checkpoint'),
    import('@ambit/guard/audit'),
    import('@ambit/engine/review'),
    import('./commands/scan/select.ts'),
  ]);
  const { state, protections } = bench;
  const cues = readReviewCues(await readCatalog('review'));
  const store = { workspace: state.workspace, folder: state.checkpoints };
  const git = { ...store, env: io.env };
  const derived = (path: string) => cues.derived.some((one) => one.matches(path));
  const trees = [checkpoint.gitStore(git), checkpoint.plainStore({ ...store, derived })];
  const redact = bench.redact;
  const audit = await openAuditLog(state, {
    now: io.now,
    ...(redact ? { redact: (text: string) => redact(text).text } : {}),
  });
  const checkpoints = checkpoint.openCheckpoints({ folder: state.checkpoints, now: io.now, trees });
  const catalog = await shippedRules();
  // Results of files that stay as they are rest where the scan of this workspace keeps its own.
  const review = changeReview(state.workspace, {
    catalog,
    cacheFile: cacheFile(state.workspace, false, io),
    build: runningBuild(),
    now: io.now,
    least: 'medium',
    advisories: async (wanted) => {
      const { openAdvisories } = await import('@ambit/scanner/advisories');
      return openAdvisories(advisoriesFolder(io), wanted, io.now());
    },
  });
  const landed: Landing['landed'] = [];
  return {
    cues,
    scanRule: ruleScanner(catalog),
    landed,
    ports: { state, checkpoints, record: audit.record, now: io.now, landed: (files) => void landed.push(...files) },
    context: async (run) => ({
      state,
      run,
      now: io.now,
      protections,
      cues,
      ignored: (paths) => checkpoint.ignoredPaths(git, paths),
      ...review,
      ...(await headOf(state.workspace)),
    }),
  };
}

/** The landing for commands that only show, apply or undo. */
export async function openLandingHere(io: Io): Promise<Landing> {
  const { openWorkbench } = await import('./workbench.ts');
  const bench = await openWorkbench(io);
  return openLanding({ state: bench.state, protections: bench.policy.protections, redact: bench.redact }, io);
}

/** Commit the workspace stands at, read from git's own files: nothing of the repository is run. */
async function headOf(workspace: string): Promise<{ head?: string }> {
  const { readFile } = await import('node:fs/promises');
  const { join } = await import('node:path');
  try {
    const head = (await readFile(join(workspace, '.git', 'HEAD'), 'utf8')).trim();
    const named = /^ref: (refs\/[\w./-]+)$/.exec(head)?.[1];
    const commit = named ? (await readFile(join(workspace, '.git', named), 'utf8')).trim() : head;
    return /^[0-9a-f]{40,64}$/.test(commit) ? { head: commit } : {};
  } catch {
    return {};
  }
}
