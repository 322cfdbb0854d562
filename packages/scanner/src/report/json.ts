import type { ScanResult } from '../finding.ts';

/** The machine-readable report; its shape is a promise (`version` counts up when it breaks). */
export function jsonReport(result: ScanResult): string {
  const findings = result.findings.map(({ ruleId, severity, confidence, cwe, file, line, endLine, message, fix }) => ({
    ruleId,
    severity,
    confidence,
    cwe,
    file,
    line,
    endLine,
    message,
    ...(fix ? { fix } : {}),
  }));
  const { gaps, stats, suppressed } = result;
  return `${JSON.stringify({ version: 1, findings, gaps, stats: { ...stats, suppressed: suppressed.length } }, null, 2)}\n`;
}
