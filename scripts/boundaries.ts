// Holds layers.json: package direction, external dependencies, rooms inside a package, no value-import cycles.
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { projectFiles, root } from './files.ts';
import { type Import, importsOf } from './imports.ts';

interface Layer {
  imports: string[];
  external: string[];
  node: 'any' | string[];
}

interface Layers {
  packages: Record<string, Layer>;
  rooms: Record<string, Record<string, string[]>>;
  testOnly: string[];
}

export const layers = JSON.parse(readFileSync(join(root, 'layers.json'), 'utf8')) as Layers;

const isTest = (name: string) => /\.(test|contract|bench)\.ts$/.test(name);

function bareName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function checkPackageImport(name: string, owner: string, item: Import): string | undefined {
  const layer = layers.packages[owner];
  if (!layer) return `no layer is declared for packages/${owner}`;
  const { specifier } = item;
  if (specifier.startsWith('@ambit/')) {
    const target = specifier.split('/')[1] ?? '';
    return target === owner || layer.imports.includes(target) ? undefined : `${owner} may not import ${target}`;
  }
  if (isBuiltin(specifier)) {
    const allowed = layer.node === 'any' || layer.node.includes(specifier) || isTest(name);
    return allowed ? undefined : `${owner} is pure: ${specifier} is not available everywhere it runs`;
  }
  const bare = bareName(specifier);
  if (layer.external.includes(bare) || (isTest(name) && layers.testOnly.includes(bare))) return undefined;
  return `${owner} does not list the dependency ${bare} in layers.json`;
}

function checkRelative(name: string, owner: string, file: string): string | undefined {
  const inside = `packages/${owner}/`;
  if (!file.startsWith(inside)) {
    if (isTest(name) && file.startsWith('test/support/')) return undefined;
    return `a relative import leaves packages/${owner}`;
  }
  const rooms = layers.rooms[owner];
  const from = name.slice(inside.length).split('/')[1] ?? '';
  const to = file.slice(inside.length).split('/')[1] ?? '';
  const allowed = rooms?.[from];
  if (!allowed || isTest(name) || from === to || !file.slice(inside.length).split('/')[2]) return undefined;
  return allowed.includes(to) ? undefined : `room ${from} may not import room ${to}`;
}

export function boundaryErrors(): string[] {
  const errors: string[] = [];
  for (const name of projectFiles('packages/*/src/**/*.ts')) {
    if (/\/(fixtures|samples)\//.test(name)) continue;
    const owner = name.split('/')[1] ?? '';
    for (const item of importsOf(name)) {
      const error = item.file ? checkRelative(name, owner, item.file) : checkPackageImport(name, owner, item);
      if (error) errors.push(`${name}:${item.line} ${error} (${item.specifier})`);
    }
  }
  return errors;
}

/** Strongly connected groups of two or more files over value imports (Tarjan's algorithm). */
export function importCycles(): string[][] {
  const files = projectFiles('packages/*/src/**/*.ts').filter((name) => !/\/(fixtures|samples)\//.test(name));
  const known = new Set(files);
  const edges = new Map(
    files.map((name) => [
      name,
      importsOf(name)
        .filter((item) => !item.typeOnly && item.file !== undefined && known.has(item.file))
        .map((item) => item.file as string),
    ]),
  );
  return stronglyConnected(edges).filter((group) => group.length > 1);
}

export function stronglyConnected(edges: Map<string, string[]>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const groups: string[][] = [];
  const visit = (name: string) => {
    index.set(name, index.size);
    low.set(name, index.get(name) ?? 0);
    stack.push(name);
    for (const next of edges.get(name) ?? []) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(name, Math.min(low.get(name) ?? 0, low.get(next) ?? 0));
    }
    if (low.get(name) === index.get(name)) groups.push(stack.splice(stack.indexOf(name)));
  };
  for (const name of edges.keys()) if (!index.has(name)) visit(name);
  return groups;
}
