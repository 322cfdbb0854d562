import type { Feature } from './features.ts';
import { phraseOf } from './functional.ts';
import { capitalise, inline, plural } from './text.ts';

const lead =
  /^(?:#+\s*|[-*+]\s+)?(?:(?:prd|rfc|spec|feature|epic|title|project|idea|task|story)\s*[:–-]\s*)?(?:please |can you |could you |let'?s |(?:i|we)(?:'d| would)? (?:want|need|like)(?: you)?(?: to)? )*(?:(?:build|create|make|develop|implement|design|write|set up|add|generate|code|ship|prototype)\s+)?(?:me |us )?(?:(?:an?|the|our|my|some|new|simple|nice|small|basic)\s+)*/iu;
const tail = /\s*(?:[.,;:!?](?=\s|$)|\b(?:that|which|where|who|so that|with|including|for|using|in|on|to)\b).*$/isu;
const TITLE_LIMIT = 60;

const subject =
  /^(?:the |an? |all |only )?[\p{L}-]+(?: [\p{L}-]+)? (?:can|may|must|should|shall|will|is|are|has|have)\b|^let\b|^allow\b|^(?:GET|POST|PUT|PATCH|DELETE) /iu;

const generic =
  /^(?:simple |small |web |backend |rest |http |json )*(?:service|server|app|application|tool|api|system|page|website|site|program|bot|dashboard|platform|backend|endpoint|feature|function)s?$/iu;

function fit(text: string): string {
  const cut = text.replace(/[.,;:!?\s]+$/u, '');
  const whole = cut.length <= TITLE_LIMIT ? cut : cut.slice(0, TITLE_LIMIT).replace(/\s\S*$/u, '');
  // A title that had to be cut does not end in the middle of a phrase.
  const short =
    whole === cut
      ? cut
      : whole.replace(
          /(?:\s(?:their|the|an?|of|from|to|with|that|and|or|for|in|on|at|by|using|as|y|e|de|en|un|una))+$/iu,
          '',
        );
  return capitalise(short.replaceAll(/\p{Cs}/gu, ''));
}

/** What its features are about, for a prompt that starts with a sentence and not with a name. */
function aboutFeatures(found: readonly Feature[]): string {
  const objects = [...new Set(found.map((feature) => feature.object).filter(Boolean))];
  if (found.length === 1 && found[0]) return phraseOf(found[0]);
  return objects.length > 0
    ? objects
        .slice(0, 3)
        .map(plural)
        .join(', ')
        .replace(/, ([^,]*)$/u, ' and $1')
    : '';
}

function startsWithActor(sentence: string, found: readonly Feature[]): boolean {
  const first = found[0]?.actor;
  if (!first) return false;
  const start = sentence.toLowerCase().replace(/^(?:the|an?|all|only) /u, '');
  return start.startsWith(`${first} `) || start.startsWith(`${plural(first)} `);
}

/** A short name of what a prompt asks for; never empty. */
export function titleOf(prompt: string, found: readonly Feature[]): string {
  if (found.length === 1 && found[0]?.deed === 'change') return fit(phraseOf(found[0]));
  const line = prompt.split('\n').find((one) => /[\p{L}\p{N}]/u.test(one)) ?? '';
  const flat = inline(line, 200);
  const sentence = flat.replace(/^[-*+•\d.)\s]+/u, '');
  if (
    startsWithActor(sentence, found) ||
    subject.test(sentence) ||
    /^as an? /iu.test(sentence) ||
    /^\s*[-*+•]/u.test(line)
  ) {
    const about = aboutFeatures(found);
    if (about) return fit(about);
  }
  const bare = sentence.replace(lead, '').trim();
  if (/^(?:i|we|you|there) /iu.test(bare)) {
    const about = aboutFeatures(found);
    if (about) return fit(about);
  }
  const short = bare.replace(tail, '').trim();
  if (generic.test(short)) {
    const about = aboutFeatures(found);
    if (about) return fit(about);
  }
  const title = /\p{L}{3}/u.test(short) ? short : bare || flat;
  return /[\p{L}\p{N}]/u.test(title) ? fit(title) : 'New feature';
}
