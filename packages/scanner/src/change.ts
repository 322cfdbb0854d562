import type { Rule } from '@ambit/core/catalog';
import type { Gap, Project } from './engine.ts';
import type { Route } from './engines/routes/inventory.ts';
import { complete, type Finding } from './finding.ts';
import { scanContents } from './read.ts';
import { routesOf } from './routes.ts';
import { advisoriesFor, openScanCache, projectOf, reportsOf, type ScanOptions } from './scan.ts';
import { conclude, createScanner, type FileReport, type Scanner } from './scanner.ts';
import { type ListedFile, listFiles } from './sources/list.ts';

/** One file of a change; a side that is absent does not exist there. */
export interface ChangedText {
  path: string;
  before?: string;
  after?: string;
}

/** The project as it is on one side of a change. Suppressions in the code do not count. */
export interface Side {
  findings: Finding[];
  routes: Route[];
  gaps: Gap[];
}

export type AroundOptions = Pick<
  ScanOptions,
  'catalog' | 'cacheFile' | 'build' | 'advisories' | 'now' | 'signal' | 'threads'
> & {
  /** Files beyond which the rest of the project is not read for one change. */
  filesMost?: number;
};

/** Files that take half a minute at the first change of a project, and a few seconds from then on. */
const filesMost = 20_000;

interface Rest {
  files: ListedFile[];
  reports: FileReport[];
  gaps: Gap[];
}

/** What stays as it is. Undefined where there is too much of it. */
async function restOf(
  root: string,
  changes: readonly ChangedText[],
  options: AroundOptions,
): Promise<Rest | undefined> {
  const changed = new Set(changes.map(({ path }) => path));
  const listing = await listFiles(root, options.signal ? { signal: options.signal } : {});
  const files = listing.files.filter(({ path }) => !changed.has(path));
  if (files.length > (options.filesMost ?? filesMost)) return undefined;
  const cache = await openScanCache(options);
  // Their results are not used, but the scan to come may want them.
  for (const file of listing.files) if (changed.has(file.path)) cache?.unchanged(file);
  let made: Promise<Scanner> | undefined;
  const scanner = () => {
    made ??= createScanner(options.catalog, { skipTests: true });
    return made;
  };
  const { reports } = await reportsOf({ root, options, scanner }, files, cache);
  await cache?.save(options.now().getTime());
  return { files, reports, gaps: listing.gaps };
}

/** Only what engines conclude from can change what is said of other files. */
const concerns = ({ facts }: FileReport): boolean => Object.keys(facts).length > 0;

/**
 * The project with and without a change that is not on the disk: findings of the changed files, and what is concluded from
 * all of them together. Files that the change does not name are read from `root`.
 */
export async function scanAround(
  root: string,
  changes: readonly ChangedText[],
  options: AroundOptions,
): Promise<{ before: Side; after: Side }> {
  const { catalog } = options;
  const scanner = await createScanner(catalog);
  const rules = new Map<string, Rule>(catalog.rules.map((rule) => [rule.id, rule]));
  const contentsOf = (side: 'before' | 'after') =>
    new Map(
      changes.flatMap((change) => {
        const text = change[side];
        return text === undefined ? [] : [[change.path, new TextEncoder().encode(text)] as const];
      }),
    );
  const contents = { before: contentsOf('before'), after: contentsOf('after') };
  const reports = {
    before: scanContents(scanner, contents.before),
    after: scanContents(scanner, contents.after),
  };
  const wide = [...reports.before, ...reports.after].some(concerns);
  const rest = wide ? await restOf(root, changes, options) : { files: [], reports: [], gaps: [] };
  const sideOf = async (side: 'before' | 'after'): Promise<Side> => {
    const all = [...(rest?.reports ?? []), ...reports[side]];
    const files = [
      ...(rest?.files ?? []),
      ...[...contents[side]].map(([path, { length }]) => ({ path, size: length, modified: 0 })),
    ];
    const gaps = [...(rest?.gaps ?? []), ...all.flatMap((report) => report.gaps)];
    const project: Project = { ...projectOf(root, files, contents[side]), ...(await advisoriesFor(all, options)) };
    const raw = reports[side].flatMap((report) => report.findings);
    return {
      findings: complete(wide ? conclude(scanner, project, all, gaps, raw) : raw, rules),
      routes: routesOf(
        all,
        files.map(({ path }) => path),
      ),
      gaps,
    };
  };
  const around = { before: await sideOf('before'), after: await sideOf('after') };
  if (!rest) {
    const reason = `more than ${options.filesMost ?? filesMost} files: what follows from other files is not seen`;
    around.after.gaps.push({ file: '.', reason });
  }
  return around;
}
