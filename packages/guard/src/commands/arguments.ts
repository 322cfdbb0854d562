import type { Option, Shape } from './knowledge.ts';

/** One option as found: its description and value. */
export interface Found {
  option: Option;
  value?: string;
}

export interface Arguments {
  operands: string[];
  found: Found[];
  /** Commands inside the arguments (`find -exec … ;`). */
  commands: string[][];
  /** Options that are not described. */
  unknown: string[];
}

/** Splits a program's arguments by what is known of its options. GNU habits: clusters, `--name=value`, abbreviations. */
export function readArguments(
  given: readonly string[],
  shape: Pick<Shape, 'options' | 'raw' | 'runs' | 'bareOptions'>,
): Arguments {
  const out: Arguments = { operands: [], found: [], commands: [], unknown: [] };
  const options = shape.options ?? [];
  const bare = shape.bareOptions && given[0] !== undefined && !given[0].startsWith('-');
  const words = bare ? [`-${given[0]}`, ...given.slice(1)] : given;
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? '';
    if (shape.raw || word === '-' || !word.startsWith('-')) {
      // A wrapper's options end where its command begins.
      if (shape.runs) return { ...out, operands: [...out.operands, ...words.slice(i)] };
      out.operands.push(word);
      continue;
    }
    if (word === '--') return { ...out, operands: [...out.operands, ...words.slice(i + 1)] };
    i += word.startsWith('--') ? readLong(words, i, options, out) : readShort(words, i, options, out);
  }
  return out;
}

/** Words up to `;` or `+`, the command of `-exec`; returns how many words were used. */
function readCommand(words: readonly string[], at: number, out: Arguments): number {
  const rest = words.slice(at + 1);
  const end = rest.findIndex((word) => word === ';' || word === '+');
  out.commands.push(end < 0 ? rest : rest.slice(0, end));
  return end < 0 ? rest.length : end + 1;
}

function readLong(words: readonly string[], at: number, options: readonly Option[], out: Arguments): number {
  const word = words[at] ?? '';
  const equals = word.indexOf('=');
  const name = equals < 0 ? word : word.slice(0, equals);
  const option =
    options.find(({ names }) => names.includes(name)) ??
    options.find(({ names }) => name.length > 3 && names.some((one) => one.startsWith(name)));
  if (!option) {
    out.unknown.push(word);
    return 0;
  }
  return take(option, equals < 0 ? undefined : word.slice(equals + 1), words, at, out);
}

function readShort(words: readonly string[], at: number, options: readonly Option[], out: Arguments): number {
  const word = words[at] ?? '';
  const whole = options.find(({ names }) => names.includes(word));
  if (whole) return take(whole, undefined, words, at, out);
  for (let i = 1; i < word.length; i += 1) {
    const option = options.find(({ names }) => names.includes(`-${word[i]}`));
    if (!option) {
      out.unknown.push(i === 1 ? word : `-${word[i]}`);
      continue;
    }
    const rest = word.slice(i + 1).replace(/^=/, '');
    if (option.takes) return take(option, rest === '' ? undefined : rest, words, at, out);
    take(option, undefined, words, at, out);
  }
  return 0;
}

function take(
  option: Option,
  joined: string | undefined,
  words: readonly string[],
  at: number,
  out: Arguments,
): number {
  if (option.command) {
    out.found.push({ option });
    return readCommand(words, at, out);
  }
  if (!option.takes || joined !== undefined || option.joined) {
    out.found.push({ option, ...(joined === undefined ? {} : { value: joined }) });
    return 0;
  }
  const value = words[at + 1];
  out.found.push({ option, ...(value === undefined ? {} : { value }) });
  return 1;
}
