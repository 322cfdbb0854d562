import { inline } from './text.ts';

const lead =
  /^(?:#+\s*|[-*+]\s+)?(?:please |can you |could you |let'?s |(?:i|we)(?:'d| would)? (?:want|need|like)(?: you)?(?: to)? )*(?:(?:build|create|make|develop|implement|design|write|set up|add|generate|code|ship|prototype)\s+)?(?:me |us )?(?:(?:an?|the|our|my|some|new|simple|nice|small|basic)\s+)*/iu;
const tail = /\s*(?:[.,;:!?](?=\s|$)|\b(?:that|which|where|who|so that|with|including|for|using|in|on|to)\b).*$/isu;
const TITLE_LIMIT = 60;

/** A short name of what a prompt asks for; never empty. */
export function titleOf(prompt: string): string {
  const line = prompt.split('\n').find((one) => /[\p{L}\p{N}]/u.test(one)) ?? '';
  const flat = inline(line, 200);
  const story = /^as an? [^,]+,? i want(?: to)? (.+)$/iu.exec(flat)?.[1];
  const bare = (story ?? flat).replace(lead, '').trim();
  const short = bare.replace(tail, '').trim();
  const title = short.split(' ').length >= 2 && /\p{L}{2}/u.test(short) ? short : bare || flat;
  const cut = title.replace(/[.,;:!?\s]+$/u, '');
  if (!/[\p{L}\p{N}]/u.test(cut)) return 'New feature';
  const fit = cut.length <= TITLE_LIMIT ? cut : `${cut.slice(0, TITLE_LIMIT).replace(/\s\S*$/u, '')}`;
  return (fit.charAt(0).toUpperCase() + fit.slice(1)).replaceAll(/\p{Cs}/gu, '');
}
