import { randomBytes } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { RunRef } from '@ambit/core/schema';
import { type Finding, type Repair, repairs } from '@ambit/scanner';
import type { Io } from '../../command.ts';

/** Makes a change set of repairs; nothing in the workspace is touched before somebody applies it. */
async function changeSetOf(root: string, all: readonly Repair[], io: Io) {
  const [{ openWorkbench }, { openLandingFor }, { openWorkingCopy }, { makeChangeSet }] = await Promise.all([
    import('../../workbench.ts'),
    import('../../run/change-set.ts'),
    import('@ambit/guard/working-copy'),
    import('@ambit/engine/change-set'),
  ]);
  const bench = await openWorkbench({ ...io, cwd: root });
  const { state } = bench;
  const id = randomBytes(6).toString('hex');
  const run: RunRef = { id, kind: 'command', depth: 0, origin: 'ambit scan --fix' };
  const copy = await openWorkingCopy({ workspace: state.workspace, stateDir: join(state.workingCopies, id) });
  try {
    const real = await realpath(root);
    for (const { file, after } of all)
      await copy.write(relative(state.workspace, join(real, file)).replaceAll(sep, '/'), after);
    const landing = await openLandingFor(bench, io);
    return await makeChangeSet(copy, {
      ...(await landing.context(run)),
      summary: `Repairs of ${all.length === 1 ? 'one file' : `${all.length} files`} that the scan is certain of`,
    });
  } finally {
    await copy.discard();
  }
}

/** Proposes the repairs that findings are sure of, and says what to do with the proposal. */
export async function proposeRepairs(root: string, findings: readonly Finding[], io: Io): Promise<string> {
  const all = await repairs(root, findings);
  const set = all.length === 0 ? undefined : await changeSetOf(root, all, io);
  if (set === undefined) return 'nothing could be repaired for certain\n';
  const files = set.files.map(({ path }) => path).join(', ');
  return `proposed as change set ${set.id}: ${files}\n  look at it: ambit review show ${set.id}\n  land it:    ambit review apply ${set.id}\n  take back:  ambit undo\n`;
}
