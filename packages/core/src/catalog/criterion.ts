import * as z from 'zod/mini';
import { AmbitError, messageOf } from '../errors/index.ts';
import { type Experience, parseExperience } from './experience.ts';
import { lowerCase, patternOf, type Words, wordsOf } from './phrases.ts';

const slug = z.string().check(z.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/));
const text = z.string().check(z.minLength(1));
const pattern = text;
/** A pattern, or a list of phrases; see `patternOf`. */
const phrases = z.union([pattern, z.array(pattern).check(z.minLength(1))]);
const cwe = z.string().check(z.regex(/^CWE-\d+$/));
const asvs = z.string().check(z.regex(/^V\d+\.\d+\.\d+$/));

/** How a person or a program finds out whether the criterion holds. */
const verify = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('test'), act: text, expect: text }),
  z.strictObject({ kind: z.literal('scan'), rule: text }),
  z.strictObject({ kind: z.literal('policy'), rule: text }),
  z.strictObject({ kind: z.literal('review'), question: text }),
]);
export type Verify = z.infer<typeof verify>;

const criterion = z.strictObject({
  /** `<capability>/<name>`; never given to another criterion. */
  id: z.string().check(z.regex(/^[a-z0-9-]+\/[a-z0-9-]+$/)),
  /** EARS; a value in braces is the project's to set, and the text within is its default. */
  text,
  why: text,
  cwe: z.array(cwe).check(z.minLength(1)),
  /** Identifiers of OWASP ASVS 5.0.0. */
  asvs: z.array(asvs).check(z.minLength(1)),
  /** Lowest ASVS level among the identifiers. */
  level: z.int().check(z.gte(1), z.lte(3)),
  /** How likely and how bad an attack on the missing criterion is, 5 worst. */
  weight: z.int().check(z.gte(1), z.lte(5)),
  /** Contexts of which one must hold. */
  needs: z.optional(z.array(slug)),
  /** Every pattern must be found in one sentence that already says the same. */
  said: z.array(pattern).check(z.minLength(1)),
  verify,
});
export type Criterion = z.infer<typeof criterion>;

const cue = z.strictObject({
  /** 3 names the capability itself, 2 makes it likely, 1 hints. */
  weight: z.int().check(z.gte(1), z.lte(3)),
  match: phrases,
  /** A sentence in which this is found is no cue. */
  not: z.optional(phrases),
});

const capability = z.strictObject({
  id: slug,
  name: text,
  kind: z.enum(['facet', 'capability', 'platform']),
  /** Capabilities that come with this one. */
  implies: z.optional(z.array(slug)),
  cues: z.array(cue).check(z.minLength(1)),
  /** Texts in which the capability must, and must not, be detected. Left out of the shipped catalogue. */
  samples: z.optional(
    z.strictObject({
      match: z.array(text).check(z.minLength(1)),
      'no-match': z.array(text).check(z.minLength(1)),
    }),
  ),
  criteria: z.array(criterion).check(z.minLength(1)),
});
export type Capability = z.infer<typeof capability>;

const context = z.strictObject({
  id: slug,
  match: z.array(pattern).check(z.minLength(1)),
  absent: z.optional(z.array(pattern)),
  otherwise: z.optional(z.boolean()),
});
const contextFile = z.strictObject({ contexts: z.array(context) });
const aliasFile = z.strictObject({ aliases: z.array(z.strictObject({ match: pattern, means: text })) });
const synonymFile = z.strictObject({ synonyms: z.array(z.array(pattern).check(z.minLength(2))) });
const vocabularyFile = z.strictObject({
  nouns: z.record(slug, z.array(text)),
  verbs: z.record(slug, z.array(text)),
});
const topicFile = z.strictObject({ topics: z.record(slug, z.array(cwe)) });

/** A cue pattern, compiled once when the catalogue is read; like all patterns here it is for lower-case text. */
export interface CompiledCue {
  weight: number;
  match: RegExp;
  not: RegExp | undefined;
}

export interface CompiledCapability extends Capability {
  compiled: CompiledCue[];
}

export interface Context {
  id: string;
  match: RegExp[];
  absent: RegExp[];
  otherwise: boolean;
}

/** Words of another language and the English sentence they stand for. */
export interface Alias {
  match: RegExp;
  means: string;
}

/** Words that say the same: as `said` names the group, and as a sentence may hold them. */
export interface Synonyms {
  words: ReadonlySet<string>;
  match: RegExp;
}

/** The security criteria catalogue, checked and ready to detect with. */
export interface CriteriaCatalog {
  capabilities: CompiledCapability[];
  contexts: Context[];
  aliases: Alias[];
  /** Names of dependencies and what they say about an app. */
  manifests: Alias[];
  /** Groups of words that say the same; see `coveredBy`. */
  synonyms: Synonyms[];
  /** Which words go with which weakness; without it cues alone decide. */
  experience: Experience | undefined;
  /** Topic of a CWE; a CWE without one is a topic of its own. */
  topicOf: (cwe: string) => string;
  criterion: (id: string) => Criterion | undefined;
  /** Which criterion a sentence is, word for word with the default parameters. */
  idOf: (text: string) => string | undefined;
}

type Check = <T>(schema: z.ZodMiniType<T>, file: string, data: unknown) => T;

const checked: Check = (schema, file, data) => {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, 5).map((issue) => {
    const what = issue.code === 'unrecognized_keys' ? `unknown field \`${issue.keys.join('`, `')}\`` : issue.message;
    return `${issue.path.length > 0 ? `${issue.path.join('.')}: ` : ''}${what}`;
  });
  throw new AmbitError('input.broken', `the criteria file is not valid: ${issues.join('; ')}`, {
    where: file,
    hint: 'fields of criteria: docs/guides/criteria.md',
  });
};

/** Checked when it was built, and shipped beside the code that reads it. */
const unchecked: Check = <T>(_schema: z.ZodMiniType<T>, _file: string, data: unknown) => data as T;

/** A pattern that is tried on lower-case text. */
function regex(source: string | string[], file: string, words: Words = new Map()): RegExp {
  try {
    return new RegExp(lowerCase(patternOf(source, words)), 'mu');
  } catch (error) {
    const shown = typeof source === 'string' ? source : source.join(' | ');
    throw new AmbitError('input.broken', `the pattern \`${shown}\` is not valid: ${messageOf(error)}`, {
      where: file,
      hint: 'patterns are JavaScript regular expressions with the flags m and u; <name> is a group of vocabulary.yaml',
    });
  }
}

function compile(data: Capability, file: string, words: Words): CompiledCapability {
  for (const one of data.criteria) {
    if (!one.id.startsWith(`${data.id}/`))
      throw new AmbitError('input.broken', `the criterion \`${one.id}\` does not belong to \`${data.id}\``, {
        where: file,
        hint: 'a criterion id is the capability, a slash and a name',
      });
  }
  // One pattern for all: building hundreds costs more than everything else here; the unit test builds each.
  regex(data.criteria.flatMap((one) => one.said).join('|'), file);
  const compiled = data.cues.map((entry) => ({
    weight: entry.weight,
    match: regex(entry.match, file, words),
    not: entry.not === undefined ? undefined : regex(entry.not, file, words),
  }));
  return { ...data, compiled };
}

function checkReferences(catalog: CriteriaCatalog): void {
  const ids = new Set(catalog.capabilities.map((entry) => entry.id));
  const contexts = new Set(catalog.contexts.map((entry) => entry.id));
  for (const entry of catalog.capabilities) {
    for (const id of entry.implies ?? [])
      if (!ids.has(id))
        throw new AmbitError('input.broken', `\`${entry.id}\` implies \`${id}\`, which is no capability`);
    for (const one of entry.criteria)
      for (const need of one.needs ?? [])
        if (!contexts.has(need))
          throw new AmbitError('input.broken', `\`${one.id}\` needs \`${need}\`, which is no context`);
  }
  for (const { raises } of catalog.experience?.weaknesses ?? [])
    if (!catalog.criterion(raises))
      throw new AmbitError('input.broken', `the experience raises \`${raises}\`, which is no criterion`);
}

const nameOf = (file: string) => file.replace(/^.*[\\/]/, '').replace(/\.\w+$/, '');

function vocabulary(files: readonly { file: string; data: unknown }[], parsed: Check): Words {
  const found = files.find(({ file }) => nameOf(file) === 'vocabulary');
  return found ? wordsOf(parsed(vocabularyFile, found.file, found.data)) : new Map();
}

/**
 * Reads the files of `catalog/criteria` as parsed from YAML or JSON: `vocabulary`, `contexts`, `topics`, `languages`,
 * `manifests`, `synonyms`, `experience`, and one file for each capability. Unknown fields, doubled ids, broken patterns and dangling references are errors.
 * `built` files passed all that when they were built: their fields are not looked at again, which takes a third of a start.
 */
export function parseCriteria(
  files: readonly { file: string; data: unknown }[],
  options: { built?: boolean } = {},
): CriteriaCatalog {
  const parsed = options.built ? unchecked : checked;
  const capabilities = new Map<string, CompiledCapability>();
  const contexts: Context[] = [];
  const aliases: Alias[] = [];
  const manifests: Alias[] = [];
  const synonyms: Synonyms[] = [];
  const topics = new Map<string, string>();
  const words = vocabulary(files, parsed);
  let experience: Experience | undefined;
  for (const { file, data } of files) {
    const name = nameOf(file);
    if (name === 'vocabulary') continue;
    if (name === 'contexts') {
      for (const entry of parsed(contextFile, file, data).contexts)
        contexts.push({
          ...entry,
          match: entry.match.map((source) => regex(source, file, words)),
          absent: (entry.absent ?? []).map((source) => regex(source, file, words)),
          otherwise: entry.otherwise ?? false,
        });
    } else if (name === 'languages' || name === 'manifests') {
      const list = name === 'languages' ? aliases : manifests;
      for (const { match, means } of parsed(aliasFile, file, data).aliases)
        list.push({ match: regex(match, file), means });
    } else if (name === 'synonyms') {
      for (const group of parsed(synonymFile, file, data).synonyms)
        synonyms.push({ words: new Set(group[0]?.split('|')), match: regex(group, file) });
    } else if (name === 'experience') {
      experience = parseExperience(file, data);
    } else if (name === 'topics') {
      for (const [topic, list] of Object.entries(parsed(topicFile, file, data).topics))
        for (const id of list) topics.set(id, topic);
    } else {
      const entry = compile(parsed(capability, file, data), file, words);
      if (capabilities.has(entry.id))
        throw new AmbitError('input.broken', `the capability \`${entry.id}\` is defined twice`, { where: file });
      capabilities.set(entry.id, entry);
    }
  }
  const criteria = new Map([...capabilities.values()].flatMap((entry) => entry.criteria.map((one) => [one.id, one])));
  const texts = new Map([...criteria.values()].map((one) => [criterionText(one), one.id]));
  const catalog: CriteriaCatalog = {
    capabilities: [...capabilities.values()],
    contexts,
    aliases,
    manifests,
    synonyms,
    experience,
    topicOf: (id) => topics.get(id) ?? id,
    criterion: (id) => criteria.get(id),
    idOf: (sentence) => texts.get(sentence),
  };
  checkReferences(catalog);
  return catalog;
}

/** The criterion's text with each parameter at its default: `{5} attempts` becomes `5 attempts`. */
export function criterionText(one: Criterion): string {
  return one.text.replaceAll(/\{([^{}]*)\}/g, '$1');
}
