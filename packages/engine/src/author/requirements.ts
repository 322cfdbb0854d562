import { detect, type Raised, rank } from '@ambit/core/capability';
import { type CriteriaCatalog, criterionText } from '@ambit/core/catalog';
import type { Question, RequirementData, RequirementsData, SecurityDecision } from './document.ts';
import { type Feature, features } from './features.ts';
import { benefitOf, functionalCriteria, phraseOf } from './functional.ts';
import { questionsOf } from './questions.ts';
import { capitalise, clean, inline, plural, slugOf } from './text.ts';
import { titleOf } from './title.ts';
import type { Deed } from './verbs.ts';

export interface RequirementsOptions {
  /** A small change stays small: fewer features, only the criteria that matter most. */
  quick?: boolean;
  /** Choices are asked of a person instead of being marked in the document. */
  answers?: Record<string, string>;
  /** Folder name; derived from the prompt without it. */
  slug?: string;
}

const QUICK_FEATURES = 2;
const QUICK_SECURITY = 5;
const QUICK_WEIGHT = 4;

/** Which deeds a capability's criteria belong to, best first. */
const homes: Record<string, readonly Deed[]> = {
  signup: ['signup'],
  invitations: ['share', 'signup'],
  login: ['login', 'signup'],
  session: ['login', 'signup'],
  'signed-token': ['login', 'signup'],
  'federated-login': ['login'],
  'second-factor': ['login'],
  'password-reset': ['reset', 'login'],
  upload: ['upload'],
  media: ['upload', 'process'],
  archive: ['upload', 'process'],
  download: ['download', 'view'],
  search: ['search'],
  'user-pattern': ['search'],
  'user-content': ['create', 'update'],
  voting: ['rate'],
  payment: ['pay'],
  refund: ['refund', 'pay'],
  commerce: ['pay', 'book', 'create'],
  'send-message': ['send'],
  'share-link': ['share'],
  export: ['export'],
  'bulk-import': ['import'],
  'url-fetch': ['process', 'import', 'connect'],
  'tool-process': ['process'],
  evaluator: ['process'],
  'approval-flow': ['decide'],
  jobs: ['schedule'],
};

function requirementOf(feature: Feature): RequirementData {
  const phrase = phraseOf(feature);
  return {
    title: capitalise(phrase),
    role: feature.actor,
    want: phrase,
    benefit: benefitOf(feature),
    criteria: functionalCriteria(feature).map((text) => ({ text })),
    feature,
  };
}

/** The requirement that a raised criterion belongs to: same deed, else the one whose sentence raised it, else none. */
function homeOf(raised: Raised, requirements: readonly RequirementData[]): RequirementData | undefined {
  for (const deed of homes[raised.capability] ?? []) {
    const home = requirements.find((one) => one.feature?.deed === deed);
    if (home) return home;
  }
  return undefined;
}

const LARGE = 12;

function mergeSecurity(raised: readonly Raised[], requirements: RequirementData[]): SecurityDecision[] {
  const own: RequirementData = {
    title: 'Security',
    role: 'operator',
    want: 'the System to withstand misuse',
    benefit: 'no user loses data, money or trust',
    criteria: [],
  };
  const placed = raised.map((entry) => {
    const home = homeOf(entry, requirements);
    const target = home && home.criteria.length < LARGE ? home : own;
    target.criteria.push({ text: criterionText(entry.criterion), security: entry.criterion.id });
    return { entry, target, place: target.criteria.length };
  });
  if (own.criteria.length > 0) requirements.push(own);
  return placed.map(({ entry, target, place }) => ({
    id: entry.criterion.id,
    state: { kind: 'accepted', as: `${requirements.indexOf(target) + 1}.${place}` },
    cwe: entry.criterion.cwe,
    asvs: entry.criterion.asvs,
    quote: inline(entry.cue.quote),
    line: entry.cue.line,
    verify: entry.criterion.verify,
  }));
}

function fallback(title: string, prompt: string): Feature {
  const quote = inline(prompt) || title;
  return { actor: 'user', deed: 'use', verb: 'use', rest: `what was asked for (${quote})`, object: '', line: 1, quote };
}

/** `a to-do list app`: what such an app keeps can be created, viewed, changed and deleted. */
function keptThings(title: string, prompt: string): Feature[] {
  const match =
    /^(?:.*?\b(?:an?|the|my|our) )?((?:[\p{L}-]+ ){0,2}[\p{L}-]+?) ?(?:app(?:lication)?|tracker|manager|planner|organi[sz]er|web ?site|site|platform|tool|system|service|api|database)\b/iu.exec(
      inline(prompt),
    );
  const thing = (match?.[1] ?? '')
    .replace(/^(?:build|create|make|develop|simple|small|web|mobile|new|nice|an?|the)\b ?/giu, '')
    .trim()
    .toLowerCase();
  if (!thing || /^(?:mobile|web|desktop|crud|rest|cli)$/u.test(thing)) return [];
  const make = (deed: Deed, verb: string): Feature => ({
    actor: 'user',
    deed,
    verb,
    rest: thing,
    object: thing,
    line: 1,
    quote: inline(prompt) || title,
  });
  return [make('create', 'create'), make('view', 'view'), make('update', 'edit'), make('delete', 'delete')];
}

function glossaryOf(title: string, requirements: readonly RequirementData[]): RequirementsData['glossary'] {
  const found = new Map<string, string>();
  found.set('System', `the software that this document specifies: ${title}`);
  for (const { feature } of requirements) {
    if (!feature) continue;
    if (!found.has(feature.actor)) found.set(feature.actor, `a person or program that may ${phraseOf(feature)}`);
    if (feature.object && !found.has(feature.object))
      found.set(
        feature.object,
        `what ${plural(feature.actor)} ${feature.verb}; its fields are listed in the data models of the design`,
      );
  }
  if (requirements.some((one) => one.role === 'operator')) found.set('operator', 'a person who runs the System');
  return [...found].map(([term, meaning]) => ({ term, meaning }));
}

/** Prompt to requirements as data. Pure and total: any text gives a document. */
export function writeRequirements(
  prompt: string,
  catalog: CriteriaCatalog,
  options: RequirementsOptions = {},
): RequirementsData {
  const text = clean(prompt);
  const title = titleOf(text);
  let found = features(text, options.quick ? QUICK_FEATURES : undefined);
  if (found.length === 0) found = keptThings(title, text).slice(0, options.quick ? QUICK_FEATURES : undefined);
  if (found.length === 0) found = [fallback(title, text)];
  const requirements = found.map(requirementOf);
  const all = rank(detect(text, catalog), catalog);
  const raised = options.quick
    ? all.filter((entry) => entry.criterion.weight >= QUICK_WEIGHT).slice(0, QUICK_SECURITY)
    : all;
  const security = mergeSecurity(raised, requirements);
  const answers = options.answers ?? {};
  const questions: Question[] = questionsOf(text, raised).filter((question) => !(question.topic in answers));
  return {
    title,
    slug: options.slug ?? slugOf(title) ?? slugOf(text) ?? 'new-spec',
    summary: summaryOf(title, found, answers),
    prompt: inline(text, 600),
    glossary: glossaryOf(title, requirements),
    requirements,
    security,
    questions,
  };
}

function summaryOf(title: string, found: readonly Feature[], answers: Record<string, string>): string {
  const actors = [...new Set(found.map((feature) => feature.actor))].map(plural);
  const deeds = found.slice(0, 4).map(phraseOf);
  const list = deeds.length > 1 ? `${deeds.slice(0, -1).join(', ')} and ${deeds.at(-1)}` : (deeds[0] ?? '');
  const chosen = Object.entries(answers).map(([topic, answer]) => ` Decided on ${topic}: ${inline(answer)}.`);
  return `${capitalise(title)}. It serves ${actors.join(', ')}, who ${list}.${chosen.join('')}`;
}
