// A workspace, its state and a working copy for tests of change sets; everything in one temporary folder.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type {
  ApplyPorts,
  ChangeSetContext,
  PathProtections,
  ReviewCues,
  StoredChangeSet,
} from '@ambit/engine/change-set';
import { makeChangeSet, readReviewCues } from '@ambit/engine/change-set';
import { gitStore, openCheckpoints, plainStore } from '@ambit/engine/checkpoint';
import { protections, readPolicySets } from '@ambit/guard/policy';
import { type StatePaths, statePaths } from '@ambit/guard/state';
import { openWorkingCopy, type WorkingCopy } from '@ambit/guard/working-copy';
import { readCatalogSources } from './catalog.ts';

export interface Bench {
  root: string;
  workspace: string;
  state: StatePaths;
  cues: ReviewCues;
  protections: PathProtections;
  ports: ApplyPorts;
  records: { kind: string; data: Record<string, unknown> }[];
  put: (path: string, content: string | Uint8Array) => Promise<void>;
  text: (path: string) => Promise<string>;
  copy: () => Promise<WorkingCopy>;
  /** A change set from what `work` did in a fresh working copy. */
  changed: (
    work: (copy: WorkingCopy) => Promise<unknown>,
    context?: Partial<ChangeSetContext>,
  ) => Promise<StoredChangeSet | undefined>;
}

export const reviewCues = async () => readReviewCues(await readCatalogSources('review'));

export async function openBench(t: { after: (fn: () => Promise<void>) => void }, git = false): Promise<Bench> {
  const root = await mkdtemp(join(tmpdir(), 'ambit-change-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  const workspace = join(root, 'project');
  await mkdir(workspace);
  const state = statePaths(workspace, { XDG_STATE_HOME: join(root, 'state') });
  const cues = await reviewCues();
  const guarding = protections(readPolicySets(await readCatalogSources('policies')));
  const records: Bench['records'] = [];
  let tick = Date.UTC(2026, 0, 1);
  const now = () => {
    tick += 1000;
    return new Date(tick);
  };
  const stores = { workspace, folder: state.checkpoints };
  const trees = [
    ...(git ? [gitStore({ ...stores, env: process.env })] : []),
    plainStore({ ...stores, derived: (path) => cues.derived.some((one) => one.matches(path)) }),
  ];
  const ports: ApplyPorts = {
    state,
    checkpoints: openCheckpoints({ folder: state.checkpoints, now, trees }),
    record: async (kind, run, data) => {
      records.push({ kind, data });
      const hash = '0'.repeat(64);
      const time = now().toISOString();
      return { version: 1, sequence: records.length, time, run, kind, data, previous: hash, hash };
    },
    now,
  };
  let copies = 0;
  const copy = () => {
    copies += 1;
    return openWorkingCopy({ workspace, stateDir: join(state.workingCopies, String(copies)), prefer: ['copy'] });
  };
  return {
    root,
    workspace,
    state,
    cues,
    protections: guarding,
    ports,
    records,
    put: async (path, content) => {
      await mkdir(dirname(join(workspace, path)), { recursive: true });
      await writeFile(join(workspace, path), content);
    },
    text: (path) => readFile(join(workspace, path), 'utf8'),
    copy,
    changed: async (work, context = {}) => {
      const files = await copy();
      await work(files);
      const run = { id: `run-${copies}`, kind: 'task' as const, depth: 0 };
      const scan = async () => ({ findings: [], gaps: [] });
      const made = await makeChangeSet(files, { state, run, now, protections: guarding, cues, scan, ...context });
      await files.discard();
      return made;
    },
  };
}
