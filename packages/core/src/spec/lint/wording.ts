import type { Criterion, DocumentTree, Span, TextEdit } from '../types.ts';
import { type LintContext, report, wordSpan } from './context.ts';
import { type Token, tokensOf } from './rules.ts';

interface Place {
  context: LintContext;
  tree: DocumentTree;
  criterion: Criterion;
  /** Text with quotes and code blanked: words in them are names. */
  text: string;
  tokens: readonly Token[];
  /** What stands behind SHALL, masked alike. */
  response: string;
  /** Its words; made when first asked for, which most criteria never do. */
  replies: () => readonly Token[];
  /** Word lists that may stand in the text. */
  touched: ReturnType<LintContext['rules']['touched']>;
}

/** Quoted words and code are names; they keep their length. */
const withoutNames = (text: string) =>
  !/["`“‘']/.test(text)
    ? text
    : text.replaceAll(/`[^`]*`|"[^"]*"|“[^”]*”|‘[^’]*’|(?<=[\s(])'[^']{1,80}'/g, (found) =>
        '\u0001'.repeat(found.length),
      );

const at = (place: Place, span: Span = place.criterion.body) => ({ tree: place.tree, span, about: place.criterion.id });
const word = (place: Place, text: string) => at(place, wordSpan(place.tree, place.criterion.body, text));

function replace(span: Span, text: string): TextEdit[] {
  return [{ start: span.start, end: span.end, text }];
}

const rank: Readonly<Record<string, number>> = { 'for-all': -1, where: 0, while: 1, when: 2, if: 2 };

function clauseOrder(place: Place): void {
  const { clauses } = place.criterion.ears;
  for (let i = 1; i < clauses.length; i++) {
    const [before, after] = [clauses[i - 1], clauses[i]];
    if (!before || !after || (rank[after.kind] ?? 0) >= (rank[before.kind] ?? 0)) continue;
    const params = { later: after.keyword.text.toUpperCase(), earlier: before.keyword.text.toUpperCase() };
    report(place.context, 'E1', 'order', at(place, after.keyword.span), params);
    return;
  }
}

/** IF without THEN: where the actor is known to begin, THEN goes before it. */
function missingThen(place: Place): void {
  const { ears } = place.criterion;
  const clause = ears.clauses.at(-1);
  if (ears.language !== 'en' || clause?.kind !== 'if' || clause.then || !ears.actor || ears.clauses.length > 1) return;
  const from = ears.actor.span.start;
  const certain = /^the\s/i.test(ears.actor.text) && /,\s*$/.test(place.tree.source.slice(clause.span.end, from));
  const fix = certain ? { title: 'insert THEN', edits: [{ start: from, end: from, text: 'THEN ' }] } : undefined;
  report(place.context, 'E1', 'missing-then', { ...at(place, clause.keyword.span), ...(fix ? { fix } : {}) });
}

function pattern(place: Place, part: string | undefined): void {
  const { ears } = place.criterion;
  const english = place.tree.language === 'en';
  if (!ears.modal) {
    // Bug analyses describe the defect without SHALL, and another language may say it in words we do not know.
    if (english && part !== 'current') report(place.context, 'E1', 'no-modal', at(place));
    return;
  }
  if (ears.modal.word !== 'shall' && english) {
    const must = ears.modal.word === 'must';
    const upper = ears.modal.text === ears.modal.text.toUpperCase();
    const span = { ...ears.modal.span, end: ears.modal.span.start + 4 };
    const fix = must ? { title: 'write SHALL', edits: replace(span, upper ? 'SHALL' : 'shall') } : undefined;
    report(
      place.context,
      'E1',
      'weak-modal',
      { ...at(place, ears.modal.span), ...(fix ? { fix } : {}) },
      { word: ears.modal.text },
    );
  }
  if (!ears.response && ears.modal.word === 'shall' && !['ja', 'ko'].includes(ears.language))
    report(place.context, 'E1', 'no-response', at(place));
  missingThen(place);
  clauseOrder(place);
}

function actor(place: Place): void {
  const { ears } = place.criterion;
  if (ears.modal?.word !== 'shall' || ears.language !== 'en' || ears.pattern === 'property') return;
  if (!ears.actor) {
    report(place.context, 'E2', 'missing', at(place, ears.modal.span));
    return;
  }
  const bare = ears.actor.text.replace(/^(?:the|an?)\s+/i, '').trim();
  const exact = (list: string) => place.context.rules.get('E2').words[list]?.includes(bare.toLowerCase()) ?? false;
  // «WHEN the system detects …, it SHALL»: there is only one thing it can mean.
  const named =
    /^it$/i.test(bare) &&
    /^(?:the|an?)\s+[\w-]+\s/i.test(ears.clauses[0]?.text ?? '') &&
    /^(?:the\s+)?(?:system|application|app|service|platform|server|client|api)\b/i.test(ears.clauses[0]?.text ?? '');
  if (named) return;
  if (exact('pronouns')) report(place.context, 'E2', 'pronoun', at(place, ears.actor.span), { word: bare });
  else if (exact('people')) report(place.context, 'E2', 'person', at(place, ears.actor.span), { word: bare });
}

function compound(place: Place): void {
  const { ears } = place.criterion;
  if (!ears.modal || !ears.response) return;
  const { response } = place;
  // «…, and WHEN closed SHALL …» and a plain second SHALL alike; SHALL NOT after «but» narrows the first.
  if (/shall/i.test(response) && /(?:\band|[;,:]|\s[—–]|:)\s+(?:[^,.;]{0,60}?\s)?shall\b(?!\s+not\b)/i.test(response)) {
    report(place.context, 'E3', 'second-shall', at(place, wordSpan(place.tree, place.criterion.body, 'shall', 1)));
    return;
  }
  const { rules } = place.context;
  // Several behaviours are parted by a comma or «and».
  if (!/,| and /i.test(response)) return;
  const verbs = rules.firsts('E3', 'verbs');
  const replies = place.replies();
  const first = replies[0];
  if (!first || first.index > 0 || !verbs.has(first.word)) return;
  const isVerb = (token: Token, i: number) => i > 0 && verbs.has(token.word);
  const certain = replies.filter((token, i) => isVerb(token, i) && opensBehaviour(response, replies, i));
  const last = certain.at(-1);
  // «flag the item, block checkout, and warn the user»: where the list ends in a behaviour, its middle is one too.
  const others =
    last && /\band(?: then)?\s+$/i.test(response.slice(0, last.index))
      ? replies.filter(
          (token, i) =>
            certain.includes(token) ||
            (isVerb(token, i) &&
              token.index < last.index &&
              /,\s*$/.test(response.slice(0, token.index)) &&
              !/^\s*(?:,|and\b|or\b)/.test(response.slice(token.end))),
        )
      : certain;
  if (others.length < 2) return;
  const words = [first, ...others].map((token) => token.word);
  report(place.context, 'E3', 'verbs', at(place, ears.response.span), { count: words.length, words: words.join(', ') });
}

const determiner =
  /^(?:the|an?|all|any|both|its|their|it|them|each|every|to|in|on|with|from|for|that|this|those|these|no|new|current|previous|another)$/;

/** A verb behind a comma or «and», with its object: in «name, update time and owner» no determiner follows. */
function opensBehaviour(response: string, tokens: readonly Token[], i: number): boolean {
  const token = tokens[i];
  const next = tokens[i + 1];
  if (!token || !next || !determiner.test(next.word) || response.slice(token.end, next.index).trim() !== '')
    return false;
  const before = tokens[i - 1];
  if (!before) return false;
  if (/,\s*$/.test(response.slice(before.end, token.index))) return true;
  if (before.word === 'and') return true;
  const third = tokens[i - 2];
  return (
    before.word === 'then' &&
    third !== undefined &&
    (third.word === 'and' || /,\s*$/.test(response.slice(third.end, before.index)))
  );
}

/** A number with a unit, or a defined form, gives the vague word its measure. */
const measure =
  /\d+(?:\.\d+)?\s*(?:%|ms|s\b|sec|second|minute|hour|day|week|month|year|px|pt|em|rem|kb|mb|gb|kib|mib|byte|char|item|row|record|entr|request|attempt|time|user|fps|x\b|:1|dpi|word|digit)|≤|≥|within \d|at least \d|at most \d|as (?:defined|specified|described|listed) (?:in|by)/i;

function vague(place: Place): void {
  const text = place.text;
  const from = text.length - place.response.length;
  if (!place.touched.has('E4 vague')) return;
  const hits = place.context.rules.find('E4', 'vague', place.tokens);
  if (hits.length === 0 || measure.test(text)) return;
  for (const match of hits) {
    const found = text.slice(match.index, match.index + match.word.length);
    if (match.index < from - 1 || place.context.rules.harmless('E4', found, text, match.index)) continue;
    // Names what it means at once: «relevant fields (title, date)».
    if (
      /^[^.;]{0,45}(?:\(|:\s)/.test(text.slice(match.index + found.length)) &&
      !/^[^(]{0,45}\(s\)/.test(text.slice(match.index))
    )
      continue;
    // «an appropriate "no results" message» quotes what is meant; «for optimal performance» is a reason, not a duty.
    if (
      /^[^.;]{0,12}\u0001/.test(text.slice(match.index + found.length)) ||
      /\bfor (?:an? )?$/i.test(text.slice(0, match.index))
    )
      continue;
    // Part of a name: «Clear All», «Quick Actions».
    if (/^[A-Z]/.test(found) && match.index > 0) continue;
    report(place.context, 'E4', 'word', word(place, found), { word: found });
  }
}

function escapes(place: Place): void {
  for (const list of ['escape', 'open']) {
    if (!place.touched.has(`E5 ${list}`)) continue;
    for (const match of place.context.rules.find('E5', list, place.tokens)) {
      const before = place.text.slice(0, match.index);
      // «optionally accept a key»: the option is the user's.
      if (
        match.word === 'optionally' &&
        /^\s*(?:accept|take|include|specify|provide|enter|select|filter)\b/i.test(
          place.text.slice(match.index + match.word.length),
        )
      )
        continue;
      // «so that the page renders normally» says how, not whether.
      if (match.word === 'normally' && !/\b(?:shall|will|must|should|,)\s*$/i.test(before)) continue;
      // «WHEN … as required» in a trigger states the trigger.
      if (
        list === 'escape' &&
        /^(?:as required|as necessary)$/.test(match.word) &&
        /\b(?:mark\w*|flag\w*|set|labell?ed|field\w*)\s*$/i.test(before)
      )
        continue;
      report(place.context, 'E5', list, word(place, match.word), { word: match.word });
    }
  }
}

const specific =
  /[\d\u0001`]|\b(?:by|with|using|via|through|so that|when|within|before|after|without|as an?|in order|into|from|per|until|according|based|of type|such as|including|e\.g|only|nothing|no|for each|to (?:the|an?))\b|[:(]/i;

function unverifiable(place: Place): void {
  const { ears } = place.criterion;
  if (!ears.response || !ears.modal) return;
  const response = place.response.replace(/\.$/, '');
  const { rules } = place.context;
  for (const match of place.touched.has('E6 verbs') ? rules.find('E6', 'verbs', place.replies()) : []) {
    // The first verb, or one behind «and», «or», «and/or», is what the system is to do.
    if (match.index > 0 && !/(?:\b(?:and|or|and\/or)\s+|^be able to\s+)$/i.test(response.slice(0, match.index)))
      continue;
    const rest = response.slice(match.index + match.word.length);
    if ((match.index > 0 && rest.trim() === '') || specific.test(rest) || rest.split(/\s+/).length > 9) continue;
    report(place.context, 'E6', 'verb', word(place, match.word), { word: match.word });
    return;
  }
  const abstract =
    /^(?:ensure|maintain|provide|guarantee|support|preserve|promote|achieve)\s+(?:the\s+|a\s+|full\s+|high\s+|consistent\s+|overall\s+)*([\w\s-]{3,40}?)(?:\s+(?:across|throughout|at all times|for all|of the system|in all|and)\b.*|[.,]|$)/i.exec(
      response,
    );
  const object = abstract?.[1]?.trim().toLowerCase() ?? '';
  if (abstract && !/\d/.test(response) && (rules.get('E6').words['abstract'] ?? []).includes(object))
    report(place.context, 'E6', 'verb', word(place, abstract[0].split(/\s/)[0] ?? ''), {
      word: `${abstract[0].split(/\s/)[0]} ${object}`,
    });
}

const unitless =
  /\b(?:within|timeout of|time out after|expires? (?:after|in)|every|after|delay of|wait(?:s|ing)? (?:for )?|for at least|for up to)\s+(\d+(?:\.\d+)?)(?=\s*(?:[.,;)]|$|\s(?:and|or|the|then|of inactivity|when|if)\b))/i;

/** «After multiple failed attempts»: how many is the whole point. */
const repeated =
  /\b(multiple|many|repeated|numerous|too many|excessive)\s+(?:login\s+attempts\s+fail|(?:(?:consecutive|successive|sequential|invalid|incorrect|failed|wrong|unsuccessful)\s+)+(?:[\w-]+\s+){0,2}(?:attempts?|tries|logins?|requests?|failures?|entries))\b/i;

function quantity(place: Place): void {
  for (const match of place.touched.has('E7 loose') ? place.context.rules.find('E7', 'loose', place.tokens) : [])
    report(place.context, 'E7', 'loose', word(place, match.word), { word: match.word });
  const many = place.touched.has('E7 repeated') ? repeated.exec(place.text) : null;
  if (many && !/\d/.test(place.text))
    report(place.context, 'E7', 'loose', word(place, many[1] ?? ''), { word: many[1] ?? '' });
  if (!/\d/.test(place.text)) return;
  const bare = unitless.exec(place.text);
  if (bare?.[1]) report(place.context, 'E7', 'unit', word(place, bare[0]), { word: bare[0].trim() });
}

function passive(place: Place): void {
  const { ears } = place.criterion;
  if (!ears.response || ears.modal?.word !== 'shall') return;
  const match = /^(?:also\s+|always\s+|only\s+|automatically\s+|immediately\s+)?be\s+(?:\w+ly\s+)?(\w+)\b(.*)$/is.exec(
    ears.response.text,
  );
  const verb = (match?.[1] ?? '').toLowerCase();
  const rule = place.context.rules.get('E8');
  if (
    !match ||
    (!/ed$/.test(verb) && !rule.words['participles']?.includes(verb)) ||
    rule.words['states']?.includes(verb)
  )
    return;
  if (/\b(?:by|from)\s+(?:the|an?|each|every)?\s*\w/i.test(match[2] ?? '')) return;
  report(place.context, 'E8', 'passive', at(place, ears.response.span), { word: `be ${match[1]}` });
}

const code =
  /\b[A-Za-z_]\w*(?:::[A-Za-z_]\w*)+(?:\.\w+)?|\b[a-z_$][\w$]*(?:\.[a-z_$][\w$]*)*\(\)|(?<![\w/.])(?:src|lib|app|pkg|internal|components|server|client)\/[\w./-]+\.\w{1,5}\b|\b(?:SELECT\s+[\w*,.\s]+\s+FROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+TABLE)\b/;

/** `find_user(db, name)` with its arguments, and the file of a stylesheet or program, quoted as code. */
const quoted =
  /`[a-z_$][\w$.]*\([\w$,\s:=]+\)`|`[\w./-]+\.(?:s?css|less|py|[cm]?[jt]sx?|java|go|rb|php|cs|vue|svelte|rs|kt|swift)`/;

function implementation(place: Place): void {
  const { text } = place.criterion;
  const found =
    (/\(\)|\/|::|SELECT|INSERT|UPDATE|DELETE|CREATE/.test(text) ? code.exec(text) : null) ??
    (text.includes('`') ? quoted.exec(text) : null);
  if (found) report(place.context, 'E14', 'code', word(place, found[0]), { word: found[0] });
}

/** Words of the response: those of the text where it ends in the response, as it does without markup. */
function repliesOf(text: string, tokens: readonly Token[], response: string): readonly Token[] {
  const from = text.length - response.length;
  if (!text.endsWith(response)) return tokensOf(response);
  const first = tokens.findIndex((token) => token.index >= from);
  if (first < 0) return [];
  return tokens.slice(first).map(({ word, index, end }) => ({ word, index: index - from, end: end - from }));
}

/** E1–E8 and E14 on one criterion. Rules on English words keep silent in a text of another language. */
export function checkWording(context: LintContext, tree: DocumentTree, criterion: Criterion, part?: string): void {
  const english = tree.language === 'en';
  const text = withoutNames(criterion.text);
  const response = criterion.ears.response ? withoutNames(criterion.ears.response.text) : '';
  const tokens = english ? tokensOf(text) : [];
  let made: readonly Token[] | undefined;
  const place: Place = {
    context,
    tree,
    criterion,
    text,
    tokens,
    response,
    replies: () => {
      made ??= english ? repliesOf(text, tokens, response) : [];
      return made;
    },
    touched: context.rules.touched(tokens),
  };
  pattern(place, part);
  if (!english) return;
  if (part !== 'current') {
    actor(place);
    compound(place);
    vague(place);
    unverifiable(place);
    passive(place);
  }
  escapes(place);
  quantity(place);
  implementation(place);
}
