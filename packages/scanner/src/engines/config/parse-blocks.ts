import { parseJson } from './parse-data.ts';
import type { Child, Parse, Tree } from './tree.ts';

interface Token {
  kind: 'word' | 'string' | 'open' | 'close' | 'equals' | 'comma' | 'end';
  text: string;
  line: number;
}

interface HclReader {
  tokens: Token[];
  at: number;
}

const hclForms = [
  /(?<space>[ \t\r]+|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)/,
  /(?<heredoc><<[-~]?"?(?<tag>\w+)"?\n)/,
  /(?<string>"(?:[^"\\\n]|\\.)*")/,
  /(?<line>\n)|(?<open>[{[(])|(?<close>[}\])])|(?<equals>=(?!=)|:(?!:))|(?<comma>,)/,
  /(?<word>[^\s{}[\]()=,:"]+|[:=]+)|(?<other>.)/,
];

function hclTokens(text: string): Token[] {
  const form = new RegExp(hclForms.map((part) => part.source).join('|'), 'gy');
  const tokens: Token[] = [];
  let line = 1;
  for (let match = form.exec(text); match; match = form.exec(text)) {
    const groups = match.groups ?? {};
    const whole = match[0];
    const add = (kind: Token['kind'], value = whole) => tokens.push({ kind, text: value, line });
    if (groups['heredoc'] !== undefined) {
      const rest = text.slice(form.lastIndex);
      const stop = new RegExp(`^[ \\t]*${groups['tag']}[ \\t]*$`, 'm').exec(rest);
      const taken = rest.slice(0, stop?.index ?? rest.length);
      add('string', taken);
      line += taken.split('\n').length;
      form.lastIndex += taken.length + (stop?.[0].length ?? 0);
      continue;
    }
    if (groups['string'] !== undefined) add('string', whole.slice(1, -1).replaceAll('\\"', '"'));
    else if (groups['line'] !== undefined) add('end');
    else if (groups['space'] === undefined) {
      const kind = (['open', 'close', 'equals', 'comma'] as const).find((name) => groups[name] !== undefined);
      add(kind ?? 'word');
    }
    for (const char of whole) if (char === '\n') line += 1;
  }
  return tokens;
}

function hclExpression(reader: HclReader, depth: number): Tree {
  const from = reader.at;
  const first = reader.tokens[from];
  const line = first?.line ?? 1;
  if (first?.kind === 'open' && first.text !== '(' && depth < 100) {
    reader.at += 1;
    return first.text === '{' ? hclBody(reader, line, depth + 1) : hclList(reader, line, depth + 1);
  }
  const parts: string[] = [];
  let level = 0;
  let last = line;
  let token = first;
  while (token) {
    if (level === 0 && (token.kind === 'end' || token.kind === 'comma' || token.kind === 'close')) break;
    if (token.kind === 'open') level += 1;
    if (token.kind === 'close') level -= 1;
    if (token.kind !== 'end') parts.push(token.text);
    last = token.line;
    reader.at += 1;
    token = reader.tokens[reader.at];
  }
  const text = parts.join(' ');
  const scalar = first?.kind !== 'string' && (text === 'true' || text === 'false') ? text === 'true' : text;
  const tree: Tree = { line, endLine: last, scalar };
  if (/^jsonencode \( [{[]/.test(text)) return { ...hclEncoded(reader, from, line), scalar };
  if (first?.kind === 'string' && parts.length === 1) return { ...tree, ...hclDocument(first) };
  return tree;
}

/** `jsonencode({ … })` holds a map or a list that rules want to look into. */
function hclEncoded(reader: HclReader, from: number, line: number): Tree {
  const inner = { tokens: reader.tokens.slice(from + 3, reader.at), at: 0 };
  return reader.tokens[from + 2]?.text === '{' ? hclBody(inner, line, 1) : hclList(inner, line, 1);
}

function moved(node: Tree, by: number): Tree {
  const { children } = node;
  const own = { ...node, line: node.line + by, endLine: node.endLine + by };
  if (!children) return own;
  return {
    ...own,
    children: children.map((child) => ({ ...child, line: child.line + by, node: moved(child.node, by) })),
  };
}

/** A text of several lines that is JSON (a policy, a list of containers) is looked into as well. */
function hclDocument({ text, line }: Token): Partial<Tree> {
  if (!/^\s*[{[][^\n]*\n/.test(text)) return {};
  const [document] = parseJson(text.replaceAll(/\$\{[^}"\n]*\}/g, 'x')) ?? [];
  if (!document?.children) return {};
  const { children = [], endLine } = moved(document, line);
  return { children, endLine };
}

function hclList(reader: HclReader, line: number, depth: number): Tree {
  const children: Child[] = [];
  while (reader.at < reader.tokens.length) {
    const token = reader.tokens[reader.at];
    if (token?.kind === 'close') break;
    if (token?.kind === 'end' || token?.kind === 'comma') reader.at += 1;
    else {
      const before = reader.at;
      const node = hclExpression(reader, depth);
      children.push({ key: String(children.length), line: node.line, node });
      if (reader.at === before) reader.at += 1;
    }
  }
  const endLine = reader.tokens[reader.at]?.line ?? line;
  reader.at += 1;
  return { line, endLine, children };
}

/** One attribute or block: `name = value`, `type "label" "label" { … }`. Labels become levels of the tree. */
function hclEntry(reader: HclReader, depth: number): Child | undefined {
  const names: Token[] = [];
  let token = reader.tokens[reader.at];
  while (token && (token.kind === 'word' || token.kind === 'string')) {
    names.push(token);
    reader.at += 1;
    token = reader.tokens[reader.at];
  }
  const [first] = names;
  if (!first || !token) {
    reader.at += 1;
    return undefined;
  }
  if (token.kind === 'equals') {
    reader.at += 1;
    while (reader.tokens[reader.at]?.kind === 'end') reader.at += 1;
    return { key: first.text, line: first.line, node: hclExpression(reader, depth) };
  }
  if (token.kind !== 'open' || token.text !== '{') {
    reader.at += 1;
    return undefined;
  }
  reader.at += 1;
  let node = hclBody(reader, first.line, depth + 1);
  for (const label of names.slice(1).reverse())
    node = { line: first.line, endLine: node.endLine, children: [{ key: label.text, line: first.line, node }] };
  return { key: first.text, line: first.line, node };
}

function hclBody(reader: HclReader, line: number, depth: number): Tree {
  const children: Child[] = [];
  while (reader.at < reader.tokens.length) {
    const token = reader.tokens[reader.at];
    if (token?.kind === 'close') break;
    if (token?.kind === 'end' || token?.kind === 'comma' || depth > 100) reader.at += 1;
    else {
      const entry = hclEntry(reader, depth);
      if (entry) children.push(entry);
    }
  }
  const endLine = reader.tokens[reader.at]?.line ?? reader.tokens.at(-1)?.line ?? line;
  reader.at += 1;
  return { line, endLine, children };
}

/** Terraform and its kin. Expressions that are no literal stay text; broken parts are stepped over. */
export const parseHcl: Parse = (text) => [hclBody({ tokens: hclTokens(text), at: 0 }, 1, 0)];

function leaf(scalar: string, line: number, endLine = line): Tree {
  return { line, endLine, scalar };
}

/** Dockerfile: `stage` nodes with their instructions by name, in order; the last one also as `last`. */
export const parseDockerfile: Parse = (text) => {
  const root: Tree = { line: 1, endLine: 1, children: [] };
  let stage: Tree | undefined;
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; i += 1) {
    const start = i;
    let joined = lines[i] ?? '';
    if (/^\s*(?:#|$)/.test(joined)) continue;
    while (/\\\s*$/.test(joined) && i + 1 < lines.length) {
      i += 1;
      const next = lines[i] ?? '';
      joined = /^\s*#/.test(next) ? joined : `${joined.replace(/\\\s*$/, ' ')}${next}`;
    }
    const [, name = '', value = ''] = /^\s*([A-Za-z]+)\s+([\s\S]*\S)\s*$/.exec(joined) ?? [];
    if (name === '') continue;
    if (name.toUpperCase() === 'FROM' || !stage) {
      stage = { line: start + 1, endLine: i + 1, children: [] };
      root.children?.push({ key: 'stage', line: start + 1, node: stage });
    }
    stage.endLine = i + 1;
    root.endLine = i + 1;
    stage.children?.push({ key: name.toUpperCase(), line: start + 1, node: leaf(value, start + 1, i + 1) });
  }
  const last = root.children?.at(-1);
  if (last) root.children?.push({ ...last, key: 'last' });
  return [root];
};

/** nginx: directives by name with their arguments as text; blocks have their arguments as `args`. */
export const parseNginx: Parse = (text) => {
  const root: Tree = { line: 1, endLine: 1, children: [] };
  const open: Tree[] = [root];
  const form = /#[^\n]*|\n|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[{};]|(?:\$\{\w+\}|[^\s{};"'#])+|[ \t\r]+|["']/g;
  let words: string[] = [];
  let line = 1;
  let start = 1;
  for (const [token] of text.matchAll(form)) {
    const top = open.at(-1) ?? root;
    if (token === ';' || token === '{') {
      const [key = '', ...args] = words;
      const block: Tree = { line: start, endLine: line, children: [] };
      const node = token === ';' ? leaf(args.join(' '), start, line) : block;
      block.children?.push({ key: 'args', line: start, node: leaf(args.join(' '), start) });
      if (key !== '') top.children?.push({ key, line: start, node });
      if (token === '{' && open.length < 100) open.push(node);
      words = [];
    } else if (token === '}') {
      if (open.length > 1) open.pop();
      top.endLine = line;
      words = [];
    } else if (!/^\s|^#/.test(token)) {
      if (words.length === 0) start = line;
      words.push(token.replaceAll(/^["']|["']$/g, ''));
    }
    for (const char of token) if (char === '\n') line += 1;
  }
  root.endLine = line;
  return [root];
};
