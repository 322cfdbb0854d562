/** Finds the proxy that Ambit itself must use for a host; undefined to connect directly. */
export type Upstream = (host: string, port: number) => URL | undefined;

/** The usual variables: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY, in either case. */
export function upstreamFromEnvironment(env: Readonly<Record<string, string | undefined>>): Upstream {
  const get = (name: string) => env[name] || env[name.toLowerCase()];
  const without = (get('NO_PROXY') ?? '')
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((entry) => entry.toLowerCase().replace(/^\*?\./, ''));
  return (host, port) => {
    const named = without.some((entry) => entry === '*' || host === entry || host.endsWith(`.${entry}`));
    if (named || host === 'localhost' || host.startsWith('127.')) return undefined;
    const address = (port === 80 ? get('HTTP_PROXY') : get('HTTPS_PROXY')) ?? get('ALL_PROXY');
    if (!address) return undefined;
    try {
      const url = new URL(address.includes('://') ? address : `http://${address}`);
      return url.protocol === 'http:' ? url : undefined;
    } catch {
      return undefined;
    }
  };
}

export function proxyAuthorization(proxy: URL): string {
  if (!proxy.username) return '';
  const text = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return `Proxy-Authorization: Basic ${Buffer.from(text).toString('base64')}\r\n`;
}
