import type { Severity } from '@ambit/core/catalog';
import type { Location, Log, Region, ReportingDescriptor, Result, Run } from 'sarif';
import type { Finding, ScanResult } from '../finding.ts';

const levels: Record<Severity, 'error' | 'warning' | 'note'> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
};

/** GitHub code scanning sorts by this number: over 9.0 critical, 7.0 high, 4.0 medium. */
const scores: Record<Severity, string> = { critical: '9.5', high: '8.0', medium: '5.5', low: '3.0', info: '1.0' };

function ruleOf(finding: Finding): ReportingDescriptor {
  const external = finding.cwe.map((cwe) => `external/cwe/${cwe.toLowerCase()}`);
  return {
    id: finding.ruleId,
    name: finding.ruleId.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()),
    shortDescription: { text: finding.title },
    fullDescription: { text: finding.why },
    help: { text: finding.fix, markdown: `${finding.why}\n\n**Fix:** ${finding.fix}` },
    defaultConfiguration: { level: levels[finding.severity] },
    properties: {
      tags: ['security', ...external],
      precision: finding.confidence === 'high' ? 'high' : finding.confidence,
      'security-severity': scores[finding.severity],
    },
  };
}

/** A path as URI reference: each segment escaped, the slashes kept. */
function uriOf(file: string): string {
  return file.split('/').map(encodeURIComponent).join('/');
}

function regionOf({ line, endLine, column, endColumn }: Finding): Region {
  return {
    startLine: line,
    endLine,
    ...(column === undefined ? {} : { startColumn: column }),
    ...(column === undefined || endColumn === undefined ? {} : { endColumn }),
  };
}

function locationOf(file: string, region: Region, text?: string): Location {
  const physicalLocation = { artifactLocation: { uri: uriOf(file), uriBaseId: 'SRCROOT' }, region };
  return { physicalLocation, ...(text === undefined ? {} : { message: { text } }) };
}

function resultOf(finding: Finding, ruleIndex: number, suppression?: string): Result {
  const steps = (finding.evidence ?? []).map((step) => ({
    location: locationOf(step.file, { startLine: step.line }, step.text),
  }));
  return {
    ruleId: finding.ruleId,
    ruleIndex,
    level: levels[finding.severity],
    message: { text: finding.message },
    locations: [locationOf(finding.file, regionOf(finding))],
    partialFingerprints: { 'ambit/v1': finding.fingerprint },
    ...(steps.length > 0 ? { codeFlows: [{ threadFlows: [{ locations: steps }] }] } : {}),
    ...(suppression === undefined ? {} : { suppressions: [{ kind: 'inSource', justification: suppression }] }),
  };
}

/** SARIF 2.1.0 in the form that GitHub code scanning takes. Coverage gaps are notifications of the run. */
export function sarifReport(result: ScanResult): string {
  const all = [...result.findings, ...result.suppressed.map(({ finding }) => finding)];
  const rules = [...new Map(all.map((finding) => [finding.ruleId, ruleOf(finding)])).values()];
  const index = new Map(rules.map((rule, position) => [rule.id, position]));
  const at = (finding: Finding) => index.get(finding.ruleId) ?? 0;
  const notifications = result.gaps.map((gap) => ({
    level: 'warning' as const,
    message: { text: gap.reason },
    locations: [locationOf(gap.file, { startLine: 1 })],
  }));
  const run: Run = {
    tool: {
      driver: { name: 'Ambit', informationUri: 'https://github.com/ambit-dev/ambit', rules },
    },
    originalUriBaseIds: { SRCROOT: { description: { text: 'the scanned folder' } } },
    columnKind: 'utf16CodeUnits',
    invocations: [{ executionSuccessful: true, toolExecutionNotifications: notifications }],
    results: [
      ...result.findings.map((finding) => resultOf(finding, at(finding))),
      ...result.suppressed.map(({ finding, reason }) => resultOf(finding, at(finding), reason)),
    ],
  };
  const log: Log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
  return `${JSON.stringify(log, null, 2)}\n`;
}
