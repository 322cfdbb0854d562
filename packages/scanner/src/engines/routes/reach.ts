import { resolveImport } from '../flow/imports.ts';
import type { Evidence, EvidenceKind, RouteFacts } from './model.ts';

/** What a guard in front proves; that it also reads a body says nothing about the route. */
export const GUARDING: readonly EvidenceKind[] = [
  'authentication',
  'authorization',
  'ownership',
  'validation',
  'shaped',
  'limit',
  'csrf',
  'signature',
  'optional',
];

/** Calls are followed so far: a handler, a function for access, one that finds out who is calling. */
const FARTHEST = 3;

/** What functions of other files show to those who call them. */
export interface Reach {
  /** The file and the name there of a reference, if it is one of the project. */
  locate(from: string, ref: string): { file: string; name: string } | undefined;
  /** What is proved by calling these: what functions show that can refuse. */
  through(from: string, refs: readonly string[]): { evidence: Evidence; file: string }[];
  /** What is proved by what plugins put on the application under these names. */
  decorated(names: readonly string[]): { evidence: Evidence; file: string }[];
}

/** `app.api.admin.router` of Python: the module by its folders, wherever they begin. */
function dotted(ref: string, bySuffix: ReadonlyMap<string, string>): { file: string; name: string } | undefined {
  const parts = ref.split('.');
  for (let length = parts.length - 1; length > 0; length--) {
    const file = bySuffix.get(parts.slice(0, length).join('/'));
    if (file !== undefined) return { file, name: parts.slice(length).join('.') };
  }
  return undefined;
}

/** Modules of Python by every path that may be written for them; one that could be two is none. */
function pythonModules(paths: readonly string[]): ReadonlyMap<string, string> {
  const out = new Map<string, string>();
  const unsure = new Set<string>();
  for (const path of paths) {
    if (!path.endsWith('.py')) continue;
    const parts = path.replace(/(?:\/__init__)?\.py$/, '').split('/');
    for (let from = 0; from < parts.length; from++) {
      const key = parts.slice(from).join('/');
      if (out.has(key)) unsure.add(key);
      else out.set(key, path);
    }
  }
  for (const key of unsure) out.delete(key);
  return out;
}

/** Whose rows are meant is proved only by what is told which record it is. */
function proved(evidence: Evidence): Evidence {
  const out: Evidence = {};
  for (const kind of GUARDING)
    if (evidence[kind] !== undefined && (kind !== 'ownership' || evidence.byId !== undefined))
      out[kind] = evidence[kind];
  return out;
}

/** So many files that only pass on what others offer are followed. */
const INDEXES = 3;

type At = { file: string; name: string };

/** Where something stands that an index passes on: `controllers/index.js#users.list` is in `controllers/users.js`. */
function passedOn(facts: ReadonlyMap<string, RouteFacts>, files: ReadonlySet<string>, at: At, left: number): At {
  const shown = facts.get(at.file);
  if (shown?.passes === undefined || left === 0 || shown.functions[at.name] !== undefined) return at;
  const dot = at.name.indexOf('.');
  const first = dot < 0 ? at.name : at.name.slice(0, dot);
  const named = (shown.passes[first] ?? []).map((ref) => `${ref}${dot < 0 ? '' : at.name.slice(dot)}`);
  for (const ref of [...named, ...(shown.passes['*'] ?? []).map((module) => `${module}.${at.name}`)]) {
    const [file, name] = resolveImport(at.file, ref, files)?.split('#') ?? [];
    if (file === undefined || name === undefined) continue;
    const next = passedOn(facts, files, { file, name }, left - 1);
    if (named.length > 0 || facts.get(next.file)?.functions[next.name] !== undefined) return next;
  }
  return at;
}

export function reachOf(facts: ReadonlyMap<string, RouteFacts>, paths: readonly string[]): Reach {
  const files = new Set(paths);
  let modules: ReadonlyMap<string, string> | undefined;
  const search: Reach['locate'] = (from, ref) => {
    const found = resolveImport(from, ref, files)?.split('#');
    if (found?.[0] !== undefined && found[1] !== undefined)
      return passedOn(facts, files, { file: found[0], name: found[1] }, INDEXES);
    if (!from.endsWith('.py') || !/^\w+(?:\.\w+)+$/.test(ref)) return undefined;
    modules ??= pythonModules(paths);
    return dotted(ref, modules);
  };
  type Located = ReturnType<Reach['locate']>;
  const located = new Map<string, Map<string, Located>>();
  const locate: Reach['locate'] = (from, ref) => {
    const here = located.get(from) ?? new Map<string, Located>();
    if (here.size === 0) located.set(from, here);
    if (!here.has(ref)) here.set(ref, search(from, ref));
    return here.get(ref);
  };
  const known = new Map<string, { evidence: Evidence; file: string }[]>();
  const follow = (from: string, ref: string, left: number): { evidence: Evidence; file: string }[] => {
    const at = locate(from, ref);
    const shown = at === undefined ? undefined : facts.get(at.file);
    if (at === undefined || shown === undefined) return [];
    const key = `${at.file}#${at.name}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    known.set(key, []);
    // What is made by calls is known by the name it begins with: `adminProcedure.input(…)`.
    const name = shown.functions[at.name] === undefined ? (at.name.split('.')[0] ?? '') : at.name;
    const own = shown.functions[name];
    const found = own?.refuses === undefined ? [] : [{ evidence: proved(own), file: at.file }];
    if (left > 1) for (const next of shown.calls[name] ?? []) found.push(...follow(at.file, next, left - 1));
    known.set(key, found);
    return found;
  };
  const onApplication = new Map<string, { evidence: Evidence; file: string }[]>();
  for (const [file, { decorated = {} }] of facts)
    for (const [name, evidence] of Object.entries(decorated))
      if (evidence.refuses !== undefined)
        onApplication.set(name, [...(onApplication.get(name) ?? []), { evidence: proved(evidence), file }]);
  return {
    locate,
    through: (from, refs) => refs.flatMap((ref) => follow(from, ref, FARTHEST)),
    decorated: (names) => names.flatMap((name) => onApplication.get(name) ?? []),
  };
}
