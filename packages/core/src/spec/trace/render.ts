import type { Trace, TraceRow } from './trace.ts';

/** Quotes text for a Mermaid label: what could end the label or start markup becomes an entity. */
const label = (text: string) =>
  text
    .replaceAll(/[&"<>#`\\[\]{}|;]/g, (mark) => `#${mark.charCodeAt(0)};`)
    .replaceAll(/\s+/g, ' ')
    .slice(0, 80);

const node = (kind: string, id: string) =>
  `${kind}_${[...id].map((mark) => (/[A-Za-z0-9]/.test(mark) ? mark : `_${mark.codePointAt(0)?.toString(16)}_`)).join('')}`;

/** The trace as a Mermaid flow chart: requirement → criterion → property, task → test, file. */
export function traceMermaid(trace: Trace): string {
  const lines = new Set<string>(['flowchart LR']);
  for (const row of trace.rows) {
    const own = node('C', row.criterion);
    lines.add(
      `  ${node('R', row.requirement)}["Requirement ${label(row.requirement)}"] --> ${own}["${label(`${row.criterion} ${row.text}`)}"]`,
    );
    for (const property of row.properties) lines.add(`  ${own} --> ${node('P', property)}(["${label(property)}"])`);
    for (const task of row.tasks)
      lines.add(`  ${own} --> ${node('T', task.id)}["${task.done ? '☑' : '☐'} ${label(`${task.id} ${task.title}`)}"]`);
    for (const test of row.tests)
      lines.add(`  ${own} --> ${node('V', `${test.file}:${test.line}`)}{{"${label(test.name || test.file)}"}}`);
    for (const file of row.files) lines.add(`  ${own} -.-> ${node('F', file)}[/"${label(file)}"/]`);
    if (row.tests.length === 0) lines.add(`  class ${own} gap`);
  }
  lines.add('  classDef gap stroke:#c00,stroke-dasharray:4');
  return `${[...lines].join('\n')}\n`;
}

const html = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const list = (items: readonly string[]) => (items.length === 0 ? '–' : items.map(html).join('<br>'));

function htmlRow(row: TraceRow, gaps: readonly string[]): string {
  const tasks = row.tasks.map((task) => `${task.done ? '☑' : '☐'} ${task.id} ${task.title}`);
  const tests = row.tests.map((test) => `${test.name} (${test.file}:${test.line})`);
  const cells = [
    `${row.criterion}`,
    row.text,
    row.components.concat(row.properties),
    tasks,
    tests,
    row.files,
    row.security ?? '',
    row.verdict ?? '',
    gaps,
  ];
  const content = cells.map((cell) => `<td>${typeof cell === 'string' ? html(cell) : list(cell)}</td>`).join('');
  return `<tr${gaps.length > 0 ? ' class="gap"' : ''} id="c${html(row.criterion)}">${content}</tr>`;
}

/** One page without scripts, fonts or links to elsewhere; every text is escaped. */
export function traceHtml(trace: Trace): string {
  const gapsOf = (id: string) => trace.gaps.filter((gap) => gap.about === id).map((gap) => gap.message);
  const rows = trace.rows.map((row) => htmlRow(row, gapsOf(row.criterion))).join('\n');
  const known = new Set(trace.rows.map((row) => row.criterion));
  const others = trace.gaps
    .filter((gap) => !known.has(gap.about))
    .map((gap) => `<li>${html(gap.message)}${gap.file ? ` (${html(gap.file)}:${gap.line ?? 1})` : ''}</li>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Trace of ${html(trace.spec)}</title>
<style>body{font:15px/1.45 system-ui,sans-serif;margin:2rem;color:#222;background:#fff}table{border-collapse:collapse}td,th{border:1px solid #bbb;padding:.35rem .5rem;vertical-align:top;text-align:left}.gap td:first-child{background:#fde8e8}caption{text-align:left;padding:.5rem 0}@media(prefers-color-scheme:dark){body{background:#161616;color:#ddd}td,th{border-color:#444}.gap td:first-child{background:#4a1c1c}}</style>
</head><body><h1>Trace of ${html(trace.spec)}</h1>
<table><caption>${trace.rows.length} criteria, ${trace.gaps.length} gaps</caption>
<thead><tr><th scope="col">Criterion</th><th scope="col">Text</th><th scope="col">Design</th><th scope="col">Tasks</th><th scope="col">Tests</th><th scope="col">Files</th><th scope="col">Security</th><th scope="col">Evidence</th><th scope="col">Gaps</th></tr></thead>
<tbody>
${rows}
</tbody></table>
${others.length > 0 ? `<h2>Other gaps</h2><ul>${others.join('')}</ul>` : ''}
</body></html>
`;
}
