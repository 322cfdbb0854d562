import { resolveNames } from './hcl-names.ts';
import { parseJson } from './parse-data.ts';
import { Broken, type Child, type Parse, type Tree } from './tree.ts';

interface Token {
  kind: 'word' | 'string' | 'open' | 'close' | 'equals' | 'comma' | 'end';
  text: string;
  line: number;
}

interface HclReader {
  tokens: Token[];
  at: number;
  broken: Broken;
}

const hclForms = [
  /(?<space>[ \t\r]+|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)/,
  /(?<heredoc><<[-~]?"?(?<tag>\w+)"?\n)/,
  /(?<string>"(?:[^"\\\n]|\\.)*")/,
  /(?<line>\n)|(?<open>[{[(])|(?<close>[}\])])|(?<equals>=(?!=)|:(?!:))|(?<comma>,)/,
  /(?<word>[^\s{}[\]()=,:"]+|[:=]+)|(?<other>.)/,
];

function hclTokens(text: string, broken: Broken): Token[] {
  const form = new RegExp(hclForms.map((part) => part.source).join('|'), 'gy');
  const tokens: Token[] = [];
  let line = 1;
  for (let match = form.exec(text); match; match = form.exec(text)) {
    const groups = match.groups ?? {};
    const whole = match[0];
    const add = (kind: Token['kind'], value = whole) => tokens.push({ kind, text: value, line });
    if (groups['heredoc'] !== undefined) {
      const rest = text.slice(form.lastIndex);
      const stop = new RegExp(`^[ \\t]*${groups['tag']}[ \\t]*\\r?$`, 'm').exec(rest);
      if (!stop) broken.at(line, `the text up to \`${groups['tag']}\` does not end`);
      const taken = rest.slice(0, stop?.index ?? rest.length);
      add('string', taken);
      line += taken.split('\n').length;
      form.lastIndex += taken.length + (stop?.[0].length ?? 0);
      continue;
    }
    if (groups['string'] !== undefined) add('string', whole.slice(1, -1).replaceAll('\\"', '"'));
    else if (groups['line'] !== undefined) add('end');
    else if (groups['other'] !== undefined) broken.at(line, 'a string does not end');
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
  if (level > 0 || parts.length === 0) reader.broken.at(line, level > 0 ? UNCLOSED : 'a value is missing');
  const text = parts.join(' ');
  const scalar = first?.kind !== 'string' && (text === 'true' || text === 'false') ? text === 'true' : text;
  const tree: Tree = { line, endLine: last, scalar };
  if (/^jsonencode \( [{[]/.test(text)) return { ...hclEncoded(reader, from, line), scalar };
  if (first?.kind === 'string' && parts.length === 1) return { ...tree, ...hclDocument(first) };
  return tree;
}

/** `jsonencode({ … })` holds a map or a list that rules want to look into. */
function hclEncoded(reader: HclReader, from: number, line: number): Tree {
  // Its brackets are those of the whole, which have been counted.
  const inner = { tokens: reader.tokens.slice(from + 3, reader.at), at: 0, broken: new Broken() };
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
  const [document] = parseJson(text.replaceAll(/\$\{[^}"\n]*\}/g, 'x')).documents;
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
  return hclClosed(reader, line, children);
}

const UNCLOSED = 'a bracket does not close';

/** What has been read up to a closing bracket, which is stepped over. */
function hclClosed(reader: HclReader, line: number, children: Child[]): Tree {
  const last = reader.tokens[reader.at];
  if (!last) reader.broken.at(line, UNCLOSED);
  const endLine = last?.line ?? reader.tokens.at(-1)?.line ?? line;
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
    reader.broken.at(first?.line ?? token?.line ?? 1, 'neither a value nor a block');
    reader.at += 1;
    return undefined;
  }
  if (token.kind === 'equals') {
    reader.at += 1;
    while (reader.tokens[reader.at]?.kind === 'end') reader.at += 1;
    return { key: first.text, line: first.line, node: hclExpression(reader, depth) };
  }
  if (token.kind !== 'open' || token.text !== '{') {
    reader.broken.at(token.line, 'neither a value nor a block');
    reader.at += 1;
    return undefined;
  }
  reader.at += 1;
  let node = hclBody(reader, first.line, depth + 1);
  for (const label of names.slice(1).reverse())
    node = { line: first.line, endLine: node.endLine, children: [{ key: label.text, line: first.line, node }] };
  return { key: first.text, line: first.line, node };
}

/** Up to a closing bracket or the end. */
function hclEntries(reader: HclReader, depth: number): Child[] {
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
  return children;
}

function hclBody(reader: HclReader, line: number, depth: number): Tree {
  if (depth > 100) reader.broken.at(line, 'nested deeper than 100 levels');
  return hclClosed(reader, line, hclEntries(reader, depth));
}

/** Terraform and its kin. Expressions that are no literal stay text; broken parts are stepped over and told of. */
export const parseHcl: Parse = (text) => {
  const broken = new Broken();
  const tokens = hclTokens(text, broken);
  const reader: HclReader = { tokens, at: 0, broken };
  const children = hclEntries(reader, 0);
  for (let extra = tokens[reader.at]; extra; extra = tokens[reader.at]) {
    broken.at(extra.line, 'a bracket too many');
    reader.at += 1;
    children.push(...hclEntries(reader, 0));
  }
  const document: Tree = { line: 1, endLine: tokens.at(-1)?.line ?? 1, children };
  resolveNames(document);
  return broken.parsed([document]);
};

function leaf(scalar: string, line: number, endLine = line): Tree {
  return { line, endLine, scalar };
}

const INSTRUCTION =
  /^(?:ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR)$/;

/** One instruction from line `start` on, with the lines it goes on in joined, and the index of its last line. */
function dockerInstruction(lines: readonly string[], start: number, broken: Broken): { text: string; end: number } {
  let end = start;
  let text = lines[start] ?? '';
  while (/\\\s*$/.test(text) && end + 1 < lines.length) {
    end += 1;
    const next = lines[end] ?? '';
    text = /^\s*(?:#|$)/.test(next) ? text : `${text.replace(/\\\s*$/, ' ')}${next}`;
  }
  const tags = /^\s*(?:RUN|COPY|ADD)\s/i.test(text) ? text.matchAll(/(?<!<)<<-?["']?([A-Za-z_]\w*)["']?/g) : [];
  for (const [, tag = ''] of tags) {
    const stop = lines.findIndex((each, index) => index > end && each.trim() === tag);
    if (stop < 0) {
      broken.at(start + 1, `the text up to \`${tag}\` does not end`);
      break;
    }
    text += `\n${lines.slice(end + 1, stop).join('\n')}`;
    end = stop;
  }
  return { text, end };
}

/** Dockerfile: `stage` nodes with their instructions by name, in order; the last one also as `last`. */
export const parseDockerfile: Parse = (text) => {
  const root: Tree = { line: 1, endLine: 1, children: [] };
  const broken = new Broken();
  let stage: Tree | undefined;
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; i += 1) {
    const start = i;
    if (/^\s*(?:#|$)/.test(lines[i] ?? '')) continue;
    const whole = dockerInstruction(lines, start, broken);
    i = whole.end;
    const [, name = '', value = ''] = /^\s*([A-Za-z]+)\s+([\s\S]*\S)\s*$/.exec(whole.text) ?? [];
    if (!INSTRUCTION.test(name.toUpperCase())) broken.at(start + 1, 'no instruction of a Dockerfile');
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
  return broken.parsed([root]);
};

/** Names of directives that are no argument of another one: where one starts a line, the last must have ended. */
const STARTS =
  /^(?:listen|server|server_name|location|upstream|root|alias|index|include|return|rewrite|try_files|error_page|access_log|error_log|(?:proxy|fastcgi|ssl|gzip|client|add|auth|limit|keepalive)_[a-z_]+)$/;

/** nginx: directives by name with their arguments as text; blocks have their arguments as `args`. */
export const parseNginx: Parse = (text) => {
  const root: Tree = { line: 1, endLine: 1, children: [] };
  const broken = new Broken();
  const open: Tree[] = [root];
  const form = /#[^\n]*|\n|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[{};]|(?:\$\{\w+\}|[^\s{};"'#])+|[ \t\r]+|["']/g;
  let words: string[] = [];
  let line = 1;
  let start = 1;
  let last = 0;
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
      if (words.length > 0) broken.at(start, 'a directive does not end with `;`');
      if (open.length > 1) open.pop();
      else broken.at(line, 'a brace too many');
      top.endLine = line;
      words = [];
    } else if (!/^\s|^#/.test(token)) {
      if (words.length > 0 && line > last && STARTS.test(token)) broken.at(start, 'a directive does not end with `;`');
      last = line;
      if (token === '"' || token === "'") broken.at(line, 'a string does not end');
      if (words.length === 0) start = line;
      words.push(token.replaceAll(/^["']|["']$/g, ''));
    }
    for (const char of token) if (char === '\n') line += 1;
  }
  if (open.length > 1) broken.at(open.at(-1)?.line ?? line, 'a block does not end');
  else if (words.length > 0) broken.at(start, 'a directive does not end with `;`');
  root.endLine = line;
  return broken.parsed([root]);
};
