import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '@ambit/core/errors';
import type { McpSetup } from '@ambit/engine';
import type { McpServer, SignInStore } from '@ambit/engine/mcp';
import type { Subject } from '@ambit/guard/integrity';
import { configDirectory, stateDirectory } from '@ambit/guard/state';
import { readCatalog } from './catalog.ts';
import type { Io } from './command.ts';
import { trustPlace } from './place.ts';

/** Files of a workspace whose servers are used; those of other agents are only pinned. */
const used: ReadonlySet<string> = new Set(['.kiro/settings/mcp.json', '.mcp.json']);

interface Found {
  name: string;
  text: string;
}

/** The user's own servers: `mcpServers` of `~/.kiro/settings/mcp.json`. A run cannot write there. */
async function userServers(env: NodeJS.ProcessEnv, note: (text: string) => void): Promise<Found[]> {
  const path = join(env['HOME'] || homedir(), '.kiro', 'settings', 'mcp.json');
  if (!existsSync(path)) return [];
  try {
    const parsed = JSON.parse(await readFile(path, 'utf8')) as { mcpServers?: Record<string, unknown> };
    return Object.entries(parsed.mcpServers ?? {}).map(([name, value]) => ({ name, text: JSON.stringify(value) }));
  } catch (error) {
    note(`${path}: ${messageOf(error)}`);
    return [];
  }
}

/** Variables that the user grants to servers by name: `env` of `~/.config/ambit/mcp.yaml`, by server. */
async function grantedVariables(env: NodeJS.ProcessEnv): Promise<(server: string) => Record<string, string>> {
  const path = join(configDirectory(env), 'mcp.yaml');
  if (!existsSync(path)) return () => ({});
  const { parse } = await import('yaml');
  const data = parse(await readFile(path, 'utf8')) as { env?: Record<string, unknown> } | null;
  return (server) => {
    const names = data?.env?.[server];
    const list = Array.isArray(names) ? names.map(String) : [];
    return Object.fromEntries(list.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
  };
}

/**
 * The user's own servers, and accepted ones of the workspace under names of their own (a repository cannot shadow one of
 * the user's).
 */
export async function serversHere(
  io: Io,
  note: (text: string) => void,
  trust?: Awaited<ReturnType<typeof trustPlace>>,
): Promise<McpServer[]> {
  const { trustedSubjects, trustStatus } = await import('@ambit/guard/integrity');
  const place = trust ?? (await trustPlace(io));
  const own = await userServers(io.env, note);
  const taken = new Set(own.map(({ name }) => name));
  const theirs = [...trustedSubjects(await trustStatus(place)).values()]
    .filter(({ kind, path }) => kind === 'mcp' && used.has(path))
    .map(({ id, text }) => ({ name: id.slice(id.indexOf('#') + 1), text }))
    .filter(({ name }) => !taken.has(name));
  if (own.length + theirs.length === 0) return [];
  const { readServer } = await import('@ambit/engine/mcp');
  const granted = await grantedVariables(io.env);
  return [...own, ...theirs].flatMap(({ name, text }): McpServer[] => {
    try {
      return [readServer(name, text, granted(name))].filter((server) => server !== undefined);
    } catch (error) {
      note(messageOf(error));
      return [];
    }
  });
}

/** What signing in has left, in the user's state and by address: no workspace has a part in it. */
export function signInsOf(io: Pick<Io, 'env'>): (server: { url: URL }) => SignInStore {
  const folder = join(stateDirectory(io.env), 'mcp');
  return ({ url }) => lazyStore(folder, url);
}

/** The engine's store, loaded when it is first asked. */
function lazyStore(folder: string, url: URL): SignInStore {
  const store = async () => (await import('@ambit/engine/mcp')).signInStore(folder, url);
  return {
    load: async () => (await store()).load(),
    save: async (change) => (await store()).save(change),
    remove: async () => (await store()).remove(),
  };
}

/** The servers of this session; undefined without any. `accept` asks a person about tools that are new. */
export async function openMcp(
  io: Io,
  note: (text: string) => void,
  accept: ((tools: Subject) => Promise<boolean>) | undefined,
): Promise<McpSetup | undefined> {
  const { acceptSubjects, stateOfSubject } = await import('@ambit/guard/integrity');
  const place = await trustPlace(io);
  const servers = await serversHere(io, note, place);
  if (servers.length === 0) return undefined;
  const { readDescriptionRules } = await import('@ambit/engine/mcp');
  const rules = (await readCatalog('mcp')).flatMap(({ file, data }) => readDescriptionRules(data, file));
  return {
    servers,
    rules,
    note,
    signIns: signInsOf(io),
    unattended: accept === undefined,
    accepted: async (tools) => {
      if ((await stateOfSubject(place, tools)) === 'trusted') return true;
      if (!accept || !(await accept(tools))) return false;
      const by = io.env['USER'] ?? 'user';
      await acceptSubjects(place, [tools], { by, at: io.now().toISOString(), channel: 'terminal' });
      return true;
    },
  };
}
