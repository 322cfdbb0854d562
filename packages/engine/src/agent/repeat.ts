import { createHash } from 'node:crypto';
import type { CallPart, ResultPart } from '../providers/model.ts';

/** Longest cycle of turns that is recognised: A B C D A B C D … */
const longestCycle = 4;
const warnAt = 3;
const stopAt = 8;

export type Repetition = 'none' | 'warn' | 'stop';

/** Watches for turns that do the same and learn the same. Holds a few hashes, however long the session. */
export interface RepetitionWatch {
  see: (calls: readonly CallPart[], results: readonly ResultPart[]) => Repetition;
}

function signature(calls: readonly CallPart[], results: readonly ResultPart[]): string {
  const hash = createHash('sha256');
  for (const call of calls) hash.update(`${call.name}\0${call.arguments}\0`);
  for (const result of results) hash.update(`${result.text}\0`);
  return hash.digest('base64');
}

/** How often the newest `length` entries repeat without a gap, up to now. */
function repeats(seen: readonly string[], length: number): number {
  let count = 1;
  for (let end = seen.length - length; end >= length; end -= length) {
    for (let i = 0; i < length; i += 1) if (seen[end - length + i] !== seen[seen.length - length + i]) return count;
    count += 1;
  }
  return count;
}

export function watchRepetition(): RepetitionWatch {
  const seen: string[] = [];
  return {
    see: (calls, results) => {
      seen.push(signature(calls, results));
      if (seen.length > longestCycle * stopAt) seen.shift();
      let most = 1;
      for (let length = 1; length <= longestCycle; length += 1) most = Math.max(most, repeats(seen, length));
      return most >= stopAt ? 'stop' : most >= warnAt ? 'warn' : 'none';
    },
  };
}

export const repetitionWarning =
  '(the same call with the same result again: change the approach, or say what is in the way)';
