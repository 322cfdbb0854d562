import type { ScanResult } from '../finding.ts';
import { plain } from './terminal.ts';

/** Text that means nothing to Markdown or HTML: a scanned file must not write into the pull request. */
function inert(text: string): string {
  return plain(text)
    .replaceAll(/[\\`*_{}[\]()#+!|<>~@]/g, (char) => `\\${char}`)
    .replaceAll(/\s*\n\s*/g, ' ');
}

/** A code span that no content can close. */
function code(text: string): string {
  return `\`${plain(text)
    .replaceAll('`', 'ˋ')
    .replaceAll(/\s*\n\s*/g, ' ')}\``;
}

const SHOWN = 50;

/** A summary for a pull request: a table of findings, the reasons folded away. */
export function markdownReport(result: ScanResult): string {
  const { findings, gaps, stats } = result;
  const out = [`### Ambit scan: ${findings.length === 0 ? 'no findings' : `${findings.length} findings`}`, ''];
  if (findings.length > 0) out.push('| severity | where | what | rule |', '| --- | --- | --- | --- |');
  for (const finding of findings.slice(0, SHOWN))
    out.push(
      `| ${finding.severity} | ${code(`${finding.file}:${finding.line}`)} | ${inert(finding.message)} | ${code(finding.ruleId)} |`,
    );
  if (findings.length > SHOWN) out.push('', `… and ${findings.length - SHOWN} more.`);
  const rules = new Map(findings.slice(0, SHOWN).map((finding) => [finding.ruleId, finding]));
  if (rules.size > 0) out.push('', '<details><summary>Why, and what to do</summary>', '');
  for (const [id, { why, fix }] of rules) out.push(`- ${code(id)}: ${inert(why)} **Fix:** ${inert(fix)}`);
  if (rules.size > 0) out.push('', '</details>');
  if (gaps.length > 0) out.push('', `<details><summary>Not looked at: ${gaps.length}</summary>`, '');
  for (const gap of gaps.slice(0, SHOWN)) out.push(`- ${code(gap.file)}: ${inert(gap.reason)}`);
  if (gaps.length > 0) out.push('', '</details>');
  out.push('', `${stats.files} files, ${stats.rules} rules, ${(stats.milliseconds / 1000).toFixed(2)} s.`);
  return `${out.join('\n')}\n`;
}
