import type { FunctionNode, Node, Program } from '../syntax/tree.ts';
import type { CalleeModel, Models } from './models.ts';
import { type Layer, layer } from './scope.ts';
import type { Closure, Taint, Value } from './value.ts';

/** A call, a `new` or a tagged template, with what is known of everything in it. */
export interface CallFact {
  node: Node;
  how: 'call' | 'new' | 'tag';
  ref: string;
  /** The last name of `ref`. */
  last: string;
  model: CalleeModel;
  receiver: Value | undefined;
  /** With a computed callee (`object[key](…)`, ref `….[]`) the key stands first. */
  args: readonly Value[];
  /** Some argument is spread: positions after it are not certain. */
  spread: boolean;
  scope: Layer;
  frame: Frame;
}

/** An assignment to a member: `element.innerHTML = value`. */
export interface SetFact {
  node: Node;
  ref: string;
  object: Value;
  /** Undefined when the name is a constant. */
  key: Value | undefined;
  value: Value;
  scope: Layer;
  frame: Frame;
}

/** A property of an object literal, or an attribute of a JSX element (`owner` is its name). */
export interface PropFact {
  node: Node;
  owner: string | undefined;
  name: string;
  value: Value;
  whole: Value;
  scope: Layer;
  frame: Frame;
}

export interface ReturnFact {
  node: Node;
  value: Value;
  scope: Layer;
  frame: Frame;
}

/** The function that is being read. */
export interface Frame {
  closure: Closure | undefined;
  handler: boolean;
  parent: Frame | undefined;
  returns: Value | undefined;
}

export interface Observer {
  call(fact: CallFact): void;
  set(fact: SetFact): void;
  prop(fact: PropFact): void;
  /** Whether anybody wants to hear of properties of this name in object literals. */
  hears(name: string): boolean;
  returned(fact: ReturnFact): void;
  constant(node: Node, value: Value): void;
  /** A value that an `if` depends on. */
  tested(node: Node, value: Value, scope: Layer, frame: Frame): void;
  /** A function whose summary has hits was called with `args`. */
  invoked(closure: Closure, args: readonly Value[], node: Node, scope: Layer, frame: Frame): void;
  /** A function of another file was called. */
  foreign(ref: string, args: readonly Value[], node: Node, scope: Layer): void;
}

/** A call of an argument: `read(req, done)` calls `done(body)`. */
export interface Handing {
  /** The call. */
  node: Node;
  /** Which argument is called. */
  index: number;
  /** With what, in terms of the arguments of the function. */
  args: readonly Value[];
}

/** What calling a function gives back, in terms of its arguments. */
export interface Summary {
  returns: Value | undefined;
}

/**
 * Values of the parts of one condition where it stands: it is read for itself, for what its being true proves, and for what
 * its being false proves. Void once anything is written.
 */
export interface Memory {
  scope: Layer;
  writes: number;
  values: Map<Node, Value>;
}

/** Everything one run of the interpreter over one file shares. Made per file, never kept. */
export interface Machine {
  models: Models;
  path: string;
  text: string;
  observer: Observer;
  frame: Frame;
  /** Steps left before the rest of the file is given up. */
  budget: number;
  depth: number;
  summaries: Map<FunctionNode, Summary | 'running'>;
  pending: Closure[];
  /** By function: what it calls its arguments with, where something with a source is handed on. */
  handings: Map<FunctionNode, Handing[]>;
  /** Functions that are run for this at the moment. */
  handing: Set<FunctionNode>;
  closures: Map<FunctionNode, Closure>;
  loops: number;
  analysed: Set<FunctionNode>;
  exports: Map<string, Closure>;
  /** Functions that something in this file calls. */
  called: Set<FunctionNode>;
  directives: Set<string>;
  moduleScope: Layer;
  /** Writes to names and members so far. */
  writes: number;
  /** Of these, those that gave a name or member something that it did not have: only they matter to the next round of a loop. */
  news: number;
  /** What the parts of the condition at hand are. */
  memory: Memory | undefined;
  evaluate(node: Node, scope: Layer): Value;
  execute(node: Node, scope: Layer): boolean;
  invoke(closure: Closure, args: readonly Value[], node: Node, scope: Layer): Value;
  /** Runs a function here and now with the given arguments: for callbacks. */
  inline(closure: Closure, args: readonly Value[]): Value;
}

/** Starts to remember the parts of a condition that is read in `scope`; gives back what was remembered before. */
export function remember(machine: Machine, scope: Layer): Memory | undefined {
  const before = machine.memory;
  if (before?.scope !== scope) machine.memory = { scope, writes: machine.writes, values: new Map() };
  return before;
}

/** How many steps a file may take: about a second's work. Real files of 500 KB need less than half. */
const STEPS = 400_000;

export interface MachineParts {
  evaluate(machine: Machine, node: Node, scope: Layer): Value;
  execute(machine: Machine, node: Node, scope: Layer): boolean;
  invoke(machine: Machine, closure: Closure, args: readonly Value[], node: Node, scope: Layer): Value;
  inline(machine: Machine, closure: Closure, args: readonly Value[]): Value;
}

export function makeMachine(
  input: { models: Models; path: string; text: string; observer: Observer; program: Program },
  parts: MachineParts,
): Machine {
  const machine: Machine = {
    models: input.models,
    path: input.path,
    text: input.text,
    observer: input.observer,
    frame: { closure: undefined, handler: false, parent: undefined, returns: undefined },
    budget: STEPS,
    depth: 0,
    summaries: new Map(),
    pending: [],
    handings: new Map(),
    handing: new Set(),
    closures: new Map(),
    loops: 0,
    analysed: new Set(),
    exports: new Map(),
    called: new Set(),
    directives: new Set(),
    moduleScope: layer('module'),
    writes: 0,
    news: 0,
    memory: undefined,
    evaluate: (node, scope) => parts.evaluate(machine, node, scope),
    execute: (node, scope) => parts.execute(machine, node, scope),
    invoke: (closure, args, node, scope) => parts.invoke(machine, closure, args, node, scope),
    inline: (closure, args) => parts.inline(machine, closure, args),
  };
  return machine;
}

/** Every name a source can be known by in messages, at most this long. */
const LABEL_MAX = 60;

export function labelOf(machine: Machine, node: Node): string {
  const text = machine.text.slice(node.start, Math.min(node.end, node.start + LABEL_MAX));
  return text.replaceAll(/\s+/g, ' ').replaceAll('?.', '.');
}

export function sourceTaint(machine: Machine, node: Node, kind: Taint['kind']): Taint {
  return { kind, label: labelOf(machine, node), at: node.start, clean: 0 };
}
