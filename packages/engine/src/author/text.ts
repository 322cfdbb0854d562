import { findInvisible } from '@ambit/core/text';

/** Longest piece of a prompt that is carried into a document. */
const PIECE_LIMIT = 160;

/**
 * Prompt text without control, direction and other invisible characters, lines kept.
 * SECURITY: what a reader cannot see must not reach a document that instructs a model; held by text.test.ts.
 */
export function clean(text: string): string {
  const visible = text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/g, ' ')
    .replaceAll('\t', ' ')
    .replaceAll(/\p{Cs}/gu, '');
  const hidden = findInvisible(visible);
  if (hidden.length === 0) return visible;
  return visible.replaceAll(/[\p{Cf}\p{Co}\u{e0000}-\u{e007f}\u115f\u1160\u3164\uffa0]/gu, '');
}

/** One line without characters that Markdown, HTML or a spec's own marks would read as structure. */
export function unmarked(text: string, limit = PIECE_LIMIT): string {
  const flat = clean(text)
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[`*_~|\\]/g, ' ')
    .replaceAll('[', '(')
    .replaceAll(']', ')')
    .replaceAll('<', '‹')
    .replaceAll('>', '›')
    .replaceAll('{', '(')
    .replaceAll('}', ')')
    .replaceAll('#', '')
    // In parentheses it would be the reference of a task.
    .replaceAll(/[(（]\s*(req[^()（）]*\d[^()（）]*)[)）]/gi, '$1')
    .replaceAll(/\s+/g, ' ')
    .trim();
  if (flat.length <= limit) return flat;
  const cut = flat.slice(0, limit);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), limit - 30)).replaceAll(/\p{Cs}/gu, '')}…`;
}

/** As `unmarked`, and without the capitals by which a document's own criteria and open points are found. */
export function inline(text: string, limit = PIECE_LIMIT): string {
  return unmarked(text, limit).replaceAll(/\b(?:SHALL|WHEN|IF|THEN|WHILE|WHERE|TODO|TBD|FIXME)\b/gu, (word) =>
    word.toLowerCase(),
  );
}

/** Folder name of a spec: lower-case ASCII words; undefined when the text has none. */
export function slugOf(text: string): string | undefined {
  const words = text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .split(/[^a-z0-9-]+/)
    .filter((word) => word && !stopWords.has(word))
    .map((word) => word.replaceAll(/-+/g, '-').replaceAll(/^-|-$/g, ''))
    .filter(Boolean);
  const slug = words.slice(0, 5).join('-').slice(0, 48).replace(/-+$/, '');
  return /[a-z]/.test(slug) ? slug : undefined;
}

const stopWords = new Set(
  'a an the of for to and or in on with that which where who can be is are by from as at it its their our my your'.split(
    ' ',
  ),
);

/** Quotation marks beside a word, and stray ones: what stands between two of them is no part of a sentence to EARS. */
const quotes = /(?<![\p{L}\p{N}])['"‘’“”]|['"‘’“”](?![\p{L}\p{N}])/gu;

/** A piece of a prompt as part of a criterion: without the words and marks by which EARS finds its parts. */
export function phrase(text: string, limit = 100): string {
  const plain = text.replaceAll(
    /\b(?:shall|must|should|will|would|when|whenever|while|where|if|then|for all|unless)\b/giu,
    ' ',
  );
  // The apostrophe of `patients' results` is none of them.
  const kept = plain
    .replaceAll(/(?<=\p{L}s)['’](?=\s\p{L})/gu, '\uE000')
    .replaceAll(quotes, ' ')
    .replaceAll('\uE000', '’');
  return inline(kept, limit).replaceAll(/\s+([,.;:!?)])/gu, '$1');
}

/** Eight hexadecimal digits that tell names apart (FNV-1a); no guard against anybody. */
export function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function article(noun: string): string {
  if (/^(an?|the|each|every|all|any|some|no|one|two|another|other|his|her|its|their|own) /i.test(noun)) return noun;
  const an = /^([aeio]|u(?!ni|se|s\b|r[il]|ti)|hour|honest|heir|sms|sql|mp|rss|x-?ray|f[a-z]? )/i.test(noun);
  return `${an ? 'an' : 'a'} ${noun}`;
}

const irregular: Record<string, string> = {
  people: 'person',
  children: 'child',
  men: 'man',
  women: 'woman',
  movies: 'movie',
  cookies: 'cookie',
  series: 'series',
  news: 'news',
  status: 'status',
  address: 'address',
  business: 'business',
  classes: 'class',
  access: 'access',
  progress: 'progress',
  analytics: 'analytics',
  statistics: 'statistics',
  sms: 'sms',
  gps: 'gps',
  rss: 'rss',
  aws: 'aws',
  css: 'css',
  process: 'process',
  canvas: 'canvas',
  bus: 'bus',
  expenses: 'expense',
  houses: 'house',
  courses: 'course',
  licenses: 'license',
  responses: 'response',
  purchases: 'purchase',
  databases: 'database',
  warehouses: 'warehouse',
  invoices: 'invoice',
};

function singularWord(word: string): string {
  const lower = word.toLowerCase();
  const known = irregular[lower];
  if (known) return word === lower ? known : capitalise(known);
  if (/zzes$/i.test(word)) return word.slice(0, -3);
  if (/ies$/i.test(word) && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(?:[rn]ses|[^i]ases|oses|[oa]uses)$/i.test(word) && !/(?:gas|canvas|atlas)es$/i.test(word))
    return word.slice(0, -1);
  if (/(ses|xes|zes|ches|shes)$/i.test(word)) return word.slice(0, -2);
  if (/s$/i.test(word) && !/(ss|us|is)$/i.test(word)) return word.slice(0, -1);
  return word;
}

/** Singular of a noun phrase's head: the last word before a preposition. */
export function singular(phrase: string): string {
  const match = /^(.*?)((?: (?:of|for|with|from|to|in|on|by|about|between|per|as|at|and|or|that|which)\b.*)?)$/su.exec(
    phrase,
  );
  const words = (match?.[1] ?? phrase).split(' ');
  words.push(singularWord(words.pop() ?? ''));
  return words.join(' ') + (match?.[2] ?? '');
}

export function plural(noun: string): string {
  if (/s$/i.test(noun) && !/(ss|us|is)$/i.test(noun)) return noun;
  const back = Object.entries(irregular).find(([, one]) => one === noun)?.[0];
  if (back) return back;
  if (/[^aeiou]y$/i.test(noun)) return `${noun.slice(0, -1)}ies`;
  if (/[^z]z$/i.test(noun)) return `${noun}zes`;
  if (/(s|x|z|ch|sh)$/i.test(noun)) return `${noun}es`;
  return `${noun}s`;
}
