// Applies (or undoes) a change set in a process of its own and ends it, as kill -9 would, at the given step.
import { applyChangeSet, readReviewCues, undo } from '@ambit/engine/change-set';
import { gitStore, openCheckpoints, plainStore } from '@ambit/engine/checkpoint';
import { openAuditLog } from '@ambit/guard/audit';
import { statePaths } from '@ambit/guard/state';
import { readCatalogSources } from './catalog.ts';

const [workspace = '', stateHome = '', id = '', at = '0', how = 'apply'] = process.argv.slice(2);
const state = statePaths(workspace, { XDG_STATE_HOME: stateHome });
const now = () => new Date();
const cues = readReviewCues(await readCatalogSources('review'));
const store = { workspace, folder: state.checkpoints };
const trees = [
  gitStore({ ...store, env: process.env }),
  plainStore({ ...store, derived: (path) => cues.derived.some((one) => one.matches(path)) }),
];
const audit = await openAuditLog(state, { now });
let step = 0;
const ports = {
  state,
  checkpoints: openCheckpoints({ folder: state.checkpoints, now, trees }),
  record: audit.record,
  now,
  step: () => {
    step += 1;
    if (step === Number(at)) process.kill(process.pid, 'SIGKILL');
  },
};
const result =
  how === 'undo' ? await undo({ channel: 'test' }, ports) : await applyChangeSet(id, { channel: 'test' }, ports);
process.stdout.write(JSON.stringify({ ...result, steps: step }));
