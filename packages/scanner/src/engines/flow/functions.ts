import { type FunctionNode, isFunction, type Node, staticKey } from '../syntax/tree.ts';
import { bindPattern } from './binding.ts';
import { type Frame, type Machine, type Summary, sourceTaint } from './machine.ts';
import { type HandlerModel, type Handles, KNOWN_MAX } from './models.ts';
import { declare, type Layer, layer, settle } from './scope.ts';
import { type Closure, deepTaint, joinTaints, type Taint, UNKNOWN, type Value } from './value.ts';

type ClassLike = Extract<Node, { type: 'ClassDeclaration' | 'ClassExpression' }>;

/** A function that says of itself that clients call it: `'use server'` in its first line. */
function modelOfDirective({ models }: Machine, { body }: FunctionNode): HandlerModel | undefined {
  const first = body?.type === 'BlockStatement' ? body.body[0] : undefined;
  if (first?.type !== 'ExpressionStatement' || first.expression.type !== 'Literal') return undefined;
  const { value } = first.expression;
  return models.handlers.find(({ directive }) => directive !== undefined && directive === value);
}

function closureFor(machine: Machine, node: FunctionNode, scope: Layer): Closure {
  const known = machine.closures.get(node);
  if (known !== undefined) {
    known.scope = scope;
    return known;
  }
  const closure: Closure = { node, scope };
  if (node.id) closure.name = node.id.name;
  const model = modelOfDirective(machine, node);
  if (model !== undefined) {
    closure.params = node.params.map(() => model.params[0]);
    closure.every = true;
  }
  machine.closures.set(node, closure);
  machine.pending.push(closure);
  return closure;
}

export function functionValue(machine: Machine, node: FunctionNode, scope: Layer): Value {
  // The decorators' own calls have the function as their argument: they are read at the first meeting only.
  const first = !machine.closures.has(node);
  const fn = closureFor(machine, node, scope);
  if (first)
    for (const decorator of node.decorators ?? []) registerByDecorator(machine, fn, decorator.expression, scope);
  return { kind: 'function', fn, props: new Map(), ref: node.id ? `?${node.id.name}` : '?' };
}

/** A decorator such as `@app.get('/x')` registers the function under it. */
function registerByDecorator(machine: Machine, closure: Closure, expression: Node, scope: Layer): void {
  if (expression.type !== 'CallExpression') {
    machine.evaluate(expression, scope);
    return;
  }
  const call = { ...expression, arguments: [...expression.arguments, closure.node] };
  machine.evaluate(call, scope);
}

/** A class as a value: its methods are known to whoever makes an instance, `this` is one object for all of them. */
export function classValue(machine: Machine, node: ClassLike, scope: Layer): Value {
  const inner = layer('block', scope);
  const props = new Map<string, Value>();
  if (node.superClass !== null) machine.evaluate(node.superClass, scope);
  declare(inner, 'this', { ref: 'this', props });
  for (const decorator of node.decorators ?? []) machine.evaluate(decorator.expression, scope);
  const members = [...node.body.body].sort((a, b) => rank(a) - rank(b));
  for (const member of members) {
    if (member.type === 'MethodDefinition') {
      for (const decorator of member.decorators ?? []) machine.evaluate(decorator.expression, scope);
      const key = staticKey(member.key, member.computed);
      if (member.value.body === null) continue;
      const value = functionValue(machine, member.value, inner);
      if (key === undefined || value.fn === undefined) continue;
      value.fn.name = key;
      if (member.kind === 'get') props.set(key, UNKNOWN);
      else props.set(key, value);
    } else if (member.type === 'PropertyDefinition') {
      const key = staticKey(member.key, member.computed);
      const value = member.value === null ? UNKNOWN : machine.evaluate(member.value, inner);
      if (value.fn !== undefined && key !== undefined) value.fn.name = key;
      if (key !== undefined && value !== UNKNOWN) props.set(key, value);
    } else if (member.type === 'StaticBlock') for (const each of member.body) machine.execute(each, inner);
  }
  const maker = props.get('constructor')?.fn;
  return {
    kind: 'function',
    ref: `?${node.id?.name ?? 'class'}`,
    props,
    ...(maker === undefined ? {} : { fn: maker }),
  };
}

/** Fields and the constructor come before the methods that use what they set. */
function rank(member: Node): number {
  if (member.type === 'PropertyDefinition') return 0;
  return member.type === 'MethodDefinition' && member.kind === 'constructor' ? 1 : 2;
}

function patternName(node: Node): string | undefined {
  if (node.type === 'Identifier') return node.name;
  if (node.type === 'AssignmentPattern') return patternName(node.left);
  if (node.type === 'TSParameterProperty') return patternName(node.parameter);
  return undefined;
}

/** The handler model whose parameter names a function has. */
function handlerByNames(machine: Machine, node: FunctionNode): Handles | undefined {
  if (node.params.length === 0) return undefined;
  const names = node.params.map(patternName);
  const { byNames } = machine.models;
  const key = names.join();
  const before = byNames.get(key);
  if (before !== undefined || byNames.has(key)) return before;
  const found = findHandler(machine, names);
  if (byNames.size >= KNOWN_MAX) byNames.clear();
  byNames.set(key, found);
  return found;
}

function findHandler(machine: Machine, names: readonly (string | undefined)[]): Handles | undefined {
  const fits = ({ names: wanted }: HandlerModel, from: number) =>
    wanted !== undefined &&
    (from === 0 || (wanted.length > 1 && from < 4)) &&
    from + wanted.length <= names.length &&
    wanted.every((name, i) => name.test(names[from + i] ?? ''));
  for (let from = 0; from < names.length; from++) {
    const model = machine.models.handlers.find((each) => fits(each, from));
    if (model !== undefined) return from === 0 ? model : { params: [...Array(from), ...model.params] };
  }
  return undefined;
}

function typed(machine: Machine, node: Node, given: string): Value {
  const name = patternName(node);
  const type = machine.models.renames.find((each) => each.from === given && each.match.test(name ?? ''))?.type ?? given;
  const model = machine.models.types.get(type);
  if (model?.all) return { taint: [{ ...sourceTaint(machine, node, model.kind), label: patternName(node) ?? type }] };
  return { type, ref: type };
}

/** What the annotation or a decorator of a parameter says about it. */
function declaredType(machine: Machine, node: Node): Value | undefined {
  const target = node.type === 'AssignmentPattern' ? node.left : node;
  const decorators = 'decorators' in target ? (target.decorators ?? []) : [];
  for (const { expression } of decorators) {
    const text = machine.text.slice(expression.start, expression.end);
    const model = machine.models.decorators.find((each) => each.match.test(text));
    if (model !== undefined) return withAnnotation(machine, target, typed(machine, target, model.type));
  }
  if (node.type === 'AssignmentPattern') {
    const text = machine.text.slice(node.right.start, node.right.end);
    const model = machine.models.defaults.find((each) => each.match.test(text));
    if (model !== undefined) return typed(machine, target, model.type);
  }
  const annotation = annotationOf(machine, target);
  if (annotation === undefined) return undefined;
  if (/^(number|boolean|bigint|Date|int|float|bool|UUID)(\[\])?$/.test(annotation)) return { kind: 'number' };
  const model = machine.models.annotations.find((each) => each.match.test(annotation));
  return model === undefined ? undefined : typed(machine, target, model.type);
}

function annotationOf(machine: Machine, node: Node): string | undefined {
  if (!('typeAnnotation' in node) || !node.typeAnnotation) return undefined;
  return machine.text.slice(node.typeAnnotation.start, node.typeAnnotation.end).replace(/^:\s*/, '');
}

function withAnnotation(machine: Machine, node: Node, value: Value): Value {
  const annotation = annotationOf(machine, node);
  if (annotation !== undefined && /^(number|boolean|bigint|Date)$/.test(annotation)) return { kind: 'number' };
  if (annotation === 'string') return { ...value, kind: 'string' };
  return value;
}

function parameterTaint(machine: Machine, closure: Closure, node: Node, index: number): Value {
  const name = patternName(node);
  const taint: Taint = {
    kind: 'param',
    label: name ?? `argument ${index + 1}`,
    at: node.start,
    clean: 0,
    fn: closure.node,
    index,
  };
  const annotation = annotationOf(machine, node.type === 'AssignmentPattern' ? node.left : node);
  const value: Value = { taint: [taint] };
  if (name !== undefined) value.ref = `?${name}`;
  if (annotation === 'string') value.kind = 'string';
  return value;
}

interface Run {
  closure: Closure;
  handler: boolean;
  value(node: Node, index: number): Value;
}

function run(machine: Machine, { closure, handler, value }: Run): Value {
  machine.analysed.add(closure.node);
  const scope = layer('function', closure.scope);
  if (closure.self !== undefined) declare(scope, 'this', closure.self);
  const frame: Frame = { closure, handler, parent: machine.frame, returns: undefined };
  const outer = machine.frame;
  machine.frame = frame;
  try {
    closure.node.params.forEach((param, i) => {
      const given = param.type === 'RestElement' ? { ...value(param, i), whole: false } : value(param, i);
      bindPattern(machine, param, given, scope, 'declare');
    });
    const body = closure.node.body;
    if (body === null) return UNKNOWN;
    if (body.type === 'BlockStatement') machine.execute(body, scope);
    else {
      const result = settle(machine.evaluate(body, scope), scope);
      frame.returns = result;
      machine.observer.returned({ node: body, value: result, scope, frame });
    }
    return frame.returns ?? UNKNOWN;
  } finally {
    machine.frame = outer;
  }
}

function runHandler(machine: Machine, closure: Closure, params: readonly (string | undefined)[], every: boolean): void {
  machine.summaries.set(closure.node, { returns: undefined });
  run(machine, {
    closure,
    handler: true,
    value(node, i) {
      const declared = declaredType(machine, node);
      if (declared !== undefined) return declared;
      const type = every ? params[0] : params[i];
      return type === undefined ? named(machine, node) : typed(machine, node, type);
    },
  });
}

function isRequest(value: Value | undefined): boolean {
  return value?.type === 'Request' || value?.taint?.[0]?.kind === 'request';
}

/** Reads a function once with unknown arguments. */
function summarize(machine: Machine, closure: Closure): Summary | undefined {
  const known = machine.summaries.get(closure.node);
  if (known === 'running') return undefined;
  if (known !== undefined) return known;
  machine.summaries.set(closure.node, 'running');
  const model = handlerByNames(machine, closure.node);
  const returns = run(machine, {
    closure,
    handler: model !== undefined || closure.node.params.some((param) => isRequest(declaredType(machine, param))),
    value(node, i) {
      const declared = declaredType(machine, node);
      if (declared !== undefined) return declared;
      const type = model?.params[i];
      return type === undefined ? parameterTaint(machine, closure, node, i) : typed(machine, node, type);
    },
  });
  const summary: Summary = { returns };
  machine.summaries.set(closure.node, summary);
  return summary;
}

/** The part of an argument that a taint of the parameter stands for. */
export function argumentPart(arg: Value | undefined, path: string | undefined): Value | undefined {
  let at = arg;
  for (const key of path === undefined || path === '' ? [] : path.split('.')) {
    if (at === undefined) return undefined;
    const inner = at.props?.get(key);
    if (inner === undefined) return at.whole ? undefined : at;
    at = inner;
  }
  return at;
}

function substitute(value: Value, closure: Closure, args: readonly Value[], depth = 2): Value {
  let taint: readonly Taint[] | undefined;
  for (const each of value.taint ?? []) {
    if (each.fn !== closure.node) {
      taint = joinTaints(taint, [each]);
      continue;
    }
    const part = argumentPart(args[each.index ?? -1], each.path);
    const from = part === undefined ? undefined : deepTaint(part);
    taint = joinTaints(
      taint,
      from?.map((inner) => ({ ...inner, clean: inner.clean | each.clean })),
    );
  }
  const { taint: _taint, ref, props, ...rest } = value;
  const out: Value = { ...rest };
  if (taint !== undefined) out.taint = taint;
  if (ref !== undefined && !ref.startsWith('?')) out.ref = ref;
  if (props !== undefined && depth > 0)
    out.props = new Map([...props].map(([key, inner]) => [key, substitute(inner, closure, args, depth - 1)]));
  return out;
}

/** Runs the functions among the arguments with what the function calls them with. */
function handOn(machine: Machine, closure: Closure, args: readonly Value[]): void {
  for (const { index, args: given } of machine.handings.get(closure.node) ?? []) {
    const fn = args[index]?.fn;
    if (fn === undefined || fn.params !== undefined || machine.handing.has(fn.node)) continue;
    machine.handing.add(fn.node);
    machine.inline(
      fn,
      given.map((value) => substitute(value, closure, args)),
    );
    machine.handing.delete(fn.node);
  }
}

export function invoke(machine: Machine, closure: Closure, args: readonly Value[], node: Node, scope: Layer): Value {
  machine.called.add(closure.node);
  if (closure.params !== undefined || machine.depth > 200) return UNKNOWN;
  const summary = summarize(machine, closure);
  if (summary === undefined) return UNKNOWN;
  const settled = args.map((arg) => settle(arg, scope));
  machine.observer.invoked(closure, settled, node, scope, machine.frame);
  handOn(machine, closure, settled);
  const sanitizes = machine.models.sanitizerNames(closure.name ?? '');
  const result = summary.returns === undefined ? UNKNOWN : substitute(summary.returns, closure, settled);
  if (sanitizes === undefined || result.taint === undefined) return result;
  return { ...result, taint: result.taint.map((each) => ({ ...each, clean: each.clean | sanitizes })) };
}

/** A callback's argument that nothing is known of but its name, which may be the name of a source. */
function named(machine: Machine, node: Node): Value {
  const name = patternName(node);
  return name === undefined || machine.models.sources.byLast.size === 0 ? UNKNOWN : { ref: `?${name}` };
}

export function inline(machine: Machine, closure: Closure, args: readonly Value[]): Value {
  if (machine.depth > 120) return UNKNOWN;
  const model = handlerByNames(machine, closure.node);
  if (!machine.summaries.has(closure.node)) machine.summaries.set(closure.node, { returns: undefined });
  return run(machine, {
    closure,
    handler: model !== undefined,
    value(node, i) {
      const type = model?.params[i];
      const given = { ...named(machine, node), ...args[i] };
      return declaredType(machine, node) ?? (type === undefined ? given : typed(machine, node, type));
    },
  });
}

/** Marks what is a handler by its file and exported name, then reads every function nobody has read yet. */
export function runPending(machine: Machine): void {
  for (const [name, closure] of machine.exports)
    for (const model of machine.models.handlers) {
      const byFile = model.file?.test(machine.path) && (model.exports?.test(name) ?? true);
      const byDirective = model.directive !== undefined && machine.directives.has(model.directive);
      if ((byFile || byDirective) && closure.params === undefined)
        closure.params = model.every ? closure.node.params.map(() => model.params[0]) : model.params;
    }
  for (let closure = machine.pending.shift(); closure !== undefined; closure = machine.pending.shift()) {
    if (machine.budget <= 0) return;
    if (closure.params !== undefined) {
      if (!machine.analysed.has(closure.node) || machine.summaries.get(closure.node) !== undefined)
        runHandler(machine, closure, closure.params, closure.every === true);
    } else if (!machine.analysed.has(closure.node)) summarize(machine, closure);
  }
}

/** The functions a block declares are known from its first line on. */
export function hoist(machine: Machine, body: readonly Node[], scope: Layer): void {
  for (const statement of body) {
    const declared =
      statement.type === 'ExportNamedDeclaration' || statement.type === 'ExportDefaultDeclaration'
        ? statement.declaration
        : statement;
    if (declared !== null && declared.type === 'FunctionDeclaration' && declared.id && isFunction(declared))
      declare(scope, declared.id.name, functionValue(machine, declared, scope));
  }
}
