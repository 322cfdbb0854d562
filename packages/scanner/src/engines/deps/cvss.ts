import type { Severity } from '@ambit/core/catalog';

/** Weights of CVSS 3.1, section 7.4; `PR` has a second set for a changed scope. */
const weights: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  AV: { N: 0.85, A: 0.62, L: 0.55, P: 0.2 },
  AC: { L: 0.77, H: 0.44 },
  PR: { N: 0.85, L: 0.62, H: 0.27 },
  PRC: { N: 0.85, L: 0.68, H: 0.5 },
  UI: { N: 0.85, R: 0.62 },
  C: { H: 0.56, L: 0.22, N: 0 },
  I: { H: 0.56, L: 0.22, N: 0 },
  A: { H: 0.56, L: 0.22, N: 0 },
};

/** Rounds up to one decimal as CVSS 3.1 does, appendix A. */
function roundUp(value: number): number {
  const whole = Math.round(value * 100_000);
  return whole % 10_000 === 0 ? whole / 100_000 : (Math.floor(whole / 10_000) + 1) / 10;
}

/** Base score of a vector of CVSS 3.0 or 3.1; undefined for anything else. */
export function baseScore(vector: string): number | undefined {
  if (!/^CVSS:3\.[01]\//.test(vector) || vector.length > 400) return undefined;
  const values = new Map(vector.split('/').map((part) => part.split(':', 2) as [string, string]));
  const changed = values.get('S') === 'C';
  if (!changed && values.get('S') !== 'U') return undefined;
  const of = (metric: string, table = metric) => weights[table]?.[values.get(metric) ?? ''] ?? Number.NaN;
  const missing = 1 - (1 - of('C')) * (1 - of('I')) * (1 - of('A'));
  const impact = changed ? 7.52 * (missing - 0.029) - 3.25 * (missing - 0.02) ** 15 : 6.42 * missing;
  const exploitability = 8.22 * of('AV') * of('AC') * of('PR', changed ? 'PRC' : 'PR') * of('UI');
  if (Number.isNaN(impact) || Number.isNaN(exploitability)) return undefined;
  if (impact <= 0) return 0;
  return roundUp(Math.min((changed ? 1.08 : 1) * (impact + exploitability), 10));
}

/** The names of CVSS 3.1, section 5. */
export function severityOfScore(score: number): Severity {
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  if (score >= 4) return 'medium';
  return score > 0 ? 'low' : 'info';
}
