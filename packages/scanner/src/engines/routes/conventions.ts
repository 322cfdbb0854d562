import type { FunctionNode } from '../syntax/tree.ts';
import { type Evidence, evidenceIn, type Middleware, type RouteFact } from './model.ts';
import { type Collecting, codeEvidence } from './reading.ts';

type EvidenceOf = (collecting: Collecting, node: FunctionNode) => Evidence;

interface Convention {
  framework: string;
  file: RegExp;
  exports: RegExp;
  path(file: string, name: string): string;
  method(name: string): string;
}

const segments = (file: string, pattern: RegExp): string =>
  `/${(pattern.exec(file)?.[1] ?? '')
    .split('/')
    .filter((part) => part !== '' && !/^\(.*\)$/.test(part) && part !== 'index')
    .map((part) => part.replace(/^\[{1,2}(\.{3})?(\w+)\]{1,2}$/, ':$2'))
    .join('/')}`;

/** Frameworks in which the place and name of a function make it an entry point. */
const CONVENTIONS: readonly Convention[] = [
  {
    framework: 'next',
    file: /(?:^|\/)app\/((?:.*\/)?)route\.[cm]?[jt]sx?$/,
    exports: /^(GET|POST|PUT|PATCH|DELETE)$/,
    path: (file) => segments(file, /(?:^|\/)app\/(.*)\/?route\.[cm]?[jt]sx?$/),
    method: (name) => name,
  },
  {
    framework: 'next-page',
    file: /(?:^|\/)app\/((?:.*\/)?)(?:page|layout)\.[jt]sx?$/,
    exports: /^default$/,
    path: (file) => segments(file, /(?:^|\/)app\/(.*)\/?(?:page|layout)\.[jt]sx?$/),
    method: () => 'PAGE',
  },
  {
    framework: 'next-pages',
    file: /(?:^|\/)pages\/api\/(.*)\.[cm]?[jt]sx?$/,
    exports: /^default$/,
    path: (file) => segments(file, /(?:^|\/)pages\/(api\/.*)\.[cm]?[jt]sx?$/),
    method: () => 'ANY',
  },
  {
    framework: 'sveltekit',
    file: /(?:^|\/)routes\/((?:.*\/)?)\+(server|page\.server)\.[jt]s$/,
    exports: /^(GET|POST|PUT|PATCH|DELETE|load|actions(\.\w+)?)$/,
    path: (file) => segments(file, /(?:^|\/)routes\/(.*)\/?\+(?:server|page\.server)\.[jt]s$/),
    method: (name) => (name.startsWith('actions') ? 'POST' : name === 'load' ? 'GET' : name),
  },
  {
    framework: 'remix',
    file: /(?:^|\/)app\/routes\/(.*)\.[jt]sx?$/,
    exports: /^(action|loader)$/,
    path: (file) =>
      segments(file, /(?:^|\/)app\/routes\/(.*)\.[jt]sx?$/)
        .replaceAll('.', '/')
        .replaceAll('$', ':'),
    method: (name) => (name === 'loader' ? 'GET' : 'POST'),
  },
  {
    framework: 'nuxt',
    file: /(?:^|\/)server\/(?:api|routes)\/(.*)\.[jt]s$/,
    exports: /^default$/,
    path: (file) => segments(file, /(?:^|\/)server\/((?:api\/)?.*?)(?:\.(?:get|post|put|patch|delete))?\.[jt]s$/),
    method: () => 'ANY',
  },
];

/** The statement around an export: a wrapper such as `withAuth(…)` stands there. */
function statementAround({ program }: Collecting, node: FunctionNode): { start: number; end: number } {
  return program.body.find((statement) => statement.start <= node.start && statement.end >= node.end) ?? node;
}

interface Wrapped {
  name: string;
  node: { start: number; end: number };
}

/** `export const GET = withAuth(…)`: what is exported is made by a call. */
function wrappedExports({ machine, program }: Collecting): Wrapped[] {
  return program.body.flatMap((statement): Wrapped[] => {
    if (statement.type === 'ExportDefaultDeclaration')
      return statement.declaration.type === 'CallExpression' && !machine.exports.has('default')
        ? [{ name: 'default', node: statement }]
        : [];
    const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : null;
    if (declared?.type !== 'VariableDeclaration') return [];
    return declared.declarations.flatMap(({ id, init }) =>
      id.type === 'Identifier' && init?.type === 'CallExpression' && !machine.exports.has(id.name)
        ? [{ name: id.name, node: statement }]
        : [],
    );
  });
}

/** `[id].delete.ts` of Nuxt says its method. */
const suffixOf = ({ framework }: Convention, path: string): string | undefined =>
  framework === 'nuxt' ? /\.(get|post|put|patch|delete)\.[jt]s$/.exec(path)?.[1] : undefined;

/** `handleGET`, `onDelete`, `patchHandler`: what a handler of all methods calls for one of them. */
const FOR_METHOD =
  /^(?:handle|on)_?(GET|POST|PUT|PATCH|DELETE|Get|Post|Put|Patch|Delete)(?:Request)?$|^(get|post|put|patch|delete)(?:Handler|Request)$/;

/** The methods of a file of `pages/api` whose handler only tells them apart; what it asks itself is asked before each. */
function byMethod(collecting: Collecting, evidenceOf: EvidenceOf): Omit<RouteFact, 'path'>[] {
  const { machine, lines } = collecting;
  const all = machine.exports.get('default')?.node;
  if (all === undefined || !/\bmethod\b/.test(machine.text)) return [];
  const shared = codeEvidence(collecting, all);
  const code = machine.text.slice(all.start, all.end);
  return [...machine.closures.values()].flatMap(({ name, node }) => {
    const method = FOR_METHOD.exec(name ?? '');
    if (method === null || (node.start >= all.start && node.end <= all.end) || !code.includes(`${name}(`)) return [];
    return [
      {
        framework: 'next-pages',
        method: (method[1] ?? method[2] ?? '').toUpperCase(),
        line: lines.at(node.start).line,
        endLine: lines.at(node.end).line,
        router: machine.path,
        guards: [],
        evidence: { ...shared, ...evidenceOf(collecting, node) },
      },
    ];
  });
}

export function conventionRoutes(collecting: Collecting, evidenceOf: EvidenceOf): RouteFact[] {
  const { machine, lines, model } = collecting;
  const out: RouteFact[] = [];
  const add = (framework: string, method: string, path: string, node: FunctionNode, member = false) => {
    // One of several actions in an object: what stands before it belongs to the others.
    const around = member ? node : statementAround(collecting, node);
    const outer = machine.text.slice(around.start, node.start);
    const evidence = {
      ...evidenceIn(model, outer, () => lines.at(around.start).line),
      ...evidenceOf(collecting, node),
    };
    // Of a page only what it does about who is signed in counts; it is no entry point for data of its own.
    if (framework === 'next-page')
      for (const kind of Object.keys(evidence) as (keyof Evidence)[])
        if (kind !== 'unchecked' && kind !== 'authentication') delete evidence[kind];
    out.push({
      framework,
      method: framework === 'next-page' && /layout\.\w+$/.test(machine.path) ? 'LAYOUT' : method,
      path,
      line: lines.at(around.start).line,
      endLine: lines.at(around.end).line,
      router: machine.path,
      guards: [],
      evidence,
    });
  };
  for (const convention of CONVENTIONS) {
    if (!convention.file.test(machine.path)) continue;
    const dispatched = convention.framework === 'next-pages' ? byMethod(collecting, evidenceOf) : [];
    if (dispatched.length > 0) {
      out.push(...dispatched.map((each) => ({ ...each, path: convention.path(machine.path, 'default') })));
      continue;
    }
    for (const [name, closure] of machine.exports)
      if (convention.exports.test(name)) {
        const suffix = suffixOf(convention, machine.path);
        add(
          convention.framework,
          suffix?.toUpperCase() ?? convention.method(name),
          convention.path(machine.path, name),
          closure.node,
          name.includes('.'),
        );
      }
  }
  for (const { name, node } of wrappedExports(collecting))
    for (const convention of CONVENTIONS)
      if (convention.file.test(machine.path) && convention.exports.test(name))
        out.push({
          framework: convention.framework,
          method: suffixOf(convention, machine.path)?.toUpperCase() ?? convention.method(name),
          path: convention.path(machine.path, name),
          line: lines.at(node.start).line,
          endLine: lines.at(node.end).line,
          router: machine.path,
          guards: [],
          evidence: evidenceIn(model, machine.text.slice(node.start, node.end), (at) => lines.at(node.start + at).line),
        });
  if (machine.directives.has('use server'))
    for (const [name, closure] of machine.exports)
      if (closure.node.async === true) add('server-action', 'ACTION', `${machine.path}#${name}`, closure.node);
  return out;
}

/** Somebody is sent elsewhere or refused; only finding out who is calling stops nobody. */
const TURNS_AWAY =
  /\b(?:require|ensure|assert)\w*\(|\bredirect\w*\(|\.redirect\b|\brewrite\(|\b40[13]\b|\bthrow\b|\.protect\b|\b(?:with|next|create)\w*(?:Auth|Middleware)\w*\b|\bauthMiddleware\b|\bclerkMiddleware\b|\bupdateSession\b|\bexport\s*\{[^}]*\bmiddleware\b|\bexport\s+default\s+\w*[aA]uth|\bcreateError\(|\bnew Response\(|\bNextResponse\.json\(|\bsequence\(/;

const STARTS_WITH = /\bstartsWith\(\s*['"`](\/[^'"`]*)['"`]/g;

/** What Next.js's `middleware.ts` (or `proxy.ts`) sees and does. */
export function middlewareOf(collecting: Collecting): Middleware | undefined {
  const { machine, lines, model } = collecting;
  const sveltekit = /(^|\/)hooks\.server\.[jt]s$/.test(machine.path);
  const nuxt = /(^|\/)server\/middleware\/[^/]+\.[jt]s$/.test(machine.path) && /[eE]ventHandler\(/.test(machine.text);
  if (!sveltekit && !nuxt && !/(^|\/)(middleware|proxy)\.[cm]?[jt]s$/.test(machine.path)) return undefined;
  const evidence = evidenceIn(model, machine.text, (at) => lines.at(at).line);
  if (!TURNS_AWAY.test(machine.text)) delete evidence.authentication;
  const config = /\bmatcher\s*:\s*(\[[\s\S]*?\]|["'`][^"'`]*["'`])/.exec(machine.text)?.[1];
  // A hook that asks for the beginning of a path guards what lies below it.
  const asked = sveltekit ? [...machine.text.matchAll(STARTS_WITH)].map((found) => found[1] ?? '') : [];
  const framework = sveltekit ? 'sveltekit' : nuxt ? 'nuxt' : 'next';
  if (asked.length > 0) return { framework, matchers: asked, evidence };
  const matchers =
    config === undefined ? ['/:path*'] : [...config.matchAll(/["'`]([^"'`]*)["'`]/g)].map((found) => found[1] ?? '');
  return { framework, matchers, evidence };
}
