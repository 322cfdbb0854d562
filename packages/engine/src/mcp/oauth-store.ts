import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomic } from '@ambit/guard/state';
import type { OAuthDiscoveryState } from '@modelcontextprotocol/sdk/client/auth.js';
import type { OAuthClientInformationMixed, OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js';

/** What signing in to one server has left: kept in the user's state, readable by the user alone. */
export interface SignIn {
  version: 1;
  url: string;
  client?: OAuthClientInformationMixed;
  tokens?: OAuthTokens;
  discovery?: OAuthDiscoveryState;
  /** Where a person agreed to sign in; tokens are renewed there and nowhere else. */
  origin?: string;
}

export interface SignInStore {
  load: () => Promise<SignIn>;
  save: (change: Partial<SignIn>) => Promise<void>;
  remove: () => Promise<boolean>;
}

/**
 * SECURITY: by the server's whole address, never by its name: a server of the same name elsewhere gets nobody's tokens
 * (oauth.test.ts, «tokens belong to one address»).
 */
export function signInStore(folder: string, url: URL): SignInStore {
  const path = join(folder, `${createHash('sha256').update(url.href).digest('hex').slice(0, 32)}.json`);
  const load = async (): Promise<SignIn> => {
    const empty: SignIn = { version: 1, url: url.href };
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) return empty;
    try {
      const stored = JSON.parse(text) as SignIn;
      return stored.version === 1 && stored.url === url.href ? stored : empty;
    } catch {
      // A damaged file is no sign-in; signing in again replaces it.
      return empty;
    }
  };
  return {
    load,
    save: async (change) => writeAtomic(path, JSON.stringify({ ...(await load()), ...change })),
    remove: async () => {
      const had = (await load()).tokens !== undefined;
      await rm(path, { force: true });
      return had;
    },
  };
}
