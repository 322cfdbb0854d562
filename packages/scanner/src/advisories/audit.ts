import semver from 'semver';
import * as z from 'zod/mini';
import { type Advisory, affects, oneLine, severityOfWord } from '../engines/deps/osv.ts';
import type { Change } from './database.ts';

/** One request. Rejects when the registry cannot be reached. */
export type Post = (
  url: string,
  init: { method: string; body: string },
) => Promise<{ status: number; text(): Promise<string> }>;

/** An answer of the bulk audit endpoint of npm registries: by package, what is known of the versions asked. */
const answer = z.record(
  z.string(),
  z.array(
    z.object({
      id: z.union([z.number(), z.string()]),
      url: z.optional(z.string()),
      title: z.optional(z.string()),
      severity: z.optional(z.string()),
      vulnerable_versions: z.string().check(z.maxLength(2_000)),
    }),
  ),
);

export const bulkPath = '/-/npm/v1/security/advisories/bulk';

function advisoriesOf(data: unknown, asked: ReadonlyMap<string, ReadonlySet<string>>): Advisory[] {
  const read = answer.safeParse(data);
  if (!read.success) throw new Error('the answer is not one of an audit endpoint');
  return Object.entries(read.data)
    .filter(([name]) => asked.has(name))
    .flatMap(([name, all]) =>
      all.map((one): Advisory => {
        const range = one.vulnerable_versions;
        if (semver.validRange(range, true) === null)
          throw new Error(`the answer has a range that is none, for \`${name}\`: \`${oneLine(range, 60)}\``);
        const id = /\b(?:GHSA(?:-[0-9a-z]{4}){3}|CVE-\d{4}-\d{4,})\b/i.exec(one.url ?? '')?.[0] ?? `npm:${one.id}`;
        return {
          id: oneLine(id, 100).replaceAll(/\s/g, '-'),
          aliases: [],
          ecosystem: 'npm',
          name,
          summary: oneLine(one.title ?? ''),
          severity: severityOfWord(one.severity) ?? 'high',
          modified: '',
          origin: 'registry',
          ranges: [],
          versions: [],
          range,
        };
      }),
    );
}

/** Asks a registry about versions of packages; throws, with why, where it does not answer as one should. */
export async function askAudit(
  registry: string,
  asked: ReadonlyMap<string, ReadonlySet<string>>,
  post: Post,
  now: Date,
): Promise<Change> {
  const body = JSON.stringify(Object.fromEntries([...asked].map(([name, versions]) => [name, [...versions]])));
  const response = await post(`${registry}${bulkPath}`, { method: 'POST', body });
  if (response.status !== 200) throw new Error(`it answered ${response.status}`);
  const text = await response.text();
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new Error('the answer is no JSON');
  }
  const pairs = [...asked].flatMap(([name, versions]) => [...versions].map((version) => `${name}@${version}`));
  return {
    advisories: advisoriesOf(data, asked),
    withdrawn: new Set(),
    asked: new Map(pairs.map((pair) => [pair, now.getTime()])),
    // Told before about a version that was asked now, and not told again.
    retracted: (one) => [...(asked.get(one.name) ?? [])].some((version) => affects(one, version)),
  };
}
