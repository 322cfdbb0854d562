import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writesUnknownKey } from './keyed.ts';

const writes = [
  'target[key] = value',
  'target[path[i]] = value;',
  'target[keys.shift()] = value',
  'target[key as string] = value',
  'target[key!] = value',
  'target[a + b] ||= value',
  '(target as any)[key] = value',
  'target!\n[key] = value',
  'const [a, b] = list;\ntarget[a] = b',
  'Object.defineProperty(target, key, { value });\nconst [a] = list',
  'target[key] as unknown = value',
  `target[${'('.repeat(400)}] = value`,
];
const others = [
  'const [a, b] = useState(0)',
  'let [first] = list, [second] = other;',
  '[a, b] = [b, a]',
  'for (const [key, value] of entries) use(key, value)',
  'const list: string[] = []',
  'list[0] = value; list[12] += 1',
  'target["name"] = value',
  "target['name'] = value",
  'target[options.key] = value',
  'target[key] === value; target[key] == value',
  'list.map(([key]) => key)',
  'value = target[key]',
];

test('a write under a key that is not known is seen in the text', () => {
  for (const text of writes) assert.equal(writesUnknownKey(text), true, text);
  for (const text of others) assert.equal(writesUnknownKey(text), false, text);
});
