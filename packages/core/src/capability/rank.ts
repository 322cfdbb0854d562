import type { CriteriaCatalog, Criterion } from '../catalog/criterion.ts';
import type { Weakness } from '../catalog/experience.ts';
import type { Cue, Detection } from './detect.ts';
import { quoteOf } from './detect.ts';
import { strongest } from './experience.ts';

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
/** Highest weight of a criterion. */
const WEIGHT = 5;

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

/** By the cues alone: weight times relevance, each topic once before any topic twice. */
function byCues(detection: Detection, catalog: CriteriaCatalog, level: number): Raised[] {
  const rest = candidates(detection, level);
  const topics = new Map<string, number>();
  const used = new Map<string, number>();
  const raised: Raised[] = [];
  const scoreOf = (entry: Candidate) =>
    entry.criterion.weight *
    entry.relevance *
    SAME_TOPIC ** (topics.get(catalog.topicOf(entry.criterion.cwe[0] ?? '')) ?? 0) *
    SAME_CAPABILITY ** (used.get(entry.capability) ?? 0);
  while (rest.length > 0 && raised.length < RAISED_LIMIT) {
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

const carries = ({ like }: Weakness, criterion: Criterion) => criterion.cwe.some((id) => like.has(id));
const chance = (odds: number) => 1 / (1 + Math.exp(-odds));

/**
 * Weighs the cues against what the words of the text say: a criterion that only a faint cue speaks for is left out where no
 * weakness of its is likely, and one that no cue found is raised where the words alone make it likely.
 */
function byExperience(raised: readonly Raised[], detection: Detection, catalog: CriteriaCatalog, level: number) {
  const { evidence } = detection;
  const { experience } = catalog;
  if (!evidence || !experience) return [...raised];
  const odds = experience.weaknesses.map((weakness, index) => {
    const cued = raised.reduce((top, one) => (carries(weakness, one.criterion) ? Math.max(top, one.score) : top), 0);
    return (evidence.odds[index] ?? 0) + weakness.cue * Math.min(1, cued / WEIGHT);
  });
  const kept = evidence.sure
    ? raised.filter(({ criterion }) => {
        const known = experience.weaknesses.flatMap((weakness, i) =>
          carries(weakness, criterion) ? (odds[i] ?? 0) : [],
        );
        return known.length === 0 || Math.max(...known) >= experience.drop;
      })
    : [...raised];
  for (const [index, weakness] of experience.weaknesses.entries()) {
    const criterion = catalog.criterion(weakness.raises);
    if (!criterion || criterion.level > level || (odds[index] ?? 0) < experience.raise) continue;
    if (kept.some((one) => carries(weakness, one.criterion))) continue;
    const statement = strongest(evidence, experience, index);
    if (!statement) continue;
    const capability = criterion.id.replace(/\/.*$/, '');
    const cue = { quote: quoteOf(statement.text, 0), line: statement.line };
    kept.push({ criterion, capability, rank: 0, score: criterion.weight * chance(odds[index] ?? 0), cue });
  }
  return kept;
}

/** Orders the criteria of what was detected. Deterministic: equal scores keep the order of the catalogue. */
export function rank(detection: Detection, catalog: CriteriaCatalog, options: RankOptions = {}): Raised[] {
  const level = options.level ?? 3;
  return byExperience(byCues(detection, catalog, level), detection, catalog, level)
    .sort((a, b) => b.score - a.score)
    .slice(0, options.limit ?? RAISED_LIMIT)
    .map((one, index) => ({ ...one, rank: index + 1 }));
}
