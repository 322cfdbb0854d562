import type { LineTable } from '../syntax/lines.ts';
import type { Place } from './gaps.ts';
import type { RouteFacts } from './model.ts';

/** When something ends, as it is kept: `expiresAt: new Date(…)`, `user.resetExpires = …`. */
const KEPT =
  /(?=[eE]xpir|valid_?[uU]ntil)(?<!\b(?:const|let|var|readonly)\s+\w*)(?<=(\b\w*))((?:[eE]xpires?|[eE]xpiration|[eE]xpiry)(?:At|On|Date|_at)?|valid_?[uU]ntil)\s*(?::|=(?!=))\s*(?:new Date\(\s*[^)\s]|Date\.now\(\)\s*\+|dayjs|moment|add(?:Minutes|Hours|Days)\(|expires\w*\s*[,;}\n])|[,{]\s*(expiresAt|expires_at|expiresOn)\s*(?=[,}])/g;
/** A row is found by what was handed out for it. */
const FOUND =
  /\.\s*(?:find\w*|get\w*|select|from|where|first|query)\s*\([\s\S]{0,160}?\b(?:token\w*|\w*[tT]oken(?:Hash)?|\w*[cC]ode|reset\w*|\w*[hH]ash|session\w*|otp|invite\w*|nonce)\b/g;

export interface ExpiryFacts {
  kept: Place[];
  /** Names of which something is asked. */
  asked: string[];
  found: number[];
}

/** Where the end of something is compared with now. */
const askedFor = (text: string, name: string): boolean =>
  new RegExp(
    `\\b${name}\\b\\)?(?:[?!]?\\.getTime\\(\\)|[?!]?\\.valueOf\\(\\))?\\s*(?:[<>]=?|&&|\\|\\||!==|\\?\\.?)|[<>]=?\\s*(?:new Date\\(|Number\\(|\\+)?(?:\\w+[?!]?\\.)*${name}\\b|\\b${name}\\b['"]?\\s*:\\s*\\{|\\b(?:gte?|lte?|isAfter|isBefore|isPast|isExpired|MoreThan|LessThan|compareAsc|differenceIn\\w+|is_?[eE]xpired|expired?)\\w*\\([^)]*\\b${name}\\b|['"]${name}['"]\\s*,\\s*['"][<>]|\\b${name}\\b["\`]?\\s*[<>]|\\b${name}\\s*:\\s*(?:MoreThan|LessThan|gte?|lte?)\\w*\\(`,
  ).test(text);

export function expiryFacts(text: string, lines: LineTable): ExpiryFacts | undefined {
  if (!/[eE]xpir|valid_?[uU]ntil/.test(text)) return undefined;
  const kept = [...text.matchAll(KEPT)].flatMap(({ 1: start = '', 2: end, 3: short, index }) => {
    const name = end === undefined ? (short ?? '') : start + end;
    // What a cookie, a token or a cache does by itself is asked by them.
    const before = text.slice(Math.max(0, index - 200), index);
    const line = text.slice(text.lastIndexOf('\n', index) + 1, index);
    if (/\?\s*$|\binterface\b|\btype\b/.test(line)) return [];
    return /(?:cookie|sign|setExpirationTime|cache|redis|headers?)\w*\([^;]*$/i.test(before) ||
      /^(?:expires|expiresIn)$/.test(name)
      ? []
      : [{ name, line: lines.at(index).line }];
  });
  const names = new Set(text.match(/\b\w*[eE]xpir\w*\b|\bvalid_?[uU]ntil\b/g) ?? []);
  const asked = [...names].filter((name) => askedFor(text, name));
  const found = kept.length === 0 ? [] : [...text.matchAll(FOUND)].map(({ index }) => lines.at(index).line);
  return kept.length + asked.length === 0 ? undefined : { kept, asked, found };
}

/** Ends that are kept and that nothing in the project asks for: shown where the rows are found, if that can be told. */
export function unaskedEnds(facts: ReadonlyMap<string, RouteFacts>): { file: string; line: number; name: string }[] {
  const asked = new Set([...facts.values()].flatMap(({ expiry }) => expiry?.asked ?? []));
  return [...facts].flatMap(([file, { expiry }]) => {
    const places = (expiry?.kept ?? []).filter(({ name }) => !asked.has(name));
    const first = places[0];
    if (first === undefined || expiry === undefined) return [];
    const after = expiry.found.find((line) => line > first.line + 2);
    return [{ file, name: first.name, line: after ?? first.line }];
  });
}
