import { automaticBenefits, automaticCriteria, changeCriteria } from './automatic.ts';
import type { Feature } from './features.ts';
import { article, plural, singular } from './text.ts';
import type { Deed } from './verbs.ts';

/** Words a template may use; all inline and safe. */
export interface Words {
  /** `a customer` */
  Actor: string;
  /** `an order`, or `the requested record` when the prompt names none. */
  Thing: string;
  /** `order` */
  thing: string;
  things: string;
  /** The deed as written: `share a note with a team`. */
  deed: string;
  /** The condition it waits for, where the text names one. */
  when?: string;
}

export function wordsOf(feature: Feature): Words {
  const thing = feature.object || 'record';
  return {
    Actor: article(feature.actor),
    Thing: article(thing),
    thing,
    things: plural(thing),
    deed: phraseOf(feature),
    ...(feature.when ? { when: feature.when } : {}),
  };
}

/** `share a note with a team`: the verb and what follows, as one phrase. */
export function phraseOf(feature: Feature): string {
  if (feature.deed === 'signup') return 'create an account';
  if (feature.deed === 'login') return 'sign in';
  const whole = feature.object !== '' && singular(feature.rest).toLowerCase() === feature.object.toLowerCase();
  const rest = whole ? article(feature.object) : feature.rest;
  return `${feature.verb} ${rest}`.trim();
}

type Template = (w: Words) => string;

const missing: Template = (w) =>
  `IF a required field of the ${w.thing} is missing or not valid, THEN THE System SHALL answer with an error that names the field, leaving every stored ${w.thing} unchanged.`;
const notFound =
  (verb: string): Template =>
  (w) =>
    `IF the ${w.thing} to ${verb} does not exist, THEN THE System SHALL answer that it was not found.`;
const invalidChange: Template = (w) =>
  `IF a changed value of the ${w.thing} is not valid, THEN THE System SHALL answer with an error that names the value, keeping the ${w.thing} as it was.`;

const templates: Record<Deed, readonly Template[]> = {
  signup: [
    (w) =>
      `WHEN ${w.Actor} submits a sign-up with a valid email address and password, THE System SHALL create one account for that address.`,
    () =>
      'WHEN an account was created, THE System SHALL send a confirmation link to its email address within 60 seconds.',
    () => 'IF the confirmation link cannot be sent, THEN THE System SHALL offer to send it again.',
  ],
  login: [
    (w) => `WHEN ${w.Actor} signs in with the right credentials, THE System SHALL open a session for that account.`,
    () => 'IF the credentials are wrong, THEN THE System SHALL refuse the sign-in without naming which part was wrong.',
    (w) => `WHEN ${w.Actor} signs out, THE System SHALL end the session.`,
  ],
  reset: [
    (w) =>
      `WHEN ${w.Actor} asks for a password reset, THE System SHALL send a reset link to the address of the account within 60 seconds.`,
    (w) => `WHEN ${w.Actor} sets a new password through a valid reset link, THE System SHALL replace the old password.`,
    () =>
      'IF a reset link is used, expired or unknown, THEN THE System SHALL refuse it with a way to ask for a new one.',
  ],
  create: [
    (w) =>
      `WHEN ${w.Actor} submits ${w.Thing} with every required field, THE System SHALL store the ${w.thing} under a new identifier.`,
    (w) => `WHEN the ${w.thing} was stored, THE System SHALL show the stored values within 2 seconds.`,
    missing,
    (w) => `IF the same ${w.thing} is submitted twice within 10 seconds, THEN THE System SHALL store it once.`,
  ],
  view: [
    (w) => `WHEN ${w.Actor} opens ${w.Thing}, THE System SHALL show its current values within 2 seconds.`,
    (w) =>
      `WHEN ${w.Actor} opens the list of ${w.things}, THE System SHALL show at most 50 entries per page with the newest first.`,
    (w) => `WHILE there are no ${w.things}, THE System SHALL show a notice that says so.`,
    notFound('open'),
  ],
  search: [
    (w) =>
      `WHEN ${w.Actor} searches for ${w.things}, THE System SHALL list every ${w.thing} that matches all given terms, at most 50 per page.`,
    (w) => `IF no ${w.thing} matches, THEN THE System SHALL show an empty result with the terms that were used.`,
    () => 'IF a search term is empty, THEN THE System SHALL ask for a term.',
  ],
  update: [
    (w) =>
      `WHEN ${w.Actor} saves changed values of ${w.Thing}, THE System SHALL replace the stored values with the saved ones.`,
    (w) =>
      `IF the ${w.thing} was changed by somebody else since it was opened, THEN THE System SHALL refuse the change with the newer values.`,
    invalidChange,
    notFound('change'),
  ],
  mark: [
    (w) => `WHEN ${w.Actor} asks to ${w.deed}, THE System SHALL record the new state of the ${w.thing} with its time.`,
    (w) =>
      `WHEN the state of the ${w.thing} changed, THE System SHALL show the new state in every list within 2 seconds.`,
    (w) => `IF the ${w.thing} is in that state already, THEN THE System SHALL leave it as it is.`,
    (w) =>
      `IF the state of the ${w.thing} may not change any more, THEN THE System SHALL refuse it with an error that names the reason.`,
  ],
  delete: [
    (w) =>
      `WHEN ${w.Actor} confirms the deletion of ${w.Thing}, THE System SHALL remove the ${w.thing} from every list.`,
    (w) => `WHEN ${w.Actor} asks to delete ${w.Thing}, THE System SHALL ask for confirmation that names it.`,
    notFound('delete'),
  ],
  share: [
    (w) =>
      `WHEN ${w.Actor} asks to ${w.deed}, THE System SHALL give the named recipients access to that ${w.thing} alone.`,
    (w) =>
      `WHEN ${w.Actor} ends the sharing, THE System SHALL refuse the recipients' next request for that ${w.thing}.`,
    () => 'IF a recipient is unknown, THEN THE System SHALL answer with an error that names the recipient.',
  ],
  send: [
    (w) =>
      `WHEN ${w.when ?? `the condition to ${w.deed} is met`}, THE System SHALL reach each recipient once within 60 seconds.`,
    () => 'IF a delivery fails, THEN THE System SHALL try again at most 3 times at growing intervals.',
    () => 'WHERE a recipient has opted out, THE System SHALL send nothing to that recipient.',
  ],
  upload: [
    (w) =>
      `WHEN ${w.Actor} uploads a file of a listed type and size for ${w.Thing}, THE System SHALL store it with that ${w.thing}.`,
    () => 'WHILE an upload is running, THE System SHALL show its progress.',
    () => 'IF an upload breaks off, THEN THE System SHALL delete the partial file.',
    () =>
      'IF a file is of another type or too large, THEN THE System SHALL refuse it with an error that names the permitted types and sizes.',
  ],
  download: [
    (w) => `WHEN ${w.Actor} asks to ${w.deed}, THE System SHALL send the file with its length and type.`,
    () => 'IF the file does not exist, THEN THE System SHALL answer that it was not found.',
    () => 'IF a transfer breaks off, THEN THE System SHALL accept a request for the remaining part.',
  ],
  import: [
    (w) => `WHEN ${w.Actor} imports ${w.things}, THE System SHALL report the number of stored and refused entries.`,
    () => 'IF an entry is not valid, THEN THE System SHALL name its position and its fault in the report.',
    () => 'IF an import is run again with the same data, THEN THE System SHALL store no entry twice.',
  ],
  export: [
    (w) =>
      `WHEN ${w.Actor} asks to ${w.deed}, THE System SHALL deliver a file with one entry for each ${w.thing} within 30 seconds.`,
    (w) => `IF there are no ${w.things} to export, THEN THE System SHALL say so without making a file.`,
  ],
  process: [
    (w) => `WHEN ${w.Actor} asks to ${w.deed}, THE System SHALL return the result within 30 seconds.`,
    () =>
      'IF the input is damaged or of a kind that is not supported, THEN THE System SHALL answer with an error that names the reason.',
    () => 'IF the same input is given twice, THEN THE System SHALL return the same result.',
  ],
  pay: [
    (w) =>
      `WHEN ${w.Actor} confirms to ${w.deed}, THE System SHALL show the total with its currency before the charge.`,
    () => 'WHEN the payment provider confirms the payment, THE System SHALL mark the order as paid.',
    () => 'IF a payment fails or is cancelled, THEN THE System SHALL keep the order unpaid with a way to try again.',
  ],
  refund: [
    (w) =>
      `WHEN a permitted ${w.Actor.replace(/^an? /u, '')} confirms to ${w.deed}, THE System SHALL book the movement once with its reason.`,
    () =>
      'IF the amount exceeds what is available, THEN THE System SHALL refuse it with an error that names the available amount.',
  ],
  book: [
    (w) =>
      `WHEN ${w.Actor} asks to ${w.deed} at a free time, THE System SHALL reserve that time for ${w.Actor.replace(/^an? /u, 'this ')}.`,
    () => 'IF the time is already taken, THEN THE System SHALL refuse it with the next free times.',
    (w) => `WHEN ${w.Actor} cancels before the deadline, THE System SHALL free the reserved time.`,
    () => 'IF a time lies in the past, THEN THE System SHALL refuse it.',
  ],
  decide: [
    (w) => `WHEN ${w.Actor} decides on ${w.Thing}, THE System SHALL record the decision with its time and reason.`,
    (w) => `WHILE no decision was made, THE System SHALL show the ${w.thing} as pending.`,
    (w) => `IF the ${w.thing} was already decided, THEN THE System SHALL refuse a second decision.`,
  ],
  rate: [
    (w) =>
      `WHEN ${w.Actor} asks to ${w.deed}, THE System SHALL store the value as that person's only one for the ${w.thing}.`,
    (w) => `WHEN a value was stored, THE System SHALL show the new average of the ${w.thing} within 2 seconds.`,
    () => 'IF the value lies outside the scale of 1 to 5, THEN THE System SHALL refuse it.',
  ],
  record: [
    (w) => `WHEN ${w.Actor} asks to ${w.deed}, THE System SHALL store the entry with its time in UTC.`,
    (w) =>
      `WHEN ${w.Actor} opens the history, THE System SHALL list the entries with the newest first, at most 50 per page.`,
    (w) =>
      `IF an entry for the ${w.thing} is not valid, THEN THE System SHALL refuse it with an error that names the fault.`,
  ],
  schedule: [
    (w) => `WHEN the set time is reached, THE System SHALL ${w.deed} within 60 seconds.`,
    () => 'IF a run fails, THEN THE System SHALL try again at most 3 times.',
    () => 'IF a run is still going at the next set time, THEN THE System SHALL skip that time.',
  ],
  connect: [
    (w) => `WHEN ${w.Actor} asks to ${w.deed}, THE System SHALL show which data the connection will read and change.`,
    (w) => `WHEN ${w.Actor} ends the connection, THE System SHALL delete its stored credentials.`,
    () =>
      'IF the other side does not answer within 10 seconds, THEN THE System SHALL show the last known state with its time.',
  ],
  change: [
    (w) => `WHEN the changed part is used, THE System SHALL work as asked: ${w.deed}.`,
    () => 'WHILE the change is in place, THE System SHALL CONTINUE TO pass every test that passed before it.',
  ],
  converse: [
    (w) => `WHEN ${w.Actor} sends a message, THE System SHALL answer it in the same conversation within 10 seconds.`,
    () => 'IF the listed sources hold no answer, THEN THE System SHALL say so with a way to reach a person.',
    () => 'IF the answering service fails, THEN THE System SHALL keep the message with a way to send it again.',
    (w) => `WHEN ${w.Actor} comes back, THE System SHALL show the earlier messages of the conversation.`,
  ],
  use: [
    (w) => `WHEN ${w.Actor} asks to ${w.deed}, THE System SHALL show the result within 2 seconds.`,
    () => 'IF the input is not valid, THEN THE System SHALL answer with an error that names the fault.',
  ],
};

const benefits: Record<Deed, Template> = {
  signup: () => 'what I enter is kept for me alone',
  login: () => 'I can reach what is mine',
  reset: () => 'I get back in when I forgot my password',
  create: (w) => `the ${w.thing} is kept for later`,
  view: (w) => `I know what the ${w.thing} holds`,
  search: (w) => `I find a ${w.thing} without reading every one`.replace(/a ([aeiou])/u, 'an $1'),
  update: (w) => `the ${w.thing} stays correct`,
  mark: (w) => `everyone sees how far the ${w.thing} is`,
  delete: (w) => `no ${w.thing} remains that I do not want`,
  share: (w) => `others can work with the ${w.thing}`,
  send: () => 'nobody misses what matters',
  upload: (w) => `the file is kept with the ${w.thing}`,
  download: () => 'I have the file at hand',
  import: (w) => `I do not enter every ${w.thing} by hand`,
  export: (w) => `I can use the ${w.things} elsewhere`,
  process: () => 'I get the result without doing it by hand',
  pay: () => 'I receive what I ordered',
  refund: () => 'the balance is right again',
  book: () => 'the time is mine',
  decide: (w) => `only an approved ${w.thing} has an effect`,
  rate: (w) => `others know how good the ${w.thing} is`,
  record: (w) => `I can see how the ${w.thing} develops`,
  schedule: () => 'it happens without me',
  connect: () => 'I need not copy data between tools',
  change: () => 'the System works as asked',
  converse: () => 'I get an answer at once',
  use: () => 'the work gets done',
};

/** Criteria that the words themselves give, without a template of the deed. */
function own(feature: Feature, w: Words): string[] | undefined {
  const { auto, deed, object, quote, verb, rest } = feature;
  if (auto) {
    const said = { deed: w.deed, verb, object: auto.object, quote };
    return automaticCriteria[auto.kind](auto.when ? { ...said, when: auto.when } : said);
  }
  if (deed === 'upload' && isFile(object))
    return [
      `WHEN ${w.Actor} uploads ${w.Thing} of a listed type and size, THE System SHALL store it.`,
      ...templates.upload.slice(1).map((template) => template(w)),
    ];
  if (deed !== 'change') return undefined;
  const said = changeCriteria(verb, rest);
  return said.length === 0 ? undefined : [...said, ...templates.change.slice(1, 2).map((template) => template(w))];
}

/** The thing uploaded is the file itself, not something the file belongs to. */
const isFile = (object: string) =>
  object === '' || /^(?:file|photo|picture|image|video|document|pdf|avatar|attachment)$/.test(object);

export function functionalCriteria(feature: Feature): string[] {
  const w = wordsOf(feature);
  const criteria = own(feature, w) ?? templates[feature.deed].map((template) => template(w));
  if (feature.only)
    criteria.push(
      `IF anyone other than ${w.Actor} asks to ${w.deed}, THEN THE System SHALL refuse it without any change.`,
    );
  return criteria;
}

export function benefitOf(feature: Feature): string {
  if (feature.benefit) return feature.benefit;
  if (feature.auto) return automaticBenefits[feature.auto.kind];
  if (feature.deed === 'upload' && isFile(feature.object)) return 'I have it at hand wherever I am';
  return benefits[feature.deed](wordsOf(feature));
}
