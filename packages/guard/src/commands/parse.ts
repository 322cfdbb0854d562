import {
  type CommandNode,
  type CompoundList,
  type PipelineNode,
  parse,
  type Redirection,
  type Statement,
  type TestExpression,
} from 'unbash';
import { afterArithmetic, isNumber, Ledger, withTextKeys } from './arithmetic.ts';
import { accountsFor } from './coverage.ts';
import { isUnknown, type Unparsed, unknownNumber, unknownText, unparsed } from './unknown.ts';
import {
  afterCommand,
  assignLocally,
  isTellingName,
  type Reach,
  reachOf,
  reserved,
  setterProblem,
  takeLocals,
  type Variables,
} from './variables.ts';
import { calculates, expandPart, expandWord, isPlainElement, isPlainSubscript, type Scope } from './words.ts';

/** A redirection with a static target. `target` is absent for here-documents and duplicated descriptors. */
export interface StaticRedirect {
  access: 'read' | 'write' | 'both' | 'none';
  target?: string;
}

/** One simple command of a line, every word known. */
export interface SimpleCommand {
  argv: string[];
  assignments: { name: string; value: string }[];
  redirects: StaticRedirect[];
  /** What the working directory may be: folders of `cd` commands that may have run before, in order of writing. */
  cwds: string[][];
  /** Text of a here-document or here-string. */
  stdin?: string;
  /** The line defines a function of that name; where it does not run, the name is a program's. */
  callsFunction?: boolean;
}

export type ParsedLine = { commands: SimpleCommand[] } | Unparsed;

/** Longest line that is parsed; longer ones are asked about. */
const lineMax = 20_000;
/** Most commands and possible working directories of one line. */
const commandsMax = 200;
const cwdsMax = 8;
/** Substitutions inside each other. */
const depthMax = 6;

interface State {
  commands: SimpleCommand[];
  cwds: string[][];
  /** Values of loop variables, and of variables that the line itself sets to words it spells out. */
  variables: Variables;
  /** Functions that the line defines; their bodies were walked where they stand. */
  functions: Map<string, Reach>;
  depth: number;
  /** What is walked, for the parts that are read as text. */
  text: string;
  /** Scripts of `trap`: they run when the line ends. */
  traps: string[];
  /** One for the whole line, whatever may run of it. */
  ledger: Ledger;
}

const scopeOf = (state: State): Scope => ({
  variables: state.variables,
  ledger: state.ledger,
  // A substitution is a subshell: its commands count, what it sets and where it goes does not.
  substitute: (script) => walkText(script, { ...state, depth: state.depth + 1, text: script }),
});

/** What both ways leave a variable with. */
const common = (a: Variables, b: Variables): Variables =>
  new Map(
    [...a].flatMap(([name, value]): [string, string][] => {
      const other = b.get(name);
      if (other === value) return [[name, value]];
      // Of two numbers it is still known that it is one.
      return isNumber(value) && isNumber(other) ? [[name, unknownNumber]] : [];
    }),
  );

/** Runs a part that may not happen: what it sets is not known afterwards. */
function perhaps(state: State, part: () => Unparsed | undefined): Unparsed | undefined {
  const before = state.variables;
  const problem = part();
  state.variables = common(before, state.variables);
  return problem;
}

/**
 * Parses a shell line to its simple commands (C7), those of substitutions and functions included. Text that only the shell
 * will know is a placeholder in its word; what cannot be followed at all makes the whole line unparsed, with a reason a
 * model can act on. Never throws. `inherits`: another line runs it, whose variables and functions it may see.
 */
export function parseLine(line: string, inherits = false): ParsedLine {
  if (line.length > lineMax)
    return unparsed(`the command is longer than ${lineMax} characters; write a script file and run it`);
  // A carriage return or NUL is read differently by different shells.
  if (/[\u0000\r\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f\ue000\ue001]/.test(line))
    return unparsed('the command contains control characters');
  try {
    const state: State = {
      commands: [],
      cwds: [[]],
      variables: new Map(),
      functions: new Map(),
      depth: 0,
      text: line,
      traps: [],
      ledger: new Ledger(inherits),
    };
    const problem =
      walkText(line, state) ?? each(state.traps.map((script) => () => walkText(script, inTrap(state, script))));
    if (problem) return problem;
    if (state.ledger.broken) return unparsed('arithmetic with what is no number for certain cannot be followed');
    if (state.commands.length > commandsMax)
      return unparsed('too many commands in one line; write a script file and run it');
    return { commands: state.commands };
  } catch (error) {
    return unparsed(`the command could not be parsed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A trap may run wherever the line has gone, with what is known at its end. */
const inTrap = (state: State, text: string): State => ({ ...state, depth: state.depth + 1, text });

function walkText(text: string, state: State): Unparsed | undefined {
  if (state.depth > depthMax) return unparsed('substitutions inside each other too deep to follow');
  const script = parse(text);
  if (script.errors && script.errors.length > 0) {
    return unparsed(`the shell would not understand it: ${script.errors[0]?.message ?? 'syntax error'}`);
  }
  // SECURITY: a tolerant parser may drop what it does not understand; held by parse.test.ts («every character …»).
  if (!accountsFor(text, script)) return unparsed('the shell would not understand it: it is not a complete command');
  return walkStatements(script.commands, state);
}

function walkStatements(statements: readonly Statement[], state: State): Unparsed | undefined {
  for (const statement of statements) {
    const before = state.cwds;
    const problem = statement.background
      ? walkNode(statement.command, { ...state, cwds: before })
      : walkNode(statement.command, state);
    if (problem) return problem;
    // A `cd` that fails leaves the directory as it was, and nothing after `;` depends on it.
    if (!statement.background) state.cwds = join(before, state.cwds);
    if (state.cwds.length > cwdsMax) return unparsed('too many changes of directory in one line');
  }
  return undefined;
}

function join(a: string[][], b: string[][]): string[][] {
  const seen = new Set(a.map((path) => path.join('\0')));
  return [...a, ...b.filter((path) => !seen.has(path.join('\0')))];
}

function walkList(list: CompoundList | undefined, state: State): Unparsed | undefined {
  return list ? walkStatements(list.commands, state) : undefined;
}

/** Runs parts one after another on one state until one is unparsed. */
function each(parts: (() => Unparsed | undefined)[]): Unparsed | undefined {
  for (const part of parts) {
    const problem = part();
    if (problem) return problem;
  }
  return undefined;
}

type AnyNode = PipelineNode | Statement['command'];

function walkNode(node: AnyNode, state: State): Unparsed | undefined {
  switch (node.type) {
    case 'AndOr':
      return walkAndOr(node, state);
    case 'Pipeline':
      // Each part of a pipeline is a subshell: its `cd` ends with it.
      return each(node.commands.map((part) => () => walkNode(part, { ...state, cwds: state.cwds })));
    case 'Subshell':
      return walkList(node.body, { ...state, cwds: state.cwds });
    case 'BraceGroup':
      return walkList(node.body, state);
    case 'If':
      return perhaps(state, () =>
        each([
          () => walkList(node.clause, state),
          () => walkList(node.then, state),
          ...node.elif.flatMap((part) => [() => walkList(part.clause, state), () => walkList(part.then, state)]),
          () => walkList(node.else, state),
        ]),
      );
    case 'While':
      // Twice, so that a `cd` in the body reaches its own beginning.
      return perhaps(state, () =>
        each([() => walkList(node.clause, state), () => walkList(node.body, state), () => walkList(node.body, state)]),
      );
    case 'For':
      return walkFor(node, state);
    case 'Case':
      return perhaps(state, () =>
        each([
          () => firstProblem(expandWord(node.word, scopeOf(state))),
          ...node.items.flatMap((item) => [
            ...item.pattern.map((word) => () => firstProblem(expandWord(word, scopeOf(state)))),
            () => walkList(item.body, state),
          ]),
        ]),
      );
    case 'Redirected':
      return each([
        () => walkNode(node.command as CommandNode, state),
        () => walkGroupRedirects(node.redirects, state),
      ]);
    case 'Command':
      return walkCommand(node, state);
    case 'TestCommand':
      state.commands.push({ argv: [':'], assignments: [], redirects: [], cwds: state.cwds });
      return walkTest(node.expression, state);
    case 'ArithmeticCommand':
      return walkArithmetic(node.body, state);
    case 'ArithmeticFor':
      return walkCountingLoop(node, state);
    case 'Function':
      return walkFunction(node, state);
    default:
      return unparsed(`${describe(node.type)} cannot be followed; write it as plain commands or as a script file`);
  }
}

const describe = (type: string) =>
  ({
    Coproc: '`coproc`',
    Select: '`select`',
  })[type] ?? `\`${type}\``;

const firstProblem = (words: string[] | Unparsed): Unparsed | undefined => (Array.isArray(words) ? undefined : words);

function walkAndOr(node: Extract<AnyNode, { type: 'AndOr' }>, state: State): Unparsed | undefined {
  const start = state.cwds;
  const first = state.variables;
  let certain: Variables | undefined;
  for (const [i, part] of node.commands.entries()) {
    const before = state.cwds;
    // After `||` the part before has failed somewhere, so any directory so far is possible.
    if (i > 0 && node.operators[i - 1] === '||') state.cwds = join(start, before);
    const problem = walkNode(part, state);
    if (problem) return problem;
    // Only the first part runs for certain.
    certain ??= state.variables;
    const next = node.operators[i];
    if (next === '||') state.variables = common(first, state.variables);
    // After `&&` a `cd` has worked; otherwise it may not have.
    if (next !== '&&') state.cwds = join(before, state.cwds);
  }
  state.variables = common(certain ?? first, state.variables);
  return undefined;
}

function walkFor(node: Extract<AnyNode, { type: 'For' }>, state: State): Unparsed | undefined {
  if (isTellingName(node.name.value)) return unparsed(`\`${node.name.value}\` is no name for a loop`);
  // Without a list it goes over arguments, which are not known here.
  const values: string[] = node.wordlist ? [] : [unknownText];
  for (const word of node.wordlist ?? []) {
    const expanded = expandWord(word, scopeOf(state));
    if (!Array.isArray(expanded)) return expanded;
    values.push(...expanded);
  }
  // Without a value the body does not run; it is still looked at, with an empty one.
  for (const value of values.length > 0 ? counted(values) : ['']) {
    state.ledger.assigned(node.name.value, value);
    const inner: State = { ...state, variables: new Map(state.variables).set(node.name.value, value) };
    const problem = walkList(node.body, inner) ?? walkList(node.body, inner);
    if (problem) return problem;
    state.cwds = join(state.cwds, inner.cwds);
    // Whatever its body set is not known after it.
    state.variables = common(state.variables, inner.variables);
  }
  return undefined;
}

/** Of many numbers one stands for all. */
const counted = (values: readonly string[]): readonly string[] =>
  values.length > 8 && values.every((value) => isNumber(value)) ? [unknownNumber] : values;

/** `[[ … ]]` asks and changes nothing, as long as its numbers are numbers and no name is calculated. */
function walkTest(test: TestExpression, state: State): Unparsed | undefined {
  switch (test.type) {
    case 'TestLogical':
      return each(test.operands.map((operand) => () => walkTest(operand, state)));
    case 'TestNot':
      return walkTest(test.operand, state);
    case 'TestGroup':
      return walkTest(test.expression, state);
    case 'TestUnary':
      if (test.operator === '-v' || test.operator === '-R') return unparsed('`[[ -v … ]]` cannot be followed');
      return firstProblem(expandWord(test.operand, scopeOf(state)));
    case 'TestBinary': {
      const sides = [test.left, test.right].map((word) => expandWord(word, scopeOf(state)));
      for (const side of sides) {
        if (!Array.isArray(side)) return side;
        const calculated = /^-(?:eq|ne|lt|le|gt|ge)$/.test(test.operator);
        if (calculated && side.includes(unknownNumber)) state.ledger.calculated();
        if (calculated && !side.every((value) => calculates(asNumber(value), state)))
          return unparsed('numbers that are not known are compared with `[ … -eq … ]`');
      }
      return undefined;
    }
  }
}

const asNumber = (value: string) => (value === unknownNumber ? '0' : value);

function walkArithmetic(body: string, state: State): Unparsed | undefined {
  if (!calculates(body, state)) return unparsed('`(( … ))` with what is no number cannot be followed; use `[ … ]`');
  state.variables = afterArithmetic(body, state.variables);
  state.commands.push({ argv: [':'], assignments: [], redirects: [], cwds: state.cwds });
  return undefined;
}

/** `for ((…))`: its head calculates; what it counts with is a number afterwards. */
function walkCountingLoop(node: Extract<AnyNode, { type: 'ArithmeticFor' }>, state: State): Unparsed | undefined {
  const text = state.text.slice(node.pos, node.body.pos);
  const head = /^for\s*\(\(([^;]*);([^;]*);([^;]*)\)\)\s*;?\s*(?:do\b|\{)\s*$/s.exec(text);
  const begins = /^\s*(?:([A-Za-z_]\w*)\s*=\s*(?:-?\d+|\$?[A-Za-z_]\w*)\s*)?$/.exec(head?.[1] ?? '?');
  const cannot = unparsed('this loop cannot be followed; write `for i in $(seq 1 5)`');
  if (!head || !begins) return cannot;
  const [, , test = '', step = ''] = head;
  const name = begins[1];
  if (name !== undefined && isTellingName(name)) return cannot;
  const value = (head[1] ?? '').split('=')[1]?.trim() ?? '0';
  if (!calculates(value, state)) return cannot;
  const counted = name === undefined ? state.variables : new Map(state.variables).set(name, unknownNumber);
  if (![test, step].every((part) => calculates(part, { variables: counted, ledger: state.ledger }))) return cannot;
  state.variables = afterArithmetic(step, counted);
  const problem = perhaps(state, () => walkList(node.body, state) ?? walkList(node.body, state));
  if (problem) return problem;
  if (name !== undefined) state.variables = new Map(state.variables).set(name, unknownNumber);
  return undefined;
}

/** A function is its body, walked once where it stands: its arguments are not known there. */
function walkFunction(node: Extract<AnyNode, { type: 'Function' }>, state: State): Unparsed | undefined {
  const { name, body } = node;
  if (body.type === 'CompoundList' || !/^[A-Za-z_][\w-]*$/.test(name.text) || reserved.has(name.text))
    return unparsed('this function cannot be followed; write it as plain commands or as a script file');
  const inner: State = { ...state, variables: new Map(), functions: new Map(state.functions).set(name.text, 'all') };
  const before = state.commands.length;
  const problem = walkNode(body, inner);
  if (problem) return problem;
  if (join(state.cwds, inner.cwds).length > state.cwds.length)
    return unparsed('a function that changes its directory cannot be followed');
  const ran = state.commands.slice(before).map(({ argv }) => argv);
  state.ledger.defines(name.text);
  state.functions.set(name.text, reachOf(state.text.slice(body.pos, body.end), ran));
  return undefined;
}

/** Where a group writes, as a command of its own that does nothing else. */
function walkGroupRedirects(redirects: readonly Redirection[], state: State): Unparsed | undefined {
  const before = state.commands.length;
  const problem = walkCommand({ name: undefined, prefix: [...redirects], suffix: [] }, state);
  for (const command of state.commands.slice(before)) if (command.argv.length === 0) command.argv.push(':');
  return problem;
}

interface CommandShape {
  name: Extract<CommandNode, { type: 'Command' }>['name'];
  prefix: Extract<CommandNode, { type: 'Command' }>['prefix'];
  suffix: Extract<CommandNode, { type: 'Command' }>['suffix'];
}

function walkCommand(node: CommandShape, state: State): Unparsed | undefined {
  const command: SimpleCommand = { argv: [], assignments: [], redirects: [], cwds: state.cwds };
  state.variables = withTextKeys(node, state);
  const parts = [...node.prefix, ...(node.name ? [node.name] : []), ...node.suffix];
  for (const part of parts) {
    const problem =
      part.type === 'Word'
        ? addWords(command, expandWord(part, scopeOf(state)))
        : part.type === 'Assignment'
          ? addAssignment(command, part, node.prefix.includes(part), state)
          : addRedirect(command, part, state);
    if (problem) return problem;
  }
  if (command.argv.length === 0 && command.assignments.length > 0 && assignLocally(command, state)) {
    command.assignments = [];
    if (command.redirects.length === 0) command.argv.push(':');
  }
  if (command.argv[0] === 'let' && command.argv.slice(1).every((text) => calculates(text, state))) {
    for (const text of command.argv.slice(1)) state.variables = afterArithmetic(text, state.variables);
    command.argv = [':'];
  }
  state.ledger.ran(command.argv);
  if (command.argv[0] === 'read') command.assignments = command.assignments.filter(({ name }) => name !== 'IFS');
  const problem = setterProblem(command.argv);
  if (problem) return problem;
  if (command.argv[0] === 'trap' && command.argv.length > 2 && !/^(?:-.*|\d*)$/.test(command.argv[1] ?? '')) {
    if (isUnknown(command.argv[1] ?? '') || state.traps.length > 8) return unparsed('this `trap` cannot be followed');
    state.traps.push(command.argv[1] ?? '');
    command.argv = ['trap', ...command.argv.slice(2)];
  }
  takeLocals(command, state);
  state.variables = afterCommand(command.argv, state.variables, state.functions);
  if (state.functions.has(command.argv[0] ?? '')) command.callsFunction = true;
  if (command.argv.length > 0 || command.assignments.length > 0 || command.redirects.length > 0) {
    state.commands.push(command);
    if (state.commands.length > commandsMax) return unparsed('too many commands in one line');
  }
  return changeDirectory(command, state);
}

function addWords(command: SimpleCommand, words: string[] | Unparsed): Unparsed | undefined {
  if (!Array.isArray(words)) return words;
  command.argv.push(...words);
  return undefined;
}

function addAssignment(
  command: SimpleCommand,
  part: Extract<CommandShape['prefix'][number], { type: 'Assignment' }>,
  prefix: boolean,
  state: State,
): Unparsed | undefined {
  const cannot = unparsed('this subscript cannot be followed; write the number');
  if (part.index && !isPlainSubscript(part.name, part.index.text, state)) return cannot;
  let value: string[] | Unparsed = [];
  for (const word of part.value.type === 'Word' ? [part.value] : part.value.elements) {
    if (part.value.type !== 'Word' && !isPlainElement(part.name, word.text, state)) return cannot;
    value = expandWord(word, scopeOf(state));
    if (!Array.isArray(value)) return value;
  }
  if (part.value.type !== 'Word' || part.append || part.index) value = [unknownText];
  if (value.length > 1) return unparsed(`the value of \`${part.name}\` cannot be followed`);
  // `export A=b` carries its assignment as an argument.
  state.ledger.assigned(part.name, value[0] ?? '');
  if (prefix) command.assignments.push({ name: part.name, value: value[0] ?? '' });
  else command.argv.push(`${part.name}=${value[0] ?? ''}`);
  return undefined;
}

const access: Partial<Record<string, StaticRedirect['access']>> = {
  '<': 'read',
  '<>': 'both',
  '>': 'write',
  '>>': 'write',
  '>|': 'write',
  '&>': 'write',
  '&>>': 'write',
};

function addRedirect(command: SimpleCommand, part: Redirection, state: State): Unparsed | undefined {
  if (part.descriptor?.type === 'FileDescriptorVariable')
    return unparsed('a descriptor in a variable cannot be followed');
  if (part.type === 'HereDoc') {
    const { parts, text } = part.body;
    command.stdin = parts ? '' : text;
    for (const one of parts ?? []) {
      const expanded = expandPart(one, scopeOf(state));
      if (!Array.isArray(expanded)) return expanded;
      command.stdin += expanded.join('');
    }
    return undefined;
  }
  if (!part.target) return unparsed('a redirection without a target');
  const words = expandWord(part.target, scopeOf(state));
  if (!Array.isArray(words)) return words;
  const [target] = words;
  if (target === undefined || words.length > 1) return unparsed('a redirection with more than one target');
  if (part.type === 'HereString') {
    command.stdin = target;
    return undefined;
  }
  const duplicates = (part.operator === '>&' || part.operator === '<&') && /^(\d+|-|\d+-)$/.test(target);
  if (duplicates) return undefined;
  const made = part.target.parts?.length === 1 && part.target.parts[0]?.type === 'ProcessSubstitution';
  if (!made && /[*?[]/.test(part.target.text)) return unparsed('a redirection to a pattern cannot be followed');
  command.redirects.push({ access: access[part.operator] ?? 'both', target });
  return undefined;
}

function changeDirectory(command: SimpleCommand, state: State): Unparsed | undefined {
  const [name, ...rest] = command.argv;
  if (name !== 'cd' && name !== 'pushd' && name !== 'popd') return undefined;
  const [target, ...more] = rest.filter((word) => !/^-[LPe@]+$/.test(word) && word !== '--');
  if (more.length > 0) return unparsed(`\`${name}\` with several arguments`);
  if (name === 'popd' || target === '-') {
    state.cwds = [...state.cwds, []];
    return undefined;
  }
  const to = target ?? '~';
  state.cwds = state.cwds.map((path) => [...path, to]);
  return undefined;
}
