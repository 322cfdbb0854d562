/** What a feature does, by which its functional criteria are chosen. */
export type Deed =
  | 'signup'
  | 'login'
  | 'reset'
  | 'create'
  | 'view'
  | 'search'
  | 'update'
  | 'delete'
  | 'mark'
  | 'share'
  | 'send'
  | 'upload'
  | 'download'
  | 'import'
  | 'export'
  | 'process'
  | 'pay'
  | 'refund'
  | 'book'
  | 'decide'
  | 'rate'
  | 'record'
  | 'schedule'
  | 'connect'
  | 'change'
  | 'converse'
  | 'use';

const words: Record<Deed, string> = {
  signup: 'register enrol enroll',
  login: 'login authenticate',
  reset: 'reset recover',
  create:
    'create add post publish write submit compose make draft enter define set open start build collect compile plan comment reply list-item shorten start',
  view: 'view see read browse list show display check look open get retrieve fetch access visit watch explore discover inspect preview compare return',
  search: 'search find filter sort lookup query match',
  update:
    'update edit change modify rename reschedule postpone extend renew customise customize configure adjust move reorder restore manage tag categorise categorize organise organize label',
  mark: 'mark complete cancel close resolve pause archive toggle activate deactivate finish reopen lock unlock suspend',
  delete: 'delete remove clear erase unfollow leave',
  share: 'share invite assign delegate grant collaborate follow join transfer-ownership add-member forward',
  send: 'send notify email remind alert message text chat broadcast announce contact warn',
  upload: 'upload attach submit-file drop',
  download: 'download stream play serve',
  import: 'import sync ingest scrape crawl',
  export: 'export print',
  process:
    'convert resize crop merge join-files combine extract compress calculate compute evaluate generate summarise summarize translate analyse analyze transcribe recommend predict detect classify suggest validate verify parse compile-code run execute format scan render encode decode transform optimise optimize count plot chart draw',
  pay: 'pay buy purchase subscribe checkout donate order charge sell bid',
  refund: 'refund withdraw transfer reimburse pay-out',
  book: 'book reserve rent borrow schedule-appointment',
  decide: 'approve reject accept decline moderate ban block review confirm sign flag',
  rate: 'rate vote like score review-item upvote downvote react rank',
  record: 'track record log monitor measure store save keep persist bookmark remember append',
  schedule: 'schedule automate run-nightly repeat',
  connect: 'connect integrate link pair embed install',
  change:
    'fix correct refactor upgrade improve speed migrate support bump tidy rework simplify redesign replace implement switch disable hide',
  converse: 'converse',
  use: 'use play-game practise practice learn try solve take answer work',
};

const deeds = new Map<string, Deed>(
  (Object.entries(words) as [Deed, string][]).flatMap(([deed, list]) =>
    list.split(/\s+/).map((word) => [word, deed] as const),
  ),
);

const twoWords: readonly (readonly [RegExp, Deed])[] = [
  [
    /^(sign|log)(s|ed|ing|ged|ging)?[- ]?up\b|^(create|creates|open|make|register|have)( for)? (an? |their |user |new )*accounts?\b|^register\b/i,
    'signup',
  ],
  [/^(sign|log)(s|ed|ing|ged|ging)?[- ]?(in|on|out|off)\b|^authenticate\b/i, 'login'],
  [/^(reset|recover|change|forg[eo]t)\w* (\w+ )?password/i, 'reset'],
  [/^(add|leave|write|post|give)s? (an? )?(rating|vote|review|star)/i, 'rate'],
  [/^book (an?|the|their|new) /i, 'book'],
  [/^(place|make)s? (an? )?order/i, 'pay'],
  [/^(make|take)s? (an? )?(booking|reservation|appointment)/i, 'book'],
  [/^(make|take)s? (an? )?payment/i, 'pay'],
  [
    /^(get|receive)s? (an? |the |daily |weekly )*(notifi|remind|alert|e-?mail|digest|sms|text|push|message|confirm)/i,
    'send',
  ],
  [/^look(s|ing)? up\b/i, 'search'],
  [/^check(s|ing)? out\b/i, 'pay'],
  [/^(chat|talk|speak)s? (with|to) .*\b(bot|assistant|agent|model|llm|ai)\b/i, 'converse'],
  [/^rate[- ]?limits?\b/i, 'change'],
  [/^(add|put)s? .* (to|into) (a |the |their )?(shopping )?(cart|basket)/i, 'create'],
];

/** Base forms that an inflected word may have, the word itself first. */
export function stem(word: string): string[] {
  const lower = word.toLowerCase();
  const forms = [lower];
  if (/ies$/.test(lower)) forms.push(`${lower.slice(0, -3)}y`);
  if (/es$/.test(lower)) forms.push(lower.slice(0, -2));
  if (/s$/.test(lower)) forms.push(lower.slice(0, -1));
  if (/ing$/.test(lower)) forms.push(lower.slice(0, -3), `${lower.slice(0, -3)}e`, lower.slice(0, -4));
  if (/ed$/.test(lower)) forms.push(lower.slice(0, -2), lower.slice(0, -1), lower.slice(0, -3));
  return forms;
}

/** The base form of a known verb and what it does. */
export function verbOf(phrase: string): { base: string; deed: Deed } | undefined {
  const first = /^[\p{L}-]+/u.exec(phrase)?.[0] ?? '';
  const base = stem(first).find((form) => deeds.has(form));
  const special = twoWords.find(([pattern]) => pattern.test(phrase))?.[1];
  if (special) return { base: base ?? first.toLowerCase(), deed: special };
  if (base === undefined) return undefined;
  const deed = deeds.get(base);
  return deed === undefined ? undefined : { base, deed };
}
