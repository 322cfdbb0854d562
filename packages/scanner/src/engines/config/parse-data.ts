import { messageOf } from '@ambit/core/errors';
import { isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import { Broken, type Child, type Parse, type Tree } from './tree.ts';

type Lines = (offset: number) => number;

function fromYaml(node: unknown, at: Lines, line: number, depth: number): Tree {
  const range = (node as { range?: [number, number, number] } | null)?.range;
  const own = range ? at(range[0]) : line;
  const tree: Tree = { line: own, endLine: range ? Math.max(own, at(Math.max(range[0], range[1] - 1))) : line };
  if (depth > 60) return tree;
  if (isScalar(node)) tree.scalar = node.value as string;
  else if (isMap(node))
    tree.children = node.items.map((item): Child => {
      const keyRange = (item.key as { range?: [number] } | null)?.range;
      const keyLine = keyRange ? at(keyRange[0]) : own;
      const key = isScalar(item.key) ? String(item.key.value) : '';
      return { key, line: keyLine, node: fromYaml(item.value, at, keyLine, depth + 1) };
    });
  else if (isSeq(node))
    tree.children = node.items.map((item, index): Child => {
      const inner = fromYaml(item, at, own, depth + 1);
      return { key: String(index), line: inner.line, node: inner };
    });
  return tree;
}

/** YAML with tags of cloud formats left as they are (`!Ref x` is `x`); Helm templates are not YAML and are a gap. */
export const parseYaml: Parse = (text) => {
  const counter = new LineCounter();
  const broken = new Broken();
  const at: Lines = (offset) => counter.linePos(offset).line;
  try {
    const documents = parseAllDocuments(text, {
      lineCounter: counter,
      uniqueKeys: false,
      logLevel: 'silent',
      prettyErrors: false,
    });
    if (!Array.isArray(documents)) return { documents: [] };
    for (const error of documents.flatMap(({ errors }) => errors))
      broken.at(at(error.pos[0]), error.message.split(/ at line |[:\n]/)[0] ?? '');
    return broken.parsed(documents.map((document) => fromYaml(document.contents, at, 1, 0)));
  } catch (error) {
    broken.at(1, messageOf(error));
    return broken.parsed([]);
  }
};

interface Reader {
  text: string;
  at: number;
  line: number;
}

function skip(reader: Reader): void {
  const { text } = reader;
  while (reader.at < text.length) {
    const char = text[reader.at] ?? '';
    if (char === '\n') reader.line += 1;
    if (/[\s,\ufeff]/.test(char)) reader.at += 1;
    else if (text.startsWith('//', reader.at)) reader.at = end(text, '\n', reader.at);
    else if (text.startsWith('/*', reader.at)) {
      const stop = end(text, '*/', reader.at) + 2;
      reader.line += text.slice(reader.at, stop).split('\n').length - 1;
      reader.at = stop;
    } else return;
  }
}

function end(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found < 0 ? text.length : found;
}

/** JSON5 has strings in single quotes and names without any. */
function readString(reader: Reader): string {
  const form = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/y;
  form.lastIndex = reader.at;
  const found = form.exec(reader.text)?.[0];
  if (found === undefined) throw new Error('a string does not end');
  reader.at += found.length;
  if (found.startsWith("'")) return found.slice(1, -1);
  try {
    return JSON.parse(found) as string;
  } catch {
    return found.slice(1, -1);
  }
}

function readKey(reader: Reader): string {
  const form = /[A-Za-z_$][\w$-]*/y;
  form.lastIndex = reader.at;
  const bare = form.exec(reader.text)?.[0];
  if (bare === undefined) return readString(reader);
  reader.at += bare.length;
  return bare;
}

function readLiteral(reader: Reader, depth: number): Tree {
  const form = /[^\s,\]}:]+/y;
  form.lastIndex = reader.at;
  const word = form.exec(reader.text)?.[0];
  if (word === undefined) throw new Error('a value is missing');
  if (depth === 0 && !/^(?:true|false|null|-?\d[\d.eE+-]*)$/.test(word)) throw new Error('this is no JSON');
  reader.at += word.length;
  const known: Record<string, boolean | null> = { true: true, false: false, null: null };
  const scalar = word in known ? (known[word] ?? null) : Number.isNaN(Number(word)) ? word : Number(word);
  return { line: reader.line, endLine: reader.line, scalar };
}

function readValue(reader: Reader, depth: number): Tree {
  skip(reader);
  const line = reader.line;
  const char = reader.text[reader.at];
  if (char === '"' || char === "'") return { line, endLine: line, scalar: readString(reader) };
  if (char !== '{' && char !== '[') return readLiteral(reader, depth);
  if (depth > 200) throw new Error('nested deeper than 200 levels');
  reader.at += 1;
  const close = char === '{' ? '}' : ']';
  const children: Child[] = [];
  for (;;) {
    skip(reader);
    if (reader.at >= reader.text.length) throw new Error('a bracket does not close');
    if (reader.text[reader.at] === close) break;
    const keyLine = reader.line;
    let key = String(children.length);
    if (char === '{') {
      key = readKey(reader);
      skip(reader);
      if (reader.text[reader.at] !== ':') throw new Error('a colon is missing');
      reader.at += 1;
    }
    children.push({ key, line: keyLine, node: readValue(reader, depth + 1) });
  }
  reader.at += 1;
  return { line, endLine: reader.line, children };
}

/** JSON with comments and trailing commas, which most tools accept; one value a line is several documents. */
export const parseJson: Parse = (text) => {
  const reader = { text, at: 0, line: 1 };
  const documents: Tree[] = [];
  const broken = new Broken();
  try {
    for (skip(reader); reader.at < text.length; skip(reader)) documents.push(readValue(reader, 0));
  } catch (error) {
    broken.at(reader.line, messageOf(error));
  }
  return broken.parsed(documents);
};

/** Tables in tables are followed this far. */
const DEEPEST = 40;

function tomlInline(text: string, line: number, depth: number): Tree {
  const items = text.match(/"(?:[^"\\]|\\.)*"|'[^']*'|[^\s,[\]{}=]+/g) ?? [];
  if (text.startsWith('['))
    return {
      line,
      endLine: line,
      children: items.map((item, i) => ({ key: String(i), line, node: tomlValue(item, line, depth + 1) })),
    };
  // A key is looked for at its beginning only: else a long run of letters is read again from each of them.
  const pairs = [...text.matchAll(/(?<![\w"'.-])([\w"'.-]+)\s*=\s*("(?:[^"\\]|\\.)*"|'[^']*'|[^,}]+)/g)];
  const children = pairs.map(([, key = '', value = '']) => ({
    key: key.replaceAll(/["']/g, ''),
    line,
    node: tomlValue(value, line, depth + 1),
  }));
  return { line, endLine: line, children };
}

function tomlValue(text: string, line: number, depth = 0): Tree {
  const trimmed = text.trim().replace(/\s+#.*$/, '');
  const quoted = /^(?:"((?:[^"\\]|\\.)*)"|'([^']*)')$/.exec(trimmed);
  if (quoted) return { line, endLine: line, scalar: quoted[1] ?? quoted[2] ?? '' };
  if (depth < DEEPEST && (trimmed.startsWith('[') || trimmed.startsWith('{'))) return tomlInline(trimmed, line, depth);
  const scalar = trimmed === 'true' ? true : trimmed === 'false' ? false : trimmed;
  return { line, endLine: line, scalar };
}

const HEADER = /^\s*\[{1,2}([^\]]+)\]{1,2}\s*(?:#.*)?$/;
const PAIR = /^\s*((?:[\w-]+|"[^"]+"|'[^']+')(?:\s*\.\s*(?:[\w-]+|"[^"]+"|'[^']+')){0,9})\s*=\s*(.*)$/;
/** A value that goes on in the next line is no longer than this. */
const VALUE_MAX = 10_000;

/** Whether the brackets of a list or table are closed; those inside strings do not count. */
function isClosed(value: string): boolean {
  let depth = 0;
  for (const [token] of value.matchAll(/"(?:[^"\\]|\\.)*"|'[^']*'|[[\]{}]/g)) {
    if (token === '[' || token === '{') depth += 1;
    else if (token === ']' || token === '}') depth -= 1;
  }
  return depth <= 0;
}

/** The value that starts in a line, and the index of the line in which it ends; -1 where it does not. */
function tomlText(lines: readonly string[], start: number, first: string): { value: string; end: number } {
  const quote = /^(?:"""|''')/.exec(first)?.[0];
  const closed = quote === undefined ? isClosed : (value: string) => value.indexOf(quote, 3) >= 0;
  if (quote === undefined && !/^[[{]/.test(first)) return { value: first, end: start };
  let value = first;
  let end = start;
  while (!closed(value) && end + 1 < lines.length && value.length < VALUE_MAX) {
    end += 1;
    value += quote === undefined ? ` ${(lines[end] ?? '').replace(/(?:^|\s)#.*$/, '')}` : `\n${lines[end]}`;
  }
  if (!closed(value)) return { value, end: -1 };
  return { value: quote === undefined ? value : JSON.stringify(value.slice(3, value.indexOf(quote, 3))), end };
}

/** Tables, arrays of tables and `key = value` lines of TOML; lists, tables and texts may run over several lines. */
export const parseToml: Parse = (text) => {
  const root: Tree = { line: 1, endLine: 1, children: [] };
  const broken = new Broken();
  let table = root;
  const lines = text.split(/\r?\n/);
  for (let index = 0; index < lines.length; index += 1) {
    const raw = lines[index] ?? '';
    const line = index + 1;
    root.endLine = line;
    const header = HEADER.exec(raw);
    if (header) {
      table = root;
      for (const key of splitKeys(header[1] ?? '')) table = childOf(table, key, line);
      continue;
    }
    const pair = PAIR.exec(raw);
    if (!pair) {
      if (!/^\s*(?:#|$)/.test(raw)) broken.at(line, 'neither a table nor a value');
      continue;
    }
    const { value, end } = tomlText(lines, index, pair[2] ?? '');
    if (end < 0 || value === '') broken.at(line, end < 0 ? 'a value does not end' : 'a value is missing');
    index = Math.max(index, end);
    const keys = splitKeys(pair[1] ?? '');
    let holder = table;
    for (const key of keys.slice(0, -1)) holder = childOf(holder, key, line);
    holder.children?.push({ key: keys.at(-1) ?? '', line, node: tomlValue(value, line) });
    holder.endLine = line;
  }
  return broken.parsed([root]);
};

function splitKeys(text: string): string[] {
  return (text.match(/"[^"]+"|'[^']+'|[^.\s]+/g) ?? []).map((key) => key.replaceAll(/["']/g, ''));
}

/** The table of that name opened last on the way of one header; a header that comes again opens a new one. */
function childOf(parent: Tree, key: string, line: number): Tree {
  const node: Tree = { line, endLine: line, children: [] };
  parent.children?.push({ key, line, node });
  return node;
}
