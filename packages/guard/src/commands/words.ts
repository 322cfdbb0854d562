import type { ParameterExpansionPart, Word, WordPart } from 'unbash';
import { isNumber, isPlainArithmetic, type Ledger, textKeys } from './arithmetic.ts';
import { type Unparsed, unknownNumber, unknownText, unparsed } from './unknown.ts';

/** What expanding a word needs: the values of variables, and a way to take in the commands of a substitution. */
export interface Scope {
  variables: ReadonlyMap<string, string>;
  ledger: Ledger;
  substitute: (script: string) => Unparsed | undefined;
}

/** Most words one word may expand to. */
const expansionMax = 64;

/** Variables whose value does not matter to what a command does, as a placeholder value. */
const plainVariables: Readonly<Record<string, string>> = { PWD: '.', HOME: '~', '?': '0', $: '1', '!': '1', '#': '0' };

/**
 * What a word expands to: one value, or several for braces and loop variables. Patterns (`*.ts`) stay as written; tilde
 * at the beginning stays as `~`. A quoted tilde becomes `./~`, which is what the shell would open. What only the shell will
 * know is a placeholder; the commands that a substitution runs are taken in.
 */
export function expandWord(word: Word, scope: Scope): string[] | Unparsed {
  const parts: readonly WordPart[] | undefined = word.parts;
  if (!parts) return [guardTilde(word.text, word.value)];
  let values = [''];
  for (const part of parts) {
    const counted = part.type === 'CommandExpansion' && parts.length === 1 ? countOf(part.text) : undefined;
    if (counted) return counted;
    const plain = part.type === 'SimpleExpansion' || part.type === 'ParameterExpansion';
    const expanded = plain ? splitUnquoted(expandPart(part, scope), parts.length) : expandPart(part, scope);
    if (!Array.isArray(expanded)) return expanded;
    values = values.flatMap((value) => expanded.map((more) => value + more));
    if (values.length > expansionMax) return unparsed('an expansion with too many words');
  }
  return values.map((value) => guardTilde(word.text, value));
}

/** The words of `$(seq 1 5)`, which stand for what they count. */
function countOf(text: string): string[] | undefined {
  const [, first, second] = /^\$\(\s*seq\s+(\d{1,3})(?:\s+(\d{1,3}))?\s*\)$/.exec(text) ?? [];
  if (first === undefined) return undefined;
  const [from, to] = second === undefined ? [1, Number(first)] : [Number(first), Number(second)];
  if (to - from >= expansionMax) return undefined;
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => String(from + i));
}

/** Without quotes a value with spaces becomes several words; only where it is the whole word that is followed. */
function splitUnquoted(expanded: string[] | Unparsed, parts: number): string[] | Unparsed {
  if (!Array.isArray(expanded) || !expanded.some((value) => value === '' || /\s/.test(value))) return expanded;
  if (parts > 1 && expanded.some((value) => /\s/.test(value)))
    return unparsed('a variable with several words inside a word cannot be followed; put it in quotes');
  return expanded.flatMap((value) =>
    value.split(/\s+/).filter((word, _i, all) => word !== '' || (parts > 1 && all.length === 1)),
  );
}

function guardTilde(text: string, value: string): string {
  return value.startsWith('~') && !/^(~|"?\$\{?HOME)/.test(text) ? `./${value}` : value;
}

export function expandPart(part: WordPart, scope: Scope): string[] | Unparsed {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
      return [part.value];
    case 'Glob':
      return [part.text];
    case 'AnsiCQuoted':
      return /[\u0000\ue000\ue001]/.test(part.value) ? unparsed('a NUL in a quoted word') : [part.value];
    case 'DoubleQuoted':
    case 'LocaleString': {
      let values = [''];
      for (const child of part.parts) {
        const expanded = expandPart(child, scope);
        if (!Array.isArray(expanded)) return expanded;
        values = values.flatMap((value) => expanded.map((more) => value + more));
      }
      return part.type === 'DoubleQuoted' ? values : unparsed('`$"…"` depends on the language of the shell');
    }
    case 'SimpleExpansion':
      return [valueOfName(part.text.slice(1), scope)];
    case 'ParameterExpansion':
      return expandParameter(part, scope);
    case 'BraceExpansion':
      return expandBraces(part.text);
    case 'CommandExpansion':
      return expandCommand(part.text, scope);
    case 'ProcessSubstitution':
      return scope.substitute(part.text.slice(2, -1)) ?? [unknownText];
    case 'ArithmeticExpansion':
      return expandArithmetic(part.text, scope);
    case 'ExtendedGlob':
      return unparsed(`the extended pattern \`${shorten(part.text)}\` cannot be followed`);
  }
}

/** Whether arithmetic calculates with numbers alone: what the line makes one, or takes for one all along. */
export function calculates(text: string, { variables, ledger }: Pick<Scope, 'variables' | 'ledger'>): boolean {
  if (/[A-Za-z_]/.test(text)) ledger.calculated();
  return isPlainArithmetic(text, (name) => isNumber(variables.get(name)) || ledger.rely(name));
}

/** Whether a subscript runs nothing: it calculates, or is a text of an array that is certain to have texts. */
export function isPlainSubscript(name: string, text: string, scope: Pick<Scope, 'variables' | 'ledger'>): boolean {
  if (/^(?:@|\*|-?\d+)$/.test(text)) return true;
  if (scope.variables.has(textKeys(name)))
    return /^(?:[\w.\-/:]|\$\w+|\$\{\w+\})+$|^"(?:[\w.\-/: ]|\$\w+|\$\{\w+\})+"$/.test(text);
  return calculates(text, scope);
}

/** An element of a list in brackets, `[2]=x` among them. */
export function isPlainElement(name: string, text: string, scope: Pick<Scope, 'variables' | 'ledger'>): boolean {
  if (!text.startsWith('[')) return true;
  const subscript = /^\[(.*?)\]\+?=/s.exec(text)?.[1];
  return subscript !== undefined && isPlainSubscript(name, subscript, scope);
}

/** Arithmetic, in it commands that print a number: they count. */
function expandArithmetic(text: string, scope: Scope): string[] | Unparsed {
  let problem: Unparsed | undefined;
  const inner = /^\$\(\((.*)\)\)$/s.exec(text)?.[1] ?? '[';
  const plain = inner.replaceAll(/\$\(([^()]*)\)/g, (whole, script: string) => {
    if (!printsNumber.test(script) || !scope.ledger.relyOnCounts()) return whole;
    problem ??= scope.substitute(script);
    scope.ledger.calculated();
    return '0';
  });
  if (problem) return problem;
  if (calculates(plain, scope)) return [unknownNumber];
  return unparsed(`arithmetic \`${shorten(text)}\` cannot be followed; write the number`);
}

/** Substitutions whose result is known as far as it matters: the current directory, a fresh private file or folder. */
const knownResults: readonly [RegExp, string][] = [
  [/^\$\(\s*pwd\s*\)$/, '.'],
  [/^\$\(\s*mktemp(?:\s+-d)?\s*\)$/, '/tmp/tmp.made'],
];

/** One word that is no option and stays one word. */
const oneWord = String.raw`(?:"(?!-)[\w./$@{} -]*"|'(?!-)[^'|;&\n]*'|(?!-)[\w./@+-]+)`;
/** Whatever stands before the last bar of a pipeline, as long as nothing but its last command prints. */
const before = String.raw`(?:(?:[^;&\n#${'`'}|"'<>()]|"[^"|;&\n${'`'}]*"|'[^'|;&\n]*'|2>/dev/null|2>&1)*\|\s*)*`;
/** Commands that print one number or nothing. */
const printsNumber = new RegExp(
  String.raw`^\s*${before}(?:wc\s+-[lcwm](?:\s*<\s*${oneWord})?|nproc|date\s+\+%[sYmdHMS]|grep\s+-c\s+${oneWord}(?:\s+${oneWord})?)(?:\s+2>/dev/null)?\s*(?:\|\s*tr\s+-d\s+(?:' '|" ")\s*)?$`,
);

function expandCommand(text: string, scope: Scope): string[] | Unparsed {
  const known = knownResults.find(([pattern]) => pattern.test(text))?.[1];
  if (known !== undefined) return [known];
  if (text.startsWith('`') && text.includes('\\')) return unparsed('a backslash between backticks cannot be followed');
  const script = text.startsWith('$(') ? text.slice(2, -1) : text.slice(1, -1);
  return (
    scope.substitute(script) ?? [printsNumber.test(script) && scope.ledger.relyOnCounts() ? unknownNumber : unknownText]
  );
}

/** `${…}`: the words in it may run something; its text is not calculated. */
function expandParameter(part: ParameterExpansionPart, scope: Scope): string[] | Unparsed {
  const { operation, prefix, index, parameter } = part;
  const cannot = unparsed(`\`${shorten(part.text)}\` cannot be followed; write the value itself`);
  // `${!array[@]}` lists subscripts; every other `${!…}` reads a variable whose name is calculated.
  if (prefix === '!') {
    if (!index || !/^[@*]$/.test(index.text) || operation) return cannot;
    if (scope.variables.has(textKeys(parameter))) return [unknownText];
    scope.ledger.relyOnNumberedKeys();
    return [unknownNumber];
  }
  if (index && !isPlainSubscript(parameter, index.text, scope)) return cannot;
  if (prefix === '#') return operation ? cannot : [unknownNumber];
  if (!operation) return [index ? unknownText : valueOfName(parameter, scope)];
  const words: (Word | undefined)[] = [];
  if (operation.type === 'Default' && !operation.operator.includes('=')) words.push(operation.operand);
  else if (operation.type === 'Remove' || operation.type === 'CaseModification') words.push(operation.operand);
  else if (operation.type === 'Replace') words.push(operation.pattern, operation.replacement);
  else if (operation.type !== 'Slice') return cannot;
  else if (![operation.offset, operation.length].every((word) => !word || /^\s*-?\d+$/.test(word.text))) return cannot;
  for (const word of words) {
    const expanded = word ? expandWord(word, scope) : [];
    if (!Array.isArray(expanded)) return expanded;
  }
  return [unknownText];
}

const shorten = (text: string) => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

const valueOfName = (name: string, { variables }: Scope): string =>
  variables.get(name) ?? plainVariables[name] ?? unknownText;

/** `{a,b}` without nesting, `{1..9}` and `{a..f}`; anything else is left to people. */
function expandBraces(text: string): string[] | Unparsed {
  const range = /^\{(\d{1,3})\.\.(\d{1,3})\}$/.exec(text);
  if (range) {
    const [from, to] = [Number(range[1]), Number(range[2])];
    if (Math.abs(to - from) >= expansionMax) return unparsed('a brace range with too many words');
    const step = from <= to ? 1 : -1;
    return Array.from({ length: Math.abs(to - from) + 1 }, (_, i) => String(from + i * step));
  }
  const letters = /^\{([A-Z])\.\.([A-Z])\}$|^\{([a-z])\.\.([a-z])\}$/.exec(text);
  if (letters) {
    const [from, to] = letters.slice(1).flatMap((one) => (one === undefined ? [] : [one.charCodeAt(0)])) as [
      number,
      number,
    ];
    const step = from <= to ? 1 : -1;
    return Array.from({ length: Math.abs(to - from) + 1 }, (_, i) => String.fromCharCode(from + i * step));
  }
  if (/^\{[\w./@:+-]*(,[\w./@:+-]*)+\}$/.test(text)) return text.slice(1, -1).split(',');
  return unparsed(`the braces \`${shorten(text)}\` cannot be followed; write the words out`);
}
