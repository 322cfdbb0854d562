import { parseAuthority } from './egress/hosts.ts';

/** Port on the sandbox's own loopback at which the command finds the proxy. */
export const bridgePort = 3128;

/**
 * Runs inside the sandbox, where no network exists but its own loopback: carries connections from there to the proxy's
 * socket, and starts the command once it listens. It decides nothing; the proxy outside does.
 */
export const bridgeScript = `import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { constants } from 'node:os';
const [socket, port, program, ...args] = process.argv.slice(2);
const server = createServer({ allowHalfOpen: true }, (inner) => {
  const outer = connect({ path: socket, allowHalfOpen: true });
  for (const [from, to] of [[inner, outer], [outer, inner]]) {
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
    from.pipe(to);
  }
});
server.on('error', (error) => {
  process.stderr.write('the bridge to the proxy failed: ' + error.message + '\\n');
  process.exit(126);
});
server.listen(Number(port), '127.0.0.1', () => {
  const child = spawn(program, args, { stdio: 'inherit' });
  child.on('error', (error) => {
    process.stderr.write(error.message + '\\n');
    process.exit(127);
  });
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));
});
`;

/** Variables by which programs find the proxy. The sandbox's own loopback needs none, unless it is granted outside. */
export function proxyEnvironment(hosts: readonly string[], port = bridgePort): Record<string, string> {
  const url = `http://127.0.0.1:${port}`;
  const names = [
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'http_proxy',
    'https_proxy',
    'npm_config_proxy',
    'npm_config_https_proxy',
  ];
  const granted = new Set(hosts.map((host) => parseAuthority(host)?.host));
  const direct = ['localhost', '127.0.0.1', '::1'].filter((name) => !granted.has(name)).join(',');
  return {
    ...Object.fromEntries(names.map((name) => [name, url])),
    NO_PROXY: direct,
    no_proxy: direct,
    npm_config_noproxy: direct,
    NODE_USE_ENV_PROXY: '1',
  };
}
