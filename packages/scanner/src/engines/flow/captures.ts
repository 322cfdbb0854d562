import { ALL_BITS } from './models.ts';
import { joinTaints, type Taint, type Value } from './value.ts';

/** A group that keeps what it takes; groups inside it are looked at by themselves. */
const GROUP = /\((?!\?)(?:\?<\w+>)?((?:\\.|[^()\\])*)\)/g;
/** Letters, digits, `_` and `-` alone: no path, address, statement or markup is made of them. */
const HARMLESS = /^(?:(?:\\[dw]|\[(?:\\[dw]|[\w-])+\]|[\w|-])(?:[+*?]|\{\d+,?\d*\})?\??)+$/;

/** Whether everything that an expression takes out of a text is harmless: all of its groups, or all of it where it has none. */
function takesHarmless(pattern: string): boolean {
  const groups = [...pattern.matchAll(GROUP)].map(([, inside = '']) => inside);
  const opened = pattern.replaceAll(/\\.|\[(?:\\.|[^\]\\])*\]/g, '').match(/\((?!\?[:=!]|\?<[=!])/g)?.length ?? 0;
  if (opened !== groups.length) return false;
  const parts = groups.length > 0 ? groups : [pattern.replace(/^\^/, '').replace(/\$$/, '')];
  return parts.every((part) => HARMLESS.test(part));
}

/** `text.match(regex)` and `regex.exec(text)`: pieces of the text, whatever they are called. */
export function captured(text: readonly Taint[] | undefined, regex: Value['regex']): Value {
  if (text === undefined) return { keyLike: true };
  if (regex === undefined || !takesHarmless(regex.pattern)) return { keyLike: true, taint: text };
  const taint = joinTaints(
    undefined,
    text.map((each) => ({ ...each, clean: each.clean | ALL_BITS })),
  );
  return { keyLike: true, ...(taint === undefined ? {} : { taint }) };
}
