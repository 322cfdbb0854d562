import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import semver from 'semver';
import * as z from 'zod/mini';
import type { Ecosystem } from '../engines/deps/order.ts';
import type { Advisory, Coverage, KnownAdvisories } from '../engines/deps/osv.ts';

const header = z.object({
  version: z.literal(1),
  imported: z.optional(z.number()),
  asked: z.optional(z.record(z.string(), z.number())),
});
type Header = z.infer<typeof header>;

const text = z.string();
const stored = z.object({
  id: text,
  aliases: z.array(text),
  ecosystem: z.enum(['npm', 'PyPI']),
  name: text,
  summary: text,
  severity: z.enum(['critical', 'high', 'medium', 'low', 'info']),
  modified: text,
  origin: z.enum(['osv', 'registry']),
  ranges: z.array(z.array(z.object({ kind: z.enum(['introduced', 'fixed', 'last_affected']), version: text }))),
  versions: z.array(text),
  range: z.optional(text.check(z.refine((range) => semver.validRange(range, true) !== null))),
});

const fileOf = (folder: string, ecosystem: Ecosystem) => join(folder, `${ecosystem}.ndjson`);

/**
 * A file per ecosystem: a header, then a line `name TAB id TAB advisory` each, so that a scan parses only the lines of
 * the packages it met.
 */
async function linesOf(folder: string, ecosystem: Ecosystem): Promise<string[] | undefined> {
  const content = await readFile(fileOf(folder, ecosystem), 'utf8').catch(() => undefined);
  return content?.split('\n').filter((line) => line !== '');
}

function headerOf(line: string | undefined): Header | undefined {
  try {
    return header.parse(JSON.parse(line ?? ''));
  } catch {
    return undefined;
  }
}

function advisoryOf(line: string): Advisory | undefined {
  try {
    return stored.parse(JSON.parse(line.slice(line.indexOf('\t', line.indexOf('\t') + 1) + 1)));
  } catch {
    return undefined;
  }
}

const nameOf = (line: string) => line.slice(0, Math.max(line.indexOf('\t'), 0));
const idOf = (line: string) => line.split('\t', 2)[1] ?? '';

async function readEcosystem(folder: string, ecosystem: Ecosystem, names: ReadonlySet<string>) {
  const lines = await linesOf(folder, ecosystem);
  const head = headerOf(lines?.[0]);
  const found = new Map<string, Advisory[]>();
  if (!lines || !head) return { found, coverage: undefined };
  let broken = 0;
  for (const line of lines.slice(1)) {
    const name = nameOf(line);
    if (name === '') broken += 1;
    if (!names.has(name)) continue;
    const advisory = advisoryOf(line);
    if (advisory?.name !== name) broken += 1;
    else found.set(name, [...(found.get(name) ?? []), advisory]);
  }
  const coverage: Coverage = {
    asked: new Map(Object.entries(head.asked ?? {})),
    broken,
    ...(head.imported === undefined ? {} : { imported: head.imported }),
  };
  return { found, coverage };
}

/** Opens the database for the packages that a scan met; what is missing or broken is not covered. */
export async function openAdvisories(
  folder: string,
  wanted: ReadonlyMap<Ecosystem, ReadonlySet<string>>,
  now: Date,
): Promise<KnownAdvisories> {
  const read = new Map<Ecosystem, Awaited<ReturnType<typeof readEcosystem>>>();
  for (const [ecosystem, names] of wanted) read.set(ecosystem, await readEcosystem(folder, ecosystem, names));
  return {
    now: now.getTime(),
    coverage: (ecosystem) => read.get(ecosystem)?.coverage,
    of: (ecosystem, name) => read.get(ecosystem)?.found.get(name) ?? [],
  };
}

/** What one update changes in an ecosystem. */
export interface Change {
  advisories: readonly Advisory[];
  /** Ids that no longer hold. */
  withdrawn: ReadonlySet<string>;
  /** The whole ecosystem is covered from now on. */
  imported?: number;
  /** `name@version` that a registry was asked about. */
  asked?: ReadonlyMap<string, number>;
  /** Of an advisory that a registry told before: whether it has been taken back. */
  retracted?: (advisory: Advisory) => boolean;
}

const keyOf = ({ name, id }: Advisory) => `${name}\t${id}`;

function joined(change: Change): Map<string, Advisory> {
  const fresh = new Map<string, Advisory>();
  for (const one of change.advisories) {
    const before = fresh.get(keyOf(one));
    // A document may list a package more than once, with other ranges.
    fresh.set(
      keyOf(one),
      before && before.range === undefined && one.range === undefined
        ? { ...before, ranges: [...before.ranges, ...one.ranges], versions: [...before.versions, ...one.versions] }
        : one,
    );
  }
  return fresh;
}

/** Brings one update into the database, replacing its file at once; what was known and still holds stays. */
export async function updateAdvisories(folder: string, ecosystem: Ecosystem, change: Change): Promise<number> {
  const lines = (await linesOf(folder, ecosystem)) ?? [];
  const head: Header = headerOf(lines[0]) ?? { version: 1 };
  const fresh = joined(change);
  const told = new Map<string, Advisory>();
  for (const one of fresh.values()) told.set(one.id, one);
  const kept = lines.slice(1).filter((line) => {
    const id = idOf(line);
    if (change.withdrawn.has(id)) return false;
    const successor = told.get(id);
    if (!successor && !change.retracted) return advisoryOf(line) !== undefined;
    const before = advisoryOf(line);
    if (!before) return false;
    if (successor) {
      // An imported document says more than a registry's answer; of two documents the later one holds.
      const stays = before.origin === successor.origin ? before.modified > successor.modified : before.origin === 'osv';
      if (stays) fresh.delete(keyOf(before));
      return stays;
    }
    return !(before.origin === 'registry' && change.retracted?.(before));
  });
  const asked = { ...head.asked, ...Object.fromEntries(change.asked ?? []) };
  const imported = change.imported ?? head.imported;
  const next: Header = { version: 1, asked, ...(imported === undefined ? {} : { imported }) };
  const added = [...fresh].map(([key, one]) => `${key}\t${JSON.stringify(one)}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = fileOf(folder, ecosystem);
  const draft = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(draft, `${[JSON.stringify(next), ...kept, ...added].join('\n')}\n`, { mode: 0o600 });
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
  return kept.length + added.length;
}
