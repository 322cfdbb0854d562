import type { EffectClass } from '@ambit/core/schema';
import type { Arguments } from './arguments.ts';
import type { Operands } from './knowledge.ts';
import { parseLine } from './parse.ts';
import { sedEffects } from './sed.ts';
import { isUnknown } from './unknown.ts';

/** What a command would do as far as its words tell, paths not yet resolved. */
export interface Effects {
  classes: Set<EffectClass>;
  reads: string[];
  writes: string[];
  hosts: string[];
  /** Working directories it changes to for itself (`git -C`, `make -C`). */
  folders: string[];
  /** Commands inside it: of wrappers, `-exec`, `-c`. */
  nested: { argv: string[] }[];
  /** Names of package.json scripts it starts. */
  scripts: string[];
  /** Script files it starts. */
  scriptFiles: string[];
  /** Why it cannot be followed. */
  unparsed?: string;
}

/** Effects of nothing. */
export function noEffects(): Effects {
  return {
    classes: new Set(),
    reads: [],
    writes: [],
    hosts: [],
    folders: [],
    nested: [],
    scripts: [],
    scriptFiles: [],
  };
}

/** Adds what a shell line inside the arguments does. */
export function addShell(line: string, out: Effects): void {
  const parsed = parseLine(line, true);
  if ('unparsed' in parsed) {
    out.unparsed = parsed.unparsed;
    return;
  }
  for (const command of parsed.commands) {
    if (command.argv.length > 0) out.nested.push({ argv: command.argv });
    // A directory changed inside is not followed; the sandbox is what confines it.
    if (command.assignments.length > 0 || command.cwds.some((path) => path.length > 0)) out.classes.add('unknown');
    for (const { access, target } of command.redirects) {
      if (target === undefined) continue;
      if (access !== 'write') out.reads.push(target);
      if (access !== 'read') out.writes.push(target);
    }
  }
}

/** Host of a URL, `user@host:path`, `host:port` or bare name, with its port where one is given. */
export function hostOf(word: string): string | undefined {
  if (/[\u0000-\u0020\\]|%00/.test(word)) return undefined;
  const scp = /^(?:[^@/:]+@)?([\w.-]+):(?!\/\/|\d+(?:\/|$))/.exec(word);
  if (scp) return scp[1]?.toLowerCase();
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(word) ? word : `http://${word.replace(/^[^@/]*@/, '')}`);
    return url.host.toLowerCase().replace(/\.(?=:|$)/, '') || undefined;
  } catch {
    return undefined;
  }
}

/** Adds the host of a word; without one the class alone says that the network is used. */
export function addHost(word: string, out: Effects): void {
  const host = hostOf(word);
  if (host) out.hosts.push(host);
  out.classes.add('network');
}

const isRemote = (word: string) =>
  /^[\w.-]+@[\w.-]+:|^[a-z][a-z0-9+.-]*:\/\/|^[\w.-]+::|^[\w-]+(\.[\w-]+)+:/i.test(word);

function addRemote(word: string, out: Effects): void {
  out.classes.add('network');
  if (/^file:/i.test(word)) out.reads.push(word.replace(/^file:\/\//i, ''));
  else if (isRemote(word)) addHost(word, out);
  else out.reads.push(word);
}

function copy(words: readonly string[], out: Effects): void {
  out.reads.push(...words.slice(0, -1));
  out.writes.push(...words.slice(-1));
}

/** A link leads from where it stands, not from where the command runs. */
function link(words: readonly string[], out: Effects): void {
  const at = words.at(-1) ?? '';
  if (words.length < 2) return void out.reads.push(...words);
  const folder = at.endsWith('/') || words.length > 2 ? at : at.split('/').slice(0, -1).join('/');
  const from = folder === '' && at.startsWith('/') ? '/' : folder;
  for (const target of words.slice(0, -1))
    out.reads.push(/^[/~]/.test(target) || from === '' ? target : `${from.replace(/\/$/, '')}/${target}`);
  out.writes.push(at);
}

function awk([program = '', ...files]: readonly string[], out: Effects, found: Arguments): void {
  const fromFile = found.found.some(({ option }) => option.names.includes('--file'));
  const text = fromFile ? '' : program;
  out.reads.push(...(fromFile ? [program, ...files] : files).filter((word) => word !== '' && !/^\w+=/.test(word)));
  if (/system|\||getline|@|close\s*\(/.test(text)) out.classes.add('unknown');
  for (const [, target] of text.matchAll(/>>?\s*"([^"]+)"/g)) if (target) out.writes.push(target);
  for (const [, target] of text.matchAll(/<\s*"([^"]+)"/g)) if (target) out.reads.push(target);
  for (const line of text.matchAll(/system\s*\(\s*"((?:[^"\\]|\\.)*)"\s*\)/g))
    addShell((line[1] ?? '').replaceAll('\\"', '"'), out);
}

function sed(operands: readonly string[], out: Effects, found: Arguments): void {
  const has = (name: string) => found.found.some(({ option }) => option.names.includes(name));
  const inPlace = has('--in-place');
  const words = inPlace && operands[0] === '' ? operands.slice(1) : operands;
  const expressions = found.found
    .filter(({ option }) => option.names.includes('--expression'))
    .map((one) => one.value ?? '');
  const separate = expressions.length > 0 || has('--file');
  const [script, ...files] = separate ? ['', ...words] : words;
  const effects = sedEffects([...expressions, script ?? ''].join('\n'));
  out.reads.push(...effects.reads, ...files);
  out.writes.push(...effects.writes, ...(inPlace ? files : []));
  if (effects.executes) out.classes.add('unknown');
  if (effects.writes.length > 0) out.classes.add('write');
}

type Meaning = (operands: readonly string[], out: Effects, found: Arguments) => void;

/** What operands are to a program, by the word the catalogue uses. */
export const operandMeanings: Readonly<Record<Operands, Meaning>> = {
  read: (words, out) => void out.reads.push(...words),
  write: (words, out) => void out.writes.push(...words),
  copy,
  link,
  pattern: (words, out) => void out.reads.push(...words.slice(1)),
  script: (words, out) => {
    out.reads.push(...words.slice(0, 1));
    out.scriptFiles.push(...words.slice(0, 1));
  },
  shell: (words, out) => addShell(words.join(' '), out),
  'shell-first': (words, out) => addShell(words[0] ?? '', out),
  sed,
  awk,
  dd: (words, out) => {
    for (const word of words) {
      if (word.startsWith('if=')) out.reads.push(word.slice(3));
      if (word.startsWith('of=')) out.writes.push(word.slice(3));
    }
  },
  'input-output': (words, out) => {
    out.reads.push(...words.slice(0, 1));
    out.writes.push(...words.slice(1, 2));
  },
  'after-first': (words, out) => void out.writes.push(...words.slice(1)),
  'first-write': (words, out) => void out.writes.push(...words.slice(0, 1)),
  host: (words, out) => {
    for (const word of words) addHost(word, out);
  },
  'first-host': (words, out) => {
    if (words[0] !== undefined) addHost(words[0], out);
  },
  remote: (words, out) => {
    const remote = words.some(isRemote);
    if (!remote) return copy(words, out);
    for (const word of words) addRemote(word, out);
  },
  clone: (words, out) => {
    const [from = ''] = words;
    addRemote(from, out);
    // Without a colon git takes it for a folder of this machine.
    if (from !== '' && !/[:\\]/.test(from) && !isUnknown(from)) out.classes.delete('network');
    out.writes.push(...words.slice(1, 2));
  },
  'git-remote': (words, out) => {
    const [remote = ''] = words;
    out.classes.add('network');
    if (isRemote(remote)) addRemote(remote, out);
    else if (/^[./~]/.test(remote)) {
      // Another repository on this machine: nothing leaves unless something is pushed to it.
      out.reads.push(remote);
      if (!out.classes.has('publish')) out.classes.delete('network');
    }
  },
  assignments: () => undefined,
  text: () => undefined,
};
