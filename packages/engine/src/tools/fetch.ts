import type { LookupAddress } from 'node:dns';
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { AmbitError } from '@ambit/core/errors';
import { clip, decode, isBinary, objectSchema, resultBytes, string, stringOf } from './text.ts';
import { actionBase, tool } from './tool.ts';

const maxBytes = 2_000_000;
const maxMs = 30_000;

/** Addresses that a name on the outside must not lead to (RFC 6890): this machine, its network, cloud metadata. */
function insideAddresses(): BlockList {
  const list = new BlockList();
  for (const [net, bits] of [
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
    ['192.168.0.0', 16],
    ['224.0.0.0', 3],
  ] as const)
    list.addSubnet(net, bits, 'ipv4');
  for (const [net, bits] of [
    ['::', 127],
    ['fc00::', 7],
    ['fe80::', 10],
    ['ff00::', 8],
  ] as const)
    list.addSubnet(net, bits, 'ipv6');
  return list;
}

export type Resolve = (host: string) => Promise<LookupAddress[]>;

// What a session without a fetch does not need is loaded at the first one.
const system: Resolve = async (host) => (await import('node:dns/promises')).lookup(host, { all: true });

/**
 * The address to connect to. A granted name must not lead inside; a granted literal address is what was granted.
 * SECURITY: the connection uses this address and does not look up again; fetch.test.ts («rebinding»).
 */
export async function addressOf(hostname: string, resolve: Resolve): Promise<LookupAddress> {
  const literal = hostname.replace(/^\[|\]$/g, '');
  const family = isIP(literal);
  if (family !== 0) return { address: literal, family };
  const inside = insideAddresses();
  const found = await resolve(literal);
  const [first] = found;
  const bad = found.find(({ address, family: kind }) => {
    const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
    return mapped ? inside.check(mapped, 'ipv4') : inside.check(address, kind === 6 ? 'ipv6' : 'ipv4');
  });
  if (!first) throw new AmbitError('environment', `\`${hostname}\` has no address`);
  if (bad)
    throw new AmbitError('denied', `\`${hostname}\` leads to ${bad.address}, inside this machine or its network`);
  return first;
}

function readBody(response: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxBytes) response.destroy();
    });
    response.on('close', () => resolve(Buffer.concat(chunks).subarray(0, maxBytes)));
    response.on('error', (error) => (size > maxBytes ? undefined : reject(error)));
  });
}

async function get(url: URL, signal: AbortSignal, resolve: Resolve): Promise<IncomingMessage> {
  const { address, family } = await addressOf(url.hostname, resolve);
  const { request: send } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  return new Promise((done, reject) => {
    const headers = { accept: 'text/*, application/json;q=0.9, */*;q=0.1', 'user-agent': 'ambit' };
    const options = { signal, headers, agent: false as const, lookup: pinned(address, family) };
    const request = send(url, options, done);
    request.on('error', reject);
    request.end();
  });
}

/** A lookup that knows one answer, in both forms Node asks for. */
function pinned(address: string, family: number): LookupFunction {
  return (_host, options, done) => (options.all ? done(null, [{ address, family }]) : done(null, address, family));
}

/** HTML to text, enough to read documentation: no script, no style, no tags. */
export function htmlText(html: string): string {
  return html
    .replaceAll(/<(script|style|noscript|svg|template)\b[\s\S]*?<\/\1\s*>/gi, ' ')
    .replaceAll(/<!--[\s\S]*?-->/g, ' ')
    .replaceAll(/<\/?(p|div|li|tr|h[1-6]|br|pre|section|article|table|ul|ol)\b[^>]*>/gi, '\n')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&nbsp;', ' ')
    .replaceAll('&amp;', '&')
    .replaceAll(/[ \t]+/g, ' ')
    .replaceAll(/\s*\n\s*/g, '\n')
    .trim();
}

async function show(response: IncomingMessage): Promise<{ text: string; failed: boolean }> {
  const status = response.statusCode ?? 0;
  const target = response.headers.location;
  if (status >= 300 && status < 400 && target) {
    response.destroy();
    return { text: `(${status}: moved to ${target}; fetch that address if you need it)`, failed: true };
  }
  const body = await readBody(response);
  if (isBinary(body)) return { text: `(${status}: ${body.length} bytes that are no text)`, failed: true };
  const type = response.headers['content-type'] ?? '';
  const text = /html/i.test(type) ? htmlText(decode(body)) : decode(body);
  const { text: shown, clipped } = clip(text, resultBytes);
  const head = status === 200 ? '' : `(status ${status})\n`;
  return { text: `${head}${shown}${clipped ? '\n(cut)' : ''}`, failed: status >= 400 };
}

/** Redirects are not followed: another host is another action, decided by itself. */
export const fetchTool = (resolve: Resolve = system) =>
  tool<'fetch'>({
    name: 'fetch',
    description: 'Read a web page or API by GET, from hosts inside the ambit.',
    schema: objectSchema({ url: string() }, ['url']),
    readOnly: true,
    summary: (args) => stringOf(args, 'url'),
    toAction: (args, context) => ({
      ...actionBase(context, 'fetch'),
      kind: 'fetch',
      url: stringOf(args, 'url'),
      method: 'GET',
    }),
    execute: async (grant, context) => {
      const signal = AbortSignal.any([context.signal, AbortSignal.timeout(maxMs)]);
      const response = await get(new URL(grant.resolved.url), signal, resolve);
      const { text, failed } = await show(response);
      return { status: failed ? 'failed' : 'done', text, labels: ['web'], detail: { status: response.statusCode } };
    },
  });
