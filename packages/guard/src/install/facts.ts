import type { Ecosystem } from './catalog.ts';
import { pickVersion } from './version.ts';

/** What a registry says of one package. Absent means that it does not say. */
export interface PackageFacts {
  name: string;
  exists: boolean;
  created?: string;
  /** The version that would be installed. */
  version?: string;
  versionPublished?: string;
  downloadsAWeek?: number;
  /** Scripts that would run at install if they were not switched off. */
  scripts?: readonly string[];
  deprecated?: string;
  vulnerabilities?: readonly { id: string; severity: string; title: string }[];
  /** Asked for a range that no version fits. */
  noVersion?: boolean;
}

/** One request to a registry. Rejects when it cannot be reached. */
export type Fetch = (
  url: string,
  init?: { method: string; body: string; authorization?: string },
) => Promise<{ status: number; text(): Promise<string> }>;

const waitMilliseconds = 15_000;
/** The documents of old, popular packages have tens of megabytes. */
const bodyMost = 100 * 1024 * 1024;

/** Requests by the platform's own client, bounded in time and size; a redirect is an error: it could lead anywhere. */
export const platformFetch: Fetch = async (url, init) => {
  const { authorization, ...request } = init ?? {};
  const headers = {
    accept: 'application/json',
    ...(init ? { 'content-type': 'application/json' } : {}),
    ...(authorization === undefined ? {} : { authorization }),
  };
  const response = await fetch(url, {
    ...request,
    headers,
    redirect: 'error',
    signal: AbortSignal.timeout(waitMilliseconds),
  });
  return {
    status: response.status,
    text: async () => {
      if (Number(response.headers.get('content-length') ?? 0) > bodyMost) throw new Error(`${url} answers too much`);
      return response.text();
    },
  };
};

type Data = Record<string, unknown>;

const isData = (value: unknown): value is Data => typeof value === 'object' && value !== null && !Array.isArray(value);
const at = (value: unknown, ...keys: (string | number)[]): unknown =>
  keys.reduce<unknown>(
    (found, key) =>
      Array.isArray(found) ? found[Number(key)] : isData(found) && Object.hasOwn(found, key) ? found[key] : undefined,
    value,
  );
const textAt = (value: unknown, ...keys: (string | number)[]): string | undefined => {
  const found = at(value, ...keys);
  return typeof found === 'string' && found !== '' ? found : undefined;
};

async function json(fetch: Fetch, url: string, init?: { method: string; body: string }): Promise<unknown> {
  const response = await fetch(url, init);
  if (response.status === 404 || response.status === 410) return undefined;
  if (response.status !== 200) throw new Error(`the registry answered ${response.status}`);
  return JSON.parse(await response.text()) as unknown;
}

/** What is nice to know and not answered by every registry: its silence is no error. */
async function optional(fetch: Fetch, url: string, init?: { method: string; body: string }): Promise<unknown> {
  try {
    return await json(fetch, url, init);
  } catch {
    return undefined;
  }
}

const installScripts = ['preinstall', 'install', 'postinstall', 'prepare'];

async function npmFacts(
  name: string,
  range: string | undefined,
  registry: string,
  fetch: Fetch,
): Promise<PackageFacts> {
  const document = await json(fetch, `${registry}/${encodeURIComponent(name)}`);
  if (!isData(document) || !isData(document['versions'])) return { name, exists: false };
  const versions = document['versions'];
  const tags = isData(document['dist-tags']) ? (document['dist-tags'] as Record<string, string>) : {};
  const version = pickVersion(Object.keys(versions), range, tags);
  if (version === undefined) return { name, exists: true, noVersion: true };
  const chosen = versions[version];
  const search = await optional(fetch, `${registry}/-/v1/search?text=${encodeURIComponent(name)}&size=20`);
  const objects = at(search, 'objects');
  const found = Array.isArray(objects) ? objects.find((one) => textAt(one, 'package', 'name') === name) : undefined;
  const downloads = at(found, 'downloads', 'weekly');
  const body = JSON.stringify({ [name]: [version] });
  const advisories = at(
    await optional(fetch, `${registry}/-/npm/v1/security/advisories/bulk`, { method: 'POST', body }),
    name,
  );
  const scripts = installScripts.filter(
    (script) => script !== 'prepare' && textAt(chosen, 'scripts', script) !== undefined,
  );
  return {
    name,
    exists: true,
    version,
    ...(at(chosen, 'hasInstallScript') === true && scripts.length === 0 ? { scripts: ['install'] } : { scripts }),
    ...optionalFields({
      created: textAt(document, 'time', 'created'),
      versionPublished: textAt(document, 'time', version),
      deprecated: textAt(chosen, 'deprecated'),
    }),
    ...(typeof downloads === 'number' ? { downloadsAWeek: downloads } : {}),
    ...(Array.isArray(advisories) ? { vulnerabilities: advisories.map(npmAdvisory) } : {}),
  };
}

function npmAdvisory(data: unknown) {
  const id = at(data, 'id');
  return {
    id: textAt(data, 'url')?.split('/').at(-1) ?? String(id ?? ''),
    severity: textAt(data, 'severity') ?? 'unknown',
    title: textAt(data, 'title') ?? '',
  };
}

function optionalFields<T extends Record<string, string | undefined>>(fields: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: string;
  };
}

/** The JSON interface lies beside the index (`…/simple` → `…/pypi/NAME/json`). */
async function pypiFacts(
  name: string,
  range: string | undefined,
  registry: string,
  fetch: Fetch,
): Promise<PackageFacts> {
  const root = registry.replace(/\/(?:\+?simple)\/?$/, '');
  const document = await json(fetch, `${root}/pypi/${encodeURIComponent(name)}/json`);
  if (!isData(document)) return { name, exists: false };
  const releases = isData(document['releases']) ? document['releases'] : {};
  const published = (version: string) =>
    textAt(releases, version, 0, 'upload_time_iso_8601') ?? textAt(releases, version, 0, 'upload_time');
  const latest = textAt(document, 'info', 'version');
  const version = pickVersion(Object.keys(releases), range, latest ? { latest } : {});
  if (version === undefined) return { name, exists: true, noVersion: true };
  const dates = Object.keys(releases)
    .map(published)
    .filter((date) => date !== undefined)
    .sort();
  const files = at(releases, version);
  const wheel = Array.isArray(files) && files.some((file) => textAt(file, 'packagetype') === 'bdist_wheel');
  const known = version === latest ? at(document, 'vulnerabilities') : undefined;
  return {
    name,
    exists: true,
    version,
    scripts: wheel ? [] : ['setup.py'],
    ...optionalFields({
      created: dates[0],
      versionPublished: published(version),
      deprecated: textAt(files, 0, 'yanked_reason'),
    }),
    ...(Array.isArray(known)
      ? {
          vulnerabilities: known.map((one) => ({
            id: textAt(one, 'id') ?? '',
            severity: 'high',
            title: textAt(one, 'summary') ?? '',
          })),
        }
      : {}),
  };
}

/** Asks a registry about a package. Rejects when the registry cannot be reached or answers nonsense. */
export function packageFacts(
  ecosystem: Ecosystem,
  name: string,
  range: string | undefined,
  registry: string,
  fetch: Fetch,
): Promise<PackageFacts> {
  return ecosystem === 'npm' ? npmFacts(name, range, registry, fetch) : pypiFacts(name, range, registry, fetch);
}
