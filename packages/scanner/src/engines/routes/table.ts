import type { Route } from './inventory.ts';
import type { EvidenceKind } from './model.ts';

const COLUMNS: readonly (readonly [title: string, kind: EvidenceKind])[] = [
  ['authentication', 'authentication'],
  ['authorization', 'authorization'],
  ['ownership', 'ownership'],
  ['validation', 'validation'],
  ['rate limit', 'limit'],
  ['csrf', 'csrf'],
  ['signature', 'signature'],
];

function cell(route: Route, kind: EvidenceKind): string {
  const found = route.found[kind];
  if (found === undefined) return '-';
  return found.file === route.file ? `line ${found.line}` : `${found.file}:${found.line}`;
}

/** The inventory as text: one line for each route, with the place of each guard. */
export function routeTable(routes: readonly Route[]): string {
  const rows = [
    ['method', 'path', 'where', ...COLUMNS.map(([title]) => title)],
    ...routes.map((route) => [
      route.method,
      route.path,
      `${route.file}:${route.line}`,
      ...COLUMNS.map(([, kind]) => cell(route, kind)),
    ]),
  ];
  const used = rows[0]?.map((_, column) => column < 3 || rows.slice(1).some((row) => row[column] !== '-')) ?? [];
  const widths = used.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((text, column) => (used[column] ? text.padEnd(widths[column] ?? 0) : ''))
        .filter((text) => text !== '')
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
