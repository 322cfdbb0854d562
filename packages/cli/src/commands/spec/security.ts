import { openCriteria, parseDecisions } from '@ambit/core/capability';
import { criterionText, parseCriteria, type Verify } from '@ambit/core/catalog';
import { type RaisedCriterion, requirementsOf, type Spec } from '@ambit/core/spec';
import { isBuilt, readCatalog } from '../../catalog.ts';

/** Security criteria that the spec calls for and that it neither says nor refuses, the most important first. */
export async function uncovered(spec: Spec): Promise<RaisedCriterion[]> {
  const document = (spec.requirements ?? spec.bugfix)?.source;
  if (document === undefined) return [];
  const lines = document.split('\n').length;
  const catalog = parseCriteria(await readCatalog('criteria'), { built: isBuilt() });
  const criteria = requirementsOf(spec).flatMap((requirement) =>
    requirement.criteria.map(({ id, text, span }) => ({ id, text, line: span.line })),
  );
  const reading = { document, criteria, ...(spec.design ? { design: spec.design.source } : {}) };
  return openCriteria(reading, catalog).map(({ criterion, cue }) => ({
    id: criterion.id,
    text: criterionText(criterion),
    quote: cue.quote,
    // The design is read behind the requirements, one empty line between.
    ...(cue.line > lines + 1 ? { line: cue.line - lines - 1, inDesign: true } : { line: cue.line }),
  }));
}

/** How the catalogue's criteria in a spec are verified, by their number there. */
export async function verifiedBy(spec: Spec): Promise<Map<string, Verify>> {
  const decisions = parseDecisions((spec.requirements ?? spec.bugfix)?.source ?? '');
  const found = new Map<string, Verify>();
  if (decisions.length === 0) return found;
  const catalog = parseCriteria(await readCatalog('criteria'), { built: isBuilt() });
  for (const { id, state } of decisions) {
    const verify = catalog.criterion(id)?.verify;
    // What another sentence covers is shown as that sentence is.
    if (verify && state.kind === 'accepted') found.set(state.as, verify);
  }
  return found;
}
