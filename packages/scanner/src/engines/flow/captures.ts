import { ALL_BITS } from './models.ts';
import { cleaned, type Taint, type Value } from './value.ts';

/** Letters, digits, `_` and `-` alone: no path, address, statement or markup is made of them. */
const HARMLESS = /^(?:(?:\\[dw]|\[(?:\\[dw]|[\w-])+\]|[\w|-])(?:[+*?]|\{\d+,?\d*\})?\??)+$/;
/** A group that is kept, without groups in it. */
const GROUP = /\((?:\?<\w+>)?((?:\\.|\[(?:\\.|[^\]\\])*\]|[^()\\[])*)\)/g;
const OPENS = /\\.|\[(?:\\.|[^\]\\])*\]|\((?!\?[:=!]|\?<[=!])/g;

/** What each group of an expression may take, in order; undefined where one stands in another. */
function groupsOf(pattern: string): string[] | undefined {
  const kept = [...pattern.matchAll(GROUP)].filter(([whole]) => !/^\(\?(?:[:=!]|<[=!])/.test(whole));
  const opened = (pattern.match(OPENS) ?? []).filter((each) => each === '(').length;
  return kept.length === opened ? kept.map(([, inside = '']) => inside) : undefined;
}

/**
 * `text.match(regex)` and `regex.exec(text)`: the piece that was found, and the groups of it, each of which is harmless where it
 * takes nothing but harmless characters. With `g`, `match` gives all pieces and no groups.
 */
export function captured(taint: readonly Taint[] | undefined, regex: Value['regex'], all: boolean): Value {
  if (taint === undefined) return { keyLike: true };
  const piece: Value = { keyLike: true, taint };
  if (regex === undefined) return piece;
  const bare = regex.pattern.replace(/^\^/, '').replace(/\$$/, '');
  if (HARMLESS.test(bare)) return cleaned(piece, ALL_BITS);
  const groups = all ? undefined : groupsOf(regex.pattern);
  if (groups === undefined) return piece;
  const props = new Map(
    groups.flatMap((inside, i) =>
      HARMLESS.test(inside)
        ? [[String(i + 1), cleaned({ kind: 'string', keyLike: true, taint }, ALL_BITS)] as const]
        : [],
    ),
  );
  return props.size === 0 ? piece : { ...piece, props };
}
