import type { LineTable } from '../syntax/lines.ts';
import { endOfBlock } from './brackets.ts';
import type { Place } from './gaps.ts';
import { isAsked } from './unchecked.ts';

/** `const parsed = schema.safeParse(…)`: an answer that says whether what was sent is as it should be. */
const ANSWER =
  /\b(?:const|let|var)\s+(\w+)\s*(?::[^=\n]+)?=\s*(?:await\s+)?(?:[\w.$]+\.safeParse(?:Async)?|superValidate|validationResult)\s*\(/g;
/** The same, taken apart at once: `const { value, error } = schema.validate(…)`. */
const APART =
  /\b(?:const|let|var)\s+\{([^}=]*)\}\s*=\s*(?:await\s+)?[\w.$]*\.?(?:safeParse(?:Async)?|validate|(?:parse|validate|read|check)[A-Z]\w*)\s*\(/g;
/** What of it says that it went wrong. */
const VERDICT = /\b(?:error|errors|success|issues|isValid|valid)\b(?:\s*:\s*(\w+))?/;
const VALUE = /\b(?:data|output|value)\b(?:\s*:\s*(\w+))?/;
/** As far as a function with a validation in it goes. */
const FAR = 3000;

/** The rest of the block an offset is in. */
export const restOfBlock = (text: string, from: number): string => text.slice(from, endOfBlock(text, from, FAR));

const has = (code: string, name: string): boolean => new RegExp(`(?<![\\w$.])${name}(?![\\w$])`).test(code);

/** Validations whose value is used and whose verdict nobody looks at. */
export function unlookedValidations(text: string, lines: LineTable): Place[] {
  const out: Place[] = [];
  if (!/\.safeParse|superValidate\(|validationResult\(|\.validate\(|(?:parse|validate|read|check)[A-Z]/.test(text))
    return out;
  for (const { 0: whole, 1: name = '', index } of /safeParse|superValidate|validationResult/.test(text)
    ? text.matchAll(ANSWER)
    : []) {
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

/** `const membership = await db.membership.findFirst(…)`, `const { data: own } = await admin.from('members')…`. */
const RIGHT =
  /\b(?:const|let)\s+(?:(\w*(?:[mM]ember(?:ship)?|[pP]ermissions?|[aA]ccess|[rR]ole|[cC]ollaborator))|\{\s*data:\s*(\w+)\s*\})\s*(?::[^=\n]+)?=\s*await\s+(?!\w*(?:require|ensure|assert|check|verify|must|guard|create|add|invite|update|delete|remove|insert|upsert)\w*[.(])([^;]{0,400});/g;
const LOOKS = /\bSELECT\b|\.(?:find\w*|select|from|single|maybeSingle|get|where|query)\(|^(?:find|get|load|fetch)\w*\(/;
const CREATES = /\.(?:create\w*|insert\w*|upsert|update\w*|delete\w*|save)\(/;

/** Rows as the database has them: none at all where somebody has no right. */
const STORED = /\.(?:findFirst|findUnique|findOne|maybeSingle)\((?![^;]*OrThrow)|\bSELECT\b/;
/** It is left to somebody else to look: given back, or handed to another function whole. */
const handsOn = (code: string, name: string): boolean =>
  new RegExp(`\\breturn\\s+\\(?\\s*${name}\\b|[(,{]\\s*(?:\\w+:\\s*)?${name}\\s*[,)}]`).test(code);

/** Memberships and rights that are looked up and never asked. */
export function unaskedRights(text: string, lines: LineTable): Place[] {
  if (!/[mM]ember|[pP]ermission|[aA]ccess|[rR]ole|[cC]ollaborator/.test(text)) return [];
  return [...text.matchAll(RIGHT)].flatMap(({ 0: whole, 1: plain, 2: renamed, 3: value = '', index }) => {
    const name = plain ?? renamed ?? '';
    if (!LOOKS.test(value) || CREATES.test(value)) return [];
    if (renamed !== undefined && !/member|permission|role|access|collaborat/i.test(value)) return [];
    const rest = restOfBlock(text, index + whole.length);
    const asked = STORED.test(value) ? isAsked(rest, name) || handsOn(rest, name) : has(rest, name);
    return asked ? [] : [{ name, line: lines.at(index).line }];
  });
}

/** A file that came with a form or a request. */
const FILE =
  /\b(?:const|let)\s+(?:\{\s*)?(\w+)[^=;\n]*=\s*(?:\(?await [^;\n]*formData\(\)\)?|form|formData|data|body|\w*[fF]orm)\.get\([^;\n]*(?:as File|;)|\b(?:const|let)\s+(\w+)\s*=\s*await\s+(?:req|request)\.file\(/g;
const STORES = /\b(?:put|upload\w*|writeFile|pipeline|createWriteStream|send|toFile|write)\(|\.(?:put|upload\w*)\(/;

/** Uploads that are stored with one of their type and size looked at, and the other not. */
export function unmeasuredUploads(text: string, lines: LineTable): Place[] {
  if (!/formData\(\)|\.file\(/.test(text)) return [];
  return [...text.matchAll(FILE)].flatMap(({ 0: whole, 1: sent, 2: part, index }) => {
    const name = sent ?? part ?? '';
    const rest = restOfBlock(text, index + whole.length);
    const isFile =
      part !== undefined ||
      new RegExp(`\\b${name}\\b\\s*instanceof\\s+(?:File|Blob)|\\b${name}[?!]?\\.arrayBuffer\\(|as File`).test(
        whole + rest,
      );
    if (!isFile || !STORES.test(rest)) return [];
    const type = `\\b${name}[?!]?\\.(?:type|mimetype)\\b`;
    // `const type = TYPES.get(file.type);`, and later `if (!type)`.
    const named = new RegExp(`\\b(?:const|let)\\s+(\\w+)\\s*=[^;]*${type}`).exec(whole + rest)?.[1];
    const asks = named === undefined ? type : `(?:${type}|!\\s*${named}\\b)`;
    const typed = new RegExp(`(?:if|assert)\\w*\\s*\\([^;{}]{0,160}${asks}|fileType\\w*\\(`).test(rest);
    const measured =
      part !== undefined ||
      new RegExp(`\\b${name}[?!]?\\.size\\s*[<>]|\\.byteLength\\s*[<>]|\\b${name}[?!]?\\.size\\b`).test(rest);
    const speaksOfType = new RegExp(`\\b${name}[?!]?\\.(?:type|mimetype)\\b`).test(rest);
    if (typed === measured && part === undefined) return [];
    if (part !== undefined && (typed || !speaksOfType)) return [];
    return [{ name, line: lines.at(index).line }];
  });
}
