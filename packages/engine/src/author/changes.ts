import { type Statement, statements } from '@ambit/core/capability';
import type { Feature } from './features.ts';
import { inline, phrase } from './text.ts';
import { verbOf } from './verbs.ts';

/** `my doctor` is somebody else's to a reader of the document. */
export function thirdPerson(text: string): string {
  return text.replaceAll(/\b(?:my|our|your)\b/giu, 'their').replace(/[;,:]+$/u, '');
}

/** `Fix: the total ignores the discount`: a whole sentence after the order. */
const complaint =
  /^(fix)\s*[:–-]?\s+((?:the|our|a|an|when|every|some|all)\s.*\b(?:ignores?|fails?|shows?|is|are|does|do|crash(?:es)?|returns?|breaks?|loses?|hangs?|stops?|takes?|cannot|can't|doesn't|isn't)\b.*)$/iu;

/** Parts of a screen and settings of a program: to change one is no deed of users. */
const partOfProgram =
  /\b(?:page|screen|dialog|menu|header|footer|side ?bar|nav ?bar|tool ?bar|button|label|column|modal|tab|tool ?tip|placeholder|icon|logo|font|colou?r|theme|wording|text|title|default|time-?out|limit|threshold|size|settings?)\b/iu;
const order =
  /^(?:please\s+)?(rename|change|set|increase|decrease|reduce|raise|lower|move|replace|swap|limit|cap|rate[- ]?limit)\s+(.+)$/iu;
/** `Add dark mode to the settings page`, but not `Add comments to the page`. */
const addition = /^(?:please\s+)?add\s+(.+?)\s+(?:to|on|in)\s+(?:the|our|every|each|all|my)\s+.+$/iu;

/** An order to change what is there: nothing that somebody does with the app. */
function fromOrder(text: string, statement: Statement, isFeature: (words: string) => boolean): Feature | undefined {
  if (/\bpasswords?\b/iu.test(text)) return undefined;
  const asked = order.exec(text);
  const added = asked ? null : addition.exec(text);
  if (!asked && !(added && partOfProgram.test(text) && !isFeature(added[1] ?? ''))) return undefined;
  if (asked && !(/\bto\b|\bwith\b/u.test(text) && (partOfProgram.test(text) || /\d/u.test(text)))) return undefined;
  const verb = (asked?.[1] ?? 'add').toLowerCase().replace(/^rate.*$/u, 'limit');
  const rest = asked?.[2] ?? text.replace(/^(?:please\s+)?add\s+/iu, '');
  return changeOf(verb, rest, statement);
}

/** `Show the version in the footer`, `Hide the sidebar on small screens`. */
const shown =
  /^(?:please\s+)?(show|display|hide|remove|highlight|align|centre|center)\s+((?:the|our|a|an)\s.+\s(?:in|on|at|from|below|above|beside)\s(?:the|our|every|each|all|small|large)\s.+)$/iu;

function fromShown(text: string, statement: Statement): Feature | undefined {
  const match = shown.exec(text);
  const place = match?.[2]?.replace(/^.*?\s(?:in|on|at|from|below|above|beside)\s/iu, '') ?? '';
  return match && partOfProgram.test(place)
    ? changeOf((match[1] ?? '').toLowerCase(), match[2] ?? '', statement)
    : undefined;
}

/** `Make the login page faster`, `Reduce memory usage of the importer`: what there is, with less of something. */
const better =
  /^(?:please\s+)?(make\s+.+?\s+(?:much\s+|a lot\s+)?(?:faster|quicker|snappier|smaller|lighter|leaner|cheaper)|(?:speed\s+up|optimi[sz]e)\s+.+|(?:reduce|cut|lower|improve|shorten)\s+(?:the\s+)?(?:load(?:ing)?|start(?:-?up)?|build|response|memory|cpu|disk|bundle|query)?\s*(?:times?|usage|use|consumption|latency|footprint|size|speed|performance|memory)\s+of\s+.+)$/iu;
/** `Log out users after 15 minutes of inactivity`. */
const timed =
  /^(?:please\s+)?(?:log|sign)\s*(?:out\s+)?(?:users?|everyone|everybody|members?|customers?|them)\s*(?:out\s+)?after\s+(.+?)\s+(?:of\s+)?(?:inactivity|without\s+(?:activity|use))$/iu;

function fromBetter(text: string, statement: Statement): Feature | undefined {
  const asked = better.exec(text) ?? (timed.test(text) ? [text, text] : null);
  const words = /^(?:please\s+)?([\p{L}-]+)\s+(.+)$/iu.exec(asked?.[1] ?? '');
  return words ? changeOf((words[1] ?? '').toLowerCase(), words[2] ?? '', statement) : undefined;
}

/** Any sentence as a change of what is there: what a person asks for who says that the change is small. */
export function smallChange(prompt: string): Feature | undefined {
  const statement = statements(prompt)[0];
  if (!statement) return undefined;
  const text = statement.text
    .replace(/^\s*(?:[-*+•]|\d+[.)])\s*/u, '')
    .replace(/[.!?;]+$/u, '')
    .trim();
  const order = /^(?:please\s+)?([\p{L}-]+)\s+(.+)$/iu.exec(text);
  const verb = order && verbOf(order[1] ?? '');
  return order && verb
    ? changeOf(verb.base, order[2] ?? '', statement)
    : changeOf(
        'see to it',
        `that ${text.replace(/^(?:The|An?|Our|Every|Each|All)\b/u, (word) => word.toLowerCase())}`,
        statement,
      );
}

function changeOf(verb: string, rest: string, statement: Statement): Feature {
  return {
    actor: 'user',
    deed: 'change',
    verb,
    rest: phrase(thirdPerson(rest)),
    object: '',
    line: statement.line,
    quote: inline(statement.text),
  };
}

/**
 * The change of what is there that a sentence asks for; undefined where it asks for something that people do.
 * `isFeature`: do words name a part that is a feature of its own, a comment or a payment.
 */
export function changeIn(
  text: string,
  statement: Statement,
  isFeature: (words: string) => boolean,
): Feature | undefined {
  const wrong = complaint.exec(text)?.[2];
  if (wrong) return changeOf('fix', `that ${wrong}`, statement);
  return fromBetter(text, statement) ?? fromOrder(text, statement, isFeature) ?? fromShown(text, statement);
}
