import type { Gap } from './engine.ts';
import type { Facts } from './engines/flow/facts.ts';
import { inventory, type Route } from './engines/routes/inventory.ts';
import type { RouteFacts } from './engines/routes/model.ts';
import { scanPaths } from './read.ts';
import { type Catalog, createScanner, type FileReport } from './scanner.ts';
import { listFiles } from './sources/list.ts';

/** The route inventory out of the reports of a scan: what a review compares before and after a change. */
export function routesOf(reports: readonly FileReport[], paths: readonly string[]): Route[] {
  const facts = new Map<string, RouteFacts>();
  for (const { path, facts: all } of reports) {
    const routes = (all['flow'] as Facts | undefined)?.routes;
    if (routes !== undefined) facts.set(path, routes);
  }
  return inventory(facts, paths);
}

/** Every entry point of the project at `root`, with what guards it and where that stands. */
export async function listRoutes(root: string, catalog: Catalog): Promise<{ routes: Route[]; gaps: Gap[] }> {
  const rules = catalog.rules.filter((rule) => rule.engine === 'routes');
  const scanner = await createScanner({ ...catalog, rules });
  const { files, gaps } = await listFiles(root, {});
  const paths = files.map((file) => file.path);
  const reports = scanPaths(scanner, root, paths).map(({ report }) => report);
  return { routes: routesOf(reports, paths), gaps: [...gaps, ...reports.flatMap((report) => report.gaps)] };
}

/** One file of a change; a side that is absent does not exist there. */
export interface ChangedText {
  path: string;
  before?: string;
  after?: string;
}

/** Files beyond which the whole project is not read again for one change. */
const projectMax = 5_000;

function saysSomething(report: FileReport): boolean {
  const routes = (report.facts['flow'] as Facts | undefined)?.routes;
  if (routes === undefined) return false;
  const { routes: own, mounts, middleware, functions } = routes;
  return own.length > 0 || mounts.length > 0 || middleware !== undefined || Object.keys(functions).length > 0;
}

/**
 * The route inventory with and without a change that is not on the disk. Undefined when the change has nothing to do with
 * routes; files it does not name are read from `root`.
 */
export async function routesAround(
  root: string,
  catalog: Catalog,
  changes: readonly ChangedText[],
): Promise<{ before: Route[]; after: Route[]; gaps: Gap[] } | undefined> {
  const scanner = await createScanner({ ...catalog, rules: catalog.rules.filter((rule) => rule.engine === 'routes') });
  const encoder = new TextEncoder();
  const reportsOf = (side: 'before' | 'after') =>
    changes.flatMap((change) => {
      const text = change[side];
      return text === undefined ? [] : [scanner.scanBytes(change.path, encoder.encode(text))];
    });
  const own = { before: reportsOf('before'), after: reportsOf('after') };
  if (![...own.before, ...own.after].some(saysSomething)) return undefined;
  const changed = new Set(changes.map((change) => change.path));
  const { files, gaps } = await listFiles(root, {});
  const rest = files.map((file) => file.path).filter((path) => !changed.has(path));
  const big = rest.length > projectMax;
  const others = big ? [] : scanPaths(scanner, root, rest).map(({ report }) => report);
  const reason = `more than ${projectMax} files: guards that stand in other files are not seen`;
  const side = (reports: readonly FileReport[]) =>
    routesOf([...others, ...reports], [...rest, ...reports.map((report) => report.path)]);
  return { before: side(own.before), after: side(own.after), gaps: big ? [...gaps, { file: '.', reason }] : gaps };
}
