import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSecretVariable, type KnownSecret, secretsIn } from './known.ts';

/** Files of a home in which tools keep credentials; every long value in them is taken for one. */
export const credentialFiles: readonly string[] = [
  '.aws/credentials',
  '.azure/accessTokens.json',
  '.cargo/credentials.toml',
  '.config/gcloud/application_default_credentials.json',
  '.config/gh/hosts.yml',
  '.docker/config.json',
  '.git-credentials',
  '.kube/config',
  '.netrc',
  '.npmrc',
  '.pgpass',
  '.pypirc',
  '.vault-token',
  '.yarnrc.yml',
];

const pairs =
  /(?:^|[\s,{/:])["']?([A-Za-z_][\w.:/@-]*?)["']?\s*[=:]\s*(?:"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)'|([^\s"',}#][^\s"',}]*))/gm;
const netrc = /\b(?:password|account)\s+(\S+)/g;
const longest = 256 * 1024;

/** Values in a credential or environment file that must not be seen. */
export function secretsOfFile(path: string, text: string): KnownSecret[] {
  const found: KnownSecret[] = [];
  const start = text.slice(0, longest);
  const pair = new RegExp(pairs);
  for (let match = pair.exec(start); match; match = pair.exec(start)) {
    const name = match[1] ?? '';
    const value = match[2] ?? match[3] ?? match[4] ?? '';
    if (isSecretVariable(name, value)) found.push(...secretsIn(name, value));
    // `//host/:_authToken=x` reads as `host: …` first: what was taken for a value is looked at again.
    pair.lastIndex = match.index + match[0].length - value.length;
    if (value === '') pair.lastIndex = match.index + match[0].length;
  }
  if (/netrc$/.test(path))
    for (const match of text.matchAll(netrc)) found.push({ name: 'netrc', value: match[1] ?? '' });
  for (const match of text.matchAll(/:\/\/[^\s/:@]*:([^\s/@]{6,})@/g))
    found.push({ name: 'address', value: match[1] ?? '' });
  if (/\.vault-token$/.test(path) && text.trim()) found.push({ name: 'vault-token', value: text.trim() });
  if (/\.pgpass$/.test(path))
    for (const line of text.split('\n')) found.push({ name: 'pgpass', value: line.split(':').slice(4).join(':') });
  return found.filter((secret) => secret.value.length >= 6);
}

/**
 * Exact values from the user's credential files and the workspace's own secret files. What cannot be read is left out: it
 * cannot be shown either.
 */
export async function knownFileSecrets(home: string, files: readonly string[] = []): Promise<KnownSecret[]> {
  const paths = [...credentialFiles.map((name) => join(home, name)), ...files];
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8').catch(() => '')));
  const found = texts.flatMap((text, i) => (text ? secretsOfFile(paths[i] ?? '', text) : []));
  const seen = new Set<string>();
  return found.filter(({ value }) => !seen.has(value) && seen.add(value));
}
