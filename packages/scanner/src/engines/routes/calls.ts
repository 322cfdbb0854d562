import { type ClassNode, isFunction, type Node } from '../syntax/tree.ts';

import { definitionsOf } from './definitions.ts';
import { classesOf } from './gaps.ts';
import type { Evidence } from './model.ts';
import type { Collecting } from './reading.ts';

/** Where functions of the project itself are taken from: by path, by an alias of its own, or from a folder of the usual names. */
const OWN =
  /^(?:\.{1,2}\/|[@~]\/|\$lib\/|src\/|app\/|[#~]\w|@(?!(?:nestjs|prisma|trpc|supabase|clerk|auth|hono|fastify|koa|aws-sdk|google-cloud|azure|apollo|tanstack|radix-ui|mui|sentry|stripe|vercel|upstash|types|sveltejs|remix-run|angular|casl|mikro-orm|keystone-6|payloadcms|sinclair|typegoose|langchain|ai-sdk)\/)\w[\w-]*\/\w|(?:controllers?|middlewares?|models?|services?|routes?|repositories|lib|utils?|helpers|modules|features|server|core|common|config|db)(?:[/.]|$))/;
/** Calls of one function that are followed; one that has more is no handler a person wrote. */
const MOST = 40;

/** `constructor(private readonly orders: OrderStore)`, `private orders = new OrderStore()`, `orders = inject(OrderStore)`. */
const FIELD =
  /\b(?:private|public|protected|readonly)\s+(?:readonly\s+)?#?(\w+)\s*(?::\s*([A-Z]\w*)|=\s*(?:new\s+|\w+\(\s*)([A-Z]\w*))|\bthis\.(\w+)\s*=\s*new\s+([A-Z]\w*)/g;

/** What the fields of the classes of a file are made of: `orders` is `./order.store.OrderStore`. */
function fieldsOf({ machine, program }: Collecting): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  if (!machine.text.includes('class ')) return fields;
  const imported = new Map<string, string>();
  for (const statement of program.body)
    if (statement.type === 'ImportDeclaration')
      for (const { local } of statement.specifiers) imported.set(local.name, String(statement.source.value));
  for (const [, typed, type, made, set, own] of machine.text.matchAll(FIELD)) {
    const name = typed ?? set;
    const kind = type ?? made ?? own;
    const module = kind === undefined ? undefined : imported.get(kind);
    if (name !== undefined && module !== undefined && OWN.test(module)) fields.set(name, `${module}.${kind}`);
  }
  return fields;
}

/** References as other files can be asked about them. */
export interface References {
  /** The reference in terms of its module, if it is one of the project. */
  own(ref: string | undefined): string | undefined;
  /** What is called between two places. */
  between(span: { start: number; end: number }): string[];
  inLines(first: number, last: number): string[];
}

/** A module of Python is a dotted name, which only the list of files can tell from a library's. */
const DOTTED = /^[a-z_]\w*(?:\.\w+)+$/;

export function referencesOf(collecting: Collecting): References {
  const { machine, calls, lines } = collecting;
  const python = machine.path.endsWith('.py');
  let fields: ReadonlyMap<string, string> | undefined;
  const own = (ref: string | undefined): string | undefined => {
    const bare = ref?.replaceAll('()', '');
    if (bare === undefined) return undefined;
    const field = /^this\.(\w+)\.(\w+)$/.exec(bare);
    if (field !== null) {
      fields ??= fieldsOf(collecting);
      const type = fields.get(field[1] ?? '');
      return type === undefined ? undefined : `${type}.${field[2]}`;
    }
    return OWN.test(bare) || (python && DOTTED.test(bare)) ? bare : undefined;
  };
  // Asked for each function; few of a file's calls are of the project's own.
  let owned: { start: number; end: number; line: number; ref: string }[] | undefined;
  const ownCalls = () => {
    owned ??= calls.flatMap(({ node, ref, args, last }) => {
      const each = own(last === 'Depends' || last === 'Security' ? args[0]?.ref : ref);
      if (each === undefined) return [];
      return [{ start: node.start, end: node.end, line: lines.at(node.start).line, ref: each }];
    });
    return owned;
  };
  const within = (holds: (call: { start: number; end: number; line: number }) => boolean): string[] =>
    [
      ...new Set(
        ownCalls()
          .filter(holds)
          .map(({ ref }) => ref),
      ),
    ].slice(0, MOST);
  return {
    own,
    between: ({ start, end }) => within((call) => call.start >= start && call.end <= end),
    inLines: (first, last) => within(({ line }) => line >= first && line <= last),
  };
}

/** A function other files may put behind their routes, or call from them. */
export interface Offered {
  name: string;
  node: { start: number; end: number };
  head: string;
  /** It is no function by itself, but what a call made. */
  made?: Node;
}

function memberFunction(member: Node): Node | undefined {
  if (member.type === 'MethodDefinition') return member.value;
  if (member.type !== 'PropertyDefinition' || member.value === null) return undefined;
  const { value } = member;
  if (value.type === 'ArrowFunctionExpression' || value.type === 'FunctionExpression') return value;
  // `list = asyncHandler(async (req, res) => …)`
  return value.type === 'CallExpression' ? value : undefined;
}

function classMembers(node: ClassNode, name: string, text: string): Offered[] {
  return node.body.body.flatMap((member): Offered[] => {
    if (
      (member.type !== 'MethodDefinition' && member.type !== 'PropertyDefinition') ||
      member.key.type !== 'Identifier'
    )
      return [];
    const fn = memberFunction(member);
    if (fn === undefined) return [];
    const body = 'body' in fn && isFunction(fn) ? fn.body : undefined;
    return [{ name: `${name}.${member.key.name}`, node: member, head: text.slice(fn.start, body?.start ?? fn.start) }];
  });
}

/** Functions and methods of classes that a file exports. */
export function offeredBy({ machine, program }: Collecting): Offered[] {
  const { text } = machine;
  const functions = [...machine.exports].map(([name, { node }]) => ({
    name,
    node,
    head: text.slice(node.params[0]?.start ?? node.start, node.body?.start ?? node.start),
  }));
  const classes = classesOf(program.body).flatMap((node) => {
    const name = node.id?.name;
    if (name === undefined) return [];
    const byDefault = new RegExp(`\\bexport\\s+default\\s+(?:class\\s+)?${name}\\b`).test(text);
    return [...classMembers(node, name, text), ...(byDefault ? classMembers(node, 'default', text) : [])];
  });
  const known = new Set(functions.map(({ name }) => name));
  const made = definitionsOf(program).flatMap((each): Offered[] =>
    known.has(each.name) ? [] : [{ name: each.name, node: each.made, head: '', made: each.made }],
  );
  return [...functions, ...classes, ...made];
}

/** A record that is not the caller's own account, by the name of a parameter. */
const TOLD_RECORD = /\b(?!(?:user|owner|author|account|caller|viewer)_?[iI]d\b)(?:\w*[iI]d|\w+_id|slug)\b/;

/** What a function that is offered shows; being told which record is meant is part of it. */
export function offeredEvidence(collecting: Collecting, { node, head }: Offered, shown: Evidence): Evidence {
  if (shown.byId !== undefined || !TOLD_RECORD.test(head)) return shown;
  return { ...shown, byId: collecting.lines.at(node.start).line };
}
