import { isIP } from 'node:net';
import { AmbitError } from '@ambit/core/errors';

/** A host that may be reached. Compared as a whole: no suffixes, no wildcards. */
export interface HostGrant {
  host: string;
  ports: ReadonlySet<number>;
}

const name = /^(?=.{1,253}$)(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/;

/**
 * `host:port` or `[v6]:port` as it stands in a CONNECT line or grant; lower case. Undefined for anything with characters
 * that a name cannot have: NUL, `@`, `%`, blanks, a trailing dot, non-ASCII, numbers that only look like a host.
 */
export function parseAuthority(text: string): { host: string; port?: number } | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text);
  if (!match || match[0] !== text) return undefined;
  const host = (match[1] ?? match[2] ?? '').toLowerCase();
  if (match[1] === undefined ? !isHostName(host) : isIP(host) !== 6) return undefined;
  const port = match[3] === undefined ? undefined : Number(match[3]);
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined;
  return { host, ...(port === undefined ? {} : { port }) };
}

function isHostName(host: string): boolean {
  if (isIP(host) === 4) return true;
  // 0x7f.1, 2130706433 and 127.1 are addresses to a resolver; only the plain form is taken.
  const last = host.split('.').at(-1) ?? '';
  return name.test(host) && !/^(?:\d+|0x[0-9a-f]*)$/.test(last);
}

/** Reads granted hosts; one that cannot be read is an error, never «all» (CVE-2025-66479). */
export function readGrants(hosts: readonly string[]): HostGrant[] {
  return hosts.map((text) => {
    const parsed = parseAuthority(text);
    if (!parsed)
      throw new AmbitError('usage', `the host \`${text}\` cannot be granted: it is not an exact host name`, {
        hint: 'write `registry.example.com` or `localhost:4873`, without scheme, path or wildcard',
      });
    return { host: parsed.host, ports: new Set(parsed.port === undefined ? [80, 443] : [parsed.port]) };
  });
}

export function isGranted(grants: readonly HostGrant[], host: string, port: number): boolean {
  return grants.some((grant) => grant.host === host && grant.ports.has(port));
}

/** Addresses that no name may lead to unless it is granted as what it is: this machine, and its metadata service. */
export function isOwnAddress(address: string): boolean {
  const plain = address.toLowerCase().replace(/^::ffff:/, '');
  if (isIP(plain) === 4) return /^(?:127|0)\.|^169\.254\./.test(plain);
  return plain === '::1' || plain === '::' || /^fe[89ab]/.test(plain) || plain.startsWith('fd00:ec2:');
}

export function isLocalName(host: string): boolean {
  return host === 'localhost' || isIP(host) !== 0;
}
