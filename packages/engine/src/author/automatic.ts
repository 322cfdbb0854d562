import { inline, phrase, plural } from './text.ts';
import { stem } from './verbs.ts';

/**
 * How a program does something of itself: `receive` what others send, `pull` what it goes for, `tell` somebody, `start`
 * something, or `work` on what it is given.
 */
export type Automatic = 'receive' | 'pull' | 'tell' | 'start' | 'work';

export interface AutomaticDeed {
  kind: Automatic;
  verb: string;
  rest: string;
  /** The condition it waits for, as written; absent where the text names none. */
  when?: string;
}

const words: Record<Automatic, string> = {
  receive: 'collect receive consume listen accept gather capture',
  pull: 'load ingest fetch poll import pull scrape crawl sync read download mirror',
  tell: 'alert notify send post publish forward push email message warn report announce',
  start: 'trigger start run deploy launch restart invoke call schedule',
  work: 'convert transform deduplicate dedupe merge parse validate print summarise summarize aggregate compress resize filter sort enrich clean normalise normalize calculate compute generate render check compare classify detect predict translate encode decode split format lint scan remove delete archive rotate route map join count group index store save write export upload extract analyse analyze monitor watch track rename update move copy tag label backup restore replace',
};
const kinds = new Map<string, Automatic>(
  (Object.entries(words) as [Automatic, string][]).flatMap(([kind, list]) =>
    list.split(' ').map((word) => [word, kind] as const),
  ),
);

/** Programs that nobody sits in front of; an app or a site is used by people. */
const machine =
  'gateway|pipeline|worker|job|daemon|service|endpoint|function|lambda|agent|script|cron job|scheduler|crawler|scraper|consumer|producer|bridge|proxy|exporter|importer|collector|listener|handler|hook|webhook|bot|cli|command[- ]line tool|tool|library|package|module|parser|converter|command|action|integration|connector|device|firmware|controller|utility|program|process|sdk|middleware';
const itself = new RegExp(
  `^(?:.{0,40}?\\b(?:an?|the|our|my)\\s+)?((?:[\\p{L}\\d/+.-]+\\s+){0,5}?(?:${machine})s?)(?:\\s+[\\p{L}\\d-]+){0,3}?\\s+(?:(?:that|which)\\s+(?:can |should |will |must |also |automatically )*|to\\s+)([\\p{L}-]+\\s.+)$`,
  'iu',
);

function known(text: string): { kind: Automatic; verb: string } | undefined {
  const first = /^[\p{L}-]+/u.exec(text)?.[0] ?? '';
  for (const verb of stem(first)) {
    const kind = kinds.get(verb);
    if (kind) return { kind, verb };
  }
  return undefined;
}

const condition = /^(.+?),?\s+(?:when|whenever|if|once|as soon as|every time)\s+(.+)$/iu;

/** One deed by its phrase, `collect readings from sensors`; undefined when its verb is none that programs do alone. */
export function automaticDeed(text: string): AutomaticDeed | undefined {
  const found = known(text);
  if (!found) return undefined;
  const rest = text.replace(/^\S+\s*/u, '');
  const match = condition.exec(rest);
  return {
    ...found,
    rest: phrase(match?.[1] ?? rest),
    ...(match?.[2] ? { when: phrase(match[2].replace(/^(?:there is|there are)\s+/iu, '')) } : {}),
  };
}

/** What `a gateway that collects readings and alerts operators` does, deed by deed; empty where people do it. */
export function automaticDeeds(sentence: string): AutomaticDeed[] {
  const match = itself.exec(sentence);
  const tail = match?.[2];
  if (!match || !tail || !known(tail)) return [];
  const parts = tail.split(/\s*(?:,\s*(?:and |then )?|\s+and\s+(?:then\s+)?)(?=([\p{L}-]+))/u);
  const found: string[] = [];
  for (let i = 0; i < parts.length; i += 2) {
    const part = (parts[i] ?? '').trim();
    const last = found.at(-1);
    // Only a word in the form of the first verb begins another deed: «converts CSV and JSON» is one.
    const again = known(part) && /s\b/u.test(/^[\p{L}-]+/u.exec(part)?.[0] ?? '') === /^[\p{L}-]+s\b/u.test(tail);
    if (last === undefined || again) found.push(part);
    else found[found.length - 1] = `${last}${sentence.includes(` and ${part}`) ? ' and ' : ', '}${part}`;
  }
  const deeds = found.flatMap((text) => automaticDeed(text) ?? []);
  // `parse and validate calendar files`: both are about the files.
  for (let i = deeds.length - 2; i >= 0; i--) {
    const [one, next] = [deeds[i], deeds[i + 1]];
    if (one && next && one.rest === '') one.rest = next.rest;
  }
  return deeds;
}

/** When a program's run begins: `the nightly run`, `a run`. */
export function runOf(quote: string): string {
  const often = /\b(nightly|daily|hourly|weekly|monthly)\b/iu.exec(quote)?.[1]?.toLowerCase();
  return often ? `the ${often} run` : 'a run';
}

function occasionOf(quote: string): string {
  if (/\b(?:nightly|daily|hourly|weekly|monthly)\b/iu.test(quote)) return `${runOf(quote)} starts`;
  return /\b(?:every|each) (?:\w+ )?(?:hour|day|weekday|night|morning|evening|week|month|year|\w+day)\b/iu.test(quote)
    ? 'the set time comes'
    : 'there is something new to tell';
}

interface Said {
  deed: string;
  verb: string;
  /** Singular noun it is about; empty when none was found. */
  object: string;
  when?: string;
  quote: string;
}

/** What these are about is what comes out, not what is given. */
const makes = /^(?:print|generate|render|summari[sz]e|index|count|report)$/u;

/** Criteria for what a program does of itself. */
export const automaticCriteria: Record<Automatic, (said: Said) => string[]> = {
  receive: ({ object }) => {
    const thing = object || 'message';
    return [
      `WHEN ${an(thing)} arrives, THE System SHALL record it with its source and its time in UTC within 1 second.`,
      `IF ${an(thing)} does not match its documented schema, THEN THE System SHALL refuse it with a record of the fault.`,
      `IF the same ${thing} arrives twice, THEN THE System SHALL keep it once.`,
      `WHILE the store cannot be reached, THE System SHALL hold at most 10,000 ${plural(thing)} for storage in their order.`,
    ];
  },
  pull: ({ deed, object, quote }) => {
    const thing = object || 'entry';
    return [
      `WHEN ${runOf(quote)} starts, THE System SHALL ${deed}.`,
      `WHEN a run ends, THE System SHALL report how many ${plural(thing)} were read, stored and refused.`,
      `IF ${an(thing)} does not match its documented schema, THEN THE System SHALL keep it out of the target with its place and fault in the report.`,
      'IF the source does not answer within 30 seconds, THEN THE System SHALL try again at most 5 times at growing intervals.',
      `IF a run is repeated for the same data, THEN THE System SHALL store no ${thing} twice.`,
    ];
  },
  tell: ({ deed, when, quote }) => [
    `WHEN ${when ?? occasionOf(quote)}, THE System SHALL ${deed} within 60 seconds.`,
    'IF a delivery fails, THEN THE System SHALL try again at most 3 times at growing intervals.',
    'WHILE the same condition lasts, THE System SHALL send it at most once in 15 minutes.',
  ],
  start: ({ deed, when }) => [
    `WHEN ${when ?? 'an accepted event arrives'}, THE System SHALL ${deed} within 60 seconds.`,
    'IF an event is not on the list of accepted events, THEN THE System SHALL start nothing.',
    'IF the same event arrives twice, THEN THE System SHALL act on it once.',
    'IF what was started fails, THEN THE System SHALL record the failure with its cause.',
  ],
  work: ({ deed, object, when, verb }) => [
    `WHEN ${when ?? (object && !makes.test(verb) ? `${an(object)} is given` : 'the input was read')}, THE System SHALL ${deed}.`,
    'IF the input is damaged or of a kind that is not supported, THEN THE System SHALL end with an error that names its place and the reason.',
    'IF the work breaks off, THEN THE System SHALL leave no partial result behind.',
    'IF the same input is given twice, THEN THE System SHALL give the same result.',
  ],
};

const an = (noun: string) => (/^[aeio]|^u(?!ni|se|r[il])/iu.test(noun) ? `an ${noun}` : `a ${noun}`);

export const automaticBenefits: Record<Automatic, string> = {
  receive: 'nothing that arrives is lost',
  pull: 'the data is where it is needed without work by hand',
  tell: 'whoever must act knows in time',
  start: 'nobody has to start it by hand',
  work: 'the result comes without work by hand',
};

const ours = (text: string | undefined) => (text ?? '').replace(/^(?:our|my|their) /iu, 'the ');

const limited = /^(.+?) to (.+)$/iu;

/** Criteria of a change to what is there, from its verb and the words behind it; empty when its form is not known. */
/** What there must be less of when something is asked to be better. */
function lessOf(verb: string, what: string): string | undefined {
  if (/\b(?:faster|quicker|snappier)$/iu.test(what) || /^(?:speed|optimi[sz]e)$/u.test(verb)) return 'time';
  if (/\b(?:smaller|lighter|leaner)$/iu.test(what)) return 'space';
  if (/\bcheaper$/iu.test(what)) return 'money';
  if (!/^(?:reduce|cut|lower|improve|shorten)$/u.test(verb)) return undefined;
  const kind =
    /^(?:the )?(?:[\w-]+ )?(times?|latency|speed|performance|memory|usage|use|consumption|footprint|size)\b/iu.exec(
      what,
    );
  if (!kind || !/\bof\b/iu.test(what)) return undefined;
  if (/memory/iu.test(kind[0])) return 'memory';
  return /time|latency|speed|performance/iu.test(kind[0]) ? 'time' : 'space';
}

export function changeCriteria(verb: string, rest: string): string[] {
  const what = inline(rest, 200);
  const idle = /\bafter (\d+ \w+) (?:of )?(?:inactivity|without (?:activity|use))$/iu.exec(what);
  if (idle && /^(?:log|sign)$/u.test(verb))
    return [
      `WHEN a user did nothing for ${idle[1]}, THE System SHALL end the session.`,
      `WHILE a user is active at least once in ${idle[1]}, THE System SHALL keep the session.`,
    ];
  const less = lessOf(verb, what);
  if (less)
    return [`WHEN the same work is measured before and after the change, THE System SHALL take less ${less} after it.`];
  const fromTo = /^(?:the |our |my |their )?(.+?) from (.+?) to (.+)$/iu.exec(what);
  if (fromTo) return [`THE System SHALL use ${fromTo[3]} in place of ${fromTo[2]} as the ${fromTo[1]}.`];
  const value = /^(?:the |our |my |their )?([^\d]+?) to (\d.*)$/iu.exec(what);
  if (value && !/^(?:limit|cap)$/u.test(verb)) return [`THE System SHALL use ${value[2]} as the ${value[1]}.`];
  if (/^(?:rate|limit|cap|restrict)$/u.test(verb)) {
    const match = limited.exec(what.replace(/^limit /iu, ''));
    if (match && /\d/u.test(match[2] ?? ''))
      return [
        `IF a caller exceeds ${match[2]}, THEN THE System SHALL answer 429 with a Retry-After header.`,
        `WHILE a caller stays within ${match[2]}, THE System SHALL answer as before.`,
      ];
  }
  const place = /^(.+?) (?:in|on|at|from) ((?:the|our|every|each|all|my|their) .+)$/iu.exec(what);
  if (place && /^(?:show|display|highlight)$/u.test(verb))
    return [`WHEN ${ours(place[2])} is shown, THE System SHALL ${verb} ${place[1]} there.`];
  if (place && /^(?:hide|remove)$/u.test(verb))
    return [`WHEN ${ours(place[2])} is shown, THE System SHALL show it without ${place[1]}.`];
  if (verb === 'rename') {
    const match = /^(.+?) to (.+?)(?: (?:on|in|of|at) ((?:the|our|every|each|all) .+))?$/iu.exec(what);
    if (match) return [`WHEN ${match[3] ?? match[1]} is shown, THE System SHALL show ${match[1]} as “${match[2]}”.`];
  }
  if (verb === 'add') {
    const match = /^(.+?) (?:to|on|in) ((?:the|our|every|each|all|my|their) .+)$/iu.exec(what);
    if (match) return [`WHEN ${ours(match[2])} is open, THE System SHALL offer ${match[1]}.`];
  }
  return [];
}
