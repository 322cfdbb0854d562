/** What the first bytes of a connection say about whom they are for; `bad`: a TLS greeting that nobody can follow. */
export type Hello = { state: 'more' | 'other' | 'http' | 'bad' } | { state: 'tls'; name: string | undefined };

/** Longest first line of a request that is waited for. */
const lineBytes = 8 * 1024;

/**
 * Reads the server name of a TLS ClientHello. A client that connects to a granted host and then names another one is
 * fronting: behind one address of a delivery network live many hosts.
 */
export function readHello(data: Buffer): Hello {
  if (data.length === 0) return { state: 'more' };
  if (data[0] !== 0x16) return { state: plainState(data.subarray(0, lineBytes).toString('latin1')) };
  const body = handshake(data);
  if (!body) return { state: data.length > 64 * 1024 ? 'bad' : 'more' };
  return { state: 'tls', name: serverName(body) };
}

/** Whether it is a request of HTTP, of any version: servers pass over empty lines before it. */
function plainState(text: string): 'more' | 'other' | 'http' {
  const line = text.replace(/^[\r\n]+/, '');
  if (/^[!#$%&'*+.^`|~\w-]+[ \t]+\S*[ \t]+HTTP\//i.test(line)) return 'http';
  const maybe = /^[!#$%&'*+.^`|~\w-]*(?:[ \t]+[^\s\u0000-\u001f]*[ \t]*[HTP/]*)?$/i.test(line);
  return maybe && text.length < lineBytes ? 'more' : 'other';
}

/** The handshake message, put together from its records; undefined while bytes are missing. */
function handshake(data: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; at + 5 <= data.length && data[at] === 0x16; ) {
    const length = data.readUInt16BE(at + 3);
    parts.push(data.subarray(at + 5, at + 5 + length));
    at += 5 + length;
  }
  const joined = Buffer.concat(parts);
  if (joined.length < 4) return undefined;
  const length = joined.readUIntBE(1, 3);
  return joined.length >= 4 + length ? joined.subarray(4, 4 + length) : undefined;
}

function serverName(hello: Buffer): string | undefined {
  try {
    let at = 34;
    at += 1 + hello.readUInt8(at);
    at += 2 + hello.readUInt16BE(at);
    at += 1 + hello.readUInt8(at);
    const end = at + 2 + hello.readUInt16BE(at);
    for (at += 2; at + 4 <= end; ) {
      const type = hello.readUInt16BE(at);
      const length = hello.readUInt16BE(at + 2);
      if (type === 0) return hello.toString('latin1', at + 9, at + 9 + hello.readUInt16BE(at + 7)).toLowerCase();
      at += 4 + length;
    }
    return undefined;
  } catch {
    return undefined;
  }
}
