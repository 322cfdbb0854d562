import type { Severity } from '@ambit/core/catalog';
import semver from 'semver';
import * as z from 'zod/mini';
import { baseScore, severityOfScore } from './cvss.ts';
import { compareIn, type Ecosystem, isVersion, plainName } from './order.ts';

/** A flaw of one package: what is kept of an OSV document, or of a registry's answer. */
export interface Advisory {
  id: string;
  aliases: string[];
  ecosystem: Ecosystem;
  /** As `plainName` gives it. */
  name: string;
  summary: string;
  severity: Severity;
  /** ISO time of its last change; empty where the source does not say. */
  modified: string;
  origin: 'osv' | 'registry';
  /** Events of each range, in the order of versions. */
  ranges: Event[][];
  /** Affected whatever the ranges say. */
  versions: string[];
  /** A range as npm writes it, from a registry. */
  range?: string | undefined;
}

export interface Event {
  kind: 'introduced' | 'fixed' | 'last_affected';
  version: string;
}

/** What is known of an ecosystem, and since when (milliseconds). */
export interface Coverage {
  /** When a database was imported. */
  imported?: number;
  /** When a registry was asked about `name@version`. */
  asked: ReadonlyMap<string, number>;
  /** Lines of the database that could not be read. */
  broken: number;
}

/** The local advisory database, as far as one scan needs it. */
export interface KnownAdvisories {
  now: number;
  coverage(ecosystem: Ecosystem): Coverage | undefined;
  of(ecosystem: Ecosystem, name: string): readonly Advisory[];
}

const event = z.object({
  introduced: z.optional(z.string()),
  fixed: z.optional(z.string()),
  last_affected: z.optional(z.string()),
});
const affected = z.object({
  package: z.optional(z.object({ ecosystem: z.string(), name: z.string() })),
  ranges: z.optional(z.nullable(z.array(z.object({ type: z.string(), events: z.array(event) })))),
  versions: z.optional(z.nullable(z.array(z.string()))),
  severity: z.optional(z.nullable(z.array(z.object({ type: z.string(), score: z.string() })))),
});
const document = z.object({
  id: z.string().check(z.regex(/^[A-Za-z0-9][\w.:+-]{0,99}$/)),
  modified: z.optional(z.string()),
  withdrawn: z.optional(z.nullable(z.string())),
  aliases: z.optional(z.nullable(z.array(z.string()))),
  summary: z.optional(z.nullable(z.string())),
  details: z.optional(z.nullable(z.string())),
  severity: z.optional(z.nullable(z.array(z.object({ type: z.string(), score: z.string() })))),
  affected: z.optional(z.nullable(z.array(affected))),
  database_specific: z.optional(z.nullable(z.object({ severity: z.optional(z.unknown()) }))),
});
type Document = z.infer<typeof document>;
type Affected = z.infer<typeof affected>;

const words: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  high: 'high',
  moderate: 'medium',
  medium: 'medium',
  low: 'low',
  info: 'info',
};

/** Severity of a word such as `MODERATE`. */
export function severityOfWord(word: unknown): Severity | undefined {
  return typeof word === 'string' ? words[word.toLowerCase()] : undefined;
}

/** The source's own word, else the CVSS score; where neither says, a flaw counts as `high`. */
function severityOf(one: Document, part: Affected): Severity {
  if (one.id.startsWith('MAL-')) return 'critical';
  const word = severityOfWord(one.database_specific?.severity);
  if (word) return word;
  const scores = [...(part.severity ?? []), ...(one.severity ?? [])].map(({ score }) => baseScore(score));
  const known = scores.filter((score) => score !== undefined);
  return known.length === 0 ? 'high' : severityOfScore(Math.max(...known));
}

/** One line without control characters: the text of strangers ends in terminals and reports. */
export function oneLine(text: string, most = 200): string {
  const line = text
    .slice(0, most * 4)
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}

const zero = (version: string) => version === '0';

function compareEvents(ecosystem: Ecosystem, a: string, b: string): number {
  if (zero(a) || zero(b)) return zero(a) === zero(b) ? 0 : zero(a) ? -1 : 1;
  return compareIn(ecosystem, a, b) ?? 0;
}

function eventsOf(ecosystem: Ecosystem, raw: readonly z.infer<typeof event>[]): Event[] {
  const kinds = ['introduced', 'fixed', 'last_affected'] as const;
  const events = raw.flatMap((each) =>
    kinds.flatMap((kind) => {
      const version = each[kind];
      return version === undefined ? [] : [{ kind, version }];
    }),
  );
  for (const { version } of events)
    if (!zero(version) && !isVersion(ecosystem, version))
      throw new Error(`\`${oneLine(version, 60)}\` is not a version of ${ecosystem}`);
  return events.sort((a, b) => compareEvents(ecosystem, a.version, b.version));
}

const isEcosystem = (text: string): text is Ecosystem => text === 'npm' || text === 'PyPI';

function partOf(one: Document, part: Affected): Advisory[] {
  const of = part.package;
  if (!of || !isEcosystem(of.ecosystem) || !/^[^\s\p{Cc}]{1,214}$/u.test(of.name)) return [];
  const { ecosystem } = of;
  const ranges = (part.ranges ?? []).filter(({ type }) => type === 'SEMVER' || type === 'ECOSYSTEM');
  return [
    {
      id: one.id,
      aliases: (one.aliases ?? []).filter((alias) => /^[\w.:+-]{1,100}$/.test(alias)).slice(0, 50),
      ecosystem,
      name: plainName(ecosystem, of.name),
      summary: oneLine(one.summary || one.details || ''),
      severity: severityOf(one, part),
      modified: one.modified ?? '',
      origin: 'osv',
      ranges: ranges.map(({ events }) => eventsOf(ecosystem, events)),
      versions: part.versions ?? [],
    },
  ];
}

export interface ReadDocument {
  id: string;
  withdrawn: boolean;
  /** One for each package of an ecosystem that Ambit reads. */
  advisories: Advisory[];
}

/** Reads one OSV document; throws where it is none. Unknown fields and ecosystems are left out. */
export function readOsv(data: unknown): ReadDocument {
  const read = document.safeParse(data);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new Error(`not an OSV document: ${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? ''}`);
  }
  const withdrawn = typeof read.data.withdrawn === 'string' && read.data.withdrawn !== '';
  const advisories = withdrawn ? [] : (read.data.affected ?? []).flatMap((part) => partOf(read.data, part));
  return { id: read.data.id, withdrawn, advisories };
}

/** The evaluation of OSV: the last event at or below the version decides. */
function inRange(ecosystem: Ecosystem, version: string, events: readonly Event[]): boolean {
  let vulnerable = false;
  for (const { kind, version: at } of events) {
    const order = zero(at) ? 1 : (compareIn(ecosystem, version, at) ?? -1);
    if (kind === 'introduced' && order >= 0) vulnerable = true;
    if (kind === 'fixed' && order >= 0) vulnerable = false;
    if (kind === 'last_affected' && order > 0) vulnerable = false;
  }
  return vulnerable;
}

/** Whether a version has the flaw. */
export function affects({ ecosystem, versions, ranges, range }: Advisory, version: string): boolean {
  if (versions.includes(version)) return true;
  if (ecosystem === 'PyPI' && versions.some((each) => compareIn(ecosystem, each, version) === 0)) return true;
  if (!isVersion(ecosystem, version)) return false;
  if (range !== undefined) return semver.satisfies(version, range, { includePrerelease: true, loose: true });
  return ranges.some((events) => inRange(ecosystem, version, events));
}

/** The lowest version above this one that is without the flaw, where the advisory says. */
export function fixedIn(advisory: Advisory, version: string): string | undefined {
  const { ecosystem, ranges, range } = advisory;
  const ends =
    range === undefined
      ? ranges.flat().flatMap((each) => (each.kind === 'fixed' ? [each.version] : []))
      : new semver.Range(range, true).set
          .flat()
          .flatMap((each) => (each.operator === '<' ? [each.semver.version] : []));
  return ends
    .map((end) => end.replace(/-0$/, ''))
    .filter((end) => (compareIn(ecosystem, end, version) ?? -1) > 0 && !affects(advisory, end))
    .sort((a, b) => compareIn(ecosystem, a, b) ?? 0)[0];
}
