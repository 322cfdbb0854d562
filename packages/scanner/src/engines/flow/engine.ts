import type { Rule } from '@ambit/core/catalog';
import { messageOf } from '@ambit/core/errors';
import * as z from 'zod/mini';
import type {
  Active,
  CompiledEngine,
  Conclusion,
  Engine,
  Evidence,
  FileResult,
  Gap,
  Project,
  RawFinding,
  SourceFile,
} from '../../engine.ts';
import { sourceFile } from '../../sources/file.ts';
import { collectRoutes } from '../routes/collect.ts';
import { inventory, type Route } from '../routes/inventory.ts';
import { judgeRoutes, routeMatch } from '../routes/judge.ts';
import { compileRouteModel, type RouteFacts, type RouteModel } from '../routes/model.ts';
import { nothingAsked } from '../routes/reading.ts';
import { compileRouteWake, mayHoldRoutes } from '../routes/wake.ts';
import type { Waking } from '../syntax/alarm.ts';
import { withoutComments } from '../syntax/comments.ts';
import { embeddedScripts } from '../syntax/embedded.ts';
import { type LineTable, lineTable } from '../syntax/lines.ts';
import { codeMatch } from '../syntax/match-schema.ts';
import { type Parsed, parseScript } from '../syntax/parse.ts';
import { findPollution } from '../syntax/pollution/find.ts';
import { writesUnknownKey } from '../syntax/pollution/keyed.ts';
import { parsePython } from '../syntax/python/parse.ts';
import type { Hit } from '../syntax/record.ts';
import { type CodeRule, type CodeRules, compileCodeRules, type Matcher } from '../syntax/rules.ts';
import { textFindings, textParts } from '../syntax/texts.ts';
import type { Node, Program } from '../syntax/tree.ts';
import { watch } from '../syntax/watch.ts';
import { concludeFlows } from './conclude.ts';
import { type Facts, factsOf, ON_CALL } from './facts.ts';
import type { Machine } from './machine.ts';
import { bitsOf, compileModels, type Models, parseFramework } from './models.ts';
import { readProgram } from './read.ts';
import { sourceName } from './value.ts';

const SCRIPTS: ReadonlySet<string> = new Set(['javascript', 'typescript', 'vue', 'svelte', 'astro', 'html', 'python']);

/** A longer line than this is a bundle: nobody wrote it, and its findings belong to what it was made from. */
const LONGEST_LINE = 20_000;
/** Files beyond this size are reported as gaps: about a second of work. */
const LARGEST = 1_500_000;

function applies(rule: CodeRule, path: string, text: string, language: string, cache: Map<string, boolean>): boolean {
  const known = cache.get(rule.id);
  if (known !== undefined) return known;
  const family = language === 'python' ? 'python' : 'javascript';
  const result =
    (rule.languages === undefined ? family !== 'python' : rule.languages.has(family) || rule.languages.has(language)) &&
    (rule.only.path?.test(path) ?? true) &&
    (rule.only.text?.test(text) ?? true) &&
    !(rule.unless.path?.test(path) ?? false) &&
    !(rule.unless.text?.test(text) ?? false);
  cache.set(rule.id, result);
  return result;
}

/** The node whose line a reader should look at: the method's name in a chain of calls over several lines. */
function shown(node: Node): { start: number; end: number } {
  if (node.type === 'CallExpression' && node.callee.type === 'MemberExpression')
    return { start: node.callee.property.start, end: node.end };
  return node;
}

function findingOf(hit: Hit, path: string, lines: LineTable): RawFinding {
  const span = shown(hit.node);
  const at = lines.at(span.start);
  const evidence: Evidence[] = [];
  const source = hit.taints[0];
  if (source !== undefined) evidence.push({ file: path, line: lines.at(source.at).line, text: source.label });
  if (hit.via !== undefined) evidence.push({ file: path, line: lines.at(hit.via.start).line, text: 'passed on here' });
  const message = hit.matcher.rule.message.replaceAll(
    '{source}',
    source === undefined ? 'a value' : sourceName(source.label),
  );
  return {
    ruleId: hit.matcher.rule.id,
    line: at.line,
    column: at.column,
    endLine: lines.at(span.end).line,
    message,
    ...(evidence.length > 0 ? { evidence } : {}),
  };
}

/** What a schema in front of a route makes safe: types are known; whether other properties are let through is not. */
const SCHEMA = bitsOf(['nosql']);
const MASS = bitsOf(['mass']);

/** The exported function in which a request's body reaches a sink. */
function handlerOf(hit: Hit, exported: Machine['exports']): string | undefined {
  if ((hit.matcher.rule.bit & SCHEMA) === 0) return undefined;
  if (!hit.taints.every(({ kind, label }) => kind === 'request' && /\bbody\b/.test(label))) return undefined;
  for (const [name, { node }] of exported) if (node.start <= hit.node.start && hit.node.end <= node.end) return name;
  return undefined;
}

/** An argument of a function that this file itself calls is judged by those calls. */
function reachable(hit: Hit, machine: Machine, exported: ReadonlySet<unknown>): boolean {
  if (hit.taints.length === 0) return true;
  return hit.taints.some((taint) => {
    if (taint.fn === undefined) return true;
    return exported.has(taint.fn) || !machine.called.has(taint.fn);
  });
}

function sourceKey(hit: Hit): string {
  return `${hit.matcher.rule.id}:${hit.taints[0]?.at ?? '-'}`;
}

/** What is told of a file's hits: each once for a line, the weak ones only where nothing better is known. */
function told(
  hits: readonly Hit[],
  { path, exports }: Pick<Machine, 'path' | 'exports'>,
  lines: LineTable,
  counts: (hit: Hit) => boolean,
): RawFinding[] {
  const findings = new Map<string, RawFinding>();
  const strong = new Set<string>();
  for (const hit of hits) if (!hit.matcher.weak) strong.add(sourceKey(hit));
  const before = new Map<string, number>();
  for (const hit of hits) {
    if (!counts(hit) || (hit.matcher.weak && strong.has(sourceKey(hit)))) continue;
    const handler = handlerOf(hit, exports);
    const finding = { ...findingOf(hit, path, lines), ...(handler === undefined ? {} : { handler }) };
    const key = `${finding.ruleId}:${finding.line}`;
    if (findings.has(key)) continue;
    const count = (before.get(finding.ruleId) ?? 0) + 1;
    if (count > hit.matcher.rule.most) continue;
    before.set(finding.ruleId, count);
    findings.set(key, finding);
  }
  return [...findings.values()].sort((a, b) => a.line - b.line);
}

interface Compiled {
  rules: CodeRules;
  models: Record<'javascript' | 'python', Models>;
  /** Absent when no rule asks about routes. */
  routes: RouteModel | undefined;
  /** Whether a file may have to do with routes. */
  routed: (path: string, text: string) => boolean;
}

function unparsed({ path }: SourceFile): FileResult<Facts> {
  return { findings: [], gaps: [{ file: path, reason: 'the code cannot be parsed' }] };
}

function skippedLines({ path }: SourceFile, skipped: readonly number[]): Gap[] {
  return skipped.length === 0 ? [] : [{ file: path, reason: `could not be parsed: line ${skipped.join(', ')}` }];
}

/** Looks at the shape of a script's code only; what flows through it is followed when another file hands something in. */
function readTree(
  { rules }: Compiled,
  file: SourceFile,
  text: string,
  accepts: (matcher: Matcher) => boolean,
): FileResult<Facts> {
  const parsed = parse(file, text);
  if (parsed === undefined) return unparsed(file);
  const hits = pollutions(rules, parsed.program, text, accepts);
  const findings = told(hits, { path: file.path, exports: new Map() }, lineTable(text), () => true);
  return { findings, facts: ON_CALL, gaps: skippedLines(file, parsed.skipped) };
}

function parse(file: SourceFile, text: string): Parsed | undefined {
  return file.language === 'python' ? parsePython(text) : parseScript(scriptName(file), text);
}

/** Reads one script (or the scripts of a component file, blanked out elsewhere so that lines stay true). */
function readScript(
  compiled: Compiled,
  file: SourceFile,
  text: string,
  accepts: (matcher: Matcher) => boolean,
): FileResult<Facts> {
  const parsed = parse(file, text);
  if (parsed === undefined) return unparsed(file);
  const { rules, models } = compiled;
  const hasRoutes =
    compiled.routes !== undefined && (mayHoldRoutes(file.path, text) || compiled.routed(file.path, text));
  const seen = watch(rules, text, accepts, hasRoutes);
  const machine = readProgram({
    models: models[file.language === 'python' ? 'python' : 'javascript'],
    path: file.path,
    text,
    program: parsed.program,
    observer: seen.observer,
  });
  seen.hits.push(...pollutions(rules, parsed.program, text, accepts));
  const lines = lineTable(text);
  const routes =
    compiled.routes === undefined || !hasRoutes
      ? undefined
      : collectRoutes({
          machine,
          model: compiled.routes,
          lines,
          program: parsed.program,
          calls: seen.calls,
          asked: nothingAsked(),
        });
  const exported = new Set([...machine.exports.values()].map((closure) => closure.node));
  const findings = told(seen.hits, machine, lines, (hit) => reachable(hit, machine, exported));
  const facts = factsOf(machine, seen, lines, routes);
  const gaps = skippedLines(file, parsed.skipped);
  if (machine.budget <= 0) gaps.push({ file: file.path, reason: 'too complex to follow to the end' });
  return { findings, ...(facts === undefined ? {} : { facts }), gaps };
}

function pollutions(rules: CodeRules, program: Program, text: string, accepts: (matcher: Matcher) => boolean): Hit[] {
  const wanted = rules.pollutions.filter(({ matcher }) => accepts(matcher));
  if (wanted.length === 0 || !writesUnknownKey(text)) return [];
  if (!wanted.some(({ matcher }) => matcher.rule.trigger?.test(text) ?? true)) return [];
  return findPollution(program, text).flatMap(({ shape, node }) =>
    wanted.filter((each) => each.shape === shape).map(({ matcher }) => ({ matcher, node, taints: [] })),
  );
}

function scriptName(file: SourceFile): string {
  return /\.[cm]?[jt]sx?$/.test(file.path) ? file.path : `${file.path}.tsx`;
}

/** One look at the names in a file decides whether it is read now or when another file calls it. */
function wakingOf(
  { rules, routed }: Compiled,
  file: SourceFile,
  text: string,
  accepts: (rule: CodeRule) => boolean,
): Waking {
  const python = file.language === 'python';
  const code = python ? text : withoutComments(text);
  if (routed(file.path, code)) return 'now';
  const asRead = code === file.text && (file.bytes[0] ?? 0) < 0xfe;
  const bytes = asRead ? file.bytes : Buffer.from(code, 'latin1');
  const speaks = (number: number) => {
    const rule = rules.all[number];
    return rule === undefined || accepts(rule);
  };
  return rules.alarm.ask(bytes, code, python ? 'python' : 'javascript', speaks);
}

/** Rules that only read text also read templates, which no parser here understands. */
const TEMPLATES = /\.(ejs|pug|jade|hbs|handlebars|mustache|njk|nunjucks|jinja2?|j2|liquid|html?|erb|vue|svelte|astro)$/;

function scanFile(compiled: Compiled, file: SourceFile, active: Active): FileResult<Facts> {
  const { rules } = compiled;
  const acceptsRule = ruleAcceptor(file);
  const accepts = ({ rule }: Matcher) => acceptsRule(rule);
  if (file.text.length > LARGEST)
    return { findings: [], gaps: [{ file: file.path, reason: 'too large to be followed' }] };
  if (isBundle(file.text)) return { findings: [] };
  let table: LineTable | undefined;
  const findings = textFindings(rules, file, { accepts, active }, () => {
    table ??= lineTable(file.text);
    return table;
  });
  const text = SCRIPTS.has(file.language) ? embeddedScripts(file.language, file.text) : undefined;
  if (text === undefined) return { findings };
  const waking = wakingOf(compiled, file, text, acceptsRule);
  if (waking === 'on-call') return { findings, facts: ON_CALL };
  try {
    const read = (waking === 'tree' ? readTree : readScript)(compiled, file, text, accepts);
    return { ...read, findings: [...findings, ...read.findings] };
  } catch (error) {
    return { findings, gaps: [{ file: file.path, reason: `the code could not be followed: ${messageOf(error)}` }] };
  }
}

/** Whether a rule may speak in this file at all. */
function ruleAcceptor(file: SourceFile): (rule: CodeRule) => boolean {
  const cache = new Map<string, boolean>();
  return (rule) => applies(rule, file.path, file.text, file.language, cache);
}

/** What a file that was left unread tells when another one asks. */
function readLater(compiled: Compiled, project: Project, path: string): Facts | undefined {
  const content = project.read(path);
  if (content === undefined || content.length > LARGEST || isBundle(content)) return undefined;
  const file = sourceFile(path, Buffer.from(content));
  const text = SCRIPTS.has(file.language) ? embeddedScripts(file.language, content) : undefined;
  if (text === undefined) return undefined;
  try {
    const accepts = ruleAcceptor(file);
    // Only what flows through it is asked for.
    return readScript({ ...compiled, routes: undefined }, file, text, ({ rule }) => accepts(rule)).facts;
  } catch {
    return undefined;
  }
}

function compile(rules: readonly Rule[], frameworks: readonly unknown[] = []): CompiledEngine<Facts> {
  const isRoutes = (data: unknown) => typeof data === 'object' && data !== null && 'evidence' in data;
  const files = frameworks.filter((data) => !isRoutes(data)).map(parseFramework);
  const models = { javascript: compileModels(files), python: compileModels(files, 'python') };
  const types = new Set([...models.javascript.types.keys(), ...models.python.types.keys()]);
  const code = compileCodeRules(
    rules.filter((rule) => rule.engine === 'flow' || rule.engine === 'syntax'),
    types,
  );
  const routeRules = rules.filter((rule) => rule.engine === 'routes');
  const whole = new Set(code.all.filter(({ bit }) => (bit & MASS) !== 0).map(({ id }) => id));
  const routeData = frameworks.find(isRoutes);
  const routes = routeData === undefined || routeRules.length === 0 ? undefined : compileRouteModel(routeData);
  const routed = routes === undefined ? () => false : compileRouteWake(routes);
  const compiled: Compiled = { rules: code, models, routes, routed };
  return {
    wants: (path, language) => (SCRIPTS.has(language) && !/\.d\.[cm]?ts$/.test(path)) || TEMPLATES.test(path),
    scanFile: (file, active) => scanFile(compiled, file, active),
    conclude(facts, project) {
      const { findings, gaps } = concludeFlows(facts, project, (path) => readLater(compiled, project, path));
      if (routes === undefined) return { findings, gaps };
      const own = routeFacts(facts);
      const all = inventory(own, project.paths);
      const judged = judgeRoutes(routeRules, own, all, project.paths, routes);
      return { findings: [...findings, ...judged], gaps, keeps: unlessChecked(all, whole) };
    },
  };
}

/**
 * Lets go of what is said of a handler when a schema stands in front of every route that it serves, and of bodies stored as they
 * came (`whole`) in a route whose schema lets nothing through but what it names.
 */
function unlessChecked(routes: readonly Route[], whole: ReadonlySet<string>): NonNullable<Conclusion['keeps']> {
  const byHandler = new Map<string, boolean>();
  const shaped = new Map<string, Route[]>();
  for (const route of routes) {
    const { handledAt, found, file } = route;
    if (found.shaped !== undefined) shaped.set(file, [...(shaped.get(file) ?? []), route]);
    if (handledAt === undefined) continue;
    const checked = found.validation !== undefined && found.validation.file !== handledAt.split('#')[0];
    byHandler.set(handledAt, checked && (byHandler.get(handledAt) ?? true));
  }
  const isShaped = (file: string, at: number) =>
    shaped.get(file)?.some(({ line, endLine }) => line <= at && endLine >= at) === true;
  return ({ file, handler, ruleId, line }) =>
    (handler === undefined || byHandler.get(`${file}#${handler}`) !== true) &&
    !(whole.has(ruleId) && isShaped(file, line));
}

/** The part of the facts that is about routes. */
export function routeFacts(facts: ReadonlyMap<string, Facts>): Map<string, RouteFacts> {
  const out = new Map<string, RouteFacts>();
  for (const [file, { routes }] of facts) if (routes !== undefined) out.set(file, routes);
  return out;
}

function isBundle(text: string): boolean {
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf('\n', from);
    if ((end < 0 ? text.length : end) - from > LONGEST_LINE) return true;
    if (end < 0) return false;
    from = end + 1;
  }
  return false;
}

export const flowEngine: Engine<Facts> = {
  name: 'flow',
  covers: ['syntax', 'routes'],
  matchSchema: z.union([codeMatch, routeMatch]),
  partsOf: (rule) => (rule.engine === 'routes' ? [] : textParts(rule)),
  compile,
};
