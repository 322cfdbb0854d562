/** What people mean who only name a kind of app: the sentences they leave out. First match wins. */
const archetypes: readonly (readonly [RegExp, readonly string[]])[] = [
  [
    /\b(url|link) ?shortener\b|\bshort links?\b/i,
    ['users shorten a link', 'visitors open a short link', 'users delete a short link'],
  ],
  [
    /\b(chat|messaging|messenger)( app| application| room| system)?\b/i,
    ['users send a message to other users', 'users view a conversation', 'users search messages'],
  ],
  [
    /\b(twitter|instagram|facebook|reddit|social (network|media))( clone| app)?\b/i,
    [
      'users register an account',
      'users create a post',
      'users view a feed',
      'users comment on posts',
      'users follow a person',
    ],
  ],
  [
    /\b(e-?commerce|online (store|shop)|web ?shop|store ?front|shop)\b/i,
    [
      'customers search products',
      'customers add products to a cart',
      'customers pay for an order',
      'admins edit a product',
    ],
  ],
  [
    /\bmarket ?place\b/i,
    [
      'sellers create a listing',
      'buyers search listings',
      'buyers pay for an order',
      'users send a message to a seller',
    ],
  ],
  [/\bblog\b/i, ['authors create a post', 'authors edit a post', 'readers view a post', 'readers comment on posts']],
  [
    /\b(forum|message board|q ?& ?a)\b/i,
    ['users create a post', 'users comment on posts', 'users search posts', 'moderators delete a post'],
  ],
  [
    /\bwiki\b|\bknowledge base\b/i,
    ['users create a page', 'users edit a page', 'users view a page', 'users search pages'],
  ],
  [
    /\b(poll|survey|voting)( app| tool| site)?\b/i,
    ['users create a poll', 'voters vote in a poll', 'users view a result'],
  ],
  [/\bquiz\b|\btrivia\b/i, ['teachers create a quiz', 'players answer a question', 'players view a score']],
  [
    /\b(calendar|scheduling|scheduler|booking|reservation|appointment)( app| system| tool| site)?\b/i,
    ['users view a calendar', 'users book an appointment', 'users cancel an appointment'],
  ],
  [
    /\b(job board|recruiting)\b/i,
    [
      'employers create a job',
      'candidates search jobs',
      'candidates submit an application',
      'employers view an application',
    ],
  ],
  [
    /\b(crm|customer relation)/i,
    ['users create a contact', 'users edit a contact', 'users search contacts', 'users record a call'],
  ],
  [
    /\b(kanban|trello|project management|issue tracker|bug tracker)\b/i,
    ['users create a task', 'users move a task', 'users assign a task to a person', 'users view a board'],
  ],
  [
    /\b(password manager|vault)\b/i,
    ['users register an account', 'users store a secret', 'users view a secret', 'users share a secret with a person'],
  ],
  [
    /\b(file (sharing|storage|hosting)|dropbox|drive)\b/i,
    ['users upload a file', 'users download a file', 'users share a file with a person', 'users delete a file'],
  ],
  [
    /\b(photo|image) (gallery|sharing|album)\b|\bportfolio\b/i,
    ['owners upload a photo', 'visitors view a photo', 'owners delete a photo'],
  ],
  [/\bpaste ?bin\b|\bpaste\b/i, ['users create a paste', 'visitors view a paste', 'users delete a paste']],
  [
    /\bchat ?bot\b|\bai assistant\b/i,
    ['users send a question to the assistant', 'users view a conversation', 'users report a bad answer'],
  ],
  [/\bcalculator\b/i, ['users calculate the value of an expression']],
  [/\bconverter\b/i, ['users convert a value']],
  [/\bweather\b/i, ['users search places', 'users view a forecast']],
  [
    /\b(newsletter|mailing list)\b/i,
    ['readers subscribe to a newsletter', 'editors send an issue to subscribers', 'readers cancel a subscription'],
  ],
  [/\bleader ?board\b|\bhigh ?scores?\b/i, ['players record a score', 'players view a leaderboard']],
  [/\b(landing page|home ?page|about page)\b/i, ['visitors view a page']],
  [/\bgame\b/i, ['players start a game', 'players make a move', 'players view a score']],
];

/** Sentences that stand for a prompt without a deed of its own; empty when the kind of app is not known. */
export function archetypeOf(prompt: string): string {
  return archetypes.find(([pattern]) => pattern.test(prompt))?.[1].join('. ') ?? '';
}
