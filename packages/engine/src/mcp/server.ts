import { AmbitError } from '@ambit/core/errors';
import * as z from 'zod/mini';

/** Settings of one server as Kiro, Claude Code and Cursor write them; fields that grant something are left aside (C3). */
const settings = z.object({
  command: z.optional(z.string()),
  args: z.optional(z.array(z.string())),
  env: z.optional(z.record(z.string(), z.string())),
  url: z.optional(z.string()),
  headers: z.optional(z.record(z.string(), z.string())),
  disabled: z.optional(z.boolean()),
  disabledTools: z.optional(z.array(z.string())),
  timeout: z.optional(z.number()),
  requestTimeout: z.optional(z.number()),
  oauth: z.optional(
    z.object({
      clientId: z.optional(z.string()),
      clientSecret: z.optional(z.string()),
      oauthScopes: z.optional(z.array(z.string())),
    }),
  ),
  oauthScopes: z.optional(z.array(z.string())),
});

export type McpServer = {
  name: string;
  disabledTools: readonly string[];
  handshakeMs: number;
  requestMs: number;
} & (
  | { kind: 'stdio'; command: string; args: readonly string[]; env: Readonly<Record<string, string>> }
  | { kind: 'http'; url: URL; headers: Readonly<Record<string, string>>; oauth?: McpOAuth }
);

/** How Ambit is known to the server's sign-in, where it does not register itself. */
export interface McpOAuth {
  clientId?: string;
  clientSecret?: string;
  scopes?: readonly string[];
}

/** A hung server costs at most this, whatever it asks for itself. */
const longestHandshakeMs = 60_000;
const longestRequestMs = 120_000;

type Granted = Readonly<Record<string, string>>;

/**
 * `${NAME}` becomes the granted value, and only that: a variable of ours that nobody granted stays empty, so that a
 * repository cannot have our environment sent to a server.
 */
function expand(text: string, granted: Granted): string {
  return text.replaceAll(/\$\{(?:env:)?(\w+)\}/g, (_whole, name: string) => granted[name] ?? '');
}

function expandAll(record: Record<string, string> | undefined, granted: Granted): Record<string, string> {
  return Object.fromEntries(Object.entries(record ?? {}).map(([key, value]) => [key, expand(value, granted)]));
}

const within = (value: number | undefined, longest: number) => Math.min(value && value > 0 ? value : longest, longest);

/** One server from its accepted settings; undefined when it is switched off. Broken settings throw. */
export function readServer(name: string, text: string, granted: Granted): McpServer | undefined {
  const broken = (why: string) =>
    new AmbitError('input.broken', `MCP server \`${name}\`: ${why}`, { where: 'mcp.json' });
  const parsed = z.safeParse(settings, JSON.parse(text));
  if (!parsed.success) throw broken(`\`${parsed.error.issues[0]?.path.join('.')}\` has the wrong shape`);
  const { command, args, env, url, headers, disabled, disabledTools, timeout, requestTimeout } = parsed.data;
  if (disabled) return undefined;
  const shared = {
    name,
    disabledTools: disabledTools ?? [],
    handshakeMs: within(timeout, longestHandshakeMs),
    requestMs: within(requestTimeout, longestRequestMs),
  };
  if (command !== undefined && url !== undefined) throw broken('has both `command` and `url`');
  if (command !== undefined) {
    const expanded = (args ?? []).map((arg) => expand(arg, granted));
    return { ...shared, kind: 'stdio', command, args: expanded, env: expandAll(env, granted) };
  }
  const address = URL.canParse(url ?? '') ? new URL(url ?? '') : undefined;
  if (!address || !/^https?:$/.test(address.protocol)) throw broken('has neither a `command` nor a web address');
  const { oauth, oauthScopes } = parsed.data;
  const scopes = oauth?.oauthScopes ?? oauthScopes;
  const known: McpOAuth = {
    ...(oauth?.clientId ? { clientId: expand(oauth.clientId, granted) } : {}),
    ...(oauth?.clientSecret ? { clientSecret: expand(oauth.clientSecret, granted) } : {}),
    ...(scopes ? { scopes } : {}),
  };
  return { ...shared, kind: 'http', url: address, headers: expandAll(headers, granted), oauth: known };
}
