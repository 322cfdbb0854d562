/**
 * The one shape that every configuration format is read into: named children in order (a name may repeat, as blocks
 * do), or a scalar. Lines count from 1.
 */
export interface Tree {
  line: number;
  endLine: number;
  scalar?: string | number | boolean | null;
  children?: Child[];
}

export interface Child {
  key: string;
  /** Where the key stands. */
  line: number;
  node: Tree;
}

/** What a parser makes of a file: what it could read, and the first thing that it could not, with its line. */
export interface Parsed {
  /** Several where the format has them. */
  documents: Tree[];
  broken?: string;
}

export type Parse = (text: string) => Parsed;

/** The first thing that a parser could not read; later ones often only follow from it. */
export class Broken {
  what: string | undefined;

  at(line: number, what: string): void {
    this.what ??= `line ${line}: ${what}`;
  }

  parsed(documents: Tree[]): Parsed {
    return this.what === undefined ? { documents } : { documents, broken: this.what };
  }
}

/** Text of a scalar; undefined for maps and lists. A text that holds a document of its own is both. */
export function scalarText(node: Tree): string | undefined {
  return node.children && node.scalar === undefined ? undefined : String(node.scalar ?? '');
}

export interface Place {
  node: Tree;
  line: number;
}

const DEPTH_MAX = 60;

function walk(node: Tree, path: readonly string[], line: number, found: Place[], depth: number): void {
  const [head, ...rest] = path;
  if (head === undefined) {
    found.push({ node, line });
    return;
  }
  if (depth > DEPTH_MAX) return;
  if (head === '**') {
    walk(node, rest, line, found, depth + 1);
    for (const child of node.children ?? []) walk(child.node, path, child.line, found, depth + 1);
    return;
  }
  const names = head.split('|');
  const form = head.startsWith('~') ? new RegExp(head.slice(1), 'i') : undefined;
  for (const child of node.children ?? [])
    if (head === '*' || (form ? form.test(child.key) : names.includes(child.key)))
      walk(child.node, rest, child.line, found, depth + 1);
}

/** Splits `jobs.*.steps`; a key with dots, or an expression, stands in single quotes. */
export function splitPath(path: string): string[] {
  if (path === '' || path === '.') return [];
  return (path.match(/'[^']*'|[^.]+/g) ?? []).map((part) => part.replaceAll("'", ''));
}

/** Nodes below `node` at a path: names, `a|b`, `'~expression'`, `*` for any one, `**` for any number of levels. */
export function select(node: Tree, path: readonly string[]): Place[] {
  const found: Place[] = [];
  walk(node, path, node.line, found, 0);
  return [...new Map(found.map((place) => [place.node, place])).values()];
}
