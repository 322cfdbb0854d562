/**
 * Characters that a reader does not see but a model does, or that change what a reader sees (C14): controls, bidirectional
 * overrides, zero-width and filler characters, variation selectors without a base, tag characters, ANSI sequences.
 */
export type InvisibleKind = 'control' | 'ansi' | 'bidi' | 'zero-width' | 'filler' | 'selector' | 'tag';

export interface Invisible {
  /** Offsets in UTF-16 units; `end` is exclusive. */
  start: number;
  end: number;
  kind: InvisibleKind;
  /** `U+200B`, or the sequence's code points joined by spaces. */
  name: string;
  /** ASCII that tag characters spell, where they do. */
  spells?: string;
}

// One pass finds candidates; the checks below drop those with an ordinary use.
const candidates = new RegExp(
  [
    '(?<ansi>(?:\\u001b\\[|\\u009b)[0-?]*[ -/]*[@-~]|\\u001b\\][^\\u0007\\u001b]*(?:\\u0007|\\u001b\\\\)?|\\u001b.?)',
    '(?<control>[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f])',
    '(?<bidi>[\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069])',
    '(?<zero>[\\u00ad\\u034f\\u180e\\u200b-\\u200d\\u2060-\\u2065\\u206a-\\u206f\\ufeff\\ufff9-\\ufffb])',
    '(?<filler>[\\u115f\\u1160\\u17b4\\u17b5\\u2800\\u3164\\uffa0])',
    '(?<selector>[\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}]+)',
    '(?<tag>[\\u{e0000}-\\u{e007f}]+)',
    '(?<music>[\\u{1d173}-\\u{1d17a}])',
  ].join('|'),
  'gu',
);

const pictograph = /\p{Extended_Pictographic}[\u{1f3fb}-\u{1f3ff}\ufe0f]*$/u;
const startsPictograph = /^\p{Extended_Pictographic}/u;
const joiningScript =
  /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Nko}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}]\p{M}*$/u;
const rightToLeft = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
/** Unicode's RGI subdivision flags; any other tag sequence can carry text. */
const flags: ReadonlySet<string> = new Set(['gbeng', 'gbsct', 'gbwls']);

function spelled(tags: string): string {
  return [...tags]
    .map((c) => (c.codePointAt(0) ?? 0) - 0xe0000)
    .filter((code) => code >= 0x20 && code < 0x7f)
    .map((code) => String.fromCharCode(code))
    .join('');
}

function isOrdinary(kind: InvisibleKind, found: string, before: string, after: string): boolean {
  if (found === '\ufeff') return before === '';
  if (found === '\u200d')
    return (pictograph.test(before) && startsPictograph.test(after)) || joiningScript.test(before);
  if (found === '\u200c') return joiningScript.test(before);
  if (found === '\u200e' || found === '\u200f' || found === '\u061c') return rightToLeft.test(before + after);
  if (kind === 'selector')
    return /^[\ufe0e\ufe0f]$/.test(found) && /[\p{Emoji}\p{Extended_Pictographic}]$/u.test(before);
  if (kind === 'tag') return before.endsWith('\u{1f3f4}') && found.endsWith('\u{e007f}') && flags.has(spelled(found));
  return false;
}

function kindOf(groups: Record<string, string | undefined>): InvisibleKind {
  if (groups['ansi'] !== undefined) return 'ansi';
  if (groups['control'] !== undefined) return 'control';
  if (groups['bidi'] !== undefined) return 'bidi';
  if (groups['filler'] !== undefined) return 'filler';
  if (groups['selector'] !== undefined) return 'selector';
  if (groups['tag'] !== undefined) return 'tag';
  return 'zero-width';
}

/** How many characters round a candidate decide whether its use is ordinary. */
const context = 12;

/** Every invisible character or sequence without an ordinary use, in order. */
export function findInvisible(text: string): Invisible[] {
  const found: Invisible[] = [];
  for (const match of text.matchAll(candidates)) {
    const kind = kindOf(match.groups ?? {});
    const [piece] = match;
    const start = match.index;
    const end = start + piece.length;
    const before = text.slice(Math.max(0, start - context), start);
    if (isOrdinary(kind, piece, before, text.slice(end, end + context))) continue;
    const name = [...piece]
      .map((c) => `U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`)
      .join(' ');
    found.push({ start, end, kind, name, ...(kind === 'tag' && spelled(piece) ? { spells: spelled(piece) } : {}) });
  }
  return found;
}

/** The text with every invisible character replaced by its name in `⟨ ⟩`; text without any is returned as it is. */
export function showInvisible(text: string): string {
  let out = '';
  let from = 0;
  for (const { start, end, name, spells } of findInvisible(text)) {
    out += `${text.slice(from, start)}⟨${spells ? `hidden text: ${spells}` : name}⟩`;
    from = end;
  }
  return from === 0 ? text : out + text.slice(from);
}
