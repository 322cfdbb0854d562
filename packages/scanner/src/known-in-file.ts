import type { Pinned } from './engines/deps/known.ts';
import { hashLine } from './finding.ts';
import type { ScanOptions } from './scan.ts';
import type { Catalog, FileReport } from './scanner.ts';

export type OpenAdvisories = NonNullable<ScanOptions['advisories']>;

/**
 * The report with the known vulnerabilities of what its file pins; the same where it pins nothing. A flaw counts as the
 * same one as long as package, version and advisory are.
 */
export async function withKnown(report: FileReport, catalog: Catalog, open: OpenAdvisories): Promise<FileReport> {
  const facts = report.facts['deps'] as { pinned?: Pinned } | undefined;
  const rule = catalog.rules.find(({ engine, match }) => engine === 'deps' && match['check'] === 'known-vulnerability');
  if (!facts?.pinned || !rule) return report;
  const { knownVulnerabilities, pinnedNames } = await import('./engines/deps/known.ts');
  const known = knownVulnerabilities(rule.id, [[report.path, facts.pinned]], await open(pinnedNames([facts])));
  const findings = known.findings.map((finding) => ({
    ...finding,
    file: report.path,
    lineHash: hashLine(finding.message ?? ''),
  }));
  return { ...report, findings: [...report.findings, ...findings] };
}
