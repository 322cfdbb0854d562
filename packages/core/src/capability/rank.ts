import type { CriteriaCatalog, Criterion } from '../catalog/criterion.ts';
import type { Cue, Detection } from './detect.ts';

/** A criterion that the catalogue raises for a text. `rank` starts at 1. */
export interface Raised {
  criterion: Criterion;
  capability: string;
  rank: number;
  score: number;
  cue: Cue;
}

export interface RankOptions {
  /** At most this many; what a person can decide on in one sitting. */
  limit?: number;
  /** Criteria above this ASVS level are left out. */
  level?: number;
}

export const RAISED_LIMIT = 30;
/** A second criterion of a topic counts this much of its score, a third the square of it. */
const SAME_TOPIC = 0.6;
const SAME_CAPABILITY = 0.9;
/** Below this share of the first score a criterion is noise rather than advice. */
const FLOOR = 0.2;

interface Candidate {
  criterion: Criterion;
  capability: string;
  relevance: number;
  cue: Cue;
}

function candidates(detection: Detection, level: number): Candidate[] {
  return detection.capabilities.flatMap(({ capability, relevance, cue }) =>
    capability.criteria
      .filter((criterion) => criterion.level <= level)
      .filter((criterion) => !criterion.needs || criterion.needs.some((need) => detection.contexts.has(need)))
      .map((criterion) => ({ criterion, capability: capability.id, relevance, cue })),
  );
}

/**
 * Orders the criteria of what was detected: weight times relevance, each topic once before any topic twice. Deterministic:
 * equal scores keep the order of the catalogue.
 */
export function rank(detection: Detection, catalog: CriteriaCatalog, options: RankOptions = {}): Raised[] {
  const rest = candidates(detection, options.level ?? 3);
  const topics = new Map<string, number>();
  const used = new Map<string, number>();
  const raised: Raised[] = [];
  const scoreOf = (entry: Candidate) =>
    entry.criterion.weight *
    entry.relevance *
    SAME_TOPIC ** (topics.get(catalog.topicOf(entry.criterion.cwe[0] ?? '')) ?? 0) *
    SAME_CAPABILITY ** (used.get(entry.capability) ?? 0);
  while (rest.length > 0 && raised.length < (options.limit ?? RAISED_LIMIT)) {
    let best = 0;
    let score = -1;
    for (const [index, entry] of rest.entries()) {
      const value = scoreOf(entry);
      if (value > score) [best, score] = [index, value];
    }
    const entry = rest.splice(best, 1)[0];
    if (!entry || score < FLOOR * (raised[0]?.score ?? 0)) break;
    const topic = catalog.topicOf(entry.criterion.cwe[0] ?? '');
    topics.set(topic, (topics.get(topic) ?? 0) + 1);
    used.set(entry.capability, (used.get(entry.capability) ?? 0) + 1);
    raised.push({ ...entry, rank: raised.length + 1, score });
  }
  return raised;
}
