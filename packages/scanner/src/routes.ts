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
