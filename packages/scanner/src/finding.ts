import { hash } from 'node:crypto';
import type { Confidence, Rule, Severity } from '@ambit/core/catalog';
import type { Edit, Evidence, Gap, RawFinding } from './engine.ts';

/** One finding as reports see it: what the engine saw and what the rule knows. */
export interface Finding {
  ruleId: string;
  title: string;
  severity: Severity;
  confidence: Confidence;
  cwe: string[];
  owasp: string[];
  file: string;
  line: number;
  endLine: number;
  column?: number;
  endColumn?: number;
  message: string;
  why: string;
  fix: string;
  references: string[];
  edits?: Edit[];
  evidence?: Evidence[];
  masked?: string;
  /** Survives moved lines: from rule, file, the text of the line and its count among equal lines. */
  fingerprint: string;
}

export interface Suppressed {
  finding: Finding;
  reason: string;
}

export interface ScanStats {
  files: number;
  bytes: number;
  /** Files not looked into, by why. */
  skipped: { binary: number; generated: number; oversized: number; tests: number };
  /** Files whose result came from the cache. */
  cached: number;
  rules: number;
  milliseconds: number;
}

export interface ScanResult {
  findings: Finding[];
  suppressed: Suppressed[];
  gaps: Gap[];
  stats: ScanStats;
  /** Every file that was listed. */
  paths: string[];
}

const order: Record<Severity, number> = { critical: 0, high: 1, medium: 2, low: 3, info: 4 };

/** True where `severity` is as bad as `least`, or worse. */
export function atLeast(severity: Severity, least: Severity): boolean {
  return order[severity] <= order[least];
}

export function bySeverity(a: Finding, b: Finding): number {
  return (
    order[a.severity] - order[b.severity] ||
    (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) ||
    a.line - b.line ||
    (a.ruleId < b.ruleId ? -1 : 1)
  );
}

/** A raw finding with the text of its line: what travels from a worker and rests in the cache. */
export interface Located extends RawFinding {
  file: string;
  /** The line's text without white space, hashed: a secret's line must not rest in the cache. */
  lineHash: string;
}

export function hashLine(text: string): string {
  return hash('sha256', text.replaceAll(/\s+/g, ' ').trim(), 'hex').slice(0, 16);
}

/** Joins raw findings with their rules; doubles fall out. `rules` may lack one when a cache is older than the rules. */
export function complete(raw: readonly Located[], rules: ReadonlyMap<string, Rule>): Finding[] {
  const counts = new Map<string, number>();
  const seen = new Set<string>();
  const findings: Finding[] = [];
  const sorted = [...raw].sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
  for (const { ruleId, lineHash, subject, handler: _handler, ...place } of sorted) {
    const rule = rules.get(ruleId);
    const spot = `${ruleId}\0${place.file}\0${place.line}\0${place.column ?? ''}\0${subject ?? ''}`;
    if (!rule || seen.has(spot)) continue;
    seen.add(spot);
    const base = `${ruleId}\0${place.file}\0${subject ?? lineHash}`;
    const count = counts.get(base) ?? 0;
    counts.set(base, count + 1);
    findings.push({
      ...place,
      ruleId,
      title: rule.title,
      severity: place.severity ?? rule.severity,
      confidence: rule.confidence,
      cwe: rule.cwe,
      owasp: rule.owasp ?? [],
      message: place.message ?? rule.message,
      why: rule.why,
      fix: place.fix ?? rule.fix,
      references: rule.references ?? [],
      fingerprint: hash('sha256', `${base}\0${count}`, 'hex').slice(0, 32),
    });
  }
  return findings.sort(bySeverity);
}
