import type { HookAudit, HookFinding } from '@ambit/engine/hooks';

const levels: Record<HookFinding['severity'], string> = { high: 'error', medium: 'warning', low: 'note' };

/** Findings of the hook audit as SARIF 2.1.0. */
export function hooksSarif(audits: readonly HookAudit[]): object {
  const findings = audits.flatMap((audit) => audit.findings.map((finding) => ({ audit, finding })));
  const rules = [...new Set(findings.map(({ finding }) => finding.rule))];
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'ambit hooks check', rules: rules.map((id) => ({ id })) } },
        results: findings.map(({ audit, finding }) => ({
          ruleId: finding.rule,
          level: levels[finding.severity],
          message: { text: `${audit.hook}: ${finding.message}. Fix: ${finding.fix}` },
          locations: [
            { physicalLocation: { artifactLocation: { uri: encodeURI(audit.file) }, region: { startLine: 1 } } },
          ],
        })),
      },
    ],
  };
}
