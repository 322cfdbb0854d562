import type { Spec } from '@ambit/core/spec';
import type { ApplyPorts, StoredChangeSet } from '../change-set/index.ts';
import { recordEvidence, recordsOf } from '../evidence/index.ts';

/** Keeps what shows a task's criteria, bound to the files it rests on, once its change set is in the workspace. */
export async function keepProof(spec: Spec, set: StoredChangeSet, ports: ApplyPorts): Promise<void> {
  if (!set.task || set.spec !== spec.name) return;
  const at = ports.now().toISOString();
  const changed = set.files.filter((file) => !file.withheld && file.type === 'file');
  const files = Object.fromEntries(changed.flatMap(({ path, after }) => (after ? [[path, after]] : [])));
  const records = set.evidence ? recordsOf(set.evidence, spec, files, at) : [];
  const audit = { record: ports.record };
  await recordEvidence({ state: ports.state, audit }, spec.name, records, {
    task: set.task,
    files: changed.map((file) => file.path),
    at,
  });
}
