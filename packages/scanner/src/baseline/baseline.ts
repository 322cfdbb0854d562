import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AmbitError } from '@ambit/core/errors';
import * as z from 'zod/mini';
import type { Finding, ScanResult } from '../finding.ts';

const baselineSchema = z.strictObject({
  version: z.literal(1),
  /** What was known, by fingerprint; rule and file are for people who read the file. */
  findings: z.record(z.string(), z.strictObject({ rule: z.string(), file: z.string() })),
});
export type Baseline = z.infer<typeof baselineSchema>;

export function baselineOf(findings: readonly Finding[]): Baseline {
  const entries = findings.map(({ fingerprint, ruleId, file }) => [fingerprint, { rule: ruleId, file }] as const);
  return { version: 1, findings: Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/** Reads a baseline; one that is broken is an error, since taking it for empty would hide that it was lost. */
export async function readBaseline(path: string): Promise<Baseline> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new AmbitError('input.missing', 'there is no baseline', {
      where: path,
      hint: 'write one with: ambit scan --write-baseline',
      cause,
    });
  });
  try {
    return baselineSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new AmbitError('input.broken', 'the baseline is not valid', {
      where: path,
      hint: 'write it anew with: ambit scan --write-baseline',
      cause,
    });
  }
}

export async function writeBaseline(path: string, findings: readonly Finding[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.tmp`, `${JSON.stringify(baselineOf(findings), null, 2)}\n`);
  await rename(`${path}.tmp`, path);
}

/** What is new since the baseline. */
export function sinceBaseline(result: ScanResult, baseline: Baseline): ScanResult {
  return { ...result, findings: result.findings.filter(({ fingerprint }) => !(fingerprint in baseline.findings)) };
}
