import type { Route } from './inventory.ts';
import type { RouteFacts, RouteModel } from './model.ts';
import type { RowQuery } from './ownership.ts';

export interface NamedPlace {
  file: string;
  line: number;
  name: string;
}

/** The statements on one table of the project, without those for administrators and for everybody. */
interface TableCount {
  all: number;
  owned: number;
  writes: number;
  ownedWrites: number;
  reads: number;
  ownedReads: number;
  lists: number;
  ownedLists: number;
}

function countOne(count: TableCount, { owned, reads, list }: RowQuery): void {
  const one = owned ? 1 : 0;
  if (list) {
    count.lists++;
    count.ownedLists += one;
    return;
  }
  count.all++;
  count.owned += one;
  if (reads) {
    count.reads++;
    count.ownedReads += one;
  } else {
    count.writes++;
    count.ownedWrites += one;
  }
}

const share = (having: number, all: number): number => (all === 0 ? 0 : having / all);

/** A statement without an owner on a table whose rows are somebody's by nearly all others. */
function isOdd({ owned, reads, list }: RowQuery, count: TableCount): boolean {
  if (owned) return false;
  // All rows, where changes of one name their owner and another list does, or several changes do.
  if (list) return share(count.owned, count.all) >= 0.75 && count.owned + count.ownedLists >= 2;
  if (!reads) return share(count.owned, count.all) >= 0.5 || share(count.ownedWrites, count.writes) >= 0.5;
  const rows = share(count.owned, count.all) >= 0.5 || share(count.ownedReads, count.reads) >= 0.5;
  return (
    (rows && count.ownedReads > 0) || (count.ownedLists > 0 && count.ownedLists === count.lists && count.owned > 0)
  );
}

/** Inside a route for administrators, or one that everybody may read. */
function isExcused(own: Route | undefined, query: RowQuery, model: RouteModel): boolean {
  if (own === undefined) return !query.near;
  if (model.admin.test(own.path) || own.found.authorization !== undefined) return true;
  return query.reads && own.found.authentication === undefined;
}

/** Statements on rows that do not say whose they are, where the others of the project do. */
export function oddQueries(
  facts: ReadonlyMap<string, RouteFacts>,
  routes: readonly Route[],
  model: RouteModel,
): NamedPlace[] {
  const byFile = new Map<string, Route[]>();
  for (const route of routes) byFile.set(route.file, [...(byFile.get(route.file) ?? []), route]);
  const counted: { file: string; query: RowQuery }[] = [];
  const counts = new Map<string, TableCount>();
  for (const [file, { queries }] of facts)
    for (const query of queries) {
      const own = byFile.get(file)?.find(({ line, endLine }) => line <= query.line && endLine >= query.line);
      if (isExcused(own, query, model)) continue;
      counted.push({ file, query });
      const count = counts.get(query.table) ?? {
        all: 0,
        owned: 0,
        writes: 0,
        ownedWrites: 0,
        reads: 0,
        ownedReads: 0,
        lists: 0,
        ownedLists: 0,
      };
      counts.set(query.table, count);
      countOne(count, query);
    }
  return counted.flatMap(({ file, query }) => {
    const count = counts.get(query.table);
    const odd = count !== undefined && !model.admin.test(file) && isOdd(query, count);
    return odd ? [{ file, line: query.line, name: query.table }] : [];
  });
}
