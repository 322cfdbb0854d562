import type { Rule } from '@ambit/core/catalog';
import { compileDetectors, type Filter } from '@ambit/core/detect';
import { messageOf } from '@ambit/core/errors';
import { bounded, CONCLUDE_LIMIT, FILE_LIMIT, tooLong } from './bound.ts';
import type { Active, CompiledEngine, Engine, Gap, Project, RawFinding, SourceFile } from './engine.ts';
import { engines as registry } from './engines/index.ts';
import { secretFindings } from './engines/pattern/pattern.ts';
import { hashLine, type Located } from './finding.ts';
import {
  holdsTests,
  isBinary,
  isBinaryName,
  isGenerated,
  PARSE_MAX,
  PLAIN_DATA,
  SEARCH_MAX,
  sourceFile,
} from './sources/file.ts';

/** The catalogue's part of a scan; plain data, so that it can be handed to worker threads. */
export interface Catalog {
  rules: readonly Rule[];
  filters: readonly Filter[];
  /** The parsed files of `catalog/frameworks`. */
  frameworks?: readonly unknown[];
}

export type SkipReason = 'binary' | 'generated' | 'oversized' | 'tests';

/** Everything one file gave, JSON-serialisable: what workers send and the cache keeps. */
export interface FileReport {
  path: string;
  findings: Located[];
  facts: Record<string, unknown>;
  gaps: Gap[];
  skipped?: SkipReason;
  bytes: number;
}

interface Member {
  engine: Engine;
  compiled: CompiledEngine;
  rules: readonly Rule[];
}

/** What is left of a file that could not be looked at. */
export function reportOfGap(path: string, reason: string, bytes = 0): FileReport {
  return { path, findings: [], facts: {}, gaps: [{ file: path, reason }], bytes };
}

/** All engines with their rules, ready to look at files. Made once per thread. */
export interface Scanner {
  readonly members: readonly Member[];
  /** Ends with a gap when it takes too long. */
  scanBytes(path: string, bytes: Uint8Array): FileReport;
  /** The same without an end of its own, for who bounds many at once. */
  look(path: string, bytes: Uint8Array): FileReport;
}

async function loadMembers({ rules, frameworks }: Catalog): Promise<Member[]> {
  const ownRules = (names: readonly string[]) => rules.filter((rule) => names.includes(rule.engine));
  const wanted = registry.filter(({ name, covers = [] }) => ownRules([name, ...covers]).length > 0);
  return Promise.all(
    wanted.map(async ({ name, covers = [], load }) => {
      const engine = await load();
      const own = ownRules([name, ...covers]);
      return { engine, rules: own, compiled: engine.compile(own, frameworks) };
    }),
  );
}

interface Words {
  list: string[];
  /** By word: the rules, or parts of rules, it activates, and the engines (by index) it calls. */
  rules: string[][];
  engines: number[][];
}

function collectWords(members: readonly Member[]): Words {
  const words: Words = { list: [], rules: [], engines: [] };
  const index = new Map<string, number>();
  const at = (word: string): number => {
    const key = word.toLowerCase();
    const known = index.get(key);
    if (known !== undefined) return known;
    words.rules.push([]);
    words.engines.push([]);
    const added = words.list.push(key) - 1;
    index.set(key, added);
    return added;
  };
  members.forEach(({ engine, rules }, number) => {
    for (const word of engine.keywords ?? []) words.engines[at(word)]?.push(number);
    for (const rule of rules) {
      for (const word of rule.keywords ?? []) {
        const place = at(word);
        words.rules[place]?.push(rule.id);
        words.engines[place]?.push(number);
      }
      for (const part of engine.partsOf?.(rule) ?? [])
        for (const word of part.words) words.rules[at(word)]?.push(part.name);
    }
  });
  return words;
}

/** Adds to raw findings the file and the hash of their line, cut from the text as the engine counted its lines. */
export function locate(path: string, raw: readonly RawFinding[], lines: () => readonly string[]): Located[] {
  return raw.map((finding) => ({
    ...finding,
    file: finding.file ?? path,
    lineHash: hashLine(lines()[finding.line - 1] ?? ''),
  }));
}

function lazyLines(text: () => string): () => readonly string[] {
  let lines: readonly string[] | undefined;
  return () => {
    lines ??= text().split('\n');
    return lines;
  };
}

/** One engine on one file; what it throws is a gap, never the end of the scan. */
function runEngine(member: Member, file: SourceFile, active: Active, report: FileReport): void {
  try {
    const result = member.compiled.scanFile(file, active);
    report.findings.push(
      ...locate(
        file.path,
        result.findings,
        lazyLines(() => file.text),
      ),
    );
    if (result.facts !== undefined) report.facts[member.engine.name] = result.facts;
    report.gaps.push(...(result.gaps ?? []));
  } catch (error) {
    report.gaps.push({ file: file.path, reason: `${member.engine.name}: ${messageOf(error)}` });
  }
}

function skipReason(path: string, bytes: Uint8Array): SkipReason | undefined {
  if (isBinaryName(path) || isBinary(bytes)) return 'binary';
  return bytes.length > SEARCH_MAX ? 'oversized' : undefined;
}

export interface ScannerOptions {
  /** Files of tests are searched for secrets alone, as in the scan of a whole project; what checks a change looks into them. */
  skipTests?: boolean;
}

export async function createScanner(catalog: Catalog, { skipTests = false }: ScannerOptions = {}): Promise<Scanner> {
  const { rules, filters } = catalog;
  const members = await loadMembers(catalog);
  const words = collectWords(members);
  const detectors = compileDetectors(rules, filters, words.list);
  const always = new Set(rules.filter((rule) => !rule.keywords).map((rule) => rule.id));
  const open = members.map(({ engine, rules: own }) => !engine.keywords || own.some((rule) => !rule.keywords));

  const search = (file: SourceFile, report: FileReport) => {
    const woken = new Set<string>();
    const called = new Set<number>();
    const text = file.search;
    const onExtra = (word: number) => {
      for (const id of words.rules[word] ?? []) woken.add(id);
      for (const engine of words.engines[word] ?? []) called.add(engine);
    };
    const found = detectors.find(text, { path: file.path, language: file.language, onExtra });
    report.findings.push(
      ...locate(
        file.path,
        secretFindings(text, found.secrets),
        lazyLines(() => text),
      ),
    );
    for (const id of found.overflow)
      report.gaps.push({ file: file.path, reason: `\`${id}\` has more than 10,000 places to look at` });
    const active: Active = { woken, has: (id) => always.has(id) || woken.has(id) };
    return { active, called };
  };

  const look = (path: string, bytes: Uint8Array): FileReport => {
    const report: FileReport = { path, findings: [], facts: {}, gaps: [], bytes: bytes.length };
    const skipped = skipReason(path, bytes);
    if (skipped) {
      if (skipped === 'oversized') report.gaps.push({ file: path, reason: 'larger than 20 MB: not looked into' });
      return { ...report, skipped };
    }
    const file = sourceFile(path, bytes);
    const { active, called } = search(file, report);
    if (isGenerated(path, bytes)) return { ...report, skipped: 'generated' };
    if (skipTests && holdsTests(file)) return { ...report, skipped: 'tests' };
    if (bytes.length > PARSE_MAX) {
      if (!PLAIN_DATA.test(path))
        report.gaps.push({ file: path, reason: 'larger than 2 MB: searched for secrets only' });
      return { ...report, skipped: 'oversized' };
    }
    members.forEach((member, number) => {
      if ((open[number] || called.has(number)) && member.compiled.wants(path, file.language))
        runEngine(member, file, active, report);
    });
    return report;
  };
  const scanBytes = (path: string, bytes: Uint8Array): FileReport => {
    const result = bounded(() => look(path, bytes), FILE_LIMIT);
    return result.done ? result.value : reportOfGap(path, tooLong(FILE_LIMIT), bytes.length);
  };
  return { members, scanBytes, look };
}

/**
 * Second half of map and reduce: each engine that concludes sees the facts of all files. Gives `own`, the findings of single
 * files, without what turned out to be none, and what only all files together show.
 */
export function conclude(
  scanner: Scanner,
  project: Project,
  reports: readonly FileReport[],
  gaps: Gap[],
  own: readonly Located[],
): Located[] {
  const found: Located[] = [];
  let kept = own;
  for (const { engine, compiled } of scanner.members) {
    if (!compiled.conclude) continue;
    const facts = new Map<string, unknown>();
    for (const report of reports)
      if (report.facts[engine.name] !== undefined) facts.set(report.path, report.facts[engine.name]);
    try {
      const result = bounded(() => compiled.conclude?.(facts, project), CONCLUDE_LIMIT);
      if (!result.done) gaps.push({ file: '.', reason: `${engine.name}: ${tooLong(CONCLUDE_LIMIT)}` });
      const conclusion = result.done ? result.value : undefined;
      gaps.push(...(conclusion?.gaps ?? []));
      const keeps = conclusion?.keeps;
      if (keeps) kept = kept.filter(keeps);
      for (const finding of conclusion?.findings ?? [])
        found.push(...locate('', [finding], () => (project.read(finding.file ?? '') ?? '').split('\n')));
    } catch (error) {
      gaps.push({ file: '.', reason: `${engine.name}: ${messageOf(error)}` });
    }
  }
  return [...kept, ...found];
}
