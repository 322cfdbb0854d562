import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Rule } from '@ambit/core/catalog';
import { FILE_LIMIT } from './bound.ts';
import { type Cache, openCache } from './cache.ts';
import type { Project } from './engine.ts';
import type { Ecosystem } from './engines/deps/order.ts';
import type { KnownAdvisories } from './engines/deps/osv.ts';
import { complete, type Finding, type ScanResult, type Suppressed } from './finding.ts';
import { type Batch, type BatchResult, batches, runPool } from './pool.ts';
import { readBytes, scanPaths } from './read.ts';
import { type Catalog, conclude, createScanner, type FileReport, type Scanner } from './scanner.ts';
import { type ListedFile, type Listing, listFiles, listNamed } from './sources/list.ts';
import { applySuppressions } from './suppress.ts';

/** Opens the advisory database for the pinned packages that were met. */
export type OpenAdvisories = (wanted: ReadonlyMap<Ecosystem, ReadonlySet<string>>) => Promise<KnownAdvisories>;

export interface ScanOptions {
  catalog: Catalog;
  /** Only findings in these files are reported; cross-file engines still see the whole project. */
  only?: ReadonlySet<string>;
  /** Look at these files instead of listing the folder. */
  paths?: readonly string[];
  /** Contents that count instead of what the files hold; a file that is not there, is by this. */
  contents?: ReadonlyMap<string, Uint8Array>;
  /** Also what ignore files leave out, and into files of tests. */
  everything?: boolean;
  /** Where results rest between scans. */
  cacheFile?: string;
  /** What the scanner itself is: results of another one are not taken from the cache. */
  build?: string;
  /** Threads beside this one; by default all cores are used once the work is worth it. */
  threads?: number;
  /** Milliseconds that one file may take; longer is a gap. */
  fileLimit?: number;
  /** Absent: known vulnerabilities are not asked. */
  advisories?: OpenAdvisories;
  now: () => Date;
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/** Below this, starting threads costs more than they save. */
const THREADS_FROM_BYTES = 6_000_000;

export function rulesHash({ rules, filters, frameworks }: Catalog): string {
  return createHash('sha256')
    .update(JSON.stringify([rules, filters, frameworks]))
    .digest('hex');
}

interface Work {
  root: string;
  options: Pick<ScanOptions, 'catalog' | 'contents' | 'everything' | 'onProgress' | 'threads' | 'fileLimit' | 'signal'>;
  scanner: () => Promise<Scanner>;
}

/** Reports of all files, from the cache where they are unchanged. */
export async function reportsOf(work: Work, files: readonly ListedFile[], cache: Cache | undefined) {
  const { options, root } = work;
  const reports: FileReport[] = [];
  const fresh = new Map<string, ListedFile>();
  for (const file of files) {
    const given = options.contents?.get(file.path);
    if (given !== undefined) {
      reports.push((await work.scanner()).scanBytes(file.path, given));
      continue;
    }
    const known = cache?.unchanged(file);
    if (known) reports.push(known);
    else fresh.set(file.path, file);
  }
  const cached = reports.length - (options.contents?.size ?? 0);
  const done = ({ reports: some }: BatchResult) => {
    for (const { report, hash } of some) {
      reports.push(report);
      const file = fresh.get(report.path);
      if (file) cache?.keep(file, hash, report);
    }
    options.onProgress?.(reports.length, files.length);
  };
  const todo = [...fresh.values()];
  const bytes = todo.reduce((sum, file) => sum + file.size, 0);
  const count = options.threads ?? (bytes < THREADS_FROM_BYTES ? 0 : Math.min(availableParallelism(), 8) - 1);
  const limit = options.fileLimit ?? FILE_LIMIT;
  if (todo.length > 0) {
    const own = async () => {
      if (count > 0) await (await import('./engines/syntax/parse.ts')).prepareForMany();
      const scanner = await work.scanner();
      return ({ paths }: Batch): BatchResult => ({ reports: scanPaths(scanner, root, paths, limit) });
    };
    await runPool(batches(todo), {
      setup: { root, catalog: options.catalog, skipTests: options.everything !== true, limit },
      count,
      own,
      done,
      signal: options.signal,
    });
  }
  reports.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { reports, cached };
}

export function projectOf(root: string, files: readonly ListedFile[], contents: ScanOptions['contents']): Project {
  const paths = files.map((file) => file.path);
  const known = new Set(paths);
  const read = (path: string) => {
    if (!known.has(path)) return undefined;
    try {
      return new TextDecoder().decode(contents?.get(path) ?? readBytes(join(root, path)));
    } catch {
      return undefined;
    }
  };
  return { paths, read };
}

/** Splits off what comments in the code let go; only files with findings are read again. */
function splitSuppressed(findings: readonly Finding[], project: Project, today: string) {
  const byFile = new Map<string, Finding[]>();
  for (const finding of findings) byFile.set(finding.file, [...(byFile.get(finding.file) ?? []), finding]);
  const kept: Finding[] = [];
  const suppressed: Suppressed[] = [];
  for (const [file, some] of byFile) {
    const split = applySuppressions(some, project.read(file) ?? '', today);
    kept.push(...split.kept);
    suppressed.push(...split.suppressed);
  }
  const order = new Map(findings.map((finding, index) => [finding.fingerprint, index]));
  kept.sort((a, b) => (order.get(a.fingerprint) ?? 0) - (order.get(b.fingerprint) ?? 0));
  return { kept, suppressed };
}

/** Engines are loaded when they have work, and so is what they need. */
export async function advisoriesFor(
  reports: readonly FileReport[],
  { advisories }: Pick<ScanOptions, 'advisories'>,
): Promise<{ advisories?: KnownAdvisories }> {
  const facts = reports.flatMap((report) => ('deps' in report.facts ? [report.facts['deps']] : []));
  if (!advisories || facts.length === 0) return {};
  const { pinnedNames } = await import('./engines/deps/known.ts');
  return { advisories: await advisories(pinnedNames(facts)) };
}

/** A file that was asked for is looked at even where an ignore file leaves it out: git may have been forced to take it. */
async function listingOf(root: string, { paths, only, everything, signal }: ScanOptions): Promise<Listing> {
  if (paths) return listNamed(root, paths);
  const listing = await listFiles(root, { ...(everything ? { everything } : {}), ...(signal ? { signal } : {}) });
  const listed = new Set(listing.files.map(({ path }) => path));
  const named = await listNamed(
    root,
    [...(only ?? [])].filter((path) => !listed.has(path)),
  );
  return { files: [...listing.files, ...named.files], gaps: listing.gaps };
}

export async function openScanCache({
  cacheFile,
  catalog,
  build = '',
}: Pick<ScanOptions, 'cacheFile' | 'catalog' | 'build'>): Promise<Cache | undefined> {
  return cacheFile === undefined ? undefined : openCache(cacheFile, `${rulesHash(catalog)} ${build}`);
}

/** Scans the folder `root` with every rule of the catalogue. */
export async function scan(root: string, options: ScanOptions): Promise<ScanResult> {
  const started = performance.now();
  const { catalog } = options;
  const listing = await listingOf(root, options);
  const listed = new Set(listing.files.map((file) => file.path));
  for (const [path, { length }] of options.contents ?? [])
    if (!listed.has(path)) listing.files.push({ path, size: length, modified: 0 });
  const cache = await openScanCache(options);
  let made: Promise<Scanner> | undefined;
  const scanner = () => {
    made ??= createScanner(catalog, { skipTests: options.everything !== true });
    return made;
  };
  const { reports, cached } = await reportsOf({ root, options, scanner }, listing.files, cache);
  await cache?.save(options.now().getTime());
  const gaps = [...listing.gaps, ...reports.flatMap((report) => report.gaps)];
  const project: Project = {
    ...projectOf(root, listing.files, options.contents),
    ...(await advisoriesFor(reports, options)),
  };
  const own = reports.flatMap((report) => report.findings);
  const raw = conclude(await scanner(), project, reports, gaps, own);
  const rules = new Map<string, Rule>(catalog.rules.map((rule) => [rule.id, rule]));
  const wanted = complete(raw, rules).filter((finding) => options.only?.has(finding.file) ?? true);
  const { kept, suppressed } = splitSuppressed(wanted, project, options.now().toISOString().slice(0, 10));
  const skipped = { binary: 0, generated: 0, oversized: 0, tests: 0 };
  for (const report of reports) if (report.skipped) skipped[report.skipped] += 1;
  const bytes = reports.reduce((sum, report) => sum + report.bytes, 0);
  const stats = { files: reports.length, bytes, skipped, cached, rules: rules.size };
  return {
    findings: kept,
    suppressed,
    gaps: options.only ? gaps.filter((gap) => options.only?.has(gap.file)) : gaps,
    paths: [...project.paths],
    stats: { ...stats, milliseconds: Math.round(performance.now() - started) },
  };
}
