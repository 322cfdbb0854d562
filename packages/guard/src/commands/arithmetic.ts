// Numbers of a line. SECURITY: a shell evaluates the *values* of names in arithmetic and in subscripts as arithmetic again,
// their substitutions included; held by arithmetic.test.ts and parse.test.ts («arithmetic with …»).
import { unknownNumber, unknownText } from './unknown.ts';
import { isTellingName, type Variables } from './variables.ts';

const integer = /^-?\d{1,15}$/;
export const isNumber = (value: string | undefined): boolean =>
  value === unknownNumber || (value !== undefined && integer.test(value));

/** Arithmetic that calculates with numbers and does nothing else. `isNamed` knows the names that hold numbers. */
export function isPlainArithmetic(text: string, isNamed: (name: string) => boolean): boolean {
  const plain = text.replaceAll(/(?<![\w$])\d{1,2}#\w+/g, '0');
  if (/[^\w\s+\-*/%()<>=!&|^~?:,$]|\$(?![A-Za-z_])/.test(plain)) return false;
  return [...plain.matchAll(/\b[A-Za-z_]\w*/g)].every(([name]) => isNamed(name));
}

/** Names that arithmetic may have changed: they are still numbers. */
export function afterArithmetic(text: string, variables: Variables): Variables {
  if (!/\+\+|--|(?<![=!<>])=(?!=)/.test(text)) return variables;
  const names = [...text.matchAll(/\b[A-Za-z_]\w*/g)].map(([name]) => name);
  return new Map([...variables, ...names.map((name) => [name, unknownNumber] as const)]);
}

/** Key under which an array that is certain to have texts as subscripts (`declare -A`) stands among the variables. */
export const textKeys = (name: string): string => `${name}[]`;

/** Options with which it is still plain what a setter sets; all others leave it open. */
const plainOptions: Readonly<Record<string, RegExp>> = {
  read: /^-(?:[rsepdntu]|a|r[ap])$/,
  mapfile: /^-t$/,
  readarray: /^-t$/,
  unset: /^-[vf]$/,
  ...Object.fromEntries(
    ['export', 'declare', 'typeset', 'local', 'readonly'].map((name) => [name, /^-[aAgrxp]+$/] as const),
  ),
};
/** Programs whose output is taken for a number. */
const counting = /^(?:wc|nproc|date|grep|tr)$/;
/** Those that may set any name, and such as set what is not followed here. */
const openSetters = /^(?:getopts|let|eval|source|\.|builtin|enable|fc|bind|complete|compgen)$/;

/**
 * What a whole line sets, wherever it stands: a name that never gets anything but numbers is one, or unset, which is 0 in
 * arithmetic. Whether the line kept to that is known at its end.
 */
export class Ledger {
  readonly #relied = new Set<string>();
  readonly #numbers = new Set<string>();
  readonly #others = new Set<string>();
  readonly #inherits: boolean;
  #open = false;
  #numberedKeys = false;
  #textKeys = false;
  #counts = false;
  #calculates = false;
  #shadowed = false;

  /** A line inside another one inherits its variables and functions: there nothing is taken for a number unseen. */
  constructor(inherits: boolean) {
    this.#inherits = inherits;
  }

  /** Takes it that the programs that count are what their names say. */
  relyOnCounts(): boolean {
    this.#counts = true;
    return !this.#inherits;
  }

  /** Something is calculated with what is not spelled out. */
  calculated(): void {
    this.#calculates = true;
  }

  /** The line gives a name of a program another meaning. */
  defines(name: string): void {
    if (counting.test(name)) this.#shadowed = true;
  }

  /** Takes it that the name is a number wherever it stands. */
  rely(name: string): boolean {
    if (this.#inherits || isTellingName(name)) return false;
    this.#relied.add(name);
    return true;
  }

  /** Takes it that no array of the line has texts as subscripts. */
  relyOnNumberedKeys(): void {
    this.#numberedKeys = true;
  }

  assigned(name: string, value: string): void {
    (isNumber(value) ? this.#numbers : this.#others).add(name);
  }

  /** Whether the name may be an array with numbers as subscripts already, which it then stays. */
  mayBeArray(name: string): boolean {
    return this.#open || this.#others.has(name);
  }

  /** What a command of the shell itself sets. */
  ran([name = '', ...words]: readonly string[]): void {
    if (/^(?:alias|hash|shopt)$/.test(name)) this.#shadowed = true;
    const options = plainOptions[name];
    if (!options) {
      const asks = name === 'command' && /^-[vV]$/.test(words[0] ?? '');
      const first = words[0] ?? '';
      const setsOne =
        (name === 'printf' && (first === '-v' || first.includes(unknownText))) ||
        (name === 'wait' && words.some((word) => /^-\w*p/.test(word) || word.includes(unknownText)));
      if (openSetters.test(name) || setsOne || (name === 'command' && !asks)) this.#open = true;
      return;
    }
    if (words.some((word) => /^-\w*A/.test(word))) this.#textKeys = true;
    if (/^(?:mapfile|readarray)$/.test(name)) this.assigned('MAPFILE', unknownText);
    const declares = name !== 'read' && name !== 'mapfile' && name !== 'readarray';
    for (const word of words) {
      const [, variable, value] = /^([A-Za-z_]\w*)(?:=(.*))?$/s.exec(word) ?? [];
      if (variable === undefined)
        this.#open ||= word.includes(unknownText) || (/^[-+]/.test(word) && !options.test(word));
      else if (value !== undefined || !declares) this.assigned(variable, value ?? unknownText);
    }
  }

  /** Whether the line set something else than what was taken of it. */
  get broken(): boolean {
    if (this.#counts && this.#calculates && (this.#shadowed || this.#open)) return true;
    if (this.#numberedKeys && (this.#textKeys || this.#open)) return true;
    // What the environment holds is not known; `_` is the last word of the command before.
    const foreign = (name: string) => /[A-Z]|^_+$/.test(name) && !this.#numbers.has(name);
    return (
      this.#relied.size > 0 && (this.#open || [...this.#relied].some((name) => this.#others.has(name) || foreign(name)))
    );
  }
}

interface Setting {
  name?: { text: string } | undefined;
  suffix: readonly { type: string; text?: string; name?: unknown }[];
}

/** `declare -A m`: from here on, where that is certain, the subscripts of `m` are texts. */
export function withTextKeys(
  { name, suffix }: Setting,
  { variables, ledger }: { variables: Variables; ledger: Ledger },
): Variables {
  if (!/^(?:declare|typeset|local)$/.test(name?.text ?? '')) return variables;
  if (!suffix.some(({ type, text }) => type === 'Word' && /^-[gr]*A[gr]*$/.test(text ?? ''))) return variables;
  const names = suffix.map((part) => (part.type === 'Assignment' ? `${part.name}` : (part.text ?? '')));
  const keyed = names.filter((one) => /^[A-Za-z_]\w*$/.test(one) && !ledger.mayBeArray(one));
  return new Map([...variables, ...keyed.map((one) => [textKeys(one), ''] as const)]);
}
