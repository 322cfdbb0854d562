import { parseDecisions } from '@ambit/core/capability';
import type { CriteriaCatalog } from '@ambit/core/catalog';
import { requirementsOf, type Spec } from '@ambit/core/spec';
import type { RequirementData, RequirementsData, SecurityDecision } from './document.ts';
import { type Feature, features } from './features.ts';
import { capitalise, inline } from './text.ts';
import { general, themes } from './themes.ts';

function featureOf(role: string, want: string, line: number): Feature | undefined {
  const alone = /^the System to (.+)$/u.exec(want)?.[1];
  const [found] = alone ? features(`a service that ${alone}`) : features(`- ${want}`);
  return found ? { ...found, actor: role, line } : undefined;
}

function decisionsOf(document: string, catalog: CriteriaCatalog): SecurityDecision[] {
  return parseDecisions(document).flatMap((decision) => {
    const criterion = catalog.criterion(decision.id);
    if (!criterion) return [];
    return [{ ...decision, cwe: criterion.cwe, asvs: criterion.asvs, verify: criterion.verify }];
  });
}

function isSmall(requirements: readonly RequirementData[]): boolean {
  const own = requirements.flatMap((one) => one.feature ?? []);
  return own.length > 0 && own.every((feature) => feature.deed === 'change');
}

/**
 * Requirements as somebody left them, as data for the phases that follow.
 * Its criteria keep their numbers.
 */
export function readRequirements(spec: Spec, catalog: CriteriaCatalog): RequirementsData {
  const tree = spec.requirements;
  const security = tree ? decisionsOf(tree.source, catalog) : [];
  const places = new Map(
    security.flatMap((one) => (one.state.kind === 'accepted' ? [[one.state.as, one.id] as const] : [])),
  );
  const requirements = requirementsOf(spec).map((requirement): RequirementData => {
    const criteria = requirement.criteria.map((criterion) => {
      const source = places.get(criterion.id);
      return { text: criterion.text, id: criterion.id, ...(source === undefined ? {} : { security: source }) };
    });
    const role = inline(requirement.story?.role ?? 'user', 40);
    const want = inline(requirement.story?.want ?? requirement.title, 100);
    const own = criteria.length === 0 || criteria.some((criterion) => criterion.security === undefined);
    const feature = own ? featureOf(role, want, requirement.heading.line) : undefined;
    return {
      title: inline(requirement.title, 100),
      role,
      want,
      benefit: inline(requirement.story?.benefit ?? ''),
      criteria,
      ...(feature ? { feature } : {}),
      ...(feature ? {} : { theme: themes.find((one) => one.title === requirement.title) ?? general }),
    };
  });
  return {
    title: capitalise(spec.name.replaceAll('-', ' ')),
    slug: spec.name,
    summary: inline(tree?.introduction?.text ?? '', 600),
    prompt: '',
    glossary: [],
    requirements,
    security,
    questions: [],
    ...(isSmall(requirements) ? { small: true } : {}),
  };
}
