import { spawn } from 'node:child_process';
import { AmbitError } from '@ambit/core/errors';
import type { McpServer } from '@ambit/engine/mcp';
import { type Command, exitCode, type Io, options } from '../command.ts';
import { serversHere, signInsOf } from '../mcp-servers.ts';
import { question } from '../question.ts';
import { plainText } from '../run/report.ts';

const help = `ambit mcp: MCP servers that sessions here may use

Usage:
  ambit mcp [list] [--json]   servers of your own settings and of accepted ones of this workspace
  ambit mcp login SERVER      sign in to a server over HTTP, in your browser
  ambit mcp logout SERVER     forget what signing in has left

Your own servers stand in ~/.kiro/settings/mcp.json, a project's in .kiro/settings/mcp.json or .mcp.json; the latter are
used once accepted (ambit trust). Tokens are kept in your state folder by the server's address, never in the project.

Exit codes: 4 signing in needs a person at a terminal

Example:
  ambit mcp login tracker
`;

/** How long a person may take in the browser. */
const patienceMs = 10 * 60_000;

async function named(name: string | undefined, io: Io): Promise<Extract<McpServer, { kind: 'http' }>> {
  const servers = await serversHere(io, (text) => io.err(`ambit: ${plainText(text)}\n`));
  const found = servers.find((server) => server.name === name);
  if (!found) {
    const names = servers.map((server) => server.name).join(', ') || 'none';
    throw new AmbitError('usage', name ? `there is no MCP server \`${name}\`` : 'which server?', {
      hint: `servers here: ${names}; one that is not accepted is not listed (ambit trust)`,
    });
  }
  if (found.kind !== 'http')
    throw new AmbitError('usage', `\`${found.name}\` is a program on this machine; nobody signs in to it`);
  return found;
}

/** Opens the browser where there is a desktop; the address is printed in any case. */
function openBrowser(url: URL, env: NodeJS.ProcessEnv): void {
  const desktop = process.platform === 'darwin' || env['DISPLAY'] || env['WAYLAND_DISPLAY'];
  if (!desktop) return;
  const program = process.platform === 'darwin' ? 'open' : 'xdg-open';
  spawn(program, [url.href], { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
}

async function login(name: string | undefined, io: Io): Promise<number> {
  const server = await named(name, io);
  // SECURITY: a pipe never signs in (test/e2e/mcp.test.ts, «without a terminal»).
  if (!io.interactive)
    throw new AmbitError('needs-human', 'signing in needs a person at a terminal', {
      hint: `sign in once at a terminal as this user: ambit mcp login ${server.name}`,
    });
  const { signIn } = await import('@ambit/engine/mcp');
  await signIn(server, signInsOf(io)(server), {
    confirm: async (origin) =>
      /^y(es)?$/i.test(
        (await question(io, `\`${server.name}\` sends you to ${plainText(origin)} to sign in. Go on? [y/N] `)).trim(),
      ),
    show: (url) => {
      io.err(`Open this address in your browser:\n\n  ${plainText(url.href)}\n\nWaiting for you to sign in …\n`);
      openBrowser(url, io.env);
    },
    signal: io.signal,
    timeoutMs: patienceMs,
  });
  io.out(`signed in to ${server.name} (${server.url.origin})\n`);
  return exitCode.done;
}

async function list(io: Io, json: boolean): Promise<number> {
  const servers = await serversHere(io, (text) => io.err(`ambit: ${plainText(text)}\n`));
  const stores = signInsOf(io);
  const rows = await Promise.all(
    servers.map(async (server) => {
      const signedIn = server.kind === 'http' && (await stores(server).load()).tokens !== undefined;
      const place = server.kind === 'http' ? server.url.href : [server.command, ...server.args].join(' ');
      return { name: server.name, kind: server.kind, place, signedIn };
    }),
  );
  if (json) io.out(`${JSON.stringify({ version: 1, servers: rows })}\n`);
  else if (rows.length === 0) io.out('no MCP server here; see: ambit mcp --help\n');
  else
    for (const { name, place, signedIn } of rows)
      io.out(`${plainText(name)}  ${plainText(place)}${signedIn ? '  (signed in)' : ''}\n`);
  return exitCode.done;
}

async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = options('mcp', args, { json: { type: 'boolean', default: false } });
  const [verb = 'list', name] = positionals;
  if (verb === 'list') return list(io, values.json);
  if (verb === 'login') return login(name, io);
  if (verb === 'logout') {
    const server = await named(name, io);
    const had = await signInsOf(io)(server).remove();
    io.out(had ? `forgot the sign-in to ${server.name}\n` : `nobody was signed in to ${server.name}\n`);
    return exitCode.done;
  }
  throw new AmbitError('usage', `there is no \`ambit mcp ${verb}\``, { hint: 'see: ambit mcp --help' });
}

export const command: Command = { name: 'mcp', summary: 'MCP servers of sessions: list, sign in', help, run };
