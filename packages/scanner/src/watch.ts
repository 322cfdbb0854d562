import type { Rule } from '@ambit/core/catalog';
import { complete, type Finding } from './finding.ts';
import { type Catalog, createScanner } from './scanner.ts';
import { applySuppressions } from './suppress.ts';

/** Scans texts one by one with everything compiled before: for hooks on saved files and for change sets. */
export interface TextScanner {
  /** Findings of one file as it would be saved; engines that conclude over the whole project have no say. */
  scanText(path: string, text: string, today: string): Finding[];
}

export async function createTextScanner(catalog: Catalog): Promise<TextScanner> {
  const scanner = await createScanner(catalog);
  const rules = new Map<string, Rule>(catalog.rules.map((rule) => [rule.id, rule]));
  const encoder = new TextEncoder();
  const scanText: TextScanner['scanText'] = (path, text, today) => {
    const report = scanner.scanBytes(path, encoder.encode(text));
    return applySuppressions(complete(report.findings, rules), text, today).kept;
  };
  return { scanText };
}
