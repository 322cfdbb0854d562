import { type EvidenceRecord, requirementsOf, type Spec } from '@ambit/core/spec';
import { sha256 } from './collect.ts';

/**
 * `holds`: every file is what it was when the evidence was taken. `drifted`: some file or the criterion itself changed.
 * `undecidable`: the evidence rests on no file, so no diff can say. `unproven`: there is no evidence.
 */
export type DriftVerdict = 'holds' | 'drifted' | 'undecidable' | 'unproven';

export interface CriterionDrift {
  criterion: string;
  text: string;
  verdict: DriftVerdict;
  /** Files that differ, `(gone)` behind those that no longer exist. */
  changed: string[];
  /** The criterion's own text changed since. */
  reworded: boolean;
  /** Who or what it rests on, for people. */
  by: string[];
}

function describe(record: EvidenceRecord): string {
  if (record.kind === 'test') return `test «${record.test.name}» in ${record.test.file}`;
  if (record.kind === 'scan') return `scan rule ${record.rule}`;
  return `${record.by}: ${record.reason}`;
}

function changedFiles(record: EvidenceRecord, hashes: Readonly<Record<string, string>>): string[] {
  return Object.entries(record.files).flatMap(([file, hash]) => {
    if (hashes[file] === hash) return [];
    return [hashes[file] === undefined ? `${file} (gone)` : file];
  });
}

/** Compares what evidence recorded with the files as they are, criterion by criterion. */
export function judgeDrift(
  spec: Spec,
  records: readonly EvidenceRecord[],
  hashes: Readonly<Record<string, string>>,
): CriterionDrift[] {
  return requirementsOf(spec).flatMap((requirement) =>
    requirement.criteria.map((criterion): CriterionDrift => {
      const own = records.filter((record) => record.criterion === criterion.id);
      const text = sha256(criterion.text);
      const states = own.map((record) => ({
        reworded: record.text !== undefined && record.text !== text,
        changed: changedFiles(record, hashes),
        files: Object.keys(record.files).length,
      }));
      const intact = states.some((state) => !state.reworded && state.changed.length === 0 && state.files > 0);
      const blind = states.some((state) => !state.reworded && state.files === 0);
      const verdict = own.length === 0 ? 'unproven' : intact ? 'holds' : blind ? 'undecidable' : 'drifted';
      return {
        criterion: criterion.id,
        text: criterion.text,
        verdict,
        changed: verdict === 'drifted' ? [...new Set(states.flatMap((state) => state.changed))] : [],
        reworded: verdict === 'drifted' && states.some((state) => state.reworded),
        by: own.map(describe),
      };
    }),
  );
}
