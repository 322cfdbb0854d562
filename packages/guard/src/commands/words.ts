import type { Word, WordPart } from 'unbash';

/** The line cannot be known from its text; `reason` tells a model how to put it instead. */
export interface Unparsed {
  unparsed: string;
}

export const unparsed = (reason: string): Unparsed => ({ unparsed: reason });

/** Most words one word may expand to. */
const expansionMax = 64;

/** Variables whose value does not matter to what a command does, as a placeholder value. */
const plainVariables: Readonly<Record<string, string>> = { PWD: '.', HOME: '~', '?': '0', $: '1', '!': '1', '#': '0' };

/**
 * What a word expands to: one value, or several for braces and loop variables. Patterns (`*.ts`) stay as written; tilde
 * at the beginning stays as `~`. A quoted tilde becomes `./~`, which is what the shell would open.
 */
export function expandWord(word: Word, variables: ReadonlyMap<string, string>): string[] | Unparsed {
  const parts: readonly WordPart[] | undefined = word.parts;
  if (!parts) return [guardTilde(word.text, word.value)];
  let values = [''];
  for (const part of parts) {
    const counted = part.type === 'CommandExpansion' && parts.length === 1 ? countOf(part.text) : undefined;
    if (counted) return counted;
    const plain = part.type === 'SimpleExpansion' || part.type === 'ParameterExpansion';
    const expanded = plain ? splitUnquoted(expandPart(part, variables), parts.length) : expandPart(part, variables);
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

function expandPart(part: WordPart, variables: ReadonlyMap<string, string>): string[] | Unparsed {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
      return [part.value];
    case 'Glob':
      return [part.text];
    case 'AnsiCQuoted':
      return /[\u0000]/.test(part.value) ? unparsed('a NUL in a quoted word') : [part.value];
    case 'DoubleQuoted':
    case 'LocaleString': {
      let values = [''];
      for (const child of part.parts) {
        const expanded = expandPart(child, variables);
        if (!Array.isArray(expanded)) return expanded;
        values = values.flatMap((value) => expanded.map((more) => value + more));
      }
      return part.type === 'DoubleQuoted' ? values : unparsed('`$"…"` depends on the language of the shell');
    }
    case 'SimpleExpansion':
      return expandVariable(part.text.slice(1), variables);
    case 'ParameterExpansion':
      if (part.operation || part.prefix || part.index)
        return unparsed(`\`${part.text}\` cannot be followed; write the value itself`);
      return expandVariable(part.parameter, variables);
    case 'BraceExpansion':
      return expandBraces(part.text);
    case 'CommandExpansion':
      // The one substitution whose result is known: the current directory.
      if (/^\$\(\s*pwd\s*\)$/.test(part.text)) return ['.'];
      return unparsed(
        `command substitution \`${shorten(part.text)}\` cannot be followed; run it first and write its result`,
      );
    case 'ProcessSubstitution':
      return unparsed(`process substitution \`${shorten(part.text)}\` cannot be followed; write to a file first`);
    case 'ArithmeticExpansion':
      return unparsed(`arithmetic \`${shorten(part.text)}\` cannot be followed; write the number`);
    case 'ExtendedGlob':
      return unparsed(`the extended pattern \`${shorten(part.text)}\` cannot be followed`);
  }
}

const shorten = (text: string) => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

function expandVariable(name: string, variables: ReadonlyMap<string, string>): string[] | Unparsed {
  const known = variables.get(name);
  if (known !== undefined) return [known];
  const plain = plainVariables[name];
  if (plain !== undefined) return [plain];
  return unparsed(`the value of \`$${shorten(name)}\` is not known here; write the value itself`);
}

/** `{a,b}` without nesting and `{1..9}`; anything else is left to people. */
function expandBraces(text: string): string[] | Unparsed {
  const range = /^\{(\d{1,3})\.\.(\d{1,3})\}$/.exec(text);
  if (range) {
    const [from, to] = [Number(range[1]), Number(range[2])];
    if (Math.abs(to - from) >= expansionMax) return unparsed('a brace range with too many words');
    const step = from <= to ? 1 : -1;
    return Array.from({ length: Math.abs(to - from) + 1 }, (_, i) => String(from + i * step));
  }
  if (/^\{[\w./@:+-]*(,[\w./@:+-]*)+\}$/.test(text)) return text.slice(1, -1).split(',');
  return unparsed(`the braces \`${shorten(text)}\` cannot be followed; write the words out`);
}
