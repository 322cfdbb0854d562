// A package registry on loopback that speaks as much of npm's and PyPI's interfaces as the install gate and npm use.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

export interface RegistryPackage {
  versions: Record<
    string,
    {
      scripts?: Record<string, string>;
      files?: Record<string, string>;
      deprecated?: string;
      published?: string;
      dependencies?: Record<string, string>;
    }
  >;
  created?: string;
  weekly?: number;
  advisories?: { version: string; severity: string; title: string }[];
}

export interface TestRegistry {
  address: string;
  host: string;
  /** Method and path of every request. */
  requests: string[];
  tarball(name: string, version: string): { resolved: string; integrity: string };
  close(): Promise<void>;
}

function tarEntry(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(512);
  header.write(`package/${name}`, 0, 100);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

function pack(name: string, version: string, about: RegistryPackage['versions'][string]): Buffer {
  const manifest = { name, version, scripts: about.scripts ?? {}, dependencies: about.dependencies ?? {} };
  const files = {
    'index.js': `module.exports = '${name}';\n`,
    ...about.files,
    'package.json': JSON.stringify(manifest),
  };
  const entries = Object.entries(files).map(([file, text]) => tarEntry(file, Buffer.from(text)));
  return gzipSync(Buffer.concat([...entries, Buffer.alloc(1024)]));
}

const sri = (data: Buffer) => `sha512-${createHash('sha512').update(data).digest('base64')}`;

function answerer(
  npm: Record<string, RegistryPackage>,
  pypi: Record<string, unknown>,
  document: (name: string, about: RegistryPackage) => unknown,
): (method: string, path: string, body: string) => unknown {
  return (method, path, body) => {
    if (path.startsWith('/-/v1/search')) {
      const text = new URL(path, 'http://x').searchParams.get('text') ?? '';
      const objects = Object.entries(npm)
        .filter(([name, about]) => name.includes(text) && about.weekly !== undefined)
        .map(([name, about]) => ({ package: { name }, downloads: { weekly: about.weekly } }));
      return { objects, total: objects.length };
    }
    if (path === '/-/npm/v1/security/advisories/bulk' && method === 'POST') {
      const asked = JSON.parse(body) as Record<string, string[]>;
      return Object.fromEntries(
        Object.entries(asked).flatMap(([name, versions]) => {
          const found = (npm[name]?.advisories ?? []).filter((one) => versions.includes(one.version));
          return found.length > 0
            ? [[name, found.map((one, id) => ({ id, url: `http://x/ADVISORY-${id}`, ...one }))]]
            : [];
        }),
      );
    }
    const python = /^\/pypi\/([^/]+)\/json$/.exec(path)?.[1];
    if (python) return pypi[python];
    const name = decodeURIComponent(path.slice(1));
    return npm[name] && document(name, npm[name]);
  };
}

export async function startRegistry(
  npm: Record<string, RegistryPackage>,
  pypi: Record<string, unknown> = {},
): Promise<TestRegistry> {
  const requests: string[] = [];
  const tarballs = new Map<string, Buffer>();
  for (const [name, about] of Object.entries(npm))
    for (const [version, one] of Object.entries(about.versions))
      tarballs.set(`/${name}/-/${version}.tgz`, pack(name, version, one));
  let address = '';
  const document = (name: string, about: RegistryPackage) => {
    const versions = Object.entries(about.versions).map(([version, one]) => {
      const path = `/${name}/-/${version}.tgz`;
      const dist = { tarball: `${address}${path}`, integrity: sri(tarballs.get(path) ?? Buffer.alloc(0)) };
      const { files: _files, published: _published, ...rest } = one;
      return [version, { name, version, ...rest, dist }];
    });
    const latest = Object.keys(about.versions).at(-1);
    const published = Object.entries(about.versions).map(([version, one]) => [
      version,
      one.published ?? '2020-01-01T00:00:00Z',
    ]);
    const time = { created: about.created ?? '2015-01-01T00:00:00Z', ...Object.fromEntries(published) };
    return { name, 'dist-tags': { latest }, versions: Object.fromEntries(versions), time };
  };
  const answer = answerer(npm, pypi, document);
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    requests.push(`${request.method} ${path}`);
    let body = '';
    request.on('data', (data) => {
      body += data;
    });
    request.on('end', () => {
      const tarball = tarballs.get(decodeURIComponent(path));
      if (tarball) return response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(tarball);
      const found = answer(request.method ?? 'GET', path, body);
      response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' });
      return response.end(JSON.stringify(found ?? { error: 'not found' }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  address = `http://${host}`;
  return {
    address,
    host,
    requests,
    tarball: (name, version) => {
      const path = `/${name}/-/${version}.tgz`;
      return { resolved: `${address}${path}`, integrity: sri(tarballs.get(path) ?? Buffer.alloc(0)) };
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
