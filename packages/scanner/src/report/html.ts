import type { Finding, ScanResult } from '../finding.ts';
import { plain } from './terminal.ts';

/** SECURITY: everything that comes from a scanned file passes here (report.test.ts). */
function inert(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return plain(text).replaceAll(/[&<>"']/g, (char) => entities[char] ?? char);
}

const style = `
:root{color-scheme:light dark;--line:#8884;--muted:#888}
body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1rem;font-family:ui-monospace,monospace;margin:2rem 0 .5rem;overflow-wrap:anywhere}
article{border:1px solid var(--line);border-left-width:.4rem;border-radius:.3rem;padding:.6rem 1rem;margin:.6rem 0}
.critical{border-left-color:#a00}.high{border-left-color:#e33}.medium{border-left-color:#e90}.low{border-left-color:#39c}.info{border-left-color:#999}
p{margin:.3rem 0}code,pre{font-family:ui-monospace,monospace;font-size:.85rem}pre{overflow-x:auto;margin:.4rem 0;padding:.4rem;border:1px solid var(--line)}
.muted{color:var(--muted)}`;

function article(finding: Finding, line: string | undefined): string {
  const steps = (finding.evidence ?? [])
    .map((step) => `<li><code>${inert(`${step.file}:${step.line}`)}</code> ${inert(step.text)}</li>`)
    .join('');
  return `<article class="${finding.severity}" id="${finding.fingerprint}">
<p><strong>${finding.severity}</strong> line ${finding.line}: ${inert(finding.message)} <span class="muted"><code>${inert(finding.ruleId)}</code> ${inert(finding.cwe.join(' '))} · confidence ${finding.confidence}</span></p>
${line === undefined ? '' : `<pre>${inert(line)}</pre>`}${steps === '' ? '' : `<ol>${steps}</ol>`}
<p>${inert(finding.why)}</p><p><strong>Fix:</strong> ${inert(finding.fix)}</p></article>`;
}

/** One page without any request to elsewhere: no script, styles inside, a policy that forbids the rest. */
export function htmlReport(result: ScanResult, frame: (finding: Finding) => string | undefined): string {
  const files = new Map<string, Finding[]>();
  for (const finding of result.findings) files.set(finding.file, [...(files.get(finding.file) ?? []), finding]);
  const sections = [...files].map(
    ([file, findings]) =>
      `<section><h2>${inert(file)}</h2>${findings.map((finding) => article(finding, frame(finding))).join('\n')}</section>`,
  );
  const gaps = result.gaps.map((gap) => `<li><code>${inert(gap.file)}</code> ${inert(gap.reason)}</li>`).join('');
  const { stats } = result;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Ambit scan</title><style>${style}</style></head><body>
<h1>Ambit scan: ${result.findings.length} findings</h1>
<p class="muted">${stats.files} files, ${stats.rules} rules, ${(stats.milliseconds / 1000).toFixed(2)} s, ${result.suppressed.length} suppressed</p>
${sections.join('\n')}
${gaps === '' ? '' : `<h1>Not looked at: ${result.gaps.length}</h1><ul>${gaps}</ul>`}
</body></html>
`;
}
