import { randomBytes } from 'node:crypto';
import { AmbitError, messageOf } from '@ambit/core/errors';
import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import type { OAuthClientInformationMixed, OAuthClientMetadata } from '@modelcontextprotocol/sdk/shared/auth.js';
import { openCallback } from './oauth-callback.ts';
import type { SignInStore } from './oauth-store.ts';
import { guardedFetch } from './pinned-fetch.ts';
import type { McpServer } from './server.ts';

type HttpServer = Extract<McpServer, { kind: 'http' }>;

export const needsSignIn = (server: Pick<McpServer, 'name'>): AmbitError =>
  new AmbitError('needs-human', `MCP server \`${server.name}\` wants you to sign in`, {
    hint: `at a terminal: ambit mcp login ${server.name}; or switch it off with \`disabled: true\``,
  });

interface Flow {
  redirect: string;
  state: string;
  /** Asked before anybody is sent anywhere. */
  onRedirect: (url: URL) => Promise<void>;
}

const nobody: Flow = { redirect: 'http://127.0.0.1/callback', state: '', onRedirect: async () => undefined };

function metadataOf(server: HttpServer, redirect: string): OAuthClientMetadata {
  const { scopes, clientSecret } = server.oauth ?? {};
  return {
    client_name: 'Ambit',
    redirect_uris: [redirect],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: clientSecret ? 'client_secret_post' : 'none',
    ...(scopes?.length ? { scope: scopes.join(' ') } : {}),
  };
}

function providerOf(server: HttpServer, store: SignInStore, flow: Flow): OAuthClientProvider {
  let verifier = '';
  const registered = (): OAuthClientInformationMixed | undefined => {
    const { clientId, clientSecret } = server.oauth ?? {};
    return clientId ? { client_id: clientId, ...(clientSecret ? { client_secret: clientSecret } : {}) } : undefined;
  };
  return {
    redirectUrl: flow.redirect,
    clientMetadata: metadataOf(server, flow.redirect),
    state: () => flow.state,
    clientInformation: async () => registered() ?? (await store.load()).client,
    saveClientInformation: (client) => store.save({ client }),
    tokens: async () => (await store.load()).tokens,
    saveTokens: (tokens) => store.save({ tokens }),
    redirectToAuthorization: flow.onRedirect,
    saveCodeVerifier: (text) => {
      verifier = text;
    },
    codeVerifier: () => verifier,
    saveDiscoveryState: (discovery) => store.save({ discovery }),
    discoveryState: async () => (await store.load()).discovery,
    invalidateCredentials: async (scope) => {
      if (scope === 'all') await store.remove();
      else if (scope !== 'verifier') await store.save({ [scope]: undefined });
    },
  };
}

/** Uses and renews what an earlier sign-in left; whatever needs a person ends as `needs-human`. */
export function storedSignIn(server: HttpServer, store: SignInStore): OAuthClientProvider {
  return providerOf(server, store, { ...nobody, onRedirect: () => Promise.reject(needsSignIn(server)) });
}

export interface SignInPorts {
  /** Whether the person wants to sign in at this host; asked once, before anything is opened. */
  confirm: (origin: string) => Promise<boolean>;
  /** Shows or opens the address in the person's browser. */
  show: (url: URL) => void;
  signal: AbortSignal;
  timeoutMs: number;
}

const loopback = (url: URL) => /^(127\.0\.0\.1|localhost|\[::1\])$/.test(url.hostname);

/** Signing in goes over TLS, except on this machine. */
function assertSafe(url: URL): void {
  if (url.protocol === 'https:' || (url.protocol === 'http:' && loopback(url))) return;
  throw new AmbitError('denied', `signing in at \`${url.origin}\` would send secrets in the clear`, {
    hint: 'the server names this address itself; tell whoever runs it',
  });
}

/**
 * Signs a person in to a server: authorization code with PKCE, a state that is checked, and a callback on loopback that
 * answers once. Stores tokens; resolves when they are there.
 */
export async function signIn(server: HttpServer, store: SignInStore, ports: SignInPorts): Promise<void> {
  assertSafe(server.url);
  const { auth } = await import('@modelcontextprotocol/sdk/client/auth.js');
  const state = randomBytes(24).toString('base64url');
  const callback = await openCallback(state);
  try {
    // A registration names its callback's port, so everything is made anew.
    await store.remove();
    let asked: URL | undefined;
    const onRedirect = async (url: URL) => {
      assertSafe(url);
      if (!(await ports.confirm(url.origin))) throw new AmbitError('interrupted', 'not signed in');
      asked = url;
      ports.show(url);
    };
    const provider = providerOf(server, store, { redirect: callback.url, state, onRedirect });
    const fetchFn = guardedFetch(server, (url) => {
      assertSafe(url);
      return true;
    });
    const scope = server.oauth?.scopes?.join(' ');
    const options = { serverUrl: server.url, fetchFn, ...(scope ? { scope } : {}) };
    const first = await auth(provider, options);
    if (first === 'AUTHORIZED') return;
    const issuer = (await store.load()).discovery?.authorizationServerMetadata?.issuer;
    const authorizationCode = await callback.code({ ...ports, ...(issuer ? { issuer } : {}) });
    await auth(provider, { ...options, authorizationCode });
    const token = (await store.load()).discovery?.authorizationServerMetadata?.token_endpoint;
    const origin = token ? new URL(token).origin : asked?.origin;
    await store.save(origin ? { origin } : {});
  } catch (error) {
    if (error instanceof AmbitError) throw error;
    throw new AmbitError('environment', `could not sign in to \`${server.name}\`: ${messageOf(error).slice(0, 300)}`, {
      where: server.url.origin,
      cause: error,
    });
  } finally {
    await callback.close();
  }
}
