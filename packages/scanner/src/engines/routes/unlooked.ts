import type { LineTable } from '../syntax/lines.ts';
import type { Place } from './gaps.ts';

/** `const parsed = schema.safeParse(…)`: an answer that says whether what was sent is as it should be. */
const ANSWER =
  /\b(?:const|let|var)\s+(\w+)\s*(?::[^=\n]+)?=\s*(?:await\s+)?(?:[\w.$]+\.safeParse(?:Async)?|superValidate|validationResult)\s*\(/g;
/** The same, taken apart at once: `const { value, error } = schema.validate(…)`. */
const APART = /\b(?:const|let|var)\s+\{([^}=]*)\}\s*=\s*(?:await\s+)?[\w.$]*\.?(?:safeParse(?:Async)?|validate)\s*\(/g;
/** What of it says that it went wrong. */
const VERDICT = /\b(?:error|errors|success|issues|isValid|valid)\b(?:\s*:\s*(\w+))?/;
const VALUE = /\b(?:data|output|value)\b(?:\s*:\s*(\w+))?/;
/** As far as a function with a validation in it goes. */
const FAR = 3000;

/** The rest of the block an offset is in. */
function restOfBlock(text: string, from: number): string {
  let depth = 0;
  const end = Math.min(text.length, from + FAR);
  for (let i = from; i < end; i++) {
    const char = text[i];
    if (char === '{') depth++;
    else if (char === '}' && --depth < 0) return text.slice(from, i);
  }
  return text.slice(from, end);
}

const has = (code: string, name: string): boolean => new RegExp(`(?<![\\w$.])${name}(?![\\w$])`).test(code);

/** Validations whose value is used and whose verdict nobody looks at. */
export function unlookedValidations(text: string, lines: LineTable): Place[] {
  const out: Place[] = [];
  if (!/\.safeParse|superValidate\(|validationResult\(|\.validate\(/.test(text)) return out;
  for (const { 0: whole, 1: name = '', index } of text.matchAll(ANSWER)) {
    const rest = restOfBlock(text, index + whole.length);
    const part = whole.includes('validationResult') ? '' : `(?!\\s*[?!]?\\.(?:data|output)\\b)`;
    const used = part === '' || new RegExp(`(?<![\\w$.])${name}\\s*[?!]?\\.(?:data|output)\\b`).test(rest);
    if (used && !new RegExp(`(?<![\\w$.])${name}(?![\\w$])${part}`).test(rest))
      out.push({ name, line: lines.at(index).line });
  }
  for (const { 0: whole, 1: names = '', index } of text.matchAll(APART)) {
    const value = VALUE.exec(names);
    if (value === null) continue;
    const verdict = VERDICT.exec(names);
    const rest = restOfBlock(text, index + whole.length);
    const said = verdict === null ? undefined : (verdict[1] ?? verdict[0]);
    if (has(rest, value[1] ?? value[0]) && (said === undefined ? whole.includes('safeParse') : !has(rest, said)))
      out.push({ name: value[1] ?? value[0], line: lines.at(index).line });
  }
  return out;
}
