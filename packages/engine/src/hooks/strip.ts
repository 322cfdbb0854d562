import { isMap, isNode, isScalar, parseDocument } from 'yaml';

const front = /^(\ufeff?---[ \t]*\r?\n)([\s\S]*?)(^---[ \t]*$)/m;

function fromJson(text: string): string {
  const bom = text.startsWith('\ufeff') ? '\ufeff' : '';
  const data = JSON.parse(text.slice(bom.length)) as Record<string, unknown>;
  const { hooks: _moved, ...rest } = data;
  const indent = /\n([ \t]+)\S/.exec(text)?.[1] ?? '';
  const ending = /\r?\n$/.exec(text)?.[0] ?? '';
  return `${bom}${JSON.stringify(rest, null, indent)}${ending}`;
}

/** YAML text without one entry of its top mapping; every other byte stays. */
function withoutEntry(text: string, name: string): string {
  const { contents } = parseDocument(text);
  const pair = isMap(contents) ? contents.items.find(({ key }) => isScalar(key) && key.value === name) : undefined;
  if (!pair || !isScalar(pair.key)) return text;
  const start = pair.key.range?.[0];
  const end = isNode(pair.value) ? pair.value.range?.[2] : pair.key.range?.[2];
  return start === undefined || end === undefined ? text : text.slice(0, start) + text.slice(end);
}

/**
 * What is left of a file whose hooks moved elsewhere: an agent file without its `hooks`, everything else kept; undefined for
 * a file that held nothing else. A hook that stayed behind would run twice.
 */
export function withoutHooks(file: string, text: string): string | undefined {
  if (!/(^|\/)agents\//.test(file)) return undefined;
  if (/\.json$/i.test(file)) return fromJson(text);
  return text.replace(front, (_whole, open: string, body: string, close: string) => {
    return `${open}${withoutEntry(body, 'hooks')}${close}`;
  });
}
