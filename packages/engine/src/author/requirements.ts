import { detect, type Raised, rank } from '@ambit/core/capability';
import { type CriteriaCatalog, criterionText } from '@ambit/core/catalog';
import { archetypeOf } from './archetypes.ts';
import { smallChange } from './changes.ts';
import type { RequirementData, RequirementsData, SecurityDecision } from './document.ts';
import { type Feature, features } from './features.ts';
import { benefitOf, functionalCriteria, phraseOf } from './functional.ts';
import { questionsOf } from './questions.ts';
import { capitalise, checksum, clean, inline, phrase, plural, slugOf } from './text.ts';
import { general, THEME_MINIMUM, type Theme, themeOf, themes } from './themes.ts';
import { titleOf } from './title.ts';
import { type Deed, verbOf } from './verbs.ts';

export interface RequirementsOptions {
  /** A small change stays small: fewer features, only the criteria that matter most. */
  quick?: boolean;
  /** Choices are asked of a person instead of being marked in the document. */
  answers?: Record<string, string>;
  /** What the project's dependencies say about it, as sentences. */
  project?: string;
  /** Folder name; derived from the prompt without it. */
  slug?: string;
}

const QUICK_FEATURES = 2;
/** As much of a prompt as is quoted; a whole page may have been pasted. */
const PROMPT_LIMIT = 2_000;
/** As much of it as is read for capabilities. */
const PROMPT_READ = 128 * 1024;
const QUICK_SECURITY = 5;
/** A change of what is there stays on one page. */
const CHANGE_SECURITY = 3;
const QUICK_WEIGHT = 4;
/** A change of looks or wording alone handles no data. */
const cosmetic =
  /\b(typos?|spelling|wording|copy ?text|colou?rs?|fonts?|icons?|logos?|padding|margins?|styles?|css|readme|docs?|documentation|dark mode|tooltips?|labels?|buttons?|headings?|headers?|footers?|menus?|titles?)\b/iu;

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
  'approval-flow': ['decide', 'mark'],
  jobs: ['schedule', 'send'],
  'object-access': ['view', 'update', 'delete'],
  'user-secrets': ['view', 'create'],
  'private-messages': ['send', 'view'],
  location: ['share', 'record', 'view'],
  roles: ['decide', 'delete', 'update'],
  llm: ['process', 'use', 'send'],
  rag: ['use', 'search', 'process'],
  realtime: ['send', 'use', 'record'],
  'audit-log': ['record'],
  profile: ['update', 'upload'],
  'privacy-rights': ['delete'],
  'user-code': ['process', 'create'],
  'webhook-in': ['pay', 'connect', 'record'],
  'webhook-out': ['connect', 'send'],
  moderation: ['decide'],
};

function requirementOf(feature: Feature): RequirementData {
  const phrase = phraseOf(feature);
  return {
    title: capitalise(phrase),
    role: feature.deed === 'change' ? 'maintainer' : feature.actor,
    want: feature.auto ? `the System to ${phrase}` : phrase,
    benefit: benefitOf(feature),
    criteria: functionalCriteria(feature).map((text) => ({ text })),
    feature,
  };
}

/** Two deeds on one thing share criteria; each is said once. */
function withoutRepeats(requirements: readonly RequirementData[]): RequirementData[] {
  const said = new Set<string>();
  return requirements.flatMap((requirement) => {
    const criteria = requirement.criteria.filter((one) => !said.has(one.text));
    for (const one of criteria) said.add(one.text);
    return criteria.length === 0 ? [] : [{ ...requirement, criteria }];
  });
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

/** Theme of each criterion without a home; a theme that would be thin joins the general one. */
function themed(raised: readonly Raised[]): Map<Raised, Theme> {
  const sizes = new Map<Theme, number>();
  for (const entry of raised) sizes.set(themeOf(entry.capability), (sizes.get(themeOf(entry.capability)) ?? 0) + 1);
  return new Map(
    raised.map((entry) => {
      const theme = themeOf(entry.capability);
      return [entry, (sizes.get(theme) ?? 0) < THEME_MINIMUM ? general : theme];
    }),
  );
}

function requirementFor(theme: Theme): RequirementData {
  const { title, want, benefit } = theme;
  return { title, role: 'maintainer', want, benefit, criteria: [], theme };
}

/** Adds raised criteria to the requirements they belong to, and to themes of their own; decides each as accepted. */
export function mergeSecurity(raised: readonly Raised[], requirements: RequirementData[]): SecurityDecision[] {
  const homes = new Map<Raised, RequirementData>();
  for (const entry of raised) {
    const home = homeOf(entry, requirements);
    if (!home || home.criteria.length >= LARGE) continue;
    home.criteria.push({ text: criterionText(entry.criterion), security: entry.criterion.id });
    homes.set(entry, home);
  }
  const groups = themed(raised.filter((entry) => !homes.has(entry)));
  for (const theme of [...themes, general]) {
    const own = [...groups].filter(([, one]) => one === theme).map(([entry]) => entry);
    if (own.length === 0) continue;
    const requirement = requirementFor(theme);
    requirements.push(requirement);
    for (const entry of own) {
      requirement.criteria.push({ text: criterionText(entry.criterion), security: entry.criterion.id });
      homes.set(entry, requirement);
    }
  }
  return raised.map((entry) => {
    const home = homes.get(entry);
    const place = home?.criteria.findIndex((one) => one.security === entry.criterion.id) ?? 0;
    return {
      id: entry.criterion.id,
      state: { kind: 'accepted', as: `${home ? requirements.indexOf(home) + 1 : 0}.${place + 1}` },
      cwe: entry.criterion.cwe,
      asvs: entry.criterion.asvs,
      cue: { quote: inline(entry.cue.quote), line: entry.cue.line },
      verify: entry.criterion.verify,
    };
  });
}

function fallback(prompt: string): Feature {
  const quote = phrase(prompt) || 'a new feature';
  return { actor: 'user', deed: 'use', verb: 'use', rest: `“${quote}”`, object: '', line: 1, quote };
}

/** English sentences for what a text in another language says, by the catalogue's aliases. */
function meaningOf(text: string, catalog: CriteriaCatalog): string {
  const means = catalog.aliases.filter((alias) => alias.match.test(text)).map((alias) => alias.means);
  return [...new Set(means)].join('. ');
}

/** `a to-do list app`: what such an app keeps can be created, viewed, changed and deleted. */
function keptThings(prompt: string): Feature[] {
  const match =
    /^(?:.*?\b(?:an?|the|my|our) )?((?:[\p{L}-]+ ){0,2}[\p{L}-]+?) ?(?:app(?:lication)?|tracker|manager|planner|organi[sz]er|web ?site|site|platform|tool|system|service|api|database)\b/iu.exec(
      inline(prompt),
    );
  const thing = (match?.[1] ?? '')
    .replace(
      /^(?:(?:build|create|make|develop|simple|small|web|mobile|new|nice|an?|the|supabase|firebase|next\.?js|react|vue|svelte|angular|node|express|django|flask|rails|laravel|aws|python|typescript|javascript)\b ?)+/giu,
      '',
    )
    .trim()
    .toLowerCase();
  // An order is no name: «show the app version» keeps no «show the».
  if (!thing || /^(?:mobile|web|desktop|crud|rest|cli)$/u.test(thing) || /\b(?:the|an?|my|our)$/u.test(thing))
    return [];
  if (/\s/u.test(thing) && verbOf(thing)) return [];
  const make = (deed: Deed, verb: string): Feature => ({
    actor: 'user',
    deed,
    verb,
    rest: thing,
    object: thing,
    line: 1,
    quote: inline(prompt),
  });
  return [make('create', 'create'), make('view', 'view'), make('update', 'edit'), make('delete', 'delete')];
}

const inflected = (verb: string) =>
  /(?:s|x|z|ch|sh)$/u.test(verb) ? `${verb}es` : /[^aeiou]y$/u.test(verb) ? `${verb.slice(0, -1)}ies` : `${verb}s`;

export function glossaryOf(title: string, requirements: readonly RequirementData[]): RequirementsData['glossary'] {
  const found = new Map<string, string>();
  found.set('System', `the software that this document specifies: ${title}`);
  for (const { feature } of requirements) {
    if (!feature) continue;
    if (feature.deed !== 'change' && !feature.auto && !found.has(feature.actor))
      found.set(feature.actor, `a person or program that may ${phraseOf(feature)}`);
    if (feature.object && !found.has(feature.object))
      found.set(
        feature.object,
        feature.auto
          ? `what the System ${inflected(feature.verb)}; its fields are listed in the data models of the design`
          : `what ${plural(feature.actor)} ${feature.verb}; its fields are listed in the data models of the design`,
      );
  }
  if (requirements.some((one) => one.role === 'maintainer'))
    found.set('maintainer', 'a person who keeps the System running');
  return [...found].map(([term, meaning]) => ({ term, meaning }));
}

/** Deeds that go with an app and do not say what it is for. */
const accompanying: ReadonlySet<Deed> = new Set<Deed>(['login', 'signup', 'reset', 'share']);

const besides =
  /^(?:.{0,30}?\b(?:build|create|make|develop|write|implement|design|want|need)\b)?\s*(?:me |us )?(?:an?|the|our|my)\s[^.,;]{2,60}?\b(?:with|including|featuring|that has)\b/iu;
const namesActor = (text: string, actor: string) => new RegExp(`\\b(?:${actor}|${plural(actor)})\\b`, 'iu').test(text);

interface Understood {
  found: Feature[];
  /** English sentences read along with the prompt, where it names deeds in another language or only a kind of app. */
  implied: string;
}

/** The features of a prompt by its own sentences, else by what its words mean, else by the kind of app it names. */
function understand(text: string, catalog: CriteriaCatalog, most: number | undefined): Understood {
  const own = features(text, most);
  const kind = archetypeOf(text);
  // «A URL shortener with statistics»: what it has besides is said, what it is for is left out.
  if (kind !== '' && own.length > 0 && besides.test(text) && !own.some((one) => namesActor(text, one.actor))) {
    const implied = features(kind, most).map((one) => ({ ...one, quote: inline(text), line: 1 }));
    const rest = own.filter((one) => !implied.some((other) => other.object === one.object && other.deed === one.deed));
    return { found: [...implied, ...rest].slice(0, most), implied: kind };
  }
  if (own.some((feature) => !accompanying.has(feature.deed))) return { found: own, implied: '' };
  if (own.length > 0) {
    const kept = archetypeOf(text) === '' ? keptThings(text) : [];
    const found = [...own, ...kept.filter((one) => !own.some((other) => other.object === one.object))].slice(0, most);
    return { found, implied: kept.map((one) => `users ${phraseOf(one)}`).join('. ') };
  }
  for (const implied of [meaningOf(text, catalog), archetypeOf(text)]) {
    const found = features(implied, most).map((one) => ({ ...one, quote: inline(text), line: 1 }));
    if (found.length > 0) return { found, implied };
  }
  const kept = keptThings(text).slice(0, most);
  if (kept.length > 0) return { found: kept, implied: kept.map((one) => `users ${phraseOf(one)}`).join('. ') };
  return { found: [fallback(text)], implied: '' };
}

/** A change that is said to be small: what people do in its own words, else the order itself. */
function asChange(text: string): Understood {
  const own = features(text, QUICK_FEATURES);
  // «Log the id with every error» and «The button should be blue» name nobody who would do it.
  const people = own.filter(
    (one) =>
      namesActor(text, one.actor) &&
      !/\b(?:button|page|form|list|table|menu|field|link|icon|label|footer|header|api|server|system)s?$/u.test(
        one.actor,
      ),
  );
  if (people.length > 0 || own.some((one) => one.auto || one.deed === 'change')) return { found: own, implied: '' };
  return { found: [smallChange(text) ?? fallback(text)], implied: '' };
}

/** Raises for the prompt, what it implies and what was written for it; a cue of the latter two quotes the prompt. */
export function raiseFor(text: string, implied: string, catalog: CriteriaCatalog): Raised[] {
  const lines = text.slice(0, PROMPT_READ).split('\n').length;
  const quote = inline(text);
  return rank(detect(`${text.slice(0, PROMPT_READ)}\n\n${implied}`, catalog), catalog).map((entry) =>
    entry.cue.line > lines ? { ...entry, cue: { quote, line: 1 } } : entry,
  );
}

/** Prompt to requirements as data. Pure and total: any text gives a document. */
export function writeRequirements(
  prompt: string,
  catalog: CriteriaCatalog,
  options: RequirementsOptions = {},
): RequirementsData {
  const text = clean(prompt);
  const { found, implied } = options.quick ? asChange(text) : understand(text, catalog, undefined);
  const title = titleOf(text, found);
  const requirements = withoutRepeats(found.map(requirementOf));
  const small = options.quick === true || found.every((feature) => feature.deed === 'change');
  const said = requirements.flatMap((one) => one.criteria.map((criterion) => `- ${criterion.text}`)).join('\n');
  const all = raiseFor(text, [implied, ...(small ? [] : [said, options.project ?? ''])].join('\n\n'), catalog);
  const changes = found.every((feature) => feature.deed === 'change');
  const looks = changes && cosmetic.test(text);
  const quick = all
    .filter((entry) => entry.criterion.weight >= QUICK_WEIGHT)
    .slice(0, looks ? 0 : changes ? CHANGE_SECURITY : QUICK_SECURITY);
  const raised = small ? quick : all;
  const security = mergeSecurity(raised, requirements);
  const answers = options.answers ?? {};
  return {
    title,
    slug: options.slug ?? slugOf(title) ?? slugOf(text) ?? `spec-${checksum(text)}`,
    summary: summaryOf(title, found, answers),
    prompt: inline(text, PROMPT_LIMIT),
    glossary: glossaryOf(title, requirements),
    requirements,
    security,
    ...(small ? { small: true } : {}),
    questions: small ? [] : questionsOf(text, raised).filter((question) => !(question.topic in answers)),
  };
}

function summaryOf(title: string, found: readonly Feature[], answers: Record<string, string>): string {
  const chosen = Object.entries(answers).map(([topic, answer]) => ` Decided on ${topic}: ${inline(answer)}.`);
  if (found.every((feature) => feature.deed === 'change'))
    return `${found.map((feature) => `${capitalise(phraseOf(feature))}.`).join(' ')}${chosen.join('')}`;
  if (found.every((feature) => feature.auto))
    return `${capitalise(title)}. It is to ${joined(found.slice(0, 4).map(phraseOf))}.${chosen.join('')}`;
  const actors = [...new Set(found.map((feature) => feature.actor))].map(plural);
  const deeds = found.slice(0, 4).map(phraseOf);
  return `${capitalise(title)}. It serves ${actors.join(', ')}, who ${joined(deeds)}.${chosen.join('')}`;
}

const joined = (list: readonly string[]) =>
  list.length > 1 ? `${list.slice(0, -1).join(', ')} and ${list.at(-1)}` : (list[0] ?? '');
