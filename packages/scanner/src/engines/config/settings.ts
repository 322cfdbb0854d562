import { lineAt, lineStarts } from '../pattern/pattern.ts';
import { type Child, scalarText, type Tree } from './tree.ts';

/** One `name = value` of a file, whatever its format. */
export interface Setting {
  /** Words of the name; a name that says nothing alone (`enabled`) follows the words of what it stands in. */
  name: string;
  /** Words of all names from the document down to this one. */
  path: string;
  value: string;
  line: number;
  endLine: number;
  /** `name=value` of its neighbours, one a line. */
  beside: () => string;
}

/** Settings of one file that are looked at: more are data, not settings. */
const SETTINGS_MAX = 20_000;
const DEPTH_MAX = 40;

/** `minTlsVersion`, `min_tls_version` and `MinTLSVersion` are `min tls version`. */
export function wordsOf(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .replaceAll(/[^A-Za-z0-9]+/g, ' ')
    .trim()
    .toLowerCase();
}

/** Names that say nothing alone. */
export const EMPTY_NAME =
  /^(?:enabled?|disabled?|state|status|mode|type|level|value|policy|required|include|secure|insecure)$/;
const NAMES: ReadonlySet<string> = new Set([
  'name',
  'Name',
  'key',
  'Key',
  'ParameterName',
  'parameterName',
  'OptionName',
]);
const VALUES: ReadonlySet<string> = new Set(['value', 'Value', 'ParameterValue', 'parameterValue', 'default_value']);

/** `{ name: x, value: y }` is a setting `x` too, unless it is a tag. */
function pairOf(children: readonly Child[]): { name: string; child: Child } | undefined {
  const name = children.find(({ key, node }) => NAMES.has(key) && node.scalar !== undefined);
  const value = children.find(({ key, node }) => VALUES.has(key) && node.scalar !== undefined);
  return name && value ? { name: String(name.node.scalar), child: value } : undefined;
}

/** Keys whose text is a command line: its flags are settings too. */
const COMMANDS: ReadonlySet<string> = new Set(['command', 'args', 'entrypoint', 'cmd']);
const COMMAND_MAX = 2_000;
const FLAG = /(?:^|\s)--([a-z][\w.-]{1,80})(?:[= ]([^\s"'-][^\s]{0,200}))?(?=\s|$)/gi;

/** Lists whose items are `NAME=value`. */
const ENVIRONMENT = /^(?:environment|env)$/;
const VARIABLE = /^([A-Za-z][\w.]{1,80})=([^\n]{0,200})$/;

interface Walk {
  found: Setting[];
  /** Levels below `resource` that are the type and the label a person chose. */
  labels: boolean;
}

/** Levels below a block in which its neighbours' settings still count: `allow { ports = [443] }`. */
const BESIDE_DEPTH = 2;

function besideOf(children: readonly Child[]): string {
  const lines: string[] = [];
  const add = (name: string, node: Tree, depth: number): void => {
    if (node.children === undefined) lines.push(`${name}=${scalarText(node) ?? ''}`);
    else if (depth < BESIDE_DEPTH)
      for (const inner of node.children)
        add(/^\d+$/.test(inner.key) ? name : wordsOf(inner.key), inner.node, depth + 1);
  };
  for (const { key, node } of children) add(wordsOf(key), node, 0);
  return lines.join('\n');
}

/** `outer`: the neighbours of the node itself, which are those of a list's items. */
function walk(node: Tree, parents: readonly string[], depth: number, state: Walk, outer?: () => string): void {
  const children = node.children ?? [];
  let around: string | undefined;
  const isList = children.length > 0 && children.every(({ key }) => /^\d+$/.test(key));
  const beside = () => {
    around ??= isList && outer ? outer() : besideOf(children);
    return around;
  };
  const add = (words: string, { node: value, line }: Child, holder = parents.at(-1) ?? '') => {
    if (state.found.length >= SETTINGS_MAX) return;
    state.found.push({
      name: EMPTY_NAME.test(words) ? `${holder} ${words}`.trim() : words,
      path: parents.at(-1) === words ? parents.join(' / ') : [...parents, words].join(' / '),
      value: String(value.scalar ?? ''),
      line: Math.min(line, value.line),
      endLine: Math.max(line, value.endLine),
      beside,
    });
  };
  const addCommand = (child: Child) => {
    const command = scalarText(child.node) ?? '';
    for (const [, flag = '', value = 'true'] of command.slice(0, COMMAND_MAX).matchAll(FLAG))
      addFlag(flag, value, child);
  };
  const addFlag = (flag: string, value: string, child: Child) =>
    add(wordsOf(flag), { ...child, node: { ...child.node, scalar: value } }, '');
  const pair = pairOf(children);
  if (pair && !/\btags?\b/.test(parents.at(-1) ?? '')) add(wordsOf(pair.name), pair.child, wordsOf(pair.name));
  for (const child of children) {
    const isItem = /^\d+$/.test(child.key);
    const words = isItem ? '' : wordsOf(child.key);
    if (child.node.children === undefined) {
      const flag = /^--?([a-z][\w.-]{1,80})(?:[= ]([^\s]{0,200}))?$/i.exec(scalarText(child.node) ?? '');
      const variable =
        isItem && ENVIRONMENT.test(parents.at(-1) ?? '') ? VARIABLE.exec(scalarText(child.node) ?? '') : undefined;
      if (variable) addFlag(variable[1] ?? '', variable[2] ?? '', child);
      else if (isItem && flag) addFlag(flag[1] ?? '', flag[2] ?? 'true', child);
      else if (words !== '') {
        add(words, child);
        if (COMMANDS.has(words)) addCommand(child);
      } else if (parents.length > 0) add(parents.at(-1) ?? '', child, '');
    } else if (depth < DEPTH_MAX) {
      const isLabel = state.labels && depth === 2 && /^(?:resource|data)$/.test(parents[0] ?? '');
      walk(child.node, words === '' || isLabel ? parents : [...parents, words], depth + 1, state, beside);
    }
  }
}

/** Settings of parsed documents; `labels`: the third level below `resource` is a name a person chose. */
export function settingsOfTrees(documents: readonly Tree[], labels: boolean): Setting[] {
  const state: Walk = { found: [], labels };
  for (const document of documents) walk(document, [], 0, state);
  return state.found;
}

const LINE_FORM =
  /(?:^|[\s,{([])(?:["']([A-Za-z][\w.-]{1,80})["']|([A-Za-z][\w.-]{1,80}))[ \t]*(?:[:=]|=>)[ \t]*(?:"([^"\n]{0,200})"|'([^'\n]{0,200})'|`([^`\n]{0,200})`|\[[ \t]*["']([^"'\n]{0,200})["'][ \t]*\]|([\w.*/:-]{1,100}))/g;

/** Lines of one name and one value without a sign between them, and names of several words. */
const BARE_FORM =
  /^[ \t]*([A-Za-z][\w.-]{1,60}(?: [a-z]{1,20}){0,3}?)[ \t]*(?:[ \t]|=[ \t]*)"?([\w.*/:-]{1,100})"?[ \t]*;?[ \t]*$/;

/** Settings of code and of formats of lines: `name = value`, `name: value`, one or several a line. */
export function settingsOfLines(text: string, bare = false): Setting[] {
  const found: Setting[] = [];
  const lines = text.split('\n');
  let header = '';
  const add = (line: number, name: string, value: string) => {
    const parts = name.split('.');
    const words = wordsOf(parts.at(-1) ?? '');
    const holder = wordsOf(`${header} ${parts.slice(0, -1).join(' ')}`);
    found.push({
      name: EMPTY_NAME.test(words) ? `${holder} ${words}`.trim() : words,
      path: `${holder} / ${words}`,
      value,
      line: line + 1,
      endLine: line + 1,
      beside: () => wordsOf(lines.slice(Math.max(0, line - 6), line + 7).join(' \n ')),
    });
  };
  lines.forEach((source, index) => {
    if (found.length >= SETTINGS_MAX || source.length > 2_000 || /^\s*(?:#|\/\/|;|\*)/.test(source)) return;
    header = /^\s*\[([\w.-]{1,80})\]\s*$/.exec(source)?.[1] ?? header;
    const [, name, value = ''] = (bare && BARE_FORM.exec(source)) || [];
    if (name !== undefined) add(index, name, value);
    else
      for (const [, quoted, plain, ...values] of source.matchAll(LINE_FORM))
        add(index, quoted ?? plain ?? '', values.find((one) => one !== undefined) ?? '');
  });
  return found;
}

const XML_FORMS = [
  /<(?:param-name|name|key|entry-name)>\s*([\w.-]{1,100})\s*<\/[\w-]{1,20}>\s*<(?:param-value|value|string|integer)>([^<]{0,200})</g,
  /<key>\s*([\w.-]{1,100})\s*<\/key>\s*<(true|false)\s*\/>/g,
  /<add\s+(?:key|name)="([^"\n]{1,100})"\s+value="([^"\n]{0,200})"/g,
  /<([A-Za-z][\w.-]{1,60})>\s*([\w.*/:-]{1,100})\s*<\//g,
  /\s(?:[a-z]{1,20}:)?([A-Za-z][\w.-]{1,60})="([^"\n]{0,200})"/g,
];

/** Settings of XML: elements, attributes, and pairs of elements that are a name and a value. */
export function settingsOfXml(text: string): Setting[] {
  const starts = lineStarts(text);
  return XML_FORMS.flatMap((form) =>
    [...text.matchAll(form)].slice(0, SETTINGS_MAX).map((found): Setting => {
      const [whole, name = '', value = ''] = found;
      const words = wordsOf(name);
      const line = lineAt(starts, found.index + whole.length - 1);
      const before = wordsOf(
        text.slice(Math.max(0, found.index - 200), found.index).replaceAll(/="[^"]*"|>[^<]*</g, ' '),
      );
      return { name: words, path: `${before} / ${words}`, value, line, endLine: line, beside: () => before };
    }),
  );
}
