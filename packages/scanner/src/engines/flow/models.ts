import * as z from 'zod/mini';
import { firstMatch, lastName, matches, type NameIndex, nameIndex } from './pattern.ts';
import type { SourceKind } from './value.ts';

/** What a value can be dangerous for. One bit each, so there can be 31. */
export const CATEGORIES = [
  'sql',
  'nosql',
  'command',
  'path',
  'ssrf',
  'redirect',
  'xss',
  'template',
  'xxe',
  'deserialize',
  'prototype',
  'regex',
  'code',
  'header',
  'log',
  'format',
  'mass',
  'ldap',
  'access',
  'resource',
  /** No danger by itself: begins with a slash, so that it stays on the host that is put before it. */
  'rooted',
] as const;
export type Category = (typeof CATEGORIES)[number];

export const ALL_BITS = (1 << CATEGORIES.length) - 1;

const category = z.enum(CATEGORIES);
const kind = z.enum(['request', 'dom', 'message', 'archive', 'param', 'unknown']);
const names = z.array(z.string());
const forWhat = z.union([z.literal('all'), z.array(category)]);

const typeModel = z.strictObject({
  /** Members under the control of whoever sends the request. */
  source: z.optional(names),
  /** Methods whose result is. */
  calls: z.optional(names),
  /** Members that are of another modelled type. */
  members: z.optional(z.record(z.string(), z.string())),
  /** The whole value is under the sender's control. */
  all: z.optional(z.boolean()),
  /** Every member is that is not of another type. */
  any: z.optional(z.boolean()),
  kind: z.optional(kind),
});

const handler = z.strictObject({
  /** Calls whose function arguments become handlers. */
  register: z.optional(names),
  /** What the first argument of the registering call must be: the name of an event. */
  first: z.optional(z.string()),
  /** Names that the parameters of any function must have to be taken for a handler. */
  names: z.optional(names),
  /** Files and exported names that are handlers by convention. */
  file: z.optional(z.string()),
  exports: z.optional(z.string()),
  /** A directive such as `use server` that makes exported functions handlers. */
  directive: z.optional(z.string()),
  /** The model types of the parameters, in order; `null` for one that is nothing special. */
  params: z.array(z.nullable(z.string())),
  /** All parameters have the first type. */
  every: z.optional(z.boolean()),
});

const frameworkFile = z.strictObject({
  id: z.string(),
  about: z.string(),
  /** Absent: all of them. */
  languages: z.optional(z.array(z.enum(['javascript', 'python']))),
  types: z.optional(z.record(z.string(), typeModel)),
  handlers: z.optional(z.array(handler)),
  /** Parameters whose type annotation or decorator says what they are. */
  annotations: z.optional(z.array(z.strictObject({ match: z.string(), type: z.string() }))),
  decorators: z.optional(z.array(z.strictObject({ match: z.string(), type: z.string() }))),
  /** Parameters whose default value says what they are: `Depends(…)`. */
  defaults: z.optional(z.array(z.strictObject({ match: z.string(), type: z.string() }))),
  /** Parameters that are of another type than their handler's model says, by their name. */
  renames: z.optional(z.array(z.strictObject({ match: z.string(), from: z.string(), type: z.string() }))),
  /** Names that are sources wherever they appear. */
  sources: z.optional(z.array(z.strictObject({ ref: names, kind, type: z.optional(z.string()) }))),
  /** Calls whose result is a source or of a modelled type; with more than `most` arguments they set something instead. */
  results: z.optional(
    z.array(
      z.strictObject({ call: names, type: z.optional(z.string()), kind: z.optional(kind), most: z.optional(z.int()) }),
    ),
  ),
  /** Calls that return what they were given, in another form. */
  passes: z.optional(z.array(z.strictObject({ call: names, as: z.optional(z.enum(['string', 'object', 'same'])) }))),
  sanitizers: z.optional(z.array(z.strictObject({ call: names, for: forWhat }))),
  /** Functions whose own name says that they make something safe. */
  sanitizerNames: z.optional(z.array(z.strictObject({ match: z.string(), for: forWhat }))),
  /** Tests that, when they hold, prove their argument (or, with `receiver`, what they are called on) safe. */
  guards: z.optional(
    z.array(z.strictObject({ call: names, of: z.optional(z.enum(['argument', 'receiver', 'both'])), for: forWhat })),
  ),
  /** Properties of an object literal that make their value safe: `$eq`. */
  keys: z.optional(z.array(z.strictObject({ key: names, for: forWhat }))),
  guardNames: z.optional(z.array(z.strictObject({ match: z.string(), for: forWhat }))),
  /** Functions that say yes to something bad: their no proves their arguments. */
  refusalNames: z.optional(z.array(z.strictObject({ match: z.string(), for: forWhat }))),
  /** Middleware and other calls that make a request's data safe to some degree. */
  globals: z.optional(names),
});
export type FrameworkFile = z.infer<typeof frameworkFile>;

export interface TypeModel {
  source: ReadonlySet<string>;
  calls: ReadonlySet<string>;
  members: ReadonlyMap<string, string>;
  all: boolean;
  any: boolean;
  kind: SourceKind;
}

export interface HandlerModel {
  first: RegExp | undefined;
  names: RegExp[] | undefined;
  file: RegExp | undefined;
  exports: RegExp | undefined;
  directive: string | undefined;
  params: (string | undefined)[];
  every: boolean;
}

/** The model types of a handler's parameters. */
export interface Handles {
  params: readonly (string | undefined)[];
}

/** What the models say of a callee by its reference alone. */
export interface CalleeModel {
  ref: string;
  /** The last name of `ref`. */
  last: string;
  /** What its result is called; undefined where that is too long to be of use. */
  result: string | undefined;
  registrars: readonly HandlerModel[];
  gives: { kind: SourceKind | undefined; type: string | undefined; most: number | undefined } | undefined;
  passes: 'string' | 'object' | 'same' | undefined;
  /** By its whole name, and else by what its last name says. */
  sanitizes: number | undefined;
}

/** All framework models, ready for look-ups. */
export interface Models {
  /** As far as they have been asked. */
  callees: Map<string, CalleeModel>;
  /** By the names of a function's parameters: what it handles, as far as it has been asked. */
  byNames: Map<string, Handles | undefined>;
  types: ReadonlyMap<string, TypeModel>;
  handlers: readonly HandlerModel[];
  registrars: NameIndex<HandlerModel>;
  annotations: readonly { match: RegExp; type: string }[];
  decorators: readonly { match: RegExp; type: string }[];
  defaults: readonly { match: RegExp; type: string }[];
  renames: readonly { match: RegExp; from: string; type: string }[];
  sources: NameIndex<{ kind: SourceKind; type: string | undefined }>;
  results: NameIndex<{ kind: SourceKind | undefined; type: string | undefined; most: number | undefined }>;
  passes: NameIndex<'string' | 'object' | 'same'>;
  sanitizers: NameIndex<number>;
  /** What a function's own name says of it; undefined where it says nothing. */
  sanitizerNames: (name: string) => number | undefined;
  guards: NameIndex<{ of: 'argument' | 'receiver' | 'both'; bits: number }>;
  keys: ReadonlyMap<string, number>;
  guardNames: (name: string) => number | undefined;
  refusalNames: (name: string) => number | undefined;
  globals: ReadonlySet<string>;
}

export function bitsOf(what: 'all' | readonly Category[]): number {
  if (what === 'all') return ALL_BITS;
  return what.reduce((bits, each) => bits | (1 << CATEGORIES.indexOf(each)), 0);
}

export function parseFramework(data: unknown): FrameworkFile {
  return frameworkFile.parse(data);
}

function compileType(model: z.infer<typeof typeModel>): TypeModel {
  return {
    source: new Set(model.source),
    calls: new Set(model.calls),
    members: new Map(Object.entries(model.members ?? {})),
    all: model.all ?? false,
    any: model.any ?? false,
    kind: model.kind ?? 'request',
  };
}

function compileHandler(model: z.infer<typeof handler>): HandlerModel {
  return {
    first: model.first === undefined ? undefined : new RegExp(model.first),
    names: model.names?.map((name) => new RegExp(name)),
    file: model.file === undefined ? undefined : new RegExp(model.file),
    exports: model.exports === undefined ? undefined : new RegExp(model.exports),
    directive: model.directive,
    params: model.params.map((param) => param ?? undefined),
    every: model.every ?? false,
  };
}

/** Names with what they mean, out of a list of entries that each have several names. */
function named<E, T>(list: readonly E[], names: (each: E) => readonly string[], value: (each: E) => T): NameIndex<T> {
  return nameIndex(list.flatMap((each) => names(each).map((name) => [name, value(each)] as const)));
}

/** Names kept per list with the answer to them: the same few thousand are asked about again and again. */
export const KNOWN_MAX = 4_000;

/** The bits of the first entry whose pattern a name has. */
function byName(list: readonly { match: string; for: 'all' | Category[] }[]): (name: string) => number | undefined {
  const entries = list.map((each) => ({ match: new RegExp(each.match), bits: bitsOf(each.for) }));
  const known = new Map<string, number | undefined>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined || known.has(name)) return before;
    const bits = entries.find(({ match }) => match.test(name))?.bits;
    if (known.size >= KNOWN_MAX) known.clear();
    known.set(name, bits);
    return bits;
  };
}

/** Compiles the parsed files of `catalog/frameworks`. */
export function compileModels(all: readonly FrameworkFile[], language: 'javascript' | 'python' = 'javascript'): Models {
  const files = all.filter((file) => file.languages?.includes(language) ?? true);
  const types = new Map<string, TypeModel>();
  for (const file of files)
    for (const [name, model] of Object.entries(file.types ?? {})) types.set(name, compileType(model));
  const handlers = files
    .flatMap((file) => file.handlers ?? [])
    .map((each) => ({ register: each.register ?? [], model: compileHandler(each) }));
  const typed = ({ match, type }: { match: string; type: string }) => ({ match: new RegExp(match), type });
  const calls = <E extends { call: string[] }>(each: E) => each.call;
  return {
    callees: new Map(),
    byNames: new Map(),
    types,
    handlers: handlers.map((each) => each.model),
    registrars: named(
      handlers,
      (each) => each.register,
      (each) => each.model,
    ),
    annotations: files.flatMap((file) => file.annotations ?? []).map(typed),
    decorators: files.flatMap((file) => file.decorators ?? []).map(typed),
    defaults: files.flatMap((file) => file.defaults ?? []).map(typed),
    renames: files
      .flatMap((file) => file.renames ?? [])
      .map(({ match, from, type }) => ({ match: new RegExp(match), from, type })),
    sources: named(
      files.flatMap((file) => file.sources ?? []),
      (each) => each.ref,
      (each) => ({ kind: each.kind, type: each.type }),
    ),
    results: named(
      files.flatMap((file) => file.results ?? []),
      calls,
      (each) => ({ kind: each.kind, type: each.type, most: each.most }),
    ),
    passes: named(
      files.flatMap((file) => file.passes ?? []),
      calls,
      (each) => each.as ?? 'same',
    ),
    sanitizers: named(
      files.flatMap((file) => file.sanitizers ?? []),
      calls,
      (each) => bitsOf(each.for),
    ),
    sanitizerNames: byName(files.flatMap((file) => file.sanitizerNames ?? [])),
    guards: named(
      files.flatMap((file) => file.guards ?? []),
      calls,
      (each) => ({ of: each.of ?? 'argument', bits: bitsOf(each.for) }),
    ),
    keys: new Map(
      files
        .flatMap((file) => file.keys ?? [])
        .flatMap((each) => each.key.map((key) => [key, bitsOf(each.for)] as const)),
    ),
    guardNames: byName(files.flatMap((file) => file.guardNames ?? [])),
    refusalNames: byName(files.flatMap((file) => file.refusalNames ?? [])),
    globals: new Set(files.flatMap((file) => file.globals ?? [])),
  };
}

/** Longer references are of no use in the next one. */
const RESULT_MAX = 110;

/** Asked once for a reference: a file calls the same few functions, and each answer takes a look-up of its own. */
export function calleeModel(models: Models, ref: string): CalleeModel {
  const known = models.callees.get(ref);
  if (known !== undefined) return known;
  const last = lastName(ref);
  const made: CalleeModel = {
    ref,
    last,
    result: ref.length < RESULT_MAX ? `${ref}()` : undefined,
    registrars: matches(models.registrars, ref, last),
    gives: firstMatch(models.results, ref, last),
    passes: firstMatch(models.passes, ref, last),
    sanitizes: firstMatch(models.sanitizers, ref, last) ?? models.sanitizerNames(last),
  };
  if (models.callees.size >= KNOWN_MAX) models.callees.clear();
  models.callees.set(ref, made);
  return made;
}
