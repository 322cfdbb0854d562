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
  /** Statements on the caller's own row. */
  selves: number;
}

function countOne(count: TableCount, { owned, reads, list, self }: RowQuery): void {
  const one = owned ? 1 : 0;
  if (self) {
    count.selves++;
    return;
  }
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
function isOdd({ owned, reads, list, sent }: RowQuery, count: TableCount): boolean {
  if (owned) return false;
  // Everybody changes the own row alone, and here it is whoever is named.
  if (sent && !reads && count.selves > 0) return true;
  // All rows, where changes of one name their owner and another list does, or several changes do.
  if (list) return share(count.owned, count.all) >= 0.75 && count.owned + count.ownedLists >= 2;
  if (!reads) return share(count.owned, count.all) >= 0.5 || share(count.ownedWrites, count.writes) >= 0.5;
  const rows = share(count.owned, count.all) >= 0.5 || share(count.ownedReads, count.reads) >= 0.5;
  return (
    (rows && count.ownedReads > 0) ||
    // The only one by its id, where every list is of whoever calls.
    (count.all === 1 && count.ownedLists > 0 && count.ownedLists === count.lists) ||
    (count.ownedLists > 0 && count.ownedLists === count.lists && count.owned > 0)
  );
}

/** Whether a right excuses that no owner is named: not where those who have one are kept to what is theirs as well. */
type Excuse = 'none' | 'right' | 'whole';

function excuseOf(own: Route | undefined, query: RowQuery, model: RouteModel): Excuse {
  if (own === undefined) return query.near ? 'none' : 'whole';
  if (model.admin.test(own.path) || own.found.signature !== undefined) return 'whole';
  // A class of Django has many entry points; what one of them asks is not said of the others.
  if (own.found.authorization !== undefined && !(own.framework === 'django' && query.near)) return 'right';
  return query.reads && own.found.authentication === undefined ? 'whole' : 'none';
}

interface Counted {
  file: string;
  query: RowQuery;
  excuse: Excuse;
}

/** Statements of those with a right, one apart: do most of the others name whose rows they are? */
function keptWithRight(rightful: readonly Counted[], apart: Counted): boolean {
  const others = rightful.filter((each) => each !== apart && !each.query.compared);
  const owned = others.filter(({ query }) => query.owned && !query.self).length;
  return owned > 0 && owned / others.length >= 0.6;
}

/** Statements on rows that do not say whose they are, where the others of the project do. */
export function oddQueries(
  facts: ReadonlyMap<string, RouteFacts>,
  routes: readonly Route[],
  model: RouteModel,
): NamedPlace[] {
  const byFile = new Map<string, Route[]>();
  for (const route of routes) byFile.set(route.file, [...(byFile.get(route.file) ?? []), route]);
  const counted: Counted[] = [];
  const counts = new Map<string, TableCount>();
  for (const [file, { queries }] of facts)
    for (const query of queries) {
      const own = byFile.get(file)?.find(({ line, endLine }) => line <= query.line && endLine >= query.line);
      const excuse = excuseOf(own, query, model);
      if (excuse === 'whole') continue;
      counted.push({ file, query, excuse });
      if (excuse === 'right' && !query.owned) continue;
      const count = counts.get(query.table) ?? {
        all: 0,
        owned: 0,
        writes: 0,
        ownedWrites: 0,
        reads: 0,
        ownedReads: 0,
        lists: 0,
        ownedLists: 0,
        selves: 0,
      };
      counts.set(query.table, count);
      countOne(count, query);
    }
  const rightful = counted.filter(({ excuse }) => excuse === 'right');
  return counted.flatMap((each) => {
    const { file, query, excuse } = each;
    const count = counts.get(query.table);
    if (count === undefined || model.admin.test(file) || query.owned) return [];
    const odd = excuse === 'right' ? count.owned > 0 && keptWithRight(rightful, each) : isOdd(query, count);
    return odd ? [{ file, line: query.line, name: query.table }] : [];
  });
}
