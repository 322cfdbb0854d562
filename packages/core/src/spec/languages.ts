import { isForeignLetter } from './letters.ts';

/** Words by which a language says the parts of an EARS sentence. Case is ignored; longer words come first. */
export interface KeywordSet {
  language: string;
  when: readonly string[];
  while: readonly string[];
  where: readonly string[];
  if: readonly string[];
  then: readonly string[];
  shall: readonly string[];
  /** Negations right after (or, where a language does so, right before) the modal. */
  not: readonly string[];
  /** Words are not set apart by spaces. */
  dense: boolean;
}

/** The languages whose sentences are taken apart; any other is read by structure alone. */
export const keywordSets: readonly KeywordSet[] = [
  {
    language: 'en',
    when: ['when', 'whenever', 'upon', 'once', 'after', 'before', 'on'],
    while: ['while', 'during', 'as long as'],
    where: ['where'],
    if: ['if', 'unless', 'in case'],
    then: ['then'],
    shall: ['shall'],
    not: ['not', 'never'],
    dense: false,
  },
  {
    language: 'es',
    when: ['cuando', 'al', 'tras'],
    while: ['mientras', 'durante'],
    where: ['donde'],
    if: ['si'],
    then: ['entonces'],
    shall: ['deberán', 'deberá', 'debería', 'deben', 'debe'],
    not: ['no', 'nunca'],
    dense: false,
  },
  {
    language: 'pt',
    when: ['quando', 'ao', 'após'],
    while: ['enquanto', 'durante'],
    where: ['onde'],
    if: ['se', 'caso'],
    then: ['então'],
    shall: ['deverão', 'deverá', 'devem', 'deve'],
    not: ['não', 'nunca'],
    dense: false,
  },
  {
    language: 'fr',
    when: ['quand', 'lorsque', "lorsqu'", 'dès que', 'après'],
    while: ['tant que', 'pendant'],
    where: ['où', 'là où'],
    if: ['si'],
    then: ['alors'],
    shall: ['doivent', 'devront', 'devra', 'doit'],
    not: ['pas', 'jamais'],
    dense: false,
  },
  {
    language: 'de',
    when: ['wenn', 'sobald', 'nachdem'],
    while: ['während', 'solange'],
    where: ['wo'],
    if: ['falls', 'wenn'],
    then: ['dann'],
    shall: ['müssen', 'sollen', 'muss', 'soll'],
    not: ['nicht', 'nie'],
    dense: false,
  },
  {
    language: 'it',
    when: ['quando', 'dopo'],
    while: ['mentre', 'finché'],
    where: ['dove'],
    if: ['se'],
    then: ['allora'],
    shall: ['dovranno', 'dovrà', 'devono', 'deve'],
    not: ['non', 'mai'],
    dense: false,
  },
  {
    language: 'ru',
    when: ['когда', 'при', 'после'],
    while: ['пока', 'в то время как'],
    where: ['где'],
    if: ['если'],
    then: ['тогда', 'то'],
    shall: ['должны', 'должна', 'должно', 'должен'],
    not: ['не', 'никогда'],
    dense: false,
  },
  {
    language: 'pl',
    when: ['kiedy', 'gdy', 'po'],
    while: ['podczas gdy', 'dopóki'],
    where: ['gdzie'],
    if: ['jeśli', 'jeżeli'],
    then: ['wtedy', 'to'],
    shall: ['powinien', 'powinna', 'powinno', 'musi', 'muszą'],
    not: ['nie', 'nigdy'],
    dense: false,
  },
  {
    language: 'zh',
    when: ['当', '當', '每当', '每當', '一旦'],
    while: ['在…期间', '期间', '正在'],
    where: ['在启用', '在啟用', '凡'],
    if: ['如果', '若', '假如', '倘若', '如'],
    then: ['那么', '那麼', '则', '則', '时，', '時，', '时,', '時,'],
    shall: ['应当', '應當', '应该', '應該', '应能够', '應能夠', '应', '應', '必须', '必須', '须', '須', '需要', '需'],
    not: ['不', '禁止'],
    dense: true,
  },
  {
    language: 'ja',
    when: ['とき、', 'とき', '際に', '際、', 'たら、', 'すると、'],
    while: ['間、', '間は', '中は', '中、'],
    where: ['において'],
    if: ['場合、', '場合は', '場合', 'もし', 'ならば'],
    then: ['その時', 'そのとき'],
    shall: [
      'しなければならない',
      'なければならない',
      'するものとする',
      'ものとする',
      'すること',
      'する必要がある',
      'べきである',
      'する',
      'しない',
    ],
    not: ['しない', 'ない'],
    dense: true,
  },
  {
    language: 'ko',
    when: ['할 때', '때', '하면'],
    while: ['동안', '중에'],
    where: ['에서'],
    if: ['경우', '만약'],
    then: ['그러면'],
    shall: [
      '해야 한다',
      '해야 합니다',
      '하여야 한다',
      '되어야 한다',
      '되어야 합니다',
      '야 한다',
      '야 합니다',
      '한다',
      '합니다',
    ],
    not: ['않', '안'],
    dense: true,
  },
];

/** Words for «requirement» in headings and references, lower case. */
export const requirementWords: readonly string[] = [
  'requirements',
  'requirement',
  'reqs',
  'req',
  'functional requirement',
  'non-functional requirement',
  'user story',
  'story',
  'nfr',
  'fr',
  'us',
  'dr',
  'ac',
  'r',
  '需求',
  '功能需求',
  '非功能需求',
  '要求',
  '要件',
  '機能要件',
  '非機能要件',
  '요구사항',
  '요구 사항',
  '요건',
  'requisito',
  'requisitos',
  'requerimiento',
  'requerimientos',
  'exigence',
  'exigences',
  'anforderung',
  'anforderungen',
  'requirement no',
  'требование',
  'требования',
  'wymaganie',
  'wymagania',
  'yêu cầu',
  'persyaratan',
  'kebutuhan',
  'gereksinim',
  'gereksinimler',
  'krav',
  'vereiste',
  'vereisten',
  'požadavek',
  'вимога',
  'вимоги',
  'prerequisito',
  'requisiti',
  'ข้อกำหนด',
  'आवश्यकता',
  'المتطلب',
  'متطلب',
  'דרישה',
  'vaatimus',
  'követelmény',
  'cerință',
];

/** Headings and labels that open a list of criteria. */
export const criteriaHeadings =
  /acceptance\s+(?:criteri|test)|^ac$|^criteria$|^ears\b|验收|驗收|接受[标標]准|接受標準|受け?入れ?\s*(?:基準|条件|要件)|受入|承認\s*(?:基準|条件)|(?:인수|수락|승인|수용|검수|허용)\s*(?:기준|조건)|criterios?\s+de\s+(?:aceptaci|validaci|[eé]xito)|crit[eé]rios?\s+de\s+(?:aceita|aceit|aceptaci|valida|sucesso)|crit[eè]res?\s+d.\s*acceptation|crit[eè]res?\s+de\s+(?:validation|succ[eè]s)|criteri\s+di\s+accettazione|akzeptanzkriteri|abnahmekriteri|критери[ия]\s+(?:при[её]м|при[нй]ят|готовност)|критерії\s+прийн|kryteria\s+akceptacj|acceptatiecriteri|kriteria\s+penerimaan|tiêu chí chấp nhận|kabul\s+kriter|acceptanskriteri|kritéria\s+přijetí|kritéri[aá]\s+přijet|hyväksymiskriteer|elfogadási\s+krit|เกณฑ์|स्वीकृति|معايير القبول|קריטריוני/iu;

export const glossaryHeadings =
  /glossary|terminology|definitions|术语|術語|名词解释|名詞解釋|用語|용어|glosario|gloss[aá]rio|glossaire|glossar|глоссарий|словарь|słownik|thuật ngữ|daftar istilah|sözlük/iu;

export const introductionHeadings =
  /^(?:\d+[.、]?\s*)?(?:introduction|overview|summary|background|简介|簡介|介绍|介紹|引言|概述|概要|はじめに|序論|소개|개요|introducci[oó]n|introdu[cç][aã]o|einleitung|einführung|введение|wprowadzenie|introduzione|giới thiệu|pendahuluan|giriş)/iu;

/** The three parts of a bug analysis. */
export const bugfixHeadings = {
  current:
    /current\s+behaviou?r|actual\s+behaviou?r|defect\b|当前行为|當前行為|现有行为|現在の動作|現状の動作|comportamiento\s+actual|comportamento\s+atual|comportement\s+actuel|aktuelles\s+verhalten|текущее\s+поведение|현재\s*동작/iu,
  expected:
    /expected\s+behaviou?r|desired\s+behaviou?r|正确行为|预期行为|預期行為|期望行为|期待される動作|comportamiento\s+esperado|comportamento\s+esperado|comportement\s+attendu|erwartetes\s+verhalten|ожидаемое\s+поведение|예상\s*동작|기대\s*동작/iu,
  unchanged:
    /unchanged\s+behaviou?r|regression\s+prevention|preserved?\s+behaviou?r|不变行为|不變行為|保持不变|変更(?:されない|しない)動作|変わらない動作|維持(?:される|すべき)動作|comportamiento\s+(?:sin\s+cambios|inalterado)|comportamento\s+inalterado|comportement\s+inchang|unver[aä]ndertes\s+verhalten|неизменн\S*\s+поведение|변경되지\s*않/iu,
} as const;

const plainStory =
  /^(?:user\s+stor(?:y|ies)|story|objective|goal|historia\s+de\s+usuario|histoire\s+utilisateur|benutzergeschichte|anwendergeschichte|storia\s+utente|historyjka|cerita\s+pengguna)$/i;
const otherStory =
  /^(?:用户故事|使用者故事|用戶故事|ユーザーストーリー|ユーザストーリー|目的|目标|目標|사용자\s*스토리|hist[oó]ria\s+(?:de|do)\s+usu[aá]rio|récit\s+utilisateur|пользовательская\s+история|история\s+пользователя|câu chuyện người dùng)$/iu;

/** Is this the label of a user story. */
export const isStoryLabel = (text: string) => (/[^\u0000-\u007f]/.test(text) ? otherStory : plainStory).test(text);

/** «All requirements», in the places where a list of numbers is expected. */
export const allWords =
  /^(?:all\b|every\b|所有|全部|すべて|全て|全要件|모든|todos\b|todas\b|toutes?\b|tous\b|alle\b|все\b|wszystkie\b|tutti\b|semua\b|tất cả)/iu;

/** Code points from and to, both included; in order of weight: Japanese is written with Chinese signs too. */
const scripts: readonly [language: string, from: number, to: number][] = [
  ['ja', 0x3040, 0x30ff],
  ['ko', 0xac00, 0xd7af],
  ['zh', 0x4e00, 0x9fff],
  ['ru', 0x0400, 0x04ff],
  ['ar', 0x0600, 0x06ff],
  ['he', 0x0590, 0x05ff],
  ['hi', 0x0900, 0x097f],
  ['th', 0x0e00, 0x0e7f],
];

/** Frequent words that no other language here shares. */
const stopWords: readonly [string, RegExp][] = [
  ['en', /\b(?:the|and|of|to|with|that|for|is|are|from|user|when)\b/g],
  ['es', /\b(?:el|los|las|del|para|que|con|una|usuario|cuando|por|según)\b/gi],
  ['pt', /\b(?:não|uma|dos|das|para|que|com|usuário|ao|pelo|são|seu)\b/gi],
  ['fr', /\b(?:les|des|une|pour|dans|avec|est|qui|sur|utilisateur|aux|être)\b/gi],
  ['de', /\b(?:der|die|das|und|für|mit|ein|eine|den|benutzer|wird|nicht|ist)\b/gi],
  ['it', /\b(?:il|gli|della|delle|per|che|con|una|utente|sono|nel|alla)\b/gi],
  ['pl', /\b(?:jest|dla|nie|oraz|przez|użytkownik|się|który|aby|lub)\b/gi],
  ['id', /\b(?:dan|yang|untuk|dengan|dari|pengguna|tidak|dalam|adalah)\b/gi],
  ['vi', /\b(?:và|của|người|dùng|được|không|cho|với|một)\b/gi],
  ['tr', /\b(?:ve|bir|için|kullanıcı|ile|bu|olarak)\b/gi],
];

const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;

function scriptOf(sample: string): string | undefined {
  const found = scripts.map(() => 0);
  let letters = 0;
  for (let i = 0; i < sample.length; i++) {
    const code = sample.charCodeAt(i);
    if (code < 0x80) {
      if ((code | 32) >= 97 && (code | 32) <= 122) letters++;
      continue;
    }
    if (!isForeignLetter(code)) continue;
    letters++;
    for (let at = 0; at < scripts.length; at++) {
      const [, from, to] = scripts[at] as (typeof scripts)[number];
      if (code < from || code > to) continue;
      found[at] = (found[at] ?? 0) + 1;
      break;
    }
  }
  return scripts.find(
    ([language], i) => (found[i] ?? 0) / Math.max(1, letters) > (language === 'ja' ? 0.08 : 0.15),
  )?.[0];
}

const frequentEnglish = /\b(?:the|and|of|to|with|that|for|is|are)\b/g;

/** Where these first characters are plainly English, no more is read. */
const START = 600;

/**
 * The language of a text's words, not of its keywords: a Spanish sentence between WHEN and SHALL is Spanish. Looks at
 * a sample, so that cost does not grow with the document.
 */
export function languageOf(text: string): string {
  const start = text.slice(0, START);
  if (count(start, frequentEnglish) * 25 > START && !/[^\u0000-\u007f]/.test(start)) return 'en';
  const middle = Math.max(1_200, Math.floor(text.length / 2) - 600);
  const sample = `${text.slice(0, 1_200)} ${text.slice(middle, middle + 1_200)}`;
  // Lower case only: THE and THEN are keywords in every language's specs. One in fifty characters' worth is English.
  const plain = count(sample, frequentEnglish);
  if (plain * 50 > sample.length / 2 && !/[^\u0000-\u024f]{20}/.test(sample)) return 'en';
  const script = /[^\u0000-\u024f]/.test(sample) ? scriptOf(sample) : undefined;
  if (script) return script;
  // Few words and much code: without a single accented letter it is English.
  if (plain >= 8 && !/[\u00c0-\u024f]/.test(sample)) return 'en';
  let best = 'en';
  let most = 0;
  for (const [language, pattern] of stopWords) {
    const found = count(sample, pattern);
    if (found > most) {
      most = found;
      best = language;
    }
  }
  return best;
}
