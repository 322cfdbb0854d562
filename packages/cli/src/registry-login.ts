import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

interface Setting {
  /** Host and path without the protocol, with a slash behind: what npm keys logins by. */
  place: string;
  name: string;
  value: string;
}

const FORM = /^\s*\/\/([^\s=]+?\/?):(_authToken|_auth|username|_password)\s*=\s*(\S.*?)\s*$/gm;

function settingsOf(text: string, env: NodeJS.ProcessEnv): Setting[] {
  return [...text.matchAll(FORM)].map(([, place = '', name = '', value = '']) => ({
    place: place.endsWith('/') ? place : `${place}/`,
    name,
    value: value
      .replaceAll(/^["']|["']$/g, '')
      .replaceAll(/\$\{(\w+)\??\}/g, (_, variable: string) => env[variable] ?? ''),
  }));
}

function loginOf(settings: readonly Setting[], place: string): string | undefined {
  const of = (name: string) => settings.find((one) => one.place === place && one.name === name)?.value || undefined;
  const token = of('_authToken');
  if (token) return `Bearer ${token}`;
  const pair = of('_auth');
  if (pair) return `Basic ${pair}`;
  const [user, password] = [of('username'), of('_password')];
  if (!user || !password) return undefined;
  const plain = Buffer.from(password, 'base64').toString('utf8');
  return `Basic ${Buffer.from(`${user}:${plain}`).toString('base64')}`;
}

const isLoopback = (host: string) => /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(host);

export interface Login {
  /** Address without a user and password in it. */
  address: string;
  /** Value of the `Authorization` header. */
  authorization?: string;
}

/**
 * How to sign in to a registry: what stands in its address, else what the texts of the user's `.npmrc` files say of it or
 * of the closest folder above it. SECURITY: nothing is sent in the clear but to this machine, and to no other host than
 * the one it is kept for (registry-login.test.ts).
 */
export function loginFor(registry: string, texts: readonly string[], env: NodeJS.ProcessEnv): Login {
  const url = new URL(registry);
  const inAddress =
    url.username === ''
      ? undefined
      : `Basic ${Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`).toString('base64')}`;
  url.username = '';
  url.password = '';
  const address = url.href.replace(/\/+$/, '');
  if (url.protocol !== 'https:' && !isLoopback(url.hostname)) return { address };
  const settings = texts.flatMap((text) => settingsOf(text, env));
  const own = `${url.host}${url.pathname}`.replace(/\/*$/, '/');
  const places = [...new Set(settings.map(({ place }) => place))]
    .filter((place) => own.startsWith(place))
    .sort((a, b) => b.length - a.length);
  const kept = places.map((place) => loginOf(settings, place)).find((login) => login !== undefined);
  const authorization = inAddress ?? kept;
  return authorization === undefined ? { address } : { address, authorization };
}

/** The user's own settings of npm. The project's are not read: they would choose where a login goes. */
export async function userNpmrc(env: NodeJS.ProcessEnv): Promise<string[]> {
  const file = env['NPM_CONFIG_USERCONFIG'] || env['npm_config_userconfig'] || join(env['HOME'] || homedir(), '.npmrc');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? [] : [text];
}
